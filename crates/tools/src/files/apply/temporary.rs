//! Temporary names: where staged and displaced things stand, and how they are cleared away.
//!
//! `.checkrein-<call>-<change>` stands in the nearest directory that the plan neither makes nor removes, so a tree
//! can be removed while its files are still set aside. Under `…-new` a thing may be half written.

use std::collections::HashSet;

use contract::path::{RESERVED_PREFIX, ROOT};
use domain::{FileState, Node};
use rustix::fs::AtFlags;

use super::super::cut;
use super::super::workspace::{join, split};
use super::revert::Done;
use super::{Job, Work};

/// A temporary name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Temporary {
    pub(crate) path: String,
    /// Where it is while it may be half written.
    pub(super) unfinished: String,
}

/// Whether a displaced original may still be wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Originals {
    /// The act was not finished.
    Needed,
    /// It was.
    Spent,
}

impl Work<'_> {
    /// Removes what `look_once_more` has just found to be as planned; tells whether there was any.
    pub(super) fn discard_displaced(&self, jobs: &[Job]) -> bool {
        let temporaries = jobs.iter().map(|job| self.temporary(job.index, &job.change.path).path);
        temporaries.filter(|path| self.discard(path)).count() > 0
    }

    /// Removes temporary files that are half written or hold a state of the plan. What others wrote stays, and so
    /// does an original that is nowhere else, unless it is spent.
    pub(crate) fn clean(&self, jobs: &[Job], originals: Originals) {
        let kept: HashSet<&Temporary> = self.done.iter().filter_map(Done::holds).collect();
        for job in jobs {
            let temporary = self.temporary(job.index, &job.change.path);
            self.discard(&temporary.unfinished);
            if kept.contains(&temporary) || !self.exists(&temporary.path) {
                continue;
            }
            let removable = match originals {
                Originals::Spent => self.is_ours(job, &temporary),
                Originals::Needed => self.is_spare(job, &temporary),
            };
            if removable {
                self.discard(&temporary.path);
            }
        }
    }

    /// Whether a temporary file holds one of its change's states, so that the plan has it too.
    pub(crate) fn is_ours(&self, job: &Job, temporary: &Temporary) -> bool {
        let states = [&job.change.before, &job.change.after];
        states.into_iter().flatten().any(|state| self.holds(&temporary.path, state))
    }

    /// Whether a temporary file holds a state that is in the plan with its content, or at its place.
    fn is_spare(&self, job: &Job, temporary: &Temporary) -> bool {
        let change = &job.change;
        [&change.before, &change.after].into_iter().flatten().any(|state| {
            let in_plan = match &state.node {
                Node::File { digest, .. } => self.contents.contains_key(digest),
                Node::Directory | Node::Link { .. } => true,
            };
            let at_place =
                || self.workspace.stands(&change.path, Some(state)).is_ok_and(|stands| stands);
            self.holds(&temporary.path, state) && (in_plan || at_place())
        })
    }

    /// Whether a temporary file holds a state.
    pub(super) fn holds(&self, path: &str, state: &FileState) -> bool {
        self.displaced(path, state).is_some()
    }

    /// Whether anything stands at a path.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.workspace.place(path).is_ok_and(|place| {
            rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
        })
    }

    pub(super) fn discard(&self, path: &str) -> bool {
        self.workspace.place(path).is_ok_and(|place| {
            cut::here();
            [AtFlags::empty(), AtFlags::REMOVEDIR]
                .into_iter()
                .any(|flags| rustix::fs::unlinkat(&place.directory, place.name, flags).is_ok())
        })
    }

    /// The temporary name of a change.
    pub(crate) fn temporary(&self, index: usize, path: &str) -> Temporary {
        let name = format!("{RESERVED_PREFIX}{}-{index}", self.call.uuid().simple());
        let path = join(self.base(path), &name);
        Temporary { unfinished: format!("{path}-new"), path }
    }

    /// The nearest directory above a path that the plan neither makes nor removes. A closed one is open meanwhile.
    pub(super) fn base<'p>(&self, path: &'p str) -> &'p str {
        let mut base = split(path).0;
        while base != ROOT && self.unsteady.contains(base) {
            base = split(base).0;
        }
        base
    }
}
