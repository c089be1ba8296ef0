//! What can go wrong with files, said so that the caller knows what would be right.
//!
//! One enum for planning, reading and acting. Each problem has a kind for the gate, the tool's own code as
//! `contracts/files.toml` lists it, and a text that is safe to show: it names paths inside the workspace only.

use domain::{Effect, Executed};
use gate::{ToolError, ToolErrorKind};
use rustix::io::Errno;

/// Why something about files was not done. Nothing of it says that anything was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("{0}")]
    Argument(String),
    #[error("{0}")]
    Path(String),
    #[error("there is no tool `{0}` here; expected one of the files tools")]
    UnknownTool(String),
    #[error(
        "there is no workspace for tenant `{tenant}` in space `{space}`; name one in the configuration"
    )]
    NoWorkspace { tenant: String, space: String },
    #[error("nothing stands at `{path}`{hint}")]
    NotFound { path: String, hint: String },
    #[error("{what} stands at `{path}` already; {expected}")]
    Exists { path: String, what: &'static str, expected: &'static str },
    #[error("`{path}` is {what}; expected a file")]
    NotAFile { path: String, what: &'static str },
    #[error("`{path}` is {what}; expected a directory")]
    NotADirectory { path: String, what: &'static str },
    #[error("a part of `{0}` is a symbolic link, which is never followed; name the place itself")]
    LinkInPath(String),
    #[error(
        "`{path}` leaves the workspace while it is looked up; expected a path that stays inside it"
    )]
    Escapes { path: String },
    #[error("{0}")]
    TooLarge(String),
    #[error("the operating system refuses to read `{path}`: {why}")]
    NotReadable { path: String, why: String },
    #[error("the operating system refuses to change `{path}`: {why}")]
    NotWritable { path: String, why: String },
    #[error("there is no room on the disk for `{0}`; nothing was kept of it")]
    NoSpace(String),
    #[error("`content` is not base64: {0}; expected the standard alphabet with padding")]
    EncodingInvalid(String),
    #[error("`{path}` is refused: {why}")]
    Special { path: String, why: String },
    #[error("{0}; make a new plan from what stands there now")]
    ChangedSince(String),
    #[error("`{0}` is not UTF-8 text; use `files.write` with the whole content")]
    NotText(String),
    #[error("the old text of edit {edit} is not in `{path}`{hint}")]
    TextNotFound { path: String, edit: usize, hint: String },
    #[error(
        "the old text of edit {edit} stands {found} times in `{path}`, {expected} expected; \
         give more of the text around it, or `occurrences`: {found}"
    )]
    OccurrencesDiffer { path: String, edit: usize, found: usize, expected: usize },
    #[error("`{to}` lies inside `{from}`; expected a place outside it")]
    IntoItself { from: String, to: String },
    #[error("the workspace itself cannot be deleted; name what is in it")]
    IsWorkspace,
    #[error("the directory `{path}` has {entries} entries; say `recursive` to delete it with them")]
    NotEmpty { path: String, entries: usize },
    #[error("the pattern is refused: {0}")]
    PatternInvalid(String),
    #[error("{0}")]
    GlobInvalid(String),
    #[error("{0}")]
    NotUndoable(String),
    #[error(
        "`{path}` differs from `{sibling}`, which stands there, in upper and lower case only; choose another name"
    )]
    LooksAlike { path: String, sibling: String },
    #[error("nothing would change: {0}")]
    NothingChanges(String),
    #[error("the plan cannot be applied: {0}")]
    PlanInvalid(String),
    #[error("`{0}` is on another file system, so it can be neither renamed nor exchanged")]
    Elsewhere(String),
    #[error("`{path}`: {why}")]
    System { path: String, why: String },
    /// A stop came between two changes.
    #[error("{0}")]
    Stopped(String),
}

/// Whether an operating system error came while looking or while changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum While {
    Looking,
    Changing,
}

impl Problem {
    /// Names an operating system's error for a path.
    pub(crate) fn system(path: &str, errno: Errno, doing: While) -> Self {
        let path = path.to_owned();
        let why = format!("{:?}", errno.kind()).to_lowercase();
        match errno {
            Errno::LOOP => Self::LinkInPath(path),
            // openat2 with RESOLVE_BENEATH answers EXDEV to a path that leaves the root.
            Errno::XDEV if doing == While::Looking => Self::Escapes { path },
            Errno::XDEV => Self::Elsewhere(path),
            Errno::NOENT | Errno::NOTDIR => Self::NotFound { path, hint: String::new() },
            Errno::NOSPC | Errno::DQUOT => Self::NoSpace(path),
            Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::BUSY | Errno::TXTBSY => {
                match doing {
                    While::Looking => Self::NotReadable { path, why },
                    While::Changing => Self::NotWritable { path, why },
                }
            }
            _ => Self::System { path, why: errno.to_string().to_lowercase() },
        }
    }

