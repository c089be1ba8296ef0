//! Answers of the files tools to acts that happened.
//!
//! In: the call, its plan and what was seen to change. Out: the output that `contracts/files.toml` promises, with the
//! effects. What an act did is not asked here again. Tests: `tests/tables.rs`.

use domain::{Effect, Money, Node, Plan};
use gate::{Invocation, Reply};
use serde_json::{Value, json};

use super::arguments::Arguments;

/// The answer to an act that happened.
pub(crate) fn reply(invocation: &Invocation, plan: &Plan, effects: Vec<Effect>) -> Reply {
    Reply {
        output: output(invocation, plan),
        effects,
        cost: Money::ZERO,
        read_bytes: 0,
        warnings: Vec::new(),
    }
}

fn output(invocation: &Invocation, plan: &Plan) -> Value {
    let arguments = &invocation.arguments;
    let path = arguments.get("path");
    let last = plan.changes.last();
    let (size, digest) =
        match last.and_then(|change| change.after.as_ref()).map(|state| &state.node) {
            Some(Node::File { size, digest, .. }) => (*size, digest.to_string()),
            Some(Node::Directory | Node::Link { .. }) | None => (0, String::new()),
        };
    match invocation.tool.as_str() {
        "files.write" => json!({
            "path": path,
            "created": last.is_some_and(|change| change.before.is_none()),
            "size_bytes": size,
            "digest": digest,
        }),
        "files.edit" => {
            let edits = Arguments(arguments).edits().unwrap_or_default();
            let replacements: usize = edits.iter().map(|edit| edit.occurrences).sum();
            json!({ "path": path, "replacements": replacements, "size_bytes": size, "digest": digest })
        }
        "files.move" => {
            let moved = plan.changes.iter().filter(|change| change.moved_from.is_some()).count();
            json!({ "from": arguments.get("from"), "to": arguments.get("to"), "moved": moved })
        }
        "files.delete" => json!({ "path": path, "deleted": plan.changes.len() }),
        _ => {
            let removed = plan.deletions();
            let restored = plan.changes.len().saturating_sub(removed);
            json!({ "call": arguments.get("call"), "restored": restored, "removed": removed })
        }
    }
}
