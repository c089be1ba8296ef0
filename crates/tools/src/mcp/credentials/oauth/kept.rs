//! What is kept of an authorization across restarts: tokens, the client that got them, and whose they are.
//!
//! In: the state of one server's authorization. Out: bytes for the token file, and back. All of it belongs to one
//! server URL, one resource and one issuer: read for any other it is nothing, so a token is never sent to a server that
//! it was not issued for. Tests: `tests/stored.rs` beside the credentials.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::limits;
use serde_json::{Value, json};

use super::metadata::text;
use super::scopes::Scopes;
use crate::mcp::credentials::Secret;

const FORM: u64 = 1;

/// One server's authorization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// The issuer that everything here belongs to; none before the first discovery.
    pub(super) issuer: Option<String>,
    /// The resource identifier that the tokens are for.
    pub(super) resource: Option<String>,
    /// The client that Checkrein registered itself.
    pub(super) client: Option<Registered>,
    pub(super) tokens: Option<Tokens>,
    /// Scopes that were asked for last, or are to be asked for at the next login.
    pub(super) scopes: Scopes,
}

/// A client from dynamic registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) client: Client,
    /// The redirect URI it was registered with.
    pub(super) redirect: String,
    /// When its secret ends, in seconds since 1970.
    pub(super) ends: Option<u64>,
}

/// A client as an authorization server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<Secret>,
    pub(super) method: Method,
}

/// How a client authenticates itself at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    None,
    Basic,
    Post,
}

/// An access token, and what renews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tokens {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    /// When it ends, in seconds since 1970; none if nobody said.
    pub(super) ends: Option<u64>,
    /// The client that it was issued to.
    pub(super) client: String,
}

impl Method {
    /// All, in the order in which they are preferred for a client with a secret.
    pub(super) const ALL: [Self; 3] = [Self::Basic, Self::Post, Self::None];

    /// The registered name (RFC 7591, section 2).
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
        }
    }

    /// From its name.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }
}

impl Tokens {
    /// Whether it ends so soon that it is renewed first.
    pub(super) fn ending(&self) -> bool {
        self.ends.is_some_and(|ends| ends <= now() + limits::OAUTH_RENEWED_BEFORE.as_secs())
    }

    /// Whether it has ended.
    pub(super) fn ended(&self) -> bool {
        self.ends.is_some_and(|ends| ends <= now())
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

impl Kept {
    /// As bytes, for a server at this URL.
    pub(super) fn write(&self, url: &str) -> Vec<u8> {
        let secret = |secret: &Secret| secret.expose().to_owned();
        let client = self.client.as_ref().map(|registered| {
            json!({
                "id": registered.client.id,
                "secret": registered.client.secret.as_ref().map(secret),
                "method": registered.client.method.word(),
                "redirect": registered.redirect,
                "ends": registered.ends,
            })
        });
        let tokens = self.tokens.as_ref().map(|tokens| {
            json!({
                "access": secret(&tokens.access),
                "refresh": tokens.refresh.as_ref().map(secret),
                "ends": tokens.ends,
                "client": tokens.client,
            })
        });
        let document = json!({
            "form": FORM,
            "url": url,
            "issuer": self.issuer,
            "resource": self.resource,
            "client": client,
            "tokens": tokens,
            "scopes": self.scopes.iter().collect::<Vec<_>>(),
        });
        document.to_string().into_bytes()
    }

    /// From bytes; none if they are of another form or another URL.
    pub(super) fn read(document: &Value, url: &str) -> Option<Self> {
        let ours = document.get("form").and_then(Value::as_u64) == Some(FORM);
        if !ours || text(document, "url") != Some(url) {
            return None;
        }
        let scopes = document.get("scopes")?.as_array()?.iter().filter_map(Value::as_str);
        Some(Self {
            issuer: text(document, "issuer").map(str::to_owned),
            resource: text(document, "resource").map(str::to_owned),
            client: document.get("client").and_then(registered),
            tokens: document.get("tokens").and_then(tokens),
            scopes: Scopes::default().and(scopes),
        })
    }
}

fn registered(value: &Value) -> Option<Registered> {
    let client = Client {
        id: text(value, "id")?.to_owned(),
        secret: text(value, "secret").map(Secret::new),
        method: Method::of(text(value, "method")?)?,
    };
    let redirect = text(value, "redirect")?.to_owned();
    Some(Registered { client, redirect, ends: value.get("ends").and_then(Value::as_u64) })
}

fn tokens(value: &Value) -> Option<Tokens> {
    Some(Tokens {
        access: Secret::new(text(value, "access")?),
        refresh: text(value, "refresh").map(Secret::new),
        ends: value.get("ends").and_then(Value::as_u64),
        client: text(value, "client")?.to_owned(),
    })
}
