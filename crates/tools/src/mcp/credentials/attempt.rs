//! One request to a server, with its refusals: the loop in which a credential is renewed.
//!
//! ```text
//! headers -> request -> 401 or 403 -> refused -> Retry (bounded) -> headers -> request
//!                                             -> GiveUp(why)
//! ```
//! A request that was refused with 401 or 403 was not carried out, so it may be sent again. Several requests that are
//! refused together renew once: each knows which credential it presented. Tests: `tests/`.

use domain::{Name, limits};
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::challenge::{self, Challenge};
use super::problem::{CredentialError, error_word};
use super::secret::Secret;
use super::{Credentials, Kind};

/// One request on its way, sent once or, after refusals, a few times.
#[derive(Debug)]
pub struct Attempt {
    of: Credentials,
    presented: u64,
    refusals: u32,
    renewed: Option<Renewed>,
}

/// What is done after a refusal.
#[derive(Debug)]
pub enum Next {
    /// Send the same request again, with new headers.
    Retry,
    /// It stays refused.
    GiveUp(CredentialError),
}

/// A credential as it was sent.
#[derive(Debug)]
pub(super) struct Presented {
    pub(super) secret: Option<Secret>,
    pub(super) generation: u64,
}

/// A refusal, and what this request went through before.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) presented: u64,
    pub(super) status: u16,
    pub(super) challenge: Challenge,
    pub(super) renewed: Option<Renewed>,
}

/// How a credential was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewed {
    /// Another request did it.
    Elsewhere,
    /// With a refresh token.
    Refreshed,
    /// From the ground up.
    Granted,
}

impl Attempt {
    pub(super) const fn new(of: Credentials) -> Self {
        Self { of, presented: 0, refusals: 0, renewed: None }
    }

    /// The headers that authenticate the request now. Values are marked sensitive.
    pub async fn headers(&mut self) -> Result<HeaderMap, CredentialError> {
        let presented = match &*self.of.0 {
            Kind::None(_) => return Ok(HeaderMap::new()),
            Kind::Bearer(bearer) => bearer.present().await?,
            Kind::OAuth(session) => session.present().await?,
        };
        self.presented = presented.generation;
        let mut headers = HeaderMap::new();
        if let Some(value) = presented.secret.as_ref().and_then(authorization) {
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }

    /// What to do after the server refused the request with this status and these headers.
    pub async fn refused(&mut self, status: StatusCode, headers: &HeaderMap) -> Next {
        self.refusals += 1;
        let refusal = Refusal {
            presented: self.presented,
            status: status.as_u16(),
            challenge: challenge::bearer(headers),
            renewed: self.renewed,
        };
        if self.refusals > limits::CREDENTIAL_REFUSALS_MAX {
            return Next::GiveUp(refusal.refused(self.of.server()));
        }
        let renewed = match &*self.of.0 {
            Kind::None(server) => Err(refusal.refused(server)),
            Kind::Bearer(bearer) => bearer.refused(&refusal).await,
            Kind::OAuth(session) => session.refused(refusal).await,
        };
        match renewed {
            Ok(renewed) => {
                self.renewed = Some(renewed);
                Next::Retry
            }
            Err(why) => Next::GiveUp(why),
        }
    }
}

impl Refusal {
    /// That the server takes the credential for no good.
    pub(super) fn refused(&self, server: &Name) -> CredentialError {
        let said = self.challenge.error.as_deref().and_then(error_word);
        let detail = said.map_or_else(String::new, |word| format!(": `{word}`"));
        CredentialError::Refused { server: server.clone(), status: self.status, detail }
    }
}

fn authorization(secret: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", secret.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}
