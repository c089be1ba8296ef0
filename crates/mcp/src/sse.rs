//! Server-sent events: events from bytes and bytes from events, bounded (WHATWG HTML, section 9.2.6; specification
//! 2026-07-28, "Receiving Messages").
//!
//! ```text
//! bytes in any pieces --Reader::next--> Event         Event --to_bytes--> bytes         message --frame--> bytes
//! ```
//! A reader holds the lines of one event and never more than its bound. Beyond the standard, bytes that are not UTF-8 end
//! the stream instead of being replaced: a message must not be changed on its way. Not here: opening a stream again.
//! Tests are in `sse/tests.rs`.

mod reader;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::reader::Reader;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// Its type; none for `message`.
    pub kind: Option<String>,
    /// Its data: lines, parted by line feeds.
    pub data: String,
    /// The last id in effect when it came; none if there was none yet.
    pub id: Option<String>,
    /// After what time a lost stream is to be opened again, if the event says so.
    pub retry: Option<Duration>,
}

/// Why a stream of events cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// An event is longer than its bound.
    #[error("an event of the stream is longer than the allowed {bytes_max} bytes")]
    TooLong {
        /// Bytes allowed.
        bytes_max: usize,
    },
    /// Not text.
    #[error("the stream is not UTF-8 text")]
    NotUtf8,
}

/// Why an event cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the `{0}` of an event has a line break or a zero character, or is empty")]
pub struct Unwritable(&'static str);

/// Keeps a stream open through proxies: a comment, which readers skip.
pub const KEEP_ALIVE: &[u8] = b":\n\n";

/// One event with data alone, as messages are sent. Each line of the data stands on a line of its own.
pub fn frame(data: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + 16);
    put_data(&mut out, data);
    out
}

impl Event {
    /// Its bytes. A carriage return in the data comes back as a line feed: the format cannot carry it.
    ///
    /// # Errors
    /// When type or id cannot be written: a break in them would begin another field.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Unwritable> {
        let mut out = Vec::with_capacity(self.data.len() + 64);
        if let Some(kind) = &self.kind {
            put(&mut out, "event", kind)?;
        }
        if let Some(id) = &self.id {
            // An empty id is written: it says that there is none from now on.
            put(&mut out, "id", id)?;
        }
        if let Some(retry) = self.retry {
            put(&mut out, "retry", &retry.as_millis().to_string())?;
        }
        put_data(&mut out, &self.data);
        Ok(out)
    }
}

fn put(out: &mut Vec<u8>, field: &'static str, value: &str) -> Result<(), Unwritable> {
    let empty = value.is_empty() && field != "id";
    if empty || value.contains(['\n', '\r', '\0']) {
        return Err(Unwritable(field));
    }
    for part in [field, ": ", value, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    Ok(())
}

fn put_data(out: &mut Vec<u8>, data: &str) {
    let mut rest = data;
    loop {
        let (line, after) = match rest.find(['\n', '\r']) {
            None => (rest, None),
            Some(at) => {
                let (line, after) = rest.split_at(at);
                (line, after.strip_prefix("\r\n").or_else(|| after.get(1..)))
            }
        };
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
        match after {
            None => break,
            Some(after) => rest = after,
        }
    }
    out.push(b'\n');
}
