//! What can go wrong in a campaign: a broken promise, a machine that does not let it run, or an error on the way.
//!
//! A broken promise is the only thing a campaign looks for; it names the promise and what was found. A machine that
//! forbids tracing is told apart by an exit code of its own, so that nobody takes it for either result.

use std::fmt;
use std::process::ExitCode;

/// What a step of a campaign gives.
pub(crate) type Outcome<T> = Result<T, Trouble>;

/// Why a campaign ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// A promise does not hold.
    #[error("promise broken: {promise}: {found}")]
    Broken { promise: Promise, found: String },
    /// Arguments that make no sense.
    #[error("{0}; expected `--rounds N` or `--power --images N`, each with `--seed N` if wanted")]
    Usage(String),
    /// The machine does not let processes be traced.
    #[error("this machine does not let processes be traced, so no images can be built: {0}")]
    NoTracing(String),
    /// Anything else.
    #[error("{what}")]
    Other {
        what: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// What must hold after every end of the process, and of the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    AnswersAreJournalled,
    AnswersAreTrue,
    OneEffectPerKey,
    EffectsAreAdmitted,
    FilesAreWhole,
    PlansAreWhole,
    JailsEnd,
    NothingIsLeftOpen,
    QuorumIsKept,
    VotesAreKept,
    NoMeansNo,
    ApprovedRunsOnce,
    JournalVerifies,
    StoreOpens,
    WeakSyncIsNoticed,
    ProcessGoesOn,
}

impl fmt::Display for Promise {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::AnswersAreJournalled => "every answered call is in the journal with its answer",
            Self::AnswersAreTrue => "an answer says truly whether the act happened",
            Self::OneEffectPerKey => "no key has two effects",
            Self::EffectsAreAdmitted => "every effect has a durable permit",
            Self::FilesAreWhole => "no file is half written",
            Self::PlansAreWhole => {
                "a command's plan is applied and taken back wholly or not at all"
            }
            Self::JailsEnd => "nothing of a jail outlives the process",
            Self::NothingIsLeftOpen => "recovery leaves no call without an outcome",
            Self::QuorumIsKept => "no call runs without the votes that its policy asks for",
            Self::VotesAreKept => "no vote that was answered is lost",
            Self::NoMeansNo => "what was rejected, edited or not decided in time never runs",
            Self::ApprovedRunsOnce => {
                "an approved call runs exactly once when its caller comes back"
            }
            Self::JournalVerifies => "the journal verifies",
            Self::StoreOpens => "the store opens after any end",
            Self::WeakSyncIsNoticed => "a store that syncs too little is noticed",
            Self::ProcessGoesOn => "the process ends only when it is killed",
        })
    }
}

impl Trouble {
    /// A promise with what was found instead.
    pub(crate) fn broken(promise: Promise, found: impl fmt::Display) -> Self {
        Self::Broken { promise, found: found.to_string() }
    }

    /// Something that is no promise.
    pub(crate) fn other(what: impl Into<String>) -> Self {
        Self::Other { what: what.into(), source: None }
    }

    /// An error with what was being done.
    pub(crate) fn during(
        what: impl Into<String>,
    ) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> Self {
        let what = what.into();
        move |source| Self::Other { what, source: Some(source) }
    }

    /// How the process ends.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Broken { .. } | Self::Other { .. } => 1,
            Self::Usage(_) => 2,
            // What test harnesses take as "could not be run here".
            Self::NoTracing(_) => 77,
        })
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Other { what: format!("the file system: {error}"), source: Some(error.into()) }
    }
}

impl From<gate::Refusal> for Trouble {
    fn from(refusal: gate::Refusal) -> Self {
        Self::Other { what: format!("the gate refused: {refusal}"), source: Some(refusal.into()) }
    }
}

impl From<gate::StoreError> for Trouble {
    fn from(error: gate::StoreError) -> Self {
        Self::Other { what: format!("the store: {error}"), source: Some(error.into()) }
    }
}
