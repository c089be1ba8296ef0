//! Bringing changes to the disk: one by one while they are few, else all of a file system together.
//!
//! What the order guarantees: contents are durable before anything is swapped in, and every swap is durable before an
//! original is removed. Inside each of these steps nothing depends on order, so they are synced as a batch.

use std::collections::BTreeSet;

use rustix::io::Errno;

use super::super::look::mode_alone;
use super::super::problem::Problem;
use super::super::workspace::split;
use super::{Job, Work, changing, is_directory};

/// With more files or directories one sync of the whole file system is quicker than one for each.
pub(super) const SYNCED_ONE_BY_ONE_MAX: usize = 64;

impl Work<'_> {
    /// Syncs every directory whose entries changed, and every thing whose mode did.
    pub(super) fn sync(&self, jobs: &[Job]) -> Result<(), Problem> {
        let directories = self.directories(jobs);
        // By the jobs, not by what is done: what was taken back is synced too.
        let moded = jobs.iter().filter(|job| mode_alone(&job.change).is_some());
        let moded = moded.map(|job| job.change.path.as_str());
        let files: Vec<&str> = moded.filter(|path| !directories.contains(path)).collect();
        if directories.len() + files.len() > SYNCED_ONE_BY_ONE_MAX {
            return self.sync_file_systems(directories.into_iter());
        }
        for path in directories {
            let directory = match self.workspace.readable_directory(path) {
                // Removed by the plan, or something else by now.
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                other => other.map_err(|errno| changing(path, errno))?,
            };
            rustix::fs::fsync(directory).map_err(|errno| changing(path, errno))?;
        }
        files.into_iter().try_for_each(|path| self.sync_file(path))
    }

    /// Syncs a file's mode. One that nobody may read any more is synced with its file system.
    fn sync_file(&self, path: &str) -> Result<(), Problem> {
        match self.workspace.open_file(path) {
            Ok(file) => rustix::fs::fsync(file).map_err(|errno| changing(path, errno)),
            Err(Problem::NotReadable { .. }) => {
                self.sync_file_systems(std::iter::once(split(path).0))
            }
            // Changed by somebody since: what they did is theirs to sync.
            Err(_) => Ok(()),
        }
    }

    /// Syncs the file systems of some directories, each once. One that is gone is left out: the one it stood in is
    /// named too.
    pub(super) fn sync_file_systems<'p>(
        &self,
        directories: impl Iterator<Item = &'p str>,
    ) -> Result<(), Problem> {
        let mut synced = BTreeSet::new();
        for path in directories {
            let wrong = |errno| changing(path, errno);
            let directory = match self.workspace.readable_directory(path) {
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                other => other.map_err(wrong)?,
            };
            if synced.insert(rustix::fs::fstat(&directory).map_err(wrong)?.st_dev) {
                rustix::fs::syncfs(&directory).map_err(wrong)?;
            }
        }
        Ok(())
    }

    /// Directories whose entries or modes changed, each once.
    fn directories<'j>(&self, jobs: &'j [Job]) -> BTreeSet<&'j str> {
        let mut all = BTreeSet::new();
        for Job { change, .. } in jobs {
            all.insert(split(&change.path).0);
            all.insert(self.base(&change.path));
            all.extend(change.moved_from.as_deref().map(|from| split(from).0));
            if is_directory(&change.before) || is_directory(&change.after) {
                all.insert(&change.path);
            }
        }
        all
    }
}
