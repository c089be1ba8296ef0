//! The value of a header: plain, or `=?base64?…?=` (specification 2026-07-28, "Value Encoding").
//!
//! In: a text or an argument. Out: what can stand in a header, and back. A value that a proxy might trim, cut or read as
//! something else is encoded. Bytes that may not stand in a header are refused, and so is base64 that is not canonical.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::limits;
use serde_json::Value;

const BEGIN: &str = "=?base64?";
const END: &str = "?=";

/// Why the value of a header cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadValue {
    /// Bytes that may not stand in a header.
    #[error(
        "has characters that may not stand in a header, expected visible ASCII or `=?base64?…?=`"
    )]
    Characters,
    /// Not base64.
    #[error(
        "is not base64, expected the standard alphabet with padding between `=?base64?` and `?=`"
    )]
    Base64,
    /// Base64 of something that is no text.
    #[error("does not hold UTF-8 text in its base64")]
    Text,
}

/// A text as it stands in a header.
pub fn encode(text: &str) -> String {
    let visible = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let marked = text.starts_with(BEGIN) && text.ends_with(END);
    let plain = visible && !marked && text.trim_matches(' ') == text;
    if plain { text.to_owned() } else { format!("{BEGIN}{}{END}", STANDARD.encode(text)) }
}

/// The text that stands in a header.
///
/// # Errors
/// When it has characters that may not stand in a header, or is not base64 of text although it says so.
pub fn decode(value: &[u8]) -> Result<String, BadValue> {
    let plain = plain(value)?;
    match plain.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)) {
        None => Ok(plain),
        Some(encoded) => {
            let bytes = STANDARD.decode(encoded).map_err(|_| BadValue::Base64)?;
            String::from_utf8(bytes).map_err(|_| BadValue::Text)
        }
    }
}

/// The value of a header that is never encoded.
pub(super) fn plain(value: &[u8]) -> Result<String, BadValue> {
    let fits = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    let text = str::from_utf8(value).ok().filter(|_| fits);
    text.map(str::to_owned).ok_or(BadValue::Characters)
}

/// An argument as text: what "Type conversion" names, and nothing else.
pub(super) fn text(argument: &Value) -> Option<Cow<'_, str>> {
    match argument {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Number(number) => {
            let number = number.as_i64()?;
            (number.unsigned_abs() <= limits::JSON_INTEGER_MAX.unsigned_abs())
                .then(|| Cow::Owned(number.to_string()))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a header says what an argument says; numbers are compared as numbers.
pub(super) fn matches(given: &str, argument: &Value) -> bool {
    let Some(expected) = text(argument) else { return false };
    if given == expected {
        return true;
    }
    // Strict JSON knows one form of an integer, however it is written: `42.0` is `42`.
    argument.is_number()
        && contract::strict::parse(given.as_bytes(), limits::MIRRORED_BYTES_MAX)
            .is_ok_and(|number| number == *argument)
}
