//! Writes single things inside an open transaction: an entry in its place, a payload, a key, a head.
//!
//! An entry gets its number, the hash of its forerunner in the chain and of the one of the same call, and is
//! hashed over its canonical bytes. Before it is written it is asked whether the call's life allows it.

use domain::{CallId, CallState, Digest, Event, JournalPosition, PayloadKind, Timestamp, limits};
use gate::{Cell, SourceText, Table};
use rusqlite::{Connection, OptionalExtension as _, Statement, params};

use super::guards::Guards;
use super::projections::Projections;
use crate::bounded::Bounded;
use crate::chain::{self, ChainHead};
use crate::error::Error;
use crate::keys::WrappedKey;
use crate::keys::signing::SignedHead;
use crate::life;
use crate::prepare::{PreparedEntry, SealedPayload};
use crate::stored::{self, Header};

/// What is remembered of a call: its last entry and where it stands.
#[derive(Debug, Clone, Copy)]
struct Trace {
    hash: Digest,
    state: Option<CallState>,
}

/// Writes single things.
pub(crate) struct Append<'c> {
    pub(crate) guards: Guards<'c>,
    pub(crate) chain: ChainHead,
    projections: Projections<'c>,
    calls: Bounded<CallId, Trace>,
    body: Vec<u8>,
    insert: Statement<'c>,
    last_of_call: Statement<'c>,
    payload: Statement<'c>,
    erase_payload: Statement<'c>,
    key: Statement<'c>,
    has_key: Statement<'c>,
    source: Statement<'c>,
    head: Statement<'c>,
}

/// A position in SQLite, whose integers are signed.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A count out of SQLite.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

