//! Passkeys: what a browser is asked, and whether what it answers holds (Web Authentication, Level 3, sections 7.1 and 7.2).
//!
//! ```text
//! challenge -> browser -> { client data (JSON), authenticator data (bytes) [, signature] } -> checked -> id, key, counter
//! ```
//! In: challenges, the site, and the JSON that `PublicKeyCredential.toJSON()` gives. Out: a new credential, or that a known
//! one was used. The person must have been verified by the device. Which device it is (attestation) is neither asked nor
//! believed. Whose a credential is and whether its counter grew is the gate's business. Tests: `passkey/tests.rs` with the
//! vectors of the specification, and `tests/it/passkeys.rs` over HTTP.

mod cbor;
mod data;
mod key;

#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use data::AuthenticatorData;
pub(crate) use key::PublicKey;

/// How long a browser may take, in milliseconds.
const TIMEOUT_MS: u64 = 300_000;
/// The longest client data that is read.
const CLIENT_DATA_BYTES_MAX: usize = 4 << 10;
/// The longest credential id (section 5.8.3 of the specification).
const ID_BYTES_MAX: usize = 1_023;

/// Where passkeys hold: the name that they are bound to, and the origins that may use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) rp_id: String,
    pub(crate) origins: Vec<String>,
}

/// Why an answer of a browser is not believed. For the log; who sent it learns nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Wrong(pub(crate) &'static str);

/// A credential that a browser just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// Base64url.
    pub(crate) id: String,
    /// The `COSE_Key`, base64url.
    pub(crate) public_key: String,
    pub(crate) counter: u32,
}

/// What a browser said when it used a credential, before the signature was checked.
pub(crate) struct Assertion {
    /// Base64url.
    pub(crate) id: String,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
    user: Option<Vec<u8>>,
}

/// The opaque handle of a person that a device keeps with a passkey.
pub(crate) fn handle(tenant: &str, name: &str) -> String {
    let text = format!("checkrein/person/1\n{tenant}\n{name}");
    encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// What a browser is given to make a passkey. `known` are those of the person, so that no device makes a second one.
pub(crate) fn creation(
    site: &Site,
    challenge: &str,
    (tenant, name, known): (&str, &str, &[String]),
) -> Value {
    let algorithms =
        key::ALGORITHMS.map(|algorithm| json!({ "type": "public-key", "alg": algorithm }));
    let known: Vec<Value> =
        known.iter().map(|id| json!({ "type": "public-key", "id": id })).collect();
    json!({
        "rp": { "id": site.rp_id, "name": "Checkrein" },
        "user": { "id": handle(tenant, name), "name": name, "displayName": name },
        "challenge": challenge,
        "pubKeyCredParams": algorithms,
        "timeout": TIMEOUT_MS,
        "excludeCredentials": known,
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        },
        "attestation": "none",
    })
}

/// What a browser is given to use a passkey. Without names the device shows which it has for this site.
pub(crate) fn request(site: &Site, challenge: &str, allowed: &[String]) -> Value {
    let allowed: Vec<Value> =
        allowed.iter().map(|id| json!({ "type": "public-key", "id": id })).collect();
    json!({
        "challenge": challenge,
        "timeout": TIMEOUT_MS,
        "rpId": site.rp_id,
        "allowCredentials": allowed,
        "userVerification": "required",
    })
}

/// The challenge that an answer is about: which of those that wait it is. Nothing is believed yet.
pub(crate) fn challenge_of(credential: &Value) -> Option<String> {
    let client = client_data(credential).ok()?;
    Some(parsed(&client).ok()?.get("challenge")?.as_str()?.to_owned())
}

/// Checks an answer to `creation`.
pub(crate) fn registered(site: &Site, challenge: &str, credential: &Value) -> Result<Made, Wrong> {
    let id = identity(credential)?;
    said(site, (&client_data(credential)?, "webauthn.create"), challenge)?;
    let object = bytes(credential, "/response/attestationObject")?;
    let data = data::of_attestation(&object)?;
    let data = AuthenticatorData::read(data)?;
    proves(&data, site)?;
    let (made, key) = data.credential.ok_or(Wrong("a registration without a credential"))?;
    if made != id {
        return Err(Wrong("another credential than the one it names"));
    }
    // Read now, so that no key is kept that could never check a signature.
    PublicKey::read(key)?;
    Ok(Made { id: encode(made), public_key: encode(key), counter: data.counter })
}

