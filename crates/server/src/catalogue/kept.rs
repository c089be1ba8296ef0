//! Definitions of tools by their digest: files that are checked whenever they are read.
//!
//! In: definitions as servers sent them. Out: the same, by digest; one that was changed on disk is not there. The journal's
//! pins say which of them count, so nothing here is trusted. Tests are at the end.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contract::discovered::definition_digest;
use domain::{Digest, limits};
use serde_json::Value;

/// The directory, with what was read of it.
pub(super) struct Kept {
    directory: PathBuf,
    known: Mutex<HashMap<Digest, Arc<Value>>>,
}

/// Why a definition cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("definitions of tools cannot be kept in `{}`: {reason}", directory.display())]
pub(crate) struct KeptError {
    directory: PathBuf,
    reason: String,
}

impl Kept {
    /// Opens the directory, and forgets what is not in use.
    pub(super) fn open(directory: &Path, in_use: &BTreeSet<Digest>) -> Result<Self, KeptError> {
        let kept = Self { directory: directory.to_path_buf(), known: Mutex::default() };
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
        let files =
            made.and_then(|()| std::fs::read_dir(directory)).map_err(|error| kept.wrong(&error))?;
        let names: BTreeSet<PathBuf> = in_use.iter().map(|digest| kept.path(*digest)).collect();
        for file in files {
            let path = file.map_err(|error| kept.wrong(&error))?.path();
            if !names.contains(&path) {
                // Left behind by a process that was killed, or of a definition that nobody asks for any more.
                kept.remove(&path);
            }
        }
        Ok(kept)
    }

    /// Keeps a definition with this digest. One that is known is not written again.
    pub(super) fn keep(&self, digest: Digest, raw: &Value) -> Result<(), KeptError> {
        if self.of(digest).is_some() {
            return Ok(());
        }
        if self.lock().len() >= limits::DEFINITIONS_KEPT_MAX {
            let most = limits::DEFINITIONS_KEPT_MAX;
            return Err(self.wrong(&format!("more than {most} definitions are in use")));
        }
        self.write(digest, raw).map_err(|error| self.wrong(&error))?;
        self.lock().insert(digest, Arc::new(raw.clone()));
        Ok(())
    }

    /// Forgets all definitions but these.
    pub(super) fn forget_all_but(&self, in_use: &BTreeSet<Digest>) {
        let mut gone = Vec::new();
        self.lock().retain(|digest, _| {
            let kept = in_use.contains(digest);
            gone.extend((!kept).then_some(*digest));
            kept
        });
        gone.into_iter().for_each(|digest| self.remove(&self.path(digest)));
    }

    /// A definition; none if it is not there, or is not what its name says.
    pub(super) fn of(&self, digest: Digest) -> Option<Arc<Value>> {
        if let Some(known) = self.lock().get(&digest) {
            return Some(Arc::clone(known));
        }
        let path = self.path(digest);
        let size = std::fs::metadata(&path).ok()?.len();
        let most = u64::try_from(limits::MESSAGE_BYTES_MAX).unwrap_or(u64::MAX);
        if size > most {
            return None;
        }
        let bytes = std::fs::read(&path).ok()?;
        let raw: Value = serde_json::from_slice(&bytes).ok()?;
        if definition_digest(&raw) != digest {
            tracing::warn!(path = %path.display(), "a kept definition is not what its name says; it is not used");
            return None;
        }
        let raw = Arc::new(raw);
        self.lock().insert(digest, Arc::clone(&raw));
        Some(raw)
    }

    /// Whole or not at all. Not waited for until it is on the disk: what a power cut leaves is checked when it is read, and a
    /// definition that is lost comes again with its server.
    fn write(&self, digest: Digest, raw: &Value) -> std::io::Result<()> {
        let path = self.path(digest);
        let unfinished = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(raw.to_string().as_bytes())?;
        std::fs::rename(&unfinished, &path)
    }

    fn remove(&self, path: &Path) {
        if let Err(error) = std::fs::remove_file(path) {
            tracing::warn!(path = %path.display(), %error, "a definition that nobody needs cannot be removed");
        }
    }

    fn wrong(&self, reason: &impl ToString) -> KeptError {
        KeptError { directory: self.directory.clone(), reason: reason.to_string() }
    }

    fn path(&self, digest: Digest) -> PathBuf {
        let text = digest.to_string();
        let hex = text.rsplit(':').next().unwrap_or_default();
        self.directory.join(format!("{hex}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Arc<Value>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use serde_json::json;

    use super::*;

    fn kept(place: &Path, raws: &[Value]) -> (Kept, BTreeSet<Digest>) {
        let in_use = raws.iter().map(definition_digest).collect();
        let kept = Kept::open(place, &in_use).unwrap();
        raws.iter().for_each(|raw| kept.keep(definition_digest(raw), raw).unwrap());
        (kept, in_use)
    }

    fn files(place: &Path) -> Vec<PathBuf> {
        std::fs::read_dir(place).unwrap().map(|file| file.unwrap().path()).collect()
    }

    #[test]
    fn a_definition_comes_back_as_it_was_or_not_at_all() {
        let place = tempfile::TempDir::new().unwrap();
        let raw = json!({ "name": "a", "unknown": [1, 2.5, null] });
        let (_, in_use) = kept(place.path(), std::slice::from_ref(&raw));
        let digest = definition_digest(&raw);
        let again = || Kept::open(place.path(), &in_use).unwrap().of(digest);
        assert_eq!(again().as_deref(), Some(&raw));
        let [file] = &files(place.path())[..] else { panic!() };
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        for text in [r#"{"name":"b"}"#, "no json", ""] {
            std::fs::write(file, text).unwrap();
            assert_eq!(again(), None, "{text}");
        }
    }

    #[test]
    fn what_nobody_needs_any_more_is_forgotten_now_and_at_the_next_start() {
        let place = tempfile::TempDir::new().unwrap();
        let (a, b) = (json!({ "name": "a" }), json!({ "name": "b" }));
        let (both, _) = kept(place.path(), &[a.clone(), b.clone()]);
        both.forget_all_but(&BTreeSet::from([definition_digest(&a)]));
        assert_eq!(both.of(definition_digest(&b)), None);
        assert_eq!(files(place.path()).len(), 1);
        std::fs::write(place.path().join("left.new"), "").unwrap();
        Kept::open(place.path(), &BTreeSet::new()).unwrap();
        assert_eq!(files(place.path()), Vec::<PathBuf>::new());
    }
}
