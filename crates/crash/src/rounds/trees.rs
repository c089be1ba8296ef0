//! What is known of the trees from outside: which shapes each may have, by what a life announced and was answered.
//!
//! ```text
//! announced "from -> to"  -> either            answered "it did" -> to     "it did not" -> from
//! killed before an answer -> either, and the next life asks again under the same key
//! ```
//! In: what a process said, in order. Out: whether what stands there is one of those shapes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use domain::{Answer, CallId, Executed, Status};

use super::shape::Shape;
use crate::given::Given;
use crate::installation::Site;
use crate::problem::{Outcome, Promise, Trouble};

/// Trees, each changed by one caller alone.
pub(crate) const TREES: u64 = 4;
/// Keys of calls that turn a tree, and of those that take such a call back.
pub(crate) const TURN: &str = "t-";
pub(crate) const UNDO: &str = "u-";
const WORD: &str = "turn";
const DONE: &str = "done";

/// A change of a tree that is about to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) tree: u64,
    pub(crate) from: Shape,
    pub(crate) to: Shape,
    pub(crate) key: String,
}

/// A turn that happened and can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) call: CallId,
    pub(crate) from: Shape,
    pub(crate) to: Shape,
}

/// What a life is told of a tree.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// The turn that an earlier life was not given an answer to.
    pub(super) open: Option<Turn>,
    /// What can be taken back, newest last.
    pub(super) done: Vec<Done>,
}

/// All trees of a site.
#[derive(Debug, Default)]
pub(super) struct Trees(BTreeMap<u64, Tree>);

#[derive(Debug)]
struct Tree {
    possible: BTreeSet<Shape>,
    /// What nobody was answered.
    open: Option<Turn>,
    done: Vec<Done>,
}

impl Turn {
    /// The line, without its end.
    pub(crate) fn line(&self) -> String {
        let Self { tree, from, to, key } = self;
        format!("{WORD} {tree} {from} {to} {key}")
    }

    /// Reads a line; none if it is not one.
    pub(crate) fn read(line: &str) -> Option<Self> {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            [WORD, tree, from, to, key] => Some(Self {
                tree: tree.parse().ok()?,
                from: from.parse().ok()?,
                to: to.parse().ok()?,
                key: (*key).to_owned(),
            }),
            _ => None,
        }
    }

    /// What can be taken back after an answer.
    pub(super) fn done(&self, answer: &Answer) -> Option<Done> {
        let call = answer.call.filter(|_| answer.undo.is_some())?;
        Some(Done { call, from: self.from, to: self.to })
    }
}

/// How many of these still stand where a tree has this shape: an undo that was cut may have happened. No turn leads
/// from a shape to the same, so only one of a turn and the one before it can have led here.
pub(super) fn standing(done: &[Done], now: Shape) -> usize {
    done.iter().rposition(|done| done.to == now).map_or(0, |at| at + 1)
}

impl Handed {
    /// Of a tree.
    pub(super) fn read(site: &Site, tree: u64) -> Outcome<Self> {
        let text = fs::read_to_string(site.handed())?;
        let mut handed = Self::default();
        for line in text.lines() {
            if let [DONE, of, call, from, to] = line.split(' ').collect::<Vec<_>>().as_slice() {
                let states = from.parse().ok().zip(to.parse().ok());
                let done = call.parse().ok().zip(states);
                let done = done.map(|(call, (from, to))| Done { call, from, to });
                handed.done.extend(done.filter(|_| *of == tree.to_string()));
            } else {
                let turn = Turn::read(line).filter(|turn| turn.tree == tree);
                handed.open = turn.or(handed.open);
            }
        }
        Ok(handed)
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self { possible: BTreeSet::from([Shape::NONE]), open: None, done: Vec::new() }
    }
}

impl Trees {
    /// Tells the next life what is open, and what can be taken back.
    pub(super) fn hand_on(&self, site: &Site) -> Outcome<()> {
        let mut text = String::new();
        for (number, tree) in &self.0 {
            let line =
                |Done { call, from, to }: &Done| format!("{DONE} {number} {call} {from} {to}\n");
            text.extend(tree.done.iter().map(line));
            // An undo has no key: what became of it is seen.
            let open = tree.open.as_ref().filter(|turn| turn.key.starts_with(TURN));
            text.extend(open.map(|turn| format!("{}\n", turn.line())));
        }
        Ok(fs::write(site.handed(), text)?)
    }

    /// A life is about to turn a tree.
    pub(super) fn announced(&mut self, turn: Turn) -> Outcome<()> {
        let tree = self.0.entry(turn.tree).or_default();
        if tree.open.as_ref() != Some(&turn) {
            if !tree.possible.contains(&turn.from) {
                return Err(tree.broken(turn.tree, &format!("a life found {}", turn.from)));
            }
            tree.possible = BTreeSet::from([turn.from]);
            // An undo that was cut and happened is seen by the life alone.
            tree.done.truncate(standing(&tree.done, turn.from));
        }
        tree.possible.insert(turn.to);
        tree.open = Some(turn);
        Ok(())
    }

