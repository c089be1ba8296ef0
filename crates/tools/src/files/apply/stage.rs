//! Staging: every new content stands complete and synced beside its place before anything is swapped.
//!
//! A full disk or a missing right shows here, while nothing is touched. What replaces a file takes over its
//! owner and attributes, so that only content and mode change, as the plan says.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;

use domain::{Content, FileState, Node};
use rustix::fs::{Advice, AtFlags, Gid, Mode, OFlags, RenameFlags, Uid};
use rustix::io::Errno;

use super::super::attributes::copy_attributes;
use super::super::cut;
use super::super::look::{mode_alone, opened};
use super::super::problem::Problem;
use super::super::workspace::{beneath, split};
use super::sync::SYNCED_ONE_BY_ONE_MAX;
use super::{Job, Temporary, Work, changing, mode};

impl Work<'_> {
    /// Stages all that has new content and is not moved there.
    pub(super) fn stage(&mut self, jobs: &[Job]) -> Result<(), Problem> {
        let staged: Vec<&Job> = jobs
            .iter()
            .filter(|Job { change, .. }| match &change.after {
                None | Some(FileState { node: Node::Directory, .. }) => false,
                Some(_) => !self.renamed.contains_key(&change.path) && mode_alone(change).is_none(),
            })
            .collect();
        if staged.len() > SYNCED_ONE_BY_ONE_MAX {
            staged.iter().try_for_each(|job| self.write(job).map(drop))?;
            let bases: BTreeSet<&str> =
                staged.iter().map(|job| self.base(&job.change.path)).collect();
            self.sync_file_systems(bases.into_iter())?;
        } else {
            // All are on their way to the disk before the first is waited for, so that one commit of the file
            // system's journal serves many: less than half the time of one after the other.
            let mut written = Vec::new();
            for job in &staged {
                if let Some(file) = self.write(job)? {
                    // Only advice: the sync is what counts.
                    let _ = rustix::fs::fadvise(&file, 0, None, Advice::DontNeed);
                    written.push((&job.change.path, file));
                }
            }
            for (path, file) in written {
                rustix::fs::fsync(file).map_err(|errno| changing(path, errno))?;
            }
        }
        staged.iter().try_for_each(|job| self.complete(job))
    }

    /// Stages one, durably.
    pub(super) fn stage_one(&mut self, job: &Job) -> Result<(), Problem> {
        if let Some(file) = self.write(job)? {
            rustix::fs::fsync(file).map_err(|errno| changing(&job.change.path, errno))?;
        }
        self.complete(job)
    }

    /// Writes what is not staged already; a file is still to be synced.
    fn write(&self, job: &Job) -> Result<Option<File>, Problem> {
        let path = &job.change.path;
        let Some(after) = &job.change.after else { return Ok(None) };
        let temporary = self.temporary(job.index, path);
        if self.exists(&temporary.path) {
            // Left by the act that is recovered now: used if it is what is wanted.
            if self.holds(&temporary.path, after) {
                return Ok(None);
            }
            self.discard(&temporary.path);
        }
        self.discard(&temporary.unfinished);
        match &after.node {
            Node::File { digest, .. } => {
                let content = self.contents.get(digest).ok_or_else(|| {
                    Problem::NotUndoable(format!("the content of `{path}` was too large to keep"))
                })?;
                // The plan comes back from the journal: its bytes are trusted by their digest only.
                if contract::digest(content.bytes()) != *digest {
                    return Err(Problem::PlanInvalid(format!(
                        "the content of `{path}` is damaged"
                    )));
                }
                self.write_file(job, content).map(Some)
            }
            Node::Link { target } => {
                let place = self.place(&temporary.unfinished)?;
                cut::here();
                rustix::fs::symlinkat(target, &place.directory, place.name)
                    .map_err(|errno| changing(path, errno))?;
                self.owned_by_directory(&temporary, path).map(|()| None)
            }
            Node::Directory => Ok(None),
        }
    }

    fn write_file(&self, job: &Job, content: &Content) -> Result<File, Problem> {
        let path = &job.change.path;
        let wrong = |errno| changing(path, errno);
        let temporary = self.temporary(job.index, path);
        let place = self.place(&temporary.unfinished)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let private = Mode::RUSR | Mode::WUSR;
        cut::here();
        let file =
            rustix::fs::openat(&place.directory, place.name, flags, private).map_err(wrong)?;
        let mut file = File::from(file);
        file.write_all(content.bytes())
            .map_err(|error| wrong(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
        // A thing of another kind has an owner and attributes that say nothing of this one.
        if matches!(&job.change.before, Some(FileState { node: Node::File { .. }, .. })) {
            self.take_over(path, &file)?;
        } else {
            self.owned_by_directory(&temporary, path)?;
        }
        // After the owner and the access rules: both change permission bits.
        let bits = job.change.after.as_ref().map_or(0, |after| after.mode);
        rustix::fs::fchmod(&file, mode(bits)).map_err(wrong)?;
        Ok(file)
    }

    /// From here on the staged thing is complete: recovery may rely on its name.
    fn complete(&self, job: &Job) -> Result<(), Problem> {
        let temporary = self.temporary(job.index, &job.change.path);
        if self.exists(&temporary.path) {
            return Ok(());
        }
        self.rename(&temporary.unfinished, &temporary.path, RenameFlags::NOREPLACE)
    }

    /// A directory, complete at its temporary place, that will replace something.
    pub(super) fn stage_directory(
        &self,
        job: &Job,
        temporary: &Temporary,
        bits: u32,
    ) -> Result<(), Problem> {
        if self.exists(&temporary.path) {
            // Left by the act that is recovered now: what is displaced here is what is wanted.
            if job.change.after.as_ref().is_some_and(|after| self.holds(&temporary.path, after)) {
                return Ok(());
            }
            self.discard(&temporary.path);
        }
        self.new_directory(temporary, bits)?;
        self.rename(&temporary.unfinished, &temporary.path, RenameFlags::NOREPLACE)
    }

    /// A directory under its unfinished name, with its owner and its mode, but open.
    pub(super) fn new_directory(&self, temporary: &Temporary, bits: u32) -> Result<(), Problem> {
        let wrong = |errno| changing(&temporary.unfinished, errno);
        self.discard(&temporary.unfinished);
        let place = self.place(&temporary.unfinished)?;
        cut::here();
        rustix::fs::mkdirat(&place.directory, place.name, Mode::RWXU).map_err(wrong)?;
        self.owned_by_directory(temporary, &temporary.unfinished)?;
        let made = beneath(&place.directory, place.name, OFlags::RDONLY | OFlags::DIRECTORY);
        rustix::fs::fchmod(made.map_err(wrong)?, mode(opened(bits))).map_err(wrong)
    }

    /// What root makes belongs to the owner of the directory it stands in.
    fn owned_by_directory(&self, temporary: &Temporary, path: &str) -> Result<(), Problem> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let wrong = |errno| changing(path, errno);
        let place = self.place(&temporary.unfinished)?;
        let owner = rustix::fs::fstat(&place.directory).map_err(wrong)?;
        self.give(&temporary.unfinished, (owner.st_uid, owner.st_gid))
    }

    /// Changes the owner of what stands at a temporary path.
    pub(super) fn give(&self, path: &str, (user, group): (u32, u32)) -> Result<(), Problem> {
        let place = self.place(path)?;
        let (user, group) = (Uid::from_raw(user), Gid::from_raw(group));
        rustix::fs::chownat(
            &place.directory,
            place.name,
            Some(user),
            Some(group),
            AtFlags::SYMLINK_NOFOLLOW,
        )
        .map_err(|errno| changing(path, errno))
    }

    /// Owner, group, attributes and access rules of the file that is replaced.
    fn take_over(&self, path: &str, file: &File) -> Result<(), Problem> {
        let old = self.workspace.open_file(path)?;
        let wrong = |errno| changing(path, errno);
        let (was, is) =
            (rustix::fs::fstat(&old).map_err(wrong)?, rustix::fs::fstat(file).map_err(wrong)?);
        if (was.st_uid, was.st_gid) != (is.st_uid, is.st_gid) {
            let (user, group) = (Uid::from_raw(was.st_uid), Gid::from_raw(was.st_gid));
            rustix::fs::fchown(file, Some(user), Some(group)).map_err(|_| {
                Problem::NotWritable {
                    path: path.to_owned(),
                    why: "it belongs to another user or group, and replacing it would change that"
                        .to_owned(),
                }
            })?;
        }
        copy_attributes(&old, file).map_err(wrong)
    }

    /// Makes a removed directory again.
    pub(super) fn make_again(&self, job: &Job, owner: (u32, u32)) -> Result<(), Problem> {
        let path = &job.change.path;
        let bits = job.change.before.as_ref().map_or(0, |before| before.mode);
        let temporary = self.temporary(job.index, path);
        self.new_directory(&temporary, bits)?;
        if rustix::process::geteuid().is_root() {
            self.give(&temporary.unfinished, owner)?;
        }
        self.rename(&temporary.unfinished, path, RenameFlags::NOREPLACE)
    }

    /// Removes a directory that was made, if it is empty.
    pub(super) fn unmake(&self, path: &str) -> Result<(), Problem> {
        let place = self.place(path)?;
        cut::here();
        rustix::fs::unlinkat(&place.directory, split(path).1, AtFlags::REMOVEDIR).map_err(|errno| {
            match errno {
                Errno::NOTEMPTY | Errno::EXIST => {
                    Problem::ChangedSince(format!("`{path}` has new entries"))
                }
                _ => changing(path, errno),
            }
        })
    }
}
