//! What can go wrong with an upstream server, said for the gate and for people.
//!
//! In: what a connection or a server said. Out: errors with a text that is safe to show, and the one thing that the gate
//! must know: whether the act can have happened. A call that changes nothing never leaves doubt; one that changes something
//! does, unless the request certainly was not carried out. Tests: `tests/`.

use std::time::Duration;

use contract::outside::SAYS;
use domain::{Executed, Name, limits};
use gate::{ToolError, ToolErrorKind};
use mcp::{RpcCode, RpcError};
use serde_json::{Value, json};

use super::clean;
use super::credentials::CredentialError;

/// Why a server cannot be used now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// Nobody configured it.
    #[error("there is no server `{0}`; `checkrein servers ls` names those that there are")]
    Unknown(Name),
    /// It is away, or may not be used as it is.
    #[error("the server `{server}` cannot be used: {why}")]
    Away {
        /// Which.
        server: Name,
        /// Why.
        why: String,
    },
    /// It did not become ready in time.
    #[error("the server `{server}` was not ready within {} ms", within.as_millis())]
    TooSlow {
        /// Which.
        server: Name,
        /// Time allowed.
        within: Duration,
    },
}

impl UpstreamError {
    pub(super) fn tool_error(&self) -> ToolError {
        not_executed(ToolErrorKind::Missing, self.to_string())
    }
}

/// Why a request gave no result.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Trouble {
    /// A stop was faster; nothing was sent.
    #[error(transparent)]
    Stopped(ToolError),
    /// Nothing was sent.
    #[error("{0}")]
    Unsent(String),
    /// The server cannot be reached; nothing was sent.
    #[error("{0}")]
    Unreached(String),
    /// There is no credential to show; nothing was sent.
    #[error("{0}")]
    Credential(CredentialError),
    /// It was sent, and the server says that it does not take who we are.
    #[error("{0}")]
    Rejected(CredentialError),
    /// It was sent, and the server says with a status that it did not take it.
    #[error("{0}")]
    Refused(String),
    /// The server says that it has forgotten the session.
    #[error("the server ended its session")]
    SessionGone,
    /// It was sent, and there is no answer that can be used.
    #[error("{0}")]
    Lost(String),
    /// There was no answer in time.
    #[error("no answer within {} ms", after.as_millis())]
    TimedOut {
        /// Whether the request can have arrived.
        sent: Sent,
        /// Time allowed.
        after: Duration,
    },
    /// The client cancelled, and no answer came any more.
    #[error("the client cancelled the call, and the server did not say how far it came")]
    Cancelled,
    /// A stop came while the request was under way, and no answer came any more.
    #[error("{}; it was asked to cancel and did not say how far it came", .0.message)]
    StoppedWhile(ToolError),
    /// The server's own error.
    #[error("{0}")]
    Rpc(RpcError),
}

/// Whether a request can have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It cannot.
    No,
    /// It can.
    Perhaps,
}

/// Whether the tool changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// It does not: a confirmed contract says so.
    Nothing,
    /// It does.
    Something,
}

impl Touch {
    /// What is known of the act where nobody can tell.
    pub(super) const fn in_doubt(self) -> Executed {
        match self {
            Self::Nothing => Executed::No,
            Self::Something => Executed::Unknown,
        }
    }
}

impl Trouble {
    /// As the gate's error for a call of `server`.
    pub(super) fn tool_error(self, server: &Name, touch: Touch) -> ToolError {
        let message = format!("the server `{server}`: {self}");
        match self {
            Self::Stopped(error) => error,
            Self::Unsent(_) | Self::Unreached(_) | Self::Credential(_) => {
                not_executed(ToolErrorKind::Missing, message)
            }
            // Each is the server's word, which may come after the act as well.
            Self::SessionGone | Self::Rejected(_) | Self::Refused(_) => {
                after(ToolErrorKind::Missing, touch.in_doubt(), message)
            }
            Self::Lost(_) | Self::Cancelled => {
                after(ToolErrorKind::Failed, touch.in_doubt(), message)
            }
            Self::StoppedWhile(_) => after(ToolErrorKind::Stopped, touch.in_doubt(), message),
            Self::TimedOut { sent, .. } => {
                let executed = match sent {
                    Sent::No => Executed::No,
                    Sent::Perhaps => touch.in_doubt(),
                };
                after(ToolErrorKind::TimedOut, executed, message)
            }
            Self::Rpc(error) => rpc(&error, server, touch),
        }
    }
}

/// Errors with which a server says that it did not begin: it did not understand the request, or wants something from the
/// client before. Invalid parameters are not among them: tools throw that from their midst as well (decision 15).
const NOT_BEGUN: [i64; 5] = [
    RpcCode::InvalidRequest.number(),
    RpcCode::MethodNotFound.number(),
    RpcCode::HeaderMismatch.number(),
    RpcCode::MissingRequiredClientCapability.number(),
    RpcCode::UnsupportedProtocolVersion.number(),
];

fn rpc(error: &RpcError, server: &Name, touch: Touch) -> ToolError {
    let executed = match NOT_BEGUN.contains(&error.code) {
        true => Executed::No,
        false => touch.in_doubt(),
    };
    let said = clean::line(&error.message, limits::TOOL_MESSAGE_BYTES_MAX);
    let message =
        format!("the server `{server}` answered with the error {}{SAYS}{said}", error.code);
    let mut error = error.clone();
    error.message = said;
    let asks = json!({ "error": clean::value(error.to_value()).0 });
    ToolError { asks: Some(asks), ..after(ToolErrorKind::Failed, executed, message) }
}

/// An error after which nothing can have happened.
pub(super) fn not_executed(kind: ToolErrorKind, message: impl Into<String>) -> ToolError {
    after(kind, Executed::No, message.into())
}

/// An error of which somebody knows what happened.
pub(super) fn after(kind: ToolErrorKind, executed: Executed, message: String) -> ToolError {
    ToolError { kind, executed, message, own_code: None, effects: Vec::new(), asks: None }
}

/// With what the server said instead of a result.
pub(super) fn with(error: ToolError, said: Value) -> ToolError {
    ToolError { asks: Some(said), ..error }
}
