//! Hosts, URLs, mail addresses and amounts in the one spelling in which they are compared.
//!
//! In: text as an agent wrote it. Out: the canonical text, which is what policy sees and what the tool gets, so that
//! `HTTP://EXAMPLE.com:80/a/../b` and `http://example.com/b` are one place for both. What has more than one
//! reading (credentials in a URL, percent signs in a host, invisible characters) is refused.

use std::net::{IpAddr, Ipv6Addr};

use serde_json::Value;
use url::{Host, Url};

use crate::unicode;
use crate::visible::short;
use domain::Money;

/// Bytes of a mail address (RFC 5321, section 4.5.3.1.3).
const EMAIL_BYTES_MAX: usize = 254;
/// Bytes of a URL that is understood.
const URL_BYTES_MAX: usize = 8_192;

/// Why a text is not of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` {why}")]
pub struct KindError {
    given: String,
    why: &'static str,
}

fn wrong(given: &str, why: &'static str) -> KindError {
    KindError { given: short(given), why }
}

/// A DNS name in ASCII lower case without the final dot, or an address. IPv6 stands in brackets; an IPv4
/// address inside IPv6 is that IPv4 address.
pub fn host(text: &str) -> Result<String, KindError> {
    const EXPECTED: &str =
        "is not a host; expected a DNS name or an address, such as `example.com`";
    if text.is_empty() || text.contains('%') || text.chars().any(odd) {
        return Err(wrong(text, EXPECTED));
    }
    let bare = text.strip_suffix('.').unwrap_or(text);
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Ok(shown(IpAddr::V6(address)));
    }
    let host = Host::parse(bare).map_err(|_| wrong(text, EXPECTED))?;
    match host {
        Host::Domain(name) if name.is_empty() || name.ends_with('.') => Err(wrong(text, EXPECTED)),
        Host::Domain(name) => Ok(name),
        Host::Ipv4(address) => Ok(shown(IpAddr::V4(address))),
        Host::Ipv6(address) => Ok(shown(IpAddr::V6(address))),
    }
}

fn shown(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// An absolute URL with a host (WHATWG URL): scheme and host in lower case, no default port, dots resolved.
pub fn url(text: &str) -> Result<String, KindError> {
    const EXPECTED: &str = "is not an absolute URL with a host, such as `https://example.com/path`";
    if text.len() > URL_BYTES_MAX || text.contains('\\') || text.chars().any(odd) {
        return Err(wrong(text, EXPECTED));
    }
    let mut url = Url::parse(text).map_err(|_| wrong(text, EXPECTED))?;
    let given = url.host_str().ok_or_else(|| wrong(text, EXPECTED))?.to_owned();
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(text, "carries credentials; expected a URL without a name and password"));
    }
    let canonical = host(&given)?;
    if canonical != given {
        url.set_host(Some(&canonical)).map_err(|_| wrong(text, EXPECTED))?;
    }
    Ok(url.into())
}

/// A mail address `local@host` with the host canonical. The local part is compared byte by byte.
pub fn email(text: &str) -> Result<String, KindError> {
    const EXPECTED: &str = "is not a mail address; expected one such as `ada@example.com`";
    let (local, domain) = text.rsplit_once('@').ok_or_else(|| wrong(text, EXPECTED))?;
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let plain = local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom));
    if !plain || text.len() > EMAIL_BYTES_MAX || domain.starts_with('[') {
        return Err(wrong(text, EXPECTED));
    }
    Ok(format!("{local}@{}", host(domain).map_err(|_| wrong(text, EXPECTED))?))
}

/// An amount: text with at most six decimals, or an integer of millionths.
pub fn money(value: &Value) -> Result<Money, KindError> {
    const EXPECTED: &str =
        "is not an amount; expected text such as `\"12.50\"`, or an integer of millionths";
    match value {
        Value::String(text) => text.parse().map_err(|_| wrong(text, EXPECTED)),
        Value::Number(number) => {
            let micros = number.as_u64().filter(|micros| i64::try_from(*micros).is_ok());
            micros.map(Money::from_micros).ok_or_else(|| wrong(&number.to_string(), EXPECTED))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong(&value.to_string(), EXPECTED))
        }
    }
}

fn odd(character: char) -> bool {
    character == ' ' || unicode::hidden(character) || unicode::odd_space(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: fn(&str) -> Result<String, KindError>, given: &str, expect: Option<&str>) {
        assert_eq!(read(given).ok().as_deref(), expect, "{given}");
    }

    #[test]
    fn a_host_has_one_spelling() {
        for (given, expect) in [
            ("Example.COM", Some("example.com")),
            ("example.com.", Some("example.com")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("0x7f.1", Some("127.0.0.1")),
            ("2130706433", Some("127.0.0.1")),
            ("::ffff:127.0.0.1", Some("127.0.0.1")),
            ("[::ffff:7f00:1]", Some("127.0.0.1")),
            ("::1", Some("[::1]")),
            ("ex%61mple.com", None),
            ("a b", None),
            ("exa\u{200B}mple.com", None),
            ("example.com/x", None),
            ("user@example.com", None),
            ("", None),
            (".", None),
        ] {
            check(host, given, expect);
        }
    }

    #[test]
    fn a_url_has_one_spelling() {
        for (given, expect) in [
            ("HTTP://Example.com:80/a/../b", Some("http://example.com/b")),
            ("https://example.com", Some("https://example.com/")),
            ("https://[::ffff:10.0.0.1]/", Some("https://10.0.0.1/")),
            ("https://example.com./x", Some("https://example.com/x")),
            ("https://user:secret@example.com/", None),
            ("https://example.com\\@evil.example/", None),
            ("http://exam\nple.com/", None),
            ("mailto:ada@example.com", None),
            ("file:///etc/passwd", None),
            ("/relative", None),
        ] {
            check(url, given, expect);
        }
    }

    #[test]
    fn a_mail_address_has_one_spelling() {
        for (given, expect) in [
            ("Ada@Example.COM", Some("Ada@example.com")),
            ("a.b+c@example.com", Some("a.b+c@example.com")),
            ("a..b@example.com", None),
            ("\"a b\"@example.com", None),
            ("a@b@example.com", None),
            ("Ada <ada@example.com>", None),
            ("ada@[127.0.0.1]", None),
            ("ada", None),
        ] {
            check(email, given, expect);
        }
    }

    #[test]
    fn money_is_text_or_millionths() {
        assert_eq!(money(&Value::from("12.5")).unwrap(), Money::from_micros(12_500_000));
        assert_eq!(money(&Value::from(5)).unwrap(), Money::from_micros(5));
        for wrong in [Value::from(1.5), Value::from(-1), Value::from("1e3"), Value::Null] {
            assert!(money(&wrong).is_err(), "{wrong}");
        }
    }
}
