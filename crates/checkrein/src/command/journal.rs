//! `checkrein journal`: reading, verifying, exporting and replaying the record of everything.
//!
//! In: filters, an export, a head that was kept elsewhere. Out: entries, proofs, and what verification or a replay
//! found: 7 if something does not verify, 10 if decisions differ. Without a server the store is verified where it lies.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::Code;
use server::{offline, wire};

use crate::cli::Part;
use crate::client::{Key, path};
use crate::context::{As, Context, read_text};
use crate::failure::{Failure, OK, Result};
use crate::output::{Facts, Table, moment};

pub(crate) mod export;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Sign where the journal stands now; keep it elsewhere
    Head {
        /// Put the signed note into this file
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Verify the journal, or an export; exit 7 if it does not verify
    Verify(Verifying),
    /// List entries
    Entries(Which),
    /// Export a run with what proves it
    Export(export::Exporting),
    /// Compute every decision of a run again; exit 10 if one differs
    Replay(Replaying),
    /// Make all projections again from the entries; no server may run
    Rebuild,
}

#[derive(Debug, Args)]
pub(crate) struct Verifying {
    /// An export instead of the store
    file: Option<PathBuf>,
    /// A signed note that was kept elsewhere
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    head: Option<PathBuf>,
    /// The key that an export must be signed with, as `journal head -o json` shows it
    #[arg(long, value_name = "KEY", requires = "file")]
    public_key: Option<String>,
    /// Read the store itself although a server may run
    #[arg(long, conflicts_with = "file")]
    offline: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only of this run
    #[arg(long)]
    run: Option<String>,
    /// Only of this call
    #[arg(long)]
    call: Option<String>,
    /// Only of this kind, such as `call_settled`
    #[arg(long)]
    kind: Option<String>,
    /// Only with this text; contents of calls are never searched
    #[arg(long)]
    text: Option<String>,
    /// The newest first
    #[arg(long)]
    newest: bool,
    #[command(flatten)]
    part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct Replaying {
    /// The run's id
    run: String,
    /// With these policies instead of those of the time: files or directories
    #[arg(long, value_name = "PATH")]
    policy: Vec<PathBuf>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Head { to } => head(context, to).await,
        Verb::Verify(verifying) => verify(context, verifying).await,
        Verb::Entries(which) => entries(context, which).await,
        Verb::Export(exporting) => export::run(context, exporting).await,
        Verb::Replay(replaying) => replay(context, replaying).await,
        Verb::Rebuild => rebuild(context).await,
    }
}

async fn head(context: &Context, to: Option<PathBuf>) -> Result {
    let head: wire::Head = context.client(As::Operator)?.get("/v1/journal/head", &[]).await?;
    if let Some(path) = to {
        std::fs::write(&path, &head.note).map_err(|error| Failure::file(&path, &error))?;
        context.out.talk(&format!(
            "entry {} is the head; keep `{}` elsewhere",
            head.seq,
            path.display()
        ));
        return Ok(OK);
    }
    context.out.show(&head, |head| head.note.clone())?;
    Ok(OK)
}

async fn verify(context: &Context, given: Verifying) -> Result {
    let head = given.head.as_deref().map(read_text).transpose()?;
    let found = if let Some(file) = &given.file {
        let opened = std::fs::File::open(file).map_err(|error| Failure::file(file, &error))?;
        offline::verify_export(BufReader::new(opened), given.public_key.as_deref())?
    } else if given.offline || !server_runs(context).await? {
        context.out.talk("verifying the store where it lies");
        offline::verify(&context.config()?, head.as_deref())?
    } else {
        let client = context.client(As::Operator)?;
        client.post("/v1/journal/verify", &wire::Verify { head }).await?
    };
    verified(context, &found, given.file.as_deref())
}

/// Whether to ask a server. A named one must answer, so that nobody takes another store's answer for it.
async fn server_runs(context: &Context) -> Result<bool> {
    if context.global.url.is_some() {
        return Ok(true);
    }
    let url = context.config().map(|config| config.url());
    // Without a configuration there is no store to look at either; the error is told later.
    let Ok(url) = url else { return Ok(true) };
    Ok(crate::client::Client::new(&url, Key::new(""))?.is_up().await)
}

