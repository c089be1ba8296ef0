//! The key that signs heads: Ed25519, in the form of a C2SP signed note.
//!
//! ```text
//! checkrein.journal/8f3c…            who: the store
//! 1843                               entries in the store
//! writer_0190…                       the chain
//! 312                                the entry's number in it
//! 9a1f…                              the entry's hash
//! 1763590000000                      when, in milliseconds since 1970
//!
//! — checkrein.journal/8f3c… q0bVAc…  base64 of key id (4 bytes) and signature (64 bytes)
//! ```
//! The signature covers everything up to and with the line break before the empty line. The key id is the
//! first four bytes of SHA-256 over name, line break, 0x01 and the public key, as C2SP signed-note says.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Digest, Timestamp, WriterId};

use super::Secret;
use crate::error::Error;

const ED25519_KIND: u8 = 1;

/// Where a journal stood when its head was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which journal: `checkrein.journal/` and the store's id.
    pub origin: String,
    /// Entries in the store, over all chains.
    pub position: u64,
    /// The chain.
    pub writer: WriterId,
    /// The number of the last entry in it.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: Digest,
    /// When.
    pub at: Timestamp,
}

impl Head {
    fn text(&self) -> String {
        let Self { origin, position, writer, seq, hash, at } = self;
        format!("{origin}\n{position}\n{writer}\n{seq}\n{hash}\n{}\n", at.millis())
    }
}

/// A head with its signature, as it is kept, shown and given away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// What is signed.
    pub head: Head,
    /// The whole note.
    pub note: String,
}

/// The public half, to check heads with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    bytes: Vec<u8>,
}

/// Why a note is not a head of this journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It has another form.
    #[error("not a signed head; expected six lines, an empty line and a signature line")]
    Form,
    /// It is of another journal, or signed by another key.
    #[error("the head is signed by another key than `{0}`")]
    OtherKey(String),
    /// The signature does not fit.
    #[error("the signature of the head does not fit its text")]
    Signature,
}

impl PublicKey {
    /// As one line, `name+keyid+key` (C2SP signed-note verifier key).
    pub fn text(&self) -> String {
        let id = u32::from_be_bytes(self.id());
        let key = [&[ED25519_KIND], self.bytes.as_slice()].concat();
        format!("{}+{id:08x}+{}", self.name, STANDARD.encode(key))
    }

    /// Reads that line.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Form);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::Form)?;
        let Some((&ED25519_KIND, bytes)) = key.split_first() else { return Err(NoteError::Form) };
        let key = Self { name: name.to_owned(), bytes: bytes.to_vec() };
        if format!("{:08x}", u32::from_be_bytes(key.id())) == id {
            Ok(key)
        } else {
            Err(NoteError::Form)
        }
    }

    fn id(&self) -> [u8; 4] {
        let text = [self.name.as_bytes(), b"\n", &[ED25519_KIND], &self.bytes].concat();
        let hash = digest(&SHA256, &text);
        hash.as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// Reads a note and checks its signature.
    pub fn read(&self, note: &str) -> Result<SignedHead, NoteError> {
        let (text, signature) = note.split_once("\n\n").ok_or(NoteError::Form)?;
        let signature = signature.strip_prefix("— ").ok_or(NoteError::Form)?;
        let (name, signature) = signature.trim_end().split_once(' ').ok_or(NoteError::Form)?;
        let signature = STANDARD.decode(signature).map_err(|_| NoteError::Form)?;
        let (id, signature) = signature.split_first_chunk::<4>().ok_or(NoteError::Form)?;
        if name != self.name || *id != self.id() {
            return Err(NoteError::OtherKey(self.name.clone()));
        }
        let text = format!("{text}\n");
        UnparsedPublicKey::new(&ED25519, &self.bytes)
            .verify(text.as_bytes(), signature)
            .map_err(|_| NoteError::Signature)?;
        let head = parse_head(&text)?;
        if head.origin != self.name {
            return Err(NoteError::OtherKey(self.name.clone()));
        }
        Ok(SignedHead { head, note: note.to_owned() })
    }
}

fn parse_head(text: &str) -> Result<Head, NoteError> {
    let mut lines = text.lines();
    let mut next = || lines.next().ok_or(NoteError::Form);
    let head = Head {
        origin: next()?.to_owned(),
        position: next()?.parse().map_err(|_| NoteError::Form)?,
        writer: next()?.parse().map_err(|_| NoteError::Form)?,
        seq: next()?.parse().map_err(|_| NoteError::Form)?,
        hash: next()?.parse().map_err(|_| NoteError::Form)?,
        at: Timestamp::from_millis(next()?.parse().map_err(|_| NoteError::Form)?),
    };
    if lines.next().is_some() { Err(NoteError::Form) } else { Ok(head) }
}

/// Signs heads.
pub(crate) struct Signer {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl Signer {
    /// From the store's signing seed and the store's name.
    pub(crate) fn new(seed: &Secret, name: &str) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose())
            .map_err(|_| Error::Cryptography("no Ed25519 key"))?;
        let public =
            PublicKey { name: name.to_owned(), bytes: pair.public_key().as_ref().to_vec() };
        Ok(Self { pair, public })
    }

    /// The public half.
    pub(crate) const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a head. Its origin is the signer's name.
    pub(crate) fn sign(&self, mut head: Head) -> SignedHead {
        head.origin.clone_from(&self.public.name);
        let text = head.text();
        let signature = self.pair.sign(text.as_bytes());
        let signed = [self.public.id().as_slice(), signature.as_ref()].concat();
        let note = format!("{text}\n— {} {}\n", self.public.name, STANDARD.encode(signed));
        SignedHead { head, note }
    }
}
