//! Text as a person may safely see it on a terminal or screen.
//!
//! Control characters, bidirectional and zero-width characters and everything else without a glyph are shown as
//! `⟪U+202E⟫`, so that text from an agent can't move the cursor, hide or reorder what is shown. The opening
//! bracket itself is escaped too: what looks escaped was escaped.

use std::borrow::Cow;

use crate::unicode;

/// What happens to tabs and line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaks {
    /// They stay: for blocks of text such as diffs. A carriage return is always shown.
    Kept,
    /// They are shown like control characters: for text inside a line.
    Shown,
}

/// Text with everything invisible shown.
pub fn visible(text: &str, breaks: Breaks) -> Cow<'_, str> {
    let shown = |character: char| match character {
        '\n' | '\t' => breaks == Breaks::Shown,
        '⟪' => true,
        other => unicode::hidden(other),
    };
    if !text.chars().any(shown) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if shown(character) {
            out.push_str(&format!("⟪U+{:04X}⟫", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// Text inside one line.
pub fn line(text: &str) -> Cow<'_, str> {
    visible(text, Breaks::Shown)
}

/// Text that was made visible before, or is put together of such: its marks stay as they are. If anything in it is still hidden, it
/// was not, and everything in it is shown.
pub fn already(text: &str, breaks: Breaks) -> Cow<'_, str> {
    let unmarked = text.replace('⟪', "");
    match visible(&unmarked, breaks) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(_) => visible(text, breaks),
    }
}

/// Text inside one line of a message, cut after 80 characters.
pub fn short(text: &str) -> String {
    const CHARACTERS: usize = 80;
    let cut: String = text.chars().take(CHARACTERS).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", line(&cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        for (given, expect) in [
            ("plain äöü 日本", "plain äöü 日本"),
            ("a\u{202E}b", "a⟪U+202E⟫b"),
            ("a\u{200B}b", "a⟪U+200B⟫b"),
            ("\u{1B}[2J", "⟪U+001B⟫[2J"),
            ("a\tb\n", "a⟪U+0009⟫b⟪U+000A⟫"),
            ("⟪U+0041⟫", "⟪U+27EA⟫U+0041⟫"),
            ("x\u{E0041}", "x⟪U+E0041⟫"),
        ] {
            assert_eq!(line(given), expect);
        }
    }

    #[test]
    fn marks_stay_and_what_they_stand_for_does_not_come_through() {
        for (text, expect) in [
            ("a ⟪U+202E⟫ b", "a ⟪U+202E⟫ b"),
            ("a \u{202E} b", "a ⟪U+202E⟫ b"),
            ("⟪U+202E⟫\u{1B}[2J", "⟪U+27EA⟫U+202E⟫⟪U+001B⟫[2J"),
        ] {
            assert_eq!(already(text, Breaks::Shown), expect);
            assert_eq!(already(&line(text), Breaks::Shown), line(text));
        }
    }

    #[test]
    fn line_ends_stay_in_blocks_but_carriage_returns_do_not() {
        assert_eq!(visible("a\tb\r\n", Breaks::Kept), "a\tb⟪U+000D⟫\n");
    }

    #[test]
    fn long_text_is_cut_in_messages() {
        assert_eq!(short(&"x".repeat(81)).chars().count(), 81);
    }
}
