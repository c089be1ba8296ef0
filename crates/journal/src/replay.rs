//! What a run's decisions are replayed from: their facts, the version of the policy, what was decided.
//!
//! Replaying itself is the business of `gate` and `policy`; here is only what was recorded.

use domain::{CallId, Decision, Digest, Event, PayloadKind, RunId, Subject};
use gate::Direction;

use crate::error::Error;
use crate::listing::{EntryFilter, EntryPage, StoredEntry, entries};
use crate::payloads::Found;
use crate::sqlite::{Shared, Sqlite};

/// One decision as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayInput {
    /// The position of its entry.
    pub position: u64,
    /// The call.
    pub call: CallId,
    /// The kind of entry, such as `call_admitted`.
    pub kind: String,
    /// The facts that it was decided on, as the gate wrote them.
    pub facts: Found,
    /// The pinned contract.
    pub contract: Digest,
    /// What was decided, with the policy's version.
    pub decision: Decision,
}

impl Sqlite {
    /// Every decision of a run, in order.
    pub async fn replay_inputs(&self, run: RunId) -> Result<Vec<ReplayInput>, Error> {
        self.blocking(move |shared| replay_inputs(shared, run)).await
    }
}

fn replay_inputs(shared: &Shared, run: RunId) -> Result<Vec<ReplayInput>, Error> {
    let mut inputs = Vec::new();
    for entry in of_run(shared, run)? {
        let Some((call, (subject, decision))) =
            entry.record.entry.call.zip(decided(&entry.record.entry.event))
        else {
            continue;
        };
        let facts = shared.payload_with_digest(call, PayloadKind::Facts, subject.facts)?;
        inputs.push(ReplayInput {
            position: entry.position,
            call,
            facts,
            contract: subject.contract,
            decision: decision.clone(),
            kind: entry.kind,
        });
    }
    Ok(inputs)
}

/// All entries of a run, in order; as many as one export may hold.
pub(crate) fn of_run(shared: &Shared, run: RunId) -> Result<Vec<StoredEntry>, Error> {
    let filter = EntryFilter { run: Some(run), ..EntryFilter::default() };
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let limit = domain::limits::PAGE_ROWS_MAX;
        let page = EntryPage { after, direction: Direction::Ascending, limit };
        let found = shared.readers.with(|connection| entries(connection, &filter, page))?;
        all.extend(found.entries);
        if all.len() > domain::limits::EXPORT_ENTRIES_MAX {
            return Err(Error::TooLong(run.to_string()));
        }
        match found.next {
            Some(next) => after = Some(next),
            None if all.is_empty() => return Err(Error::Unknown(run.to_string())),
            None => return Ok(all),
        }
    }
}

/// The subject and decision of an entry that decided something.
pub(crate) fn decided(event: &Event) -> Option<(&Subject, &Decision)> {
    if let Event::CallDenied { subject: Some(subject), decision: Some(decision), .. }
    | Event::HeldCallDenied { subject: Some(subject), decision: Some(decision), .. }
    | Event::CallHeld { subject, decision, .. }
    | Event::CallQueued { subject, decision, .. }
    | Event::CallAdmitted { subject, decision, .. }
    | Event::ReadSettled { subject, decision, .. } = event
    {
        Some((subject, decision))
    } else {
        None
    }
}
