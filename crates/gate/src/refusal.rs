//! Why something that is not a call was refused; and what proves who acts: secrets, which never print themselves, and
//! agents that a verified token names.
//!
//! Refusals of calls become answers in `rescue.rs`; those of other requests go to the server as they are.

use domain::{Code, Name, Timestamp};

use crate::commit::{CommitError, StoreError};

/// Refuses a request of an agent or operator: a stable code, what happened, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// What happened and what was expected. Safe to show.
    pub message: String,
    /// What to do next.
    pub fix: String,
}

impl Refusal {
    /// Joins a code with its words.
    pub fn new(code: Code, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code, message: message.into(), fix: fix.into() }
    }

    /// Nothing with this id, as far as this caller may know.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(
            Code::NotFound,
            format!("there is no {what}"),
            "list what there is and use an id from there",
        )
    }

    pub(crate) fn configuration(message: String) -> Self {
        Self::new(Code::BadConfiguration, message, "correct the configuration and start again")
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(Code::Conflict, message, "look at its present state and decide again")
    }
}

impl From<StoreError> for Refusal {
    fn from(_: StoreError) -> Self {
        Self::new(
            Code::StoreFailed,
            "the store could not be read or written",
            "see the server's log",
        )
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Guard { .. } => {
                Self::conflict("somebody else was faster, or it is no longer open")
            }
            CommitError::DiskFull => Self::new(
                Code::DiskFull,
                "there is too little free disk space for new work",
                "free some space",
            ),
            CommitError::Busy => {
                Self::new(Code::TooManyWaiting, "too much waits for the store", "try again shortly")
            }
            CommitError::ClockWentBack(millis) => Self::new(
                Code::ClockWentBack,
                format!("the machine's clock went back by {millis} ms"),
                "set the clock right, then try again",
            ),
            CommitError::Store(error) => error.into(),
        }
    }
}

/// What proves who acts: a key, or a token that the server verified.
#[derive(Debug, Clone, Copy)]
pub enum Credential<'a> {
    /// A key's secret.
    Key(&'a Secret),
    /// An agent that a token names.
    Verified(&'a VerifiedAgent),
}

impl<'a> From<&'a Secret> for Credential<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Key(secret)
    }
}

impl<'a> From<&'a VerifiedAgent> for Credential<'a> {
    fn from(agent: &'a VerifiedAgent) -> Self {
        Self::Verified(agent)
    }
}

/// An agent as a token names it whose signature, issuer, audience and time were checked. It carries no rights of its own:
/// those are the ones of the agent's grant, looked up at each use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAgent {
    pub(crate) tenant: Name,
    pub(crate) agent: Name,
    pub(crate) until: Timestamp,
}

impl VerifiedAgent {
    /// Says that a token of a configured issuer names this agent of this tenant, and holds before `until`. Called by the
    /// server's check of tokens alone, after all of it held.
    pub fn by_token(tenant: Name, agent: Name, until: Timestamp) -> Self {
        Self { tenant, agent, until }
    }
}

/// A key's secret as a caller presents it. Prints as `[redacted]`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text of a key.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn verifier(&self) -> domain::Digest {
        contract::digest(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}
