//! Canonical JSON (RFC 8785) and the digests over it.
//!
//! Two values that are equal as JSON have the same canonical bytes, whatever order their keys came in. SHA-256 where
//! everybody may recompute; HMAC-SHA-256 where only the holder of a key may (ledger keys, per-run digests).

use aws_lc_rs::{digest as sha, hmac};
use serde_json::Value;

use domain::Digest;

/// The canonical bytes of a value.
pub fn canonical(value: &Value) -> Vec<u8> {
    // A `Value` holds no number that is not finite, the only thing the canonicalizer refuses. Should that
    // change, the fallback is still injective, so no two values share a digest.
    serde_json_canonicalizer::to_vec(value).unwrap_or_else(|_| value.to_string().into_bytes())
}

/// SHA-256 of bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    from_slice(sha::digest(&sha::SHA256, bytes).as_ref())
}

/// SHA-256 of a value's canonical bytes.
pub fn digest_of(value: &Value) -> Digest {
    digest(&canonical(value))
}

/// HMAC-SHA-256 of bytes under a key.
pub fn keyed(key: &[u8; 32], bytes: &[u8]) -> Digest {
    from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref())
}

fn from_slice(bytes: &[u8]) -> Digest {
    let mut digest = [0_u8; 32];
    // INVARIANT (SHA-256 length): the algorithms above give exactly 32 bytes.
    for (to, from) in digest.iter_mut().zip(bytes) {
        *to = *from;
    }
    Digest::new(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        // FIPS 180-4 example "abc".
        assert_eq!(
            digest(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        // HMAC-SHA-256 of "Hi There" under 20 bytes 0x0b padded with zeros to 32: RFC 4231, case 1 (a key
        // is padded with zeros to the block, so the padded key is the same key).
        let mut key = [0_u8; 32];
        key[..20].fill(0x0b);
        assert_eq!(
            keyed(&key, b"Hi There").to_string(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
    }

    #[test]
    fn canonical_form_is_that_of_rfc_8785() {
        let value: Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,1e-27],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(canonical(&value)).unwrap(),
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
    }
}
