//! What came back, checked: schema and rules of the output, real effects against expected ones, cost.
//!
//! In: the raw outcome. Out: status, effects and cost as they will be recorded. Nothing is written here.

use std::time::Duration;

use domain::{
    Code, Digest, Effect, EffectClass, Executed, Money, Observation, Resource, Spent, Status,
    UndoState,
};
use serde_json::Value;

use super::admit::Kept;
use super::dispatch::Outcome;
use super::{Call, failure, outside, plan};
use crate::gate::Gate;
use crate::port::{Journal, Reply, ToolError, ToolErrorKind, World};
use crate::refusal::Refusal;
use crate::watch::Audience;

/// A looked-at outcome, ready to be settled.
#[derive(Debug)]
pub(super) enum Observed {
    /// A stop was faster.
    NotSent(Refusal),
    /// The tool's call ended, and we know how.
    Known(Box<Known>),
    /// Nobody knows whether a changing call happened.
    Lost(Box<Lost>),
}

#[derive(Debug)]
pub(super) struct Known {
    pub(super) status: Status,
    pub(super) executed: Executed,
    pub(super) output: Option<Value>,
    pub(super) failure: Option<Refusal>,
    pub(super) effects: Vec<Effect>,
    pub(super) spent: Spent,
    pub(super) warnings: Vec<String>,
    pub(super) undo: Option<UndoState>,
    /// Whether the run is paused with it.
    pub(super) pause: Option<String>,
    /// The ledger key that the same call may use again.
    pub(super) freed: Option<Digest>,
}

/// What is told of a call in doubt.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) refusal: Refusal,
    /// What the tool said instead of a result.
    pub(super) said: Option<Value>,
    pub(super) warnings: Vec<String>,
}

pub(super) fn observe<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    kept: &Kept,
    outcome: Outcome,
) -> Observed {
    // What nobody confirmed to change nothing may have.
    let changes = !call.is_confirmed_pure();
    let outcome = match outcome {
        Outcome::Answered(Err(error), took) => {
            Outcome::Answered(Err(settled_by_contract(call, error)), took)
        }
        other @ (Outcome::NotSent(_) | Outcome::Answered(Ok(_), _) | Outcome::Silent(_)) => other,
    };
    match outcome {
        Outcome::NotSent(stop) => {
            let message = format!("{} is stopped ({}): {}", stop.scope, stop.level, stop.reason);
            Observed::NotSent(Refusal::new(
                Code::Stopped,
                message,
                "wait until an operator lifts the stop",
            ))
        }
        Outcome::Silent(after) if changes => lost(silent(after), None, Vec::new()),
        Outcome::Silent(after) => failed(gate, call, kept, (timed_out(after), after)),
        Outcome::Answered(Ok(reply), took) => answered(gate, call, kept, (reply, took)),
        Outcome::Answered(Err(error), _)
            if error.kind == ToolErrorKind::Stopped && error.executed == Executed::No =>
        {
            Observed::NotSent(Refusal::new(
                Code::Stopped,
                error.message,
                "wait until an operator lifts the stop",
            ))
        }
        Outcome::Answered(Err(error), _) if error.executed == Executed::Unknown && changes => {
            let warnings = undeclared(call, &error).into_iter().collect();
            let refusal = in_doubt(&error);
            lost(refusal, said(gate, call, error).1, warnings)
        }
        Outcome::Answered(Err(error), took) => failed(gate, call, kept, (error, took)),
    }
}

fn lost(refusal: Refusal, said: Option<Value>, warnings: Vec<String>) -> Observed {
    Observed::Lost(Box::new(Lost { refusal, said, warnings }))
}

fn silent(after: Duration) -> Refusal {
    let after = after.as_millis();
    Refusal::new(
        Code::InDoubt,
        format!("the tool did not answer within {after} ms; it may have happened"),
        "do not repeat it; look at the resource, or ask an operator to settle it with `checkrein calls resolve`",
    )
}

