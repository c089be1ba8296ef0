//! `checkrein.undo`: the inverse of an applied plan, if nothing moved since.
//!
//! The gate gives the inverse plan as the invocation's basis. What stands as before the call already (an act that
//! happened in part) is left alone; each other path must stand as the call left it, so that an undo never
//! destroys newer work.

use std::collections::{HashMap, HashSet};

use domain::{Change, Content, Digest, FileState, Node, Plan};

use super::super::act::standing_differs;
use super::super::look::same;
use super::super::problem::Problem;
use super::Draft;

pub(super) fn plan(mut draft: Draft<'_>, basis: Option<&Plan>) -> Result<Plan, Problem> {
    let Some(basis) = basis.filter(|basis| !basis.changes.is_empty()) else {
        return Err(Problem::NotUndoable(
            "this call changed no files that can be taken back".to_owned(),
        ));
    };
    let open = still_open(&draft, basis)?;
    if open.changes.is_empty() {
        return Err(Problem::NothingChanges("everything stands as before the call".to_owned()));
    }
    let differs = standing_differs(draft.workspace, &open)?;
    if !differs.is_empty() {
        return Err(Problem::ChangedSince(format!(
            "changed since the call, so taking it back would destroy newer work: {differs}"
        )));
    }
    complete(&mut draft, basis, open)?;
    draft.finish()
}

/// The changes whose paths do not stand as before the call already.
fn still_open(draft: &Draft<'_>, basis: &Plan) -> Result<Plan, Problem> {
    let mut restored = Vec::new();
    for change in &basis.changes {
        restored.push(draft.workspace.stands(&change.path, change.after.as_ref())?);
    }
    let paired = || basis.changes.iter().zip(&restored);
    let awaited: Vec<&FileState> = paired()
        .filter(|(_, restored)| !**restored)
        .filter_map(|(change, _)| change.after.as_ref())
        .collect();
    // A file that was moved and is gone from its new place, but not back at the old one: somebody took it away.
    let taken = |change: &Change| {
        let moved = |state: &FileState| {
            matches!(state.node, Node::File { .. })
                && awaited.iter().any(|wanted| same(wanted, state))
        };
        change.after.is_none() && change.before.as_ref().is_some_and(moved)
    };
    let open = paired().filter(|(change, restored)| !**restored || taken(change));
    Ok(Plan { changes: open.map(|(change, _)| change.clone()).collect(), ..Plan::default() })
}

/// Adds where each content comes from: a rename where the file stands elsewhere, else what was kept.
fn complete(draft: &mut Draft<'_>, basis: &Plan, open: Plan) -> Result<(), Problem> {
    let kept = kept_contents(basis);
    let sources = moved_back(&open);
    let renamed: HashSet<String> = sources.values().cloned().collect();
    for mut change in open.changes {
        change.moved_from = sources.get(&change.path).cloned();
        if let (Some((digest, content)), None) = (file(&mut change.after), &change.moved_from) {
            let original = kept.get(&digest).cloned().ok_or_else(|| {
                Problem::NotUndoable(format!(
                    "the original of `{}` was too large to keep; restore it from a backup",
                    change.path
                ))
            });
            *content = Some(original?);
        }
        if let Some((digest, _)) = file(&mut change.before) {
            draft.restorable &= kept.contains_key(&digest) || renamed.contains(&change.path);
        }
        draft.push(change)?;
    }
    Ok(())
}

fn file(state: &mut Option<FileState>) -> Option<(Digest, &mut Option<Content>)> {
    match state.as_mut().map(|state| &mut state.node)? {
        Node::File { digest, content, .. } => Some((*digest, content)),
        Node::Directory | Node::Link { .. } => None,
    }
}

fn kept_contents(plan: &Plan) -> HashMap<Digest, Content> {
    let states = plan.changes.iter().flat_map(|change| [&change.before, &change.after]).flatten();
    states
        .filter_map(|state| match &state.node {
            Node::File { content: Some(content), .. } => Some((content.digest(), content.clone())),
            Node::File { content: None, .. } | Node::Directory | Node::Link { .. } => None,
        })
        .collect()
}

/// Which creation is a deletion's file at another place, so that it is renamed back rather than copied.
fn moved_back(open: &Plan) -> HashMap<String, String> {
    let mut leaving: HashMap<Digest, Vec<(&Change, &FileState)>> = HashMap::new();
    for change in open.changes.iter().filter(|change| change.after.is_none()) {
        let Some(before) = &change.before else { continue };
        if let Node::File { digest, .. } = before.node {
            leaving.entry(digest).or_default().push((change, before));
        }
    }
    let mut pairs = HashMap::new();
    for change in open.changes.iter().filter(|change| change.before.is_none()) {
        let Some(after) = &change.after else { continue };
        let Node::File { digest, .. } = after.node else { continue };
        let Some(candidates) = leaving.get_mut(&digest) else { continue };
        if let Some(at) = candidates.iter().position(|(_, before)| same(before, after)) {
            pairs.insert(change.path.clone(), candidates.remove(at).0.path.clone());
        }
    }
    pairs
}
