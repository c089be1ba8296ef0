//! The difference between two requests as data: each argument and each path of the plan that is another one.
//!
//! In: what was kept of both calls, and a mask. Out: places with what stood there and what stands there now, bounded in
//! number and length. Contents of files are told by their digests; the diff of the plan shows them.

use std::collections::BTreeMap;

use domain::{FileState, Node, Plan, limits};
use serde_json::Value;

/// One place where two requests differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `arguments` with a JSON pointer behind it, or `plan` with a path.
    pub path: String,
    /// What stood there before; none where nothing did.
    pub before: Option<String>,
    /// What stands there now; none where nothing does.
    pub after: Option<String>,
}

/// A call's parts that are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) arguments: Option<&'a Value>,
    pub(super) plan: Option<&'a Plan>,
    pub(super) asked: &'a str,
}

/// Where `after` differs from `before`, in the order of the places.
pub(super) fn between(
    before: Side<'_>,
    after: Side<'_>,
    masked: &impl Fn(&str) -> String,
) -> Vec<Difference> {
    let (mut old, mut new) = (places(before), places(after));
    let mut differences = Vec::new();
    for (path, was) in &mut old {
        let is = new.remove(path);
        if is.as_ref() != Some(was) {
            differences.push((path.clone(), Some(std::mem::take(was)), is));
        }
    }
    differences.extend(new.into_iter().map(|(path, is)| (path, None, Some(is))));
    differences.sort();
    differences.truncate(limits::DIFFERENCES_MAX);
    let shown = |text: String| short(&masked(&text));
    let one = |(path, before, after): (String, Option<String>, Option<String>)| Difference {
        path: masked(&path),
        before: before.map(shown),
        after: after.map(shown),
    };
    differences.into_iter().map(one).collect()
}

fn short(text: &str) -> String {
    if text.chars().count() <= limits::DIFFERENCE_CHARS_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limits::DIFFERENCE_CHARS_MAX).collect();
    format!("{cut}… ({} characters)", text.chars().count())
}

fn places(side: Side<'_>) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    if let Some(arguments) = side.arguments {
        leaves(arguments, "arguments".to_owned(), &mut places);
    }
    for change in side.plan.iter().flat_map(|plan| &plan.changes) {
        let states =
            format!("{} -> {}", state(change.before.as_ref()), state(change.after.as_ref()));
        places.insert(format!("plan/{}", change.path), states);
    }
    if let Some(exit) = side.plan.and_then(|plan| plan.execution.as_ref()) {
        places.insert("plan exit code".to_owned(), exit.exit_code.to_string());
    }
    places.insert("asked".to_owned(), side.asked.to_owned());
    places
}

fn leaves(value: &Value, at: String, places: &mut BTreeMap<String, String>) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (place, item) in items.iter().enumerate() {
                leaves(item, format!("{at}/{place}"), places);
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            for (key, field) in fields {
                leaves(
                    field,
                    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    places,
                );
            }
        }
        Value::String(text) => drop(places.insert(at, text.clone())),
        Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
            places.insert(at, value.to_string());
        }
    }
}

fn state(state: Option<&FileState>) -> String {
    let Some(state) = state else { return "nothing".to_owned() };
    match &state.node {
        Node::File { size, digest, .. } => {
            format!("file {:04o}, {size} bytes, {digest}", state.mode)
        }
        Node::Directory => format!("directory {:04o}", state.mode),
        Node::Link { target } => format!("link to {target}"),
    }
}
