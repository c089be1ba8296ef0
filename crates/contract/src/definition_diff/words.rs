//! How one text differs from another, word by word.
//!
//! The longest common run of words is kept, the rest is marked. Long texts are compared without their common ends; where even
//! what is left is too long, it is shown as one change.

use crate::visible;

/// Words on each side that are compared with each other: the table has the square of it.
const WORDS_MAX: usize = 1_000;
/// Kept words shown at each side of a change.
const AROUND: usize = 6;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Kept(&'a str),
    Gone(&'a str),
    Came(&'a str),
}

/// One line: kept words, `[-gone-]` and `{+came+}`, with everything made visible.
pub(super) fn diff(before: &str, after: &str) -> String {
    let (one, other) = (words(before), words(after));
    let start = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let (one_rest, other_rest) =
        (one.get(start..).unwrap_or_default(), other.get(start..).unwrap_or_default());
    let end = one_rest
        .iter()
        .rev()
        .zip(other_rest.iter().rev())
        .take_while(|(one, other)| one == other)
        .count();
    let middle = |rest: &[&'_ str]| rest.len() - end;
    let one_middle = one_rest.get(..middle(one_rest)).unwrap_or_default();
    let other_middle = other_rest.get(..middle(other_rest)).unwrap_or_default();
    let mut pieces: Vec<Piece<'_>> = one.iter().take(start).map(|word| Piece::Kept(word)).collect();
    pieces.extend(compare(one_middle, other_middle));
    pieces.extend(one.iter().skip(one.len() - end).map(|word| Piece::Kept(word)));
    written(&pieces)
}

/// Words with the spaces behind them, so that a change of space shows.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

fn compare<'a>(one: &[&'a str], other: &[&'a str]) -> Vec<Piece<'a>> {
    if one.len() > WORDS_MAX || other.len() > WORDS_MAX {
        let gone = one.iter().map(|word| Piece::Gone(word));
        return gone.chain(other.iter().map(|word| Piece::Came(word))).collect();
    }
    let lengths = common(one, other);
    let at = |i: usize, j: usize| lengths.get(i * (other.len() + 1) + j).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    let mut pieces = Vec::new();
    while let (Some(gone), Some(came)) = (one.get(i), other.get(j)) {
        if gone == came {
            pieces.push(Piece::Kept(gone));
            (i, j) = (i + 1, j + 1);
        } else if at(i + 1, j) >= at(i, j + 1) {
            pieces.push(Piece::Gone(gone));
            i += 1;
        } else {
            pieces.push(Piece::Came(came));
            j += 1;
        }
    }
    pieces.extend(one.iter().skip(i).map(|word| Piece::Gone(word)));
    pieces.extend(other.iter().skip(j).map(|word| Piece::Came(word)));
    pieces
}

/// For each pair of places, how many words the rests have in common, row by row.
fn common(one: &[&str], other: &[&str]) -> Vec<u16> {
    let width = other.len() + 1;
    let mut lengths = vec![0_u16; (one.len() + 1) * width];
    for (i, gone) in one.iter().enumerate().rev() {
        for (j, came) in other.iter().enumerate().rev() {
            let at = |i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
            let length =
                if gone == came { at(i + 1, j + 1) + 1 } else { at(i + 1, j).max(at(i, j + 1)) };
            if let Some(place) = lengths.get_mut(i * width + j) {
                *place = length;
            }
        }
    }
    lengths
}

fn written(pieces: &[Piece<'_>]) -> String {
    let near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        let around = pieces.get(from..(at + AROUND + 1).min(pieces.len())).unwrap_or_default();
        around.iter().any(|piece| !matches!(piece, Piece::Kept(_)))
    };
    let mut out = String::new();
    let mut open = None;
    let mut left_out = false;
    for (at, piece) in pieces.iter().enumerate() {
        let (mark, word) = match piece {
            Piece::Kept(word) => (None, *word),
            Piece::Gone(word) => (Some('-'), *word),
            Piece::Came(word) => (Some('+'), *word),
        };
        if mark.is_none() && !near(at) {
            left_out = true;
            continue;
        }
        if mark != open {
            close(open, &mut out);
            match mark {
                Some('-') => out.push_str("[-"),
                Some(_) => out.push_str("{+"),
                None => {}
            }
            open = mark;
        }
        if std::mem::take(&mut left_out) {
            out.push_str("… ");
        }
        out.push_str(&visible::line(word));
    }
    close(open, &mut out);
    if left_out {
        out.push_str(" …");
    }
    out
}

fn close(open: Option<char>, out: &mut String) {
    match open {
        Some('-') => out.push_str("-]"),
        Some(_) => out.push_str("+}"),
        None => {}
    }
}
