//! Another tool in the place of one that failed: a call of its own, with its own contract, judgement, approvals and budget.
//!
//! In: a call that failed, whose contract names a tool for that. Out: the new call, or none, and a warning why none.
//! Only a call that certainly did not happen, and that is not tried again by itself, has one: else both might happen. The
//! new call walks the journey like any other. Tests: `sim/tests/it/attempts.rs`.

use domain::{CallId, CallLink, Code, DeadReason, Executed, limits};

use super::admit::Kept;
use super::observe::Known;
use super::resolve::{Ask, build};
use super::{Authority, Before, Call, Instead};
use crate::gate::Gate;
use crate::port::{Journal, World};

/// The call that is made in the place of one that failed.
pub(super) fn instead<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kept, known): (&Kept, &mut Known),
) -> Option<Box<Call>> {
    let other = call.compiled.contract.attempts.failover.as_ref()?;
    let Authority::Agent = call.authority else { return None };
    if !is_due(call, (kept, &*known)) {
        return None;
    }
    let steps = call.instead.map_or(0, |instead| instead.steps) + 1;
    if steps > limits::FAILOVERS_MAX {
        let most = limits::FAILOVERS_MAX;
        known.warnings.push(format!("`{other}` was not called instead: {most} stood in before it"));
        return None;
    }
    let mut proposal = call.proposal.clone();
    proposal.tool = other.to_string();
    // What it stood on and answered was said to the first tool.
    (proposal.after, proposal.input) = (None, None);
    let id = CallId::new(gate.world.fresh());
    let received = gate.world.now();
    let ask = Ask { id, received, authority: Authority::Agent, before: Before::New };
    match build(gate, (call.caller.clone(), call.run.clone()), (proposal, ask)) {
        Ok(mut made) => {
            let why = known.failure.as_ref().map_or("", |failure| failure.message.as_str());
            let first = call.compiled.name();
            made.told = call.told.clone();
            made.told.push(format!(
                "`{other}` stands in for `{first}`, whose call {} failed and did nothing: {why}",
                call.id
            ));
            made.instead = Some(Instead { of: call.id, link: CallLink::FailsOver, steps });
            Some(Box::new(made))
        }
        Err(refusal) => {
            let why = format!("`{other}` was not called instead: {}", refusal.message);
            known.warnings.push(why);
            None
        }
    }
}

/// Whether nothing happened for certain, and nothing more is tried with the first tool.
fn is_due(call: &Call, (kept, known): (&Kept, &Known)) -> bool {
    let failed = known.failure.as_ref().map(|failure| failure.code);
    let lost = matches!(failed, Some(Code::ToolFailed | Code::ToolMissing));
    let enough = match kept.tries.ended {
        Some(DeadReason::UsedUp) => true,
        // A stop came between: nothing is begun in its place.
        Some(DeadReason::Interrupted | DeadReason::InDoubt) => false,
        None => call.compiled.contract.attempts.retry.is_none(),
    };
    known.executed == Executed::No && lost && enough
}
