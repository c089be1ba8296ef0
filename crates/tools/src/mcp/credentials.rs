//! How Checkrein authenticates itself to upstream servers over HTTP: with a token of the operator's, or with OAuth.
//!
//! ```text
//! Credentials::request -> Attempt::headers -> the request -> 401 or 403 -> Attempt::refused -> Retry | GiveUp
//! ```
//! In: where an operator keeps a secret, or how tokens are got. Out: one header for each request. Secrets are seen by the
//! server and its authorization server only: they have a type that prints `[redacted]`, and each value is told to
//! the mask before it is used. Whether a call may be made at all is not asked here. Tests: `credentials/tests`.

mod attempt;
mod bearer;
mod challenge;
mod command;
pub mod login;
mod oauth;
mod problem;
mod secret;
mod sources;
mod store;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::Name;
use reqwest::Url;

pub use attempt::{Attempt, Next};
pub use login::{Browser, Loopback};
pub use oauth::{Grant, OAuth, RegisteredClient};
pub use problem::CredentialError;
pub use secret::{KnownSecrets, Secret};
pub use sources::SecretSource;
pub use store::TokenFiles;

use crate::mcp::guarded::Guarded;

/// How Checkrein authenticates itself to one server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Credentials(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    None(Name),
    Bearer(Box<bearer::Bearer>),
    OAuth(Arc<oauth::Session>),
}

/// What an operator configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nothing: requests are sent as they are.
    None,
    /// A bearer token.
    Bearer(SecretSource),
    /// Tokens of an authorization server.
    OAuth(Box<OAuth>),
}

/// What credentials need around them.
#[derive(Clone)]
pub struct Around {
    /// The server's URL, as configured.
    pub url: Url,
    /// Its client.
    pub http: Guarded,
    /// Where every secret value is told.
    pub known: KnownSecrets,
    /// Where tokens are kept; none keeps them in memory only.
    pub tokens: Option<TokenFiles>,
    /// The browser of a login; none in the gateway, where a person has to log in elsewhere.
    pub browser: Option<Arc<dyn Browser>>,
}

impl Credentials {
    /// The credentials of this server.
    pub fn new(server: Name, source: Source, around: Around) -> Result<Self, CredentialError> {
        let kind = match source {
            Source::None => Kind::None(server),
            Source::Bearer(source) => {
                Kind::Bearer(Box::new(bearer::Bearer::new(server, source, around.known)))
            }
            Source::OAuth(oauth) => {
                fits(&server, &oauth)?;
                Kind::OAuth(Arc::new(oauth::Session::new(*oauth, around, server)))
            }
        };
        Ok(Self(Arc::new(kind)))
    }

    /// No credentials for this server.
    pub fn none(server: Name) -> Self {
        Self(Arc::new(Kind::None(server)))
    }

    /// Begins one request.
    pub fn request(&self) -> Attempt {
        Attempt::new(self.clone())
    }

    /// A login by a person in the given browser, whatever tokens there are.
    pub async fn login(&self) -> Result<(), CredentialError> {
        match &*self.0 {
            Kind::OAuth(session) => session.login().await,
            Kind::None(server) => Err(no_login(server)),
            Kind::Bearer(bearer) => Err(no_login(bearer.server())),
        }
    }

    fn server(&self) -> &Name {
        match &*self.0 {
            Kind::None(server) => server,
            Kind::Bearer(bearer) => bearer.server(),
            Kind::OAuth(session) => session.server(),
        }
    }
}

fn no_login(server: &Name) -> CredentialError {
    let detail = "it has no `oauth`, so there is nothing to log in to".to_owned();
    CredentialError::Configured { server: server.clone(), detail }
}

fn fits(server: &Name, oauth: &OAuth) -> Result<(), CredentialError> {
    let wrong = |detail: &str| {
        Err(CredentialError::Configured { server: server.clone(), detail: detail.to_owned() })
    };
    let secret = oauth.client.as_ref().and_then(|client| client.secret.as_ref());
    if oauth.grant == Grant::ClientCredentials && secret.is_none() {
        return wrong("`client_credentials` needs `client_id`, a client secret and `issuer`");
    }
    let document = oauth.metadata_url.as_ref();
    if document.is_some_and(|url| url.scheme() != "https" || url.path().len() < 2) {
        return wrong("a client metadata URL must be https and have a path");
    }
    Ok(())
}

impl std::fmt::Debug for Around {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Around({})", self.http_origin())
    }
}

impl Around {
    fn http_origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// A text from outside, short, plain and in one line, to be shown in an error.
fn cut(text: &str) -> String {
    const CHARS_MAX: usize = 120;
    let plain = |char: char| if char.is_ascii_graphic() || char == ' ' { char } else { '?' };
    text.chars().map(plain).take(CHARS_MAX).collect()
}
