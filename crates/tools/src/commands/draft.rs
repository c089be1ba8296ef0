//! Changes in the making: what a command left beside what stood before, put in order and tied together.
//!
//! ```text
//! path, before, after -> renames recognised -> contents before -> order -> diff -> Plan
//! ```
//! New contents must fit into the plan, for they are applied from it; originals are kept as far as there is room, and
//! where there is none the plan says that it cannot be taken back. The order is the one that `files::act` applies:
//! deletions with the deepest first, then what is new or of another kind with parents first, then the rest.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{Change, Digest, FileState, Node, Plan, limits};

use super::lower::{Before, Lower};
use crate::files::diff;
use crate::files::look::{Allowance, same};
use crate::files::problem::Problem;
use crate::files::workspace::split;

/// A plan in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    touched: BTreeMap<String, Touched>,
}

#[derive(Debug)]
struct Touched {
    before: Option<Before>,
    after: Option<FileState>,
    moved_from: Option<String>,
}

/// Where a change stands in the order of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Leaves,
    Comes,
    Stays,
}

impl Draft {
    /// Adds what is at a path, if it is something else than before.
    pub(super) fn push(
        &mut self,
        path: &str,
        before: Option<Before>,
        after: Option<FileState>,
    ) -> Result<(), Problem> {
        let unchanged = match (&before, &after) {
            (None, None) => true,
            (Some(before), Some(after)) => same(&before.state, after),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if unchanged {
            return Ok(());
        }
        // Its other names get the mode too, also those that are not in the plan or not in the workspace.
        if let (Some(before), Some(after)) = (&before, &after)
            && before.other_names
            && same_content(&before.state, after)
        {
            return Err(Problem::Special {
                path: path.to_owned(),
                why: "it has other names (hard links), which would get the new mode too; make it a file of its own first"
                    .to_owned(),
            });
        }
        if self.touched.len() >= limits::PLAN_CHANGES_MAX {
            return Err(Problem::TooLarge(format!(
                "the command changes more than {} files, links and directories; let it work on a smaller part, \
                 or name what it makes as a cache",
                limits::PLAN_CHANGES_MAX
            )));
        }
        let touched = Touched { before, after, moved_from: None };
        self.touched.insert(path.to_owned(), touched);
        Ok(())
    }

    /// Directories of which nothing is left but that something was mounted there: no change of the command's.
    pub(super) fn without_mount_points(&mut self, mounted: &[String]) {
        for place in mounted {
            let mut path = split(place).0;
            while self.is_bare(path) {
                self.touched.remove(path);
                path = split(path).0;
            }
        }
    }

    /// Whether a path is a new directory without anything new in it.
    fn is_bare(&self, path: &str) -> bool {
        let is_new = self.touched.get(path).is_some_and(|touched| {
            let directory = |state: &FileState| matches!(state.node, Node::Directory);
            touched.before.is_none() && touched.after.as_ref().is_some_and(directory)
        });
        let inside = format!("{path}/");
        let next = self.touched.range(inside.clone()..).next();
        is_new && next.is_none_or(|(other, _)| !other.starts_with(&inside))
    }

    /// The plan. `room` is what the new contents have left for originals.
    pub(super) fn finish(
        mut self,
        lower: &Lower<'_>,
        room: &mut Allowance,
    ) -> Result<Plan, Problem> {
        self.recognise_moves();
        self.refuse_missing_contents()?;
        for (path, touched) in &mut self.touched {
            touched.keep_original(path, lower, room)?;
        }
        let mut restorable = true;
        let moved: HashSet<String> =
            self.touched.values().filter_map(|touched| touched.moved_from.clone()).collect();
        for (path, touched) in &self.touched {
            restorable &= moved.contains(path) || touched.comes_back();
        }
        let changes = self.ordered();
        let diff = diff::unified(&changes);
        Ok(Plan { changes, diff, restorable, execution: None })
    }

    /// Ties what left one place to what came to another with the same content and mode. Empty files are alike by
    /// chance, so they are tied only where the name is the same too.
    fn recognise_moves(&mut self) {
        let mut leaving: HashMap<(Digest, u32), Vec<String>> = HashMap::new();
        for (path, touched) in self.touched.iter().rev() {
            if let (Some(before), None) = (&touched.before, &touched.after)
                && let Some(key) = identity(&before.state)
            {
                leaving.entry(key).or_default().push(path.clone());
            }
        }
        for (path, touched) in &mut self.touched {
            let (None, Some(after)) = (&touched.before, &touched.after) else { continue };
            let Some(sources) = identity(after).and_then(|key| leaving.get_mut(&key)) else {
                continue;
            };
            let namesake = sources.iter().position(|from| split(from).1 == split(path).1);
            let any = (!is_empty(after) && !sources.is_empty()).then(|| sources.len() - 1);
            if let Some(at) = namesake.or(any) {
                touched.moved_from = Some(sources.remove(at));
            }
        }
    }

    /// A new content that is not in the plan cannot be applied, unless the file is only moved or gets another mode.
    fn refuse_missing_contents(&self) -> Result<(), Problem> {
        for (path, touched) in &self.touched {
            let Some(FileState { node: Node::File { size, digest, content: None }, .. }) =
                &touched.after
            else {
                continue;
            };
            let kept = touched.before.as_ref().and_then(|before| identity(&before.state));
            let same_content = kept.is_some_and(|(before, _)| before == *digest);
            if touched.moved_from.is_none() && !same_content {
                return Err(Problem::TooLarge(format!(
                    "`{path}` has {size} bytes; one file of a plan has at most {} bytes, and all its contents together \
                     at most {}; let the command write it to /tmp or to a cache, if it need not stay",
                    limits::FILE_BYTES_MAX,
                    limits::PLAN_CONTENT_BYTES_MAX
                )));
            }
        }
        Ok(())
    }

    fn ordered(self) -> Vec<Change> {
        let mut changes: Vec<(Turn, Change)> = self
            .touched
            .into_iter()
            .map(|(path, touched)| {
                let turn = touched.turn();
                let Touched { before, after, moved_from } = touched;
                let before = before.map(|before| before.state);
                (turn, Change { path, before, after, moved_from })
            })
            .collect();
        changes.sort_by(|(one_turn, one), (other_turn, other)| {
            one_turn.cmp(other_turn).then_with(|| match one_turn {
                Turn::Leaves => parts(&other.path).cmp(parts(&one.path)),
                Turn::Comes | Turn::Stays => parts(&one.path).cmp(parts(&other.path)),
            })
        });
        changes.into_iter().map(|(_, change)| change).collect()
    }
}

impl Touched {
    fn turn(&self) -> Turn {
        match (&self.before, &self.after) {
            (_, None) => Turn::Leaves,
            (None, Some(_)) => Turn::Comes,
            (Some(before), Some(after)) => {
                let kind = |state: &FileState| std::mem::discriminant(&state.node);
                if kind(&before.state) == kind(after) { Turn::Stays } else { Turn::Comes }
            }
        }
    }

