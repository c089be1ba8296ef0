//! Opening after an end: what is known is read, and what was under way is looked at, never sent again.
//!
//! A permit without an outcome becomes in doubt; then the tool may finish or revert by its own log or by the
//! plan that was committed with the permit, which settles it. Held calls stay held. Answers that may not
//! have reached their callers are joined again (`undelivered`); what is counted per grant is counted again
//! (`counts`).

use std::fmt;

use domain::{
    CallId, CallState, Code, Effect, Entry, Event, Executed, Fence, Mode, Money, PayloadKind,
    Reservation, Spent, Stop, StopLevel, StopState, Timestamp, UndoState, limits,
};

use crate::commit::{Commit, Query, Record, Urgency};
use crate::gate::Gate;
use crate::journey::{Beside, reservation_of};
use crate::payload;
use crate::people::Found;
use crate::port::{Invocation, Journal, Recovered, Unfinished, World};
use crate::projection::{FENCE, ORDERED, budget_of, pin_of};
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::state::directory::{grant_of, key_of};
use crate::state::live::{News, Place};
use crate::state::lock;
use crate::state::people::{identity_of, passkey_of, person_of, session_of, ticket_of};
use crate::table::Table;

mod counts;
mod undelivered;

/// What was found at start-up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Calls that had happened, or were finished now.
    pub finished: Vec<CallId>,
    /// Calls that had not happened, or were reverted now.
    pub reverted: Vec<CallId>,
    /// Calls of which nobody knows.
    pub in_doubt: Vec<CallId>,
    /// Calls that go on waiting for people.
    pub held: Vec<CallId>,
}

impl fmt::Display for RecoveryReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { finished, reverted, in_doubt, held } = self;
        write!(
            out,
            "{} finished, {} reverted, {} in doubt, {} still held",
            finished.len(),
            reverted.len(),
            in_doubt.len(),
            held.len()
        )
    }
}

/// Every record of a query, page by page.
pub(crate) async fn all<J: Journal, W: World>(
    gate: &Gate<J, W>,
    query: Query,
) -> Result<Vec<Record>, Refusal> {
    let mut found = Vec::new();
    let mut page = query;
    loop {
        let records = gate.journal.select(page.clone()).await?;
        let full = records.len() >= limits::PAGE_ROWS_MAX;
        page.after = records.last().map(|record| record.key.clone());
        found.extend(records);
        if !full {
            return Ok(found);
        }
    }
}

/// Reads who has an account. What cannot be read is nobody's: it opens nothing.
async fn load_people<J: Journal, W: World>(gate: &Gate<J, W>) -> Result<(), Refusal> {
    let open = |table| Query::all(table).with("state", "open");
    for record in all(gate, Query::all(Table::People)).await? {
        // A person who cannot be read must not count as unknown: keys of that name would hold again.
        gate.people.put_person(person_of(&record).ok_or_else(|| unreadable(&record, "person"))?);
    }
    for passkey in all(gate, Query::all(Table::Passkeys)).await?.iter().filter_map(passkey_of) {
        gate.people.put_passkey(passkey);
    }
    for (id, whose) in
        all(gate, Query::all(Table::Identities)).await?.iter().filter_map(identity_of)
    {
        gate.people.put_identity(id, whose);
    }
    for (verifier, ticket) in all(gate, open(Table::Tickets)).await?.iter().filter_map(ticket_of) {
        gate.people.put_ticket(verifier, ticket);
    }
    let sessions = all(gate, open(Table::Sessions)).await?;
    for (verifier, session) in sessions.iter().filter_map(session_of) {
        gate.people.put_session(verifier, session);
    }
    Ok(())
}

