//! Texts whose shape is odd: too long to be read, padded, with encoded blocks, comments or addresses inside.
//!
//! Each of these has honest uses, so all are only shown.

use std::sync::LazyLock;

use regex::Regex;

use super::texts::{Place, Role};
use super::{FindingCode, Found};
use crate::visible;
use domain::limits;

/// Lines or spaces in a row that push what follows out of sight.
const PADDING: &str = r"(?:[ \t\u{A0}]{60}|(?:[ \t]*\n){12})";
/// Characters of an encoded block that is no word of any language.
const ENCODED: &str =
    r"[A-Za-z0-9+/_-]{100,}={0,2}|(?:\\x[0-9a-fA-F]{2}){20,}|(?:&#x?[0-9a-fA-F]+;){20,}";
/// Text that a screen leaves out and a model reads.
const COMMENT: &str = r"<!--|<(?i:div|span|p)[^>]{0,200}(?i:display\s*:\s*none|font-size\s*:\s*0)";
const LINK: &str = r#"(?i)\b(?:https?|ftp|wss?)://[^\s)>\]"'`]{1,200}"#;

static SHAPES: LazyLock<Option<Shapes>> = LazyLock::new(Shapes::new);

struct Shapes {
    padding: Regex,
    encoded: Regex,
    comment: Regex,
    link: Regex,
}

impl Shapes {
    fn new() -> Option<Self> {
        Some(Self {
            padding: Regex::new(PADDING).ok()?,
            encoded: Regex::new(ENCODED).ok()?,
            comment: Regex::new(COMMENT).ok()?,
            link: Regex::new(LINK).ok()?,
        })
    }
}

/// What is odd about the shape of a text.
pub(super) fn judge(place: &Place<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut add = |code, text: String| found.push(Found::shown(code, place.pointer, text));
    let characters = place.text.chars().count();
    if characters > limits::DESCRIPTION_CHARS_USUAL {
        add(FindingCode::LongText, format!("a text of {characters} characters"));
    }
    let Some(shapes) = SHAPES.as_ref() else {
        // Fail closed: text that could not be looked at is said to be odd.
        add(FindingCode::LongText, "the text could not be looked at".to_owned());
        return found;
    };
    if let Some(at) = shapes.padding.find(place.text) {
        let behind = place.text.get(at.end()..).unwrap_or_default().trim_start();
        if !behind.is_empty() {
            let text = format!("empty space, and behind it `{}`", visible::short(behind));
            add(FindingCode::LongText, text);
        }
    }
    if place.role == Role::Word {
        return found;
    }
    if let Some(block) = shapes.encoded.find_iter(place.text).find(|block| varied(block.as_str())) {
        add(
            FindingCode::HiddenPayload,
            format!("an encoded block: `{}`", visible::short(block.as_str())),
        );
    }
    if let Some(comment) = shapes.comment.find(place.text) {
        let rest = place.text.get(comment.start()..).unwrap_or_default();
        add(
            FindingCode::HiddenPayload,
            format!("text that screens leave out: `{}`", visible::short(rest)),
        );
    }
    if let Some(link) = shapes.link.find(place.text) {
        add(FindingCode::LinkInText, format!("an address: `{}`", visible::short(link.as_str())));
    }
    found
}

/// A line of dashes is no payload.
fn varied(block: &str) -> bool {
    block.bytes().collect::<std::collections::BTreeSet<_>>().len() > 8
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_patterns_are_patterns() {
        assert!(super::SHAPES.is_some());
    }
}
