//! A plan for people: unified diff of text, sizes and digests of the rest, within the limit.
//!
//! The diff is derived from the states and is no part of a plan's digest. Terminals and consoles escape it
//! where they show it; here it is the exact text.

use std::collections::HashSet;
use std::fmt::Write;
use std::time::Duration;

use domain::{Change, FileState, Node, limits};
use similar::TextDiff;

/// Files with more bytes are shown by size and digest: a diff that large is not read.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// After this time a diff becomes coarser, not wrong.
const TIME_PER_FILE: Duration = Duration::from_millis(300);

/// The diff of all changes, cut with a line that says so.
pub(crate) fn unified(changes: &[Change]) -> String {
    let mut text = String::new();
    // A move is shown once, as a rename.
    let moved: HashSet<&str> =
        changes.iter().filter_map(|each| each.moved_from.as_deref()).collect();
    for (index, change) in changes.iter().enumerate() {
        if change.after.is_none() && moved.contains(change.path.as_str()) {
            continue;
        }
        text.push_str(&one(change));
        if text.len() > limits::DIFF_BYTES_MAX {
            return cut(text, changes.len() - index - 1);
        }
    }
    text
}

/// Cuts at the end of a line, so that no half line is taken for a whole one.
fn cut(mut text: String, left: usize) -> String {
    let note =
        format!("... cut here: the diff is longer than shown, and {left} more changes follow\n");
    let mut end = limits::DIFF_BYTES_MAX.saturating_sub(note.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.truncate(end);
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    text.truncate(line);
    text.push_str(&note);
    text
}

fn one(change: &Change) -> String {
    let path = &change.path;
    match (&change.before, &change.after) {
        (None, Some(_)) if change.moved_from.is_some() => {
            let from = change.moved_from.as_deref().unwrap_or_default();
            format!("rename {from} -> {path}\n")
        }
        (None, Some(FileState { mode, node: Node::Directory })) => {
            format!("new directory {path} mode {mode:04o}\n")
        }
        (Some(FileState { node: Node::Directory, .. }), None) => {
            format!("delete directory {path}\n")
        }
        (None, Some(FileState { node: Node::Link { target }, .. })) => {
            format!("new link {path} -> {target}\n")
        }
        (Some(FileState { node: Node::Link { target }, .. }), None) => {
            format!("delete link {path} -> {target}\n")
        }
        (before, after) => files(path, before.as_ref(), after.as_ref()),
    }
}

fn files(path: &str, before: Option<&FileState>, after: Option<&FileState>) -> String {
    let mut text = String::new();
    let modes = (before.map(|state| state.mode), after.map(|state| state.mode));
    // INVARIANT (text buffer): writing to a `String` cannot fail.
    let _ = match modes {
        (None, Some(mode)) => writeln!(text, "new file {path} mode {mode:04o}"),
        (Some(mode), None) => writeln!(text, "delete file {path} mode {mode:04o}"),
        (Some(old), Some(new)) if old != new => {
            writeln!(text, "mode of {path}: {old:04o} -> {new:04o}")
        }
        (Some(_), Some(_)) | (None, None) => Ok(()),
    };
    match (shown(before), shown(after)) {
        (Some(old), Some(new)) => {
            text.push_str(&lines(path, (before.is_some(), old), (after.is_some(), new)))
        }
        (None, _) | (_, None) => {
            let _ =
                writeln!(text, "not text, or large: {path}: {} -> {}", sized(before), sized(after));
        }
    }
    text
}

fn lines(path: &str, (was, old): (bool, &str), (is, new): (bool, &str)) -> String {
    let name = |side: &str, there: bool| {
        if there { format!("{side}/{path}") } else { "/dev/null".to_owned() }
    };
    let diff = TextDiff::configure().timeout(TIME_PER_FILE).diff_lines(old, new);
    diff.unified_diff().header(&name("a", was), &name("b", is)).to_string()
}

/// The text of a state, if it is text that is shown.
fn shown(state: Option<&FileState>) -> Option<&str> {
    let Some(state) = state else { return Some("") };
    match &state.node {
        Node::File { content: Some(content), .. } if content.bytes().len() <= TEXT_BYTES_MAX => {
            std::str::from_utf8(content.bytes()).ok().filter(|text| !text.contains('\0'))
        }
        Node::File { .. } | Node::Directory | Node::Link { .. } => None,
    }
}

fn sized(state: Option<&FileState>) -> String {
    match state.map(|state| &state.node) {
        None => "nothing".to_owned(),
        Some(Node::File { size, digest, .. }) => format!("{size} bytes, sha256 {digest}"),
        Some(Node::Directory) => "a directory".to_owned(),
        Some(Node::Link { target }) => format!("a link to {target}"),
    }
}
