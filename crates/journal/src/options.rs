//! What a store is opened with.
//! Everything has the value that production needs; tests set the clock, the space and, knowingly, the syncs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::{Timestamp, WriterId, limits};

/// Where the journal reads the time when it writes entries and heads of its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Takes secrets out of a text: none if there is nothing to take out.
pub type Mask = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How hard a commit is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// Every commit is on the disk before it is acknowledged.
    Full,
    /// Acknowledged commits are lost with the power. Exists so that the power-loss test can show that it
    /// would notice; no configuration leads here.
    UnsafeNormalForTests,
}

/// What a store is opened with.
#[derive(Clone)]
pub struct Options {
    /// The directory of the store; made if it is not there.
    pub data_dir: PathBuf,
    /// The file of the master key, outside `data_dir`; made on first start.
    pub master_key_file: PathBuf,
    /// Name and version of the writing program.
    pub program: String,
    /// The name of this process life; a fresh one without.
    pub writer: Option<WriterId>,
    /// How hard a commit is synced.
    pub synchronous: Synchronous,
    /// Applied to every free text of an entry before it is written.
    pub mask: Option<Mask>,
    /// The clock.
    pub clock: Clock,
    /// Bytes that must be free for new permits.
    pub disk_free_for_permits_min: u64,
    /// Free bytes below which nothing is written at all.
    pub disk_free_for_outcomes_min: u64,
}

impl Options {
    /// A store in `data_dir` with its key in `master_key_file`, and everything else as it should be.
    pub fn new(data_dir: impl Into<PathBuf>, master_key_file: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            master_key_file: master_key_file.into(),
            program: concat!("checkrein ", env!("CARGO_PKG_VERSION")).to_owned(),
            writer: None,
            synchronous: Synchronous::Full,
            mask: None,
            clock: Arc::new(system_time),
            disk_free_for_permits_min: limits::DISK_FREE_FOR_PERMITS_MIN,
            disk_free_for_outcomes_min: limits::DISK_FREE_FOR_OUTCOMES_MIN,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Options")
            .field("data_dir", &self.data_dir)
            .field("master_key_file", &self.master_key_file)
            .field("synchronous", &self.synchronous)
            .finish_non_exhaustive()
    }
}

fn system_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
