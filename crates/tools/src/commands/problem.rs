//! What can go wrong with a command, said so that the caller knows what would be right.
//!
//! One enum for building the jail, for commands that were killed, and for what they left behind. Each has a kind for
//! the gate and a code of its own as the contracts list it. Whether anything happened is not known here: the caller
//! says so, because the same end means nothing in a preview and doubt in a call that reached the network.

use domain::Executed;
use gate::{ToolError, ToolErrorKind};
use runner::Ended;

use crate::files::problem::Problem;

/// Why a command gave no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("this tool is reached as a command, and its contract names none")]
    NoCommand,
    #[error(
        "this machine cannot keep a command apart, so none runs; `checkrein doctor` says what is missing: {0}"
    )]
    NoJail(String),
    #[error(
        "this machine cannot show what a command would change ({0}); `checkrein doctor` says what is missing"
    )]
    NoPreview(String),
    #[error(
        "this machine's jail (`{0}`) has no network, which the contract of this tool names hosts for"
    )]
    NoNetwork(&'static str),
    #[error("`{program}` was not started: {why}")]
    NotStarted { program: String, why: String },
    #[error("the jail failed, and the command did not start: {0}")]
    Jail(String),
    #[error("the jail went away while the command ran: {0}")]
    Vanished(String),
    #[error("there was no room to run the command within {0} ms; try again later")]
    NoRoom(u128),
    #[error("{0}")]
    Killed(Killed),
    #[error("{0}")]
    Git(String),
    #[error("the credential for the remote `{remote}` cannot be read: {why}")]
    Credential { remote: String, why: String },
    #[error(
        "the command changed `{0}`, outside what its contract names; nothing of it was applied"
    )]
    OutOfScope(String),
    #[error("the work on the command broke off inside checkrein; see its log")]
    Lost,
    #[error(transparent)]
    File(#[from] Problem),
    #[error(transparent)]
    Stopped(ToolError),
    /// A stop came while the command ran; nothing of it runs any more.
    #[error("the command was killed: {0}")]
    StoppedWhile(ToolError),
}

/// Why a command was ended before it ended itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Killed {
    #[error(
        "the command was killed: it ran longer than {0} ms; let it do less, or ask for a longer timeout in its contract"
    )]
    OverTime(u128),
    #[error("the command was killed: it used more than {0} s of processor time")]
    OverCpu(u64),
    #[error("the command was killed: it took more than {0} bytes of memory")]
    OverMemory(u64),
    #[error("the command was killed: it had more than {0} processes and threads at once")]
    OverProcesses(u64),
    #[error(
        "the command was killed: it printed more than {0} bytes; let it print less, or into a file in /tmp"
    )]
    OverOutput(u64),
    #[error(
        "the command was killed: its caches left less than {0} bytes free on their disk; clear caches that nobody needs"
    )]
    OverDisk(u64),
    #[error("the command ended by signal {0}")]
    Signal(i32),
    #[error("the command was killed: a stop came while it ran")]
    Stop,
}

impl Killed {
    /// How a command ended otherwise than by itself.
    pub(super) fn by(ended: Ended, limits: &runner::Limits) -> Result<i32, Self> {
        match ended {
            Ended::Exited(code) => Ok(code),
            Ended::Signalled(signal) => Err(Self::Signal(signal)),
            Ended::OverTime => Err(Self::OverTime(limits.wall.as_millis())),
            Ended::OverCpu => Err(Self::OverCpu(limits.cpu.as_secs())),
            Ended::OverMemory => Err(Self::OverMemory(limits.memory_bytes)),
            Ended::OverProcesses => Err(Self::OverProcesses(limits.processes)),
            Ended::OverOutput => Err(Self::OverOutput(limits.output_bytes)),
            Ended::Stopped => Err(Self::Stop),
        }
    }

