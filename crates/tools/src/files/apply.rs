//! Applying a plan's changes so that each path is whole at every moment and nothing of others is lost.
//!
//! ```text
//! open directories that forbid writing -> stage new contents (written, synced, complete)   .checkrein-<call>-<change>
//!   -> per change: swap in by rename, look at what was displaced
//!        -> not what the plan says? everything is reverted, the act is stale
//!   -> sync -> look at the displaced once more -> remove them -> close directories -> sync
//! ```
//! What is replaced, by whatever kind, is exchanged in one step (`RENAME_EXCHANGE`), a new thing never replaces
//! (`RENAME_NOREPLACE`), a deleted one is set aside first, and where the mode alone changes it is set in place.
//! Staged and displaced things stand in the nearest directory that the plan neither makes nor removes. Under `…-new` a
//! thing may be half made, under its final temporary name never: `recover.rs` relies on it.

mod modes;
mod revert;
mod stage;
mod sync;
mod temporary;

use std::collections::{HashMap, HashSet};

use contract::path::RESERVED_PREFIX;
use domain::{CallId, Change, Content, Digest, FileState, Node, Plan};
use gate::StopSignal;
use rustix::fs::{AtFlags, Mode, RenameFlags, Stat};
use rustix::io::Errno;

use super::cut;
use super::look::{Allowance, Seen, look_at, mode_alone, same_or_open};
use super::problem::{Problem, While};
use super::workspace::{Place, Workspace, split};
use revert::Done;
pub(crate) use temporary::{Originals, Temporary};

/// One change with its number in the plan, which names its temporary file.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) index: usize,
    pub(crate) change: Change,
}

/// Which side of the plan the jobs lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toward {
    /// They take it back.
    Before,
    /// They carry it out.
    After,
}

/// What is renamed to a new place.
#[derive(Debug)]
struct Source {
    /// Its number in the plan.
    index: usize,
    path: String,
    leaves: Leaves,
}

/// When a moved thing leaves its old place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// Its deletion comes first: it is set aside by then.
    Before,
    /// Its deletion comes later: it still stands there.
    Later,
}

/// Why a plan was not applied, and what could not be taken back.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) problem: Problem,
    pub(crate) left: Vec<String>,
}

/// All changes of a plan, in order.
pub(crate) fn jobs(plan: &Plan) -> Vec<Job> {
    let numbered = plan.changes.iter().cloned().enumerate();
    numbered.map(|(index, change)| Job { index, change }).collect()
}

/// One application of a plan, or of a part of it.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    workspace: &'a Workspace,
    call: CallId,
    plan: &'a Plan,
    contents: HashMap<Digest, &'a Content>,
    /// Directories that the plan makes or removes: nothing temporary stands in them.
    unsteady: HashSet<&'a str>,
    /// New places to which a thing is renamed, with what leaves for it.
    renamed: HashMap<String, Source>,
    /// From where things were renamed.
    moved: HashSet<String>,
    done: Vec<Done>,
    /// Says between changes whether a stop ends it.
    signal: StopSignal,
}

impl<'a> Work<'a> {
    /// Work on parts of a plan for a call.
    pub(crate) fn new(workspace: &'a Workspace, call: CallId, plan: &'a Plan) -> Self {
        let states =
            || plan.changes.iter().flat_map(|change| [&change.before, &change.after]).flatten();
        let contents = states().filter_map(|state| match &state.node {
            Node::File { content: Some(content), .. } => Some((content.digest(), content)),
            Node::File { content: None, .. } | Node::Directory | Node::Link { .. } => None,
        });
        let unsteady = plan
            .changes
            .iter()
            .filter(|change| is_directory(&change.before) != is_directory(&change.after))
            .map(|change| change.path.as_str());
        Self {
            workspace,
            call,
            plan,
            contents: contents.collect(),
            unsteady: unsteady.collect(),
            renamed: HashMap::new(),
            moved: HashSet::new(),
            done: Vec::new(),
            signal: StopSignal::never(),
        }
    }

