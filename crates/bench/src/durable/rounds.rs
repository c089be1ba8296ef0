//! Rounds of gate, replay and log, each on fresh files, each with the same callers doing the same calls.
//!
//! In: a load. Out: what each side of each round took. One more run before the rounds records the commits.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use domain::{Answer, CallId, Proposal, Status, Timestamp, WriterId};
use gate::{Commit, Gate, Journal as _, Secret, World as _};
use journal::Sqlite;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Round;
use super::raw_log::{Appender, RawLog};
use super::recording::Recording;
use crate::Outcome;
use crate::installation::{self, Asks, TOOL, arguments, rules};
use crate::statistics::{per_second, percentile_us};
use crate::world::Clock;

/// So many callers at once, each with so many calls one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) callers: usize,
    pub(crate) calls: usize,
    pub(crate) rounds: usize,
}

/// What one side of a round did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) calls_per_s: f64,
    pub(crate) syncs: f64,
    pub(crate) cpu_us: f64,
}

/// The commits of a load: what came before it, then each caller's calls with their commits.
#[derive(Debug, Default)]
struct Recorded {
    before: Vec<Commit>,
    callers: Vec<Vec<Vec<Commit>>>,
}

/// Policies in force; five match.
const POLICIES: usize = 50;
/// Calls before a load, so that run, budgets and keys are there.
const WARM_CALLS: usize = 20;

type Measured = Gate<Recording<Sqlite>, Clock>;

/// All rounds of a load.
pub(super) fn run(load: Load) -> Outcome<Vec<Round>> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let recorded = record(&runtime, load)?;
    let mut rounds = Vec::with_capacity(load.rounds);
    for _ in 0..load.rounds {
        rounds.push(Round {
            gate: through_gate(&runtime, load)?,
            replay: replay(&runtime, &recorded)?,
            log: through_log(&runtime, &recorded)?,
        });
    }
    Ok(rounds)
}

/// Runs the load once and keeps every commit.
fn record(runtime: &Runtime, load: Load) -> Outcome<Recorded> {
    let directory = tempfile::tempdir()?;
    runtime.block_on(async {
        let journal = Recording::on(installation::store(directory.path())?);
        let (gate, agent) = warm(journal).await?;
        let before = gate.journal().take();
        let (calls, _) = all_calls(&gate, &agent, load).await?;
        let mut by_call: HashMap<Option<CallId>, Vec<Commit>> = HashMap::new();
        for commit in gate.journal().take() {
            let call = commit.entries.first().and_then(|entry| entry.call);
            by_call.entry(call).or_default().push(commit);
        }
        let callers = calls.into_iter().map(|calls| {
            let commits = |call: CallId| by_call.remove(&Some(call)).unwrap_or_default();
            calls.into_iter().map(commits).collect()
        });
        Ok(Recorded { before, callers: callers.collect() })
    })
}

/// An open gate that has had its first calls.
async fn warm(journal: Recording<Sqlite>) -> Outcome<(Arc<Measured>, Secret)> {
    let gate = Arc::new(installation::gate(journal, rules(POLICIES, Asks::Nobody)?).await?);
    let agent = installation::agent(&gate).await?;
    for number in 0..WARM_CALLS {
        one_call(&gate, &agent, format!("warm-{number}")).await?;
    }
    Ok((gate, agent))
}

async fn one_call(gate: &Measured, agent: &Secret, key: String) -> Outcome<CallId> {
    let proposal = Proposal {
        tool: TOOL.to_owned(),
        arguments: arguments(),
        intent: Some("to be measured".to_owned()),
        expected_effects: Vec::new(),
        confidence: None,
        key: Some(key),
        run: None,
        evidence: Vec::new(),
        after: None,
        input: None,
        detached: false,
    };
    let Answer { call, status, error, .. } = gate.handle(agent, proposal).await;
    if status != Status::Succeeded {
        return Err(format!("a measured call came out as {status}: {error:?}").into());
    }
    let call = call.ok_or("an answer without a call")?;
    gate.delivered(call);
    Ok(call)
}

/// The calls of each caller, with how long each took and all together.
async fn all_calls(
    gate: &Arc<Measured>,
    agent: &Secret,
    load: Load,
) -> Outcome<(Vec<Vec<CallId>>, (Vec<Duration>, Duration))> {
    let callers = (0..load.callers).map(|caller| {
        let (gate, agent) = (Arc::clone(gate), agent.clone());
        let calls: Vec<usize> = (0..load.calls).collect();
        (calls, move |call: usize| {
            let (gate, agent) = (Arc::clone(&gate), agent.clone());
            async move { one_call(&gate, &agent, format!("k-{caller}-{call}")).await }
        })
    });
    timed(callers).await
}

/// Lets every caller do its work, one piece after the other, all callers at once.
async fn timed<W, T, C, F>(
    callers: impl Iterator<Item = (Vec<W>, C)>,
) -> Outcome<(Vec<Vec<T>>, (Vec<Duration>, Duration))>
where
    W: Send + 'static,
    T: Send + 'static,
    C: Fn(W) -> F + Send + 'static,
    F: Future<Output = Outcome<T>> + Send,
{
    let mut tasks = JoinSet::new();
    let callers: Vec<_> = callers.collect();
    let begun = Instant::now();
    for (number, (work, call)) in callers.into_iter().enumerate() {
        tasks.spawn(async move {
            let (mut done, mut times) = (Vec::new(), Vec::new());
            for piece in work {
                let begun = Instant::now();
                done.push(call(piece).await?);
                times.push(begun.elapsed());
            }
            Outcome::Ok((number, done, times))
        });
    }
    let (mut all, mut times) = (Vec::new(), Vec::new());
    while let Some(joined) = tasks.join_next().await {
        let (number, done, own) = joined??;
        all.push((number, done));
        times.extend(own);
    }
    let elapsed = begun.elapsed();
    all.sort_by_key(|(number, _)| *number);
    Ok((all.into_iter().map(|(_, done)| done).collect(), (times, elapsed)))
}

