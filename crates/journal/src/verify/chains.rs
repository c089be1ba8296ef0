//! Every entry in its order: numbers without gaps, hashes, links, seals, moments, lives.
//! Reads the table in slices and remembers of each call only its last hash and where it stands.

use std::collections::HashMap;

use domain::{CallId, Digest, Event, Timestamp, WriterId, limits};
use rusqlite::{Connection, Row};

use super::{Finding, Halt, Lives, Verification};
use crate::chain;
use crate::error::Error;
use crate::stored::{EventBytes, Record};
use crate::writer::append::{signed, unsigned};

/// Entries that are read at once.
const SLICE: i64 = 500;

/// An entry as it stands in the table.
struct Raw {
    position: u64,
    chain: i64,
    seq: u64,
    at_ms: u64,
    tenant: Option<String>,
    run: Option<String>,
    call: Option<String>,
    kind: String,
    hash: Vec<u8>,
    body: Vec<u8>,
}

/// Where the walk stands.
#[derive(Default)]
struct Walk {
    chains: HashMap<i64, (WriterId, u64)>,
    position: u64,
    /// Number, writer, entries and last hash of the chain being walked.
    chain: Option<(i64, WriterId, u64, Digest)>,
    /// The chain before, until it is sealed.
    unsealed: Option<(WriterId, u64, Digest)>,
    latest: Timestamp,
    calls: HashMap<CallId, Digest>,
    lives: Lives,
}

/// Walks over all entries.
pub(super) fn walk(connection: &Connection, found: &mut Verification) -> Result<(), Halt> {
    let mut walk = Walk { chains: chains(connection)?, ..Walk::default() };
    loop {
        let slice = slice(connection, walk.position)?;
        if slice.is_empty() {
            break;
        }
        for raw in slice {
            walk.entry(&raw, found)?;
            found.entries = walk.position;
        }
    }
    if found.chains != walk.chains.len() as u64 {
        let (here, listed) = (found.chains, walk.chains.len());
        return Err(Finding::of(format!("{listed} chains are listed and {here} are here")).into());
    }
    Ok(())
}

fn chains(connection: &Connection) -> Result<HashMap<i64, (WriterId, u64)>, Halt> {
    let mut statement = connection.prepare("SELECT number, writer, first FROM chains")?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, unsigned(row.get(2)?))))?;
    let mut chains = HashMap::new();
    for row in rows {
        let (number, writer, first): (i64, String, u64) = row?;
        let wrong = || Finding::of(format!("chain {number} has a writer that is no writer"));
        chains.insert(number, (writer.parse().map_err(|_| wrong())?, first));
    }
    Ok(chains)
}

fn slice(connection: &Connection, after: u64) -> Result<Vec<Raw>, Error> {
    let sql = "SELECT position, chain, seq, at_ms, tenant, run, call, kind, hash, body FROM entries
        WHERE position > ?1 ORDER BY position LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([signed(after), SLICE], raw)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        position: unsigned(row.get(0)?),
        chain: row.get(1)?,
        seq: unsigned(row.get(2)?),
        at_ms: unsigned(row.get(3)?),
        tenant: row.get(4)?,
        run: row.get(5)?,
        call: row.get(6)?,
        kind: row.get(7)?,
        hash: row.get(8)?,
        body: row.get(9)?,
    })
}

impl Walk {
    fn entry(&mut self, raw: &Raw, found: &mut Verification) -> Result<(), Halt> {
        if raw.position != self.position + 1 {
            let position = self.position + 1;
            let finding = Finding { position: Some(position), ..self.at() };
            return Err(Finding { what: "it is missing".to_owned(), ..finding }.into());
        }
        let (number, writer, seq, prev) = self.chain_of(raw, found)?;
        let wrong = |what: String| Finding {
            position: Some(raw.position),
            writer: Some(writer),
            seq: Some(seq + 1),
            what,
        };
        let record = Record::read(&raw.body).map_err(|error| wrong(error.to_string()))?;
        let hash = chain::hash(prev, chain::digest(&raw.body));
        if raw.hash != hash.bytes() {
            return Err(wrong("it is not what its hash was made of".to_owned()).into());
        }
        let place = record.writer == writer && record.seq == seq + 1 && record.prev == prev;
        if !place || raw.seq != seq + 1 {
            return Err(wrong("it belongs to another place".to_owned()).into());
        }
        self.contents(raw, &record).map_err(wrong)?;
        if let Some(call) = record.entry.call {
            self.calls.insert(call, hash);
        }
        self.chain = Some((number, writer, seq + 1, hash));
        self.position = raw.position;
        Ok(())
    }

