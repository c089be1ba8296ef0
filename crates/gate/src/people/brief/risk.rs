//! What speaks for care about a call: sentences for people, the gravest first.
//!
//! In: the facts it was decided on, the proposal, the masked arguments. Out: lines. Nothing here decides; what matters
//! to a decision is a matter of policy. What deceives the eye is named here, so that no surface has to find it.

use contract::visible;
use domain::{EffectClass, Facts, Proposal};
use serde_json::Value;

/// Characters from which a value is worth a look of its own.
const LONG_CHARS: usize = 10_000;
/// Values that are named one by one.
const NAMED_MAX: usize = 5;

/// What is said where something was left out for its looks.
pub(super) const GUESSED: &str =
    "parts of it look like a secret and are masked: nobody can see here what they do";

/// The lines about a call; without its facts, one that says so.
pub(super) fn lines(
    facts: Option<&Facts>,
    proposal: Option<&Proposal>,
    arguments: Option<&Value>,
) -> Vec<String> {
    let Some(facts) = facts else {
        return vec!["its facts are no longer kept: nobody can see what it would do".to_owned()];
    };
    let mut lines = Vec::new();
    lines.extend(class(facts.tool.effect_class).map(str::to_owned));
    lines.extend(facts.no_preview.iter().map(|why| {
        format!("nobody can see beforehand what it would change: {}", visible::line(why))
    }));
    lines.extend(of_plan(facts));
    let consequences = consequences(Some(facts));
    if !consequences.is_empty() {
        lines.push(format!("consequences: {}", consequences.join(", ")));
    }
    for label in &facts.labels {
        lines.push(format!("its arguments are labelled `{label}`"));
    }
    if facts.history.failures_in_row > 0 {
        lines.push(format!("{} calls failed in a row before it", facts.history.failures_in_row));
    }
    if let Some(arguments) = arguments {
        let mut found = Vec::new();
        deceptive(arguments, &mut String::new(), &mut found);
        let more = found.len().saturating_sub(NAMED_MAX);
        found.truncate(NAMED_MAX);
        lines.extend(found);
        if more > 0 {
            lines.push(format!("{more} more values like these"));
        }
    }
    let intent = proposal.and_then(|proposal| proposal.intent.as_deref());
    if let Some(found) = intent.and_then(visible::deceptive) {
        lines.push(format!("what the agent says {found}"));
    }
    if intent.is_none() {
        lines.push("the agent does not say what it wants".to_owned());
    }
    lines
}

const fn class(class: EffectClass) -> Option<&'static str> {
    match class {
        EffectClass::Irreversible => Some("it cannot be undone"),
        EffectClass::Unknown => Some("nobody said what it does; it counts as irreversible"),
        EffectClass::Compensable => Some("it cannot be taken back, only made up for"),
        EffectClass::Delayed => Some("it can be taken back only until it takes effect"),
        EffectClass::Restorable | EffectClass::Pure => None,
    }
}

fn of_plan(facts: &Facts) -> Vec<String> {
    let Some(plan) = &facts.plan else { return Vec::new() };
    let mut lines = Vec::new();
    let mut count = |number: u64, one: &str, many: &str| match number {
        0 => {}
        1 => lines.push(format!("1 {one}")),
        number => lines.push(format!("{number} {many}")),
    };
    count(plan.unintended, "change was not declared", "changes were not declared");
    count(plan.deletions, "path goes", "paths go");
    count(plan.overwrites, "path is overwritten", "paths are overwritten");
    if !plan.restorable {
        lines.insert(0, "what it changes cannot be put back".to_owned());
    }
    if !plan.unintended_consequences.is_empty() {
        let words: Vec<&str> =
            plan.unintended_consequences.iter().map(|each| each.word()).collect();
        lines.push(format!("not declared, and follows: {}", words.join(", ")));
    }
    if !plan.stands_on.is_empty() {
        lines.push(format!("it stands on {} calls that are not done", plan.stands_on.len()));
    }
    lines
}

/// Who is hit, by the contract and by what the plan touches.
pub(super) fn consequences(facts: Option<&Facts>) -> Vec<String> {
    let Some(facts) = facts else { return Vec::new() };
    let of_plan = facts.plan.iter().flat_map(|plan| &plan.consequences);
    let all: std::collections::BTreeSet<_> =
        facts.tool.consequences.iter().chain(of_plan).collect();
    all.into_iter().map(|each| each.word().to_owned()).collect()
}

/// Names values whose text is not what it looks like, or is very long.
fn deceptive(value: &Value, at: &mut String, found: &mut Vec<String>) {
    let length = at.len();
    match value {
        Value::String(text) => {
            let place = visible::line(at).into_owned();
            if let Some(what) = visible::deceptive(text) {
                found.push(format!("`{place}` {what}"));
            }
            let chars = text.chars().count();
            if chars >= LONG_CHARS {
                found.push(format!("`{place}` has {chars} characters"));
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                at.push_str(&format!("/{place}"));
                deceptive(item, at, found);
                at.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                at.push_str(&format!("/{key}"));
                if let Some(what) = visible::deceptive(key) {
                    found.push(format!("the name `{}` {what}", visible::line(at)));
                }
                deceptive(field, at, found);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