    const fn own_code(&self) -> &'static str {
        match self {
            Self::OverTime(_) | Self::OverCpu(_) => "over_time",
            Self::OverMemory(_) => "over_memory",
            Self::OverProcesses(_) => "over_processes",
            Self::OverOutput(_) => "over_output",
            Self::OverDisk(_) => "over_disk",
            Self::Signal(_) | Self::Stop => "killed",
        }
    }
}

impl Trouble {
    /// An error of the jail itself.
    pub(super) fn jail(error: &runner::Error, program: &str) -> Self {
        match error {
            runner::Error::Program { why, .. } => {
                Self::NotStarted { program: program.to_owned(), why: why.clone() }
            }
            runner::Error::Order { .. } | runner::Error::Setup { .. } | runner::Error::Start(_) => {
                Self::Jail(error.to_string())
            }
            runner::Error::Lost { why } => Self::Vanished(why.clone()),
        }
    }

    fn kind(&self) -> ToolErrorKind {
        match self {
            Self::NoCommand | Self::NoJail(_) | Self::NoNetwork(_) => ToolErrorKind::Missing,
            Self::NoPreview(_) => ToolErrorKind::NoPreview,
            Self::NotStarted { .. } => ToolErrorKind::Impossible,
            Self::Killed(Killed::OverTime(_)) | Self::NoRoom(_) => ToolErrorKind::TimedOut,
            Self::Killed(_)
            | Self::Jail(_)
            | Self::Vanished(_)
            | Self::Credential { .. }
            | Self::Lost => ToolErrorKind::Failed,
            Self::Git(_) | Self::OutOfScope(_) => ToolErrorKind::Refused,
            Self::File(problem) => problem.kind(),
            Self::Stopped(error) | Self::StoppedWhile(error) => error.kind,
        }
    }

    fn own_code(&self) -> Option<&'static str> {
        match self {
            Self::NotStarted { .. } => Some("not_found"),
            Self::Jail(_) | Self::NoJail(_) | Self::NoNetwork(_) => Some("no_jail"),
            Self::Vanished(_) => Some("lost"),
            Self::Killed(killed) => Some(killed.own_code()),
            Self::Git(_) => Some("not_a_repository"),
            Self::Credential { .. } => Some("no_credential"),
            Self::OutOfScope(_) => Some("out_of_scope"),
            Self::File(Problem::Special { .. } | Problem::TooLarge(_) | Problem::Path(_)) => {
                Some("not_plannable")
            }
            Self::File(problem) => problem.own_code(),
            Self::NoCommand
            | Self::NoPreview(_)
            | Self::NoRoom(_)
            | Self::Lost
            | Self::Stopped(_)
            | Self::StoppedWhile(_) => None,
        }
    }

    /// The gate's error where nothing happened.
    pub(super) fn not_executed(self) -> ToolError {
        self.after(Executed::No)
    }

    /// The gate's error for a command that may have reached something before it failed.
    pub(super) fn in_doubt(self) -> ToolError {
        let executed = match self {
            Self::Killed(_) | Self::Vanished(_) | Self::Lost | Self::StoppedWhile(_) => {
                Executed::Unknown
            }
            Self::NoCommand
            | Self::NoJail(_)
            | Self::NoPreview(_)
            | Self::NoNetwork(_)
            | Self::NotStarted { .. }
            | Self::Jail(_)
            | Self::NoRoom(_)
            | Self::Git(_)
            | Self::Credential { .. }
            | Self::OutOfScope(_)
            | Self::File(_)
            | Self::Stopped(_) => Executed::No,
        };
        self.after(executed)
    }

    fn after(self, executed: Executed) -> ToolError {
        if let Self::Stopped(error) = self {
            return ToolError { executed, ..error };
        }
        ToolError {
            kind: self.kind(),
            executed,
            message: self.to_string(),
            own_code: self.own_code().map(str::to_owned),
            effects: Vec::new(),
            asks: None,
        }
    }
}
