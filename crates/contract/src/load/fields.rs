//! Names of fields and tools before anything is understood, and what is said of unknown fields.
//!
//! Works on text and messages alone, so that a file that cannot be understood still gets a helpful error.

use toml::de::DeTable;

use super::findings::entry;
use crate::suggest;

/// Fields that a later version may know. Today nothing enforces them, so a file that relies on one must not load.
const NOT_ENFORCED: &[&str] = &[
    "approval",
    "attempts",
    "cache",
    "circuit_breaker",
    "compensation",
    "concurrency",
    "concurrency_max",
    "credentials",
    "delay",
    "dry_run",
    "fallback",
    "fields",
    "hedge",
    "network",
    "postconditions",
    "preconditions",
    "priority",
    "quorum",
    "quota",
    "retention",
    "retries",
    "sandbox",
    "schedule",
    "stages",
    "streaming",
    "tokens_max",
    "transaction",
    "webhook",
];

/// Names of the tools in a file as far as it can be read.
pub(super) fn names(text: &str) -> Vec<String> {
    let (table, _) = DeTable::parse_recoverable(text);
    let tools = entry(table.get_ref(), "tool").and_then(|(_, tools)| tools.get_ref().as_array());
    let tables = tools.into_iter().flatten().filter_map(|tool| tool.get_ref().as_table());
    tables
        .filter_map(|table| {
            entry(table, "name").and_then(|(_, name)| name.get_ref().as_str().map(str::to_owned))
        })
        .collect()
}

/// What a reader's message says, in our words: what is wrong, and the fix.
pub(super) fn explain(message: &str) -> (String, String) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let list = |words: &[&str]| {
        words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    };
    match (message, quoted.as_slice()) {
        (text, [given, known @ ..]) if text.starts_with("unknown field") => unknown(given, known),
        (text, [given, known @ ..]) if text.starts_with("unknown variant") => {
            let near = suggest::hint(given, known.iter().copied());
            (format!("`{given}` is not known here{near}"), format!("write one of {}", list(known)))
        }
        (text, [field, ..]) if text.starts_with("missing field") => (
            format!("`{field}` is missing"),
            format!("add `{field}`; `checkrein contracts new` shows every field"),
        ),
        _ => (plain(message), "see `docs/guides/contracts.md`".to_owned()),
    }
}

fn unknown(given: &str, known: &[&str]) -> (String, String) {
    if NOT_ENFORCED.contains(&given) {
        let what = format!("`{given}` is not enforced yet, so a contract must not rely on it");
        return (what, "remove the field".to_owned());
    }
    let what = format!("unknown field `{given}`");
    match suggest::closest(given, known.iter().copied()) {
        Some(near) => (what, format!("did you mean `{near}`?")),
        None => {
            let known = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>();
            (what, format!("known here are {}", known.join(", ")))
        }
    }
}

/// A reader's message without the names of Rust types.
fn plain(message: &str) -> String {
    let message = crate::visible::line(message).into_owned();
    let Some((before, wanted)) = message.rsplit_once("expected ") else { return message };
    let wanted = match wanted {
        "u32" | "u64" => "a whole number of 0 or more",
        "a map" => "a table",
        "a sequence" => "a list",
        structure if structure.starts_with("struct ") => "a table",
        other => other,
    };
    format!("{before}expected {wanted}")
}
