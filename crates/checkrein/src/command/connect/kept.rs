//! What was changed, kept so that it can be taken back: for each file of a client a list of steps, the last one first undone.
//!
//! In: steps. Out: a private file in the state directory. Backups lie beside what they are backups of, with the same mode.

use std::fs::{DirBuilder, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::client::Place;
use super::plan::Taken;
use crate::failure::{Failure, Result};

/// What is put behind the name of a backup.
const BACKUP: &str = "checkrein-backup";

/// One time that this command changed something.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Step {
    /// The client's file.
    pub(super) client: Change,
    /// Checkrein's.
    pub(super) own: Change,
    /// What was taken out of the client's.
    pub(super) taken: Vec<Taken>,
    /// Where our entry went.
    pub(super) way: Vec<String>,
    /// Our entry.
    pub(super) entry: serde_json::Value,
    /// Files that hold secrets and the key.
    pub(super) files: Vec<PathBuf>,
    /// The grant that was made.
    pub(super) grant: String,
}

/// A file that was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) file: PathBuf,
    /// The text and mode before; none where it was not there.
    pub(super) before: Option<(String, u32)>,
    pub(super) after: String,
    pub(super) backup: Option<PathBuf>,
}

impl Change {
    /// Writes a file, and a backup of what was there.
    pub(super) fn make(file: &Path, after: String, mode: Option<u32>) -> Result<Self> {
        let failed = |error: std::io::Error| Failure::file(file, &error);
        let before = match std::fs::metadata(file) {
            Ok(found) => {
                let text = std::fs::read_to_string(file).map_err(failed)?;
                Some((text, found.mode() & 0o777))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let backup = match &before {
            Some((text, mode)) => {
                let path = free(file);
                write(&path, text, *mode)?;
                Some(path)
            }
            None => None,
        };
        let mode = mode.or(before.as_ref().map(|(_, mode)| *mode)).unwrap_or(0o600);
        write(file, &after, mode)?;
        Ok(Self { file: file.to_owned(), before, after, backup })
    }

    /// The text as it is now; empty where the file is not there.
    pub(super) fn now(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap_or_default()
    }

    /// Whether nothing moved since.
    pub(super) fn stands(&self) -> bool {
        self.now() == self.after
    }

    /// Puts back what was there, byte for byte.
    pub(super) fn restore(&self) -> Result<()> {
        match &self.before {
            Some((text, mode)) => write(&self.file, text, *mode)?,
            None => super::secrets::remove(&self.file)?,
        }
        match &self.backup {
            Some(backup) => super::secrets::remove(backup),
            None => Ok(()),
        }
    }
}

/// A name for a backup that is free.
fn free(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let numbered = (2..).map(|number| format!("{name}.{BACKUP}-{number}"));
    let names = std::iter::once(format!("{name}.{BACKUP}")).chain(numbered);
    let mut paths = names.map(|name| file.with_file_name(name));
    paths.find(|path| !path.exists()).unwrap_or_else(|| file.with_extension(BACKUP))
}

/// Writes a file as a whole: whoever reads it meanwhile sees the old one or the new one.
pub(super) fn write(file: &Path, text: &str, mode: u32) -> Result<()> {
    let failed = |error: std::io::Error| Failure::file(file, &error);
    let directory = file.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let name = format!(
        ".{}.{}",
        file.file_name().unwrap_or_default().to_string_lossy(),
        std::process::id()
    );
    let beside = directory.join(name);
    super::secrets::remove(&beside)?;
    let mut new =
        File::options().write(true).create_new(true).mode(mode).open(&beside).map_err(failed)?;
    let written = new.write_all(text.as_bytes());
    // The mode that was asked for may have been narrowed by the process' mask.
    let written = written.and_then(|()| new.set_permissions(Permissions::from_mode(mode)));
    written
        .and_then(|()| new.sync_all())
        .and_then(|()| std::fs::rename(&beside, file))
        .map_err(failed)
}

/// Where steps of a client's file are kept.
fn file(place: &Place) -> PathBuf {
    let state =
        std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.unwrap_or_else(|| place.home.join(".local/state"));
    let digest = contract::digest(place.file.display().to_string().as_bytes()).to_string();
    let short: String = digest.trim_start_matches("sha256:").chars().take(12).collect();
    state.join("checkrein/connect").join(format!("{}-{short}.json", place.client.word()))
}

/// The steps so far.
pub(super) fn steps(place: &Place) -> Result<Vec<Step>> {
    let path = file(place);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            Failure::new(format!("`{}` cannot be read: {error}", path.display())).fix(format!(
                "a backup of the client's file lies beside it, with `{BACKUP}` behind its name"
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::file(&path, &error)),
    }
}

/// Keeps them.
pub(super) fn keep(place: &Place, steps: &[Step]) -> Result<()> {
    let path = file(place);
    if steps.is_empty() {
        return super::secrets::remove(&path);
    }
    write(&path, &serde_json::to_string_pretty(steps).unwrap_or_default(), 0o600)
}
