//! Canonical JSON (RFC 8785) and the digests over it.
//!
//! Two values that are equal as JSON have the same canonical bytes, whatever order their keys came in. SHA-256 where
//! everybody may recompute; HMAC-SHA-256 where only the holder of a key may (ledger keys, per-run digests).

use aws_lc_rs::{digest as sha, hmac};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

use domain::Digest;

/// Integers up to here are spelled alike as such and as the doubles that RFC 8785 knows alone.
const EXACT_MAX: u64 = 1 << 53;

/// The canonical bytes of a value.
pub fn canonical(value: &Value) -> Vec<u8> {
    // A `Value` holds no number that is not finite, the only thing the canonicalizer refuses. Should that
    // change, the fallback is still injective, so no two values share a digest.
    serde_json::to_vec(&Canonical(value)).unwrap_or_else(|_| value.to_string().into_bytes())
}

/// A value that `serde_json` writes in canonical form where it stands, also within other values.
#[derive(Debug, Clone, Copy)]
pub struct Canonical<'a>(pub &'a Value);

impl Serialize for Canonical<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => out.serialize_unit(),
            Value::Bool(value) => out.serialize_bool(*value),
            Value::Number(number) => spelled(number, out),
            // Strings have one spelling, and it is the one that `serde_json` writes.
            Value::String(text) => out.serialize_str(text),
            Value::Array(items) => out.collect_seq(items.iter().map(Canonical)),
            Value::Object(fields) => {
                let mut fields: Vec<(&String, Canonical<'_>)> =
                    fields.iter().map(|(key, value)| (key, Canonical(value))).collect();
                fields.sort_unstable_by(|(one, _), (other, _)| {
                    one.encode_utf16().cmp(other.encode_utf16())
                });
                out.collect_map(fields)
            }
        }
    }
}

/// A number as ECMAScript spells it.
fn spelled<S: Serializer>(number: &Number, out: S) -> Result<S::Ok, S::Error> {
    match number.as_i64() {
        Some(exact) if exact.unsigned_abs() <= EXACT_MAX => out.serialize_i64(exact),
        Some(_) | None => {
            let text = serde_json_canonicalizer::to_string(number).map_err(S::Error::custom)?;
            RawValue::from_string(text).map_err(S::Error::custom)?.serialize(out)
        }
    }
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn number() -> impl Strategy<Value = Value> {
        let near = |place: i64| (-3..=3_i64).prop_map(move |by| json!(place.saturating_add(by)));
        prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_filter_map("finite", |number| {
                serde_json::Number::from_f64(number).map(Value::Number)
            }),
            (-1_000..1_000_i32).prop_map(|number| json!(f64::from(number) / 8.0)),
            near(0),
            near(1 << 53),
            near(-(1 << 53)),
            near(i64::MAX),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        // Letters, what is escaped, and letters on both sides of the surrogates, whose order differs from that of their bytes.
        let text =
            || "[a-cA-C0-9\"\\\\/\u{0}-\u{20}\u{7f}\u{e9}\u{2028}\u{e000}\u{ffff}\u{1f600}]{0,4}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            number(),
            text().prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::vec((text(), inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn an_independent_canonicalizer_writes_the_same(value in value()) {
            let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
            prop_assert_eq!(String::from_utf8(canonical(&value)).unwrap(), theirs.clone());
            let inside = serde_json::to_string(&(1, Canonical(&value))).unwrap();
            prop_assert_eq!(inside, format!("[1,{theirs}]"));
        }
    }

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
