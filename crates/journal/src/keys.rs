//! Keys and what is done with them: digests, payloads, wrapping.
//!
//! ```text
//! master key (file outside the store)
//!   wraps  signing key, tenant keys          (AES-256-GCM)
//!            tenant key wraps run keys        so that erasing a tenant's key erases its runs' payloads
//!              run key: digests (HMAC-SHA-256) and payloads (AES-256-GCM)
//! ```
//! Every key is 32 random bytes; what is done with it is done with a subkey, HMAC-SHA-256 of the purpose under
//! the key, so that no key serves two algorithms. Nonces are random, 96 bits. The associated data of a
//! ciphertext binds what it belongs to, so a ciphertext moved elsewhere does not open.

pub(crate) mod master;
pub(crate) mod ring;
pub(crate) mod signing;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use domain::{CallId, Digest, Name, PayloadKind, RunId};

use crate::error::Error;

/// Bytes of a key.
pub(crate) const KEY_LEN: usize = 32;

/// 32 secret bytes. Never printed.
#[derive(Clone)]
pub(crate) struct Secret([u8; KEY_LEN]);

/// What a subkey is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Digest,
    Payload,
    Wrap,
    Check,
    Tokens,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Digest => b"checkrein subkey 1: digest",
            Self::Payload => b"checkrein subkey 1: payload",
            Self::Wrap => b"checkrein subkey 1: wrap",
            Self::Check => b"checkrein subkey 1: check",
            Self::Tokens => b"checkrein subkey 1: tokens",
        }
    }
}

impl Secret {
    /// A fresh one from the operating system.
    pub(crate) fn fresh() -> Result<Self, Error> {
        let mut bytes = [0_u8; KEY_LEN];
        rand::fill(&mut bytes).map_err(|_| Error::Cryptography("no random bytes"))?;
        Ok(Self(bytes))
    }

    /// From exactly 32 bytes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be wrapped or written to the key file.
    pub(crate) const fn expose(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    fn subkey(&self, purpose: Purpose) -> [u8; KEY_LEN] {
        hmac_bytes(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), purpose.label())
    }

    fn digest_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.subkey(Purpose::Digest))
    }

    fn sealing(&self, purpose: Purpose) -> Result<Sealing, Error> {
        let key = UnboundKey::new(&AES_256_GCM, &self.subkey(purpose))
            .map_err(|_| Error::Cryptography("no AES-256-GCM key"))?;
        Ok(Sealing(LessSafeKey::new(key)))
    }

    /// A key for tokens that are kept beside the store.
    pub(crate) fn token_key(&self) -> [u8; KEY_LEN] {
        self.subkey(Purpose::Tokens)
    }

    /// A value that only this key gives, to recognise it by.
    pub(crate) fn check_value(&self) -> Digest {
        Digest::new(self.subkey(Purpose::Check))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}

fn hmac_bytes(key: &hmac::Key, bytes: &[u8]) -> [u8; KEY_LEN] {
    let tag = hmac::sign(key, bytes);
    // INVARIANT (tag length): HMAC-SHA-256 gives 32 bytes.
    tag.as_ref().try_into().unwrap_or_default()
}

/// HMAC-SHA-256 of `bytes`.
pub(crate) fn keyed(key: &hmac::Key, bytes: &[u8]) -> Digest {
    Digest::new(hmac_bytes(key, bytes))
}

/// A nonce with what it was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) nonce: [u8; NONCE_LEN],
    pub(crate) bytes: Vec<u8>,
}

/// Encrypts and decrypts with one subkey.
pub(crate) struct Sealing(LessSafeKey);

impl Sealing {
    /// Encrypts under a fresh nonce, bound to `belongs`.
    pub(crate) fn seal(&self, belongs: &str, mut bytes: Vec<u8>) -> Result<Sealed, Error> {
        let mut nonce = [0_u8; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| Error::Cryptography("no random bytes"))?;
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(belongs.as_bytes()),
                &mut bytes,
            )
            .map_err(|_| Error::Cryptography("encryption failed"))?;
        Ok(Sealed { nonce, bytes })
    }

    /// Decrypts what was encrypted for `belongs`; none if it is anything else.
    pub(crate) fn open(&self, belongs: &str, nonce: &[u8], mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length =
            self.0.open_in_place(nonce, Aad::from(belongs.as_bytes()), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    /// Encrypts a key: nonce and ciphertext in one.
    pub(crate) fn wrap(&self, scope: &str, secret: &Secret) -> Result<Vec<u8>, Error> {
        let sealed = self.seal(&wrapped_for(scope), secret.expose().to_vec())?;
        Ok([sealed.nonce.as_slice(), &sealed.bytes].concat())
    }

    /// Decrypts a key.
    pub(crate) fn unwrap(&self, scope: &str, wrapped: &[u8]) -> Option<Secret> {
        let (nonce, bytes) = wrapped.split_at_checked(NONCE_LEN)?;
        let bytes = self.open(&wrapped_for(scope), nonce, bytes.to_vec())?;
        Secret::from_slice(&bytes)
    }
}

impl std::fmt::Debug for Sealing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}

fn wrapped_for(scope: &str) -> String {
    format!("checkrein key 1\n{scope}")
}

/// What a payload's ciphertext is bound to.
pub(crate) struct Belongs<'a> {
    pub(crate) tenant: &'a Name,
    pub(crate) run: RunId,
    pub(crate) call: CallId,
    pub(crate) kind: PayloadKind,
}

impl Belongs<'_> {
    /// As associated data.
    pub(crate) fn text(&self) -> String {
        let Self { tenant, run, call, kind } = self;
        format!("checkrein payload 1\n{tenant}\n{run}\n{call}\n{kind}")
    }
}

/// The scope of a tenant's key in the store.
pub(crate) fn tenant_scope(tenant: &Name) -> String {
    format!("tenant:{tenant}")
}

/// The scope of the signing key in the store.
pub(crate) const SIGNING_SCOPE: &str = "signing";

/// A key in the form in which the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrappedKey {
    pub(crate) scope: String,
    pub(crate) tenant: Option<Name>,
    pub(crate) wrapped: Vec<u8>,
}
