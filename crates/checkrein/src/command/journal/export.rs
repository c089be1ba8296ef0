//! `checkrein journal export`: a run's record, with what proves it, written piece by piece.
//!
//! In: a run and a form. Out: standard output, or a file with mode 0600 that appears under its name only when it is
//! whole. Checking an export is `checkrein journal verify FILE`.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::client::{Client, Query, path};
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};

/// What to export.
#[derive(Debug, Args)]
pub(crate) struct Exporting {
    /// The run's id
    run: String,
    /// Line by line instead of one JSON document
    #[arg(long)]
    jsonl: bool,
    /// With the run's key, so that whoever has the export can read its payloads; for admins
    #[arg(long, conflicts_with = "jsonl")]
    with_key: bool,
    /// Where to; else standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Exports a run; also `checkrein runs export`.
pub(crate) async fn run(context: &Context, given: Exporting) -> Result {
    let client = context.client(As::Operator)?;
    let query = [
        ("format", given.jsonl.then(|| "jsonl".to_owned())),
        ("payloads", given.with_key.then(|| "with_key".to_owned())),
    ];
    written(context, (&client, &path("/v1/runs", &given.run, "/export")?, &query), given.to).await
}

async fn written(
    context: &Context,
    (client, path, query): (&Client, &str, Query<'_>),
    to: Option<PathBuf>,
) -> Result {
    let response = client.stream(path, query).await?;
    match to {
        Some(path) => {
            let unfinished = beside(&path);
            let failed = |error: std::io::Error| Failure::file(&unfinished, &error);
            // It may hold a key, and says much of what agents did.
            let made = File::options()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&unfinished);
            let mut file = made.map_err(failed)?;
            let bytes = copy(response, &mut file).await?;
            file.sync_all().map_err(failed)?;
            std::fs::rename(&unfinished, &path).map_err(|error| Failure::file(&path, &error))?;
            context.out.talk(&format!(
                "{bytes} bytes in `{0}`; check it anywhere with `checkrein journal verify {0}`",
                path.display()
            ));
        }
        None => {
            copy(response, &mut std::io::stdout().lock()).await?;
        }
    }
    Ok(OK)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".unfinished");
    path.with_file_name(name)
}

async fn copy(mut response: reqwest::Response, out: &mut impl Write) -> Result<u64> {
    let mut bytes = 0_u64;
    loop {
        let chunk = response.chunk().await.map_err(|_| {
            Failure::new("the connection broke in the middle of the export")
                .expected("a whole export")
                .fix("export again")
        })?;
        let Some(chunk) = chunk else { break };
        bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        out.write_all(&chunk)
            .map_err(|error| Failure::new(format!("the export cannot be written: {error}")))?;
    }
    out.flush().map_err(|error| Failure::new(format!("the export cannot be written: {error}")))?;
    Ok(bytes)
}
