//! Texts that a tool worded, before they are recorded or shown: bounded.
//!
//! In: a message, or warnings. Out: the same, cut where they are too long, with how much is missing. Taking out control and
//! invisible characters is the business of whoever talks to the tool; masking happens when an answer is made.

use std::borrow::Cow;

use domain::limits;

/// What a tool says of its failure.
pub(super) fn message(text: &str) -> Cow<'_, str> {
    cut(text, limits::TOOL_MESSAGE_BYTES_MAX)
}

/// What a tool says that its caller should know.
pub(super) fn warnings(said: Vec<String>) -> Vec<String> {
    let more = said.len().saturating_sub(limits::TOOL_WARNINGS_MAX);
    let told = said.iter().take(limits::TOOL_WARNINGS_MAX);
    let mut told: Vec<String> =
        told.map(|text| cut(text, limits::TOOL_WARNING_BYTES_MAX).into_owned()).collect();
    if more > 0 {
        told.push(format!("{more} more warnings of the tool are not told"));
    }
    told
}

fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let kept = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
    Cow::Owned(format!("{kept} … ({} more bytes)", text.len() - kept.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_that_is_said() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc … (1 more bytes)");
        assert_eq!(cut("aé", 2), "a … (2 more bytes)");
        let many = vec!["x".repeat(600); limits::TOOL_WARNINGS_MAX + 5];
        let told = warnings(many);
        assert_eq!(told.len(), limits::TOOL_WARNINGS_MAX + 1);
        assert_eq!(told.last().unwrap(), "5 more warnings of the tool are not told");
        assert!(told.iter().all(|text| text.len() < limits::TOOL_WARNING_BYTES_MAX + 40));
    }
}
