//! `files.move` and `files.delete`: what stands at a path, with everything in it.
//!
//! A path goes in; out come changes for each file, link and directory, parents made first and children deleted
//! first. A move never replaces anything and never goes into itself, a directory with entries is deleted only
//! when the call says so, and the workspace itself never.

use domain::{Change, Node, Plan};

use super::super::arguments::{Arguments, Depth};
use super::super::look::what;
use super::super::problem::Problem;
use super::super::workspace::within;
use super::{Again, Draft, deleted};

/// A creation at the new place for each thing, parents first, then the deletions, children first. The
/// originals stand in the deletions only: both sides have the same content.
pub(super) fn movement(mut draft: Draft<'_>, arguments: Arguments<'_>) -> Result<Plan, Problem> {
    let (from, to) = (arguments.path("from")?, arguments.path("to")?);
    if from == to {
        return Err(Problem::NothingChanges(format!("`{from}` is moved to itself")));
    }
    if within(to, from) {
        return Err(Problem::IntoItself { from: from.to_owned(), to: to.to_owned() });
    }
    let top = draft.existing(from)?;
    if let Some(there) = draft.look(to)? {
        return Err(Problem::Exists {
            path: to.to_owned(),
            what: what(&there.state),
            expected: "a move never replaces anything; choose another name or delete it first",
        });
    }
    draft.make_way(to, Some(from))?;
    let tree = draft.tree(from, top)?;
    for (path, looked) in &tree {
        let new = format!("{to}{}", path.strip_prefix(from).unwrap_or_default());
        super::super::workspace::checked(&new)?;
        let mut after = looked.state.clone();
        if let Node::File { content, .. } = &mut after.node {
            *content = None;
        }
        if matches!(after.node, Node::Directory) {
            // Files and links are renamed and keep all they have; a directory is made anew.
            draft.loses(path, looked, Again::Anew);
        }
        let moved_from = Some(path.clone());
        draft.push(Change { path: new, before: None, after: Some(after), moved_from })?;
    }
    for (path, looked) in tree.into_iter().rev() {
        draft.push(deleted(path, looked.state))?;
    }
    draft.finish()
}

/// Deletions, children before their parents.
pub(super) fn deletion(mut draft: Draft<'_>, arguments: Arguments<'_>) -> Result<Plan, Problem> {
    let path = arguments.path("path")?;
    let depth = arguments.depth()?;
    if path == contract::path::ROOT {
        return Err(Problem::IsWorkspace);
    }
    let top = draft.existing(path)?;
    if matches!(top.state.node, Node::Directory) && depth == Depth::Alone {
        let entries = draft.entries(path)?.len();
        if entries > 0 {
            return Err(Problem::NotEmpty { path: path.to_owned(), entries });
        }
    }
    for (path, looked) in draft.tree(path, top)?.into_iter().rev() {
        draft.loses(&path, &looked, Again::Anew);
        draft.push(deleted(path, looked.state))?;
    }
    draft.finish()
}
