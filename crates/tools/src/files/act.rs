//! Acts: a committed plan, applied exactly, and what it changed, seen again afterwards.
//!
//! ```text
//! plan -> well formed? -> every state before still stands? -> apply (swap, look, or revert) -> look again -> effects
//! ```
//! A plan that no longer fits what stands there is stale and touches nothing. The redo log is the plan itself:
//! the gate committed it with new contents and originals before it got here; `recover.rs` uses it.

use std::collections::HashSet;

use contract::state_digest;
use domain::{CallId, Effect, EffectKind, FileState, Node, Observation, Plan, Resource, limits};
use gate::{StopSignal, ToolError};

use super::apply::{Failure, Toward, Work, jobs};
use super::look::{Allowance, Seen, opened, same};
use super::order;
use super::problem::Problem;
use super::view::View;
use super::workspace::{Workspace, checked, join};

/// Paths named in one message.
pub(crate) const NAMED_MAX: usize = 20;

/// Applies a plan, or nothing of it, with nobody who could stop it.
#[cfg(test)]
pub(crate) fn act(
    workspace: &Workspace,
    call: CallId,
    plan: &Plan,
) -> Result<Vec<Effect>, ToolError> {
    act_unless_stopped(workspace, call, plan, &StopSignal::never())
}

/// Applies a plan, or nothing of it: also where a stop comes between two of its changes.
pub(crate) fn act_unless_stopped(
    workspace: &Workspace,
    call: CallId,
    plan: &Plan,
    signal: &StopSignal,
) -> Result<Vec<Effect>, ToolError> {
    well_formed(plan).map_err(Problem::not_executed)?;
    unmoved(workspace, plan).map_err(Problem::not_executed)?;
    let work = Work::new(workspace, call, plan).heeding(signal.clone());
    let applied = work.apply(&jobs(plan), Toward::After);
    match applied {
        Ok(()) => Ok(effects(workspace, plan)),
        Err(Failure { problem, left }) if left.is_empty() => Err(problem.not_executed()),
        Err(Failure { problem, left }) => Err(problem.partly(&left, effects(workspace, plan))),
    }
}

/// Checks a plan's own rules: each path once, resolved, with plain permission bits, every change a change, in an
/// order in which every beginning can be applied (`order.rs`): for changes that have none, deletions with the deepest
/// first, then new things and replacements by another kind with parents first, then modifications.
///
/// One change may say that nothing changes: a directory that its owner may not work in, and in which something else
/// changes, is named with the same state before and after. It is open while the act runs, and the plan tells recovery
/// what it has to be.
pub(crate) fn well_formed(plan: &Plan) -> Result<(), Problem> {
    let wrong = |why: String| Err(Problem::PlanInvalid(why));
    if plan.changes.len() > limits::PLAN_CHANGES_MAX {
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
        let changes = match (&change.before, &change.after) {
            (None, None) => false,
            (None, Some(_)) | (Some(_), None) => true,
            (Some(before), Some(after)) => !same(before, after) || is_opened(after),
        };
        if !changes {
            return wrong(format!("nothing changes at `{path}`"));
        }
    }
    order::check(&plan.changes).or_else(wrong)
}

/// Whether it is a directory that is open while an act runs.
pub(crate) fn is_opened(state: &FileState) -> bool {
    matches!(state.node, Node::Directory) && opened(state.mode) != state.mode
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
    let view = View::of(workspace, plan);
    let mut differs: Vec<String> = Vec::new();
    let leaving: HashSet<&str> = plan
        .changes
        .iter()
        .filter(|change| change.after.is_none())
        .map(|change| change.path.as_str())
        .collect();
    for change in &plan.changes {
        let goes = is_directory(change.before.as_ref()) && !is_directory(change.after.as_ref());
        if !view.stands(&change.path, change.before.as_ref())? {
            differs.push(how(&view, &change.path, change.before.as_ref())?);
        } else if goes {
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

fn how(view: &View<'_>, path: &str, before: Option<&FileState>) -> Result<String, Problem> {
    let now = !view.stands(path, None)?;
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

/// What really differs from the states before, by looking at every path again.
pub(crate) fn effects(workspace: &Workspace, plan: &Plan) -> Vec<Effect> {
    let view = View::of(workspace, plan);
    plan.changes
        .iter()
        .filter_map(|change| {
            let before = change.before.as_ref().map(state_digest);
            let look = view.look(&change.path, &mut Allowance::digests());
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
