//! Acts: a committed plan, applied exactly, and what it changed, seen again afterwards.
//!
//! ```text
//! plan -> well formed? -> every state before still stands? -> apply (swap, look, or revert) -> look again -> Reply
//! ```
//! A plan that no longer fits what stands there is stale and touches nothing. The redo log is the plan itself:
//! the gate committed it with new contents and originals before it got here; `recover.rs` uses it.

use std::collections::HashSet;

use contract::state_digest;
use domain::{Effect, EffectKind, FileState, Money, Node, Observation, Plan, Resource, limits};
use gate::{Invocation, Reply, ToolError};
use serde_json::{Value, json};

use super::apply::{Failure, Work, jobs};
use super::arguments::Arguments;
use super::look::{Allowance, Seen};
use super::problem::Problem;
use super::workspace::{Workspace, checked, join};

/// Paths named in one message.
const NAMED_MAX: usize = 20;

/// Applies a plan, or nothing of it.
pub(crate) fn act(
    workspace: &Workspace,
    invocation: &Invocation,
    plan: &Plan,
) -> Result<Reply, ToolError> {
    well_formed(plan).map_err(Problem::not_executed)?;
    unmoved(workspace, plan).map_err(Problem::not_executed)?;
    let applied = Work::new(workspace, invocation.call, plan).apply(&jobs(plan));
    match applied {
        Ok(()) => Ok(reply(workspace, invocation, plan)),
        Err(Failure { problem, left }) if left.is_empty() => Err(problem.not_executed()),
        Err(Failure { problem, left }) => Err(problem.partly(&left, effects(workspace, plan))),
    }
}

/// Checks a plan's own rules: each path once, resolved, with plain permission bits.
pub(crate) fn well_formed(plan: &Plan) -> Result<(), Problem> {
    let wrong = |why: String| Err(Problem::PlanInvalid(why));
    if plan.changes.is_empty() || plan.changes.len() > limits::PLAN_CHANGES_MAX {
        return wrong(format!("it has {} changes", plan.changes.len()));
    }
    let mut paths = HashSet::new();
    for change in &plan.changes {
        let path = &change.path;
        if checked(path)?.is_root() || !paths.insert(path.as_str()) {
            return wrong(format!("`{path}` cannot stand in it, or stands in it twice"));
        }
        for state in [&change.before, &change.after].into_iter().flatten() {
            if state.mode > 0o777 {
                return wrong(format!("`{path}` has mode {:04o}", state.mode));
            }
        }
        if let (Some(before), Some(after)) = (&change.before, &change.after)
            && !matches!((&before.node, &after.node), (Node::File { .. }, Node::File { .. }))
        {
            return wrong(format!("only a file can replace a file, at `{path}`"));
        }
    }
    Ok(())
}

fn unmoved(workspace: &Workspace, plan: &Plan) -> Result<(), Problem> {
    let differs = standing_differs(workspace, plan)?;
    if differs.is_empty() {
        return Ok(());
    }
    Err(Problem::ChangedSince(format!("changed between preview and act: {differs}")))
}

/// What stands otherwise than a plan's states before say, in words; empty if nothing does.
pub(crate) fn standing_differs(workspace: &Workspace, plan: &Plan) -> Result<String, Problem> {
    let mut differs: Vec<String> = Vec::new();
    let leaving: HashSet<&str> = plan
        .changes
        .iter()
        .filter(|change| change.after.is_none())
        .map(|change| change.path.as_str())
        .collect();
    for change in &plan.changes {
        if !workspace.stands(&change.path, change.before.as_ref())? {
            differs.push(how(workspace, &change.path, change.before.as_ref())?);
        } else if change.after.is_none() && is_directory(change.before.as_ref()) {
            differs.extend(strangers(workspace, &change.path, &leaving)?);
        }
    }
    let more = differs.len().saturating_sub(NAMED_MAX);
    differs.truncate(NAMED_MAX);
    if more > 0 {
        differs.push(format!("and {more} more"));
    }
    Ok(differs.join(", "))
}

fn how(workspace: &Workspace, path: &str, before: Option<&FileState>) -> Result<String, Problem> {
    let now = !workspace.stands(path, None)?;
    Ok(match (before, now) {
        (None, _) => format!("`{path}` is new"),
        (Some(_), true) => format!("`{path}` was modified"),
        (Some(_), false) => format!("`{path}` is missing"),
    })
}

/// What stands in a directory that goes, and does not go with it.
fn strangers(
    workspace: &Workspace,
    path: &str,
    leaving: &HashSet<&str>,
) -> Result<Vec<String>, Problem> {
    let names = workspace.names(path)?;
    let all = names.names.into_iter().map(|each| each.name).chain(names.reserved);
    let mut strangers: Vec<String> = all
        .map(|name| join(path, &name))
        .filter(|child| !leaving.contains(child.as_str()))
        .map(|child| format!("`{child}` is new"))
        .collect();
    if names.unreadable > 0 || names.cut {
        strangers.push(format!("`{path}` has other new entries"));
    }
    Ok(strangers)
}

fn is_directory(state: Option<&FileState>) -> bool {
    state.is_some_and(|state| matches!(state.node, Node::Directory))
}

/// The answer to an act that happened.
pub(crate) fn reply(workspace: &Workspace, invocation: &Invocation, plan: &Plan) -> Reply {
    Reply {
        output: output(invocation, plan),
        effects: effects(workspace, plan),
        cost: Money::ZERO,
        read_bytes: 0,
    }
}

/// What really differs from the states before, by looking at every path again.
pub(crate) fn effects(workspace: &Workspace, plan: &Plan) -> Vec<Effect> {
    plan.changes
        .iter()
        .filter_map(|change| {
            let before = change.before.as_ref().map(state_digest);
            let look = workspace.look(&change.path, &mut Allowance::digests());
            let (after, observation) = match look {
                Ok(Seen::Nothing) => (None, Observation::NotStated),
                Ok(Seen::Plain(looked)) => {
                    (Some(state_digest(&looked.state)), Observation::NotStated)
                }
                // Nobody could see what stands there now: the plan's word, marked as such.
                Ok(Seen::Special(_)) | Err(_) => {
                    (change.after.as_ref().map(state_digest), Observation::Unobserved)
                }
            };
            let kind = match (before, after) {
                (None, None) => return None,
                (Some(before), Some(after)) if before == after => return None,
                (None, Some(_)) => EffectKind::Created,
                (Some(_), None) => EffectKind::Deleted,
                (Some(_), Some(_)) => EffectKind::Modified,
            };
            let resource = Resource::new(format!("workspace:{}", change.path));
            Some(Effect { kind, resource, before, after, observation })
        })
        .collect()
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
