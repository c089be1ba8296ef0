//! Bytes of one stream into text of whole lines.
//!
//! In: pieces of any size. Out: text that ends with a line, at most `limits::OUTPUT_LINE_BYTES_MAX` bytes at once.
//! A line that is longer is left out with a word about it; so is a private key that does not end within that
//! many bytes. Masking is the caller's. Tests: `watch.rs`.

use domain::limits;

const MOST: usize = limits::OUTPUT_LINE_BYTES_MAX;
const LEFT_OUT: &str = "[a line too long to be shown here]\n";
/// What a private key's block begins and ends with.
const BLOCK: &str = "-----BEGIN ";
const BLOCK_END: &str = "-----END ";
const KEY: &str = "PRIVATE KEY";

/// What has no end yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    held: Vec<u8>,
    skips: Skips,
}

/// What is left out at the moment.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Skips {
    #[default]
    Nothing,
    /// The rest of a line.
    Line,
    /// Lines up to the end of a private key.
    Block,
}

impl Lines {
    /// Takes bytes and gives what can be shown now.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut shown = Vec::new();
        for part in bytes.split_inclusive(|byte| ends_line(*byte)) {
            self.part(part, &mut shown);
        }
        joined(shown)
    }

    /// What is left at the end.
    pub(super) fn end(&mut self) -> Vec<String> {
        if self.skips != Skips::Nothing || self.held.is_empty() {
            return Vec::new();
        }
        vec![String::from_utf8_lossy(&std::mem::take(&mut self.held)).into_owned()]
    }

    /// At most one line, or a piece of one.
    fn part(&mut self, part: &[u8], shown: &mut Vec<String>) {
        let ends = part.last().is_some_and(|byte| ends_line(*byte));
        match self.skips {
            Skips::Nothing => self.held.extend_from_slice(part),
            Skips::Line => {
                if ends {
                    self.skips = Skips::Nothing;
                }
                return;
            }
            Skips::Block => {
                self.held.extend_from_slice(part);
                let body = is_body(&self.held);
                let over = String::from_utf8_lossy(&self.held).contains(BLOCK_END);
                match (ends, body && !over) {
                    (true, true) => self.held.clear(),
                    // The end's own line belongs to the block; any other line shows that there was none.
                    (true, false) => {
                        self.skips = Skips::Nothing;
                        if over {
                            self.held.clear();
                        }
                    }
                    (false, _) if self.held.len() > MOST => {
                        self.held.clear();
                        self.skips = Skips::Line;
                    }
                    (false, _) => return,
                }
                if self.held.is_empty() {
                    return;
                }
            }
        }
        let in_block = in_block(&self.held);
        if self.held.len() > MOST {
            self.held.clear();
            shown.push(LEFT_OUT.to_owned());
            self.skips = match (in_block, ends) {
                (true, _) => Skips::Block,
                (false, true) => Skips::Nothing,
                (false, false) => Skips::Line,
            };
        } else if ends && !in_block {
            shown.push(String::from_utf8_lossy(&std::mem::take(&mut self.held)).into_owned());
        }
    }
}

/// A carriage return ends what a progress bar draws.
const fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Whether a private key has begun and not ended. Mentioned in other text, it ends where that goes on.
fn in_block(held: &[u8]) -> bool {
    let text = String::from_utf8_lossy(held);
    let block = text.rfind(BLOCK).and_then(|at| text.get(at + BLOCK.len()..));
    let Some((title, body)) = block.and_then(|block| block.split_once("-----")) else {
        return false;
    };
    title.contains(KEY) && is_body(body.as_bytes())
}

/// Whether this may stand between the first and the last line of a key, as the masker knows them: what ends a
/// block begins with more than one hyphen.
fn is_body(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter().peekable();
    while let Some(byte) = rest.next() {
        let fits = match byte {
            b'-' => rest.peek().is_some_and(|next| next.is_ascii_alphanumeric()),
            b'+' | b'/' | b'=' | b':' | b',' | b'.' | b' ' | b'\t' | b'\r' | b'\n' | b'\\' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if !fits {
            return false;
        }
    }
    true
}

/// Fewer and larger pieces, none beyond the bound unless a single line is.
fn joined(lines: Vec<String>) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for line in lines {
        match pieces.last_mut().filter(|piece| piece.len() + line.len() <= MOST) {
            Some(piece) => piece.push_str(&line),
            None => pieces.push(line),
        }
    }
    pieces
}
