//! What contracts say of each other: an inverse call must be one that its tool takes.
//!
//! In: all tools of a set that were loaded. Out: for each place, what does not fit. A tool that is not in the set (one of a
//! server) is looked at when a call is armed. Tests: `tests/it/load.rs`.

use serde_json::Value;

use crate::compiled::Compiled;
use crate::suggest;
use domain::{InverseMeans, UndoMeans};

/// What is wrong between tools: the place of the tool that says it, what, and the fix.
pub(super) fn misfits(loaded: &[Compiled]) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    for (place, compiled) in loaded.iter().enumerate() {
        let UndoMeans::Call(means) = &compiled.contract.undo else { continue };
        let other = loaded.iter().find(|other| *other.name() == means.tool);
        found.extend(
            other.and_then(|other| misfit(means, other)).map(|(what, fix)| (place, what, fix)),
        );
    }
    found
}

fn misfit(means: &InverseMeans, other: &Compiled) -> Option<(String, String)> {
    let schema = &other.contract.input;
    let properties = schema.get("properties").and_then(Value::as_object);
    let known: Vec<&str> =
        properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let fix = || format!("`checkrein tools show {}` prints its arguments", other.name());
    if !other.contract.effect_class.changes() {
        return Some((
            format!("the undo calls `{}`, which changes nothing", other.name()),
            "name the tool that counters this one".to_owned(),
        ));
    }
    if let Some(name) = means.arguments.keys().find(|name| !known.contains(&name.as_str())) {
        let near = suggest::hint(name, known.iter().copied());
        let name = crate::visible::short(name);
        return Some((format!("`{}` takes no argument `{name}`{near}", other.name()), fix()));
    }
    let required = schema.get("required").and_then(Value::as_array);
    let bound = |name: &str| other.contract.bound.iter().any(|bound| bound.argument == name);
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    let left_out = required.find(|name| !means.arguments.contains_key(*name) && !bound(name))?;
    let what =
        format!("`{}` needs the argument `{left_out}`, which the undo does not give", other.name());
    Some((what, fix()))
}
