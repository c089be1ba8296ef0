//! Workflows and runs: what the work is for, and the life of one piece of it.
//!
//! ```text
//! Open -> Paused | Ended*        Paused -> Open | Ended*
//! ```

use crate::contract::words;
use crate::{Amounts, GrantId, Name, OnExceeded, PrincipalChain, RunId, Timestamp};

/// A named kind of work with an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Its name.
    pub name: Name,
    /// Who answers for it.
    pub owner: Name,
    /// The space its runs live in.
    pub space: Name,
    /// Limits of one run; a dimension that is `None` is not limited.
    pub budget: Amounts<Option<u64>>,
    /// What happens when a run reaches a limit.
    pub on_exceeded: OnExceeded,
}

/// One piece of a workflow's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The kind of work.
    pub workflow: Name,
    /// Where it lives.
    pub space: Name,
    /// The grant that opened it; only that grant may use it.
    pub grant: GrantId,
    /// Who works.
    pub chain: PrincipalChain,
    /// What for, at most `limits::PURPOSE_CHARS_MAX` characters.
    pub purpose: String,
    /// Whether it was made for calls that named no run, and ends when idle.
    pub ambient: bool,
    /// Since when.
    pub opened: Timestamp,
    /// Where it stands.
    pub state: RunState,
}

/// Life of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Takes calls.
    Open,
    /// Takes no new call until a person resumes it.
    Paused,
    /// Over.
    Ended,
}

/// What can happen to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunEvent {
    /// A limit or a stop paused it.
    Paused,
    /// A person let it go on.
    Resumed,
    /// It ended, by its agent, a person or idle time.
    Ended,
}

impl RunState {
    /// The state after `event`; none where the event cannot happen.
    pub const fn apply(self, event: RunEvent) -> Option<Self> {
        match (self, event) {
            (Self::Open, RunEvent::Paused) => Some(Self::Paused),
            (Self::Paused, RunEvent::Resumed) => Some(Self::Open),
            (Self::Open | Self::Paused, RunEvent::Ended) => Some(Self::Ended),
            (Self::Open, RunEvent::Resumed)
            | (Self::Paused, RunEvent::Paused)
            | (Self::Ended, RunEvent::Paused | RunEvent::Resumed | RunEvent::Ended) => None,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its kind.
    pub status: OutcomeStatus,
    /// Why, in words.
    pub reason: String,
    /// A number that the workflow measures success by, as text.
    pub metric: Option<String>,
    /// References to what shows it.
    pub evidence: Vec<String>,
}

/// Kinds of ends of a run. The agent's word is a claim like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeStatus {
    /// The agent says the purpose is reached.
    Succeeded,
    /// The agent says it is not.
    Failed,
    /// Somebody gave up on it.
    Abandoned,
    /// Nobody used it for its idle time.
    Idle,
    /// An operator killed it.
    Killed,
}

words! {
    RunState { Open = "open", Paused = "paused", Ended = "ended" }
    OutcomeStatus { Succeeded = "succeeded", Failed = "failed", Abandoned = "abandoned", Idle = "idle", Killed = "killed" }
}
