//! JSON pointers (RFC 6901): making them, walking schemas and values by them.
//!
//! A pattern is a pointer in which `*` as a whole step stands for every item of a list. Argument kinds
//! use patterns; everything else names exactly one value.

use serde_json::Value;

/// A pointer from steps collected while an error travels from the inner value outwards.
pub(crate) fn from_inner_to_outer(steps: &[String]) -> String {
    steps.iter().rev().map(|step| join("", step)).collect()
}

/// One step further down.
pub(crate) fn join(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// The steps of a pointer. `None` if it is no pointer.
pub(crate) fn steps(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let rest = pointer.strip_prefix('/')?;
    Some(rest.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

/// Calls `visit` with every value that the pattern names, and its pointer.
pub(crate) fn each_mut(
    value: &mut Value,
    pattern: &[String],
    visit: &mut dyn FnMut(&mut Value, &str),
) {
    walk(value, pattern, "", visit);
}

fn walk(value: &mut Value, rest: &[String], at: &str, visit: &mut dyn FnMut(&mut Value, &str)) {
    let Some((step, rest)) = rest.split_first() else { return visit(value, at) };
    if let Value::Array(items) = value {
        for (index, item) in items.iter_mut().enumerate() {
            if step == "*" || *step == index.to_string() {
                walk(item, rest, &join(at, &index.to_string()), visit);
            }
        }
    } else if let Value::Object(fields) = value
        && let Some(field) = fields.get_mut(step)
    {
        walk(field, rest, &join(at, step), visit);
    }
}

/// The subschema that stands for a pointer or pattern into values, through local `$ref`s.
pub(crate) fn subschema<'a>(root: &'a Value, pattern: &[String]) -> Option<&'a Value> {
    let mut schema = follow(root, root)?;
    for step in pattern {
        let number = step == "*" || step.bytes().all(|byte| byte.is_ascii_digit());
        let next = match schema.get("properties").and_then(|fields| fields.get(step)) {
            Some(field) => field,
            None if number => schema.get("items")?,
            None => return None,
        };
        schema = follow(root, next)?;
    }
    Some(schema)
}

/// The schema behind local `$ref`s, at most 16 of them in a row.
fn follow<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = schema;
    for _ in 0..16 {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            return Some(schema);
        };
        schema = local(root, reference)?;
    }
    None
}

/// The schema that a local reference (`#`, `#/$defs/x`) names.
pub(crate) fn local<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    if pointer.contains('%') { None } else { root.pointer(pointer) }
}
