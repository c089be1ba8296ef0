//! Applying a plan's changes so that each path is whole at every moment and nothing of others is lost.
//!
//! ```text
//! stage new contents (written, synced, complete)      .checkrein-<call>-<change>
//!   -> per change: swap in by rename, look at what was displaced
//!        -> not what the plan says? everything is reverted, the act is stale
//!   -> sync directories -> look at the displaced once more -> remove them -> sync
//! ```
//! A replaced file is exchanged in one step (`RENAME_EXCHANGE`), a new one never replaces (`RENAME_NOREPLACE`),
//! a deleted one is set aside first. Staged and displaced files stand in the nearest directory that the plan
//! neither makes nor removes. Under `…-new` a file may be half written, under its final temporary name never:
//! `recover.rs` relies on it.

mod revert;
mod stage;
mod temporary;

use std::collections::{BTreeSet, HashMap, HashSet};

use contract::path::RESERVED_PREFIX;
use domain::{CallId, Change, Content, Digest, FileState, Node, Plan};
use rustix::fs::{AtFlags, Mode, RenameFlags, Stat};
use rustix::io::Errno;

use super::look::{Allowance, Seen, look_at, same};
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
    contents: HashMap<Digest, &'a Content>,
    /// Directories that the plan makes or removes: nothing temporary stands in them.
    unsteady: HashSet<&'a str>,
    /// Sources of moves that are done.
    moved: HashSet<String>,
    done: Vec<Done>,
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
        let directory = |state: &Option<FileState>| {
            state.as_ref().is_some_and(|state| matches!(state.node, Node::Directory))
        };
        let unsteady = plan
            .changes
            .iter()
            .filter(|change| directory(&change.before) || directory(&change.after))
            .map(|change| change.path.as_str());
        Self {
            workspace,
            call,
            contents: contents.collect(),
            unsteady: unsteady.collect(),
            moved: HashSet::new(),
            done: Vec::new(),
        }
    }

    /// Applies the jobs in order, or reverts what was done of them.
    pub(crate) fn apply(mut self, jobs: &[Job]) -> Result<(), Failure> {
        let Err(problem) = self.try_to(jobs) else { return Ok(()) };
        let mut left = self.revert();
        self.clean(jobs, Originals::Needed);
        if let Err(unsynced) = self.sync(&self.directories(jobs)) {
            left.push(unsynced.to_string());
        }
        Err(Failure { problem, left })
    }

    fn try_to(&mut self, jobs: &[Job]) -> Result<(), Problem> {
        self.stage(jobs)?;
        for job in jobs {
            self.swap(job)?;
        }
        let directories = self.directories(jobs);
        self.sync(&directories)?;
        self.look_once_more()?;
        if self.discard_displaced(jobs) {
            // The plan is done and durable: what a loss of power could bring back are leftovers only.
            self.sync(&directories).unwrap_or_else(|problem| tracing::warn!(%problem, "sync"));
        }
        Ok(())
    }

    fn swap(&mut self, job: &Job) -> Result<(), Problem> {
        let change = &job.change;
        match (&change.before, &change.after) {
            (None, Some(FileState { node: Node::Directory, mode })) => self.make(job, *mode),
            (None, Some(after)) => self.bring(job, after),
            (Some(FileState { node: Node::Directory, .. }), None) => self.remove(job),
            (Some(before), None) => self.set_aside(job, before),
            (Some(before), Some(_)) => self.exchange(job, before),
            (None, None) => Ok(()),
        }
    }

    /// A new directory appears with its final mode, in one step.
    fn make(&mut self, job: &Job, mode: u32) -> Result<(), Problem> {
        let path = &job.change.path;
        let temporary = self.temporary(job.index, path);
        self.new_directory(&temporary, mode)?;
        self.rename(&temporary.unfinished, path, RenameFlags::NOREPLACE)?;
        self.done.push(Done::Made { path: path.clone() });
        Ok(())
    }

    /// A new file or link comes from where it is moved from, else from the staged one.
    fn bring(&mut self, job: &Job, after: &FileState) -> Result<(), Problem> {
        let path = &job.change.path;
        let temporary = self.temporary(job.index, path);
        let Some(from) = job.change.moved_from.clone().filter(|_| !self.exists(&temporary.path))
        else {
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
            return Err(stale(&from));
        }
        self.moved.insert(from);
        Ok(())
    }

    fn exchange(&mut self, job: &Job, before: &FileState) -> Result<(), Problem> {
        let path = &job.change.path;
        let temporary = self.temporary(job.index, path);
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
        rustix::fs::unlinkat(&place.directory, place.name, AtFlags::REMOVEDIR).map_err(wrong)?;
        self.done.push(Done::Removed { job: job.clone(), owner: (stat.st_uid, stat.st_gid) });
        Ok(())
    }

    /// The stamp of a displaced thing if it is certainly what the plan says.
    fn displaced(&self, path: &str, before: &FileState) -> Option<Stat> {
        let place = self.place(path).ok()?;
        match look_at(&place, &mut Allowance::digests(), path) {
            Ok(Seen::Plain(looked)) if same(&looked.state, before) && looked.oddity().is_none() => {
                Some(*looked.stat)
            }
            Ok(Seen::Plain(_) | Seen::Special(_) | Seen::Nothing) | Err(_) => None,
        }
    }

    /// Programs that held a displaced file open may have written to it since it was looked at.
    fn look_once_more(&self) -> Result<(), Problem> {
        for done in &self.done {
            let (path, temporary, stamp) = match done {
                Done::Exchanged { job, temporary, stamp } => (&job.change.path, temporary, stamp),
                Done::SetAside { path, temporary, stamp } => (path, temporary, stamp),
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

    /// Directories whose entries changed, each once.
    fn directories(&self, jobs: &[Job]) -> BTreeSet<String> {
        let parents = jobs.iter().map(|job| split(&job.change.path).0);
        let sources = jobs.iter().filter_map(|job| job.change.moved_from.as_deref());
        let bases = jobs.iter().map(|job| self.base(&job.change.path));
        parents.chain(bases).chain(sources.map(|from| split(from).0)).map(str::to_owned).collect()
    }

    fn sync(&self, directories: &BTreeSet<String>) -> Result<(), Problem> {
        for path in directories {
            let directory = match self.workspace.readable_directory(path) {
                // Removed by the plan.
                Err(Errno::NOENT | Errno::NOTDIR) => continue,
                other => other.map_err(|errno| changing(path, errno))?,
            };
            rustix::fs::fsync(directory).map_err(|errno| changing(path, errno))?;
        }
        Ok(())
    }

    /// Renames without replacing, or exchanges.
    pub(crate) fn rename(&self, from: &str, to: &str, flags: RenameFlags) -> Result<(), Problem> {
        let (old, new) = (self.place(from)?, self.place(to)?);
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
    one.st_ino == other.st_ino
        && one.st_size == other.st_size
        && (one.st_mtime, one.st_mtime_nsec) == (other.st_mtime, other.st_mtime_nsec)
        && (one.st_ctime, one.st_ctime_nsec) == (other.st_ctime, other.st_ctime_nsec)
}
