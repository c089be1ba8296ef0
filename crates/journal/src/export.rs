//! Entries out of the store, with what proves them: a run as one JSON record, or everything line by line.
//!
//! ```text
//! {"format": "checkrein-run-1", "run": …, "calls": […], "approvals": […],      for reading: made of the entries
//!  "entries": [{"hash", "position", "record"}…],                             the entries themselves
//!  "chains": [{"writer", "start", "links", "head"}…], "public_key": …,        the proof
//!  "run_key": null | {"tenant", "key", "payloads"}}                           for an auditor, on request
//! ```
//! Entries of a run stand between those of others. For each of these the export has only its digest (a link),
//! with which the chain can be hashed up to a signed head. `verify_export` needs nothing but the export, and the
//! journal's public key from somewhere else. Tests: `tests/it/exports.rs`.

mod forms;
mod lines;
mod opened;
mod proof;
mod summary;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Digest, Exported, RunId, limits};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use crate::chain;
use crate::error::Error;
use crate::listing::StoredEntry;
use crate::replay;
use crate::sqlite::{Shared, Sqlite};
use crate::writer::append::{signed, unsigned};

pub use proof::verify_export;

/// The form of a run's record.
const RUN_FORMAT: &str = "checkrein-run-1";

impl Sqlite {
    /// A run as one record that proves itself, on request with the key that its payloads are read with.
    pub async fn export_run(&self, run: RunId, with: Exported) -> Result<Value, Error> {
        // Every chain ends in a signed head; the living one gets it now.
        self.head().await?;
        self.blocking(move |shared| export_run(shared, run, with)).await
    }
}

fn export_run(shared: &Shared, run: RunId, with: Exported) -> Result<Value, Error> {
    let entries = replay::of_run(shared, run)?;
    let summary = summary::of(entries.iter().map(|entry| &entry.record.entry));
    let chains = shared.readers.with(|connection| chains(connection, &entries))?;
    let key = match with {
        Exported::EntriesOnly => Value::Null,
        Exported::WithKey => run_key(shared, run)?,
    };
    let listed: Vec<Value> = entries.iter().map(exported).collect();
    Ok(json!({
        "format": RUN_FORMAT,
        "run": summary.run,
        "calls": summary.calls,
        "approvals": summary.approvals,
        "entries": listed,
        "chains": chains,
        "public_key": shared.public.text(),
        "run_key": key,
    }))
}

fn exported(entry: &StoredEntry) -> Value {
    // The body was checked when it was read.
    let record: Value = serde_json::from_str(&entry.body).unwrap_or(Value::Null);
    json!({ "hash": entry.hash.to_string(), "position": entry.position, "record": record })
}

/// The proof of each chain that the entries stand in.
fn chains(connection: &Connection, entries: &[StoredEntry]) -> Result<Vec<Value>, Error> {
    let mut chains = Vec::new();
    for part in entries.chunk_by(|one, next| one.record.writer == next.record.writer) {
        let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
        let (note, end) = head_at(connection, last.position)?;
        chains.push(json!({
            "writer": first.record.writer.to_string(),
            "start": { "seq": first.record.seq - 1, "hash": first.record.prev.to_string() },
            "links": links(connection, part, end)?,
            "head": note,
        }));
    }
    Ok(chains)
}

/// The first signed head of an entry's chain that covers the entry, and the position that it is for.
fn head_at(connection: &Connection, position: u64) -> Result<(String, u64), Error> {
    let sql = "SELECT note, heads.position FROM heads JOIN entries ON entries.position = ?1
        WHERE heads.chain = entries.chain AND heads.seq >= entries.seq ORDER BY heads.seq LIMIT 1";
    let found: Option<(String, i64)> = connection
        .query_row(sql, [signed(position)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let missing = || Error::Corrupted(format!("no signed head covers the entry at {position}"));
    found.map(|(note, end)| (note, unsigned(end))).ok_or_else(missing)
}

/// Digests of the entries up to `end` that are not exported, as `[number, digest]`.
fn links(connection: &Connection, part: &[StoredEntry], end: u64) -> Result<Vec<Value>, Error> {
    let own: std::collections::BTreeSet<u64> = part.iter().map(|entry| entry.position).collect();
    let first = own.first().copied().unwrap_or(end);
    let sql = "SELECT position, seq, body FROM entries WHERE position BETWEEN ?1 AND ?2
        ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![signed(first), signed(end)])?;
    let mut links = Vec::new();
    while let Some(row) = rows.next()? {
        if own.contains(&unsigned(row.get(0)?)) {
            continue;
        }
        if links.len() == limits::EXPORT_ENTRIES_MAX {
            return Err(Error::TooLong("this run with what stands between".to_owned()));
        }
        let digest: Digest = chain::digest(row.get_ref(2)?.as_blob().unwrap_or_default());
        links.push(json!([unsigned(row.get(1)?), digest.to_string()]));
    }
    Ok(links)
}

/// The run's key with its payloads as they are kept, for whoever may read them.
fn run_key(shared: &Shared, run: RunId) -> Result<Value, Error> {
    let gone = || Error::Unknown(format!("the key of {run}"));
    let key = shared.ring.run(run, &shared.readers)?.ok_or_else(gone)?;
    let payloads = shared.readers.with(|connection| {
        let sql =
            "SELECT call, kind, nonce, bytes FROM payloads WHERE bytes IS NOT NULL AND call IN
            (SELECT DISTINCT call FROM entries WHERE run = ?1) AND run = ?1
            ORDER BY call, kind, version";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([run.to_string()], |row| {
            let (call, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let (nonce, bytes): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
            let (nonce, bytes) = (STANDARD.encode(nonce), STANDARD.encode(bytes));
            Ok(json!({ "call": call, "kind": kind, "nonce": nonce, "bytes": bytes }))
        })?;
        Ok(rows.collect::<Result<Vec<Value>, _>>()?)
    })?;
    Ok(json!({
        "tenant": key.tenant.as_str(),
        "key": STANDARD.encode(key.secret.expose()),
        "payloads": payloads,
    }))
}