impl Assertion {
    /// Reads an answer to `request`.
    pub(crate) fn read(credential: &Value) -> Result<Self, Wrong> {
        let user = match credential.pointer("/response/userHandle") {
            None | Some(Value::Null) => None,
            Some(_) => Some(bytes(credential, "/response/userHandle")?),
        };
        Ok(Self {
            id: encode(&identity(credential)?),
            client_data: client_data(credential)?,
            authenticator_data: bytes(credential, "/response/authenticatorData")?,
            signature: bytes(credential, "/response/signature")?,
            user,
        })
    }

    /// Checks it with the public key that was kept for its credential. Gives the counter.
    pub(crate) fn verified(
        &self,
        site: &Site,
        challenge: &str,
        (public_key, handle): (&str, &str),
    ) -> Result<u32, Wrong> {
        said(site, (&self.client_data, "webauthn.get"), challenge)?;
        // Nobody was asked for by name, so the device says whose it is (WebAuthn Level 3, section 7.2, step 6).
        if self.user.as_ref().map(|user| encode(user)).as_deref() != Some(handle) {
            return Err(Wrong("the passkey of another person"));
        }
        let data = AuthenticatorData::read(&self.authenticator_data)?;
        proves(&data, site)?;
        let key = decode(public_key).ok_or(Wrong("a kept key that cannot be read"))?;
        let mut signed = self.authenticator_data.clone();
        signed.extend_from_slice(digest(&SHA256, &self.client_data).as_ref());
        PublicKey::read(&key)?.verify(&signed, &self.signature)?;
        Ok(data.counter)
    }
}

/// The device says that a person was there and was verified, for this site.
fn proves(data: &AuthenticatorData<'_>, site: &Site) -> Result<(), Wrong> {
    if data.rp_id_hash != digest(&SHA256, site.rp_id.as_bytes()).as_ref() {
        return Err(Wrong("for another site"));
    }
    if !data.present || !data.verified {
        return Err(Wrong("the device verified nobody"));
    }
    if data.backed_up && !data.may_be_backed_up {
        return Err(Wrong("a backup of what cannot be backed up"));
    }
    Ok(())
}

/// The browser says what it did, for which challenge, on which page.
fn said(site: &Site, (client, kind): (&[u8], &str), challenge: &str) -> Result<(), Wrong> {
    let client = parsed(client)?;
    let text = |name: &str| client.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("type") != kind {
        return Err(Wrong("another ceremony"));
    }
    if text("challenge") != challenge {
        return Err(Wrong("another challenge"));
    }
    if !site.origins.iter().any(|origin| origin == text("origin")) {
        return Err(Wrong("from another page"));
    }
    match client.get("crossOrigin") {
        None | Some(Value::Bool(false)) => Ok(()),
        Some(_) => Err(Wrong("from within another page")),
    }
}

fn parsed(client: &[u8]) -> Result<Value, Wrong> {
    contract::strict::parse(client, CLIENT_DATA_BYTES_MAX)
        .map_err(|_| Wrong("client data is no JSON"))
}

fn client_data(credential: &Value) -> Result<Vec<u8>, Wrong> {
    bytes(credential, "/response/clientDataJSON")
}

fn identity(credential: &Value) -> Result<Vec<u8>, Wrong> {
    if credential.get("type").and_then(Value::as_str) != Some("public-key") {
        return Err(Wrong("no public-key credential"));
    }
    let id = bytes(credential, "/id")?;
    match id.is_empty() || id.len() > ID_BYTES_MAX {
        true => Err(Wrong("an id of a wrong length")),
        false => Ok(id),
    }
}

fn bytes(credential: &Value, pointer: &'static str) -> Result<Vec<u8>, Wrong> {
    let text = credential.pointer(pointer).and_then(Value::as_str);
    text.and_then(decode).ok_or(Wrong("a part that is missing or no base64url"))
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
