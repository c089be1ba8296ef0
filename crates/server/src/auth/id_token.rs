//! ID tokens: who logged in at an issuer (OpenID Connect Core 1.0, section 3.1.3.7).
//!
//! In: the text of a token that came straight from the issuer, and what it was asked for. Out: its claims, after signature,
//! issuer, audience, time and nonce held. Signatures with keys that we would share are never taken, nor is `none`.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, Validation};
use serde_json::Value;

use super::keys::Keys;
use super::{LEEWAY, unverified};

const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// How long ago the issuer may have asked the person, in seconds; sent as `max_age`.
pub(super) const MAX_AGE: u64 = domain::limits::PASSKEY_FRESH.as_secs();

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
}

/// The claims of a token that holds; none of any other.
pub(super) async fn claims(token: &str, keys: &Keys, expected: Expected<'_>) -> Option<Value> {
    let said = unverified(token)?;
    if !ALGORITHMS.contains(&said.algorithm) || said.issuer != expected.issuer {
        return None;
    }
    let key = keys.find(said.key.as_deref(), said.algorithm).await?;
    let mut validation = Validation::new(said.algorithm);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_audience(&[expected.client_id]);
    validation.set_issuer(&[expected.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?.claims;
    let nonce = claims.get("nonce").and_then(Value::as_str) == Some(expected.nonce);
    let fresh = is_fresh(&claims);
    (nonce && fresh && is_for_us_alone(&claims, expected.client_id)).then_some(claims)
}

/// The person was asked not long ago: what only a fresh login may do must not be had from a browser that somebody left.
/// An issuer that is asked for it says when (section 2, `auth_time`).
fn is_fresh(claims: &Value) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let asked = claims.get("auth_time").and_then(Value::as_u64);
    asked.is_some_and(|asked| now <= asked.saturating_add(MAX_AGE + LEEWAY))
}

/// A token for several clients must say that it was made for us.
fn is_for_us_alone(claims: &Value, client_id: &str) -> bool {
    let party = claims.get("azp").map(Value::as_str);
    let several = claims.get("aud").and_then(Value::as_array).is_some_and(|all| all.len() > 1);
    match party {
        Some(party) => party == Some(client_id),
        None => !several,
    }
}
