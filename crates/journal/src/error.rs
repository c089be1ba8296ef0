//! Why the journal cannot be opened, read, verified or exported. Each has a code with a page of its own.
//!
//! Failures of single commits are `gate::CommitError`; this is for the operator.

use std::path::PathBuf;

use domain::Code;
use gate::StoreError;

/// An error of the store as a whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has the store open.
    #[error(
        "`{directory}` is used by another process ({holder}); stop it or choose another data directory"
    )]
    Locked {
        /// The data directory.
        directory: PathBuf,
        /// `pid N`, as far as known.
        holder: String,
    },
    /// The store is there and its master key is not.
    #[error(
        "the master key `{0}` is missing although the store exists; put the file back, there is no other way to read payloads"
    )]
    KeyFileLost(PathBuf),
    /// The master key is there and is not the one of this store.
    #[error("the master key `{0}` is not the one that this store was made with")]
    KeyFileWrong(PathBuf),
    /// The master key can be read by others.
    #[error("`{path}` can be used by others (mode {mode:o}); expected mode {expected:o}")]
    KeyFileOpen {
        /// The file or its directory.
        path: PathBuf,
        /// What was found.
        mode: u32,
        /// What would be right.
        expected: u32,
    },
    /// The file is not a master key.
    #[error(
        "`{0}` is not a master key; expected `checkrein-master-key-1` and 64 hexadecimal digits"
    )]
    KeyFileUnreadable(PathBuf),
    /// The master key lies where a copy of the store would take it along.
    #[error("the master key `{0}` lies inside the data directory; choose a place outside of it")]
    KeyFileInside(PathBuf),
    /// The SQLite library is one that can corrupt a store or is not known.
    #[error("SQLite {0} is too old; expected 3.51.3 or later")]
    SqliteTooOld(String),
    /// A setting that durability rests on was not taken.
    #[error("SQLite did not take the setting `{name}`: found `{found}`, expected `{expected}`")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What SQLite says.
        found: String,
        /// What was asked.
        expected: &'static str,
    },
    /// The store has a form that this program does not know.
    #[error("the store has format `{0}`, this program knows format 1")]
    Format(String),
    /// Something that was written is not as it was written.
    #[error("the store is corrupted: {0}")]
    Corrupted(String),
    /// The clock is behind the last entry.
    #[error(
        "the clock is {0} ms behind the last entry of the journal; set it right and start again"
    )]
    ClockWentBack(u64),
    /// There is nothing with this id.
    #[error("nothing is known of `{0}`")]
    Unknown(String),
    /// The run has more entries than one record holds.
    #[error("`{0}` has too many entries for one record; export it line by line")]
    TooLong(String),
    /// A cryptographic operation failed.
    #[error("cryptography failed: {0}")]
    Cryptography(&'static str),
    /// A file could not be used.
    #[error("cannot use `{path}`")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Writing an export failed.
    #[error("cannot write the export")]
    Export(#[source] std::io::Error),
    /// SQLite failed.
    #[error("the store failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The store stopped earlier.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Locked { .. } => Code::StoreLocked,
            Self::KeyFileLost(_)
            | Self::KeyFileWrong(_)
            | Self::KeyFileOpen { .. }
            | Self::KeyFileUnreadable(_) => Code::KeyFileLost,
            Self::KeyFileInside(_) => Code::BadConfiguration,
            Self::Corrupted(_) | Self::Format(_) => Code::StoreCorrupted,
            Self::ClockWentBack(_) => Code::ClockWentBack,
            Self::Unknown(_) => Code::NotFound,
            Self::TooLong(_) => Code::Oversized,
            Self::SqliteTooOld(_)
            | Self::Setting { .. }
            | Self::Cryptography(_)
            | Self::File { .. }
            | Self::Export(_)
            | Self::Store(_) => Code::StoreFailed,
            Self::Sqlite(error) => of_sqlite(error),
        }
    }

    /// An error about a file.
    pub(crate) fn file(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::File { path: path.into(), source }
    }
}

fn of_sqlite(error: &rusqlite::Error) -> Code {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Code::StoreCorrupted,
        Some(ErrorCode::DiskFull) => Code::DiskFull,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Code::StoreLocked,
        _other_failures => Code::StoreFailed,
    }
}

/// The whole chain of causes in one line: `StoreError` keeps no source.
pub(crate) fn store(error: &dyn std::error::Error) -> StoreError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    StoreError(text)
}
