//! The text of a new key: a word that says what it is for, and 256 random bits.
//!
//! `ck_agent_…` or `ck_operator_…` with 43 characters of base64url. The store keeps SHA-256 of it; the text is
//! shown once and never logged.

use aws_lc_rs::rand;

use gate::Refusal;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Whom a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    Agent,
    Operator,
    /// A login in a browser; it travels in a cookie.
    Session,
    /// A one-time link.
    Link,
}

/// Makes the text of a key.
pub(crate) fn fresh(whom: For) -> Result<String, Refusal> {
    let mut bits = [0_u8; 32];
    rand::fill(&mut bits).map_err(|_| {
        let message = "the system gave no random bits";
        Refusal::new(domain::Code::Internal, message, "try again; see the server's log")
    })?;
    let kind = match whom {
        For::Agent => "ck_agent_",
        For::Operator => "ck_operator_",
        For::Session => "ck_session_",
        For::Link => "ck_link_",
    };
    Ok(format!("{kind}{}", base64url(&bits)))
}

/// Crockford's base 32: no letter that looks like a digit, so that it can be read from paper.
const WRITTEN: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Makes a recovery code: 80 random bits, written as four groups of four.
pub(crate) fn recovery_code() -> Result<String, Refusal> {
    let mut bits = [0_u8; 16];
    rand::fill(&mut bits).map_err(|_| {
        let message = "the system gave no random bits";
        Refusal::new(domain::Code::Internal, message, "try again; see the server's log")
    })?;
    let letter = |bits: &u8| WRITTEN.get(usize::from(bits & 31)).copied().map_or('0', char::from);
    let groups: Vec<String> =
        bits.chunks(4).map(|group| group.iter().map(letter).collect()).collect();
    Ok(groups.join("-"))
}

/// A recovery code as it was made, however a person wrote it down.
pub(crate) fn as_made(written: &str) -> String {
    let letters = written.chars().filter(char::is_ascii_alphanumeric).take(64);
    let letters = letters.map(|letter| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    letters.collect()
}

fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| three.get(at).copied().map_or(0, u32::from);
        let joined = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=three.len() {
            let six = joined >> (18 - 6 * place) & 63;
            let letter = usize::try_from(six).ok().and_then(|six| ALPHABET.get(six));
            text.extend(letter.copied().map(char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_rfc_4648_says() {
        for (bytes, expect) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("??>", "Pz8-"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), expect);
        }
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_written() {
        let code = recovery_code().unwrap();
        assert_eq!(code.len(), 19, "{code}");
        assert_eq!(as_made(&code).len(), 16);
        assert_eq!(as_made(&code), as_made(&code.to_lowercase().replace('-', " ")));
        assert_eq!(as_made("o1-iL"), "0111");
        assert_ne!(recovery_code().unwrap(), code);
    }

    #[test]
    fn keys_differ_and_have_256_bits() {
        let (one, other) = (fresh(For::Agent).unwrap(), fresh(For::Agent).unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), "ck_agent_".len() + 43);
        assert!(fresh(For::Operator).unwrap().starts_with("ck_operator_"));
    }
}
