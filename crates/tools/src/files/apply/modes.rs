//! Permission bits set in place, and directories that forbid their owner to work in them.
//!
//! ```text
//! 0555 --open--> 0755 --(changes inside)--> 0755 --close--> 0555, or what the plan says
//! ```
//! A directory of the plan that lacks one of its owner's bits is open while the act runs: new ones are made open, old
//! ones are opened first. Open bits are told from the plan alone, so recovery closes what a crash left open. Who is
//! neither the owner nor root opens nothing and is refused by the system where that was needed.

use std::cmp::Reverse;
use std::os::fd::{AsRawFd, OwnedFd};

use domain::{FileState, Node};
use rustix::fs::{AtFlags, FileType, OFlags, Stat};
use rustix::io::Errno;

use super::super::cut;
use super::super::look::opened;
use super::super::problem::Problem;
use super::super::workspace::{Place, beneath};
use super::revert::Done;
use super::{Toward, Work, changing, mode, stale};

/// The permission bits of a stat.
const MODE_BITS: u32 = 0o7777;

impl Work<'_> {
    /// Opens the directories of the plan that stand and are closed.
    pub(crate) fn open(&self) -> Result<(), Problem> {
        let changes = self.plan.changes.iter();
        let sides = changes.flat_map(|each| {
            [&each.before, &each.after].map(|state| closed(state).map(|bits| (&each.path, bits)))
        });
        let mut directories: Vec<(&String, u32)> = sides.flatten().collect();
        // Parents first: the ones below are reached through them.
        directories.sort_unstable();
        for (path, bits) in directories {
            if let Some(stat) = self.directory_with(path, bits)
                && may_set_mode(&stat)
            {
                self.set_mode(path, &stat, opened(bits))?;
            }
        }
        Ok(())
    }

    /// Closes what is open, toward one side of the plan; tells how many. Tries all before it tells of a problem.
    pub(crate) fn close(&self, toward: Toward) -> Result<usize, Problem> {
        let mut directories: Vec<(&String, u32)> = Vec::new();
        for change in &self.plan.changes {
            let (wanted, other) = match toward {
                Toward::After => (&change.after, &change.before),
                Toward::Before => (&change.before, &change.after),
            };
            let state = if super::is_directory(wanted) { wanted } else { other };
            directories.extend(closed(state).map(|bits| (&change.path, bits)));
        }
        // Children first: the ones below are reached through their parents.
        directories.sort_unstable_by_key(|each| Reverse(*each));
        let mut first = Ok(());
        let mut count = 0;
        for (path, bits) in directories {
            if let Some(stat) = self.directory_with(path, opened(bits)) {
                let set = self.set_mode(path, &stat, bits);
                count += usize::from(set.is_ok());
                first = first.and(set);
            }
        }
        first.map(|()| count)
    }

    /// Sets the bits of a thing that otherwise stays as it is. A directory that is to be closed stays open for now.
    pub(super) fn change_mode(
        &mut self,
        path: &str,
        before: &FileState,
        bits: u32,
    ) -> Result<(), Problem> {
        let (stat, set) = if matches!(before.node, Node::Directory) {
            let bits_now = [before.mode, opened(before.mode)];
            let stat = bits_now.into_iter().find_map(|bits| self.directory_with(path, bits));
            (stat, opened(bits))
        } else {
            (self.displaced(path, before), bits)
        };
        let found = stat.ok_or_else(|| stale(path))?;
        if found.st_mode & MODE_BITS != set {
            self.set_mode(path, &found, set)?;
            self.done.push(Done::Moded { path: path.to_owned(), found, set });
        }
        Ok(())
    }

    /// Gives a thing its old bits again. One that somebody put there since keeps its own.
    pub(super) fn mode_back(&self, path: &str, set: u32, found: &Stat) -> Result<(), Problem> {
        match self.stat(path) {
            Some(now) if now.st_ino == found.st_ino && now.st_mode & MODE_BITS == set => {
                self.set_mode(path, &now, found.st_mode & MODE_BITS)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a thing still is the one that got these bits.
    pub(super) fn has_mode(&self, path: &str, set: u32, found: &Stat) -> bool {
        let is_same = |now: Stat| now.st_ino == found.st_ino && now.st_mode & MODE_BITS == set;
        self.stat(path).is_some_and(is_same)
    }

    /// A directory at a path, if it has these bits.
    fn directory_with(&self, path: &str, bits: u32) -> Option<Stat> {
        let stat = self.stat(path)?;
        let is_directory = FileType::from_raw_mode(stat.st_mode).is_dir();
        (is_directory && stat.st_mode & MODE_BITS == bits).then_some(stat)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let place = self.workspace.place(path).ok()?;
        rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW).ok()
    }

    fn set_mode(&self, path: &str, found: &Stat, bits: u32) -> Result<(), Problem> {
        let place = self.place(path)?;
        let wrong = |errno| changing(path, errno);
        let readable = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        cut::here();
        match same_thing(&place, found, readable) {
            Ok(thing) => rustix::fs::fchmod(thing.ok_or_else(|| stale(path))?, mode(bits)),
            // Its owner may not read it, but may set its bits; a descriptor without rights names it exactly.
            Err(Errno::ACCESS) => {
                let thing = same_thing(&place, found, OFlags::PATH).map_err(wrong)?;
                let thing = thing.ok_or_else(|| stale(path))?;
                rustix::fs::chmod(format!("/proc/self/fd/{}", thing.as_raw_fd()), mode(bits))
            }
            Err(errno) => Err(errno),
        }
        .map_err(wrong)
    }
}

/// The thing at a place, if it is the one that was found.
fn same_thing(place: &Place<'_>, found: &Stat, flags: OFlags) -> Result<Option<OwnedFd>, Errno> {
    let is_found = |stat: &Stat| (stat.st_dev, stat.st_ino) == (found.st_dev, found.st_ino);
    // Looked at first: opening a device that was put there meanwhile would do things.
    let stat = rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW)?;
    if !is_found(&stat) {
        return Ok(None);
    }
    let thing = beneath(&place.directory, place.name, flags)?;
    let stat = rustix::fs::fstat(&thing)?;
    Ok(is_found(&stat).then_some(thing))
}

/// The bits of a directory that lacks some of its owner's.
fn closed(state: &Option<FileState>) -> Option<u32> {
    let state = state.as_ref().filter(|state| matches!(state.node, Node::Directory))?;
    (opened(state.mode) != state.mode).then_some(state.mode)
}

fn may_set_mode(stat: &Stat) -> bool {
    let own = rustix::process::geteuid();
    own.is_root() || own.as_raw() == stat.st_uid
}
