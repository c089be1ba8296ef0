//! What went wrong, as a person at a terminal is told: what happened, what was expected, what to do; and the exit code.
//!
//! In: problems and envelopes of the server, errors of offline checks, and what fails here. Out: a `Failure` with a
//! code of the one table (`domain::Code`) where it has one. Exit codes without a code of their own are named here.

use domain::Code;
use server::config::Problems;
use server::wire;

/// Everything is as asked.
pub(crate) const OK: u8 = 0;
/// An error without a better code.
pub(crate) const ERROR: u8 = 1;
/// The command line was not understood.
pub(crate) const USAGE: u8 = 2;
/// No key, or not the right one.
pub(crate) const NOT_AUTHENTICATED: u8 = 4;
/// Something does not verify.
pub(crate) const NOT_VERIFIED: u8 = 7;
/// Somebody pressed Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The stable code, where there is one.
    pub(crate) code: Option<Code>,
    /// What happened.
    pub(crate) happened: String,
    /// What was expected; empty where `happened` says it.
    pub(crate) expected: String,
    /// What to do; empty where nothing can be said.
    pub(crate) fix: String,
    /// The exit code.
    pub(crate) exit: u8,
}

/// What a command returns: its exit code.
pub(crate) type Result<T = u8> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure without a code of its own: exit 1.
    pub(crate) fn new(happened: impl Into<String>) -> Self {
        let happened = happened.into();
        Self { code: None, happened, expected: String::new(), fix: String::new(), exit: ERROR }
    }

    /// A failure with a code of the table.
    pub(crate) fn coded(code: Code, happened: impl Into<String>) -> Self {
        Self { code: Some(code), exit: code.row().exit, ..Self::new(happened) }
    }

    /// The command line does not say what it must.
    pub(crate) fn usage(happened: impl Into<String>) -> Self {
        Self::new(happened).exit(USAGE)
    }

    /// Says what would have been right.
    pub(crate) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    /// Says what to do.
    pub(crate) fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: fix.into(), ..self }
    }

    /// With another exit code.
    pub(crate) fn exit(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    /// A file that cannot be used.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(format!("`{}` cannot be used: {error}", path.display()))
            .expected("a file or directory that this user may use")
            .fix("check the path and its permissions")
    }
}

impl From<wire::Problem> for Failure {
    fn from(problem: wire::Problem) -> Self {
        let failure = match Code::from_shown(&problem.code) {
            Some(code) => Self::coded(code, problem.detail),
            None => Self::new(format!("{} {}: {}", problem.code, problem.title, problem.detail)),
        };
        failure.fix(problem.fix)
    }
}

impl From<&wire::Failure> for Failure {
    fn from(failure: &wire::Failure) -> Self {
        let told = match Code::from_shown(&failure.code) {
            Some(code) => Self::coded(code, &failure.message),
            None => Self::new(format!("{} {}: {}", failure.code, failure.title, failure.message)),
        };
        told.fix(&failure.fix)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::coded(problems.code(), problems.to_string())
            .fix("correct the configuration; `checkrein config check` shows the same")
    }
}

impl From<server::offline::Refusal> for Failure {
    fn from(refusal: server::offline::Refusal) -> Self {
        Self::coded(refusal.code, refusal.message).fix(refusal.fix)
    }
}

impl From<server::rules::Error> for Failure {
    fn from(error: server::rules::Error) -> Self {
        let fix = match &error {
            server::rules::Error::Contracts(_) => {
                "correct the contracts, then `checkrein contracts check`"
            }
            server::rules::Error::Policies(_) => {
                "correct the policies, then `checkrein policy check`"
            }
            server::rules::Error::Commands(_) => "correct the command; see docs/guides/commands.md",
            server::rules::Error::Read { .. } => {
                "make it readable, or take it out of the configuration"
            }
        };
        Self::coded(error.code(), error.to_string()).fix(fix)
    }
}