    /// The same, taken back when a stop comes between two changes.
    pub(crate) fn heeding(self, signal: StopSignal) -> Self {
        Self { signal, ..self }
    }

    /// Applies the jobs in order, or reverts what was done of them.
    pub(crate) fn apply(mut self, jobs: &[Job], toward: Toward) -> Result<(), Failure> {
        self.renamed = renamed(self.plan, jobs);
        if let Err(problem) = self.try_to(jobs) {
            return Err(Failure { problem, left: self.take_all_back(jobs, toward) });
        }
        // From here on the jobs are done and durable: what a loss of power could bring back are leftovers only.
        let discarded = self.discard_displaced(jobs);
        let closed = self.close(toward);
        if discarded || closed != Ok(0) {
            self.sync(jobs).unwrap_or_else(|problem| tracing::warn!(%problem, "sync"));
        }
        let left = vec!["its directories did not all get their permission bits".to_owned()];
        closed.map(drop).map_err(|problem| Failure { problem, left })
    }

    fn try_to(&mut self, jobs: &[Job]) -> Result<(), Problem> {
        self.open()?;
        self.stage(jobs)?;
        for job in jobs {
            self.signal.look().map_err(|stopped| Problem::Stopped(stopped.message))?;
            self.swap(job)?;
        }
        self.sync(jobs)?;
        self.look_once_more()
    }

    fn take_all_back(&mut self, jobs: &[Job], toward: Toward) -> Vec<String> {
        let mut left = self.revert();
        self.clean(jobs, Originals::Needed);
        let other = match toward {
            Toward::Before => Toward::After,
            Toward::After => Toward::Before,
        };
        let closed = self.close(other);
        let synced = self.sync(jobs);
        left.extend(closed.err().into_iter().chain(synced.err()).map(|each| each.to_string()));
        left
    }

    fn swap(&mut self, job: &Job) -> Result<(), Problem> {
        let change = &job.change;
        match (&change.before, &change.after) {
            (None, Some(FileState { node: Node::Directory, mode })) => self.make(job, *mode),
            (None, Some(after)) => self.bring(job, after),
            (Some(FileState { node: Node::Directory, .. }), None) => self.remove(job),
            (Some(before), None) => self.set_aside(job, before),
            (Some(before), Some(_)) => match mode_alone(change) {
                Some(bits) => self.change_mode(&change.path, before, bits),
                None => self.exchange(job, before),
            },
            (None, None) => Ok(()),
        }
    }

    /// A new directory appears with its mode, or open, in one step.
    fn make(&mut self, job: &Job, bits: u32) -> Result<(), Problem> {
        let path = &job.change.path;
        let temporary = self.temporary(job.index, path);
        self.new_directory(&temporary, bits)?;
        self.rename(&temporary.unfinished, path, RenameFlags::NOREPLACE)?;
        self.done.push(Done::Made { path: path.clone() });
        Ok(())
    }

    /// A new file or link comes from the staged one, or from where it is moved from.
    fn bring(&mut self, job: &Job, after: &FileState) -> Result<(), Problem> {
        let path = &job.change.path;
        let temporary = self.temporary(job.index, path);
        let Some(from) = self.leaves_from(job, after).filter(|_| !self.exists(&temporary.path))
        else {
            if self.renamed.contains_key(path) {
                self.stage_one(job)?;
            }
            self.rename(&temporary.path, path, RenameFlags::NOREPLACE)?;
            self.done.push(Done::Placed { job: job.clone(), temporary });
            return Ok(());
        };
        match self.rename(&from, path, RenameFlags::NOREPLACE) {
            Err(Problem::Elsewhere(_)) => {
                self.stage_one(job)?;
                return self.bring(job, after);
            }
            other => other?,
        }
        self.done.push(Done::Moved { from: from.clone(), path: path.clone() });
        if !self.workspace.stands(path, Some(after))? {
            return Err(stale(path));
        }
        self.moved.insert(from);
        Ok(())
    }

