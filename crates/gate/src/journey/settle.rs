//! What is recorded and said at the end of every journey. The answer is journalled, then given (P8).
//!
//! In: what was observed. Out: the answer, with its place in the journal. If the entry cannot be written,
//! the answer says nothing of what was found.

use domain::{
    Amounts, Answer, CallLink, Code, Entry, Event, Executed, Inverse, PayloadKind, Reservation,
    RunId, RunState, Settled, Status, UndoOffer, UndoState,
};

use super::admit::Kept;
use super::observe::{Known, Lost, Observed, counts_as_failure};
use super::resolve::Unresolved;
use super::safeguards::{self, Landed};
use super::{Authority, Before, Call, failover};
use crate::commit::{Commit, CommitError, Guard, Payload, Record, Urgency};
use crate::gate::Gate;
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue::{self, Denial, Halt};
use crate::runs::state_is;
use crate::state::doubts::Doubt;
use crate::state::live::Leaves;
use crate::state::lock;
use crate::table::{Cell, Table};

mod early;
mod queued;

mod unapplied;

pub(super) use early::{gives_way, halt, refuse};
pub(super) use unapplied::thrown_away;

/// The end of a journey.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) answer: Answer,
    pub(crate) leaves: Leaves,
    /// The call that takes its place: of a superseded one, or of one that failed over to another tool.
    pub(crate) again: Option<Box<Call>>,
}

impl Ended {
    fn new(answer: Answer, leaves: Leaves) -> Self {
        Self { answer, leaves, again: None }
    }
}

/// Settles an admitted call.
pub(super) async fn settle<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    kept: Kept,
    observed: Observed,
) -> Ended {
    match observed {
        Observed::Known(known) => done(gate, call, kept, *known).await,
        Observed::Lost(told) => lost(gate, call, (kept, *told)).await,
        Observed::NotSent(refusal) => not_sent(gate, call, (kept, refusal)).await,
    }
}

async fn done<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    kept: Kept,
    mut known: Known,
) -> Ended {
    let instead = failover::instead(gate, call, (&kept, &mut known));
    let mut answer = answer_of(gate, call, (&kept, &known));
    let recorded = match gate.answer_payload(call.run.run.id, call, &answer) {
        Ok(recorded) => recorded,
        Err(refusal) => return unwritten(call, (&kept, &refusal)),
    };
    let (digest, answer_payload) = recorded;
    let outcome = Settled {
        status: known.status,
        executed: known.executed,
        code: known.failure.as_ref().map(|failure| failure.code),
        effects: answer.effects.clone(),
        spent: known.spent,
        reservation: kept.reservation.clone(),
        answer: digest,
        undo: known.undo,
        freed: known.freed,
        attempts: u64::from(kept.tries.attempts),
    };
    let mut payloads = vec![answer_payload];
    let inverse = known.inverse.as_ref().filter(|_| known.undo == Some(UndoState::Armed));
    let inverse = inverse.map(payload::inverse);
    payloads.extend(inverse.map(|bytes| gate.kept(call, PayloadKind::Inverse, bytes)));
    let event = if call.leaves_nothing() {
        match gate.record(call, &kept.decided) {
            Ok((subject, others)) => {
                payloads.extend(others);
                Event::ReadSettled { subject, decision: kept.decided.decision.clone(), outcome }
            }
            Err(halt) => return unwritten(call, (&kept, &refusal_of(halt))),
        }
    } else {
        Event::CallSettled { outcome }
    };
    let mut entries = vec![entry(gate, call, event)];
    entries.extend(undone(gate, call, (known.status, known.executed)));
    match &instead {
        Some(other) => {
            let link = Event::CallLinked { other: other.id, link: CallLink::FailedOverTo };
            entries.push(entry(gate, call, link));
        }
        None => entries.extend(lettered(gate, call, (&kept, &known))),
    }
    entries.extend(beside(gate, call, (&kept, &known)).await);
    let parts = (Vec::new(), entries, payloads);
    let written = write_pausing(gate, call, (parts, known.pause.clone())).await;
    settled_counts(gate, call, (&kept, &known));
    match written {
        Ok(receipt) => {
            answer.journal = receipt;
            let leaves = leaves_after(call, &known);
            Ended { answer, leaves, again: instead }
        }
        Err(error) => unwritten(call, (&kept, &error.into())),
    }
}

