//! Text from outside, cleaned: what a person cannot see, or what turns what they see around, is taken out.
//!
//! In: values and texts that a server sent. Out: the same without such characters, and one line that says what was removed.
//! The rules are `contract`'s; here is only the way to them, and cutting to a length.

use contract::outside;
use serde_json::Value;

/// A whole value, and what is said of it if anything was removed.
pub(super) fn value(value: Value) -> (Value, Option<String>) {
    let (value, cleaned) = outside::clean(value);
    (value, cleaned.say())
}

/// A text of several lines, cut.
pub(super) fn text(text: &str, bytes_max: usize) -> String {
    cut(&outside::clean_text(text).0, bytes_max).to_owned()
}

/// A text as one line, cut.
pub(super) fn line(text: &str, bytes_max: usize) -> String {
    let cleaned = self::text(text, bytes_max);
    cleaned.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}