    /// Reads the content before, if there is room for it.
    fn keep_original(
        &mut self,
        path: &str,
        lower: &Lower<'_>,
        room: &mut Allowance,
    ) -> Result<(), Problem> {
        let Some(before) = &mut self.before else { return Ok(()) };
        let Node::File { digest, content, .. } = &before.state.node else { return Ok(()) };
        let only_mode = match self.after.as_ref().map(|after| &after.node) {
            Some(Node::File { digest: after, .. }) => after == digest,
            Some(Node::Directory | Node::Link { .. }) | None => false,
        };
        if content.is_some() || only_mode {
            return Ok(());
        }
        let gone = || Problem::ChangedSince(format!("`{path}` was changed while the command ran"));
        let again = lower.look(path, room)?.ok_or_else(gone)?;
        if !same(&again.state, &before.state) {
            return Err(gone());
        }
        before.state = again.state;
        Ok(())
    }

    /// Whether undo brings the state before back exactly, not counting that a moved file can be renamed back.
    fn comes_back(&self) -> bool {
        let Some(before) = &self.before else { return true };
        let stays = self.turn() == Turn::Stays;
        let content = match (&before.state.node, self.after.as_ref().map(|after| &after.node)) {
            (Node::File { digest, content: None, .. }, Some(Node::File { digest: after, .. })) => {
                digest == after
            }
            (Node::File { content, .. }, _) => content.is_some(),
            (Node::Directory | Node::Link { .. }, _) => true,
        };
        content && (stays || !before.more_than_state)
    }
}

fn same_content(one: &FileState, other: &FileState) -> bool {
    let file = |state| identity(state).map(|(digest, _)| digest);
    file(one).is_some() && file(one) == file(other)
}

/// What makes a file recognisable at another place.
fn identity(state: &FileState) -> Option<(Digest, u32)> {
    match &state.node {
        Node::File { digest, .. } => Some((*digest, state.mode)),
        Node::Directory | Node::Link { .. } => None,
    }
}

fn is_empty(state: &FileState) -> bool {
    matches!(state.node, Node::File { size: 0, .. })
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
}