fn in_doubt(error: &ToolError) -> Refusal {
    let said = outside::message(&error.message);
    let message = match error.own_code {
        Some(_) => format!("the tool answered with an error; the act may have happened: {said}"),
        None => said.into_owned(),
    };
    Refusal::new(Code::InDoubt, message, "do not repeat it; ask an operator to settle it")
}

fn timed_out(after: Duration) -> ToolError {
    ToolError {
        kind: ToolErrorKind::TimedOut,
        executed: Executed::No,
        message: format!("the tool did not answer within {} ms", after.as_millis()),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn answered<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    kept: &Kept,
    (reply, took): (Reply, Duration),
) -> Observed {
    let contract = &call.compiled.contract;
    let Reply { output, mut effects, cost, read_bytes, warnings: said } = reply;
    let mut warnings = kept.warnings.clone();
    warnings.extend(outside::warnings(said));
    // A plan without changes is a command that changed nothing.
    let nothing = kept.plan.as_ref().is_some_and(|plan| plan.changes.is_empty());
    if effects.is_empty() && contract.effect_class.changes() && !nothing {
        effects.push(unobserved(call));
    }
    Effect::compare(&mut effects, &call.proposal.expected_effects);
    warnings.extend(undeclared_effects(call, kept, &effects));
    let checked = call.compiled.check_output(&output, &call.resolved.arguments);
    let (output, masked) = gate.masker.mask_value(&output);
    if masked {
        warnings.push("secrets in the output were masked".to_owned());
    }
    let spent = Spent { money: cost, tokens: 0, calls: 1, read_bytes, wall_ms: millis(took) };
    let mut known = Known {
        status: Status::Succeeded,
        executed: Executed::Yes,
        output: Some(output),
        failure: None,
        effects,
        spent,
        warnings,
        undo: kept.undo_until.map(|_| UndoState::Armed),
        pause: None,
        freed: None,
    };
    if let Err(error) = checked {
        known.status = Status::Failed;
        known.output = None;
        let message = format!("EXECUTED, answer withheld, do not repeat: {error}");
        let fix = "ask the operator of the tool to correct it, or the contract's output schema";
        known.failure = Some(Refusal::new(Code::AnswerWithheld, message, fix));
    }
    over_cost(call, &mut known, cost);
    Observed::Known(Box::new(known))
}

/// Names what the proposal did not declare: as the plan has it, or as it was observed where there was none.
fn undeclared_effects(call: &Call, kept: &Kept, effects: &[Effect]) -> Vec<String> {
    let planned = kept.plan.as_ref();
    let mut warnings =
        planned.map(|plan| plan::warnings(call, plan, Audience::Everybody)).unwrap_or_default();
    // What a plan names is not named twice; it knows nothing of the network.
    let beside =
        |effect: &&Effect| planned.is_none() || !effect.resource.as_str().starts_with("workspace:");
    let unintended = effects.iter().filter(|effect| effect.observation == Observation::Unintended);
    let unintended = unintended.filter(beside);
    let named = unintended.map(|effect| (effect.resource.as_str().to_owned(), effect.kind));
    let names = plan::names(named);
    warnings.extend(names.map(|names| format!("{}: {names}", plan::NOT_DECLARED)));
    warnings
}

/// A tool that costs more than its declared maximum stops the run (P6).
fn over_cost(call: &Call, known: &mut Known, cost: Money) {
    let most = call.compiled.contract.cost_max;
    if cost <= most {
        return;
    }
    let message =
        format!("`{}` cost {cost}, more than its declared maximum of {most}", call.compiled.name());
    known.pause = Some(message.clone());
    known.status = Status::Failed;
    known.failure = Some(Refusal::new(
        Code::CostExceeded,
        message,
        "an operator looks at it and resumes the run",
    ));
}

/// What the tool says it did and nobody looked at.
fn unobserved(call: &Call) -> Effect {
    Effect {
        kind: domain::EffectKind::Other,
        resource: Resource::new(call.resolved.resource.as_str()),
        before: None,
        after: None,
        observation: Observation::Unobserved,
    }
}

fn failed<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    kept: &Kept,
    (error, took): (ToolError, Duration),
) -> Observed {
    let (mut error, said) = said(gate, call, error);
    Effect::compare(&mut error.effects, &call.proposal.expected_effects);
    let mut warnings = kept.warnings.clone();
    warnings.extend(undeclared(call, &error));
    let (status, code, fix) = match error.executed {
        Executed::Partly => (
            Status::Partial,
            Code::ToolFailedPartly,
            "see the effects; undo the part that happened",
        ),
        Executed::Yes | Executed::Unknown => {
            (Status::Failed, Code::AnswerWithheld, "do not repeat it")
        }
        Executed::No => {
            let (code, fix) = failure::of_attempt(call, &error);
            (Status::Failed, code, fix)
        }
    };
    let happened = match error.executed {
        Executed::No => Some(UndoState::Released),
        Executed::Yes | Executed::Partly | Executed::Unknown => Some(UndoState::Armed),
    };
    Observed::Known(Box::new(Known {
        status,
        executed: error.executed,
        output: said,
        failure: Some(Refusal::new(code, outside::message(&error.message), fix)),
        effects: error.effects,
        spent: Spent {
            money: Money::ZERO,
            tokens: 0,
            calls: 1,
            read_bytes: 0,
            wall_ms: millis(took),
        },
        warnings,
        undo: kept.undo_until.and(happened),
        pause: None,
        freed: call.digests.ledger.filter(|_| waits(code, error.executed)),
    }))
}

