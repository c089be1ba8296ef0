//! The master key: 32 random bytes in a file of their own, outside the data directory.
//!
//! Made on first start with mode 0600 in a directory of mode 0700. A file that others can read, that is
//! missing although the store exists, or that belongs to another store is refused: the store would look
//! fine and no payload could ever be read again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::Digest;

use super::Secret;
use crate::error::Error;
use crate::lock::make_private;
use crate::stored::twin::hex;

const FORM: &str = "checkrein-master-key-1";
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;

/// Reads the key of a store that exists.
pub(crate) fn read(path: &Path) -> Result<Secret, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::KeyFileLost(path.to_owned()));
        }
        Err(error) => return Err(Error::file(path, error)),
    };
    let found = file.metadata().map_err(|error| Error::file(path, error))?;
    closed_to_others(path, found.mode(), FILE_MODE)?;
    let directory = parent(path);
    let mode = fs::metadata(&directory).map_err(|error| Error::file(&directory, error))?.mode();
    closed_to_others(&directory, mode, DIRECTORY_MODE)?;
    let mut text = String::new();
    let read = file.take(256).read_to_string(&mut text);
    read.map_err(|error| Error::file(path, error))?;
    parse(&text).ok_or_else(|| Error::KeyFileUnreadable(path.to_owned()))
}

/// A key for tokens of upstream servers, which stand in files beside the store: made of the master key, so that nothing else
/// needs to be kept, and good for nothing else.
///
/// # Errors
/// When the master key's file is missing, open to others or unreadable.
pub fn token_key(path: &Path) -> Result<[u8; super::KEY_LEN], Error> {
    read(path).map(|master| master.token_key())
}

/// Reads the key for a store that is made now, or makes it.
pub(crate) fn read_or_make(path: &Path) -> Result<Secret, Error> {
    match read(path) {
        Err(Error::KeyFileLost(_)) => make(path),
        read => read,
    }
}

/// Refuses a key file inside the data directory.
pub(crate) fn outside(path: &Path, data_dir: &Path) -> Result<(), Error> {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let directory = fs::canonicalize(data_dir).unwrap_or_else(|_| whole(data_dir));
    let home = parent(path);
    let home = fs::canonicalize(&home).unwrap_or_else(|_| whole(&home));
    if home.starts_with(&directory) { Err(Error::KeyFileInside(path.to_owned())) } else { Ok(()) }
}

fn make(path: &Path) -> Result<Secret, Error> {
    let directory = parent(path);
    make_private(&directory)?;
    let mode = fs::metadata(&directory).map_err(|error| Error::file(&directory, error))?.mode();
    closed_to_others(&directory, mode, DIRECTORY_MODE)?;
    let secret = Secret::fresh()?;
    let text = format!("{FORM} {}\n", String::from_utf8_lossy(&hex(secret.expose())));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        // The name must be durable too, before anything is encrypted with the key.
        .and_then(|()| File::open(&directory)?.sync_all());
    written.map_err(|error| Error::file(path, error))?;
    Ok(secret)
}

fn parse(text: &str) -> Option<Secret> {
    let digits = text.strip_prefix(FORM)?.trim();
    let bytes: Digest = digits.parse().ok()?;
    Secret::from_slice(bytes.bytes())
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

fn closed_to_others(path: &Path, mode: u32, expected: u32) -> Result<(), Error> {
    let mode = mode & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::KeyFileOpen { path: path.to_owned(), mode, expected })
}
