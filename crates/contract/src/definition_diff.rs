//! How one definition differs from another, for the person who decides whether the tool is still the one that was accepted.
//!
//! In: two definitions. Out: one line for each value that differs, with its JSON pointer; texts word by word. Everything is made
//! visible, so that a change of invisible characters shows. Bounded: what is beyond `limits::DEFINITION_DIFF_LINES_MAX` is counted.
//! Two definitions with different digests always differ in at least one line. Tests: `tests/it/definition_diff.rs`.

mod words;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::canonical::canonical;
use crate::pointer;
use crate::visible;
use domain::limits;

/// Characters of a value that is shown whole.
const VALUE_CHARS: usize = 2_000;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// JSON pointer into the definition; empty for the whole.
    pub pointer: String,
    /// As it was; none if it was not there.
    pub before: Option<String>,
    /// As it is; none if it is not there.
    pub after: Option<String>,
    /// For two texts: kept words, `[-words that went-]` and `{+words that came+}`.
    pub words: Option<String>,
}

impl fmt::Display for DiffLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the whole" } else { self.pointer.as_str() };
        match (&self.words, &self.before, &self.after) {
            (Some(words), _, _) => write!(out, "~ {place}: {words}"),
            (None, Some(before), Some(after)) => write!(out, "~ {place}: {before} -> {after}"),
            (None, Some(before), None) => write!(out, "- {place}: {before}"),
            (None, None, Some(after)) => write!(out, "+ {place}: {after}"),
            (None, None, None) => out.write_str(place),
        }
    }
}

/// How `after` differs from `before`, in the order of `before`, then of what is new.
pub fn lines(before: &Value, after: &Value) -> Vec<DiffLine> {
    let mut found = Found { lines: Vec::new(), more: 0 };
    found.compare(before, after, "");
    let Found { mut lines, more } = found;
    if more > 0 {
        let pointer = format!("{more} more differences are not shown");
        lines.push(DiffLine { pointer, before: None, after: None, words: None });
    }
    lines
}

struct Found {
    lines: Vec<DiffLine>,
    more: usize,
}

impl Found {
    fn add(&mut self, at: &str, before: Option<&Value>, after: Option<&Value>) {
        if self.lines.len() >= limits::DEFINITION_DIFF_LINES_MAX {
            self.more += 1;
            return;
        }
        let words = match (before, after) {
            (Some(Value::String(before)), Some(Value::String(after))) => {
                Some(words::diff(before, after))
            }
            _ => None,
        };
        let pointer = visible::line(at).into_owned();
        self.lines.push(DiffLine {
            pointer,
            before: before.map(shown),
            after: after.map(shown),
            words,
        });
    }

    /// INVARIANT (depth): definitions were read with `limits::JSON_DEPTH_MAX`; what is deeper is compared as a whole.
    fn compare(&mut self, before: &Value, after: &Value, at: &str) {
        let deep = at.bytes().filter(|byte| *byte == b'/').count() > limits::JSON_DEPTH_MAX;
        match (before, after) {
            (Value::Object(one), Value::Object(other)) if !deep => {
                let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
                for key in keys {
                    self.either(one.get(key), other.get(key), &pointer::join(at, key));
                }
            }
            (Value::Array(one), Value::Array(other)) if !deep => self.lists(one, other, at),
            (one, other) if canonical(one) != canonical(other) => {
                self.add(at, Some(one), Some(other))
            }
            _ => {}
        }
    }

    fn either(&mut self, before: Option<&Value>, after: Option<&Value>, at: &str) {
        match (before, after) {
            (Some(before), Some(after)) => self.compare(before, after, at),
            (before, after) => self.add(at, before, after),
        }
    }

    /// Lists of words (`required`, `enum`) as sets, so that one new word is one line; others item by item.
    fn lists(&mut self, before: &[Value], after: &[Value], at: &str) {
        let words = |list: &[Value]| {
            list.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        if let (Some(one), Some(other)) = (words(before), words(after))
            && !same_set(&one, &other)
        {
            for gone in one.iter().filter(|word| !other.contains(word)) {
                self.add(at, Some(&Value::String(gone.clone())), None);
            }
            for came in other.iter().filter(|word| !one.contains(word)) {
                self.add(at, None, Some(&Value::String(came.clone())));
            }
            return;
        }
        for index in 0..before.len().max(after.len()) {
            self.either(
                before.get(index),
                after.get(index),
                &pointer::join(at, &index.to_string()),
            );
        }
    }
}

fn same_set(one: &[String], other: &[String]) -> bool {
    let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
    set(one) == set(other)
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("\"{text}\""),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    };
    let cut: String = text.chars().take(VALUE_CHARS).collect();
    let more = text.chars().count().saturating_sub(VALUE_CHARS);
    let more = if more > 0 { format!(" …[{more} more characters]") } else { String::new() };
    format!("{}{more}", visible::line(&cut))
}
