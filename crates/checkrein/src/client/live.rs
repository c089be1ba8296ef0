//! A call that is watched: what it prints as it comes, then its answer (server-sent events, WHATWG HTML 9.2).
//!
//! In: a response whose body is a stream of events. Out: each piece of output to whoever listens, and the answer at the
//! end. A response that is no stream is the answer itself. One event is bounded like an answer; an unknown event of a
//! later server is left out. Tests: below, and `tests/it/commands.rs`.

use reqwest::Response;
use serde::de::DeserializeOwned;
use server::wire;

use super::{ANSWER_BYTES_MAX, envelope, is};
use crate::failure::{Failure, Result};

/// What is heard while a call runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A piece of what it prints.
    Output(wire::Output),
    /// Some of it was not sent, because this reader was too slow.
    Missed,
}

/// Reads to the answer.
pub(super) async fn answer(
    mut response: Response,
    mut listen: impl FnMut(Heard),
) -> Result<wire::Answer> {
    if !is(&response, "text/event-stream") {
        return envelope(response).await;
    }
    let mut events = Events::default();
    loop {
        let chunk = response.chunk().await.map_err(|_| broke())?.ok_or_else(broke)?;
        for event in events.push(&chunk)? {
            match event.name.as_str() {
                "answer" => return event.read(),
                "problem" => return Err(event.read::<wire::Problem>()?.into()),
                "output" => listen(Heard::Output(event.read()?)),
                "missed" => listen(Heard::Missed),
                // `call`, and what later servers add.
                _ => {}
            }
        }
    }
}

/// A stream of events that is followed until it ends.
#[derive(Debug)]
pub(crate) struct Following {
    response: Response,
    events: Events,
    ready: std::collections::VecDeque<Event>,
}

impl Following {
    pub(super) fn new(response: Response) -> Self {
        Self { response, events: Events::default(), ready: std::collections::VecDeque::new() }
    }

    /// The next event; none once the stream ends, for whatever reason.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.ready.extend(self.events.push(&chunk)?),
                Ok(None) | Err(_) => return Ok(None),
            }
        }
    }
}

fn broke() -> Failure {
    Failure::new("the connection broke before the answer")
        .expected("an answer; the call goes on without this listener")
        .fix("look with `checkrein calls ls`; a call with a key may be proposed again")
}

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its place in the journal, if it has one.
    pub(crate) id: Option<u64>,
    /// Its kind.
    pub(crate) name: String,
    data: String,
}

impl Event {
    /// What it carries.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.data).map_err(|error| {
            Failure::new(format!("the event `{}` cannot be read: {error}", self.name))
                .expected("an event of a Checkrein server of this version")
                .fix("compare `checkrein version` with the server's")
        })
    }
}

/// Bytes on their way to events.
#[derive(Debug, Default)]
struct Events {
    line: Vec<u8>,
    id: Option<u64>,
    name: String,
    data: String,
}

impl Events {
    /// The events that these bytes complete.
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>> {
        let mut whole = Vec::new();
        for byte in bytes {
            if *byte == b'\n' {
                whole.extend(self.line());
            } else {
                self.line.push(*byte);
            }
            if self.line.len() + self.data.len() > ANSWER_BYTES_MAX {
                let message = format!("one event has more than {ANSWER_BYTES_MAX} bytes");
                return Err(Failure::new(message).fix("ask for the answer with `-o json`"));
            }
        }
        Ok(whole)
    }

    /// Takes a line; an empty one ends the event.
    fn line(&mut self) -> Option<Event> {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = line.strip_suffix('\r').unwrap_or(&line);
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            let id = self.id.take();
            return (!data.is_empty()).then_some(Event { id, name, data });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => self.id = value.parse().ok(),
            "event" => value.clone_into(&mut self.name),
            "data" if self.data.is_empty() => value.clone_into(&mut self.data),
            "data" => self.data.push_str(&format!("\n{value}")),
            // Comments keep the connection alive; nothing else has a meaning here.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_whole_however_the_bytes_come() {
        let text = b": hello\n\nevent: output\nid: 7\ndata: {\"a\":\ndata: 1}\n\nevent:missed\r\ndata:2\r\n\r\ndata: cut";
        let expect = [("output", "{\"a\":\n1}"), ("missed", "2")];
        for size in 1..text.len() {
            let mut events = Events::default();
            let found: Vec<Event> =
                text.chunks(size).flat_map(|bytes| events.push(bytes).unwrap()).collect();
            let found: Vec<(&str, &str)> =
                found.iter().map(|event| (event.name.as_str(), event.data.as_str())).collect();
            assert_eq!(found, expect, "in pieces of {size}");
            let mut events = Events::default();
            let ids: Vec<Option<u64>> = text
                .chunks(size)
                .flat_map(|bytes| events.push(bytes).unwrap())
                .map(|event| event.id)
                .collect();
            assert_eq!(ids, [Some(7), None], "in pieces of {size}");
        }
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut events = Events::default();
        let piece = vec![b'x'; ANSWER_BYTES_MAX / 4];
        let refused = (0..8).any(|_| events.push(&piece).is_err());
        assert!(refused);
    }
}
