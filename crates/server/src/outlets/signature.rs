//! Signatures of messages: Standard Webhooks (the symmetric scheme, `v1`), and the one of Slack (`v0`).
//!
//! In: the raw bytes of a body with its id and moment. Out: headers, or whether it holds. Compared in constant time, over the
//! bytes as they came; a moment too far from ours does not hold, whatever its signature. Sources:
//! the Standard Webhooks specification (signed content `id.timestamp.payload`, secrets `whsec_` with 24 to 64 bytes);
//! Slack, "Verifying requests from Slack" (`v0:timestamp:body`). Tests are at the end, with the published vectors.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Timestamp, limits};

/// Bytes of a secret.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Secrets of one sender or receiver: several while one takes the place of another. Print as `[redacted]`.
pub(crate) struct Secrets(Vec<hmac::Key>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}

/// What is signed beside the body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// The message's id.
    pub(crate) id: &'a str,
    /// When, as it was sent: seconds since 1970.
    pub(crate) timestamp: &'a str,
    /// The bytes as they came.
    pub(crate) body: &'a [u8],
}

impl Secrets {
    /// From text: one secret, or several with white space between them.
    ///
    /// # Errors
    /// What is wrong, without the value.
    pub(crate) fn of(text: &str) -> Result<Self, &'static str> {
        let keys: Vec<hmac::Key> = text.split_whitespace().map(key).collect::<Result<_, _>>()?;
        match keys.len() {
            0 => Err("there is no secret"),
            1..=limits::SIGNATURES_MAX => Ok(Self(keys)),
            _ => Err("there are too many secrets"),
        }
    }

    /// The value of `webhook-signature`: one signature for each secret.
    pub(crate) fn sign(&self, signed: Signed<'_>) -> String {
        let each = self.0.iter().map(|key| {
            format!("v1,{}", STANDARD.encode(hmac::sign(key, &content(signed)).as_ref()))
        });
        each.collect::<Vec<_>>().join(" ")
    }

    /// Whether one of the signatures is by one of the secrets, and the message is of now.
    pub(crate) fn hold(&self, signed: Signed<'_>, signatures: &str, now: Timestamp) -> bool {
        let right = (1..=limits::SIGNED_ID_CHARS_MAX).contains(&signed.id.len());
        if !right || !is_of_now(signed.timestamp, now) {
            return false;
        }
        let content = content(signed);
        // Signatures of other schemes are left out, as the specification says.
        let given = signatures.split(' ').take(limits::SIGNATURES_MAX);
        let given = given.filter_map(|one| one.strip_prefix("v1,"));
        given
            .filter_map(|one| STANDARD.decode(one).ok())
            .any(|one| self.0.iter().any(|key| hmac::verify(key, &content, &one).is_ok()))
    }
}

