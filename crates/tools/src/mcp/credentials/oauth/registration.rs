//! Which client Checkrein is at an authorization server: registered before, named by a document, or registered now.
//!
//! ```text
//! registered by the operator -> only at the issuer it was registered with
//! metadata document (CIMD)   -> where the authorization server supports it
//! dynamic registration       -> kept for this issuer and redirect URI, deprecated and still common
//! ```
//! A client, and above all its secret, is shown to no authorization server but its own. Tests: `tests/clients.rs` beside
//! the credentials.

use reqwest::Url;
use serde_json::{Value, json};

use super::kept::{Client, Method, Registered, now};
use super::metadata::{ServerMetadata, text};
use super::wire::Wire;
use super::{OAuth, RegisteredClient};
use crate::mcp::credentials::Secret;
use crate::mcp::credentials::problem::CredentialError;
use crate::mcp::credentials::sources;

/// How a client names itself to people.
const NAME: &str = "Checkrein";
/// Characters of a client's id.
const ID_CHARS_MAX: usize = 2_000;

/// The client that the operator registered or published, if it can be used at this authorization server.
pub(super) async fn configured(
    wire: &Wire,
    oauth: &OAuth,
    metadata: &ServerMetadata,
) -> Result<Option<Client>, CredentialError> {
    if let Some(client) = &oauth.client {
        return registered_before(wire, client, metadata).await.map(Some);
    }
    let documented = oauth.metadata_url.as_ref().filter(|_| metadata.documents);
    Ok(documented.map(|url| Client { id: url.to_string(), secret: None, method: Method::None }))
}

async fn registered_before(
    wire: &Wire,
    client: &RegisteredClient,
    metadata: &ServerMetadata,
) -> Result<Client, CredentialError> {
    if client.issuer != metadata.issuer {
        return Err(wire.rule(format!(
            "its client is registered with `{}`, and the server now names another authorization server",
            client.issuer
        )));
    }
    let secret = match &client.secret {
        Some(source) => Some(sources::read(&wire.server, source).await?),
        None => None,
    };
    let method = method(secret.as_ref(), metadata.methods.as_deref())
        .ok_or_else(|| wire.rule("the authorization server supports no way of authentication that Checkrein has (client_secret_basic, client_secret_post, none)"))?;
    Ok(Client { id: client.id.clone(), secret, method })
}

/// The way in which a client authenticates itself. RFC 8414: who does not say means `client_secret_basic`.
fn method(secret: Option<&Secret>, supported: Option<&[String]>) -> Option<Method> {
    let fits = |method: &Method| (*method == Method::None) == secret.is_none();
    let offered = |method: &Method| {
        supported.is_none_or(|words| words.iter().any(|word| word == method.word()))
    };
    // A public client needs no permission to send no secret: RFC 6749, section 3.2.1.
    let public = secret.is_none().then_some(Method::None);
    Method::ALL.into_iter().filter(fits).find(offered).or(public)
}

/// Registers a client for logins that come back to this redirect URI.
pub(super) async fn register(
    wire: &Wire,
    metadata: &ServerMetadata,
    redirect: &Url,
) -> Result<Registered, CredentialError> {
    let Some(place) = &metadata.registration else {
        return Err(CredentialError::Configured {
            server: wire.server.clone(),
            detail: format!(
                "`{}` registers no clients by itself, register one there and set `client_id` and `issuer`",
                metadata.issuer
            ),
        });
    };
    let asked = wanted(metadata.methods.as_deref());
    let body = json!({
        "client_name": NAME,
        "redirect_uris": [redirect.as_str()],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": asked.word(),
        "application_type": "native",
    });
    let answer = wire.register(place.clone(), &body).await?;
    read(wire, &answer, metadata).map(|(client, ends)| Registered {
        client,
        redirect: redirect.to_string(),
        ends,
    })
}

/// The method to register with: a program on a person's machine keeps no secret if it need not.
fn wanted(supported: Option<&[String]>) -> Method {
    let Some(words) = supported else { return Method::Basic };
    let offered = |method: &Method| words.iter().any(|word| word == method.word());
    [Method::None, Method::Basic, Method::Post].into_iter().find(offered).unwrap_or(Method::None)
}

fn read(
    wire: &Wire,
    answer: &Value,
    metadata: &ServerMetadata,
) -> Result<(Client, Option<u64>), CredentialError> {
    let broken = |what: &str| wire.rule(format!("the registration of a client {what} (RFC 7591)"));
    let id = text(answer, "client_id").filter(|id| !id.is_empty() && id.len() <= ID_CHARS_MAX);
    let id = id.ok_or_else(|| broken("gave no `client_id`"))?.to_owned();
    let secret = text(answer, "client_secret").filter(|secret| !secret.is_empty());
    let secret = secret.map(Secret::new);
    if secret.as_ref().is_some_and(|secret| !secret.maskable()) {
        return Err(broken("gave a secret too short to be masked"));
    }
    let method = match text(answer, "token_endpoint_auth_method") {
        Some(word) => Method::of(word).ok_or_else(|| broken("chose an unknown authentication"))?,
        None => unsaid(secret.as_ref(), metadata),
    };
    let ends = answer.get("client_secret_expires_at").and_then(Value::as_u64);
    Ok((Client { id, secret, method }, ends.filter(|ends| *ends != 0)))
}

/// The method, where the answer does not say: one that the server supports, before the standard's default.
fn unsaid(secret: Option<&Secret>, metadata: &ServerMetadata) -> Method {
    let only_public =
        metadata.methods.as_ref().is_some_and(|words| words.iter().all(|word| word == "none"));
    match secret {
        Some(_) if only_public => Method::None,
        secret => method(secret, metadata.methods.as_deref()).unwrap_or(Method::Basic),
    }
}

impl Registered {
    /// Whether it can be used for a login that comes back to this redirect URI.
    pub(super) fn serves(&self, redirect: &Url) -> bool {
        self.redirect == redirect.as_str() && self.ends.is_none_or(|ends| ends > now())
    }
}