    /// Where a moved thing stands now: set aside already if its deletion came first, else at its old place.
    fn leaves_from(&self, job: &Job, after: &FileState) -> Option<String> {
        let source = self.renamed.get(&job.change.path)?;
        let aside = self.temporary(source.index, &source.path).path;
        if self.exists(&aside) && self.holds(&aside, after) {
            return Some(aside);
        }
        (source.leaves == Leaves::Later).then(|| source.path.clone())
    }

    /// What stands there and what replaces it change places, of whatever kinds they are.
    fn exchange(&mut self, job: &Job, before: &FileState) -> Result<(), Problem> {
        let path = &job.change.path;
        let temporary = self.temporary(job.index, path);
        if let Some(FileState { node: Node::Directory, mode }) = &job.change.after {
            self.stage_directory(job, &temporary, *mode)?;
        }
        self.rename(&temporary.path, path, RenameFlags::EXCHANGE)?;
        let stamp = self.displaced(&temporary.path, before);
        self.done.push(Done::Exchanged { job: job.clone(), temporary, stamp });
        stamp.map(|_| ()).ok_or_else(|| stale(path))
    }

    fn set_aside(&mut self, job: &Job, before: &FileState) -> Result<(), Problem> {
        let path = &job.change.path;
        if self.moved.contains(path) {
            return Ok(());
        }
        let temporary = self.temporary(job.index, path);
        self.rename(path, &temporary.path, RenameFlags::NOREPLACE)?;
        let stamp = self.displaced(&temporary.path, before);
        self.done.push(Done::SetAside { path: path.clone(), temporary, stamp });
        stamp.map(|_| ()).ok_or_else(|| stale(path))
    }

    /// A directory goes only when it is empty: the system makes sure of it.
    fn remove(&mut self, job: &Job) -> Result<(), Problem> {
        let path = &job.change.path;
        let place = self.place(path)?;
        let wrong = |errno| match errno {
            Errno::NOTEMPTY | Errno::EXIST => {
                Problem::ChangedSince(format!("`{path}` has new entries"))
            }
            _ => changing(path, errno),
        };
        let stat = rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW);
        let stat = stat.map_err(wrong)?;
        cut::here();
        rustix::fs::unlinkat(&place.directory, place.name, AtFlags::REMOVEDIR).map_err(wrong)?;
        self.done.push(Done::Removed { job: job.clone(), owner: (stat.st_uid, stat.st_gid) });
        Ok(())
    }

    /// The stamp of a displaced thing if it is certainly what the plan says. A directory has nothing in it.
    fn displaced(&self, path: &str, before: &FileState) -> Option<Stat> {
        let place = self.place(path).ok()?;
        match look_at(&place, &mut Allowance::digests(), path) {
            Ok(Seen::Plain(looked))
                if same_or_open(before, &looked.state) && looked.unsayable().is_none() =>
            {
                let is_leaf = !matches!(before.node, Node::Directory);
                let alone = is_leaf || self.workspace.is_empty(path).is_ok_and(|empty| empty);
                alone.then_some(*looked.stat)
            }
            Ok(Seen::Plain(_) | Seen::Special(_) | Seen::Nothing) | Err(_) => None,
        }
    }

    /// Programs that held a displaced file open may have written to it since it was looked at.
    fn look_once_more(&self) -> Result<(), Problem> {
        for done in &self.done {
            let (path, temporary, stamp) = match done {
                Done::Exchanged { job, temporary, stamp } => (&job.change.path, temporary, stamp),
                Done::SetAside { temporary, .. } if self.moved.contains(&temporary.path) => {
                    continue;
                }
                Done::SetAside { path, temporary, stamp } => (path, temporary, stamp),
                Done::Moded { path, set, found } => {
                    if !self.has_mode(path, *set, found) {
                        return Err(stale(path));
                    }
                    continue;
                }
                Done::Made { .. }
                | Done::Placed { .. }
                | Done::Moved { .. }
                | Done::Removed { .. } => {
                    continue;
                }
            };
            let place = self.place(&temporary.path)?;
            let now = rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW);
            let unchanged = match (now, stamp) {
                (Ok(now), Some(then)) => stamps_equal(&now, then),
                (Err(_), _) | (_, None) => false,
            };
            if !unchanged {
                return Err(stale(path));
            }
        }
        Ok(())
    }

    /// Renames without replacing, or exchanges.
    pub(crate) fn rename(&self, from: &str, to: &str, flags: RenameFlags) -> Result<(), Problem> {
        let (old, new) = (self.place(from)?, self.place(to)?);
        cut::here();
        rustix::fs::renameat_with(&old.directory, old.name, &new.directory, new.name, flags)
            .map_err(|errno| match errno {
                Errno::EXIST => Problem::ChangedSince(format!("`{}` is new", shown(to, from))),
                Errno::NOENT | Errno::NOTDIR => {
                    Problem::ChangedSince(format!("`{}` is missing", shown(from, to)))
                }
                _ => changing(&shown(to, from), errno),
            })
    }

    fn place<'p>(&self, path: &'p str) -> Result<Place<'p>, Problem> {
        self.workspace.place(path).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR => {
                Problem::ChangedSince(format!("`{}` is missing", split(path).0))
            }
            _ => changing(path, errno),
        })
    }
}

