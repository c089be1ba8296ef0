//! Schemas in contract files: JSON as text, or written as TOML.
//!
//! In: the field as read. Out: a schema that compiles, or a finding at the line where the text goes wrong.

use serde_json::Value;

use crate::load::findings::InTool;
use crate::schema;
use crate::strict::{self, StrictProblem};
use domain::limits;

/// Who wrote a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// A person, for Checkrein.
    Person,
    /// A server, whose schema the journal recorded; it may be of another dialect.
    Server,
}

impl Author {
    /// Whose schemas a tool has.
    pub(super) fn of<T>(upstream: &Option<T>) -> Self {
        match upstream {
            Some(_) => Self::Server,
            None => Self::Person,
        }
    }
}

/// The schema of a field, if it is one that can be used.
pub(super) fn schema(
    field: &str,
    given: Value,
    (author, at): (Author, &mut InTool<'_, '_>),
) -> Option<Value> {
    let value = if let Value::String(text) = given { from_text(field, &text, at)? } else { given };
    if let Some(pointer) = date(&value) {
        let what = format!("`{field}{pointer}` is a date of TOML, which JSON does not have");
        at.add(&[field], what, "put it in quotes");
        return None;
    }
    let compiled = match author {
        Author::Person => schema::compile(&value),
        Author::Server => schema::compile_any(&value),
    };
    match compiled {
        Ok(_) => Some(value),
        Err(error) => {
            let place = if error.pointer.is_empty() {
                String::new()
            } else {
                format!(" at `{}`", error.pointer)
            };
            let what = format!(
                "`{field}` is not a usable JSON Schema{place}: {}",
                crate::visible::line(&error.what)
            );
            at.add(
                &[field],
                what,
                "write a schema of draft 2020-12 whose references stay inside it",
            );
            None
        }
    }
}

fn from_text(field: &str, text: &str, at: &mut InTool<'_, '_>) -> Option<Value> {
    let error = match strict::parse(text, limits::ARGUMENTS_BYTES_MAX) {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let (line, fix) = match &error.problem {
        StrictProblem::Syntax { line, .. } => {
            (*line, "correct the JSON; the line counts inside the text")
        }
        StrictProblem::TooLarge { .. }
        | StrictProblem::TooDeep
        | StrictProblem::TooManyValues
        | StrictProblem::DuplicateKey(_)
        | StrictProblem::Number { .. }
        | StrictProblem::NotUtf8 { .. } => (1, "correct the JSON"),
    };
    at.add_inside(
        &[field],
        line,
        (format!("`{field}` is not strict JSON: {error}"), fix.to_owned()),
    );
    None
}

/// Where a TOML date stands in a value: the reader hands one on as a table with a private key.
fn date(value: &Value) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(key, field)| {
            if key.starts_with("$__toml") {
                return Some(String::new());
            }
            date(field).map(|inner| format!("/{key}{inner}"))
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| date(item).map(|inner| format!("/{index}{inner}"))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
