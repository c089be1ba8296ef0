//! What the schema says, in words for the one who called.
//!
//! In: a value that the schema refuses. Out: problems with pointer, what was given and what would be right.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::pointer;
use crate::problem::{PROBLEMS_MAX, Problem, ProblemKind};
use crate::suggest;
use crate::visible::short;

/// Everything that the schema refuses in a value, at most [`PROBLEMS_MAX`]. `secret` tells which pointers must
/// not be quoted.
pub(crate) fn explain(
    validator: &Validator,
    schema: &Value,
    value: &Value,
    secret: &dyn Fn(&str) -> bool,
) -> Vec<Problem> {
    let errors = validator.iter_errors(value);
    errors.flat_map(|error| problems(&error, schema, secret)).take(PROBLEMS_MAX).collect()
}

/// As [`explain`], for a schema that nobody has the time to explain: what is missing and unknown at the top.
pub(crate) fn briefly(schema: &Value, value: &Value) -> Vec<Problem> {
    let Value::Object(given) = value else {
        return vec![Problem::new(
            ProblemKind::Schema,
            "",
            format!("expected object, got {}", shown(value)),
        )];
    };
    let named = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let missing = required.filter_map(Value::as_str).filter(|name| !given.contains_key(*name));
    let mut problems: Vec<Problem> = missing
        .map(|name| {
            let wanted = named.and_then(|named| named.get(name));
            let text = format!("missing argument `{}`{}", short(name), expected(wanted));
            Problem::new(ProblemKind::Missing, &pointer::join("", name), text)
        })
        .take(PROBLEMS_MAX)
        .collect();
    if problems.is_empty() {
        let text = "the schema does not admit this; it refers to itself, so what is wrong is not said in detail";
        problems.push(Problem::new(ProblemKind::Schema, "", text));
    }
    problems
}

fn problems(
    error: &ValidationError<'_>,
    schema: &Value,
    secret: &dyn Fn(&str) -> bool,
) -> Vec<Problem> {
    let at = error.instance_path().to_string();
    let parent = error.schema_path().to_string();
    let parent = parent.rsplit_once('/').map_or("", |(parent, _)| parent);
    let around = schema.pointer(parent);
    let one = |kind, text: String| vec![Problem::new(kind, &at, text)];
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum is not ours and its own text is good for the rest"
    )]
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| unknown(name, &at, around)).collect()
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let pointer = pointer::join(&at, name);
            let wanted = around.and_then(|around| around.get("properties")?.get(name));
            let text = format!("missing argument `{}`{}", short(name), expected(wanted));
            vec![Problem::new(ProblemKind::Missing, &pointer, text)]
        }
        ValidationErrorKind::Type { kind } => {
            let given = if secret(&at) { "another type".into() } else { shown(error.instance()) };
            one(ProblemKind::Schema, format!("expected {}, got {given}", types(kind)))
        }
        ValidationErrorKind::Enum { options } if !secret(&at) => {
            one(ProblemKind::Schema, choice(error.instance(), options))
        }
        ValidationErrorKind::FalseSchema => {
            one(ProblemKind::Unknown, "nothing is allowed here".to_owned())
        }
        ValidationErrorKind::Pattern { pattern } => {
            let given = if secret(&at) { "the secret".into() } else { shown(error.instance()) };
            one(ProblemKind::Schema, format!("{given} does not match `{}`", short(pattern)))
        }
        _ => {
            let masked = error.masked_with("the value").to_string();
            let cut: String = crate::visible::line(&masked).chars().take(300).collect();
            one(ProblemKind::Schema, cut.replace('"', "`"))
        }
    }
}

fn unknown(name: &str, at: &str, around: Option<&Value>) -> Problem {
    let known = around.and_then(|around| around.get("properties")?.as_object());
    let names: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let near = suggest::hint(name, names.iter().copied());
    let list = match (near.is_empty(), names.is_empty()) {
        (false, _) => near,
        (true, true) => "; none is expected here".to_owned(),
        (true, false) => format!("; expected {}", quoted(names.iter().copied())),
    };
    let text = format!("unknown argument `{}`{list}", short(name));
    Problem::new(ProblemKind::Unknown, &pointer::join(at, name), text)
}

fn expected(wanted: Option<&Value>) -> String {
    let Some(wanted) = wanted else { return String::new() };
    let kind = match wanted.get("type") {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => {
            words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        Some(_) | None => return String::new(),
    };
    let about = wanted.get("description").and_then(Value::as_str);
    match about {
        Some(about) => format!(", expected {kind}: {}", crate::visible::line(about)),
        None => format!(", expected {kind}"),
    }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(set) => {
            set.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn choice(given: &Value, options: &Value) -> String {
    let texts: Vec<&str> =
        options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let near = given.as_str().map(|given| suggest::hint(given, texts.iter().copied()));
    let all: Vec<String> = options.as_array().into_iter().flatten().take(20).map(shown).collect();
    format!("{} is not one of {}{}", shown(given), all.join(", "), near.unwrap_or_default())
}

/// A value in backticks for a message: text as it is, anything else as JSON, both cut.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => format!("boolean `{flag}`"),
        Value::Number(number) => format!("number `{number}`"),
        Value::String(text) => format!("`{}`", short(text)),
        Value::Array(items) => format!("an array of {} items", items.len()),
        Value::Object(fields) => format!("an object of {} fields", fields.len()),
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.take(20).map(|name| format!("`{}`", short(name))).collect::<Vec<_>>().join(", ")
}
