//! The journal verifies; one changed byte in an exported copy is found and named.
//!
//! Looked at: the server's verification, and `checkrein journal verify` on the copy and on the forgery, in a process of
//! its own as anybody would run it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use server::wire;

use crate::client::path;
use crate::demo::cast::Cast;
use crate::demo::scratch::Scratch;
use crate::demo::story::Story;
use crate::failure::{Failure, NOT_VERIFIED, Result};

/// What somebody would like to have happened instead.
const TRUE: &str = "\"workspace:logs\"";
const FALSE: &str = "\"workspace:lugs\"";

pub(crate) async fn tell(story: &mut Story, scratch: &Scratch, cast: &Cast) -> Result<()> {
    story.chapter("The journal proves itself, and one changed byte is found").await?;
    let found: wire::Verification =
        cast.operator.post("/v1/journal/verify", &wire::Verify::default()).await?;
    story.act("operator", "checkrein journal verify");
    story.quote(&format!(
        "verified: {}; {} entries in {} chains, {} signed heads, {} payloads",
        found.verified, found.entries, found.chains, found.heads, found.payloads
    ));
    story.claim(
        "every entry, head and payload is as it was written",
        found.verified && found.chains >= 2,
    )?;
    let copy = scratch.root.join("run.jsonl");
    let bytes = export(cast, &copy).await?;
    story.act("operator", &format!("checkrein journal export {} --jsonl --to run.jsonl", cast.run));
    story.quote(&format!("{bytes} bytes; this copy needs no server and no key to be checked"));
    let checked = verify(&copy)?;
    story.claim("the copy verifies", checked.status.success())?;
    let (forged, seq) = forge(&copy)?;
    let forgery = scratch.root.join("forged.jsonl");
    std::fs::write(&forgery, forged).map_err(|error| Failure::file(&forgery, &error))?;
    story.act(
        "somebody",
        &format!("changes one byte of entry {seq} in a copy: {TRUE} becomes {FALSE}"),
    );
    let checked = verify(&forgery)?;
    story.act("operator", "checkrein journal verify forged.jsonl");
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    story.quote(&said);
    story.claim(
        "it does not verify: exit code 7",
        checked.status.code() == Some(i32::from(NOT_VERIFIED)),
    )?;
    story.claim(
        &format!("and the place is named: entry {seq}"),
        said.contains(&format!("entry {seq} of writer_")),
    )
}

async fn export(cast: &Cast, to: &Path) -> Result<u64> {
    let route = path("/v1/runs", &cast.run, "/export")?;
    let mut response =
        cast.operator.stream(&route, &[("format", Some("jsonl".to_owned()))]).await?;
    let mut text = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| Failure::new(error.to_string()))?
    {
        text.extend_from_slice(&chunk);
    }
    std::fs::write(to, &text).map_err(|error| Failure::file(to, &error))?;
    Ok(u64::try_from(text.len()).unwrap_or(u64::MAX))
}

/// The copy with one byte changed, in an entry about the deleted logs; and that entry's number in its chain.
fn forge(copy: &Path) -> Result<(String, u64)> {
    let text = std::fs::read_to_string(copy).map_err(|error| Failure::file(copy, &error))?;
    let line = text.lines().find(|line| line.starts_with("{\"entry\":") && line.contains(TRUE));
    let line = line.ok_or_else(|| Failure::new("no exported entry speaks of the logs"))?;
    let entry: Value =
        serde_json::from_str(line).map_err(|error| Failure::new(error.to_string()))?;
    let seq = entry.pointer("/entry/record/seq").and_then(Value::as_u64);
    let seq = seq.ok_or_else(|| Failure::new("the exported entry has no number"))?;
    Ok((text.replacen(TRUE, FALSE, 1), seq))
}

/// What anybody would type, in a process of its own.
fn verify(file: &Path) -> Result<Output> {
    let program = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
    let output =
        Command::new(program).args(["journal", "verify"]).arg(file).env("NO_COLOR", "1").output();
    output
        .map_err(|error| Failure::new(format!("`checkrein journal verify` cannot be run: {error}")))
}
