//! Digests of plans and of the states they rely on.
//!
//! A plan's digest covers what would be done: each change's path and its states before and after (mode, kind, size,
//! digest, target), in order, and how the command ended whose changes they are. It covers neither the diff (derived)
//! nor contents (their digests are covered) nor what the command printed and used, which differs from run to run.

use serde_json::{Value, json};

use crate::canonical::digest_of;
use domain::{Change, Digest, FileState, Node, Plan, PlanDigest, Witness};

/// SHA-256 over the canonical form of a plan's changes; what an approval binds.
pub fn plan_digest(plan: &Plan) -> PlanDigest {
    let changes: Vec<Value> = plan.changes.iter().map(change).collect();
    match &plan.execution {
        None => digest_of(&json!({ "form": "checkrein-plan-1", "changes": changes })),
        Some(execution) => digest_of(&json!({
            "form": "checkrein-plan-2", "changes": changes, "exit_code": execution.exit_code,
        })),
    }
}

/// SHA-256 over the canonical form of one state.
pub fn state_digest(file: &FileState) -> Digest {
    digest_of(&json!({ "form": "checkrein-state-1", "state": state(file) }))
}

/// The states that a plan relies on, in the order of its changes.
pub fn witnesses(plan: &Plan) -> Vec<Witness> {
    let of = |change: &Change| Witness {
        path: change.path.clone(),
        before: change.before.as_ref().map(state_digest),
    };
    plan.changes.iter().map(of).collect()
}

fn change(change: &Change) -> Value {
    json!({
        "path": change.path,
        "before": change.before.as_ref().map(state),
        "after": change.after.as_ref().map(state),
    })
}

fn state(state: &FileState) -> Value {
    match &state.node {
        // The size is text: canonical JSON numbers are doubles.
        Node::File { size, digest, content: _ } => json!({
            "mode": state.mode, "kind": "file", "size": size.to_string(), "digest": digest.to_string(),
        }),
        Node::Directory => json!({ "mode": state.mode, "kind": "directory" }),
        Node::Link { target } => json!({ "mode": state.mode, "kind": "link", "target": target }),
    }
}

#[cfg(test)]
mod tests {
    use domain::Content;

    use super::*;
    use crate::digest;

    fn file(text: &str, content: Option<Content>) -> FileState {
        let size = u64::try_from(text.len()).unwrap();
        FileState {
            mode: 0o644,
            node: Node::File { size, digest: digest(text.as_bytes()), content },
        }
    }

    fn plan(before: Option<FileState>, after: Option<FileState>) -> Plan {
        let change = Change { path: "a".into(), before, after, moved_from: None };
        Plan { changes: vec![change], restorable: true, ..Plan::default() }
    }

    #[test]
    fn a_plan_keeps_its_digest_without_diff_and_contents_and_changes_it_with_anything_else() {
        let first = plan(None, Some(file("x", None)));
        let kept = Content::new(b"x".as_slice(), digest(b"x"));
        let mut same = plan(None, Some(file("x", Some(kept))));
        same.diff = "+x".into();
        assert_eq!(plan_digest(&first), plan_digest(&same));

        let mut mode = file("x", None);
        mode.mode = 0o600;
        let link = FileState { mode: 0o644, node: Node::Link { target: "x".into() } };
        let directory = FileState { mode: 0o644, node: Node::Directory };
        let others = [
            plan(None, Some(mode)),
            plan(None, Some(link)),
            plan(None, Some(directory)),
            plan(None, Some(file("y", None))),
            plan(Some(file("x", None)), None),
            plan(Some(file("x", None)), Some(file("x", None))),
        ];
        for other in others {
            assert_ne!(plan_digest(&first), plan_digest(&other), "{other:?}");
        }
    }

    #[test]
    fn witnesses_are_the_states_before() {
        let found = witnesses(&plan(Some(file("x", None)), None));
        assert_eq!(found[0].before, Some(state_digest(&file("x", None))));
        assert_eq!(witnesses(&plan(None, Some(file("x", None))))[0].before, None);
    }
}
