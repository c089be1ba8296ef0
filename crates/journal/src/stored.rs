//! The form of entries on disk, version 1.
//!
//! An entry's body is one JSON object in canonical form (RFC 8785): `at_ms`, `call`, `call_prev`, `event`,
//! `prev`, `run`, `seq`, `tenant`, `v`, `writer`. Events go in as values of the domain and come back as such;
//! reading is strict, and `Record::read` accepts only bytes that writing would give again.
//! Tests: `tests/it/stored.rs`.

mod event;
mod people;
mod shape;
pub(crate) mod twin;

use std::io::Write as _;

use domain::{CallId, Digest, Entry, Event, Name, RunId, Timestamp, WriterId};
use serde::Deserialize;

use twin::{Own, Ref, hex};

/// The version of the record's form.
pub(crate) const VERSION: u64 = 1;

/// Why bytes are not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordError(String);

/// An entry with its place in its writer's chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The chain it stands in.
    pub writer: WriterId,
    /// Its number in that chain, from 1.
    pub seq: u64,
    /// Hash of the entry before it in the chain; zeros for the first.
    pub prev: Digest,
    /// Hash of the entry before it of the same call.
    pub call_prev: Option<Digest>,
    /// What happened.
    pub entry: Entry,
}

/// What stands around an event in its record.
pub(crate) struct Header<'a> {
    pub(crate) writer: WriterId,
    pub(crate) seq: u64,
    pub(crate) prev: Digest,
    pub(crate) call_prev: Option<Digest>,
    pub(crate) at: Timestamp,
    pub(crate) tenant: Option<&'a Name>,
    pub(crate) run: Option<RunId>,
    pub(crate) call: Option<CallId>,
}

/// An event in its form on disk, made once, before the entry has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventBytes(Vec<u8>);

impl EventBytes {
    /// Writes an event.
    pub(crate) fn of(event: &Event) -> Result<Self, RecordError> {
        serde_json::to_vec(&Ref(event)).map(Self).map_err(|error| RecordError(error.to_string()))
    }

    /// The event's kind, such as `call_admitted`: the name of the one member.
    pub(crate) fn kind(&self) -> &str {
        let text = std::str::from_utf8(&self.0).unwrap_or_default();
        text.split('"').nth(1).unwrap_or_default()
    }
}

/// The kind of an event as it is written and listed, such as `call_admitted`.
pub fn kind(event: &Event) -> String {
    EventBytes::of(event).map(|bytes| bytes.kind().to_owned()).unwrap_or_default()
}

/// Writes a record over what is in `out`. Everything beside the event needs no escapes: ids, names, digits.
pub(crate) fn write(header: &Header<'_>, event: &EventBytes, out: &mut Vec<u8>) {
    out.clear();
    text(out, b"{\"at_ms\":", &header.at.millis().to_string());
    quoted(out, b",\"call\":", header.call.map(|call| call.to_string()).as_deref());
    digest(out, b",\"call_prev\":", header.call_prev);
    out.extend_from_slice(b",\"event\":");
    out.extend_from_slice(&event.0);
    digest(out, b",\"prev\":", Some(header.prev));
    quoted(out, b",\"run\":", header.run.map(|run| run.to_string()).as_deref());
    text(out, b",\"seq\":", &header.seq.to_string());
    quoted(out, b",\"tenant\":", header.tenant.map(Name::as_str));
    text(out, b",\"v\":", &VERSION.to_string());
    quoted(out, b",\"writer\":", Some(&header.writer.to_string()));
    out.push(b'}');
}

fn text(out: &mut Vec<u8>, name: &[u8], value: &str) {
    out.extend_from_slice(name);
    out.extend_from_slice(value.as_bytes());
}

fn quoted(out: &mut Vec<u8>, name: &[u8], value: Option<&str>) {
    out.extend_from_slice(name);
    match value {
        // Writing to a vector cannot fail.
        Some(value) => _ = write!(out, "\"{value}\""),
        None => out.extend_from_slice(b"null"),
    }
}

fn digest(out: &mut Vec<u8>, name: &[u8], value: Option<Digest>) {
    out.extend_from_slice(name);
    match value {
        Some(value) => {
            out.push(b'"');
            out.extend_from_slice(&hex(value.bytes()));
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordIn {
    at_ms: Own<Timestamp>,
    call: Own<Option<CallId>>,
    call_prev: Own<Option<Digest>>,
    event: Own<Event>,
    prev: Own<Digest>,
    run: Own<Option<RunId>>,
    seq: Own<u64>,
    tenant: Own<Option<Name>>,
    v: Own<u64>,
    writer: Own<WriterId>,
}

impl Record {
    /// Reads a body, strictly: unknown keys, another version, or bytes that are not the canonical form are
    /// errors.
    pub fn read(body: &[u8]) -> Result<Self, RecordError> {
        let record = Self::read_lenient(body)?;
        if record.write()? == body {
            Ok(record)
        } else {
            Err(RecordError("the body is not in canonical form".to_owned()))
        }
    }

    /// Reads a body whose form may differ in spaces and the order of keys, as it does in an export.
    pub(crate) fn read_lenient(body: &[u8]) -> Result<Self, RecordError> {
        let read: RecordIn =
            serde_json::from_slice(body).map_err(|error| RecordError(error.to_string()))?;
        if read.v.0 != VERSION {
            let found = read.v.0;
            return Err(RecordError(format!("version {found} of an entry, expected {VERSION}")));
        }
        let entry = Entry {
            at: read.at_ms.0,
            tenant: read.tenant.0,
            run: read.run.0,
            call: read.call.0,
            event: read.event.0,
        };
        Ok(Self {
            writer: read.writer.0,
            seq: read.seq.0,
            prev: read.prev.0,
            call_prev: read.call_prev.0,
            entry,
        })
    }

    /// The canonical bytes.
    pub fn write(&self) -> Result<Vec<u8>, RecordError> {
        let header = Header {
            writer: self.writer,
            seq: self.seq,
            prev: self.prev,
            call_prev: self.call_prev,
            at: self.entry.at,
            tenant: self.entry.tenant.as_ref(),
            run: self.entry.run,
            call: self.entry.call,
        };
        let mut out = Vec::new();
        write(&header, &EventBytes::of(&self.entry.event)?, &mut out);
        Ok(out)
    }
}
