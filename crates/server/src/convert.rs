//! From what travels to domain values: what the form of a request allows and its meaning does not is refused here.
//! In: wire types. Out: domain values or `Refused` with the field's name. Bounds are those of `domain::limits`.

use std::str::FromStr;

use domain::{
    Amounts, Answer, Confidence, EffectKind, Evidence, ExpectedEffect, Groups, Money, Proposal,
    Role, Roles, limits,
};
use serde_json::Value;

use crate::rescue::{Refused, Result};
use crate::wire;

/// A text that has a form of its own, such as a name or an id.
pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(what: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error: T::Err| Refused::invalid(format!("{what}: {error}")))
}

/// A word of a closed list.
pub(crate) fn word<T>(what: &str, text: &str, from_word: fn(&str) -> Option<T>) -> Result<T> {
    let shown = contract::visible::short(text);
    from_word(text)
        .ok_or_else(|| Refused::invalid(format!("{what}: `{shown}` is not one of its words")))
}

/// Some roles, each once or more; at least one.
pub(crate) fn roles(words: &[String]) -> Result<Roles> {
    few("roles", words, Role::ALL.len())?;
    if words.is_empty() {
        return Err(Refused::invalid("roles: expected at least one"));
    }
    words.iter().map(|text| word("roles", text, Role::from_word)).collect()
}

/// Groups of approvers by name; `*` alone for every group.
pub(crate) fn groups(names: &[String]) -> Result<Groups> {
    if let [every] = names
        && every == "*"
    {
        return Ok(Groups::All);
    }
    few("groups", names, limits::GROUPS_MAX)?;
    names.iter().map(|name| parsed("groups", name)).collect::<Result<_>>().map(Groups::Named)
}

/// Groups as they travel.
pub(crate) fn group_names(groups: &Groups) -> Vec<String> {
    match groups.named() {
        None => vec!["*".to_owned()],
        Some(names) => names.iter().map(ToString::to_string).collect(),
    }
}

/// Roles as they travel.
pub(crate) fn role_names(roles: Roles) -> Vec<String> {
    roles.iter().map(|role| role.word().to_owned()).collect()
}

/// A person's reason: something, and not too much of it.
pub(crate) fn reason(text: String) -> Result<String> {
    if text.trim().is_empty() {
        return Err(Refused::invalid("reason: expected a few words"));
    }
    at_most("reason", &text, limits::REASON_CHARS_MAX)?;
    Ok(text)
}

pub(crate) fn at_most(what: &str, text: &str, characters: usize) -> Result<()> {
    if text.chars().count() > characters {
        return Err(Refused::invalid(format!("{what}: more than {characters} characters")));
    }
    Ok(())
}

fn few<T>(what: &str, items: &[T], most: usize) -> Result<()> {
    if items.len() > most {
        return Err(Refused::invalid(format!("{what}: more than {most}")));
    }
    Ok(())
}

pub(crate) fn proposal(given: wire::Proposal) -> Result<Proposal> {
    if !given.arguments.is_object() {
        return Err(Refused::invalid("arguments: expected an object"));
    }
    if let Some(intent) = &given.intent {
        at_most("intent", intent, limits::INTENT_CHARS_MAX)?;
    }
    if let Some(key) = &given.key {
        at_most("key", key, limits::KEY_CHARS_MAX)?;
        if key.is_empty() {
            return Err(Refused::invalid("key: expected at least one character"));
        }
    }
    few("expected_effect", &given.expected_effect, limits::EXPECTED_EFFECTS_MAX)?;
    few("evidence", &given.evidence, limits::EVIDENCE_MAX)?;
    given
        .evidence
        .iter()
        .try_for_each(|text| at_most("evidence", text, limits::REASON_CHARS_MAX))?;
    let expected = given.expected_effect.into_iter().map(expected_effect);
    Ok(Proposal {
        tool: given.tool,
        arguments: given.arguments,
        intent: given.intent,
        expected_effects: expected.collect::<Result<_>>()?,
        confidence: given.confidence.as_ref().map(confidence).transpose()?,
        key: given.key,
        run: given.run.map(|run| parsed("run", &run)).transpose()?,
        evidence: given.evidence.into_iter().map(Evidence).collect(),
        after: given.after.map(|after| parsed("after", &after)).transpose()?,
        input: None,
        detached: given.detached,
    })
}

fn expected_effect(given: wire::ExpectedEffect) -> Result<ExpectedEffect> {
    Ok(ExpectedEffect {
        kind: word("expected_effect.kind", &given.kind, EffectKind::from_word)?,
        resource: parsed("expected_effect.resource", &given.resource)?,
        count_max: given.count_max,
    })
}

/// By its digits as they were sent, never by way of a float's rounding: strict JSON keeps only exact numbers.
fn confidence(given: &Value) -> Result<Confidence> {
    match given {
        Value::String(text) => parsed("confidence", text),
        Value::Number(number) => parsed("confidence", &number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(Refused::invalid("confidence: expected 0 to 1, such as 0.85 or \"0.85\""))
        }
    }
}

pub(crate) fn limits_of(given: &wire::Limits) -> Result<Amounts<Option<u64>>> {
    let money = given.money.as_ref().map(|text| parsed::<Money>("money", text)).transpose()?;
    Ok(Amounts {
        calls: given.calls,
        money_micros: money.map(Money::micros),
        irreversible: given.irreversible,
        read_bytes: given.read_bytes,
        wall_ms: given.wall_ms,
    })
}

pub(crate) fn amounts_of(given: &wire::Limits) -> Result<Amounts> {
    let some = limits_of(given)?;
    Ok(Amounts::<u64>::each(|dimension| some.of(dimension).unwrap_or(0)))
}

/// The envelope as clients read it.
pub(crate) fn answer(answer: &Answer) -> Result<wire::Answer> {
    serde_json::from_value(gate::payload::answer(answer)).map_err(Refused::internal)
}

/// A decision as clients read it.
pub(crate) fn decision(decision: &domain::Decision) -> Result<wire::Decision> {
    serde_json::from_value(gate::payload::decision(decision)).map_err(Refused::internal)
}
