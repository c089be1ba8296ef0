//! A plan between two trees, as the preview of a command makes one: for tests only.
//!
//! What stands in one workspace and in another goes in; out come the changes from one to the other, in an order that
//! can be applied. A file that is gone from one place and new at another is a move, its content left out where it is
//! long, as a large one would be. A closed directory in which something changes is named although it stays.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::{Change, Digest, FileState, Node};

use super::super::act::is_opened;
use super::super::look::{Allowance, Seen, mode_alone};
use super::super::order::arranged;
use super::super::workspace::split;
use super::*;

/// Longer contents are treated as too large to keep, where a plan can do without.
const KEPT_BYTES_MAX: u64 = 12;

/// The plan that makes `new` of what stands in `old`.
pub(super) fn between(old: &World, new: &World) -> Plan {
    let paths: BTreeSet<String> = old.tree().into_keys().chain(new.tree().into_keys()).collect();
    let mut changes: Vec<Change> = Vec::new();
    for path in &paths {
        let (before, after) = (state(old, path), state(new, path));
        changes.push(Change { path: path.clone(), before, after, moved_from: None });
    }
    let changed: HashSet<String> = changes
        .iter()
        .filter(|each| each.before != each.after && mode_alone(each).is_none())
        .map(|each| split(&each.path).0.to_owned())
        .collect();
    changes.retain(|each| {
        let opened = each.after.as_ref().is_some_and(is_opened) && changed.contains(&each.path);
        each.before != each.after || opened
    });
    tie_moves(&mut changes);
    for change in &mut changes {
        if mode_alone(change).is_some() {
            forget(&mut change.before);
            forget(&mut change.after);
        }
    }
    Plan { changes: arranged(changes), restorable: true, ..Plan::default() }
}

fn state(world: &World, path: &str) -> Option<FileState> {
    match world.workspace.look(path, &mut Allowance::plan()) {
        Ok(Seen::Nothing) | Err(Problem::LinkInPath(_)) => None,
        Ok(Seen::Plain(looked)) => Some(looked.state),
        other => panic!("{path}: {other:?}"),
    }
}

fn tie_moves(changes: &mut [Change]) {
    let identity = |state: &Option<FileState>| match state.as_ref().map(|each| (&each.node, each)) {
        Some((Node::File { digest, .. }, state)) => Some((*digest, state.mode)),
        _ => None,
    };
    let mut leaving: HashMap<(Digest, u32), Vec<usize>> = HashMap::new();
    for (index, change) in changes.iter().enumerate().filter(|(_, each)| each.after.is_none()) {
        if let Some(file) = identity(&change.before) {
            leaving.entry(file).or_default().push(index);
        }
    }
    for index in 0..changes.len() {
        if changes[index].before.is_some() {
            continue;
        }
        let sources = identity(&changes[index].after).and_then(|file| leaving.get_mut(&file));
        if let Some(from) = sources.and_then(Vec::pop) {
            changes[index].moved_from = Some(changes[from].path.clone());
            forget(&mut changes[index].after);
            forget(&mut changes[from].before);
        }
    }
}

fn forget(state: &mut Option<FileState>) {
    if let Some(FileState { node: Node::File { size, content, .. }, .. }) = state
        && *size > KEPT_BYTES_MAX
    {
        *content = None;
    }
}
