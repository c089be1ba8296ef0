//! What an authenticator says: the attestation object and the authenticator data in it (Web Authentication, section 6.1).
//!
//! In: bytes. Out: borrowed parts. Every byte must be accounted for. The attestation statement is skipped: nobody asked
//! for one.

use super::Wrong;
use super::cbor::{self, Item};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_BACKED_UP: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const WITH_CREDENTIAL: u8 = 0x40;
const WITH_EXTENSIONS: u8 = 0x80;

/// Authenticator data, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: &'a [u8],
    pub(super) present: bool,
    pub(super) verified: bool,
    pub(super) may_be_backed_up: bool,
    pub(super) backed_up: bool,
    pub(super) counter: u32,
    /// A new credential: its id and its `COSE_Key`.
    pub(super) credential: Option<(&'a [u8], &'a [u8])>,
}

/// The authenticator data in an attestation object.
pub(super) fn of_attestation(object: &[u8]) -> Result<&[u8], Wrong> {
    let (item, rest) = cbor::read(object)?;
    if !rest.is_empty() {
        return Err(Wrong("bytes after the attestation object"));
    }
    let named = |name: &'static str| item.at(&Item::Text(name));
    if !matches!((named("fmt"), named("attStmt")), (Some(Item::Text(_)), Some(Item::Map(_)))) {
        return Err(Wrong("no attestation object"));
    }
    named("authData").and_then(Item::bytes).ok_or(Wrong("no authenticator data"))
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Wrong> {
        let short = Wrong("authenticator data that ends too early");
        let (rp_id_hash, rest) = bytes.split_at_checked(32).ok_or(short)?;
        let (flags, rest) = rest.split_first().ok_or(short)?;
        let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(short)?;
        let has = |flag: u8| flags & flag != 0;
        let credential = if has(WITH_CREDENTIAL) {
            let (credential, after) = credential(rest)?;
            rest = after;
            Some(credential)
        } else {
            None
        };
        if has(WITH_EXTENSIONS) {
            let (extensions, after) = cbor::read(rest)?;
            if !matches!(extensions, Item::Map(_)) {
                return Err(Wrong("extensions that are no map"));
            }
            rest = after;
        }
        if !rest.is_empty() {
            return Err(Wrong("bytes after the authenticator data"));
        }
        Ok(Self {
            rp_id_hash,
            present: has(PRESENT),
            verified: has(VERIFIED),
            may_be_backed_up: has(MAY_BE_BACKED_UP),
            backed_up: has(BACKED_UP),
            counter: u32::from_be_bytes(*counter),
            credential,
        })
    }
}

/// The model's id (which is not looked at), the length of the credential's id, that id, and the key.
type Credential<'a> = (&'a [u8], &'a [u8]);

fn credential(bytes: &[u8]) -> Result<(Credential<'_>, &[u8]), Wrong> {
    let short = Wrong("a credential that ends too early");
    let (_model, rest) = bytes.split_at_checked(16).ok_or(short)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(short)?;
    let (id, rest) =
        rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(short)?;
    let (_key, after) = cbor::read(rest)?;
    let key = rest.get(..rest.len() - after.len()).ok_or(short)?;
    Ok(((id, key), after))
}
