//! Was this decided before? An identical open call is joined, a done one is answered again from the ledger.
//!
//! In: a resolved call and the verdict of its first pass. Out: its place among open calls. The ledger
//! remembers keys for good; identical calls without a key are joined only while the first is open.

use domain::{CallId, CallState, Code, Timestamp};

use super::{Authority, Call, judge, resolve};
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::projection::TAKEN;
use crate::refusal::Refusal;
use crate::rescue::{Denial, Halt};
use crate::state::live::{Entered, InWork, Place};
use crate::table::Table;

/// Gives the call its place among open calls, or says which earlier call answers it. A denial of the first pass counts
/// only for what was not already done.
pub(super) async fn recall<'a, J: Journal, W: World>(
    gate: &'a Gate<J, W>,
    call: &Call,
    (first, known): (Result<(), Halt>, Option<CallId>),
) -> Result<InWork<'a>, Halt> {
    match (first, known) {
        (Err(Halt::Denied(denial)), Some(done)) => Err(denied_again(gate, *denial, done).await?),
        (Err(halt), _) => Err(halt),
        (Ok(()), Some(done)) => Err(Halt::Known(done)),
        (Ok(()), None) => enter(gate, call),
    }
}

fn enter<'a, J: Journal, W: World>(gate: &'a Gate<J, W>, call: &Call) -> Result<InWork<'a>, Halt> {
    let place = Place {
        grant: call.caller.grant,
        identity: call.digests.identity,
        arguments: call.digests.ledger_arguments,
    };
    match gate.live.enter(call.id, place) {
        Entered::First(place) => {
            if !call.is_of_the_house() {
                resolve::count(call);
            }
            Ok(place)
        }
        Entered::Joined(open) => Err(Halt::Known(open)),
        Entered::OtherArguments => Err(Halt::denied(key_reused())),
        Entered::Full => Err(Halt::denied(Refusal::new(
            Code::TooManyWaiting,
            "too many calls are in work in this process",
            "try again shortly",
        ))),
    }
}

/// The call that took this call's ledger key, if there is one. Asked before policy, which then has less to do.
pub(super) async fn known<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Option<CallId>, Halt> {
    let Some(ledger) = call.digests.ledger else { return Ok(None) };
    let record =
        gate.journal.read(Table::Ledger, &ledger.to_string()).await.map_err(Refusal::from)?;
    let Some(record) = record.filter(|record| record.text("state") == TAKEN) else {
        return Ok(None);
    };
    if record.text("arguments") != call.digests.ledger_arguments.to_string() {
        return Err(Halt::denied(key_reused()));
    }
    Ok(record.text("call").parse().ok())
}

fn key_reused() -> Refusal {
    Refusal::new(
        Code::KeyReused,
        "this idempotency key was used with other arguments, or over other changes",
        "use a new key for a new act, or the first arguments and `after` to get its answer again",
    )
}

/// A denial of what another call with the same key stands for: told so if that one was done, else joined.
async fn denied_again<J: Journal, W: World>(
    gate: &Gate<J, W>,
    mut denial: Denial,
    done: CallId,
) -> Result<Halt, Halt> {
    let record = gate.journal.read(Table::Calls, &done.to_string()).await.map_err(Refusal::from)?;
    if !record.is_some_and(|record| happened(&record)) {
        return Ok(Halt::Known(done));
    }
    denial.refusal = Refusal::new(
        Code::DoneNowDenied,
        format!(
            "this was already done as {done}; it would be denied now: {}",
            denial.refusal.message
        ),
        format!("`GET /v1/calls/{done}` gives its answer; undo it if it should not stand"),
    );
    Ok(Halt::Denied(Box::new(denial)))
}

/// When an identical call that cannot be restored was done in this run, if no key tells the two apart.
pub(super) async fn done_before<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Option<Timestamp>, Halt> {
    let asks = judge::asks_before_repeat(call.compiled.contract.effect_class);
    // What is taken back twice is the business of the undo's own life.
    if !asks || call.digests.ledger.is_some() || call.undoes().is_some() {
        return Ok(None);
    }
    // The same act over other changes, or with other answers to the tool's questions, is the same act: the ledger's
    // digest would tell them apart.
    let query = Query::all(Table::Calls)
        .with("run", call.run.run.id.to_string())
        .with("arguments", call.digests.arguments.to_string());
    let earlier = gate.journal.select(query).await.map_err(Refusal::from)?;
    let same =
        |record: &&Record| record.text("tool") == call.compiled.name().as_str() && happened(record);
    Ok(earlier
        .iter()
        .filter(same)
        .map(|record| Timestamp::from_millis(record.count("updated_ms")))
        .max())
}

/// The call in doubt on which a change of an agent builds: one of this run on the same resource, or the one it names.
pub(super) fn in_doubt_before<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Option<CallId> {
    let Authority::Agent = call.authority else { return None };
    if !call.compiled.contract.effect_class.changes() {
        return None;
    }
    let resource = gate.masked_resource(call);
    gate.doubts.before((call.run.run.id, &resource), call.proposal.after)
}

fn happened(record: &Record) -> bool {
    match CallState::from_word(record.text("state")) {
        Some(CallState::Succeeded | CallState::Partial) => true,
        Some(CallState::Failed) => record.text("executed") != "no",
        Some(
            CallState::Received
            | CallState::Denied
            | CallState::Held
            | CallState::Queued
            | CallState::Admitted
            | CallState::Dispatched
            | CallState::InDoubt
            | CallState::Superseded
            | CallState::Cancelled,
        )
        | None => false,
    }
}
