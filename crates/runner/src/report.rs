//! What the jail and its supervisor say to each other: one JSON text in one packet, some with a file.
//!
//! ```text
//! supervisor -> jail: Begin (with the order as a file), for sessions Input and Begun (each with a file), Stop
//! jail -> supervisor: Upper (with a file), Listener (with a file), Started, Failed, Ended
//! ```
//! The command itself never holds this channel. Values only; `channel.rs` carries them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::{Lifetime, Times};
use crate::order::Order;

/// What a supervisor asks of a jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Request {
    /// Build the jail of the order that comes along.
    Begin,
    /// The program's standard input comes along. Only for sessions, right after the order.
    Input,
    /// A pipe comes along that closes when the program has begun. Only for sessions, last before the start.
    Begun,
    /// Kill the command and say what it took.
    Stop,
}

/// What is to be done in the jail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) order: Order,
    pub(crate) task: Task,
    /// Where the supervisor keeps temporary files, for a rung without mounts.
    pub(crate) temporary: std::path::PathBuf,
}

/// What runs in the jail once it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Task {
    /// The order's program.
    Command,
    /// A look at whether the jail works, without any program from outside.
    Probe,
    /// The order's program, which is talked with.
    Session(Lifetime),
    /// The same without a jail: of the order only words and workspace count.
    Unjailed,
}

impl Task {
    /// Whether pipes come after the order.
    pub(crate) fn is_talked_with(self) -> bool {
        match self {
            Self::Session(_) | Self::Unjailed => true,
            Self::Command | Self::Probe => false,
        }
    }
}

impl Spec {
    /// The times that hold for this task.
    pub(crate) fn times(&self) -> Times {
        self.order.limits.times(match self.task {
            Task::Command | Task::Probe => Lifetime::Limited,
            Task::Session(lifetime) => lifetime,
            Task::Unjailed => Lifetime::Unlimited,
        })
    }
}

/// What a jail tells its supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Report {
    /// The upper layer or the copy comes along.
    Upper,
    /// The proxy's listener comes along.
    Listener,
    /// The jail stands, the command begins.
    Started,
    /// The trial has done its work; `landlock` is what the kernel has of it.
    Probed { landlock: String },
    /// A step failed; there will be no command.
    Failed { step: Step, why: String },
    /// The command has ended and everything in the jail with it.
    Ended(Usage),
}

/// How the command ended and what it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    pub(crate) end: End,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) memory_bytes_max: u64,
    pub(crate) processes: u64,
}

/// How the command ended, as the jail sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    Exited(i32),
    Signalled(i32),
    OverTime,
    OverCpu,
    OverMemory,
    OverProcesses,
    /// The supervisor asked for it.
    Stopped,
}

/// The steps of building a jail, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Reading the order.
    Order,
    /// New namespaces for users, mounts, processes, messages, names and the network.
    Namespaces,
    /// Who is who in the new user namespace.
    Identities,
    /// The empty root and the system paths in it.
    Root,
    /// A view of the jail's own processes.
    Proc,
    /// The upper layer in memory, or the copy.
    Upper,
    /// The workspace in its place.
    Workspace,
    /// Further paths, caches and covers.
    Paths,
    /// The loopback and the proxy's listener.
    Network,
    /// The bounds that the kernel keeps.
    Limits,
    /// Giving up the right to anything.
    Privileges,
    /// Landlock's rules.
    Landlock,
    /// The filter of system calls.
    Syscalls,
    /// The directory the command starts in.
    Directory,
    /// The start of the program.
    Program,
    /// Watching over the command.
    Watch,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Order => "reading the order",
            Self::Namespaces => "making namespaces",
            Self::Identities => "mapping identities",
            Self::Root => "building the root",
            Self::Proc => "mounting `/proc`",
            Self::Upper => "making the upper layer",
            Self::Workspace => "mounting the workspace",
            Self::Paths => "mounting further paths",
            Self::Network => "setting up the network",
            Self::Limits => "setting limits",
            Self::Privileges => "giving up privileges",
            Self::Landlock => "applying Landlock",
            Self::Syscalls => "filtering system calls",
            Self::Directory => "entering the directory",
            Self::Program => "starting the program",
            Self::Watch => "watching the command",
        })
    }
}

/// A step that failed, on its way to the supervisor.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) step: Step,
    pub(crate) why: String,
}

/// Names the step, and the thing, of an error.
pub(crate) trait At<T> {
    /// `what` is a fragment such as ``mount `/usr` ``.
    fn at(self, step: Step, what: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> At<T> for Result<T, E> {
    fn at(self, step: Step, what: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure { step, why: format!("{what}: {error}") })
    }
}
