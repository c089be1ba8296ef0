//! Calls that stand on others: a preview over the changes of held calls that nobody applied yet.
//!
//! ```text
//! after: call -> its plan, and those it stands on itself, as long as they wait for people
//! ```
//! In: the call that a proposal names. Out: held plans, the first one first, for the tool to lay under its preview.
//! What stands on something is applied only when that is done, unless it changes and tells nothing of it (`awaited`). Tests:
//! `sim/tests/it/stacking.rs`.

use domain::{CallId, CallState, Code, PayloadKind, Plan, PreviewMeans, UndoState, limits};

use super::{Before, Call, judge};
use crate::commit::Record;
use crate::gate::Gate;
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue::Halt;
use crate::state::live::News;
use crate::table::Table;
use crate::watch::Audience;

/// A call whose changes are not applied yet.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) call: CallId,
    pub(crate) plan: Plan,
    /// Who may see its changes as long as people are asked.
    pub(crate) audience: Audience,
}

/// How a call stands on which another one stands.
enum Standing {
    /// Its changes are still to come.
    Open,
    /// Its changes are where they belong.
    Done,
}

/// What a call stands on, the first one first.
pub(super) async fn bases<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Vec<Base>, Refusal> {
    let mut next = call.proposal.after;
    if next.is_some() {
        can_stand(call)?;
    }
    let mut bases = Vec::new();
    while let Some(id) = next {
        if bases.len() >= limits::PREVIEW_LAYERS_MAX {
            let most = limits::PREVIEW_LAYERS_MAX;
            let message = format!("{} stands on more than {most} held calls", call.id);
            return Err(refusal(message, "wait until some of them are decided"));
        }
        let record = own(gate, call, id).await?;
        match standing(call, (id, &record))? {
            Standing::Open => {
                let (plan, audience) = (plan(gate, id).await?, audience(gate, call, id).await?);
                bases.push(Base { call: id, plan, audience });
            }
            Standing::Done => {}
        }
        next = match gate.journal.payload(id, PayloadKind::Proposal).await? {
            Some(bytes) => payload::read_proposal(&bytes).map_err(|_| gone(id))?.after,
            // What is that old waits for nobody.
            None => None,
        };
    }
    bases.reverse();
    Ok(bases)
}

/// Only a command runs over changes that are not there yet.
pub(super) fn can_stand(call: &Call) -> Result<(), Refusal> {
    let contract = &call.compiled.contract;
    if contract.command.is_some() && contract.preview == PreviewMeans::Plan {
        return Ok(());
    }
    let message = format!(
        "`{}` cannot stand on another call; `after` is for commands with a preview",
        contract.name
    );
    Err(Refusal::new(Code::InvalidRequest, message, "leave `after` out, or propose a command"))
}

/// A call of the same run and grant.
async fn own<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    id: CallId,
) -> Result<Record, Refusal> {
    let record = gate.journal.read(Table::Calls, &id.to_string()).await?;
    let own = record.filter(|record| {
        record.text("run") == call.run.run.id.to_string()
            && record.text("grant_id") == call.caller.grant.to_string()
    });
    own.ok_or_else(|| Refusal::not_found(format!("{id} in this run")))
}

fn standing(call: &Call, (id, record): (CallId, &Record)) -> Result<Standing, Refusal> {
    let state = record.text("state");
    let undone = UndoState::from_word(record.text("undo")).is_some_and(|undo| match undo {
        UndoState::Armed | UndoState::Released | UndoState::Expired => false,
        UndoState::Due
        | UndoState::Undone
        | UndoState::Partial
        | UndoState::Impossible
        | UndoState::InDoubt => true,
    });
    match CallState::from_word(state) {
        Some(CallState::Held) => Ok(Standing::Open),
        Some(CallState::Succeeded) if !undone => Ok(Standing::Done),
        // Whoever was held waits for its end, which is near.
        Some(CallState::Admitted | CallState::Dispatched | CallState::InDoubt)
            if matches!(call.before, Before::Held(_)) =>
        {
            Ok(Standing::Open)
        }
        Some(CallState::Succeeded) => Err(refusal(
            format!("{id}, on which it stands, was taken back"),
            "propose it again without it",
        )),
        Some(
            CallState::Received
            | CallState::Denied
            | CallState::Queued
            | CallState::Admitted
            | CallState::Dispatched
            | CallState::Failed
            | CallState::Partial
            | CallState::InDoubt
            | CallState::Superseded
            | CallState::Cancelled,
        )
        | None => Err(refusal(
            format!("{id}, on which it stands, is {state}, not held"),
            "look at that call, and propose this one again",
        )),
    }
}

async fn plan<J: Journal, W: World>(gate: &Gate<J, W>, id: CallId) -> Result<Plan, Refusal> {
    let bytes = gate.journal.payload(id, PayloadKind::Plan).await?;
    let plan = bytes.map(|bytes| payload::read_plan(&bytes).map_err(|_| gone(id))).transpose()?;
    plan.ok_or_else(|| {
        refusal(format!("{id} has no plan to stand on"), "wait until it is decided and done")
    })
}

/// Who may see what a held call would change. Where what it was held on cannot be read, its agent may not.
async fn audience<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    id: CallId,
) -> Result<Audience, Refusal> {
    let bytes = gate.journal.payload(id, PayloadKind::Facts).await?;
    let facts = bytes.and_then(|bytes| payload::read_facts(&bytes).ok());
    Ok(facts.map_or(Audience::Operators, |facts| judge::base_audience(&call.rules.policies, facts)))
}

fn gone(id: CallId) -> Refusal {
    refusal(format!("what {id} would do can no longer be read"), "propose both again")
}

fn refusal(message: String, fix: &str) -> Refusal {
    Refusal::new(Code::Conflict, message, fix)
}

/// Ends a journey that cannot go on before the calls that it stands on are done. It is told when one of them ends.
pub(super) fn ready<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    approved: Option<&Plan>,
) -> Result<(), Halt> {
    if let Some(gone) = &call.unfounded {
        return Err(Halt::denied(gone.clone()));
    }
    if approved.is_none_or(|plan| awaited(call, Some(plan)).is_empty()) {
        return Ok(());
    }
    if !gate.live.wait_for(call.id, &awaited(call, approved)) {
        // One of them ended just now: the next who waits looks again.
        gate.live.tell(call.id, News::Decided);
    }
    Err(Halt::StillHeld)
}

/// What must be done before this plan may be applied: everything that it stands on, if it changes something; else what
/// its agent may not see yet, because the answer tells of it.
pub(super) fn awaited(call: &Call, plan: Option<&Plan>) -> Vec<CallId> {
    let changes = plan.is_none_or(|plan| !plan.changes.is_empty());
    let awaited = |base: &&Base| changes || base.audience == Audience::Operators;
    call.over.iter().filter(awaited).map(|base| base.call).collect()
}

/// The last look before a permit; policy holds such a call, unless its space only watches.
pub(super) fn founded(call: &Call, plan: Option<&Plan>) -> Result<(), Halt> {
    let names: Vec<String> = awaited(call, plan).iter().map(ToString::to_string).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(Halt::denied(refusal(
        format!("it stands on {}, not done yet", names.join(", ")),
        "propose it again when that is done",
    )))
}