/// What a settlement says beside the call itself: an incident, and where procedures stand.
async fn beside<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, known): (&Kept, &Known),
) -> Vec<Entry> {
    let incident = known.broken.as_ref().and_then(|broken| broken.incident(call.id));
    let landed = match (known.status, known.executed) {
        (_, Executed::No) => Landed::Back,
        (Status::Succeeded, _) => Landed::Done,
        (
            Status::Partial
            | Status::Failed
            | Status::Denied
            | Status::Held
            | Status::Stopped
            | Status::InDoubt,
            Executed::Yes | Executed::Partly | Executed::Unknown,
        ) => Landed::Failed,
    };
    // A read took its step before, or did not.
    let step = kept.step.as_ref().filter(|_| !call.leaves_nothing());
    let step = step.map(|step| step.ends(landed));
    let back = match call.undoes().filter(|_| known.executed != Executed::No) {
        Some(act) => safeguards::undone(gate, (act, call.id)).await,
        None => None,
    };
    let events = incident.into_iter().chain(step).chain(back);
    events.map(|event| entry(gate, call, event)).collect()
}

/// A changing call's place stays until its answer was delivered, so that a retry joins it; but not where the same key
/// is expected with the answers to what was asked.
fn leaves_after(call: &Call, known: &Known) -> Leaves {
    match (call.digests.identity, known.freed) {
        (Some(_), None) => Leaves::Answer,
        (Some(_), Some(_)) | (None, _) => Leaves::Nothing,
    }
}

fn refusal_of(halt: Halt) -> Refusal {
    match halt {
        Halt::Denied(denial) => denial.refusal,
        Halt::Held(_) | Halt::Queued(_) | Halt::Known(_) | Halt::StillHeld | Halt::Moved(..) => {
            Refusal::new(Code::Internal, "the call could not be recorded", "see the server's log")
        }
    }
}

/// The tool was reached and the outcome could not be journalled: nobody may rely on what became of it.
fn unwritten(call: &Call, (kept, refusal): (&Kept, &Refusal)) -> Ended {
    let mut answer = rescue::unanswered(Some(call.id), refusal);
    answer.status = Status::InDoubt;
    answer.executed = Executed::Unknown;
    answer.attempts = kept.tries.attempts;
    Ended::new(answer, Leaves::Doubt)
}

/// Nothing of what was found may be said when it could not be journalled.
fn store_failed(call: &Call, refusal: &Refusal) -> Ended {
    Ended::new(rescue::unanswered(Some(call.id), refusal), Leaves::Answer)
}

/// What became of the act that this call takes back.
fn undone<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (status, executed): (Status, Executed),
) -> Option<Entry> {
    let of = call.undoes()?;
    let to = match (status, executed) {
        (Status::Succeeded, _) | (_, Executed::Yes) => UndoState::Undone,
        (_, Executed::Partly) => UndoState::Partial,
        (_, Executed::No) => UndoState::Armed,
        (_, Executed::Unknown) => UndoState::InDoubt,
    };
    Some(entry(gate, call, Event::UndoMoved { of, to, reason: None }))
}

fn answer_of<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, known): (&Kept, &Known),
) -> Answer {
    let mask = |text: &str| gate.masker.mask_text(text).into_owned();
    let undo = match known.undo {
        Some(UndoState::Armed) => kept
            .undo_until
            .filter(|_| known.inverse.as_ref().is_none_or(Inverse::is_complete))
            .map(|until| UndoOffer { how: format!("checkrein undo apply {}", call.id), until }),
        _ => None,
    };
    Answer {
        call: Some(call.id),
        status: known.status,
        executed: known.executed,
        output: known.output.clone(),
        error: known.failure.as_ref().map(|refusal| {
            let mut failure = rescue::failure(refusal);
            failure.message = mask(&failure.message);
            failure
        }),
        decision: Some(kept.decided.decision.clone()),
        effects: known.effects.iter().map(|effect| gate.masked_effect(effect)).collect(),
        diff: kept.plan.as_ref().map(|plan| mask(&plan.diff)).filter(|diff| !diff.is_empty()),
        undo,
        cost: known.spent,
        attempts: kept.tries.attempts,
        replayed: false,
        warnings: known.warnings.iter().map(|warning| mask(warning)).collect(),
        journal: None,
    }
}