    /// An answer was given, of this or of something else.
    pub(super) fn answered(&mut self, given: &Given) -> Outcome<()> {
        let asked = |tree: &&mut Tree| {
            let key = tree.open.as_ref().map(|turn| &turn.key);
            key.is_some() && key == given.key.as_ref()
        };
        let Some(tree) = self.0.values_mut().find(asked) else { return Ok(()) };
        let Some(turn) = tree.open.take() else { return Ok(()) };
        let now = match (given.answer.status, given.answer.executed) {
            (Status::Succeeded, Executed::Yes) => turn.to,
            (Status::Failed | Status::Denied | Status::Stopped, Executed::No) => turn.from,
            (status, executed) => {
                let found = format!("{} ended as `{status}`, executed `{executed}`", turn.line());
                return Err(Trouble::broken(Promise::PlansAreWhole, found));
            }
        };
        if !tree.possible.contains(&now) {
            return Err(tree.broken(turn.tree, &format!("the answer says {now}")));
        }
        tree.possible = BTreeSet::from([now]);
        if turn.key.starts_with(UNDO) {
            tree.done.pop();
        } else {
            tree.done.extend(turn.done(&given.answer));
        }
        Ok(())
    }

    /// Looks at every tree after recovery. From here on each has the shape that was found.
    pub(super) fn check(&mut self, site: &Site) -> Outcome<()> {
        for (number, tree) in &mut self.0 {
            let shape = Shape::at(&place(site, *number))
                .map_err(|found| Trouble::broken(Promise::PlansAreWhole, found))?;
            if !tree.possible.contains(&shape) {
                return Err(tree.broken(*number, &format!("it is {shape}")));
            }
            tree.possible = BTreeSet::from([shape]);
        }
        match unexpected(site)? {
            None => Ok(()),
            Some(name) => Err(Trouble::broken(Promise::PlansAreWhole, format!("`{name}` is left"))),
        }
    }

    /// How many turns nobody was answered, and how many trees stand between two shapes as they are now.
    pub(super) fn cut(&self, site: &Site) -> Outcome<(usize, usize)> {
        let open = self.0.values().filter(|tree| tree.open.is_some()).count();
        let torn = (0..TREES).filter(|tree| Shape::at(&place(site, *tree)).is_err()).count();
        Ok((open, torn.max(usize::from(unexpected(site)?.is_some()))))
    }
}

impl Tree {
    fn broken(&self, tree: u64, found: &str) -> Trouble {
        let possible: Vec<String> = self.possible.iter().map(Shape::to_string).collect();
        let found = format!("tree {tree} must be {}, but {found}", possible.join(" or "));
        Trouble::broken(Promise::PlansAreWhole, found)
    }
}

/// The name of a tree, and where it stands.
pub(super) fn name(tree: u64) -> String {
    format!("t{tree}")
}

pub(super) fn place(site: &Site, tree: u64) -> std::path::PathBuf {
    site.trees().join(name(tree))
}

/// Something beside the trees.
fn unexpected(site: &Site) -> Outcome<Option<String>> {
    let expected: Vec<String> = (0..TREES).map(name).collect();
    for entry in fs::read_dir(site.trees())? {
        let found = entry?.file_name().to_string_lossy().into_owned();
        if !expected.contains(&found) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Lets everything below be removed.
pub(super) fn open_up(directory: &Path) -> Outcome<()> {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(from: u64, to: u64) -> Turn {
        Turn::read(&format!("turn 1 {from} {to} t-1-0-{to}")).unwrap()
    }

    #[test]
    fn lines_are_read_as_they_were_written() {
        let line = "turn 3 0 17 t-3-1-9";
        assert_eq!(Turn::read(line).unwrap().line(), line);
        assert_eq!(Turn::read("turn 3 0 17"), None);
        assert_eq!(Turn::read("{}"), None);
    }

    #[test]
    fn life_that_finds_another_shape_is_noticed() {
        let mut trees = Trees::default();
        trees.announced(turn(0, 5)).unwrap();
        trees.announced(turn(5, 9)).unwrap();
        trees.announced(turn(5, 9)).unwrap();
        let found = trees.announced(turn(7, 2)).unwrap_err().to_string();
        assert!(found.contains("tree 1 must be 5 or 9, but a life found 7"), "{found}");
    }

    #[test]
    fn shape_that_no_call_made_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let site = Site::at(directory.path());
        fs::create_dir_all(site.trees()).unwrap();
        let mut trees = Trees::default();
        trees.announced(turn(0, 5)).unwrap();
        trees.check(&site).unwrap();
        trees.announced(turn(0, 5)).unwrap();
        assert_eq!(trees.cut(&site).unwrap(), (1, 0));
        fs::create_dir(place(&site, 1)).unwrap();
        assert_eq!(trees.cut(&site).unwrap(), (1, 1));
        assert!(trees.check(&site).unwrap_err().to_string().contains("wholly or not at all"));
    }
}
