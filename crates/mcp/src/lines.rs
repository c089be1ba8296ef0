//! Messages on the standard streams of a process: one line each, bounded (specification 2026-07-28, "stdio").
//!
//! ```text
//! bytes in any pieces --Lines::next--> line | too long, and it goes on at the next one         message --line--> bytes
//! ```
//! Empty lines are skipped, and a carriage return before a newline belongs to it. Whether a line is a message is for
//! [`Message::read`] to say. Tests are at the end.

use std::mem;

use crate::message::Message;

/// Reads lines, and never holds more than one and its carriage return.
#[derive(Debug)]
pub struct Lines {
    bytes_max: usize,
    line: Vec<u8>,
    skipping: bool,
}

/// A line was longer than its bound. The next one is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line is longer than the allowed {bytes_max} bytes")]
pub struct TooLong {
    /// Bytes allowed.
    pub bytes_max: usize,
}

impl Lines {
    /// A reader of lines of at most so many bytes, without their ends.
    pub const fn new(line_bytes_max: usize) -> Self {
        Self { bytes_max: line_bytes_max, line: Vec::new(), skipping: false }
    }

    /// Takes bytes off `input` up to the end of the next line. None: all of it was taken, and no line is complete.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Result<Vec<u8>, TooLong>> {
        while let Some(at) = input.iter().position(|&byte| byte == b'\n') {
            let (piece, rest) = input.split_at(at);
            *input = rest.get(1..).unwrap_or_default();
            if mem::take(&mut self.skipping) {
                continue;
            }
            let mut line = mem::take(&mut self.line);
            if self.is_too_long(&line, piece) {
                return Some(Err(TooLong { bytes_max: self.bytes_max }));
            }
            line.extend_from_slice(piece);
            if let Some(line) = whole(line) {
                return Some(Ok(line));
            }
        }
        self.begin(mem::take(input)).err().map(Err)
    }

    /// What stood after the last newline, when the stream has ended.
    pub fn end(&mut self) -> Option<Vec<u8>> {
        self.skipping = false;
        whole(mem::take(&mut self.line))
    }

    /// Keeps the begin of a line.
    fn begin(&mut self, piece: &[u8]) -> Result<(), TooLong> {
        if self.skipping {
            return Ok(());
        }
        if self.is_too_long(&self.line, piece) {
            self.line = Vec::new();
            self.skipping = true;
            return Err(TooLong { bytes_max: self.bytes_max });
        }
        self.line.extend_from_slice(piece);
        Ok(())
    }

    /// Whether they are too long together; one carriage return at the end has room, it may belong to the newline.
    fn is_too_long(&self, line: &[u8], piece: &[u8]) -> bool {
        let last = piece.last().or(line.last());
        let room = self.bytes_max.saturating_add(usize::from(last == Some(&b'\r')));
        line.len() + piece.len() > room
    }
}

/// A line without its carriage return, if anything is left.
fn whole(mut line: Vec<u8>) -> Option<Vec<u8>> {
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Some(line).filter(|line| !line.is_empty())
}

/// A message as one line with its newline.
pub fn line(message: &Message) -> Vec<u8> {
    // JSON escapes line breaks inside texts, so that none is left in it.
    let mut bytes = message.to_bytes();
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Notification, Params};
    use proptest::prelude::*;

    /// What is read from these pieces: lines, and `!` for one that is too long.
    fn read(pieces: &[&[u8]], bytes_max: usize) -> Vec<String> {
        let mut lines = Lines::new(bytes_max);
        let mut out = Vec::new();
        for mut piece in pieces.iter().copied() {
            while let Some(line) = lines.next(&mut piece) {
                out.push(
                    line.map_or("!".to_owned(), |line| String::from_utf8_lossy(&line).into_owned()),
                );
            }
            assert!(piece.is_empty());
            assert!(lines.line.len() <= bytes_max + 1, "more is held than the bound");
        }
        out.extend(lines.end().map(|line| String::from_utf8_lossy(&line).into_owned()));
        out
    }

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(read(&[text.as_bytes()], 4), expect, "{text:?}");
        let bytes: Vec<_> = text.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes, 4), expect, "{text:?} byte by byte");
    }

    #[test]
    fn lines_come_out_whole_and_a_long_one_harms_no_other() {
        check("a\nb\n", &["a", "b"]);
        check("abcd\nabcde\nab\n", &["abcd", "!", "ab"]);
        check("abcd\r\nabcde\r\nab\r\n", &["abcd", "!", "ab"]);
        check("abcdefghijklmnop\nab", &["!", "ab"]);
        check("abcdefghijklmnop", &["!"]);
        check("\n\r\n\n a\n", &[" a"]);
        check("abcd\re\nab\r", &["!", "ab"]);
        check("a\rb\n", &["a\rb"]);
        check("", &[]);
    }

    #[test]
    fn a_message_with_line_breaks_in_its_texts_is_one_line() {
        let params = Params::from_iter([("a".to_owned(), "b\nc\r\u{2028}".into())]);
        let message = Message::Notification(Notification::new("m", params));
        let bytes = line(&message);
        let read = Lines::new(1_000).next(&mut bytes.as_slice()).unwrap().unwrap();
        assert_eq!(Message::read(&read, 1_000), Ok(message));
    }

    proptest! {
        #[test]
        fn any_pieces_give_the_same_lines(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
            cuts in proptest::collection::vec(0_usize..200, 0..8), bytes_max in 0_usize..20,
        ) {
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(read(&pieces, bytes_max), read(&[&bytes], bytes_max));
        }

        #[test]
        fn lines_within_the_bound_come_back(lines in proptest::collection::vec("[^\\r\\n]{1,20}", 0..10)) {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            prop_assert_eq!(read(&[text.as_bytes()], 80), lines);
        }
    }
}