impl<'c> Append<'c> {
    /// Behind this head.
    pub(crate) fn new(connection: &'c Connection, chain: ChainHead) -> Result<Self, Error> {
        let prepare = |sql: &str| connection.prepare(sql);
        Ok(Self {
            guards: Guards::new(connection)?,
            chain,
            projections: Projections::new(connection),
            calls: Bounded::new(limits::CALLS_REMEMBERED_MAX),
            body: Vec::with_capacity(4_096),
            insert: prepare(
                "INSERT INTO entries (position, chain, seq, at_ms, tenant, run, call, kind, hash, body)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            last_of_call: prepare(
                "SELECT hash FROM entries WHERE call = ?1 ORDER BY position DESC LIMIT 1",
            )?,
            payload: prepare(
                "INSERT INTO payloads (call, kind, version, run, tenant, nonce, bytes)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (call, kind, version) DO UPDATE
                SET run = excluded.run, tenant = excluded.tenant, nonce = excluded.nonce,
                bytes = excluded.bytes",
            )?,
            erase_payload: prepare(
                "UPDATE payloads SET nonce = NULL, bytes = NULL WHERE call = ?1 AND kind = ?2",
            )?,
            key: prepare("INSERT INTO wrapped_keys (scope, tenant, wrapped) VALUES (?1, ?2, ?3)")?,
            has_key: prepare("SELECT 1 FROM wrapped_keys WHERE scope = ?1")?,
            source: prepare(
                "INSERT INTO sources (version, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?,
            head: prepare("INSERT INTO heads (position, chain, seq, note) VALUES (?1, ?2, ?3, ?4)")?,
        })
    }

    /// Why a call's life does not allow an entry; none if it does.
    pub(crate) fn illegal(&mut self, entries: &[PreparedEntry]) -> Result<Option<String>, Error> {
        // Of one call there are few entries in one commit; what the earlier ones do counts for the later.
        let mut moved: Vec<(CallId, Option<CallState>)> = Vec::new();
        for each in entries {
            let Some(call) = each.entry.call else { continue };
            let earlier = moved.iter().rfind(|(id, _)| *id == call).map(|(_, state)| *state);
            let state = match earlier {
                Some(state) => state,
                None => self.trace(call)?.and_then(|trace| trace.state),
            };
            match life::call_after(state, &each.entry.event) {
                Ok(after) => moved.push((call, after)),
                Err(why) => return Ok(Some(why)),
            }
        }
        Ok(None)
    }

    /// Writes an entry in the next place, with its rows.
    pub(crate) fn entry(&mut self, prepared: &PreparedEntry) -> Result<JournalPosition, Error> {
        let entry = &prepared.entry;
        let before = match entry.call {
            Some(call) => self.trace(call)?,
            None => None,
        };
        let seq = self.chain.seq + 1;
        let header = Header {
            writer: self.chain.writer,
            seq,
            prev: self.chain.hash,
            call_prev: before.map(|trace| trace.hash),
            at: entry.at,
            tenant: entry.tenant.as_ref(),
            run: entry.run,
            call: entry.call,
        };
        stored::write(&header, &prepared.bytes, &mut self.body);
        let hash = chain::hash(self.chain.hash, chain::digest(&self.body));
        self.insert(prepared, seq, hash)?;
        for row in &prepared.rows {
            self.projections.apply(row)?;
        }
        if let Event::OriginalsErased { of } = &entry.event {
            for kind in [PayloadKind::Plan, PayloadKind::Inverse] {
                self.erase_payload.execute(params![of.to_string(), kind.word()])?;
            }
        }
        self.chain.seq = seq;
        self.chain.hash = hash;
        self.chain.position += 1;
        if let Some(call) = entry.call {
            let state = before.and_then(|trace| trace.state);
            let state = life::call_after(state, &entry.event).unwrap_or(state);
            self.calls.insert(call, Trace { hash, state });
        }
        Ok(JournalPosition { run: entry.run, seq, hash })
    }

    fn insert(&mut self, prepared: &PreparedEntry, seq: u64, hash: Digest) -> Result<(), Error> {
        let entry = &prepared.entry;
        let insert = &mut self.insert;
        insert.raw_bind_parameter(1, signed(self.chain.position + 1))?;
        insert.raw_bind_parameter(2, self.chain.number)?;
        insert.raw_bind_parameter(3, signed(seq))?;
        insert.raw_bind_parameter(4, signed(entry.at.millis()))?;
        insert.raw_bind_parameter(5, entry.tenant.as_ref().map(domain::Name::as_str))?;
        insert.raw_bind_parameter(6, entry.run.map(|run| run.to_string()))?;
        insert.raw_bind_parameter(7, entry.call.map(|call| call.to_string()))?;
        insert.raw_bind_parameter(8, prepared.bytes.kind())?;
        insert.raw_bind_parameter(9, hash.bytes().as_slice())?;
        insert.raw_bind_parameter(10, self.body.as_slice())?;
        insert.raw_execute()?;
        Ok(())
    }

    /// The last entry of a call, remembered or looked up; none for a new call.
    fn trace(&mut self, call: CallId) -> Result<Option<Trace>, Error> {
        if let Some(known) = self.calls.get(&call) {
            return Ok(Some(*known));
        }
        let key = call.to_string();
        let hash: Option<[u8; 32]> =
            self.last_of_call.query_row([&key], |row| row.get(0)).optional()?;
        let Some(hash) = hash else { return Ok(None) };
        let state = match self.guards.cell(Table::Calls, "state", &key)? {
            Some(Cell::Text(word)) => CallState::from_word(&word),
            // A call that only has a preview so far has no record yet.
            Some(Cell::Null | Cell::Integer(_)) | None => Some(CallState::Received),
        };
        let trace = Trace { hash: Digest::new(hash), state };
        self.calls.insert(call, trace);
        Ok(Some(trace))
    }

    /// Writes an encrypted payload, in the place of an earlier one of the same call and kind. Only of facts
    /// the earlier ones stay behind the latest: every decision is replayed from its own.
    pub(crate) fn payload(&mut self, payload: &SealedPayload) -> Result<(), Error> {
        let version = match payload.kind {
            PayloadKind::Facts => signed(self.chain.position),
            PayloadKind::Proposal
            | PayloadKind::Plan
            | PayloadKind::Answer
            | PayloadKind::Inverse => 0,
        };
        self.payload.execute(params![
            payload.call.to_string(),
            payload.kind.word(),
            version,
            payload.run.to_string(),
            payload.tenant.as_str(),
            payload.sealed.nonce.as_slice(),
            payload.sealed.bytes.as_slice(),
        ])?;
        Ok(())
    }

    /// Whether a key of this scope was ever made.
    pub(crate) fn has_key(&mut self, scope: &str) -> Result<bool, Error> {
        Ok(self.has_key.exists([scope])?)
    }

    /// Writes a wrapped key.
    pub(crate) fn key(&mut self, key: &WrappedKey) -> Result<(), Error> {
        let tenant = key.tenant.as_ref().map(domain::Name::as_str);
        self.key.execute(params![key.scope, tenant, key.wrapped])?;
        Ok(())
    }

    /// Writes a policy's or contract set's text, once for each version.
    pub(crate) fn source(&mut self, source: &SourceText) -> Result<(), Error> {
        self.source.execute(params![source.version.to_string(), source.text])?;
        Ok(())
    }

    /// Writes a signed head of the chain with this number.
    pub(crate) fn head(&mut self, number: i64, signed_head: &SignedHead) -> Result<(), Error> {
        let head = &signed_head.head;
        self.head.execute(params![
            signed(head.position),
            number,
            signed(head.seq),
            signed_head.note
        ])?;
        Ok(())
    }
}

/// The highest moment of the entries at the end of the journal. Entries are at most
/// `limits::CLOCK_BACK_MAX` behind the highest before them, so looking at the last few is enough.
pub(crate) fn latest(connection: &Connection) -> Result<Timestamp, Error> {
    let sql = "SELECT max(at_ms) FROM
        (SELECT at_ms FROM entries ORDER BY position DESC LIMIT 1024)";
    let found: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(Timestamp::from_millis(unsigned(found.unwrap_or(0))))
}