/// New places to which jobs can rename a thing that leaves. Each is renamed to one new place.
fn renamed(plan: &Plan, jobs: &[Job]) -> HashMap<String, Source> {
    let at: HashMap<&str, usize> =
        jobs.iter().enumerate().map(|(at, job)| (job.change.path.as_str(), at)).collect();
    let sources: HashSet<&str> =
        jobs.iter().filter_map(|job| job.change.moved_from.as_deref()).collect();
    let paths = plan.changes.iter().enumerate().map(|(index, each)| (each.path.as_str(), index));
    let mut indices: HashMap<&str, usize> =
        paths.filter(|(path, _)| sources.contains(path)).collect();
    let mut places = HashMap::new();
    for (here, Job { change, .. }) in jobs.iter().enumerate() {
        let (None, Some(after)) = (&change.before, &change.after) else { continue };
        let Some((path, index)) =
            change.moved_from.as_deref().and_then(|from| indices.remove_entry(from))
        else {
            continue;
        };
        if matches!(after.node, Node::Directory) {
            continue;
        }
        let leaves = match at.get(path) {
            Some(there) if here < *there => Leaves::Later,
            Some(_) | None => Leaves::Before,
        };
        let source = Source { index, path: path.to_owned(), leaves };
        places.insert(change.path.clone(), source);
    }
    places
}

fn is_directory(state: &Option<FileState>) -> bool {
    state.as_ref().is_some_and(|state| matches!(state.node, Node::Directory))
}

fn changing(path: &str, errno: Errno) -> Problem {
    Problem::system(path, errno, While::Changing)
}

fn stale(path: &str) -> Problem {
    Problem::ChangedSince(format!("`{path}` was modified"))
}

/// Of two paths the one that is not temporary, for messages.
fn shown(path: &str, other: &str) -> String {
    let temporary = split(path).1.starts_with(RESERVED_PREFIX);
    if temporary { other.to_owned() } else { path.to_owned() }
}

fn mode(bits: u32) -> Mode {
    Mode::from_raw_mode(bits)
}

fn stamps_equal(one: &Stat, other: &Stat) -> bool {
    // Another name of the file that goes too moves this stamp; who writes to the file moves the others as well.
    let hard_linked = other.st_nlink > 1;
    one.st_ino == other.st_ino
        && one.st_size == other.st_size
        && (one.st_mtime, one.st_mtime_nsec) == (other.st_mtime, other.st_mtime_nsec)
        && (hard_linked
            || (one.st_ctime, one.st_ctime_nsec) == (other.st_ctime, other.st_ctime_nsec))
}
