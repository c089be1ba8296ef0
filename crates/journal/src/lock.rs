//! One process per store: an exclusive lock on `data_dir/lock` for as long as the store is open.
//!
//! The lock is the kernel's (`flock`), so it goes with the process whatever happens to it. The file's
//! content, the holder's process id, is for people only.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::error::Error;

/// Holds the store; gives it back when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Makes the directory if needed (mode 0700) and locks it.
    pub(crate) fn take(directory: &Path) -> Result<Self, Error> {
        make_private(directory)?;
        let path = directory.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| Error::file(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked {
                    directory: directory.to_owned(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(Error::file(&path, source)),
        }
        let said = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        said.map_err(|source| Error::file(&path, source))?;
        Ok(Self { _file: file })
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(32).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("pid {}", text.trim()),
        Ok(_) | Err(_) => "pid unknown".to_owned(),
    }
}

/// Makes a directory that only its owner can enter; leaves one that exists as it is.
pub(crate) fn make_private(directory: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|source| Error::file(directory, source))
}
