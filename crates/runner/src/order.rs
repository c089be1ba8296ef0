//! What is to run, where, and what it may see and take.
//!
//! In: values from the caller, who has decided that the command may run. Out: the same values, checked. An order that
//! cannot be carried out exactly is refused before anything starts. Tests are at the end and in `tests/it`.

mod check;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use self::check::Purpose;
use crate::ladder::Rung;
use crate::limits::Limits;

/// One command or session in one jail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// An absolute path inside the jail, or a name that is looked up in its `PATH`.
    pub program: PathBuf,
    /// What stands after the program.
    pub arguments: Vec<String>,
    /// Variables beside the jail's own (`HOME`, `PATH`, `LANG`, `TERM` and the like); they win over those.
    pub environment: Vec<(String, String)>,
    /// The directory the command works on. It appears in the jail under its own absolute path. Empty with
    /// [`Access::Private`].
    pub workspace: PathBuf,
    /// Where the command starts, relative to the workspace; empty is the workspace itself, or the home without one.
    pub directory: PathBuf,
    /// How the workspace is reached.
    pub access: Access,
    /// Further paths that can be read, such as a toolchain. They appear under their own names. What others change in
    /// their directories meanwhile may or may not be seen.
    pub reads: Vec<PathBuf>,
    /// Directories that are kept from one command to the next.
    pub caches: Vec<Cache>,
    /// Further paths outside the workspace, under their own names. What is written there is not part of the upper layer.
    pub mounts: Vec<Mount>,
    /// What is shown in place of paths of the workspace.
    pub covers: Vec<Cover>,
    /// What the command may connect to.
    pub network: Network,
    /// What the command may take.
    pub limits: Limits,
    /// The rung it runs on, as [`crate::Jailer::probe`] found it.
    pub rung: Rung,
}

impl Order {
    /// The program without words on an overlay of the workspace, with nothing else in its jail. Fields are set after.
    #[must_use]
    pub fn of(program: impl Into<PathBuf>, workspace: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            workspace: workspace.into(),
            directory: PathBuf::new(),
            access: Access::Overlay { layers: Vec::new() },
            reads: Vec::new(),
            caches: Vec::new(),
            mounts: Vec::new(),
            covers: Vec::new(),
            network: Network::None,
            limits: Limits::default(),
            rung: Rung::Overlay,
        }
    }

    /// The program without words and without a workspace, for [`crate::Jailer::start`]. Fields are set after.
    #[must_use]
    pub fn private(program: impl Into<PathBuf>) -> Self {
        Self { access: Access::Private, ..Self::of(program, PathBuf::new()) }
    }
}

/// One program without any jail, as somebody decided who answers for it: it may do what the supervisor's user may, and
/// no limit holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjailed {
    /// An absolute path, or a name that is looked up in the `PATH` of [`Self::environment`].
    pub program: PathBuf,
    /// What stands after the program.
    pub arguments: Vec<String>,
    /// All variables that it has.
    pub environment: Vec<(String, String)>,
    /// The absolute path of the directory it starts in.
    pub directory: PathBuf,
}

/// How the workspace is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// It can be read.
    Read,
    /// It can be changed, in an upper layer. Only on [`Rung::Overlay`].
    Overlay {
        /// Upper layers of earlier commands, the oldest first, that stand between the workspace and this command.
        layers: Vec<PathBuf>,
    },
    /// A copy of it can be changed. Only on [`Rung::Copy`].
    Copy,
    /// It can itself be changed, without a preview. For commands only on [`Rung::Landlock`], for sessions on every rung.
    Direct,
    /// There is none: the program starts in its home, which is empty, its own, and gone afterwards. Only for sessions.
    ///
    /// Under root it runs as the owner of the first mount that it may change, or as nobody.
    Private,
}

/// A directory that outlives the command and is never part of the upper layer.
///
/// Sockets and pipes can be made neither in it nor in a directory above it: two commands could meet there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {
    /// Where the command sees it: an absolute path in the jail.
    pub inside: PathBuf,
    /// Where it is kept. It must exist, and belong to the user that the command runs as.
    pub outside: PathBuf,
}

/// A path outside the workspace that the command may reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// An absolute path, the same outside and inside.
    pub path: PathBuf,
    /// Whether it can be changed.
    pub access: MountAccess,
}

/// What may be done with a [`Mount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountAccess {
    /// It can be read. What others change in a directory meanwhile may or may not be seen.
    Read,
    /// It can be changed directly; nothing is previewed.
    Write,
}

/// Shows something else in place of a path of the workspace, which can then neither be read nor changed.
///
/// A file is covered by a file with this content; a directory by an empty directory, and the content must be empty.
/// What does not exist is not covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// What the command reads there.
    pub content: Vec<u8>,
}

/// What a command may connect to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// Nothing but itself: a loopback of its own.
    None,
    /// These hosts, through a proxy that checks name, port and address. Not on [`Rung::Landlock`].
    Hosts(Vec<HostRule>),
}

/// One host that may be connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRule {
    /// The exact name, or an address as it is written.
    pub host: String,
    /// The one port.
    pub port: u16,
    /// Whether the name may lead to this machine or a private network. Link-local addresses, where clouds keep their
    /// machines' credentials, stay refused.
    pub private_allowed: bool,
}
