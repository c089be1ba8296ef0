//! Every promise, checked after an end: by opening and recovering, and by comparing what was seen from outside with
//! what the journal, the recorder and the workspace say.
//!
//! In: the answers that were given. Out: counts, or the first promise that does not hold.

use std::collections::{HashMap, HashSet};

use domain::{CallState, Executed, Status};
use gate::{Journal as _, Query, Table};
use runner::Rung;

use super::load::TICKET;
use super::trees::Trees;
use super::{collect, content};
use crate::given::Given;
use crate::installation::{Installed, Site};
use crate::ledger::{self, Ledger};
use crate::problem::{Outcome, Promise, Trouble};
use crate::recorder::{self, Effect};
use crate::votes::{HELD, Vote};

/// What was found where everything holds.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) effects: usize,
    pub(super) in_doubt: usize,
    pub(super) files: usize,
    /// Approved calls whose callers came back now.
    pub(super) collected: usize,
}

/// How far a check goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The next round goes on with what is there.
    OfRound,
    /// Whoever has an approved call comes back for it.
    OfSite,
}

/// What is known from outside of a store, and what is kept of it between rounds.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Every answer that was given.
    pub(super) given: Vec<Given>,
    /// Every decision that a person was told was taken.
    pub(super) votes: Vec<Vote>,
    /// What the trees may be.
    pub(super) trees: Trees,
    /// The entries that were read so far.
    pub(super) ledger: Ledger,
    /// The signed head of the round before: nothing below it may be missing ever after.
    pub(super) head: Option<String>,
}

impl Known {
    /// Answers of success to keys that begin so.
    pub(super) fn succeeded(&self, key: &str) -> usize {
        let of = |given: &&Given| given.key.as_ref().is_some_and(|found| found.starts_with(key));
        let done = |given: &&Given| given.answer.status == Status::Succeeded;
        self.given.iter().filter(of).filter(done).count()
    }
}

/// Recovers and checks.
pub(super) fn check(site: &Site, known: &mut Known, (rung, end): (Rung, End)) -> Outcome<Found> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let (gate, _) = site.open(rung).await?;
        let collected = match end {
            End::OfRound => Vec::new(),
            End::OfSite => collect::collect(&gate).await?,
        };
        let effects = recorder::read(&site.effects())?;
        collect::once(&gate, &collected, &effects).await?;
        ledger::verify(gate.journal(), known.head.take()).await?;
        known.ledger.read_on(gate.journal()).await?;
        for each in &known.given {
            known.ledger.holds(each, gate.journal())?;
        }
        one_per_key(&effects)?;
        admitted(&effects, &known.ledger)?;
        truth(&known.given, &effects)?;
        known.ledger.votes().check(&effects, &known.votes)?;
        let in_doubt = open_calls(&gate).await?;
        let files = content::check(&site.workspace(), &site.trees())?;
        known.trees.check(site)?;
        let head = gate.journal().head().await;
        let head = head.map_err(|error| Trouble::broken(Promise::JournalVerifies, error))?;
        known.head = Some(head.note);
        Ok(Found { effects: effects.len(), in_doubt, files, collected: collected.len() })
    })
}

fn one_per_key(effects: &[Effect]) -> Outcome<()> {
    let mut seen = HashMap::new();
    for effect in effects {
        if let Some(first) = seen.insert(&effect.ticket, effect) {
            let found = format!("{first:?} and {effect:?}");
            return Err(Trouble::broken(Promise::OneEffectPerKey, found));
        }
    }
    Ok(())
}

fn admitted(effects: &[Effect], ledger: &Ledger) -> Outcome<()> {
    let without = effects.iter().find(|effect| !ledger.has_permit(&effect.call, &effect.permit));
    match without {
        Some(effect) => {
            Err(Trouble::broken(Promise::EffectsAreAdmitted, format!("{effect:?} has none")))
        }
        None => Ok(()),
    }
}

/// Answers that end a call of the counter against what the recorder has. A held call may still run.
fn truth(given: &[Given], effects: &[Effect]) -> Outcome<()> {
    let happened: HashSet<&str> = effects.iter().map(|effect| effect.call.as_str()).collect();
    for each in given.iter().filter(|each| is_counted(each)) {
        let said = match (each.answer.status, each.answer.executed) {
            (Status::Succeeded, Executed::Yes) => true,
            (Status::Denied | Status::Stopped | Status::Failed, Executed::No) => false,
            (
                Status::Succeeded
                | Status::Partial
                | Status::Failed
                | Status::Denied
                | Status::Held
                | Status::Stopped
                | Status::InDoubt,
                Executed::Yes | Executed::Partly | Executed::No | Executed::Unknown,
            ) => continue,
        };
        let call = each.call();
        if happened.contains(call.as_str()) != said {
            let executed = each.answer.executed;
            let found = format!("{call} was answered with executed `{executed}`, which is wrong");
            return Err(Trouble::broken(Promise::AnswersAreTrue, found));
        }
    }
    Ok(())
}

fn is_counted(given: &Given) -> bool {
    let counted = |key: &String| key.starts_with(TICKET) || key.starts_with(HELD);
    given.key.as_ref().is_some_and(counted)
}

/// No call is admitted any more, and only calls of the counter are in doubt; gives how many.
async fn open_calls(gate: &Installed) -> Outcome<usize> {
    for state in [CallState::Received, CallState::Admitted, CallState::Dispatched] {
        let query = Query::all(Table::Calls).with("state", state.word());
        if let Some(open) = gate.journal().select(query).await?.first() {
            // A preview alone leaves a call received: it has no permit to act.
            if state != CallState::Received {
                let found = format!("{} is {state}", open.key);
                return Err(Trouble::broken(Promise::NothingIsLeftOpen, found));
            }
        }
    }
    let doubt = CallState::InDoubt.word();
    let records = gate.journal().select(Query::all(Table::Calls).with("state", doubt)).await?;
    match records.iter().find(|record| record.text("tool") != "counter.add") {
        Some(file) => {
            let found = format!("{} of `{}` is in doubt", file.key, file.text("tool"));
            Err(Trouble::broken(Promise::NothingIsLeftOpen, found))
        }
        None => Ok(records.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(ticket: &str, call: &str) -> Effect {
        let permit = "permit_1".to_owned();
        Effect { ticket: ticket.to_owned(), call: call.to_owned(), permit }
    }

    #[test]
    fn second_effect_of_a_key_is_found() {
        assert!(one_per_key(&[effect("a", "1"), effect("b", "2")]).is_ok());
        let twice = one_per_key(&[effect("a", "1"), effect("b", "2"), effect("a", "3")]);
        assert!(twice.unwrap_err().to_string().contains("no key has two effects"));
    }

    #[test]
    fn effect_without_a_permit_is_found() {
        let found = admitted(&[effect("a", "1")], &Ledger::default());
        assert!(found.unwrap_err().to_string().contains("every effect has a durable permit"));
    }
}
