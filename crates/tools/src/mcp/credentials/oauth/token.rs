//! The token endpoint: a code, a refresh token or the client's own secret for an access token.
//!
//! In: the client, what it shows, the resource and the scopes. Out: tokens. Only `Bearer` tokens are taken, and only
//! those that can be masked and stand in a header. The refresh token that an answer leaves out stays; one that it brings
//! replaces the old one (rotation). Tests: `tests/tokens.rs` beside the credentials.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::limits;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::kept::{Client, Method, Tokens, now};
use super::metadata::text;
use super::scopes::Scopes;
use super::wire::Wire;
use crate::mcp::credentials::Secret;
use crate::mcp::credentials::problem::CredentialError;

/// What is shown for a token.
pub(super) enum Shown<'a> {
    /// The code of a login, with the verifier of its challenge.
    Code { code: &'a Secret, verifier: &'a Secret, redirect: &'a Url },
    /// A refresh token.
    Refresh(&'a Secret),
    /// The client itself.
    Client,
}

/// One question to a token endpoint.
pub(super) struct Ask<'a> {
    pub(super) place: &'a Url,
    pub(super) client: &'a Client,
    /// The resource identifier as published (RFC 8707).
    pub(super) resource: &'a str,
    pub(super) scopes: &'a Scopes,
}

impl Shown<'_> {
    const fn step(&self) -> &'static str {
        match self {
            Self::Code { .. } => "the exchange of the code",
            Self::Refresh(_) => "the renewal of the token",
            Self::Client => "the request for a token",
        }
    }
}

impl Ask<'_> {
    /// Asks for tokens.
    pub(super) async fn send(
        &self,
        wire: &Wire,
        shown: &Shown<'_>,
    ) -> Result<Tokens, CredentialError> {
        let (headers, fields) = self.fields(wire, shown)?;
        let answer = wire.form(shown.step(), self.place.clone(), (headers, fields)).await?;
        self.read(wire, &answer, shown)
    }

    fn fields(
        &self,
        wire: &Wire,
        shown: &Shown<'_>,
    ) -> Result<(HeaderMap, String), CredentialError> {
        let mut fields = Serializer::new(String::new());
        match shown {
            Shown::Code { code, verifier, redirect } => {
                fields.append_pair("grant_type", "authorization_code");
                fields.append_pair("code", code.expose());
                fields.append_pair("code_verifier", verifier.expose());
                fields.append_pair("redirect_uri", redirect.as_str());
            }
            Shown::Refresh(token) => {
                fields.append_pair("grant_type", "refresh_token");
                fields.append_pair("refresh_token", token.expose());
            }
            Shown::Client => {
                fields.append_pair("grant_type", "client_credentials");
                if let Some(scope) = self.scopes.parameter() {
                    fields.append_pair("scope", &scope);
                }
            }
        }
        fields.append_pair("resource", self.resource);
        let mut headers = HeaderMap::new();
        let secret = self.client.secret.as_ref();
        match (self.client.method, secret) {
            (Method::Basic, Some(secret)) => {
                let value = basic(&self.client.id, secret)
                    .ok_or_else(|| wire.rule("the client's id and secret fit no header"))?;
                headers.insert(AUTHORIZATION, value);
            }
            (Method::Post, Some(secret)) => {
                fields.append_pair("client_id", &self.client.id);
                fields.append_pair("client_secret", secret.expose());
            }
            (Method::None, _) => {
                fields.append_pair("client_id", &self.client.id);
            }
            (Method::Basic | Method::Post, None) => {
                return Err(wire.rule("the authorization server wants a secret and gave none"));
            }
        }
        Ok((headers, fields.finish()))
    }

    fn read(
        &self,
        wire: &Wire,
        answer: &Value,
        shown: &Shown<'_>,
    ) -> Result<Tokens, CredentialError> {
        let broken = |what: &str| wire.rule(format!("the token endpoint {what} (RFC 6749)"));
        let bearer =
            text(answer, "token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
        if !bearer {
            return Err(broken("gave no token of type `Bearer`"));
        }
        let access = text(answer, "access_token").map(Secret::new);
        let access = access.filter(fits).ok_or_else(|| broken("gave no usable access token"))?;
        let refresh = text(answer, "refresh_token").map(Secret::new).filter(fits);
        let refresh = match shown {
            Shown::Refresh(before) => refresh.or_else(|| Some((*before).clone())),
            Shown::Code { .. } => refresh,
            // RFC 6749, section 4.4.3: the client itself is what renews it.
            Shown::Client => None,
        };
        let life = answer.get("expires_in").and_then(seconds);
        let life = life.map(|life| life.min(limits::OAUTH_TOKEN_LIFE_MAX.as_secs()));
        let ends = life.map(|life| now().saturating_add(life));
        Ok(Tokens { access, refresh, ends, client: self.client.id.clone() })
    }
}

/// Some servers write the number as text.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Whether a token can be masked and stand in a header (RFC 6750, section 2.1).
fn fits(token: &Secret) -> bool {
    let text = token.expose();
    let printable = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    printable && token.maskable() && text.len() <= limits::CREDENTIAL_BYTES_MAX
}

/// RFC 6749, section 2.3.1: both are encoded as in a form first.
fn basic(id: &str, secret: &Secret) -> Option<HeaderValue> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(id), encoded(secret.expose()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}
