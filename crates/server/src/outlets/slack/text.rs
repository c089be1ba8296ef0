//! Text from outside in a message of Slack: never markup, never a mention, never invisible.
//!
//! In: any text. Out: text with `&`, `<` and `>` escaped, as Slack asks, everything without a glyph shown as on a terminal
//! (`contract::visible`), and in blocks of code no fence. Lengths are in characters after escaping, as Slack counts them.
//! Tests are at the end.

use contract::visible::{Breaks, visible};

/// Text of several lines.
pub(super) fn block(text: &str) -> String {
    escaped(&visible(text, Breaks::Kept))
}

/// Text inside a line.
pub(super) fn line(text: &str) -> String {
    escaped(&visible(text, Breaks::Shown))
}

/// Text of several lines in a fence of code, which it cannot leave.
pub(super) fn code(text: &str) -> String {
    // Tabs are as wide as somebody's screen makes them.
    let shown = visible(text, Breaks::Kept).replace('\t', "⟪U+0009⟫").replace('`', "⟪U+0060⟫");
    escaped(&shown)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The text, or its beginning with a sign that there is more. Never cut inside of an escape.
pub(super) fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters.saturating_sub(1)).collect();
    let whole = match kept.rfind('&') {
        Some(at) if kept.get(at..).is_some_and(|rest| !rest.contains(';')) => {
            kept.get(..at).unwrap_or_default()
        }
        Some(_) | None => &kept,
    };
    format!("{whole}…")
}

/// Pieces of at most so many characters, cut at ends of lines where a line fits.
pub(super) fn pieces(text: &str, characters: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        for part in within(line, characters) {
            let more = part.chars().count();
            if length + more > characters {
                pieces.push(std::mem::take(&mut piece));
                length = 0;
            }
            piece.push_str(&part);
            length += more;
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// A line in parts that fit, none of which ends inside of an escape.
fn within(line: &str, characters: usize) -> Vec<String> {
    if line.chars().count() <= characters {
        return vec![line.to_owned()];
    }
    let (mut parts, mut part, mut length) = (Vec::new(), String::new(), 0);
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let escape = ["&amp;", "&lt;", "&gt;"].into_iter().find(|one| rest.starts_with(one));
        let unit = escape.map_or(first.len_utf8(), str::len);
        let text = rest.get(..unit).unwrap_or_default();
        let more = text.chars().count();
        if length + more > characters {
            parts.push(std::mem::take(&mut part));
            length = 0;
        }
        part.push_str(text);
        length += more;
        rest = rest.get(unit..).unwrap_or_default();
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup_or_a_mention() {
        for (given, expect) in [
            ("<!channel> hi", "&lt;!channel&gt; hi"),
            ("<@U1> & <#C1|x>", "&lt;@U1&gt; &amp; &lt;#C1|x&gt;"),
            ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
            ("a\u{202E}b\u{200B}c", "a⟪U+202E⟫b⟪U+200B⟫c"),
            ("one\ntwo", "one⟪U+000A⟫two"),
        ] {
            assert_eq!(line(given), expect);
        }
        assert_eq!(block("one\ntwo"), "one\ntwo");
        assert_eq!(code("``` <!here>\t"), "⟪U+0060⟫⟪U+0060⟫⟪U+0060⟫ &lt;!here&gt;⟪U+0009⟫");
    }

    #[test]
    fn nothing_is_cut_inside_of_an_escape() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("ab&lt;cd", 5), "ab…");
        assert_eq!(cut("ab&lt;cd", 7), "ab&lt;…");
        let text = "a&lt;b\nccc\n&gt;&gt;&gt;";
        for most in 4..20 {
            let pieces = pieces(text, most);
            assert_eq!(pieces.concat(), text);
            assert!(pieces.iter().all(|piece| piece.chars().count() <= most), "{pieces:?}");
            let whole = |piece: &String| {
                piece
                    .replace("&lt;", "")
                    .replace("&gt;", "")
                    .chars()
                    .all(|one| one != '&' && one != ';')
            };
            assert!(pieces.iter().all(whole), "{pieces:?}");
        }
    }
}
