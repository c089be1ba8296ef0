//! How an act could be taken back, written down before it is dispatched.
//!
//! In: a call that is about to be admitted, and its plan. Out: until when it can be taken back, the inverse call as far as
//! the arguments tell it, and a warning where the contract promises an undo that could not be made now. Completed from the
//! output in `observe`. A plan is its own undo. Tests: `sim/tests/it/undoing.rs`.

use domain::{EffectClass, Inverse, InverseMeans, Plan, Timestamp, UndoMeans};

use super::{Call, barred};
use crate::gate::Gate;
use crate::port::{Journal, World};

/// What the permit's commit keeps for a later undo.
#[derive(Debug, Clone, Default)]
pub(super) struct Arming {
    pub(super) until: Option<Timestamp>,
    pub(super) inverse: Option<Inverse>,
    pub(super) warning: Option<String>,
}

pub(super) fn arm<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    plan: Option<&Plan>,
) -> Arming {
    let until = |window| Some(gate.world.now().plus(window));
    match &call.compiled.contract.undo {
        UndoMeans::None => Arming::default(),
        UndoMeans::InversePlan { window } => {
            let takes_back = plan.is_some_and(|plan| plan.restorable && !plan.changes.is_empty());
            let until = until(*window).filter(|_| takes_back);
            Arming { until, ..Arming::default() }
        }
        // What took an act back is not taken back in turn: it would be a way around the agent's own limits.
        UndoMeans::Call(_) if call.undoes().is_some() => Arming::default(),
        UndoMeans::Call(means) => match written_down(gate, call, means) {
            Ok(inverse) => {
                Arming { until: until(means.window), inverse: Some(inverse), warning: None }
            }
            Err(why) => {
                let warning = format!("it cannot be undone: {why}");
                Arming { warning: Some(warning), ..Arming::default() }
            }
        },
    }
}

/// The inverse call, if it could be made now.
fn written_down<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    means: &InverseMeans,
) -> Result<Inverse, String> {
    let name = &means.tool;
    let compiled = call.rules.catalogue.get(name);
    let compiled = compiled.ok_or_else(|| format!("its inverse `{name}` has no contract"))?;
    if gate.tool(name).is_none() {
        return Err(format!("nothing reaches its inverse `{name}`"));
    }
    if let Some(refusal) = barred(gate, &call.rules, &compiled.contract) {
        return Err(format!("its inverse `{name}` may not be called: {}", refusal.message));
    }
    if compiled.contract.effect_class == EffectClass::Pure {
        return Err(format!("its inverse `{name}` changes nothing"));
    }
    let inverse = means.written_down(compiled.contract.digest, &call.resolved.arguments);
    if !inverse.is_complete() {
        return Ok(inverse);
    }
    let root = gate.workspace_root(&call.caller.chain.tenant, &call.run.run.space);
    match compiled.resolve(&inverse.arguments(), &call.caller.chain, root) {
        Ok(_) => Ok(inverse),
        Err(error) => Err(format!("`{name}` would not take what its undo gives: {error}")),
    }
}

/// What is told of an act whose inverse is not complete although it happened.
pub(crate) fn untold(inverse: &Inverse) -> Option<String> {
    (!inverse.is_complete()).then(|| {
        let missing: Vec<String> = inverse
            .missing
            .iter()
            .map(|(name, pointer)| format!("`{name}` (output `{pointer}`)"))
            .collect();
        format!(
            "its undo by `{}` needs what the answer did not tell: {}",
            inverse.tool,
            missing.join(", ")
        )
    })
}
