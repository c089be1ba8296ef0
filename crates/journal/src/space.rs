//! How much disk space is left, looked at now and then.
//! New work is refused while there is still room for the outcomes of what runs already.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use domain::limits;
use gate::Urgency;

use crate::options::Options;

/// Free space where the store lies.
pub(crate) struct Space {
    directory: PathBuf,
    for_permits_min: u64,
    for_outcomes_min: u64,
    seen: Mutex<Option<(Instant, u64)>>,
}

impl Space {
    /// Of the store with these options.
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            directory: options.data_dir.clone(),
            for_permits_min: options.disk_free_for_permits_min,
            for_outcomes_min: options.disk_free_for_outcomes_min,
            seen: Mutex::new(None),
        }
    }

    /// Whether there is room for a commit of this urgency.
    pub(crate) fn takes(&self, urgency: Urgency) -> bool {
        let needed = match urgency {
            Urgency::Permit => self.for_permits_min,
            Urgency::Outcome => self.for_outcomes_min,
        };
        self.free() >= needed
    }

    /// Bytes free, at most `limits::DISK_CHECKED_EVERY` old. Unknown counts as none.
    fn free(&self) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match *seen {
            Some((when, free)) if when.elapsed() < limits::DISK_CHECKED_EVERY => free,
            Some(_) | None => {
                let free = rustix::fs::statvfs(&self.directory)
                    .map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize));
                *seen = Some((Instant::now(), free));
                free
            }
        }
    }
}