fn verified(context: &Context, found: &wire::Verification, file: Option<&Path>) -> Result {
    context.out.show(found, |found| {
        let mut facts = Facts::new();
        facts
            .fact("verified", if found.verified { "yes" } else { "NO" })
            .fact("entries", found.entries.to_string())
            .fact("chains", found.chains.to_string())
            .fact("signed heads", found.heads.to_string())
            .fact("payloads", found.payloads.to_string())
            .fact("erased", found.erased.to_string())
            .maybe("first problem", found.first_problem.as_ref());
        facts.text(&context.out.paint)
    })?;
    if found.verified {
        return Ok(OK);
    }
    let problem = found.first_problem.as_deref().unwrap_or("it does not verify");
    let what = file.map_or_else(|| "the store".to_owned(), |file| format!("`{}`", file.display()));
    Err(Failure::coded(Code::VerificationFailed, problem)
        .expected("every entry as it was written, each following the one before")
        .fix(format!("keep {what} as it is for an investigation and compare it with an older copy and a kept head")))
}

async fn entries(context: &Context, which: Which) -> Result {
    let client = context.client(As::Operator)?;
    let first = which.newest.then(|| "newest".to_owned());
    let page: wire::Page<wire::Entry> = client
        .get(
            "/v1/journal/entries",
            &[
                ("run", which.run),
                ("call", which.call),
                ("kind", which.kind),
                ("text", which.text),
                ("first", first),
                ("limit", which.part.limit.map(|limit| limit.to_string())),
                ("after", which.part.after),
            ],
        )
        .await?;
    context.out.page(&page, "no such entries on this page", |entries| {
        let mut table = Table::new(&["POSITION", "AT", "KIND", "CALL", "REASON", "HASH"]);
        for entry in entries {
            let (position, at) = (entry.position.to_string(), moment(entry.at_ms));
            let call = entry.call.as_deref().unwrap_or_default();
            table.row([&position, &at, &entry.kind, call, &reason(entry), &entry.hash]);
        }
        table
    })?;
    Ok(OK)
}

/// Why somebody did it, where that was asked.
fn reason(entry: &wire::Entry) -> String {
    let event = entry.entry.get("event").and_then(|event| event.get(&entry.kind));
    let reason = event.and_then(|event| event.get("reason")).and_then(serde_json::Value::as_str);
    contract::visible::short(reason.unwrap_or_default())
}

/// Also `checkrein runs replay`.
pub(crate) async fn replay(context: &Context, given: Replaying) -> Result {
    let paths = match given.policy.is_empty() {
        true => Vec::new(),
        false => super::contracts::files(&given.policy, "cedar")?,
    };
    let policy = paths.iter().map(|path| {
        Ok(wire::PolicyFile { file: path.display().to_string(), text: read_text(path)? })
    });
    let body = wire::Replay { policy: policy.collect::<Result<_>>()? };
    let client = context.client(As::Operator)?;
    let report: wire::ReplayReport =
        client.post(&path("/v1/runs", &given.run, "/replay")?, &body).await?;
    context.out.show(&report, |report| {
        let mut table = Table::new(&["ENTRY", "CALL", "RECORDED", "COMPUTED"]);
        for one in &report.differences {
            table.row([&one.position.to_string(), &one.call, &one.recorded, &one.computed]);
        }
        let listed = if report.differences.is_empty() {
            String::new()
        } else {
            table.text(&context.out.paint)
        };
        format!("{listed}{} of {} decisions came out the same\n", report.same, report.decisions)
    })?;
    outcome(&report)
}

fn outcome(report: &wire::ReplayReport) -> Result {
    let (differing, gone) = (report.differences.len(), report.not_replayable.len());
    if differing > 0 {
        return Err(Failure::coded(Code::ReplayDiffers, format!("{differing} decisions differ"))
            .expected("the recorded decisions")
            .fix("look at each with `checkrein calls explain CALL`"));
    }
    if gone > 0 {
        return Err(Failure::coded(
            Code::NotReplayable,
            format!("the facts of {gone} decisions are gone"),
        )
        .expected("facts of every decision")
        .fix("the decisions stand in the entries; they cannot be computed again"));
    }
    Ok(OK)
}

async fn rebuild(context: &Context) -> Result {
    let entries = offline::rebuild(&context.config()?).await?;
    let made = serde_json::json!({ "entries": entries });
    context
        .out
        .show(&made, |_| format!("all projections were made again from {entries} entries"))?;
    Ok(OK)
}