    /// Where the walk stands, for a finding about the next entry.
    fn at(&self) -> Finding {
        let (writer, seq) = match self.chain {
            Some((_, writer, seq, _)) => (Some(writer), Some(seq + 1)),
            None => (None, None),
        };
        Finding { writer, seq, ..Finding::default() }
    }

    /// The chain that an entry continues: the current one, or the next.
    fn chain_of(
        &mut self,
        raw: &Raw,
        found: &mut Verification,
    ) -> Result<(i64, WriterId, u64, Digest), Halt> {
        if let Some(current) = self.chain.filter(|(number, ..)| *number == raw.chain) {
            return Ok(current);
        }
        let at = |what: &str| Finding {
            position: Some(raw.position),
            what: what.to_owned(),
            ..Finding::default()
        };
        let next = self.chain.map_or(1, |(number, ..)| number + 1);
        let listed = self.chains.get(&raw.chain).copied();
        let Some((writer, first)) = listed.filter(|_| raw.chain == next) else {
            return Err(at("it belongs to a chain that is not the next").into());
        };
        if first != raw.position {
            return Err(at("its chain is listed to begin elsewhere").into());
        }
        if self.unsealed.is_some() {
            return Err(at("a chain begins although the one before is not sealed").into());
        }
        self.unsealed = self.chain.map(|(_, writer, seq, hash)| (writer, seq, hash));
        found.chains += 1;
        Ok((raw.chain, writer, 0, Digest::default()))
    }

    /// What an entry says, apart from its place.
    fn contents(&mut self, raw: &Raw, record: &Record) -> Result<(), String> {
        let entry = &record.entry;
        let kind = EventBytes::of(&entry.event).map_err(|error| error.to_string())?;
        let columns = raw.at_ms == entry.at.millis()
            && raw.tenant.as_deref() == entry.tenant.as_ref().map(domain::Name::as_str)
            && raw.run == entry.run.map(|run| run.to_string())
            && raw.call == entry.call.map(|call| call.to_string())
            && raw.kind == kind.kind();
        if !columns {
            return Err("the columns that it is found by are not its own".to_owned());
        }
        let before = entry.call.and_then(|call| self.calls.get(&call)).copied();
        if record.call_prev != before {
            return Err("the entry before it of the same call is another".to_owned());
        }
        if self.latest.since(entry.at) > limits::CLOCK_BACK_MAX {
            return Err("it is older than the entries before it".to_owned());
        }
        self.latest = self.latest.max(entry.at);
        self.seals(record)?;
        self.lives.entry(entry)
    }

    /// A chain begins with its own opening and seals the chain before it right after.
    fn seals(&mut self, record: &Record) -> Result<(), String> {
        let opens = matches!(
            &record.entry.event,
            Event::WriterOpened { writer, .. } if *writer == record.writer
        );
        if opens != (record.seq == 1) {
            return Err("a chain begins with its opening and has no other".to_owned());
        }
        match (&record.entry.event, self.unsealed) {
            (Event::WriterSealed { writer, seq, hash }, Some(dead)) => {
                self.unsealed = None;
                if (*writer, *seq, *hash) == dead {
                    return Ok(());
                }
                let (writer, seq, _) = dead;
                Err(format!("it seals another end than the chain of {writer} has, {seq}"))
            }
            (Event::WriterSealed { .. }, None) => Err("it seals nothing".to_owned()),
            (_, Some(_)) if record.seq > 1 => {
                Err("the chain before was not sealed first".to_owned())
            }
            (_, Some(_) | None) => Ok(()),
        }
    }
}
