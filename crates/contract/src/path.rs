//! Paths inside the workspace: the part that needs no look at the disk.
//!
//! In: text from an agent. Out: the path relative to the workspace, with one spelling for each place, or an error that
//! says what would be right. `./logs` is `logs`; `/logs` is something else and refused, and neither is ever
//! taken for the other. Nothing is expanded (`~`, `%2e` and `$HOME` are plain names) and nothing folded: two
//! spellings that differ in case are two paths. Characters that can't be seen, or that look like `/`, `\` or `.`,
//! are refused with their code points. Links are the business of the tool (`openat2`). Tests: `tests/it/path.rs`.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::unicode;
use crate::visible;
use domain::limits;

/// The workspace itself.
pub const ROOT: &str = ".";
/// Names that begin like this belong to Checkrein's own files in a workspace.
pub const RESERVED_PREFIX: &str = ".checkrein-";

/// A resolved path relative to the workspace: parts joined by `/`, or `.` for the workspace itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspacePath(String);

/// Why a text is not a path inside the workspace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No text.
    #[error("the path is empty; `.` is the workspace itself")]
    Empty,
    /// Longer than `limits::PATH_BYTES_MAX`.
    #[error("the path has {0} bytes, at most {max} are allowed", max = limits::PATH_BYTES_MAX)]
    TooLong(usize),
    /// More parts than `limits::PATH_PARTS_MAX`.
    #[error("the path has {0} parts, at most {max} are allowed", max = limits::PATH_PARTS_MAX)]
    TooManyParts(usize),
    /// A part longer than a file system keeps.
    #[error("the part `{0}` has more than the allowed {max} bytes", max = limits::PATH_PART_BYTES_MAX)]
    PartTooLong(String),
    /// Begins with `/` and does not lie below the workspace's own absolute path.
    #[error("`{given}` is an absolute path outside the workspace{root}{hint}")]
    Absolute {
        /// As given.
        given: String,
        /// The workspace's absolute path in backticks, where known.
        root: String,
        /// What was perhaps meant.
        hint: String,
    },
    /// A `..` leaves the workspace.
    #[error("`{0}` leaves the workspace; expected a path that stays inside it")]
    Escapes(String),
    /// A character that can't be seen or looks like another.
    #[error(
        "`{given}` contains {code_point} ({what}); expected plain characters and `/` between parts"
    )]
    Character {
        /// As given, made visible.
        given: String,
        /// Such as `U+2215`.
        code_point: String,
        /// Why it is refused.
        what: &'static str,
    },
    /// Not in Unicode normalization form C.
    #[error("`{given}` is not in Unicode form NFC; write `{composed}` with composed characters")]
    NotComposed {
        /// As given.
        given: String,
        /// The same text in form C.
        composed: String,
    },
    /// A part begins with [`RESERVED_PREFIX`].
    #[error("`{0}` is reserved; names that begin with `.checkrein-` belong to Checkrein")]
    Reserved(String),
}

impl WorkspacePath {
    /// Resolves a path as an agent wrote it. `root` is the workspace's absolute path, if the agent may know it: then
    /// absolute paths below it are understood.
    pub fn parse(text: &str, root: Option<&str>) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.len() > limits::PATH_BYTES_MAX {
            return Err(PathError::TooLong(text.len()));
        }
        check_characters(text)?;
        let relative = if text.starts_with('/') { below(text, root)? } else { text };
        join(relative, text)
    }

    /// As text: `.` or parts joined by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts; none for the workspace itself.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| *part != ROOT)
    }

    /// Whether it is the workspace itself.
    pub fn is_root(&self) -> bool {
        self.0 == ROOT
    }
}

