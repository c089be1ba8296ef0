//! Every text of a definition, with its place and what part it plays.
//!
//! Keys are looked at as well: a schema's argument names reach the model like any other text. In words (names, patterns, addresses)
//! links and encoded blocks are usual and are not looked for.

use serde_json::Value;

use super::{Found, addressed, characters, credential, shape};
use crate::pointer;

/// A text of a definition.
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) pointer: &'a str,
    pub(super) role: Role,
}

/// What part a text plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Sentences for a model or a person.
    Prose,
    /// A name, a key, a pattern, an address: where links and long words are usual.
    Word,
}

/// Everything found in one text.
pub(super) fn judge(place: &Place<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = characters::judge(place).into_iter().collect();
    found.extend(credential::judge(place));
    found.extend(addressed::judge(place));
    found.extend(shape::judge(place));
    found
}

/// Calls `visit` with every text and key of a value. Bounded by the value: definitions were read with limits.
pub(super) fn each(value: &Value, visit: &mut dyn FnMut(Place<'_>) -> Vec<Found>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut left = vec![(value, String::new(), Role::Prose)];
    while let Some((value, at, role)) = left.pop() {
        match value {
            Value::String(text) => found.extend(visit(Place { text, pointer: &at, role })),
            Value::Array(items) => left.extend(
                items
                    .iter()
                    .enumerate()
                    .rev()
                    .map(|(index, item)| (item, pointer::join(&at, &index.to_string()), role)),
            ),
            Value::Object(fields) => {
                for (key, field) in fields.iter().rev() {
                    let below = pointer::join(&at, key);
                    left.push((field, below, part(key, field)));
                }
                for key in fields.keys() {
                    let below = pointer::join(&at, key);
                    found.extend(visit(Place { text: key, pointer: &below, role: Role::Word }));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    found
}

/// The part that a field's texts play. Only texts and lists of texts can be words: an argument may be called `pattern` too, and
/// what stands below it is prose.
fn part(key: &str, field: &Value) -> Role {
    let plain = match field {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    let word = matches!(
        key,
        "pattern"
            | "$schema"
            | "$id"
            | "$ref"
            | "format"
            | "contentMediaType"
            | "mimeType"
            | "uri"
            | "src"
            | "name"
            | "enum"
            | "const"
            | "required"
    );
    if plain && word { Role::Word } else { Role::Prose }
}
