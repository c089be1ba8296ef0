//! Calls that stand on others: a preview over the changes of held calls that nobody applied yet.
//!
//! ```text
//! after: call -> its plan, and those it stands on itself, as long as they wait for people
//! ```
//! In: the call that a proposal names. Out: held plans, the first one first, for the tool to lay under its preview.
//! What stands on something is applied only when that is done, unless it changes nothing (`waits`). Tests:
//! `sim/tests/it/stacking.rs`.

use domain::{CallId, CallState, Code, PayloadKind, Plan, PreviewMeans, UndoState, limits};

use super::{Before, Call};
use crate::commit::Record;
use crate::gate::Gate;
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue::Halt;
use crate::state::live::News;
use crate::table::Table;

/// A call whose changes are not applied yet.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) call: CallId,
    pub(crate) plan: Plan,
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
            Standing::Open => bases.push(Base { call: id, plan: plan(gate, id).await? }),
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
fn can_stand(call: &Call) -> Result<(), Refusal> {
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
    if approved.is_none_or(|plan| !waits(call, Some(plan))) {
        return Ok(());
    }
    let bases: Vec<CallId> = call.over.iter().map(|base| base.call).collect();
    if !gate.live.wait_for(call.id, &bases) {
        // One of them ended just now: the next who waits looks again.
        gate.live.tell(call.id, News::Decided);
    }
    Err(Halt::StillHeld)
}

/// Whether a plan may not be applied yet: it changes something on top of what is not there.
pub(super) fn waits(call: &Call, plan: Option<&Plan>) -> bool {
    !call.over.is_empty() && plan.is_none_or(|plan| !plan.changes.is_empty())
}

/// The last look before a permit; policy holds such a call, unless its space only watches.
pub(super) fn founded(call: &Call, plan: Option<&Plan>) -> Result<(), Halt> {
    if !waits(call, plan) {
        return Ok(());
    }
    let names: Vec<String> = call.over.iter().map(|base| base.call.to_string()).collect();
    Err(Halt::denied(refusal(
        format!("it stands on {}, not done yet", names.join(", ")),
        "propose it again when that is done",
    )))
}
