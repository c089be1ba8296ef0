//! Agents that come with a token instead of a key: JWT of issuers that an operator configured (RFC 7519, RFC 9068).
//!
//! ```text
//! token -> form, algorithm of the list -> issuer -> key by `kid` -> signature -> iss, aud, exp, nbf -> agent's name
//! ```
//! In: a bearer token. Out: the agent that it names, which carries no rights of its own: the gate looks up its grant at each use.
//! A token never names an operator. Whatever is missing, unknown or cannot be fetched refuses. What the refusal says is the same
//! for all but time, so that nobody learns which part was right. Tests are at the end, and in `tests/it/tokens.rs`.

mod id_token;
mod keys;
pub(crate) mod metadata;
pub(crate) mod openid;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Code, Name, Timestamp, limits};
use gate::{Refusal, VerifiedAgent};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::Value;

use crate::config::{self, TokenIssuer};
use crate::rescue::Refused;
use keys::Keys;

/// How far the clock of an issuer may be from ours, in seconds.
const LEEWAY: u64 = 30;
/// What a token that says what it is may say (RFC 9068, section 2.1; RFC 7519, section 5.1).
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Every issuer whose tokens are believed.
#[derive(Debug, Default)]
pub(crate) struct Auth(Vec<Issuer>);

#[derive(Debug)]
struct Issuer {
    known: TokenIssuer,
    keys: Keys,
}

/// What a token says of itself before anything of it is believed.
struct Unverified {
    algorithm: Algorithm,
    key: Option<String>,
    issuer: String,
}

impl Auth {
    /// # Errors
    /// An address of keys that may not be fetched from.
    pub(crate) fn new(issuers: &[TokenIssuer]) -> Result<Self, Refusal> {
        let each = issuers.iter().map(|known| {
            let keys = Keys::of(&known.keys).map_err(|error| {
                let message = format!("keys of `{}`: {error}", known.issuer);
                Refusal::new(Code::BadConfiguration, message, "correct `token_issuer`")
            })?;
            Ok(Issuer { known: known.clone(), keys })
        });
        each.collect::<Result<_, Refusal>>().map(Self)
    }

    /// Whether a bearer's text is to be read as a token: keys have another form.
    pub(crate) fn takes(&self, text: &str) -> bool {
        !self.0.is_empty() && text.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// Whose tokens are believed.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|issuer| issuer.known.issuer.as_str())
    }

    /// The agent that a token names.
    ///
    /// # Errors
    /// `NotAuthenticated` for whatever is not a valid token of a configured issuer for this installation.
    pub(crate) async fn verified(&self, token: &str) -> Result<VerifiedAgent, Refused> {
        let said = unverified(token).ok_or_else(invalid)?;
        let issuer = self.0.iter().find(|issuer| issuer.known.issuer == said.issuer);
        let issuer = issuer.ok_or_else(invalid)?;
        if !issuer.known.algorithms.iter().any(|one| algorithm(*one) == said.algorithm) {
            return Err(invalid());
        }
        let key =
            issuer.keys.find(said.key.as_deref(), said.algorithm).await.ok_or_else(invalid)?;
        let mut validation = Validation::new(said.algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[&issuer.known.audience]);
        validation.set_issuer(&[&issuer.known.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation);
        let claims = claims.map_err(|error| {
            // Only time is told apart: a clock that is wrong is nobody's secret.
            if *error.kind() == ErrorKind::ExpiredSignature {
                refused("the token has expired")
            } else if *error.kind() == ErrorKind::ImmatureSignature {
                refused("the token does not hold yet")
            } else {
                invalid()
            }
        })?;
        named(&claims.claims, &issuer.known).ok_or_else(invalid)
    }
}

/// The agent that claims name, until the token ends.
fn named(claims: &Value, issuer: &TokenIssuer) -> Option<VerifiedAgent> {
    let agent: Name = claims.get(&issuer.agent_claim)?.as_str()?.parse().ok()?;
    // Also what is no whole number ends somewhere; cut, it ends earlier.
    let end = claims.get("exp")?;
    let end = end.as_u64().or_else(|| end.as_f64().and_then(whole))?;
    let until = Timestamp::from_millis(end.saturating_add(LEEWAY).saturating_mul(1_000));
    Some(VerifiedAgent::by_token(issuer.tenant.clone(), agent, until))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cut on purpose, and within bounds"
)]
fn whole(seconds: f64) -> Option<u64> {
    (seconds.is_finite() && (0.0..1e15).contains(&seconds)).then_some(seconds as u64)
}

/// What a token says before its signature is checked, read strictly.
fn unverified(token: &str) -> Option<Unverified> {
    if token.len() > limits::CREDENTIAL_BYTES_MAX {
        return None;
    }
    let mut parts = token.split('.');
    let (head, claims) = (part(parts.next()?)?, part(parts.next()?)?);
    // Whoever adds a header that must be understood means something that we do not (RFC 7515, section 4.1.11).
    if head.get("crit").is_some() {
        return None;
    }
    let kind = match head.get("typ") {
        None => true,
        Some(kind) => TYPES.contains(&kind.as_str()?.to_ascii_lowercase().as_str()),
    };
    let key = match head.get("kid") {
        None => None,
        Some(key) => Some(key.as_str()?.to_owned()),
    };
    let algorithm = head.get("alg")?.as_str()?.parse().ok()?;
    let issuer = claims.get("iss")?.as_str()?.to_owned();
    kind.then_some(Unverified { algorithm, key, issuer })
}

fn part(text: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    contract::strict::parse(&bytes, limits::CREDENTIAL_BYTES_MAX).ok()
}

const fn algorithm(of: config::Algorithm) -> Algorithm {
    match of {
        config::Algorithm::Rs256 => Algorithm::RS256,
        config::Algorithm::Rs384 => Algorithm::RS384,
        config::Algorithm::Rs512 => Algorithm::RS512,
        config::Algorithm::Ps256 => Algorithm::PS256,
        config::Algorithm::Ps384 => Algorithm::PS384,
        config::Algorithm::Ps512 => Algorithm::PS512,
        config::Algorithm::Es256 => Algorithm::ES256,
        config::Algorithm::Es384 => Algorithm::ES384,
        config::Algorithm::EdDsa => Algorithm::EdDSA,
    }
}

fn invalid() -> Refused {
    refused("the token is not one of a configured issuer for this installation")
}

fn refused(message: &str) -> Refused {
    let fix =
        "get a fresh token for Checkrein from your issuer, or use a key from `checkrein keys`";
    Refused::new(Code::NotAuthenticated, message, fix)
}
