//! `checkrein.undo`: the inverse of an applied plan, if nothing moved since.
//!
//! The gate gives the inverse plan as the invocation's basis. What stands as before the call already (an act that
//! happened in part) is left alone; each other path must stand as the call left it, so that an undo never
//! destroys newer work.

use std::collections::{HashMap, HashSet};

use domain::{Change, Content, Digest, FileState, Node, Plan};

use super::super::act::{is_opened, standing_differs};
use super::super::look::mode_alone;
use super::super::problem::Problem;
use super::super::view::View;
use super::super::workspace::split;
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
    let view = View::of(draft.workspace, basis);
    let mut restored = Vec::new();
    for change in &basis.changes {
        restored.push(view.stands(&change.path, change.after.as_ref())?);
    }
    let paired = || basis.changes.iter().zip(&restored);
    let awaited: HashSet<(Digest, u32)> = paired()
        .filter(|(_, restored)| !**restored)
        .filter_map(|(change, _)| content(change.after.as_ref()))
        .collect();
    // A file that was moved and is gone from its new place, but not back at the old one: somebody took it away.
    let taken = |change: &Change| {
        let moved = content(change.before.as_ref()).is_some_and(|file| awaited.contains(&file));
        change.after.is_none() && moved
    };
    let open: Vec<&Change> = paired()
        .filter(|(change, restored)| !**restored || taken(change))
        .map(|(change, _)| change)
        .collect();
    let parents: HashSet<&str> = open.iter().map(|change| split(&change.path).0).collect();
    let open: HashSet<&str> = open.iter().map(|change| change.path.as_str()).collect();
    let changes = basis.changes.iter().filter_map(|change| {
        let path = change.path.as_str();
        match &change.after {
            _ if open.contains(path) => Some(change.clone()),
            // It stands as it should, but something in it is still to be taken back: open it for that.
            Some(after) if is_opened(after) && parents.contains(path) => {
                Some(Change { before: Some(after.clone()), ..change.clone() })
            }
            Some(_) | None => None,
        }
    });
    Ok(Plan { changes: changes.collect(), ..Plan::default() })
}

/// What is in a file, and its mode.
fn content(state: Option<&FileState>) -> Option<(Digest, u32)> {
    match state.map(|state| (&state.node, state.mode))? {
        (Node::File { digest, .. }, mode) => Some((*digest, mode)),
        (Node::Directory | Node::Link { .. }, _) => None,
    }
}

/// Adds where each content comes from: a rename where the file stands elsewhere, else what was kept.
fn complete(draft: &mut Draft<'_>, basis: &Plan, open: Plan) -> Result<(), Problem> {
    let kept = kept_contents(basis);
    let sources = moved_back(&open);
    let renamed: HashSet<String> = sources.values().cloned().collect();
    for mut change in open.changes {
        change.moved_from = sources.get(&change.path).cloned();
        let in_place = mode_alone(&change).is_some();
        if let (false, Some((digest, content)), None) =
            (in_place, file(&mut change.after), &change.moved_from)
        {
            let original = kept.get(&digest).cloned().ok_or_else(|| {
                Problem::NotUndoable(format!(
                    "the original of `{}` was too large to keep; restore it from a backup",
                    change.path
                ))
            });
            *content = Some(original?);
        }
        if let Some((digest, _)) = file(&mut change.before) {
            let kept = kept.contains_key(&digest);
            draft.restorable &= in_place || kept || renamed.contains(&change.path);
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
    let mut leaving: HashMap<(Digest, u32), Vec<&str>> = HashMap::new();
    for change in open.changes.iter().filter(|change| change.after.is_none()) {
        if let Some(file) = content(change.before.as_ref()) {
            leaving.entry(file).or_default().push(&change.path);
        }
    }
    let mut pairs = HashMap::new();
    for change in open.changes.iter().filter(|change| change.before.is_none()) {
        let candidates = content(change.after.as_ref()).and_then(|file| leaving.get_mut(&file));
        if let Some(from) = candidates.and_then(Vec::pop) {
            pairs.insert(change.path.clone(), from.to_owned());
        }
    }
    pairs
}
