//! Public keys of passkeys: a `COSE_Key` (RFC 9052, section 7; RFC 9053) to a key that checks signatures.
//!
//! In: the bytes that the authenticator gave. Out: a key of exactly one algorithm of the list, or nothing. ES256 is what
//! nearly every device makes, RS256 what Windows makes, `EdDSA` what some keys prefer.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::Wrong;
use super::cbor::{self, Item};

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// The algorithms that are asked for, the preferred one first.
pub(super) const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

/// A key that checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// A point of P-256, uncompressed.
    Es256(Vec<u8>),
    Ed25519(Vec<u8>),
    Rs256 {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a `COSE_Key`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Wrong> {
        let (map, rest) = cbor::read(bytes)?;
        if !rest.is_empty() {
            return Err(Wrong("bytes after the key"));
        }
        let number = |label: i64| map.at(&Item::Integer(label)).and_then(Item::integer);
        let part = |label: i64, length: usize| {
            let part = map.at(&Item::Integer(label)).and_then(Item::bytes);
            part.filter(|part| part.len() == length).ok_or(Wrong("a part of a wrong length"))
        };
        // Kind (1), algorithm (3), curve (-1): each must be what the algorithm says.
        match (number(1), number(3), number(-1)) {
            (Some(2), Some(ES256), Some(1)) => {
                let point = [&[4], part(-2, 32)?, part(-3, 32)?].concat();
                Ok(Self::Es256(point))
            }
            (Some(1), Some(EDDSA), Some(6)) => Ok(Self::Ed25519(part(-2, 32)?.to_vec())),
            (Some(3), Some(RS256), None) => {
                let part = |label: i64| map.at(&Item::Integer(label)).and_then(Item::bytes);
                let missing = Wrong("an RSA key without its parts");
                let (modulus, exponent) = (part(-1).ok_or(missing)?, part(-2).ok_or(missing)?);
                Ok(Self::Rs256 { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
            }
            _ => Err(Wrong("a key of an algorithm that nobody asked for")),
        }
    }

    /// Checks a signature.
    pub(crate) fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), Wrong> {
        let held = match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(signed, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(signed, signature),
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature),
        };
        held.map_err(|_| Wrong("a signature that does not hold"))
    }
}
