//! The outbox: a call that takes effect later waits, after it was allowed, until its contract's time came.
//!
//! In: a judged call. Out: the same call if it may be sent now, else that it waits. It is judged again when it leaves: the
//! outbox only delays what was allowed, it never allows. Waiting holds no budget, and nothing leaves while its scope is
//! stopped or its run paused. Who is sent by the clock: `people/outgoing.rs`. Tests: `sim/tests/it/outbox.rs`.

use domain::{Code, limits};

use super::judge::Judged;
use super::{Authority, Call, admit, preview};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue::{Halt, Queueing};

/// For a call that waits already: whether its time came and nothing stands in its way. Asked before anything is done for it.
pub(super) fn not_yet<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> Result<(), Halt> {
    let Some(leaves) = call.leaves else { return Ok(()) };
    let stopped = gate.stops.forbids_effect(call.target(), call.ordered_by()).is_some();
    if gate.world.now() < leaves || stopped || admit::open_run(call).is_err() {
        return Err(Halt::StillHeld);
    }
    Ok(())
}

/// Lets a judged call go on, or into the outbox.
pub(super) fn waits<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    judged: Judged,
) -> Result<Judged, Halt> {
    let Some(hold) = call.compiled.contract.outbox else { return Ok(judged) };
    if call.leaves.is_some() || matches!(call.authority, Authority::Operator { .. }) {
        return Ok(judged);
    }
    if gate.tool(call.compiled.name()).is_none() {
        return Err(preview::missing(call));
    }
    if let Some(stop) = gate.stops.forbids_effect(call.target(), call.ordered_by()) {
        return Err(Halt::stopped(&stop));
    }
    admit::open_run(call)?;
    let most = usize::try_from(limits::HELD_CALLS_PER_GRANT_MAX).unwrap_or(usize::MAX);
    if gate.live.held_by(call.caller.grant) >= most {
        return Err(Halt::denied(Refusal::new(
            Code::TooManyHeld,
            format!("{most} calls of this grant already wait"),
            "wait until some of them are decided or sent",
        )));
    }
    let Judged { decided, plan: _, using, step: _ } = judged;
    let leaves = gate.world.now().plus(hold);
    Err(Halt::Queued(Box::new(Queueing { decided, using, leaves })))
}
