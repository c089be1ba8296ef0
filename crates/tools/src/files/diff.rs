//! A plan for people: unified diff of text, sizes and digests of the rest, within the limit.
//!
//! The diff is derived from the states and is no part of a plan's digest. Terminals and consoles escape it
//! where they show it; here it is the exact text.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use domain::{Change, DIFF_CUT, FileState, Node, limits};
use similar::TextDiff;

use super::look::mode_alone;

/// Files with more bytes are shown by size and digest: a diff that large is not read.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// After these times a diff becomes coarser, not wrong.
const TIME_PER_FILE: Duration = Duration::from_millis(300);
const TIME_PER_PLAN: Duration = Duration::from_secs(2);

/// The diff of all changes, cut with a line that says so.
pub(crate) fn unified(changes: &[Change]) -> String {
    let mut text = String::new();
    let deadline = Instant::now() + TIME_PER_PLAN;
    // A move is shown once, as a rename.
    let moved: HashSet<&str> =
        changes.iter().filter_map(|each| each.moved_from.as_deref()).collect();
    for (index, change) in changes.iter().enumerate() {
        if change.after.is_none() && moved.contains(change.path.as_str()) {
            continue;
        }
        text.push_str(&one(change, deadline));
        if text.len() > limits::DIFF_BYTES_MAX {
            return cut(text, changes.len() - index - 1);
        }
    }
    text
}

/// Cuts at the end of a line, so that no half line is taken for a whole one.
fn cut(mut text: String, left: usize) -> String {
    let note = format!("{DIFF_CUT}the diff is longer than shown, and {left} more changes follow\n");
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

fn one(change: &Change, deadline: Instant) -> String {
    let path = &change.path;
    match (&change.before, &change.after) {
        (None, Some(_)) if change.moved_from.is_some() => {
            let from = change.moved_from.as_deref().unwrap_or_default();
            format!("rename {from} -> {path}\n")
        }
        (None, Some(state)) => made(path, state, deadline),
        (Some(state), None) => gone(path, state, deadline),
        (Some(before), Some(after)) => match (&before.node, &after.node) {
            (Node::File { .. }, Node::File { .. }) => {
                let mut text = moded(path, before, after);
                if mode_alone(change).is_none() {
                    text.push_str(&contents(path, (Some(before), Some(after)), deadline));
                }
                text
            }
            (Node::Directory, Node::Directory) => moded(path, before, after),
            (Node::Link { target: old }, Node::Link { target: new }) => {
                format!("link {path}: {} -> {}\n", on_a_line(old), on_a_line(new))
            }
            // Something else stands there afterwards: both sides whole.
            (Node::File { .. } | Node::Directory | Node::Link { .. }, _) => {
                gone(path, before, deadline) + &made(path, after, deadline)
            }
        },
        (None, None) => String::new(),
    }
}

fn made(path: &str, state: &FileState, deadline: Instant) -> String {
    let mode = state.mode;
    match &state.node {
        Node::Directory => format!("new directory {path} mode {mode:04o}\n"),
        Node::Link { target } => format!("new link {path} -> {}\n", on_a_line(target)),
        Node::File { .. } => {
            format!("new file {path} mode {mode:04o}\n")
                + &contents(path, (None, Some(state)), deadline)
        }
    }
}

fn gone(path: &str, state: &FileState, deadline: Instant) -> String {
    let mode = state.mode;
    match &state.node {
        Node::Directory => format!("delete directory {path}\n"),
        Node::Link { target } => format!("delete link {path} -> {}\n", on_a_line(target)),
        Node::File { .. } => {
            format!("delete file {path} mode {mode:04o}\n")
                + &contents(path, (Some(state), None), deadline)
        }
    }
}

fn moded(path: &str, before: &FileState, after: &FileState) -> String {
    let (old, new) = (before.mode, after.mode);
    if old == new { String::new() } else { format!("mode of {path}: {old:04o} -> {new:04o}\n") }
}

fn contents(
    path: &str,
    (before, after): (Option<&FileState>, Option<&FileState>),
    deadline: Instant,
) -> String {
    let (Some(old), Some(new)) = (shown(before), shown(after)) else {
        return format!("not text, or large: {path}: {} -> {}\n", sized(before), sized(after));
    };
    let name = |side: &str, state: Option<&FileState>| {
        state.map_or_else(|| "/dev/null".to_owned(), |_| format!("{side}/{path}"))
    };
    let time = TIME_PER_FILE.min(deadline.saturating_duration_since(Instant::now()));
    let diff = TextDiff::configure().timeout(time).diff_lines(old, new);
    diff.unified_diff().header(&name("a", before), &name("b", after)).to_string()
}

/// A link's target on one line, whatever is in it.
fn on_a_line(target: &str) -> String {
    if target.chars().any(char::is_control) {
        target.escape_debug().to_string()
    } else {
        target.to_owned()
    }
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
        Some(Node::Link { target }) => format!("a link to {}", on_a_line(target)),
    }
}
