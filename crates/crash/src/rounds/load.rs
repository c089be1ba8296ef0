//! The process that is killed: many callers at once, on keys of this life and of earlier ones, with and without
//! people, on files that many calls want at the same time, by commands in jails, and for clients in processes of their own.
//!
//! Every answer is written to the standard output as it is given. A key's arguments follow from the key, so
//! that any life can repeat any call of an earlier one. The process works until it is killed; when nobody
//! listens any more it ends too.

mod commands;
mod files;
mod front;
mod people;

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Answer, Proposal, RunId};
use gate::{Identity, RunAsk};
use runner::Rung;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::life::READY;
use super::trees::TREES;
use crate::commands::are_loaded;
use crate::dice::Dice;
use crate::given::Given;
use crate::installation::{Installed, People, Site, people};
use crate::problem::{Outcome, Promise, Trouble};

/// Callers of the counter in every second life, and in the others, where commands get further.
const COUNTER_CALLERS: u64 = 24;
const COUNTER_CALLERS_FEW: u64 = 3;
/// Callers of files, and of commands on these files. Each tree has one more.
const FILE_CALLERS: u64 = 4;
const COMMAND_CALLERS: u64 = 2;
/// The keys of counters begin with it.
pub(super) const TICKET: &str = "k-";
/// Keys of earlier lives that are tried again.
const KEYS_REPEATED: u64 = 300;

/// What all callers share.
pub(super) struct Load {
    pub(super) gate: Installed,
    pub(super) people: People,
    pub(super) site: Site,
    run: RunId,
    life: u64,
    /// The number of the next key of this life.
    key: AtomicU64,
    /// Held while a line is written, so that lines stay whole.
    output: Mutex<()>,
}

/// Works until it is killed.
pub(crate) fn run(site: &Site, life: (u64, u64), rung: Rung) -> Outcome<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(work(site, life, rung))
}

async fn work(site: &Site, (life, seed): (u64, u64), rung: Rung) -> Outcome<()> {
    let (gate, _) = site.open(rung).await?;
    let people = people(&gate).await?;
    let caller = gate.identify(&people.agent).await.and_then(Identity::agent)?;
    let ask = RunAsk {
        workflow: "work".parse().map_err(|_| Trouble::other("the workflow's name"))?,
        purpose: format!("life {life}"),
        limit: domain::Amounts::<u64>::each(|_| None),
    };
    let run = gate.open_run(&caller, ask).await?.id;
    let (site, key, output) = (site.clone(), AtomicU64::new(0), Mutex::default());
    let load = Load { gate, people, site, run, life, key, output };
    load.say(format!("{READY}\n").as_bytes())?;
    let load = Arc::new(load);
    let mut callers = JoinSet::new();
    decide(&load, seed, &mut callers);
    if !is_for_people(seed) {
        call(&load, (seed, rung), &mut callers);
    }
    match callers.join_next().await {
        Some(Ok(Err(trouble))) => Err(trouble),
        Some(Ok(Ok(()))) | None => Err(Trouble::other("a caller has stopped calling")),
        Some(Err(error)) => Err(Trouble::broken(Promise::ProcessGoesOn, error)),
    }
}

/// Whether a life has nothing but calls that wait for people, which then get further.
pub(super) const fn is_for_people(seed: u64) -> bool {
    seed.is_multiple_of(3)
}

/// Starts the callers that wait for nobody.
fn call(load: &Arc<Load>, (seed, rung): (u64, Rung), callers: &mut JoinSet<Outcome<()>>) {
    let counters = if are_loaded(rung) && Dice::new(seed).once_in(2) {
        COUNTER_CALLERS_FEW
    } else {
        COUNTER_CALLERS
    };
    for number in 0..counters {
        let (load, dice) = (Arc::clone(load), Dice::of(seed, number));
        callers.spawn(async move { load.count(dice).await });
    }
    for number in 0..FILE_CALLERS {
        let (load, dice) = (Arc::clone(load), Dice::of(seed, COUNTER_CALLERS + number));
        callers.spawn(async move { files::change(&load, dice).await });
    }
    if are_loaded(rung) {
        command(load, seed, callers);
    }
}