/// Whether the same call is expected again, with answers or after somebody decided: its key must not stand for this.
const fn waits(code: Code, executed: Executed) -> bool {
    matches!(executed, Executed::No)
        && matches!(code, Code::InputRequired | Code::ToolDrifted | Code::ServerUnconfirmed)
}

/// What a tool said instead of a result, masked: its questions, or its own error. Of what is too large nothing is told;
/// a tool that asks without questions has failed.
fn said<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    mut error: ToolError,
) -> (ToolError, Option<Value>) {
    let most = call.compiled.contract.output_bytes_max;
    let said = error.asks.take().filter(|said| contract::canonical(said).len() <= most);
    if error.kind == ToolErrorKind::InputRequired && said.is_none() {
        error.kind = ToolErrorKind::Failed;
        error.message = format!("the tool asks, but not with questions of at most {most} bytes");
    }
    (error, said.map(|said| gate.masker.mask_value(&said).0))
}

/// An error that the contract does not declare is flagged: the tool is not what its author said.
fn undeclared(call: &Call, error: &ToolError) -> Option<String> {
    let code = error.own_code.as_ref()?;
    let declared = call.compiled.contract.errors.iter().any(|case| case.code == *code);
    (!declared)
        .then(|| format!("the tool gave the error `{code}`, which its contract does not declare"))
}

/// What a declared error says of the act, where the tool itself does not know.
fn settled_by_contract(call: &Call, mut error: ToolError) -> ToolError {
    let declared = call
        .compiled
        .contract
        .errors
        .iter()
        .find(|case| Some(&case.code) == error.own_code.as_ref());
    if let (Executed::Unknown, Some(case)) = (error.executed, declared) {
        error.executed = case.executed;
    }
    error
}

/// Whether nothing of a class could have been left behind by a failed attempt.
pub(super) const fn counts_as_failure(status: Status, class: EffectClass) -> bool {
    match (status, class) {
        (Status::Failed | Status::Partial, _) => true,
        (Status::InDoubt, class) => class.changes(),
        (Status::Succeeded | Status::Denied | Status::Held | Status::Stopped, _) => false,
    }
}