/// Reads who is known and what is in force.
pub(crate) async fn load<J: Journal, W: World>(gate: &Gate<J, W>) -> Result<(), Refusal> {
    for (verifier, key) in all(gate, Query::all(Table::Keys)).await?.iter().filter_map(key_of) {
        gate.directory.add_key(verifier, key);
    }
    for grant in all(gate, Query::all(Table::Grants)).await?.iter().filter_map(grant_of) {
        gate.directory.put_grant(grant);
    }
    load_people(gate).await?;
    for record in all(gate, Query::all(Table::Modes)).await? {
        // A mode that cannot be read counts as enforce.
        let mode = Mode::from_word(record.text("mode")).unwrap_or(Mode::Enforce);
        if let Ok(space) = record.key.parse() {
            gate.apply_mode(&space, mode);
        }
    }
    for record in all(gate, Query::all(Table::Pins)).await? {
        let unreadable = || unreadable(&record, "pin of the tool");
        gate.pins.put(pin_of(&record).ok_or_else(unreadable)?);
    }
    let mut stops = Vec::new();
    for record in all(gate, Query::all(Table::Stops)).await? {
        match StopState::from_word(record.text("state")) {
            Some(StopState::Lifted) => {}
            Some(StopState::InForce) => {
                stops.push(stop_of(&record).ok_or_else(|| unreadable(&record, "stop"))?);
            }
            None => return Err(unreadable(&record, "stop")),
        }
    }
    let fence = gate.journal.read(Table::Fences, FENCE).await?;
    unfinished_kills(gate, &stops).await?;
    gate.stops.load(stops, Fence(fence.map_or(0, |record| record.count("epoch"))));
    Ok(())
}

/// Kills without a receipt are carried out to their end, and so are rollbacks.
async fn unfinished_kills<J: Journal, W: World>(
    gate: &Gate<J, W>,
    stops: &[Stop],
) -> Result<(), Refusal> {
    for stop in stops.iter().filter(|stop| stop.level == StopLevel::Kill) {
        if gate.journal.read(Table::Receipts, &stop.id.to_string()).await?.is_none() {
            gate.receipts.found(stop.clone());
        }
    }
    // Also one whose stop was lifted meanwhile.
    for record in all(gate, Query::all(Table::Rollbacks).with("state", ORDERED)).await? {
        let stop = gate.journal.read(Table::Stops, &record.key).await?;
        let stop = stop.as_ref().and_then(stop_of);
        gate.receipts.found(stop.ok_or_else(|| unreadable(&record, "rollback"))?);
    }
    Ok(())
}

/// A stop or pin that cannot be read may forbid anything: nothing runs until somebody looked at it (P5).
fn unreadable(record: &Record, what: &str) -> Refusal {
    Refusal::new(
        Code::StoreCorrupted,
        format!("the record of the {what} `{}` cannot be read", record.key),
        "run `checkrein journal verify`, or restore a backup",
    )
}

fn stop_of(record: &Record) -> Option<Stop> {
    Some(Stop {
        id: record.key.parse().ok()?,
        scope: record.text("scope").parse().ok()?,
        // A level that cannot be read counts as the harder one.
        level: StopLevel::from_word(record.text("level")).unwrap_or(StopLevel::Suspend),
        reason: record.text("reason").to_owned(),
        by: record.text("ordered_by").parse().ok()?,
        at: Timestamp::from_millis(record.count("at_ms")),
        state: StopState::InForce,
    })
}

/// Looks at every call that was open.
pub(crate) async fn recover<J: Journal, W: World>(
    gate: &Gate<J, W>,
) -> Result<RecoveryReport, Refusal> {
    let mut report = RecoveryReport::default();
    // Before this process writes anything about a call.
    let last = undelivered::newest(gate).await?;
    return_leases(gate).await?;
    let with_state = |state: CallState| Query::all(Table::Calls).with("state", state.word());
    for record in all(gate, with_state(CallState::Held)).await? {
        // Somebody may have decided already: the first who waits looks again.
        let held = restore(gate, &record, News::Decided).await?;
        if record.integer("detached") == Some(1) {
            // Approved before the end or not: the next tick looks.
            lock(&gate.detached).extend(held);
        }
        report.held.extend(held);
    }
    for record in all(gate, with_state(CallState::InDoubt)).await? {
        report.in_doubt.extend(restore(gate, &record, News::InDoubt).await?);
    }
    for record in all(gate, with_state(CallState::Admitted)).await? {
        recover_one(gate, &record, &mut report).await?;
    }
    undelivered::restore(gate, last).await?;
    counts::recount(gate).await?;
    Ok(report)
}

