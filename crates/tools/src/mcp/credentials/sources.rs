//! Where an operator keeps a secret: a variable of the environment, a file, or a command that prints it.
//!
//! In: the source. Out: the secret without the white space around it, or what is wrong with the source; never what it
//! contains. A secret that cannot be masked, cannot stand in a header or is too large is refused here, once for all.
//! A file that others may write to is refused: whoever writes there would choose whom Checkrein is. Tests: `tests/sources.rs`.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use contract::mask::KNOWN_CHARS_MIN;
use domain::{Name, limits};

use super::command;
use super::problem::CredentialError;
use super::secret::Secret;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A variable of Checkrein's own environment.
    Environment(String),
    /// A file.
    File(PathBuf),
    /// The words of a command that prints it.
    Command(Vec<String>),
}

impl SecretSource {
    /// Named without what it holds. Of a command only the program: its words may be secret.
    fn named(&self) -> String {
        match self {
            Self::Environment(name) => format!("variable `{name}`"),
            Self::File(path) => format!("file `{}`", path.display()),
            Self::Command(words) => {
                format!("command `{}`", words.first().map_or("", String::as_str))
            }
        }
    }
}

/// Reads the secret.
pub(super) async fn read(server: &Name, source: &SecretSource) -> Result<Secret, CredentialError> {
    let found = match source {
        SecretSource::Environment(name) => {
            std::env::var(name).map_err(|_| "is not set, or is not UTF-8".to_owned())
        }
        SecretSource::File(path) => of_file(path.clone()).await,
        SecretSource::Command(words) => command::output(words).await,
    };
    found.and_then(|text| usable(&text)).map_err(|detail| CredentialError::Source {
        server: server.clone(),
        source_of: source.named(),
        detail,
    })
}

fn usable(text: &str) -> Result<Secret, String> {
    let text = text.trim();
    if text.len() > limits::CREDENTIAL_BYTES_MAX {
        return Err(format!("gives more than {} bytes", limits::CREDENTIAL_BYTES_MAX));
    }
    if !text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        return Err("gives characters that no header can carry, or several lines".to_owned());
    }
    let secret = Secret::new(text);
    if !secret.maskable() {
        return Err(format!(
            "gives fewer than {KNOWN_CHARS_MIN} characters; such a short secret cannot be masked"
        ));
    }
    Ok(secret)
}

async fn of_file(path: PathBuf) -> Result<String, String> {
    let reading = tokio::task::spawn_blocking(move || contents(&path));
    reading.await.map_err(|_| "cannot be read".to_owned())?
}

fn contents(path: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let found = std::fs::metadata(path).map_err(cannot)?;
    if !found.is_file() {
        return Err("is no file".to_owned());
    }
    if found.mode() & 0o022 != 0 {
        return Err("may be written by others, take that right away with `chmod go-w`".to_owned());
    }
    let mut text = String::new();
    let bound = u64::try_from(limits::CREDENTIAL_BYTES_MAX).unwrap_or(u64::MAX);
    // One byte more than allowed, so that too much is seen.
    let read = File::open(path).and_then(|file| file.take(bound + 1).read_to_string(&mut text));
    read.map(|_| text).map_err(cannot)
}
