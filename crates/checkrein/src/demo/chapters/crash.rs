//! The server is killed in the middle of an act and started again: nothing is lost or half done.
//!
//! A directory with many files is moved. As soon as the first file stands at the new place the process gets SIGKILL.
//! Whether that was really in the middle is counted before the restart; if the act was faster, it is tried again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use server::wire;

use crate::demo::cast::{Cast, Wish, in_short, succeeded};
use crate::demo::child::{Server, recoveries};
use crate::demo::scratch::{Files, REPORTS, Scratch};
use crate::demo::story::Story;
use crate::failure::{Failure, Result};

/// How often it is tried to hit the middle of an act.
const TRIES: u32 = 12;
/// How long to wait for an act to begin.
const BEGIN_WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn tell(
    story: &mut Story,
    (scratch, server): (&Scratch, &mut Server),
    cast: &Cast,
) -> Result<()> {
    story.chapter("The server dies in the middle of an act, and nothing is half done").await?;
    story.say(&format!(
        "archive/ has {REPORTS} files. The agent moves them; the server gets SIGKILL when the first have moved. The \
         new process begins a chain of its own in the journal, so its entries count from 1 again."
    ));
    let before = scratch.files()?;
    let hit = middle(scratch, server, cast).await?;
    story.act("agent", &hit.text);
    story.act("somebody", "kill -9");
    let (new, old) = (hit.moved, REPORTS - hit.moved);
    story.quote(&format!(
        "{} and the files: {old} still in {}, {new} already in {}",
        hit.told, hit.from, hit.to
    ));
    story.claim(
        "it died in the middle: some files had moved and some had not",
        hit.moved > 0 && hit.moved < REPORTS,
    )?;
    server.again(scratch).await?;
    story.act("somebody", "checkrein up");
    let recovered = recoveries(scratch).pop().unwrap_or_default();
    story.quote(&recovered);
    let after = scratch.files()?;
    let call = last_move(cast).await?;
    let to = count(&after, &hit.to);
    story.quote(&format!(
        "{} is {}; {} files in {}, {to} in {}",
        call.call,
        call.state,
        count(&after, &hit.from),
        hit.from,
        hit.to
    ));
    let whole = to == REPORTS && call.state == "succeeded" || to == 0 && call.state == "failed";
    let report = match to == REPORTS {
        true => "1 finished, 0 reverted, 0 in doubt",
        false => "0 finished, 1 reverted, 0 in doubt",
    };
    story.claim(
        "all files stand in one place; recovery and the journal say which",
        whole && recovered.contains(report),
    )?;
    story.claim(
        "every file is there once, byte for byte, and nothing else",
        contents(&before, &hit) == contents(&after, &hit),
    )?;
    let again =
        cast.propose(&Wish::new("files.move", hit.arguments(), "tidy up").keyed(&hit.key)).await?;
    story.act("agent", "asks again with the same key, as it never got an answer");
    story.quote(&format!("{}; replayed: {}", in_short(&again), again.replayed));
    if to == REPORTS {
        let same = again.call.as_deref() == Some(&call.call) && again.replayed;
        return story.claim(
            "it gets the recorded answer; nothing is moved a second time",
            same && scratch.files()? == after,
        );
    }
    let retried = cast.propose(&Wish::new("files.move", hit.arguments(), "tidy up")).await?;
    story.claim(
        "it is told that nothing happened, and a new call moves everything",
        again.executed == "no" && succeeded(&retried),
    )
}

/// An act that was hit in the middle.
struct Hit {
    text: String,
    key: String,
    from: String,
    to: String,
    moved: usize,
    /// What the agent was told: nothing but that the connection broke.
    told: String,
}

impl Hit {
    fn arguments(&self) -> serde_json::Value {
        json!({"from": self.from, "to": self.to})
    }
}

/// Kills the server in the middle of a move. If it was too late, recovery finishes and the next move is tried.
async fn middle(scratch: &Scratch, server: &mut Server, cast: &Cast) -> Result<Hit> {
    let mut from = "archive".to_owned();
    for attempt in 1..=TRIES {
        let (to, key) = (format!("reports-{attempt}"), format!("move-{attempt}"));
        let arguments = json!({"from": from, "to": to});
        let wish = Wish::new("files.move", arguments, "tidy up").keyed(&key);
        let proposal = cast.proposal(&wish);
        let agent = cast.agent.clone();
        let asked =
            tokio::spawn(async move { agent.answer("/v1/calls", &proposal, Duration::ZERO).await });
        let process = server.process().ok_or_else(|| Failure::new("the server does not run"))?;
        kill_when_begun(scratch.workspace().join(&to), process).await?;
        server.gone().await?;
        let answered = asked.await.map_err(|error| Failure::new(error.to_string()))?;
        let told = match answered {
            Ok(answer) => in_short(&answer),
            Err(failure) => failure.happened,
        };
        let moved = count(&scratch.files()?, &to);
        if moved > 0 && moved < REPORTS {
            return Ok(Hit { text: wish.text(), key, from, to, moved, told });
        }
        server.again(scratch).await?;
        if count(&scratch.files()?, &to) == REPORTS {
            from = to;
        }
    }
    Err(Failure::new(format!("in {TRIES} tries no act was hit in the middle"))
        .expected("a machine on which ending a process is faster than moving many files")
        .fix("try again on a machine with less to do"))
}

/// Watches the new place from a thread of its own and sends SIGKILL when the first file stands there.
async fn kill_when_begun(place: PathBuf, process: Pid) -> Result<()> {
    let watched = tokio::task::spawn_blocking(move || {
        let begun = Instant::now();
        while !has_file(&place) && begun.elapsed() < BEGIN_WITHIN {
            std::hint::spin_loop();
        }
        let seen = begun.elapsed() < BEGIN_WITHIN;
        // It may have ended by itself; then there is nothing to kill.
        _ = kill_process(process, Signal::KILL);
        seen
    });
    match watched.await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => {
            Err(Failure::new("the act did not begin in time").fix("see `server.log`"))
        }
    }
}

fn has_file(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some())
}

fn count(files: &Files, directory: &str) -> usize {
    files
        .keys()
        .filter(|path| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')))
        .count()
}

/// Contents by the name of the file, whichever of the directories it stands in.
fn contents<'a>(files: &'a Files, hit: &Hit) -> BTreeMap<(&'a str, &'a [u8]), usize> {
    let mut contents = BTreeMap::new();
    for (path, content) in files {
        let name = path.split_once('/').filter(|(directory, _)| {
            *directory == "archive" || *directory == hit.from || *directory == hit.to
        });
        let name = name.map_or(path.as_str(), |(_, name)| name);
        *contents.entry((name, content.as_slice())).or_default() += 1;
    }
    contents
}

async fn last_move(cast: &Cast) -> Result<wire::Call> {
    let query = [("tool", Some("files.move".to_owned())), ("limit", Some("1".to_owned()))];
    let page: wire::Page<wire::Call> = cast.operator.get("/v1/calls", &query).await?;
    page.items.into_iter().next().ok_or_else(|| Failure::new("the move is not in the journal"))
}