fn side((mut times, elapsed): (Vec<Duration>, Duration), (syncs, cpu): (u64, Cpu)) -> Side {
    Side {
        p50_us: percentile_us(&mut times, 50),
        p99_us: percentile_us(&mut times, 99),
        calls_per_s: per_second(times.len(), elapsed),
        syncs: crate::statistics::as_f64(usize::try_from(syncs).unwrap_or(usize::MAX)),
        cpu_us: cpu.since_us(),
    }
}

fn through_gate(runtime: &Runtime, load: Load) -> Outcome<Side> {
    let directory = tempfile::tempdir()?;
    runtime.block_on(async {
        let journal = Recording::off(installation::store(directory.path())?);
        let (gate, agent) = warm(journal).await?;
        let transactions = &gate.journal().inner().counters().transactions;
        let (syncs, cpu) = (transactions.load(Ordering::Relaxed), Cpu::now());
        let (_, times) = all_calls(&gate, &agent, load).await?;
        Ok(side(times, (transactions.load(Ordering::Relaxed) - syncs, cpu)))
    })
}

fn replay(runtime: &Runtime, recorded: &Recorded) -> Outcome<Side> {
    let directory = tempfile::tempdir()?;
    runtime.block_on(async {
        let journal = Arc::new(installation::store(directory.path())?);
        let now = Clock.now();
        for commit in &recorded.before {
            journal.commit(renewed(commit, now)).await?;
        }
        let callers: Vec<_> = recorded
            .callers
            .iter()
            .map(|calls| {
                let renew = |commits: &Vec<Commit>| -> Vec<Commit> {
                    commits.iter().map(|commit| renewed(commit, now)).collect()
                };
                let journal = Arc::clone(&journal);
                (calls.iter().map(renew).collect(), move |commits: Vec<Commit>| {
                    let journal = Arc::clone(&journal);
                    async move {
                        for commit in commits {
                            journal.commit(commit).await?;
                        }
                        Ok(())
                    }
                })
            })
            .collect();
        let transactions = &journal.counters().transactions;
        let (syncs, cpu) = (transactions.load(Ordering::Relaxed), Cpu::now());
        let (_, times) = timed(callers.into_iter()).await?;
        Ok(side(times, (transactions.load(Ordering::Relaxed) - syncs, cpu)))
    })
}

/// The same commit, now: the journal refuses entries from the past.
fn renewed(commit: &Commit, now: Timestamp) -> Commit {
    let mut commit = commit.clone();
    commit.entries.iter_mut().for_each(|entry| entry.at = now);
    commit
}

fn through_log(runtime: &Runtime, recorded: &Recorded) -> Outcome<Side> {
    let directory = tempfile::tempdir()?;
    let log = RawLog::open(&directory.path().join("log"))?;
    let measured = runtime.block_on(async {
        let callers: Vec<_> = recorded
            .callers
            .iter()
            .map(|calls| {
                let appender = log.appender();
                let sized = |commits: &Vec<Commit>| commits.iter().map(size).collect();
                (calls.iter().map(sized).collect(), move |sizes: Vec<usize>| {
                    append(appender.clone(), sizes)
                })
            })
            .collect();
        let cpu = Cpu::now();
        let (_, times) = timed(callers.into_iter()).await?;
        Outcome::Ok((times, cpu))
    });
    let (times, cpu) = measured?;
    Ok(side(times, (log.close()?, cpu)))
}

async fn append(appender: Appender, sizes: Vec<usize>) -> Outcome<()> {
    for size in sizes {
        appender.append(vec![b'x'; size]).await?;
    }
    Ok(())
}

/// Bytes of a commit: its entries as they are stored, and its payloads.
fn size(commit: &Commit) -> usize {
    let entry = |entry: &domain::Entry| {
        let record = journal::Record {
            writer: WriterId::new(Uuid::nil()),
            seq: 1,
            prev: domain::Digest::default(),
            call_prev: Some(domain::Digest::default()),
            entry: entry.clone(),
        };
        record.write().map_or(0, |bytes| bytes.len())
    };
    let payloads: usize = commit.payloads.iter().map(|payload| payload.bytes.len()).sum();
    commit.entries.iter().map(entry).sum::<usize>() + payloads
}

/// Processor time of this process, in the kernel's ticks.
#[derive(Debug, Clone, Copy)]
struct Cpu(u64);

/// Linux counts a hundred ticks a second for programs, whatever it uses inside.
const TICK_US: u64 = 10_000;

impl Cpu {
    fn now() -> Self {
        let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // Behind the name in parentheses: state is the first field, user and system time are the 12th and 13th.
        let behind = text.rsplit_once(')').map(|(_, behind)| behind).unwrap_or_default();
        let ticks = behind.split_whitespace().skip(11).take(2);
        Self(ticks.filter_map(|field| field.parse::<u64>().ok()).sum())
    }

    fn since_us(self) -> f64 {
        let ticks = Self::now().0.saturating_sub(self.0);
        crate::statistics::as_f64(usize::try_from(ticks * TICK_US).unwrap_or(usize::MAX))
    }
}
