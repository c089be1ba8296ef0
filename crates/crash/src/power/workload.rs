//! The work that is recorded: real calls through a real gate onto a real store, with a tool that answers at
//! once.
//!
//! Each answer is appended to a file outside of the store, one write per line: those writes stand in the same
//! recording as the store's, so it is known what was answered before any cut.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Executed, Plan, Proposal};
use gate::{Act, Later, Permit, Preview, Read, Recovered, Reply, Tool, ToolError, Unfinished};
use journal::Synchronous;
use serde_json::json;
use tokio::task::JoinSet;

use crate::counter;
use crate::given::Given;
use crate::installation::{Installed, People, Site, people};
use crate::problem::{Outcome, Promise, Trouble};

/// Callers at once: some commits stand alone, some share a transaction.
const CALLERS: usize = 4;

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// Where the installation is.
    pub(crate) root: PathBuf,
    /// Where answers are written.
    pub(crate) acknowledged: PathBuf,
    /// How the store syncs.
    pub(crate) synchronous: Synchronous,
    /// How many calls.
    pub(crate) calls: u64,
}

/// A counter that nobody sees: it answers at once.
#[derive(Debug)]
pub(crate) struct Instant;

impl Tool for Instant {
    fn preview(&self, _: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async { Err(counter::impossible(Executed::No, "a counter shows no plan")) })
    }

    fn read(&self, _: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async { Err(counter::impossible(Executed::No, "a counter is not read")) })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move { Ok(counter::reply(&permit.invocation().arguments)) })
    }

    fn recover(&self, _: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async { Recovered::Unknown { reason: "nobody counted".to_owned() } })
    }
}

/// The tools of the recorded work, and of its images.
pub(crate) fn tools() -> Vec<(String, Arc<dyn Tool>)> {
    vec![("counter.".to_owned(), Arc::new(Instant))]
}

/// Does it.
pub(crate) fn run(work: &Work) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(calls(work))
}

async fn calls(work: &Work) -> Outcome<()> {
    let (gate, _) = Site::at(&work.root).open_with(tools(), work.synchronous).await?;
    let people = people(&gate).await?;
    let file = OpenOptions::new().create(true).append(true).open(&work.acknowledged)?;
    let all = Arc::new((gate, people, file, AtomicU64::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (all, calls) = (Arc::clone(&all), work.calls);
        callers.spawn(async move { caller(&all, calls).await });
    }
    while let Some(done) = callers.join_next().await {
        done.map_err(|error| Trouble::broken(Promise::ProcessGoesOn, error))??;
    }
    Ok(())
}

type Shared = (Installed, People, File, AtomicU64);

async fn caller((gate, people, file, next): &Shared, calls: u64) -> Outcome<()> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= calls {
            return Ok(());
        }
        let ticket = format!("k-{number}");
        let proposal = Proposal {
            tool: "counter.add".to_owned(),
            // Every tenth call is large and waits for people.
            arguments: json!({ "ticket": ticket, "amount": if number % 10 == 9 { 999 } else { 1 } }),
            intent: Some("to lose the power".to_owned()),
            expected_effects: Vec::new(),
            confidence: None,
            key: Some(ticket.clone()),
            run: None,
            evidence: Vec::new(),
            after: None,
            input: None,
            detached: false,
        };
        let answer = gate.handle(&people.agent, proposal).await;
        let given = Given { key: Some(ticket), answer };
        let mut file = file;
        file.write_all(&given.line())?;
        given.answer.call.into_iter().for_each(|call| gate.delivered(call));
    }
}