/// Starts the people, the clock, and the way in for clients.
fn decide(load: &Arc<Load>, seed: u64, callers: &mut JoinSet<Outcome<()>>) {
    for (number, by) in [&load.people.operator, &load.people.second].into_iter().enumerate() {
        let (load, by) = (Arc::clone(load), by.clone());
        let dice = Dice::of(seed, u64::MAX - number as u64);
        callers.spawn(async move { people::decide(&load, &by, dice).await });
    }
    let ticking = Arc::clone(load);
    callers.spawn(async move { people::tick(&ticking).await });
    callers.spawn(front::serve(Arc::clone(load), Dice::of(seed, u64::MAX / 2)));
}

/// Starts the callers of commands.
fn command(load: &Arc<Load>, seed: u64, callers: &mut JoinSet<Outcome<()>>) {
    let with = |number: u64| (Arc::clone(load), Dice::of(!seed, number));
    for tree in 0..TREES {
        let (load, dice) = with(tree);
        callers.spawn(async move { commands::turn(&load, tree, dice).await });
    }
    for number in 0..COMMAND_CALLERS {
        let (load, dice) = with(TREES + number);
        callers.spawn(async move { commands::shuffle(&load, dice).await });
    }
    let (load, dice) = with(u64::MAX);
    callers.spawn(async move { commands::endless(&load, dice).await });
}

impl Load {
    fn say(&self, line: &[u8]) -> Outcome<()> {
        let _whole = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let mut output = std::io::stdout().lock();
        output.write_all(line)?;
        Ok(output.flush()?)
    }

    /// Proposes a call and gives its answer.
    pub(super) async fn propose(&self, proposal: Proposal) -> Outcome<Answer> {
        let key = proposal.key.clone();
        let answer = self.gate.handle(&self.people.agent, proposal).await;
        self.give(key, answer)
    }

    /// Gives an answer to whoever listens.
    pub(super) fn give(&self, key: Option<String>, answer: Answer) -> Outcome<Answer> {
        let given = Given { key, answer };
        self.say(&given.line())?;
        if let Some(call) = given.answer.call {
            self.gate.delivered(call);
        }
        Ok(given.answer)
    }

    /// A proposal in this life's run, or in the ambient one.
    pub(super) fn proposal(&self, tool: &str, arguments: Value, dice: &mut Dice) -> Proposal {
        Proposal {
            tool: tool.to_owned(),
            arguments,
            intent: Some("to be interrupted".to_owned()),
            expected_effects: Vec::new(),
            confidence: None,
            key: None,
            run: (!dice.once_in(4)).then_some(self.run),
            evidence: Vec::new(),
            after: None,
            input: None,
            detached: dice.once_in(2),
        }
    }

    /// Calls the counter, over and over: mostly new keys, some of them twice at once, some repeated.
    async fn count(&self, mut dice: Dice) -> Outcome<()> {
        loop {
            let (life, number) = if dice.once_in(3) {
                (dice.below(self.life + 1), dice.below(KEYS_REPEATED))
            } else {
                (self.life, self.key.fetch_add(1, Ordering::Relaxed))
            };
            let mut amount = 1 + Dice::of(life, number).below(1_000);
            if dice.once_in(50) {
                // Another act under the same key: must be refused, or take the key.
                amount = 1 + amount % 1_000;
            }
            let ticket = format!("{TICKET}{life}-{number}");
            let arguments = json!({ "ticket": ticket, "amount": amount });
            let mut proposal = self.proposal("counter.add", arguments, &mut dice);
            proposal.key = Some(ticket);
            if dice.once_in(8) {
                let (one, two) =
                    tokio::join!(self.propose(proposal.clone()), self.propose(proposal));
                one.and(two)?;
            } else {
                self.propose(proposal).await?;
            }
        }
    }
}
