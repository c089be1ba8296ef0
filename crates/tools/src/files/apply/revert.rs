//! Taking back what an application did, in reverse, without losing what others did meanwhile.
//!
//! A step that finds something else than the plan put there leaves it standing and says so.

use rustix::fs::{RenameFlags, Stat};

use super::super::problem::Problem;
use super::{Job, Temporary, Work};

/// One step that was done.
#[derive(Debug)]
pub(super) enum Done {
    /// A directory was made.
    Made { path: String },
    /// A directory was removed.
    Removed { job: Job, owner: (u32, u32) },
    /// A staged file or link stands at its place.
    Placed { job: Job, temporary: Temporary },
    /// It was renamed.
    Moved { from: String, path: String },
    /// It stands at its place, and what was there at the temporary one; the stamp if that was as planned.
    Exchanged { job: Job, temporary: Temporary, stamp: Option<Stat> },
    /// It stands at the temporary place; the stamp if it was as planned.
    SetAside { path: String, temporary: Temporary, stamp: Option<Stat> },
    /// It was found with other permission bits, and got these.
    Moded { path: String, found: Stat, set: u32 },
}

impl Done {
    /// Where another's change stands that could not be put back.
    fn kept_at(&self) -> String {
        match self {
            Self::Exchanged { temporary, stamp: None, .. }
            | Self::SetAside { temporary, stamp: None, .. } => {
                format!(" (what stood there is kept as `{}`)", temporary.path)
            }
            Self::Exchanged { .. }
            | Self::SetAside { .. }
            | Self::Made { .. }
            | Self::Removed { .. }
            | Self::Placed { .. }
            | Self::Moved { .. }
            | Self::Moded { .. } => String::new(),
        }
    }

    /// The temporary place at which the step, not taken back, keeps something of others.
    pub(super) fn holds(&self) -> Option<&Temporary> {
        match self {
            Self::Exchanged { temporary, stamp: None, .. }
            | Self::SetAside { temporary, stamp: None, .. } => Some(temporary),
            Self::Exchanged { .. }
            | Self::SetAside { .. }
            | Self::Made { .. }
            | Self::Removed { .. }
            | Self::Placed { .. }
            | Self::Moved { .. }
            | Self::Moded { .. } => None,
        }
    }
}

impl Work<'_> {
    /// Takes back every step; returns what could not be, in words.
    pub(super) fn revert(&mut self) -> Vec<String> {
        let mut left = Vec::new();
        let mut kept = Vec::new();
        while let Some(done) = self.done.pop() {
            if let Err(problem) = self.take_back(&done) {
                left.push(format!("{problem}{}", done.kept_at()));
                kept.push(done);
            }
        }
        self.done = kept;
        left
    }

    fn take_back(&self, done: &Done) -> Result<(), Problem> {
        match done {
            Done::Made { path } => self.unmake(path),
            Done::Removed { job, owner } => self.make_again(job, *owner),
            Done::Moved { from, path } => self.rename(path, from, RenameFlags::NOREPLACE),
            Done::SetAside { path, temporary, stamp: _ } => {
                self.rename(&temporary.path, path, RenameFlags::NOREPLACE)
            }
            Done::Moded { path, found, set } => self.mode_back(path, *set, found),
            Done::Placed { job, temporary } => {
                let path = &job.change.path;
                self.rename(path, &temporary.path, RenameFlags::NOREPLACE)?;
                self.ours_or_back(job, temporary, RenameFlags::NOREPLACE)
            }
            Done::Exchanged { job, temporary, stamp: _ } => {
                self.rename(&temporary.path, &job.change.path, RenameFlags::EXCHANGE)?;
                self.ours_or_back(job, temporary, RenameFlags::EXCHANGE)
            }
        }
    }

    /// What came back to the temporary place must be what was put there. If somebody changed it since, it goes
    /// where its writer left it; what it had displaced stays at the temporary place.
    fn ours_or_back(
        &self,
        job: &Job,
        temporary: &Temporary,
        how: RenameFlags,
    ) -> Result<(), Problem> {
        let path = &job.change.path;
        let ours = job.change.after.as_ref();
        if ours.is_some_and(|after| self.holds(&temporary.path, after)) {
            return Ok(());
        }
        self.rename(&temporary.path, path, how)?;
        Err(Problem::ChangedSince(format!(
            "`{path}` was changed by somebody while it was being taken back"
        )))
    }
}
