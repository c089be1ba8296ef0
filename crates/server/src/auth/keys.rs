//! The public keys of an issuer (JWK sets, RFC 7517), from a file or an address, kept for a while.
//!
//! ```text
//! kid -> kept set -> key           unknown, or the set is old -> fetched again, by one at a time and not too often -> key
//! ```
//! In: a key's id and the algorithm of a token. Out: a key that the set gives for just this, or nothing. A set that cannot be
//! fetched again counts until it is too old. Symmetric keys in a set are never used. Tests: `tests/it/tokens.rs`.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::limits;
use jsonwebtoken::jwk::{Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize as _;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tools::mcp::guarded::{Bound, FetchError, Guarded, Request};
use url::Url;

use crate::config::KeySet;

/// After this time a set is fetched again.
const FRESH: Duration = Duration::from_secs(3_600);
/// After this time one that cannot be fetched again counts no more.
const KEPT: Duration = Duration::from_secs(12 * 3_600);
/// How often a set is fetched at most, whatever ids strangers make up.
const FETCHED_EVERY: Duration = Duration::from_secs(30);
/// How long fetching may take.
const FETCHED_WITHIN: Duration = Duration::from_secs(10);
/// Keys of one set that are looked at.
const KEYS_MAX: usize = 100;

/// Keys of one issuer.
#[derive(Debug)]
pub(super) struct Keys {
    from: From,
    kept: RwLock<Option<Kept>>,
    /// When fetching was last tried; held while it is.
    tried: Mutex<Option<Instant>>,
}

#[derive(Debug)]
enum From {
    File(PathBuf),
    Address(Guarded, Url),
}

#[derive(Debug, Clone)]
struct Kept {
    set: Arc<[Jwk]>,
    since: Instant,
}

impl Keys {
    pub(super) fn of(set: &KeySet) -> Result<Self, FetchError> {
        let from = match set {
            KeySet::File(path) => From::File(path.clone()),
            KeySet::Url(url) => From::Address(Guarded::new(url)?, url.clone()),
        };
        Ok(Self { from, kept: RwLock::default(), tried: Mutex::default() })
    }

    /// Keys at an address that an issuer named, fetched the way that leads to the issuer.
    pub(super) fn discovered(guarded: Guarded, url: Url) -> Self {
        let from = From::Address(guarded, url);
        Self { from, kept: RwLock::default(), tried: Mutex::default() }
    }

    /// The key with which a token's signature is checked.
    pub(super) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let known = self.known(FRESH).and_then(|kept| key(&kept.set, id, algorithm));
        if known.is_some() {
            return known;
        }
        self.fetch_again().await;
        let kept = self.known(KEPT)?;
        key(&kept.set, id, algorithm)
    }

    fn known(&self, age: Duration) -> Option<Kept> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner).clone();
        kept.filter(|kept| kept.since.elapsed() < age)
    }

    /// Fetches, unless that was tried just now. Who comes while it is under way waits for it.
    async fn fetch_again(&self) {
        let mut tried = self.tried.lock().await;
        if tried.is_some_and(|tried| tried.elapsed() < FETCHED_EVERY) {
            return;
        }
        *tried = Some(Instant::now());
        match self.fetch().await {
            Ok(set) => {
                let kept = Kept { set: set.into(), since: Instant::now() };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
            }
            Err(reason) => tracing::warn!(reason, "the keys of a token issuer could not be had"),
        }
    }

    async fn fetch(&self) -> Result<Vec<Jwk>, String> {
        let bytes = match &self.from {
            From::File(path) => {
                let read = tokio::fs::read(path).await;
                read.map_err(|error| format!("`{}`: {error}", path.display()))?
            }
            From::Address(guarded, url) => {
                let request = Request::get(url.clone()).head_within(FETCHED_WITHIN);
                let response = guarded.send(request).await.map_err(|error| error.to_string())?;
                if !response.status.is_success() {
                    return Err(format!("status {}", response.status.as_u16()));
                }
                let bound =
                    Bound { bytes: limits::OAUTH_DOCUMENT_BYTES_MAX, within: FETCHED_WITHIN };
                response.read(bound).await.map_err(|error| error.to_string())?
            }
        };
        let set = contract::strict::parse(&bytes, limits::OAUTH_DOCUMENT_BYTES_MAX);
        let set = set.map_err(|error| error.to_string())?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or("expected `keys` as a list")?;
        // Keys of kinds that are not known here are somebody else's.
        let keys = keys.iter().take(KEYS_MAX).filter_map(|key| Jwk::deserialize(key).ok());
        Ok(keys.collect())
    }
}

