//! A text as rows of a screen: every character is on one of them.
//!
//! In: text whose hidden characters were made visible, and a width in cells. Out: rows that fit, with what a line of a diff
//! is like. Long lines are broken, never cut; where a row goes on is marked. Tests: below.

use unicode_width::UnicodeWidthChar as _;

use crate::output::Tone;

/// What stands before the rest of a line that was broken.
const ON: &str = "⤷ ";
/// Cells of that.
const ON_WIDTH: usize = 2;
/// A tab, seen.
const TAB: &str = "→   ";

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) tone: Option<Tone>,
}

/// The rows of a text; none where there is no room for any.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<Row> {
    if width <= ON_WIDTH + 1 {
        return Vec::new();
    }
    text.lines().flat_map(|line| broken(line, width)).collect()
}

fn broken(line: &str, width: usize) -> Vec<Row> {
    let tone = tone(line);
    let line = line.replace('\t', TAB);
    let (mut rows, mut row, mut used) = (Vec::new(), String::new(), 0);
    for character in line.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide > width {
            rows.push(Row { text: std::mem::replace(&mut row, ON.to_owned()), tone });
            used = ON_WIDTH;
        }
        row.push(character);
        used += wide;
    }
    rows.push(Row { text: row, tone });
    rows
}

/// What a line is like, by what it begins with as diffs have it.
fn tone(line: &str) -> Option<Tone> {
    match line.as_bytes().first() {
        Some(b'+') => Some(Tone::Good),
        Some(b'-') => Some(Tone::Bad),
        Some(b'@') => Some(Tone::Quiet),
        Some(_) | None => line.starts_with("risk").then_some(Tone::Care),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_cut() {
        for (line, width, expect) in [
            ("abcdef", 6, vec!["abcdef"]),
            ("abcdefgh", 6, vec!["abcdef", "⤷ gh"]),
            ("漢字漢字", 5, vec!["漢字", "⤷ 漢", "⤷ 字"]),
            ("", 6, vec![""]),
            ("\tx", 6, vec!["→   x"]),
        ] {
            let rows: Vec<String> =
                wrapped(&format!("{line}\n"), width).into_iter().map(|row| row.text).collect();
            assert_eq!(rows, expect, "{line}");
        }
        let long: String = ('a'..='z').cycle().take(5_000).collect();
        for width in 4..90 {
            let rows = wrapped(&long, width);
            let whole: String = rows.iter().map(|row| row.text.trim_start_matches(ON)).collect();
            assert_eq!(whole, long, "{width}");
        }
        assert_eq!(wrapped("abc", 3), []);
    }
}
