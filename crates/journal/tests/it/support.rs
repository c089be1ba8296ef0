//! A store in a scratch directory, with a clock that tests set.
//! Several openings of one place share its data, its key and its clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::Timestamp;
use journal::{Error, Options, Sqlite};
use tempfile::TempDir;

/// When the tests' clocks stand, in milliseconds since 1970.
pub(crate) const NOW: u64 = 1_750_000_000_000;

/// A scratch directory with a store and its key, and a clock that tests set.
pub(crate) struct Place {
    directory: TempDir,
    clock: Arc<AtomicU64>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory, clock: Arc::new(AtomicU64::new(NOW)) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path().join("data")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.path().join("keys/master.key")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.data_dir().join("journal.sqlite")
    }

    pub(crate) fn set_clock(&self, millis: u64) {
        self.clock.store(millis, Ordering::SeqCst);
    }

    pub(crate) fn options(&self) -> Options {
        let mut options = Options::new(self.data_dir(), self.key_file());
        let clock = Arc::clone(&self.clock);
        options.clock = Arc::new(move || Timestamp::from_millis(clock.load(Ordering::SeqCst)));
        options
    }

    pub(crate) fn open(&self) -> Sqlite {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Sqlite, Error> {
        Sqlite::open(self.options())
    }
}