/// Slices that died with the process go back to their budgets.
async fn return_leases<J: Journal, W: World>(gate: &Gate<J, W>) -> Result<(), Refusal> {
    for record in all(gate, Query::all(Table::Budgets)).await? {
        let leased = domain::Amounts::<u64>::each(|each| {
            let [.., leased] = crate::table::budget_columns(each);
            record.count(leased)
        });
        let Some(scope) = crate::journey::scope_of(&record.key) else { continue };
        if leased == domain::Amounts::ZERO {
            continue;
        }
        // Only what is still reserved can go back.
        let reserved = budget_of(scope, &record).reserved;
        let amounts = domain::Amounts::<u64>::each(|each| leased.of(each).min(reserved.of(each)));
        let event =
            Event::SliceReturned { reservation: Reservation { scopes: vec![scope], amounts } };
        gate.commit_one((None, event), Vec::new()).await?;
    }
    Ok(())
}

/// Puts an open call back among the open ones, so that an identical call joins it.
async fn restore<J: Journal, W: World>(
    gate: &Gate<J, W>,
    record: &Record,
    news: News,
) -> Result<Option<CallId>, Refusal> {
    let Some((call, place)) = place_of(gate, record).await? else { return Ok(None) };
    gate.live.restore(call, place, news);
    Ok(Some(call))
}

/// What an identical call shares with a recorded one.
async fn place_of<J: Journal, W: World>(
    gate: &Gate<J, W>,
    record: &Record,
) -> Result<Option<(CallId, Place)>, Refusal> {
    let Ok(call) = record.key.parse::<CallId>() else { return Ok(None) };
    let Ok(grant) = record.text("grant_id").parse() else { return Ok(None) };
    let identity = match record.text("ledger").parse() {
        Ok(ledger) => Some(ledger),
        // Nothing joins an undo.
        Err(_) if !record.text("undoes").is_empty() => None,
        Err(_) => {
            let facts = gate.journal.payload(call, PayloadKind::Facts).await?;
            let facts = facts.and_then(|bytes| payload::read_facts(&bytes).ok());
            let proposal = gate.journal.payload(call, PayloadKind::Proposal).await?;
            let proposal = proposal.and_then(|bytes| payload::read_proposal(&bytes).ok());
            let beside = proposal.as_ref().map(Beside::of).unwrap_or_default();
            facts.and_then(|facts| crate::journey::identity_of(gate, grant, (&facts, beside)))
        }
    };
    let Ok(arguments) = record.text("ledger_arguments").parse() else { return Ok(None) };
    Ok(Some((call, Place { grant, identity, arguments })))
}

async fn recover_one<J: Journal, W: World>(
    gate: &Gate<J, W>,
    record: &Record,
    report: &mut RecoveryReport,
) -> Result<(), Refusal> {
    let Ok(call) = record.key.parse::<CallId>() else { return Ok(()) };
    let (executed, reason, effects) = outcome(look(gate, call, record).await?);
    let reason = gate.masker.mask_text(&reason).into_owned();
    let lost = "the process ended before the outcome was recorded".to_owned();
    let mut entries =
        vec![about(gate, record, call, Event::CallLost { reason: lost, answer: None })];
    if executed != Executed::Unknown {
        let settled = Event::CallResolved {
            executed,
            by: "recovery".to_owned(),
            reason: reason.clone(),
            spent: spent_after(record, executed),
            reservation: reservation_of(record),
            undo: undo_after(record, executed),
        };
        entries.push(about(gate, record, call, settled));
        entries.extend(undone_after(gate, record, (call, executed)));
    }
    let effects = effects.iter().map(|effect| gate.masked_effect(effect)).collect();
    let found = Found { call, executed, reason: &reason, effects };
    let commit = Commit {
        guards: vec![state_is(Table::Calls, record.key.clone(), CallState::Admitted.word())],
        entries,
        payloads: found.answer(record).into_iter().collect(),
        sources: Vec::new(),
        urgency: Urgency::Outcome,
    };
    gate.journal.commit(commit).await?;
    match executed {
        Executed::No => report.reverted.push(call),
        Executed::Yes | Executed::Partly => {
            report.finished.push(call);
            // Nobody was told: an identical call is the retry of this one, and gets its answer.
            restore(gate, record, News::Answered).await?;
        }
        Executed::Unknown => report.in_doubt.extend(restore(gate, record, News::InDoubt).await?),
    }
    Ok(())
}