/// Keeps what is counted in memory in step.
fn settled_counts<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, known): (&Kept, &Known),
) {
    if call.is_of_the_house() {
        // A check neither fails nor clears what is counted against its agent.
        return;
    }
    // Who was asked something has neither failed nor got through: what is counted stays.
    let asked = known.failure.as_ref().is_some_and(|failure| failure.code == Code::InputRequired);
    let failed = counts_as_failure(known.status, call.compiled.contract.effect_class);
    let counted = |before: u64| match (asked, failed) {
        (true, _) => before,
        (false, true) => before + 1,
        (false, false) => 0,
    };
    let took = Amounts {
        calls: known.spent.calls,
        money_micros: known.spent.money.micros(),
        irreversible: if known.executed == Executed::No {
            0
        } else {
            kept.reservation.amounts.irreversible
        },
        read_bytes: known.spent.read_bytes,
        wall_ms: known.spent.wall_ms,
    };
    {
        let mut counts = lock(&call.run.counts);
        counts.failures_in_row = counted(counts.failures_in_row);
        counts.budget.reserved = counts.budget.reserved.minus(kept.reservation.amounts);
        counts.budget.spent = counts.budget.spent.plus(took);
        if known.pause.is_some() {
            counts.pause();
        }
    }
    if let Some(live) = gate.directory.grant(call.caller.grant) {
        let mut counts = lock(&live.counts);
        counts.failures_in_row = counted(counts.failures_in_row);
    }
}

async fn lost<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, Lost { mut refusal, said, warnings }): (Kept, Lost),
) -> Ended {
    refusal.message = gate.masker.mask_text(&refusal.message).into_owned();
    let mut answer = rescue::unanswered(Some(call.id), &refusal);
    answer.decision = Some(kept.decided.decision.clone());
    answer.attempts = kept.tries.attempts;
    answer.output = said;
    let warnings = kept.warnings.iter().chain(&warnings);
    answer.warnings = warnings.map(|each| gate.masker.mask_text(each).into_owned()).collect();
    let recorded = match gate.answer_payload(call.run.run.id, call, &answer) {
        Ok(recorded) => recorded,
        Err(refusal) => return unwritten(call, (&kept, &refusal)),
    };
    let mut entries = vec![entry(
        gate,
        call,
        Event::CallLost { reason: refusal.message.clone(), answer: Some(recorded.0) },
    )];
    entries.extend(undone(gate, call, (Status::InDoubt, Executed::Unknown)));
    match write(gate, (Vec::new(), entries, vec![recorded.1]), Urgency::Outcome).await {
        Ok(position) => {
            answer.journal = position;
            gate.doubts.begin(call.id, doubt(gate, call, &kept));
            Ended::new(answer, Leaves::Doubt)
        }
        Err(error) => unwritten(call, (&kept, &error.into())),
    }
}

fn doubt<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call, kept: &Kept) -> Doubt {
    Doubt {
        tenant: call.caller.chain.tenant.clone(),
        run: call.run.run.id,
        agent: call.caller.chain.agent.name.clone(),
        tool: call.compiled.name().clone(),
        resource: gate.masked_resource(call),
        since: gate.world.now(),
        attempts: u64::from(kept.tries.attempts),
    }
}

/// A change that certainly did not happen, and that nobody tries again by himself, waits for a person.
fn lettered<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, known): (&Kept, &Known),
) -> Option<Entry> {
    let why = kept.tries.ended?;
    let agents = matches!(call.authority, Authority::Agent) && !call.is_confirmed_pure();
    (agents && known.executed == Executed::No).then(|| {
        let event = Event::DeadLettered {
            why,
            attempts: u64::from(kept.tries.attempts),
            agent: call.caller.chain.agent.name.clone(),
            tool: call.compiled.name().clone(),
            resource: gate.masked_resource(call),
        };
        entry(gate, call, event)
    })
}

