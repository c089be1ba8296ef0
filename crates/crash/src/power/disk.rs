//! A disk as far as promises about it go: what is durable, and what is only on its way.
//!
//! Files are nodes; names stand for nodes and are durable only once their directory was synced. Directories
//! themselves count as durable. In: steps of a recording. Out: nodes and names for `image`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::trace::Step;

/// What was recorded up to here.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    nodes: Vec<Node>,
    /// Names as programs see them.
    names: BTreeMap<PathBuf, usize>,
    /// Names that survive.
    durable: BTreeMap<PathBuf, usize>,
    /// Changes of names by directory, in order, that are not durable yet.
    pending: BTreeMap<PathBuf, Vec<NameChange>>,
    /// Syncs under way, by number: what each will make durable.
    syncs: HashMap<u64, Sync>,
    /// Files that are being written, by number.
    writes: HashMap<u64, usize>,
}

/// The contents of a file.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// What survives.
    pub(crate) durable: Vec<u8>,
    /// What is on its way, in order.
    pub(crate) pending: Vec<Change>,
    /// Length as programs see it.
    length: u64,
}

/// A change of contents.
#[derive(Debug)]
pub(crate) struct Change {
    at: u64,
    ended: bool,
    pub(crate) what: What,
}

/// Kinds of changes.
#[derive(Debug)]
pub(crate) enum What {
    /// These bytes here.
    Write { offset: u64, bytes: Vec<u8> },
    /// This length.
    Resize { length: u64 },
}

/// A change of names in one directory.
#[derive(Debug, Clone)]
enum NameChange {
    Add(PathBuf, usize),
    Remove(PathBuf),
}

#[derive(Debug)]
enum Sync {
    /// The changes of a file that had ended.
    File(usize, Vec<u64>),
    /// So many changes of names.
    Directory(PathBuf, usize),
}

impl Disk {
    /// Takes a step.
    pub(crate) fn apply(&mut self, step: &Step) {
        match step {
            Step::Opened { path, emptied } => {
                let node = self.opened(path);
                if *emptied {
                    self.change(node, (u64::MAX, What::Resize { length: 0 }));
                    self.ended(u64::MAX);
                }
            }
            Step::Writing { at, path, offset, bytes } => {
                let Some(node) = self.names.get(path).copied() else { return };
                let end = self.nodes.get(node).map_or(0, |node| node.length);
                let (offset, bytes) = (offset.unwrap_or(end), bytes.clone());
                self.change(node, (*at, What::Write { offset, bytes }));
            }
            Step::Resizing { at, path, length } => {
                let Some(node) = self.names.get(path).copied() else { return };
                self.change(node, (*at, What::Resize { length: *length }));
            }
            Step::Removing { path } => {
                self.names.remove(path);
                self.rename(path, NameChange::Remove(path.clone()));
            }
            Step::Renaming { from, to } => {
                let Some(node) = self.names.remove(from) else { return };
                self.names.insert(to.clone(), node);
                // Added first: no order of losses makes the file unreachable under both names, as on any journalled
                // file system.
                self.rename(to, NameChange::Add(to.clone(), node));
                self.rename(from, NameChange::Remove(from.clone()));
            }
            Step::Syncing { at, path } => self.syncing(*at, path),
            Step::Ended { at } => self.ended(*at),
            Step::Answered(_) => {}
        }
    }

    fn opened(&mut self, path: &Path) -> usize {
        if let Some(node) = self.names.get(path) {
            return *node;
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        self.names.insert(path.to_owned(), node);
        self.rename(path, NameChange::Add(path.to_owned(), node));
        node
    }

    fn change(&mut self, node: usize, (at, what): (u64, What)) {
        self.writes.insert(at, node);
        let Some(node) = self.nodes.get_mut(node) else { return };
        node.length = match &what {
            What::Write { offset, bytes } => {
                let end = offset + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                node.length.max(end)
            }
            What::Resize { length } => *length,
        };
        node.pending.push(Change { at, ended: false, what });
    }

    fn rename(&mut self, path: &Path, change: NameChange) {
        let directory = path.parent().unwrap_or(path).to_owned();
        self.pending.entry(directory).or_default().push(change);
    }

    fn syncing(&mut self, at: u64, path: &Path) {
        let sync = match self.names.get(path) {
            Some(node) => {
                let changes = self.nodes.get(*node).map(|node| node.pending.iter());
                let ended = changes.into_iter().flatten().filter(|change| change.ended);
                Sync::File(*node, ended.map(|change| change.at).collect())
            }
            None => Sync::Directory(
                path.to_owned(),
                self.pending.get(path).map_or(0, std::vec::Vec::len),
            ),
        };
        self.syncs.insert(at, sync);
    }

    fn ended(&mut self, at: u64) {
        match self.syncs.remove(&at) {
            Some(Sync::File(node, changes)) => {
                let Some(node) = self.nodes.get_mut(node) else { return };
                let (done, left) =
                    node.pending.drain(..).partition(|change| changes.contains(&change.at));
                node.pending = left;
                let done: Vec<Change> = done;
                done.iter().for_each(|change| change.what.apply(&mut node.durable));
            }
            Some(Sync::Directory(directory, changes)) => {
                let Some(pending) = self.pending.get_mut(&directory) else { return };
                let done: Vec<NameChange> = pending.drain(..changes.min(pending.len())).collect();
                done.iter().for_each(|change| change.apply(&mut self.durable));
            }
            None => {
                let node = self.writes.remove(&at).and_then(|node| self.nodes.get_mut(node));
                let Some(node) = node else { return };
                // Newest first: the change that has just ended is among the last.
                let change = node.pending.iter_mut().rfind(|change| change.at == at);
                change.into_iter().for_each(|change| change.ended = true);
            }
        }
    }

    /// Names that an image has: the durable ones, and of each directory's changes as many as `survive` says of how
    /// many there are. Changes of names survive in their order.
    pub(crate) fn names(&self, mut survive: impl FnMut(usize) -> usize) -> Vec<(PathBuf, &Node)> {
        let mut names = self.durable.clone();
        for changes in self.pending.values() {
            for change in changes.iter().take(survive(changes.len())) {
                change.apply(&mut names);
            }
        }
        let node = |(path, node)| Some((path, self.nodes.get::<usize>(node)?));
        names.into_iter().filter_map(node).collect()
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Add(path, node) => {
                names.insert(path.clone(), *node);
            }
            Self::Remove(path) => {
                names.remove(path);
            }
        }
    }
}

impl What {
    /// Applies the whole change.
    pub(crate) fn apply(&self, contents: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => write(contents, *offset, bytes),
            Self::Resize { length } => contents.resize(place(*length), 0),
        }
    }
}

/// Writes bytes at an offset; what was never written in between is zeros.
pub(crate) fn write(contents: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let (from, end) = (place(offset), place(offset) + bytes.len());
    if contents.len() < end {
        contents.resize(end, 0);
    }
    if let Some(part) = contents.get_mut(from..end) {
        part.copy_from_slice(bytes);
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