/// The one key of a set that may check signatures of this algorithm under this id. Without an id it must be the only one.
fn key(set: &[Jwk], id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let fits = |key: &&Jwk| {
        let common = &key.common;
        let named = id.is_none() || common.key_id.as_deref() == id;
        let signs = common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature);
        let verifies = common.key_operations.as_ref();
        let verifies = verifies.is_none_or(|all| all.contains(&KeyOperations::Verify));
        let same = common.key_algorithm.is_none_or(|of| of.to_string() == format!("{algorithm:?}"));
        named && signs && verifies && same && is_of(key, algorithm)
    };
    let mut found = set.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(key), None) => DecodingKey::from_jwk(key).ok(),
        // Two keys of one id: nobody can say which was meant.
        (Some(_), Some(_)) | (None, _) => None,
    }
}

/// Whether a key is of the kind that an algorithm needs. No algorithm with a symmetric key fits any: whoever checks such a
/// signature could also have made it.
fn is_of(key: &Jwk, algorithm: Algorithm) -> bool {
    use jsonwebtoken::jwk::{AlgorithmParameters as Kind, EllipticCurve as Curve};
    const RSA: [Algorithm; 6] = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];
    if let Kind::RSA(_) = &key.algorithm {
        return RSA.contains(&algorithm);
    }
    if let Kind::EllipticCurve(of) = &key.algorithm {
        return (algorithm == Algorithm::ES256 && of.curve == Curve::P256)
            || (algorithm == Algorithm::ES384 && of.curve == Curve::P384);
    }
    matches!(&key.algorithm, Kind::OctetKeyPair(of) if algorithm == Algorithm::EdDSA && of.curve == Curve::Ed25519)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::EncodingKey;
    use serde_json::json;

    fn fresh(id: &str) -> Value {
        let signing = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(signing).unwrap();
        let key = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        let key = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        let mut key = serde_json::to_value(key).unwrap();
        key["kid"] = json!(id);
        key
    }

    fn set(keys: &[Value]) -> Vec<Jwk> {
        keys.iter().map(|key| Jwk::deserialize(key).unwrap()).collect()
    }

    #[test]
    fn a_key_is_used_only_for_what_it_says() {
        let plain = fresh("a");
        let with = |key: &str, value: Value| {
            let mut changed = plain.clone();
            changed[key] = value;
            set(&[changed])
        };
        let found = |set: &[Jwk], id, algorithm| key(set, id, algorithm).is_some();
        assert!(found(&set(std::slice::from_ref(&plain)), Some("a"), Algorithm::ES256));
        assert!(found(&set(std::slice::from_ref(&plain)), None, Algorithm::ES256));
        assert!(!found(&set(std::slice::from_ref(&plain)), Some("b"), Algorithm::ES256));
        assert!(!found(&set(std::slice::from_ref(&plain)), Some("a"), Algorithm::ES384));
        assert!(!found(&set(std::slice::from_ref(&plain)), Some("a"), Algorithm::RS256));
        assert!(!found(&set(std::slice::from_ref(&plain)), Some("a"), Algorithm::HS256));
        assert!(!found(&with("use", json!("enc")), Some("a"), Algorithm::ES256));
        assert!(!found(&with("alg", json!("ES384")), Some("a"), Algorithm::ES256));
        assert!(!found(&with("key_ops", json!(["sign"])), Some("a"), Algorithm::ES256));
        assert!(
            !found(&set(&[plain.clone(), fresh("a")]), Some("a"), Algorithm::ES256),
            "two of one id"
        );
        assert!(!found(&set(&[plain, fresh("b")]), None, Algorithm::ES256), "which of the two?");
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_id_fetches_the_set_again_but_not_too_often() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.json");
        let write =
            |id: &str| std::fs::write(&path, json!({ "keys": [fresh(id)] }).to_string()).unwrap();
        write("a");
        let keys = Keys::of(&KeySet::File(path.clone())).unwrap();
        let finds = async |id: &str| keys.find(Some(id), Algorithm::ES256).await.is_some();
        assert!(finds("a").await && !finds("b").await);
        write("b");
        assert!(!finds("b").await && finds("a").await, "fetched just now");
        tokio::time::advance(FETCHED_EVERY).await;
        assert!(finds("b").await && !finds("a").await, "the issuer took it back");
        std::fs::remove_file(&path).unwrap();
        tokio::time::advance(FRESH + FETCHED_EVERY).await;
        assert!(finds("b").await, "it cannot be fetched, and is not too old");
        tokio::time::advance(KEPT).await;
        assert!(!finds("b").await, "too old");
    }
}
