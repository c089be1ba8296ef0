//! What is said of a plan: its facts, whether it stays in the contract's scope, and what nobody declared.
//!
//! In: a plan as a tool's preview gave it. Out: facts for a decision, a refusal, or words for people and agents.
//! Nothing here decides.

use contract::visible;
use domain::{
    Change, Code, Consequence, Consequences, EffectKind, Execution, Observation, Plan, PlanFacts,
    Printed, limits,
};

use super::{Authority, Call, TakesBack, stacking};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::watch::Audience;

/// What a decision may know of a call's plan.
pub(super) fn facts(call: &Call, plan: &Plan) -> PlanFacts {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let creations = plan
        .changes
        .iter()
        .filter(|change| change.before.is_none() && change.after.is_some())
        .count();
    let unintended = undeclared(call, plan);
    PlanFacts {
        digest: contract::plan_digest(plan),
        paths: plan.changes.iter().map(|change| change.path.clone()).collect(),
        creations: count(creations),
        overwrites: count(plan.overwrites()),
        deletions: count(plan.deletions()),
        content_bytes: plan.content_bytes(),
        restorable: plan.restorable,
        consequences: contract::consequences_of(plan),
        unintended: count(unintended.len()),
        unintended_consequences: unintended
            .iter()
            .flat_map(|change| contract::consequences_of_change(change))
            .collect(),
        exit_code: plan.execution.as_ref().map(|execution| execution.exit_code),
        stands_on: stacking::awaited(call, Some(plan)),
    }
}

/// Changes that the proposal does not cover, though it says what it expects.
fn undeclared<'a>(call: &Call, plan: &'a Plan) -> Vec<&'a Change> {
    let seen = plan.observations(&call.proposal.expected_effects);
    let both = plan.changes.iter().zip(seen);
    both.filter(|(_, seen)| *seen == Observation::Unintended).map(|(change, _)| change).collect()
}

/// Names the changes that nobody declared, and those that are run later, so that nobody has to find them in a diff.
/// Whoever may not see the diff is told how many: a command can name a file after what it read.
pub(super) fn warnings(call: &Call, plan: &Plan, to: Audience) -> Vec<String> {
    let code = |change: &&Change| {
        contract::consequences_of_change(change).contains(&Consequence::CodeExecution)
    };
    let run_later = plan.changes.iter().filter(code).collect();
    let told = |changes: Vec<&Change>| match to {
        Audience::Everybody => {
            names(changes.iter().map(|change| (change.path.clone(), change.kind())))
        }
        Audience::Operators => counted(&changes),
    };
    [(NOT_DECLARED, told(undeclared(call, plan))), (RUN_LATER, told(run_later))]
        .into_iter()
        .filter_map(|(what, told)| told.map(|told| format!("{what}: {told}")))
        .collect()
}

/// How many changes, and what follows from them; none if there is nothing.
fn counted(changes: &[&Change]) -> Option<String> {
    let several = if changes.len() == 1 { "" } else { "s" };
    let consequences: Consequences =
        changes.iter().flat_map(|change| contract::consequences_of_change(change)).collect();
    let words: Vec<&str> = consequences.iter().map(|each| each.word()).collect();
    let follows = match words.is_empty() {
        true => String::new(),
        false => format!(" ({})", words.join(", ")),
    };
    (!changes.is_empty()).then(|| format!("{} change{several}{follows}", changes.len()))
}

/// What begins a warning about changes that the proposal does not cover.
pub(super) const NOT_DECLARED: &str = "not declared by the proposal";
/// What begins a warning about changed hooks, build scripts, editor tasks and the like.
const RUN_LATER: &str = "changes what is run later";

/// A bounded list of names; none if there is nothing.
pub(super) fn names(all: impl Iterator<Item = (String, EffectKind)>) -> Option<String> {
    let mut all = all;
    let first = all.by_ref().take(limits::CHANGES_NAMED_MAX);
    let listed: Vec<String> =
        first.map(|(name, kind)| format!("`{}` ({kind})", shown(&name))).collect();
    let more = match all.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!listed.is_empty()).then(|| format!("{}{more}", listed.join(", ")))
}

/// A path in one line. Of a long one both ends: what stands last says most.
pub(super) fn shown(path: &str) -> String {
    const END: usize = 100;
    let characters: Vec<char> = path.chars().collect();
    let (Some(first), Some(last)) = (characters.get(..END), characters.get(END..)) else {
        return visible::line(path).into_owned();
    };
    if last.len() <= END {
        return visible::line(path).into_owned();
    }
    let tail = last.get(last.len() - END..).unwrap_or(last);
    let both: String = first.iter().chain(&['…']).chain(tail).collect();
    visible::line(&both).into_owned()
}

/// Whether every change lies where the contract lets the tool reach. An undo reaches what the act that it takes back
/// had reached. Whoever may not see the diff is not told the path.
pub(super) fn in_scope(call: &Call, plan: &Plan, to: Audience) -> Result<(), Refusal> {
    if let Authority::Operator { inverse: TakesBack::ByPlan(_), .. } | Authority::Probe =
        call.authority
    {
        return Ok(());
    }
    let scope = &call.compiled.contract.scope;
    let Some(first) = plan.outside(scope).next() else { return Ok(()) };
    let path = shown(first.resource().as_str());
    let what = match (to, plan.outside(scope).count()) {
        (Audience::Everybody, 0 | 1) => format!("`{path}`"),
        (Audience::Everybody, count) => format!("`{path}` and {} more paths", count - 1),
        (Audience::Operators, 0 | 1) => "1 path".to_owned(),
        (Audience::Operators, count) => format!("{count} paths"),
    };
    let allowed: Vec<String> = scope.iter().map(|each| format!("`{each}`")).collect();
    let message = format!(
        "the call would change {what} outside of what `{}` may touch: {}",
        call.compiled.name(),
        allowed.join(", ")
    );
    let fix = format!("`checkrein tools show {}` prints the scope", call.compiled.name());
    Err(Refusal::new(Code::OutOfScope, message, fix))
}

/// The plan with secrets taken out of what its command printed and reached. Its digest stays what it is.
pub(super) fn masked<J: Journal, W: World>(gate: &Gate<J, W>, mut plan: Plan) -> Plan {
    let mask = |text: &mut String| *text = gate.masker.mask_text(text).into_owned();
    if let Some(Execution { stdout, stderr, network, .. }) = &mut plan.execution {
        for Printed { text, .. } in [stdout, stderr] {
            mask(text);
        }
        for contact in network {
            mask(&mut contact.host);
            contact.refused.iter_mut().for_each(mask);
        }
    }
    plan
}
