//! Why something was not fetched, and whether the other side can have seen the request.
//!
//! In: what the guard refused, or what the transport says. Out: one error with a text that is safe to show: it names
//! origins, never paths, queries or headers, because those may carry secrets. The gate wants to know one thing
//! of it: `certainly_unsent`. Tests: in the tests of the guard.

use std::time::Duration;

use reqwest::Url;

/// Why the guard refuses an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// Neither https nor loopback.
    #[error("only https is used, and http to this machine if the configured server is on it")]
    Scheme,
    /// A name and password in the URL.
    #[error("a URL must not carry a user name or password")]
    UserInfo,
    /// No host, or too long.
    #[error("it is no usable URL, write `https://host/path`")]
    Form,
    /// An address that is not public.
    #[error("it leads to {place}, which only a server that was configured there may be reached at")]
    Place {
        /// What kind of place.
        place: &'static str,
    },
    /// The name led elsewhere before.
    #[error("its name now leads to {place} and did not before (DNS rebinding?)")]
    Moved {
        /// What kind of place.
        place: &'static str,
    },
    /// The name leads to several kinds of places.
    #[error("its name leads to public and other addresses at once")]
    Mixed,
    /// The TLS library has no trusted roots, or cannot be used.
    #[error("TLS cannot be used here: {0}")]
    Tls(String),
}

/// Why something was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The guard refused it before anything was sent.
    #[error("`{origin}` is not used: {why}")]
    Refused {
        /// Scheme, host and port.
        origin: String,
        /// Why.
        why: Why,
    },
    /// No connection, so nothing was sent.
    #[error("`{origin}` cannot be reached: {detail}")]
    Unreached {
        /// Scheme, host and port.
        origin: String,
        /// What the transport says.
        detail: String,
    },
    /// The connection broke after sending began.
    #[error("the connection to `{origin}` broke: {detail}")]
    Broken {
        /// Scheme, host and port.
        origin: String,
        /// What the transport says.
        detail: String,
    },
    /// The answer is larger than it may be.
    #[error("`{origin}` answered more than the allowed {max} bytes")]
    TooLarge {
        /// Scheme, host and port.
        origin: String,
        /// Bytes allowed.
        max: usize,
    },
    /// The answer took too long.
    #[error("`{origin}` did not answer within {within:?}")]
    TooSlow {
        /// Scheme, host and port.
        origin: String,
        /// Time allowed.
        within: Duration,
    },
    /// The answer points elsewhere.
    #[error(
        "`{origin}` redirects to `{to}`, only redirects of reads within one origin are followed"
    )]
    Redirected {
        /// Scheme, host and port.
        origin: String,
        /// The origin it points to.
        to: String,
    },
}

impl FetchError {
    /// Whether the other side cannot have seen the request.
    pub fn certainly_unsent(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Unreached { .. } => true,
            Self::Broken { .. }
            | Self::TooLarge { .. }
            | Self::TooSlow { .. }
            | Self::Redirected { .. } => false,
        }
    }

    pub(super) fn refused(url: &Url, why: Why) -> Self {
        Self::Refused { origin: origin(url), why }
    }

    /// What the transport says. A refusal by the resolver is a refusal of the guard.
    pub(super) fn transport(url: &Url, error: reqwest::Error) -> Self {
        if let Some(why) = barred(&error) {
            return Self::refused(url, why);
        }
        let unsent = error.is_connect() || error.is_builder();
        let (origin, detail) = (origin(url), told(&error.without_url()));
        match unsent {
            true => Self::Unreached { origin, detail },
            false => Self::Broken { origin, detail },
        }
    }
}

/// Scheme, host and port.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn barred(error: &reqwest::Error) -> Option<Why> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(why) = error.downcast_ref::<Why>() {
            return Some(why.clone());
        }
        cause = error.source();
    }
    None
}

/// The innermost causes: the outer ones only say that there are causes.
fn told(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.dedup();
    match texts.is_empty() {
        true => error.to_string(),
        false => texts.join(": "),
    }
}