async fn not_sent<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, refusal): (Kept, Refusal),
) -> Ended {
    let mut answer = rescue::unanswered(Some(call.id), &refusal);
    answer.decision = Some(kept.decided.decision.clone());
    answer.attempts = kept.tries.attempts - 1;
    if call.is_confirmed_pure() {
        // Its reservation was taken in memory and goes back there.
        gate.purse.give_back(call.run.run.id, &kept.reservation);
        unreserve(call, &kept);
        let denial = Denial { refusal, decided: Some(kept.decided), pause: None };
        return early::denied(gate, call, denial).await;
    }
    let recorded = match gate.answer_payload(call.run.run.id, call, &answer) {
        Ok(recorded) => recorded,
        Err(refusal) => return store_failed(call, &refusal),
    };
    let event = Event::CallCancelled {
        by: "stop".to_owned(),
        reason: refusal.message.clone(),
        code: refusal.code,
        ledger: call.digests.ledger,
        reservation: Some(kept.reservation.clone()),
        answer: Some(recorded.0),
    };
    let mut entries = vec![entry(gate, call, event)];
    entries.extend(undone(gate, call, (Status::Stopped, Executed::No)));
    let back = kept.step.iter().map(|step| step.ends(Landed::Back));
    entries.extend(back.map(|event| entry(gate, call, event)));
    unreserve(call, &kept);
    match write(gate, (Vec::new(), entries, vec![recorded.1]), Urgency::Outcome).await {
        Ok(position) => {
            answer.journal = position;
            Ended::new(answer, Leaves::Nothing)
        }
        Err(error) => store_failed(call, &error.into()),
    }
}

fn unreserve(call: &Call, kept: &Kept) {
    let mut counts = lock(&call.run.counts);
    counts.budget.reserved = counts.budget.reserved.minus(kept.reservation.amounts);
}

fn entry<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call, event: Event) -> Entry {
    Entry {
        at: gate.world.now(),
        tenant: Some(call.caller.chain.tenant.clone()),
        run: Some(call.run.run.id),
        call: Some(call.id),
        event,
    }
}

type Parts = (Vec<Guard>, Vec<Entry>, Vec<Payload>);

/// Commits and gives the position of the first entry: the one that carries the answer.
async fn write<J: Journal, W: World>(
    gate: &Gate<J, W>,
    (guards, entries, payloads): Parts,
    urgency: Urgency,
) -> Result<Option<domain::JournalPosition>, CommitError> {
    let commit = Commit { guards, entries, payloads, sources: Vec::new(), urgency };
    gate.journal.commit(commit).await.map(|receipt| receipt.positions().first().copied())
}

/// As `write`, and pauses the run with it, if there is a reason to and the run is open at that very moment.
async fn write_pausing<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (parts, pause): (Parts, Option<String>),
) -> Result<Option<domain::JournalPosition>, CommitError> {
    let Some(reason) = pause else { return write(gate, parts, Urgency::Outcome).await };
    let (mut guards, mut entries, payloads) = parts.clone();
    let open = RunState::Open.word();
    guards.insert(0, state_is(Table::Runs, call.run.run.id.to_string(), open));
    entries.push(entry(gate, call, Event::RunPaused { reason }));
    match write(gate, (guards, entries, payloads), Urgency::Outcome).await {
        // It is paused already, or has ended.
        Err(CommitError::Guard { index: 0, .. }) => write(gate, parts, Urgency::Outcome).await,
        other => other,
    }
}

/// Reads a call's reservation back from its record.
pub(crate) fn reservation_of(record: &Record) -> Reservation {
    Reservation {
        scopes: record.text("reserved_scopes").split_whitespace().filter_map(scope_of).collect(),
        amounts: Amounts {
            calls: record.count("reserved_calls"),
            money_micros: record.count("reserved_money_micros"),
            irreversible: record.count("reserved_irreversible"),
            read_bytes: record.count("reserved_read_bytes"),
            wall_ms: record.count("reserved_wall_ms"),
        },
    }
}

pub(crate) fn scope_of(text: &str) -> Option<domain::BudgetScope> {
    match text.split_once("/day-") {
        Some((grant, day)) => {
            Some(domain::BudgetScope::GrantDay(grant.parse().ok()?, day.parse().ok()?))
        }
        None => text.parse::<RunId>().ok().map(domain::BudgetScope::Run),
    }
}
