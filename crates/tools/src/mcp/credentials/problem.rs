//! Why there is no credential, or why a server does not take it.
//!
//! In: what went wrong on the way to a credential. Out: one error whose text is safe to show: no token, code, secret,
//! path or query is in it, and what an authorization server says is cut to its error word. Whether a person has
//! to log in is asked by `needs_login`. Tests: with each part.

use domain::Name;

use crate::mcp::guarded::FetchError;

/// Why there is no credential, or why it is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The operator's source gives nothing that can be used.
    #[error("the credential of server `{server}` cannot be used: {source_of} {detail}")]
    Source {
        /// The server.
        server: Name,
        /// Which source: a variable, a file or a command.
        source_of: String,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// The configuration fits no credential.
    #[error("the credential of server `{server}` is not configured well: {detail}")]
    Configured {
        /// The server.
        server: Name,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// The server does not take the credential that it got.
    #[error("server `{server}` refuses its credential with status {status}{detail}")]
    Refused {
        /// The server.
        server: Name,
        /// 401 or 403.
        status: u16,
        /// What the server says of it, cut, after `: `; else empty.
        detail: String,
    },
    /// A person has to log in.
    #[error("server `{server}` needs a login by a person, run `checkrein servers login {server}`")]
    NeedsLogin {
        /// The server.
        server: Name,
    },
    /// A document on the way breaks a rule of the protocol.
    #[error("authorization for server `{server}` was refused by Checkrein: {detail}")]
    Rule {
        /// The server.
        server: Name,
        /// Which rule, and what was found.
        detail: String,
    },
    /// The authorization server says no.
    #[error("the authorization server of `{server}` answered {step} with `{error}`")]
    Denied {
        /// The server.
        server: Name,
        /// What was asked of it.
        step: &'static str,
        /// Its error word, or its status.
        error: String,
    },
    /// Something on the way could not be fetched.
    #[error("authorization for server `{server}` did not succeed: {problem}")]
    Fetch {
        /// The server.
        server: Name,
        /// Why.
        problem: FetchError,
    },
    /// The person's browser brought nothing back.
    #[error("the login for server `{server}` did not succeed: {detail}")]
    Login {
        /// The server.
        server: Name,
        /// Why.
        detail: String,
    },
    /// Tokens cannot be kept or read.
    #[error("the tokens of server `{server}` cannot be kept: {detail}")]
    Store {
        /// The server.
        server: Name,
        /// Why.
        detail: String,
    },
}

impl CredentialError {
    /// Whether a person has to log in before it can go on.
    pub fn needs_login(&self) -> bool {
        matches!(self, Self::NeedsLogin { .. })
    }
}

/// The word of an error, as RFC 6749 allows it; anything else is not repeated.
pub(super) fn error_word(text: &str) -> Option<&str> {
    let fits = !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    fits.then_some(text)
}