fn key(text: &str) -> Result<hmac::Key, &'static str> {
    let encoded = text.strip_prefix("whsec_").ok_or("a secret begins with `whsec_`")?;
    let bytes = STANDARD.decode(encoded).map_err(|_| "behind `whsec_` stands base64")?;
    if !SECRET_BYTES.contains(&bytes.len()) {
        return Err("a secret has 24 to 64 bytes");
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn content(Signed { id, timestamp, body }: Signed<'_>) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

/// Whether a moment is within the window around ours. Nothing but digits is one.
fn is_of_now(timestamp: &str, now: Timestamp) -> bool {
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = timestamp.parse::<u64>().ok().filter(|_| digits);
    seconds.is_some_and(|at| (now.millis() / 1_000).abs_diff(at) <= limits::SIGNED_WITHIN.as_secs())
}

/// A signing secret of Slack. Prints as `[redacted]`.
pub(crate) struct SlackSecret(hmac::Key);

impl std::fmt::Debug for SlackSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}

impl SlackSecret {
    pub(crate) fn of(text: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()))
    }

    /// Whether Slack sent these very bytes just now.
    pub(crate) fn holds(
        &self,
        (timestamp, signature): (&str, &str),
        body: &[u8],
        now: Timestamp,
    ) -> bool {
        let content = [b"v0:", timestamp.as_bytes(), b":", body].concat();
        let expected = hex(hmac::sign(&self.0, &content).as_ref());
        let equal =
            constant_time::verify_slices_are_equal(expected.as_bytes(), signature.as_bytes());
        equal.is_ok() && is_of_now(timestamp, now)
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    std::iter::once("v0=".to_owned()).chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vector that the libraries of the Standard Webhooks project share.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const AT: u64 = 1_614_265_330;

    fn holds(
        change: impl Fn(&mut String, &mut String, &mut Vec<u8>, &mut String, &mut u64),
    ) -> bool {
        let (mut id, mut at) = (ID.to_owned(), AT.to_string());
        let (mut body, mut signature, mut now) = (BODY.to_vec(), SIGNATURE.to_owned(), AT);
        change(&mut id, &mut at, &mut body, &mut signature, &mut now);
        let signed = Signed { id: &id, timestamp: &at, body: &body };
        let now = Timestamp::from_millis(now * 1_000);
        Secrets::of(SECRET).unwrap().hold(signed, &signature, now)
    }

    #[test]
    fn the_published_signature_is_made_and_holds() {
        let signed = Signed { id: ID, timestamp: &AT.to_string(), body: BODY };
        assert_eq!(Secrets::of(SECRET).unwrap().sign(signed), SIGNATURE);
        assert!(holds(|_, _, _, _, _| {}));
    }

    #[test]
    fn whatever_is_changed_it_holds_no_more() {
        assert!(!holds(|id, _, _, _, _| id.push('x')));
        assert!(!holds(|_, at, _, _, _| *at = (AT + 1).to_string()));
        assert!(!holds(|_, at, _, _, _| *at = format!("+{AT}")));
        assert!(!holds(|_, _, body, _, _| body[3] ^= 1));
        assert!(!holds(|_, _, _, signature, _| signature.replace_range(3..4, "h")));
        assert!(!holds(|_, _, _, signature, _| *signature = signature.replace("v1,", "v2,")));
        assert!(!holds(|_, _, _, signature, _| signature.clear()));
    }

    #[test]
    fn only_five_minutes_around_now_count() {
        assert!(holds(|_, _, _, _, now| *now += 300));
        assert!(holds(|_, _, _, _, now| *now -= 300));
        assert!(!holds(|_, _, _, _, now| *now += 301));
        assert!(!holds(|_, _, _, _, now| *now -= 301));
    }

    #[test]
    fn while_secrets_change_over_both_sign_and_each_is_taken() {
        let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let both = Secrets::of(&format!("{other}\n{SECRET}")).unwrap();
        let signed = Signed { id: ID, timestamp: &AT.to_string(), body: BODY };
        let now = Timestamp::from_millis(AT * 1_000);
        let signatures = both.sign(signed);
        assert_eq!(signatures.split(' ').count(), 2);
        for one in [SECRET, other] {
            assert!(Secrets::of(one).unwrap().hold(signed, &signatures, now));
        }
        assert!(both.hold(signed, SIGNATURE, now));
    }

    #[test]
    fn what_is_no_secret_is_refused_without_telling_it() {
        for text in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%", "whsec_c2hvcnQ="] {
            let fault = Secrets::of(text).unwrap_err();
            assert!(text.is_empty() || !fault.contains(text), "{fault}");
        }
    }

    // The example in Slack's own description of its signatures.
    const SLACK: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const SLACK_AT: &str = "1531420618";
    const SLACK_BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SLACK_SIGNATURE: &str =
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    #[test]
    fn slacks_own_example_holds_and_nothing_beside_it() {
        let secret = SlackSecret::of(SLACK);
        let at = |seconds: u64| Timestamp::from_millis(seconds * 1_000);
        let now = at(1_531_420_618);
        let body = SLACK_BODY.as_bytes();
        assert!(secret.holds((SLACK_AT, SLACK_SIGNATURE), body, now));
        assert!(!secret.holds((SLACK_AT, SLACK_SIGNATURE), body, at(1_531_420_618 + 301)));
        assert!(!secret.holds(("1531420619", SLACK_SIGNATURE), body, now));
        let changed = SLACK_BODY.replace("U2CERLKJA", "U2CERLKJB");
        assert!(!secret.holds((SLACK_AT, SLACK_SIGNATURE), changed.as_bytes(), now));
        assert!(!secret.holds((SLACK_AT, &SLACK_SIGNATURE[3..]), body, now));
        assert!(!SlackSecret::of("another").holds((SLACK_AT, SLACK_SIGNATURE), body, now));
    }
}
