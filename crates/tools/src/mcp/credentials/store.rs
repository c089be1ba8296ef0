//! Token files: what must survive a restart, one file for each server.
//!
//! In: bytes of one server's authorization. Out: `<directory>/<server>`, mode 0600 in a directory of mode 0700, written
//! whole beside and renamed, and encrypted with AES-256-GCM when there is a key. The server's name is part of what is
//! authenticated, so a file that was moved to another server's name does not open. A file that does not open is as
//! none: a person logs in again. Tests: `tests/stored.rs`.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use domain::{Name, limits};

const SEALED: &[u8] = b"checkrein tokens 1 sealed\n";
const PLAIN: &[u8] = b"checkrein tokens 1 plain\n";

/// A directory of token files. Cheap to clone.
#[derive(Clone)]
pub struct TokenFiles(Arc<Files>);

struct Files {
    directory: PathBuf,
    key: Option<LessSafeKey>,
}

/// Which version of a file was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    changed: (i64, i64),
    bytes: u64,
}

impl TokenFiles {
    /// Files in this directory, encrypted if there is a key of 32 secret bytes.
    pub fn new(directory: PathBuf, key: Option<[u8; 32]>) -> Self {
        // INVARIANT (key length): AES-256 takes any 32 bytes, so a given key is never silently left out.
        let key = key.and_then(|key| UnboundKey::new(&AES_256_GCM, &key).ok());
        Self(Arc::new(Files { directory, key: key.map(LessSafeKey::new) }))
    }

    /// The version of a server's file that stands there now.
    pub(super) fn stamp(&self, server: &Name) -> Option<Stamp> {
        let found = fs::metadata(self.path(server)).ok()?;
        let changed = (found.mtime(), found.mtime_nsec());
        Some(Stamp { inode: found.ino(), changed, bytes: found.size() })
    }

    /// The contents of a server's file; none if there is none, or it is not ours to open.
    pub(super) fn load(&self, server: &Name) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.path(server)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        let bound = u64::try_from(limits::OAUTH_DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
        file.take(bound).read_to_end(&mut bytes)?;
        Ok(self.open(server, &bytes))
    }

    /// Replaces the contents of a server's file, durably.
    pub(super) fn save(&self, server: &Name, bytes: &[u8]) -> io::Result<()> {
        let Files { directory, .. } = &*self.0;
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let beside = directory.join(format!(".{server}.new"));
        // One left by a crash; two writers of one server are kept apart by the session.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&self.seal(server, bytes)?)?;
        file.sync_all()?;
        fs::rename(&beside, self.path(server))?;
        File::open(directory)?.sync_all()
    }

    fn path(&self, server: &Name) -> PathBuf {
        self.0.directory.join(server.as_str())
    }

    fn seal(&self, server: &Name, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let Some(key) = &self.0.key else { return Ok([PLAIN, bytes].concat()) };
        let failed = |_| io::Error::other("encryption failed");
        let mut nonce = [0_u8; NONCE_LEN];
        rand::fill(&mut nonce).map_err(failed)?;
        let mut sealed = bytes.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(unique, belongs(server), &mut sealed).map_err(failed)?;
        Ok([SEALED, &nonce, &sealed].concat())
    }

    fn open(&self, server: &Name, bytes: &[u8]) -> Option<Vec<u8>> {
        let Some(key) = &self.0.key else { return bytes.strip_prefix(PLAIN).map(<[u8]>::to_vec) };
        // With a key, a plain file is not ours: it would say nothing about who wrote it.
        let (nonce, sealed) = bytes.strip_prefix(SEALED)?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut opened = sealed.to_vec();
        let length = key.open_in_place(nonce, belongs(server), &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }
}

impl std::fmt::Debug for TokenFiles {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "TokenFiles({})", self.0.directory.display())
    }
}

fn belongs(server: &Name) -> Aad<String> {
    Aad::from(format!("checkrein tokens 1\n{server}"))
}
