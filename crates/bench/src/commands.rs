//! Commands in jails: what a governed command costs over the bare one, in time and in memory.
//!
//! ```text
//! change      a copied file by `command.run`: preview in a jail, plan, commit, apply   against `cp` itself
//! read        `git.status` on the workspace, which can only be read                    against `git status`
//! size        the same change in a workspace of 20,000 and of 200,000 files
//! together    fifty commands at once: the memory of our own processes
//! ```
//! In: the effort. Out: rows. Each call walks the whole journey through a real store; both sides take turns.

mod memory;
mod place;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::statistics::percentile_us;
use crate::table::{Table, Target};
use crate::{Effort, Outcome};
use place::Place;

/// Files of the workspace in which changes and reads are measured.
const FILES: usize = 2_000;
const SMALL: usize = 20_000;
const LARGE: usize = 200_000;
const JAILS: usize = 50;
/// Milliseconds that a governed change may take over the bare command (issue of the jail, "Speed").
const CHANGE_OVER_BARE_MS: f64 = 60.0;
/// The same for a read-only git call.
const READ_OVER_BARE_MS: f64 = 40.0;
const SIZES_RATIO: f64 = 1.3;
const JAILS_MB: f64 = 200.0;

/// Measures commands; tells why not where this machine has no overlay.
pub(crate) fn measure(effort: Effort, table: &mut Table) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (rounds, files, sizes, jails) = match effort {
            Effort::Quick => (3, 50, (100, 1_000), 3),
            Effort::Full => (60, FILES, (SMALL, LARGE), JAILS),
        };
        let place = Place::make(files).await?;
        if let Some(why) = place.no_preview() {
            eprintln!("commands are not measured: {why}");
            return Ok(());
        }
        change(&place, rounds, table).await?;
        read(&place, rounds, table).await?;
        together(&place, jails, table).await?;
        drop(place);
        size(sizes, rounds, table).await
    })
}

/// A small change, governed and bare.
async fn change(place: &Place, rounds: usize, table: &mut Table) -> Outcome<()> {
    let (mut governed, mut bare) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let source = if round % 2 == 0 { "one" } else { "two" };
        governed.push(governed_copy(place, source).await?);
        bare.push(timed(Command::new("cp").args(["--", source, "bare"]), &place.workspace())?);
    }
    over_bare(("cp", CHANGE_OVER_BARE_MS), (governed, bare), table);
    Ok(())
}

async fn governed_copy(place: &Place, source: &str) -> Outcome<Duration> {
    let begun = Instant::now();
    let arguments = json!({ "program": "cp", "arguments": ["--", source, "governed"] });
    place.call("command.run", arguments).await?;
    let took = begun.elapsed();
    let (wanted, found) = (place.read(source)?, place.read("governed")?);
    if wanted == found { Ok(took) } else { Err("the copy was not made".into()) }
}

/// A read-only git call, governed and bare.
async fn read(place: &Place, rounds: usize, table: &mut Table) -> Outcome<()> {
    let (mut governed, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let begun = Instant::now();
        place.call("git.status", json!({})).await?;
        governed.push(begun.elapsed());
        let mut git = Command::new("git");
        git.args(["status", "--porcelain=v2", "--branch"]);
        bare.push(timed(&mut git, &place.workspace())?);
    }
    over_bare(("git status", READ_OVER_BARE_MS), (governed, bare), table);
    Ok(())
}

fn over_bare(
    (what, most): (&str, f64),
    (mut governed, mut bare): (Vec<Duration>, Vec<Duration>),
    table: &mut Table,
) {
    let (governed, bare) = (median_ms(&mut governed), median_ms(&mut bare));
    let over = governed - bare;
    table.hold(format!("governed `{what}` over bare: p50"), (over, "ms"), Target::AtMost(most));
    table.tell(format!("bare `{what}`: p50"), (bare, "ms"));
}

/// The same change in a small and in a large workspace.
async fn size(sizes: (usize, usize), rounds: usize, table: &mut Table) -> Outcome<()> {
    let (small, large) = (Place::make(sizes.0).await?, Place::make(sizes.1).await?);
    let (mut in_small, mut in_large) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let source = if round % 2 == 0 { "one" } else { "two" };
        in_small.push(governed_copy(&small, source).await?);
        in_large.push(governed_copy(&large, source).await?);
    }
    let ratio = median_ms(&mut in_large) / median_ms(&mut in_small);
    let what = format!("governed `cp` among {} files over {} files", sizes.1, sizes.0);
    table.hold(what, (ratio, ""), Target::AtMost(SIZES_RATIO));
    Ok(())
}

/// Many commands at once. They are ended by dropping their calls.
async fn together(place: &Place, jails: usize, table: &mut Table) -> Outcome<()> {
    let before = memory::of_ours()?;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..jails {
        let call = place.caller();
        let seconds = (3_000 + number).to_string();
        let arguments = json!({ "program": "sleep", "arguments": [seconds] });
        calls.spawn(async move { call.call("command.run", arguments).await });
    }
    let during = loop {
        if let Some(ended) = calls.try_join_next() {
            return Err(format!("a command that only waits ended: {ended:?}").into());
        }
        let now = memory::of_ours()?;
        if now.commands == jails {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let added = during.megabytes - before.megabytes;
    let what = format!("{jails} commands at once: memory of our own processes");
    table.hold(what, (added, "MB"), Target::AtMost(JAILS_MB));
    Ok(())
}

fn timed(command: &mut Command, directory: &Path) -> Outcome<Duration> {
    let begun = Instant::now();
    let status = command.current_dir(directory).stdout(Stdio::null()).status()?;
    let took = begun.elapsed();
    if status.success() { Ok(took) } else { Err(format!("the bare command: {status}").into()) }
}

fn median_ms(values: &mut [Duration]) -> f64 {
    percentile_us(values, 50) / 1e3
}