    /// As the gate tells troubles apart.
    pub(crate) fn kind(&self) -> ToolErrorKind {
        match self {
            Self::ChangedSince(_) => ToolErrorKind::Stale,
            Self::Stopped(_) => ToolErrorKind::Stopped,
            Self::UnknownTool(_) | Self::NoWorkspace { .. } => ToolErrorKind::Missing,
            Self::Path(_)
            | Self::LinkInPath(_)
            | Self::Escapes { .. }
            | Self::Special { .. }
            | Self::LooksAlike { .. }
            | Self::IsWorkspace => ToolErrorKind::Refused,
            Self::NotReadable { .. }
            | Self::NotWritable { .. }
            | Self::NoSpace(_)
            | Self::PlanInvalid(_)
            | Self::Elsewhere(_)
            | Self::System { .. } => ToolErrorKind::Failed,
            Self::Argument(_)
            | Self::NotFound { .. }
            | Self::Exists { .. }
            | Self::NotAFile { .. }
            | Self::NotADirectory { .. }
            | Self::TooLarge(_)
            | Self::EncodingInvalid(_)
            | Self::NotText(_)
            | Self::TextNotFound { .. }
            | Self::OccurrencesDiffer { .. }
            | Self::IntoItself { .. }
            | Self::NotEmpty { .. }
            | Self::PatternInvalid(_)
            | Self::GlobInvalid(_)
            | Self::NotUndoable(_)
            | Self::NothingChanges(_) => ToolErrorKind::Impossible,
        }
    }

    /// The code under which the contracts list it.
    pub(crate) fn own_code(&self) -> Option<&'static str> {
        let code = match self {
            Self::NotFound { .. } => "not_found",
            Self::Exists { .. } => "exists",
            Self::NotAFile { .. } => "not_a_file",
            Self::NotADirectory { .. } => "not_a_directory",
            Self::LinkInPath(_) => "link_in_path",
            Self::TooLarge(_) => "too_large",
            Self::NotReadable { .. } => "not_readable",
            Self::NotWritable { .. } | Self::Elsewhere(_) => "not_writable",
            Self::NoSpace(_) => "no_space",
            Self::EncodingInvalid(_) => "encoding_invalid",
            Self::Special { .. } => "special_mode",
            Self::ChangedSince(_) => "changed_since",
            Self::NotText(_) => "not_text",
            Self::TextNotFound { .. } => "text_not_found",
            Self::OccurrencesDiffer { .. } => "occurrences_differ",
            Self::IntoItself { .. } => "into_itself",
            Self::IsWorkspace => "is_workspace",
            Self::NotEmpty { .. } => "not_empty",
            Self::PatternInvalid(_) => "pattern_invalid",
            Self::GlobInvalid(_) => "glob_invalid",
            Self::NotUndoable(_) => "not_undoable",
            Self::Argument(_)
            | Self::Path(_)
            | Self::UnknownTool(_)
            | Self::NoWorkspace { .. }
            | Self::Escapes { .. }
            | Self::LooksAlike { .. }
            | Self::NothingChanges(_)
            | Self::PlanInvalid(_)
            | Self::Stopped(_)
            | Self::System { .. } => return None,
        };
        Some(code)
    }

    /// The gate's error for a problem after which nothing is changed.
    pub(crate) fn not_executed(self) -> ToolError {
        ToolError {
            kind: self.kind(),
            executed: Executed::No,
            message: self.to_string(),
            own_code: self.own_code().map(str::to_owned),
            effects: Vec::new(),
            asks: None,
        }
    }

    /// The gate's error for a problem after which a part is changed and `left` tells what.
    pub(crate) fn partly(self, left: &[String], effects: Vec<Effect>) -> ToolError {
        ToolError {
            executed: Executed::Partly,
            message: format!("{self}; not taken back: {}", left.join("; ")),
            effects,
            ..self.not_executed()
        }
    }
}
