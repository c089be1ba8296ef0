//! What the policies said, as a verdict with reasons, requirements and duties.
//!
//! Strength: deny > hold > notify > allow. A policy that could not be evaluated denies, and nothing that
//! permits denies as well. Two rules of the house need no policy: opaque arguments of a changing call are
//! held, and a call that nothing permits is denied.

use std::time::Duration;

use domain::{Duty, DutyKind, Facts, Reason, Requirement, Strength, Tier, Verdict};

use crate::PolicySet;
use crate::annotation::{Kind, OPAQUE_ARGUMENTS};
use crate::rule::Rule;
use crate::set::house;
use crate::tally::Tally;

/// Who decides on what no policy can see.
const HOUSE_GROUP: &str = "group:operators";

/// Tallies of one judgement.
pub(crate) struct Opinion {
    /// Permits and forbids.
    pub(crate) decided: Tally,
    /// Holds, notices and reviews; none where the call is denied anyway.
    pub(crate) asked: Option<Tally>,
    /// Pointers of arguments that no policy can see.
    pub(crate) opaque: Vec<String>,
    /// Whether a permit could still match once there is a plan.
    pub(crate) possible: bool,
}

/// The verdict of the first pass: deny, or allow without duties.
pub(crate) fn early(set: &PolicySet, opinion: Opinion) -> Verdict {
    denial(set, &opinion).unwrap_or_else(|| finished(set, Vec::new(), Vec::new(), Vec::new()))
}

/// The verdict of a judgement by all facts.
pub(crate) fn full(set: &PolicySet, facts: &Facts, opinion: Opinion) -> Verdict {
    if let Some(denied) = denial(set, &opinion) {
        return denied;
    }
    let mut reasons = reasons(set, &opinion.decided.permits, Strength::Allow);
    let mut requirements = Vec::new();
    let mut duties = Vec::new();
    let asked = opinion.asked.unwrap_or_default();
    for rule in asked.forbids.iter().filter_map(|id| set.rule(id)) {
        match &rule.kind {
            Kind::Hold(requirement) => {
                requirements.push(requirement.clone());
                reasons.push(reason(rule, Strength::Hold));
            }
            Kind::Notify { group } => {
                duties.push(duty(rule, (DutyKind::Notice, None), group));
                reasons.push(reason(rule, Strength::Notify));
            }
            Kind::Review { group, within } => {
                duties.push(duty(rule, (DutyKind::Review, Some(*within)), group));
                reasons.push(reason(rule, Strength::Notify));
            }
            Kind::Permit | Kind::Forbid => {}
        }
    }
    if let Some((requirement, why)) = opaque_hold(facts, &opinion.opaque) {
        requirements.push(requirement);
        reasons.push(why);
    }
    finished(set, reasons, requirements, duties)
}

/// Why the call does not run, if so.
fn denial(set: &PolicySet, opinion: &Opinion) -> Option<Verdict> {
    let Opinion { decided, asked, possible, .. } = opinion;
    let mut against = reasons(set, &decided.forbids, Strength::Deny);
    for (id, why) in decided.errors.iter().chain(asked.iter().flat_map(|asked| &asked.errors)) {
        let policy = set.rule(id).map(|rule| rule.place.clone());
        let text = format!("`{id}` could not be evaluated, which denies: {why}");
        against.push(Reason { strength: Strength::Deny, text, policy });
    }
    if against.is_empty() && decided.permits.is_empty() && !possible {
        against.push(house(Strength::Deny, "no policy permits this call"));
    }
    if against.is_empty() {
        return None;
    }
    Some(finished(set, against, Vec::new(), Vec::new()))
}

fn finished(
    set: &PolicySet,
    mut reasons: Vec<Reason>,
    mut requirements: Vec<Requirement>,
    mut duties: Vec<Duty>,
) -> Verdict {
    // Strictest first, then by policy id; reasons of the house come first among equals.
    reasons.sort_by(|one, other| {
        other.strength.cmp(&one.strength).then_with(|| one.policy.cmp(&other.policy))
    });
    requirements.sort_by(|one, other| one.id.cmp(&other.id));
    duties.sort();
    let strength = reasons.first().map_or(Strength::Allow, |reason| reason.strength);
    let reviewed = duties.iter().any(|duty| duty.kind == DutyKind::Review);
    let tier = match strength {
        Strength::Deny | Strength::Hold => Tier::Three,
        Strength::Notify | Strength::Allow if reviewed => Tier::Two,
        Strength::Notify | Strength::Allow => Tier::One,
    };
    Verdict { strength, tier, reasons, requirements, duties, policy: set.version() }
}

fn reasons<'a>(
    set: &PolicySet,
    ids: impl IntoIterator<Item = &'a String>,
    strength: Strength,
) -> Vec<Reason> {
    let rules = ids.into_iter().filter_map(|id| set.rule(id));
    rules.map(|rule| reason(rule, strength)).collect()
}

fn reason(rule: &Rule, strength: Strength) -> Reason {
    Reason { strength, text: rule.text.clone(), policy: Some(rule.place.clone()) }
}

fn duty(rule: &Rule, (kind, within): (DutyKind, Option<Duration>), group: &str) -> Duty {
    Duty { kind, id: rule.id().to_owned(), group: group.to_owned(), within }
}

/// A changing call with something that no policy can see waits for people, with an approval of its own.
fn opaque_hold(facts: &Facts, opaque: &[String]) -> Option<(Requirement, Reason)> {
    let approved = facts.approvals.contains(OPAQUE_ARGUMENTS);
    if opaque.is_empty() || approved || !facts.tool.effect_class.changes() {
        return None;
    }
    let requirement = Requirement::usual(OPAQUE_ARGUMENTS, HOUSE_GROUP);
    let shown: Vec<String> = opaque.iter().take(5).map(|pointer| format!("`{pointer}`")).collect();
    let more = if opaque.len() > 5 { ", …" } else { "" };
    let text = format!("policies cannot see {}{more}, so people are asked", shown.join(", "));
    Some((requirement, house(Strength::Hold, text)))
}