fn outcome(found: Recovered) -> (Executed, String, Vec<Effect>) {
    match found {
        Recovered::Happened(reply) => {
            (Executed::Yes, "found done at start-up".to_owned(), reply.effects)
        }
        Recovered::DidNotHappen { reason } => (Executed::No, reason, Vec::new()),
        Recovered::Partly { reason, effects } => (Executed::Partly, reason, effects),
        Recovered::Unknown { reason } => (Executed::Unknown, reason, Vec::new()),
    }
}

/// What a found call is charged. Its cost died with the process, so the most it may have cost counts (P6).
fn spent_after(record: &Record, executed: Executed) -> Spent {
    let money = match executed {
        Executed::No => Money::ZERO,
        Executed::Yes | Executed::Partly | Executed::Unknown => {
            Money::from_micros(reservation_of(record).amounts.money_micros)
        }
    };
    Spent { money, calls: 1, ..Spent::default() }
}

fn undo_after(record: &Record, executed: Executed) -> Option<UndoState> {
    record.integer("undo_until_ms").map(|_| match executed {
        Executed::No => UndoState::Released,
        Executed::Yes | Executed::Partly | Executed::Unknown => UndoState::Armed,
    })
}

fn undone_after<J: Journal, W: World>(
    gate: &Gate<J, W>,
    record: &Record,
    (call, executed): (CallId, Executed),
) -> Option<Entry> {
    let of = record.text("undoes").parse().ok()?;
    let to = match executed {
        Executed::Yes => UndoState::Undone,
        Executed::No => UndoState::Armed,
        Executed::Partly | Executed::Unknown => UndoState::Partial,
    };
    Some(about(
        gate,
        record,
        call,
        Event::UndoMoved { of, to, reason: Some("found at start-up".to_owned()) },
    ))
}

fn about<J: Journal, W: World>(
    gate: &Gate<J, W>,
    record: &Record,
    call: CallId,
    event: Event,
) -> Entry {
    Entry {
        at: gate.world.now(),
        tenant: record.text("tenant").parse().ok(),
        run: record.text("run").parse().ok(),
        call: Some(call),
        event,
    }
}

/// Lets the tool look. Whatever is missing makes the answer unknown, never a guess.
async fn look<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: CallId,
    record: &Record,
) -> Result<Recovered, Refusal> {
    let unknown = |reason: &str| Ok(Recovered::Unknown { reason: reason.to_owned() });
    let Ok(name) = record.text("tool").parse() else {
        return unknown("the tool's name cannot be read");
    };
    let Some(tool) = gate.tool(&name) else { return unknown("nothing reaches the tool") };
    let Some(facts) = gate.journal.payload(call, PayloadKind::Facts).await? else {
        return unknown("the facts are no longer kept");
    };
    let Ok(facts) = payload::read_facts(&facts) else { return unknown("the facts cannot be read") };
    let plan = match gate.journal.payload(call, PayloadKind::Plan).await? {
        Some(bytes) => match payload::read_plan(&bytes) {
            Ok(plan) => Some(plan),
            Err(_) => return unknown("the plan cannot be read"),
        },
        None => None,
    };
    let Ok(run) = record.text("run").parse() else { return unknown("the run cannot be read") };
    let invocation = Invocation {
        tool: name,
        arguments: facts.arguments,
        tenant: facts.chain.tenant,
        space: facts.space,
        agent: facts.chain.agent.name,
        run,
        call,
        basis: None,
        scopes: Vec::new(),
        command: None,
        upstream: None,
        input: None,
        over: Vec::new(),
    };
    let looked = tool.recover(Unfinished { invocation, plan });
    tokio::select! {
        biased;
        found = looked => Ok(found),
        () = gate.world.sleep(limits::TOOL_TIMEOUT_MAX) => unknown("the tool did not answer"),
    }
}
