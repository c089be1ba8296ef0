//! What a command found: the workspace, with the changes of held plans on top of it.
//!
//! In: paths and the plans a preview stands on. Out: what stood at each path before the command, and whether somebody
//! else has changed it since the command began. Only paths that are asked for are looked at, so the cost depends on
//! what changed and not on the size of the workspace. Making a layer out of the plans is `layer.rs`; tests are in
//! `tests/it`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use domain::{FileState, Node, Plan, limits};
use rustix::fs::Stat;
use rustix::time::ClockId;

use crate::files::look::{Allowance, Looked, Seen};
use crate::files::problem::{Problem, While};
use crate::files::workspace::{Workspace, join, split};

/// What the plans say of each path that they change; nothing where it is gone.
#[derive(Debug, Default)]
pub(super) struct Over(BTreeMap<String, Option<FileState>>);

/// A moment of the kernel's clock for files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    seconds: i64,
    nanoseconds: i64,
}

/// The ground on which a command ran.
#[derive(Debug)]
pub(super) struct Lower<'w> {
    pub(super) workspace: &'w Workspace,
    over: &'w Over,
    since: Moment,
}

/// What stood at a path before the command.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) state: FileState,
    /// Whether making it anew gives something else in owner or attributes.
    pub(super) more_than_state: bool,
    /// Whether it is a file that stands under other names too (hard links).
    pub(super) other_names: bool,
}

impl Over {
    /// The plans, the first one first.
    pub(super) fn of(plans: &[Plan]) -> Self {
        let mut states = BTreeMap::new();
        for change in plans.iter().flat_map(|plan| &plan.changes) {
            states.insert(change.path.clone(), change.after.clone());
        }
        Self(states)
    }

    /// What must stand in the workspace for these plans to be applied: for each path the first state before.
    pub(super) fn grounds(plans: &[Plan]) -> BTreeMap<&str, Option<&FileState>> {
        let mut grounds = BTreeMap::new();
        for change in plans.iter().flat_map(|plan| &plan.changes) {
            grounds.entry(change.path.as_str()).or_insert(change.before.as_ref());
        }
        grounds
    }

    /// What the plans say of a path, if they say anything.
    pub(super) fn state(&self, path: &str) -> Option<Option<&FileState>> {
        self.0.get(path).map(Option::as_ref)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Paths in order, parents before children.
    pub(super) fn states(&self) -> impl Iterator<Item = (&str, Option<&FileState>)> {
        self.0.iter().map(|(path, state)| (path.as_str(), state.as_ref()))
    }

    /// Names that the plans put right into a directory or take out of it.
    fn names<'o>(
        &'o self,
        directory: &'o str,
    ) -> impl Iterator<Item = (&'o str, Option<&'o FileState>)> {
        let prefix = join(directory, "");
        let from = Bound::Included(prefix.clone());
        let below = self.0.range::<String, _>((from, Bound::Unbounded));
        let skip = prefix.len();
        below
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .filter_map(move |(path, state)| Some((path.get(skip..)?, state.as_ref())))
            .filter(|(name, _)| !name.contains('/'))
    }
}

impl Moment {
    /// Now. Stamps of files come from this clock, some of them with the time of the latest tick (1 to 10 ms ago). The
    /// exact time is right all the same: a change between tick and now was there before the command ran, since
    /// building its jail takes longer than a tick.
    pub(super) fn now() -> Self {
        let now = rustix::time::clock_gettime(ClockId::Realtime);
        Self { seconds: now.tv_sec, nanoseconds: now.tv_nsec }
    }

    /// When the state of a file was last changed. Unlike its time of modification nobody can set it.
    pub(super) fn changed(stat: &Stat) -> Self {
        Self {
            seconds: stat.st_ctime,
            nanoseconds: i64::try_from(stat.st_ctime_nsec).unwrap_or(i64::MAX),
        }
    }
}

impl<'w> Lower<'w> {
    /// The workspace below the plans, for a command that began at `since`.
    pub(super) fn new(workspace: &'w Workspace, over: &'w Over, since: Moment) -> Self {
        Self { workspace, over, since }
    }

    /// What stood at a path. An error if it cannot be part of a plan, or was changed since the command began.
    pub(super) fn look(
        &self,
        path: &str,
        allowance: &mut Allowance,
    ) -> Result<Option<Before>, Problem> {
        if let Some(state) = self.over.0.get(path) {
            let before = |state: &FileState| Before {
                state: state.clone(),
                more_than_state: false,
                other_names: false,
            };
            return Ok(state.as_ref().map(before));
        }
        let refused = |why: String| Problem::Special { path: path.to_owned(), why };
        let looked = match self.workspace.look(path, allowance)? {
            Seen::Nothing => return Ok(None),
            Seen::Special(what) => return Err(refused(format!("it is {what}"))),
            Seen::Plain(looked) => looked,
        };
        if let Some(why) = looked.unsayable() {
            return Err(refused(why));
        }
        let directory = matches!(looked.state.node, Node::Directory);
        // A directory's own stamp moves with every entry; its entries are looked at one by one.
        if !directory && Moment::changed(&looked.stat) > self.since {
            return Err(Problem::ChangedSince(format!(
                "`{path}` was changed while the command ran"
            )));
        }
        let more_than_state = looked.keeps_more_than_state(self.workspace.maker(path));
        let other_names = looked.has_other_names();
        let Looked { state, .. } = looked;
        Ok(Some(Before { state, more_than_state, other_names }))
    }

    /// Makes sure that nobody took anything out of the directory above a path, or put something in, since the command
    /// began.
    pub(super) fn is_quiet(&self, path: &str) -> Result<(), Problem> {
        let (parent, _) = split(path);
        if self.over.state(parent).is_some() {
            // Made by a held call; what stood there before is looked at when that call acts.
            return Ok(());
        }
        let stat = self.workspace.directory(parent).and_then(rustix::fs::fstat);
        let stat = stat.map_err(|errno| Problem::system(parent, errno, While::Looking))?;
        if Moment::changed(&stat) > self.since {
            let what = format!("entries of `{parent}` were changed while the command ran");
            return Err(Problem::ChangedSince(what));
        }
        Ok(())
    }

    /// Names in a directory that stood before the command, all of which a plan can name.
    pub(super) fn names(&self, path: &str) -> Result<BTreeSet<String>, Problem> {
        let mut names = BTreeSet::new();
        let refused = |why: String| Err(Problem::Special { path: path.to_owned(), why });
        match self.workspace.names(path) {
            // Made by one of the plans.
            Err(Problem::NotFound { .. } | Problem::LinkInPath(_)) if !self.over.is_empty() => {}
            Err(other) => return Err(other),
            Ok(found) => {
                if found.cut {
                    let most = limits::DIRECTORY_ENTRIES_MAX;
                    return refused(format!("it has more than {most} entries"));
                }
                if found.unreadable > 0 {
                    return refused("it holds names that are not UTF-8".to_owned());
                }
                if let Some(name) = found.reserved.first() {
                    return refused(format!(
                        "it holds `{name}`, which another act left or is using"
                    ));
                }
                names.extend(found.names.into_iter().map(|each| each.name));
            }
        }
        for (name, state) in self.over.names(path) {
            match state {
                Some(_) => names.insert(name.to_owned()),
                None => names.remove(name),
            };
        }
        Ok(names)
    }
}