impl fmt::Display for WorkspacePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What stands below the workspace in an absolute path.
fn below<'a>(text: &'a str, root: Option<&str>) -> Result<&'a str, PathError> {
    let root = root.map(|root| root.trim_end_matches('/')).filter(|root| !root.is_empty());
    let inside = root.and_then(|root| text.strip_prefix(root));
    if let Some(rest) = inside.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Ok(if rest.is_empty() { ROOT } else { rest.trim_start_matches('/') })
            .map(|rest| if rest.is_empty() { ROOT } else { rest });
    }
    let meant = join(text.trim_start_matches('/'), text).ok();
    let hint = match meant.filter(|path| !path.is_root()) {
        Some(path) => format!("; did you mean `{}`?", visible::short(path.as_str())),
        None => "; expected a path relative to it".to_owned(),
    };
    let root = root.map(|root| format!(" `{}`", visible::short(root))).unwrap_or_default();
    Err(PathError::Absolute { given: visible::short(text), root, hint })
}

fn join(relative: &str, given: &str) -> Result<WorkspacePath, PathError> {
    let mut parts: Vec<&str> = Vec::new();
    for part in relative.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop().ok_or_else(|| PathError::Escapes(visible::short(given)))?;
            continue;
        }
        if part.len() > limits::PATH_PART_BYTES_MAX {
            return Err(PathError::PartTooLong(visible::short(part)));
        }
        let head = part.get(..RESERVED_PREFIX.len()).unwrap_or_default();
        if head.eq_ignore_ascii_case(RESERVED_PREFIX) {
            return Err(PathError::Reserved(visible::short(part)));
        }
        parts.push(part);
    }
    if parts.len() > limits::PATH_PARTS_MAX {
        return Err(PathError::TooManyParts(parts.len()));
    }
    Ok(WorkspacePath(if parts.is_empty() { ROOT.to_owned() } else { parts.join("/") }))
}

fn check_characters(text: &str) -> Result<(), PathError> {
    for character in text.chars() {
        if let Some(what) = refused(character) {
            return Err(PathError::Character {
                given: visible::short(text),
                code_point: format!("U+{:04X}", u32::from(character)),
                what,
            });
        }
    }
    if !text.is_ascii() && !is_nfc(text) {
        let composed: String = text.nfc().collect();
        return Err(PathError::NotComposed {
            given: visible::short(text),
            composed: visible::short(&composed),
        });
    }
    Ok(())
}

fn refused(character: char) -> Option<&'static str> {
    match character {
        '\\' => Some("a backslash; parts are joined by `/`"),
        '\0' => Some("the NUL character"),
        ascii if ascii.is_ascii() => unicode::hidden(ascii).then_some("a control character"),
        other if unicode::hidden(other) => Some("a character that cannot be seen"),
        other if unicode::odd_space(other) => Some("a space that is not the plain space"),
        other => looks_like_separator(other),
    }
}

/// Characters that look like `/`, `\` or `.`: by Unicode's compatibility mapping, and the remaining ones of its
/// table of confusables (UTS 39) that are not letters or digits of a living script.
fn looks_like_separator(character: char) -> Option<&'static str> {
    match character {
        '\u{2044}' | '\u{2215}' | '\u{29F8}' | '\u{2571}' | '\u{27CB}' | '\u{1735}'
        | '\u{2041}' | '\u{1D23A}' | '\u{2CC6}' => return Some("it looks like `/`"),
        '\u{2216}' | '\u{29F5}' | '\u{29F9}' | '\u{2572}' | '\u{27CD}' | '\u{1D20F}'
        | '\u{1D23B}' => {
            return Some("it looks like a backslash");
        }
        '\u{3002}' | '\u{FF61}' | '\u{A4F8}' | '\u{A60E}' | '\u{10A50}' | '\u{1D16D}'
        | '\u{701}' | '\u{702}' | '\u{6D4}' | '\u{A4FA}' | '\u{22EF}' | '\u{FE19}' => {
            return Some("it looks like `.`");
        }
        _ => {}
    }
    character.nfkc().find_map(|mapped| match mapped {
        '/' => Some("it looks like `/`"),
        '\\' => Some("it looks like a backslash"),
        '.' => Some("it looks like `.`"),
        _ => None,
    })
}
