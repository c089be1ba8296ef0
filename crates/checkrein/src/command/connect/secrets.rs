//! Which values of a client's file are secrets, and where they go: each into a file of its own that only this user can read.
//!
//! In: names and values. Out: whether a value looks like a secret, and written files. A value that may be one is taken for one:
//! a file too many harms nobody, a secret in a file that others read does. Tests are at the end.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// Parts of names that secrets have.
const NAMES: [&str; 9] = [
    "token",
    "secret",
    "password",
    "passwd",
    "credential",
    "auth",
    "apikey",
    "connection_string",
    "private",
];
/// What names of secrets end with.
const ENDINGS: [&str; 4] = ["key", "_pat", "_dsn", "_pin"];
/// Characters from which on mixed letters and digits are taken for a secret.
const RANDOM_CHARACTERS: usize = 20;

/// A secret on its way into a file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) file: PathBuf,
    pub(super) value: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Secret({})", self.file.display())
    }
}

/// Whether a variable's value may be a secret.
pub(super) fn may_be(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let named = NAMES.iter().any(|part| name.contains(part))
        || ENDINGS.iter().any(|end| name.ends_with(end));
    !value.trim().is_empty() && (named || looks_like_one(value))
}

/// Whether a text may be a secret or have one in it.
pub(super) fn looks_like_one(text: &str) -> bool {
    let known = contract::Masker::new(std::iter::empty::<&str>())
        .is_ok_and(|masker| masker.mask_text(text) != text);
    // Numbers in the names of files are none.
    (known && !text.starts_with('/')) || with_password(text) || random(text)
}

/// `scheme://user:password@host`
fn with_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

fn random(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'=' | b'+');
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    text.len() >= RANDOM_CHARACTERS
        && text.bytes().all(plain)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
}

/// Writes them. A file of the same secret is written anew.
pub(super) fn write(secrets: &[Secret]) -> Result<()> {
    for secret in secrets {
        let failed = |error: std::io::Error| Failure::file(&secret.file, &error);
        if let Some(directory) = secret.file.parent() {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory)
                .map_err(failed)?;
        }
        remove(&secret.file)?;
        // A new file: nobody else holds it open, and its mode is right from the beginning.
        let mut file = std::fs::File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&secret.file)
            .map_err(failed)?;
        file.write_all(secret.value.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    }
    Ok(())
}

/// Takes a file away, if it is there.
pub(super) fn remove(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file(file, &error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_taken_for_one() {
        let token = ["ghp", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].join("_");
        for (name, value, expect) in [
            ("GITHUB_PERSONAL_ACCESS_TOKEN", "x", true),
            ("NOTION_API_KEY", "x", true),
            ("DATABASE_URL", "postgresql://ada:pa55@db/main", true),
            ("DATABASE_URL", "postgresql://db/main", false),
            ("WHAT_EVER", token.as_str(), true),
            ("WHAT_EVER", "0123456789abcdef0123456789abcdef", true),
            ("LOG_LEVEL", "debug", false),
            ("MEMORY_FILE_PATH", "/srv/memory-2026-11-21-of-all-people.json", false),
            ("ALLOWED_DIRECTORY", "/srv", false),
            ("EMPTY_TOKEN", "", false),
        ] {
            assert_eq!(may_be(name, value), expect, "{name}={value}");
        }
    }
}
