//! What the journal says, read back after an end: which answers it has, and which permits.
//!
//! Entries are read through the journal's own listing, which checks each against its canonical form; that they are
//! chained and signed is asked of `verify`. Reading goes on where it stopped, so that rounds stay short.

use std::collections::{HashMap, HashSet};

use domain::{CallId, Digest, Event, Name, RunId, limits};
use gate::{Direction, Journal as _, KeyScope, payload};
use journal::{EntryFilter, EntryPage, Sqlite};

use crate::commands;
use crate::given::Given;
use crate::problem::{Outcome, Promise, Trouble};
use crate::votes::Votes;

/// What is kept of the entries.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Answers by the hash of their entry.
    answers: HashMap<Digest, Answered>,
    /// Permits to act, as `call permit`.
    permits: HashSet<(String, String)>,
    /// Calls of commands that have one.
    commands: HashSet<CallId>,
    /// Calls whose outcome recovery found out.
    recovered: HashSet<CallId>,
    /// What people were asked, and what they said.
    votes: Votes,
    /// Position of the last entry read.
    read: u64,
}

#[derive(Debug)]
struct Answered {
    call: Option<CallId>,
    run: Option<RunId>,
    tenant: Option<Name>,
    digest: Digest,
}

impl Ledger {
    /// Reads every entry that is not read yet.
    pub(crate) async fn read_on(&mut self, journal: &Sqlite) -> Outcome<()> {
        let mut after = Some(self.read);
        while let Some(behind) = after {
            let page = EntryPage {
                after: Some(behind),
                direction: Direction::Ascending,
                limit: limits::PAGE_ROWS_MAX,
            };
            let found = journal.entries(EntryFilter::default(), page).await;
            let found = found.map_err(|error| Trouble::broken(Promise::JournalVerifies, error))?;
            for entry in &found.entries {
                self.read = entry.position;
                self.keep(entry.hash, &entry.record.entry);
            }
            after = found.next;
        }
        Ok(())
    }

    fn keep(&mut self, hash: Digest, entry: &domain::Entry) {
        if let Some(call) = entry.call {
            self.votes.keep(call, &entry.event);
        }
        if let Event::CallAdmitted { permit, subject, .. } = &entry.event {
            let call = entry.call.map(|call| call.to_string()).unwrap_or_default();
            self.permits.insert((call, permit.to_string()));
            self.commands.extend(entry.call.filter(|_| subject.tool.as_str() == commands::TOOL));
        }
        if let Event::CallResolved { .. } = entry.event {
            self.recovered.extend(entry.call);
        }
        if let Some(digest) = answer_of(&entry.event) {
            let (call, run, tenant) = (entry.call, entry.run, entry.tenant.clone());
            self.answers.insert(hash, Answered { call, run, tenant, digest });
        }
    }

    /// What people were asked and said.
    pub(crate) const fn votes(&self) -> &Votes {
        &self.votes
    }

    /// How many entries were read.
    pub(crate) const fn entries(&self) -> u64 {
        self.read
    }

    /// Of how many calls recovery found out what became of them.
    pub(crate) fn recovered(&self) -> usize {
        self.recovered.len()
    }

    /// How many commands were admitted, and how many of these recovery settled.
    pub(crate) fn commands(&self) -> (usize, usize) {
        (self.commands.len(), self.commands.intersection(&self.recovered).count())
    }

    /// Whether this permit to act is durable.
    pub(crate) fn has_permit(&self, call: &str, permit: &str) -> bool {
        self.permits.contains(&(call.to_owned(), permit.to_owned()))
    }

    /// Whether exactly this answer stands where it says that it stands.
    pub(crate) fn holds(&self, given: &Given, journal: &Sqlite) -> Outcome<()> {
        let missing = |what: &str| {
            let text = serde_json::to_string(&payload::answer(&given.answer)).unwrap_or_default();
            Err(Trouble::broken(Promise::AnswersAreJournalled, format!("{what}: {text}")))
        };
        let Some(position) = given.answer.journal else {
            return missing("an answer was given that names no entry");
        };
        let Some(found) = self.answers.get(&position.hash) else {
            return missing("the entry of an answer is not there");
        };
        let scope = match (found.run, &found.tenant) {
            (Some(run), _) => KeyScope::Run(run),
            (None, Some(tenant)) => KeyScope::Tenant(tenant),
            (None, None) => return missing("the entry of an answer belongs to nobody"),
        };
        let digest = journal.keyed(scope, &payload::answer_bytes(&given.answer))?;
        if digest != found.digest || given.answer.call != found.call {
            return missing("the entry of an answer is about another answer");
        }
        Ok(())
    }
}

/// Whether the journal verifies, also against a head that was kept elsewhere.
pub(crate) async fn verify(journal: &Sqlite, kept_head: Option<String>) -> Outcome<()> {
    let broken = |found: &dyn std::fmt::Display| Trouble::broken(Promise::JournalVerifies, found);
    let verified = journal.verify(kept_head).await.map_err(|error| broken(&error))?;
    match &verified.finding {
        Some(finding) => Err(broken(finding)),
        None => Ok(()),
    }
}

/// The digest of the answer that an event records.
fn answer_of(event: &Event) -> Option<Digest> {
    if let Event::CallDenied { answer, .. }
    | Event::CallHeld { answer, .. }
    | Event::CallQueued { answer, .. }
    | Event::HeldCallDenied { answer, .. }
    | Event::AnswerGiven { answer, .. } = event
    {
        return Some(*answer);
    }
    if let Event::ReadSettled { outcome, .. } | Event::CallSettled { outcome } = event {
        return Some(outcome.answer);
    }
    if let Event::CallLost { answer, .. } | Event::CallCancelled { answer, .. } = event {
        return *answer;
    }
    None
}
