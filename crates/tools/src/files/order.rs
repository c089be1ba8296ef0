//! The order of a plan's changes: after each of them, what stands is a tree.
//!
//! Changes are applied one by one and reverted in the opposite order, so every beginning of a plan must be possible:
//! a thing is made in, and taken from, a directory that stands at that moment, and a directory goes, or becomes
//! something else, when nothing of the plan is left in it. The opposite order of such a plan is one again, so its
//! inverse needs no sorting. Tests are below.

use std::collections::HashMap;

use contract::path::ROOT;
use domain::{Change, FileState, Node};

use super::workspace::split;

/// What stands at a path, as far as order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nothing,
    Directory,
    /// A file or a link.
    Leaf,
}

/// Checks the order; says what comes too early.
pub(crate) fn check(changes: &[Change]) -> Result<(), String> {
    let ends: HashMap<&str, (Kind, Kind)> =
        changes.iter().map(|each| (each.path.as_str(), kinds(each))).collect();
    let mut now: HashMap<&str, Kind> =
        ends.iter().map(|(path, (before, _))| (*path, *before)).collect();
    // Paths of the plan that stand in each of its directories.
    let mut inside: HashMap<&str, usize> = HashMap::new();
    for (path, (before, _)) in &ends {
        if *before != Kind::Nothing {
            *inside.entry(split(path).0).or_default() += 1;
        }
    }
    for change in changes {
        let path = change.path.as_str();
        let (before, after) = kinds(change);
        check_above(path, &ends, &now)?;
        let left = inside.get(path).copied().unwrap_or_default();
        if before == Kind::Directory && after != Kind::Directory && left > 0 {
            return Err(format!("`{path}` goes before what is in it"));
        }
        let around = inside.entry(split(path).0).or_default();
        match (before, after) {
            (Kind::Nothing, Kind::Directory | Kind::Leaf) => *around += 1,
            (Kind::Directory | Kind::Leaf, Kind::Nothing) => *around = around.saturating_sub(1),
            (Kind::Nothing, Kind::Nothing)
            | (Kind::Directory | Kind::Leaf, Kind::Directory | Kind::Leaf) => {}
        }
        now.insert(path, after);
    }
    Ok(())
}

/// Checks that the nearest path of the plan above this one is a directory when this one changes.
fn check_above(
    path: &str,
    ends: &HashMap<&str, (Kind, Kind)>,
    now: &HashMap<&str, Kind>,
) -> Result<(), String> {
    let parent = split(path).0;
    let mut above = parent;
    while above != ROOT {
        let Some(kinds) = ends.get(above) else {
            above = split(above).0;
            continue;
        };
        let stands = if above == parent {
            now.get(above) == Some(&Kind::Directory)
        } else {
            // What is between them is not in the plan, so it stands all the time.
            *kinds == (Kind::Directory, Kind::Directory)
        };
        if !stands {
            return Err(format!("`{path}` changes while `{above}` is no directory"));
        }
        break;
    }
    Ok(())
}

/// Puts changes, each path once, into an order that can be applied: deletions, deepest first, then new things and
/// replacements by another kind, parents first, then modifications.
#[cfg(test)]
pub(crate) fn arranged(changes: Vec<Change>) -> Vec<Change> {
    let (mut leaving, mut others): (Vec<_>, Vec<_>) =
        changes.into_iter().partition(|change| change.after.is_none());
    // A path sorts behind the ones above it.
    leaving.sort_by(|one, other| other.path.cmp(&one.path));
    let stays = |change: &Change| kinds(change).0 == kinds(change).1;
    others.sort_by(|one, other| (stays(one), &one.path).cmp(&(stays(other), &other.path)));
    leaving.into_iter().chain(others).collect()
}

fn kinds(change: &Change) -> (Kind, Kind) {
    (kind(change.before.as_ref()), kind(change.after.as_ref()))
}

fn kind(state: Option<&FileState>) -> Kind {
    match state.map(|state| &state.node) {
        None => Kind::Nothing,
        Some(Node::Directory) => Kind::Directory,
        Some(Node::File { .. } | Node::Link { .. }) => Kind::Leaf,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes from words such as `-d/x` (deleted), `+d/` (new directory), `l>d/` (a leaf becomes a directory),
    /// `d/>l` (the other way), `*f` (modified), `+b<a` (moved).
    fn changes(words: &str) -> Vec<Change> {
        let state = |node| Some(FileState { mode: 0o755, node });
        let leaf = || state(Node::Link { target: "x".into() });
        let one = |word: &str| {
            let (sign, rest) = word.split_at(1);
            let (path, from) = rest.split_once('<').unwrap_or((rest, ""));
            let there = if path.ends_with('/') { state(Node::Directory) } else { leaf() };
            let (before, after) = match sign {
                "-" => (there, None),
                "+" => (None, there),
                "*" => (there.clone(), there),
                "^" => (leaf(), state(Node::Directory)),
                "v" => (state(Node::Directory), leaf()),
                _ => panic!("{word}"),
            };
            let moved_from = (!from.is_empty()).then(|| from.to_owned());
            Change { path: path.trim_end_matches('/').to_owned(), before, after, moved_from }
        };
        words.split_whitespace().map(one).collect()
    }

    fn check_order(words: &str, expect: Result<(), &str>) {
        let all = changes(words);
        assert_eq!(check(&all), expect.map_err(str::to_owned), "{words}");
        let inverse: Vec<Change> = all
            .iter()
            .rev()
            .map(|each| Change {
                before: each.after.clone(),
                after: each.before.clone(),
                ..each.clone()
            })
            .collect();
        assert_eq!(check(&inverse).is_ok(), expect.is_ok(), "the inverse of {words}");
        let mut sorted = all;
        sorted.sort_by_key(|one| one.path.len());
        assert_eq!(check(&arranged(sorted)), Ok(()), "{words}, arranged");
    }

    #[test]
    fn each_change_finds_its_directory_and_leaves_it_empty_when_it_goes() {
        check_order("+d/ +d/e/ +d/e/f", Ok(()));
        check_order("-d/e/f -d/e/ -d/", Ok(()));
        check_order("+b/ +b/x<a/x -a/x -a/", Ok(()));
        check_order("-d/x vd", Ok(()));
        check_order("^f +f/x", Ok(()));
        check_order("*d/ +d/e/f", Ok(()));
        check_order("+d/x +d/", Err("`d/x` changes while `d` is no directory"));
        check_order("-d/ -d/x", Err("`d` goes before what is in it"));
        check_order("vd -d/x", Err("`d` goes before what is in it"));
        check_order("+f/x ^f", Err("`f/x` changes while `f` is no directory"));
    }

    #[test]
    fn what_can_never_be_is_refused_in_any_order() {
        for words in ["+d/ +d/e/f", "-d/e/f -d/", "+f +f/x", "^f +f/e/x"] {
            assert!(check(&changes(words)).is_err(), "{words}");
            assert!(check(&arranged(changes(words))).is_err(), "{words}");
        }
    }
}
