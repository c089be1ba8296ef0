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

/// Characters of a text in a message.
const CHARACTERS: usize = 80;

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
    let cut: String = text.chars().take(CHARACTERS).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", line(&cut))
}

/// What about a text deceives whoever reads it: characters that cannot be seen, and words in which letters of several
/// alphabets pass for one. The end of a sentence about it; none for a text that is what it looks like.
/// One deceit never hides another: all kinds that are there are named.
pub fn deceptive(text: &str) -> Option<String> {
    let unseen = |each: &char| !matches!(each, '\n' | '\t') && unicode::hidden(*each);
    let unseen = text.chars().find(unseen).map(|found| {
        format!("has characters that cannot be seen, such as U+{:04X}", u32::from(found))
    });
    let tabs = text.contains('\t');
    let tabs = tabs.then(|| "has tabs, which can push text out of sight".to_owned());
    let mixed = text.split(char::is_whitespace).find(|word| looks_alike(word)).map(mixture);
    let all: Vec<String> = unseen.into_iter().chain(tabs).chain(mixed).collect();
    (!all.is_empty()).then(|| all.join(", and "))
}

fn mixture(word: &str) -> String {
    let shown: String = word
        .chars()
        .take(CHARACTERS)
        .map(|each| match unicode::passes_for_latin(each) {
            true => format!("⟪U+{:04X}⟫", u32::from(each)),
            false => line(&each.to_string()).into_owned(),
        })
        .collect();
    format!("mixes alphabets in one word: `{shown}`")
}

/// Whether letters that pass for Latin ones stand among Latin ones, in one word or in one name of a host or person.
fn looks_alike(word: &str) -> bool {
    let mixed = |part: &str| {
        part.chars().any(|each| each.is_ascii_alphabetic())
            && part.chars().any(unicode::passes_for_latin)
    };
    // The parts of a host or address belong together: `apple.com` with a foreign first part is no other place's name.
    let together = word.contains(['.', '@', '/']);
    if together { mixed(word) } else { word.split(|each: char| !each.is_alphanumeric()).any(mixed) }
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
    fn what_is_not_what_it_looks_like_is_found() {
        for (given, expect) in [
            ("plain äöü 日本 пример", None),
            ("a b\nc", None),
            ("rm -rf \u{202E}txt.exe", Some("has characters that cannot be seen, such as U+202E")),
            ("pay\u{200B}pal", Some("has characters that cannot be seen, such as U+200B")),
            ("ls\t\t\t; rm", Some("has tabs, which can push text out of sight")),
            (
                "https://p\u{430}ypal.com",
                Some("mixes alphabets in one word: `https://p⟪U+0430⟫ypal.com`"),
            ),
            (
                "\u{430}\u{440}\u{440}\u{4CF}\u{435}.com",
                Some("mixes alphabets in one word: `⟪U+0430⟫⟪U+0440⟫⟪U+0440⟫⟪U+04CF⟫⟪U+0435⟫.com`"),
            ),
            (
                "ok\u{200B}\t\tp\u{430}y",
                Some(
                    "has characters that cannot be seen, such as U+200B, and has tabs, which can push text out of \
                     sight, and mixes alphabets in one word: `p⟪U+0430⟫y`",
                ),
            ),
            ("\u{FF52}m", Some("mixes alphabets in one word: `⟪U+FF52⟫m`")),
        ] {
            assert_eq!(deceptive(given).as_deref(), expect, "{given:?}");
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
