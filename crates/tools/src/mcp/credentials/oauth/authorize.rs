//! The authorization code flow: what a browser is sent to, and what may come back.
//!
//! In: the metadata of an authorization server, a client, and the one `Browser`. Out: a code, once `state` and `iss`
//! (RFC 9207) were found to be those of this login. PKCE is always S256. Whoever answers for another issuer is not
//! even quoted: an error word is shown only after both were compared. Tests: `tests/logins.rs` beside the credentials.

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::limits;
use reqwest::Url;
use tokio::time::timeout;

use super::kept::Client;
use super::metadata::ServerMetadata;
use super::scopes::Scopes;
use super::wire::Wire;
use crate::mcp::credentials::login::Browser;
use crate::mcp::credentials::problem::{CredentialError, error_word};
use crate::mcp::credentials::{Secret, cut};

/// Random bytes of a verifier and of a state: 256 bits (RFC 7636, section 7.1).
const RANDOM_BYTES: usize = 32;

/// One login.
pub(super) struct Login<'a> {
    pub(super) metadata: &'a ServerMetadata,
    pub(super) client: &'a Client,
    pub(super) resource: &'a str,
    pub(super) scopes: &'a Scopes,
}

/// A code and what proves that it is ours.
pub(super) struct Code {
    pub(super) code: Secret,
    pub(super) verifier: Secret,
}

impl Login<'_> {
    /// Sends a browser to the authorization server and waits for the code.
    pub(super) async fn run(
        &self,
        wire: &Wire,
        browser: &dyn Browser,
    ) -> Result<Code, CredentialError> {
        let (verifier, state) = (random(wire)?, random(wire)?);
        let url = self.url(wire, browser.redirect_uri(), (&verifier, &state))?;
        let failed = |detail| CredentialError::Login { server: wire.server.clone(), detail };
        let back = timeout(limits::OAUTH_LOGIN_WITHIN, browser.open(url)).await;
        let back = back.map_err(|_| failed("nobody finished it in time".to_owned()))?;
        let code = self.code(wire, &back.map_err(failed)?, &state)?;
        Ok(Code { code, verifier })
    }

    fn url(
        &self,
        wire: &Wire,
        redirect: &Url,
        (verifier, state): (&Secret, &Secret),
    ) -> Result<Url, CredentialError> {
        let place = self.metadata.authorization.as_ref();
        let mut url = place
            .ok_or_else(|| wire.rule("the authorization server has no authorization endpoint"))?
            .clone();
        if !self.metadata.proves {
            return Err(wire.rule(
                "the authorization server does not say that it supports PKCE with S256, so a stolen code could be used",
            ));
        }
        let challenge = digest::digest(&digest::SHA256, verifier.expose().as_bytes());
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", state.expose())
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256")
            .append_pair("resource", self.resource);
        if let Some(scope) = self.scopes.parameter() {
            query.append_pair("scope", &scope);
        }
        drop(query);
        Ok(url)
    }

    /// The code in what came back, if it is an answer to this login.
    fn code(&self, wire: &Wire, back: &Url, state: &Secret) -> Result<Secret, CredentialError> {
        let said = |name| parameter(wire, back, name);
        if said("state")?.as_deref() != Some(state.expose()) {
            return Err(wire.rule("what came back from the login is no answer to it (`state`)"));
        }
        match said("iss")? {
            Some(issuer) if issuer == self.metadata.issuer => {}
            Some(_) => {
                return Err(wire.rule("another issuer answered the login (RFC 9207)"));
            }
            None if self.metadata.names_issuer => {
                return Err(wire.rule("the answer to the login does not name its issuer, and its issuer says that it does (RFC 9207)"));
            }
            None => {}
        }
        if let Some(error) = said("error")? {
            let word = error_word(&error).unwrap_or("an error");
            return Err(wire.denied("the login", cut(word)));
        }
        let code = said("code")?.filter(|code| !code.is_empty());
        code.map(Secret::new).ok_or_else(|| wire.rule("the answer to the login has no code"))
    }
}

/// The one value of a parameter. Named twice, it means different things to different readers.
fn parameter(wire: &Wire, url: &Url, name: &str) -> Result<Option<String>, CredentialError> {
    let mut found = url.query_pairs().filter(|(key, _)| key == name);
    let value = found.next().map(|(_, value)| value.into_owned());
    match found.next() {
        Some(_) => Err(wire.rule("the answer to the login names a parameter twice")),
        None => Ok(value),
    }
}

fn random(wire: &Wire) -> Result<Secret, CredentialError> {
    let mut bytes = [0_u8; RANDOM_BYTES];
    rand::fill(&mut bytes).map_err(|_| wire.rule("there are no random bytes for a login"))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}
