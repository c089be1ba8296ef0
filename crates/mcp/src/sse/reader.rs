//! Reads a stream of events from bytes that come in any pieces.
//!
//! In: pieces of bytes. Out: one event at a time, so that whoever reads holds one event and not all that a piece completes.
//! What is held (a line that is not complete, the fields of the event so far, the last id) stays within one bound. Tests
//! are in `sse/tests.rs`.

use std::mem;
use std::time::Duration;

use super::{Event, SseError};

/// The byte order mark that a stream may begin with.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// Reads events. The public fields' meaning is in [`Event`].
#[derive(Debug)]
pub struct Reader {
    bytes_max: usize,
    line: Vec<u8>,
    place: Place,
    after_return: bool,
    first: bool,
    kind: String,
    data: String,
    has_data: bool,
    next_id: Option<String>,
    id: Option<String>,
    event_retry: Option<Duration>,
    retry: Option<Duration>,
    failed: Option<SseError>,
}

/// What the line is that the reader stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// One that counts, or is not begun.
    Line,
    /// A comment: nothing of it is kept.
    Comment,
}

impl Reader {
    /// A reader that holds at most so many bytes.
    pub const fn new(event_bytes_max: usize) -> Self {
        Self {
            bytes_max: event_bytes_max,
            line: Vec::new(),
            place: Place::Line,
            after_return: false,
            first: true,
            kind: String::new(),
            data: String::new(),
            has_data: false,
            next_id: None,
            id: None,
            event_retry: None,
            retry: None,
            failed: None,
        }
    }

    /// Takes bytes off `input` up to the end of the next event. None: all of it was taken, and no event is complete.
    ///
    /// # Errors
    /// When an event is longer than its bound or not UTF-8. The stream cannot be read on then, and every later call says so.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Event>, SseError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        self.take(input).inspect_err(|&error| {
            self.failed = Some(error);
            (self.line, self.kind, self.data) = Default::default();
        })
    }

    /// The last id that the stream gave, also without data. None if it gave none, or took it back.
    pub fn last_id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    /// After what time a lost stream is to be opened again, if the stream said so.
    pub const fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Whether an event was begun that is not complete: a stream that ends here was cut.
    pub const fn is_amid_event(&self) -> bool {
        self.has_data || !self.line.is_empty() || !self.kind.is_empty()
    }

    fn take(&mut self, input: &mut &[u8]) -> Result<Option<Event>, SseError> {
        loop {
            if input.is_empty() {
                return Ok(None);
            }
            // Only a byte that has come says whether the return stood alone.
            if mem::take(&mut self.after_return)
                && let Some(rest) = input.strip_prefix(b"\n")
            {
                *input = rest;
                continue;
            }
            let at = input.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (piece, rest) = input.split_at(at.unwrap_or(input.len()));
            self.extend(piece)?;
            let Some((end, rest)) = rest.split_first() else {
                *input = rest;
                return Ok(None);
            };
            *input = rest;
            self.after_return = *end == b'\r';
            if let Some(event) = self.line()? {
                return Ok(Some(event));
            }
        }
    }

    fn extend(&mut self, piece: &[u8]) -> Result<(), SseError> {
        if self.line.is_empty() && piece.first() == Some(&b':') {
            self.place = Place::Comment;
        }
        match self.place {
            Place::Comment => Ok(()),
            Place::Line => {
                // A line break between lines of data counts as well.
                let held = self.held() + usize::from(self.has_data);
                if piece.len() > self.bytes_max.saturating_sub(held) {
                    return Err(SseError::TooLong { bytes_max: self.bytes_max });
                }
                self.line.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    /// Bytes that are held.
    // INVARIANT (bounded events): at most `bytes_max`. A field never takes more than its line, which was let in by `extend`.
    pub(super) fn held(&self) -> usize {
        let ids = [&self.id, &self.next_id].map(|id| id.as_ref().map_or(0, String::len));
        self.line.len() + self.kind.len() + self.data.len() + ids.iter().sum::<usize>()
    }

    fn line(&mut self) -> Result<Option<Event>, SseError> {
        let first = mem::replace(&mut self.first, false);
        if mem::replace(&mut self.place, Place::Line) == Place::Comment {
            return Ok(None);
        }
        let mut line = mem::take(&mut self.line);
        let text = if first { line.strip_prefix(BOM).unwrap_or(&line) } else { &line };
        let text = str::from_utf8(text).map_err(|_| SseError::NotUtf8)?;
        let event = if text.is_empty() { self.event() } else { self.field(text) };
        // Its room is used again, up to the bound.
        line.clear();
        self.line = line;
        Ok(event)
    }

    /// Takes a field in; no event ends with one.
    fn field(&mut self, line: &str) -> Option<Event> {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                if mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.next_id = Some(value.to_owned()),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                // More milliseconds than a number holds is no time at all.
                self.event_retry = value.parse().ok().map(Duration::from_millis);
                self.retry = self.event_retry.or(self.retry);
            }
            // The standard ignores fields that it does not know.
            _ => {}
        }
        None
    }

    fn event(&mut self) -> Option<Event> {
        let kind = mem::take(&mut self.kind);
        let data = mem::take(&mut self.data);
        let retry = self.event_retry.take();
        // An id counts from the end of its event on: a stream that is cut before has not delivered it.
        self.id = self.next_id.take().or(self.id.take());
        mem::take(&mut self.has_data).then(|| Event {
            kind: Some(kind).filter(|kind| !kind.is_empty()),
            data,
            id: self.last_id().map(str::to_owned),
            retry,
        })
    }
}
