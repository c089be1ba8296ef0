//! Everything, or what a filter lets through, line by line (JSONL).
//!
//! ```text
//! {"journal":{"format":"checkrein-journal-1","public_key":…}}   once
//! {"start":{"hash":…,"seq":…,"writer":…}}                       where the first chain is entered in the middle
//! {"entry":{"hash":…,"position":…,"record":{…}}}                an entry
//! {"link":{"digest":…,"seq":…,"writer":…}}                      the digest of an entry that is left out
//! {"head":"…"}                                                  a signed head at the end of each chain
//! {"end":{"entries":…,"links":…}}                               once, so that a cut copy is noticed
//! ```

use std::io::Write;

use domain::{Timestamp, WriterId};
use gate::Direction;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::json;

use crate::chain;
use crate::error::Error;
use crate::listing::{EntryFilter, EntryPage, StoredEntry, entries, matches, not_before};
use crate::sqlite::{Shared, Sqlite};
use crate::writer::append::signed;

/// The form of the lines.
pub(super) const LINES_FORMAT: &str = "checkrein-journal-1";

impl Sqlite {
    /// Writes every entry that the filter lets through, with the proof of all. Gives their number.
    pub async fn export_lines<W: Write + Send + 'static>(
        &self,
        filter: EntryFilter,
        out: W,
    ) -> Result<u64, Error> {
        let end = self.head().await?.head.position;
        self.blocking(move |shared| {
            let connection = shared.readers.own()?;
            let lines = Lines { out, writer: None, entries: 0, links: 0 };
            lines.write(shared, &connection, (&filter, end))
        })
        .await
    }
}

struct Lines<W> {
    out: W,
    /// The chain of the line before.
    writer: Option<WriterId>,
    entries: u64,
    links: u64,
}

impl<W: Write> Lines<W> {
    fn write(
        mut self,
        shared: &Shared,
        connection: &Connection,
        (filter, end): (&EntryFilter, u64),
    ) -> Result<u64, Error> {
        let public = shared.public.text();
        self.line(&json!({ "journal": { "format": LINES_FORMAT, "public_key": public } }))?;
        let from = filter.from.unwrap_or(Timestamp::from_millis(0));
        let first = not_before(connection, from, end)?;
        let mut after = first - 1;
        while after < end {
            let limit = domain::limits::PAGE_ROWS_MAX;
            let page = EntryPage { after: Some(after), direction: Direction::Ascending, limit };
            let found = entries(connection, &EntryFilter::default(), page)?.entries;
            let Some(last) = found.last().map(|last| last.position) else { break };
            for entry in found.iter().take_while(|entry| entry.position <= end) {
                self.entry(connection, entry, filter)?;
            }
            after = last;
        }
        self.head(connection, end)?;
        self.line(&json!({ "end": { "entries": self.entries, "links": self.links } }))?;
        self.out.flush().map_err(Error::Export)?;
        Ok(self.entries)
    }

    fn entry(
        &mut self,
        connection: &Connection,
        entry: &StoredEntry,
        filter: &EntryFilter,
    ) -> Result<(), Error> {
        let record = &entry.record;
        let (writer, seq) = (record.writer.to_string(), record.seq);
        if self.writer != Some(record.writer) {
            if self.writer.is_some() {
                self.head(connection, entry.position - 1)?;
            } else if seq > 1 {
                let (hash, seq) = (record.prev.to_string(), seq - 1);
                self.line(&json!({ "start": { "hash": hash, "seq": seq, "writer": writer } }))?;
            }
            self.writer = Some(record.writer);
        }
        if matches(filter, entry) {
            self.entries += 1;
            let StoredEntry { position, hash, body, .. } = entry;
            let line = format!(
                "{{\"entry\":{{\"hash\":\"{hash}\",\"position\":{position},\"record\":{body}}}}}\n"
            );
            self.out.write_all(line.as_bytes()).map_err(Error::Export)
        } else {
            self.links += 1;
            let digest = chain::digest(entry.body.as_bytes()).to_string();
            self.line(&json!({ "link": { "digest": digest, "seq": seq, "writer": writer } }))
        }
    }

    /// The signed head of exactly this position: the end of its chain.
    fn head(&mut self, connection: &Connection, position: u64) -> Result<(), Error> {
        let sql = "SELECT note FROM heads JOIN entries ON entries.position = ?1
            WHERE heads.chain = entries.chain AND heads.seq = entries.seq LIMIT 1";
        let note: Option<String> =
            connection.query_row(sql, [signed(position)], |row| row.get(0)).optional()?;
        match note {
            Some(note) => self.line(&json!({ "head": note })),
            None => Err(Error::Corrupted(format!("no signed head ends the chain at {position}"))),
        }
    }

    fn line(&mut self, line: &serde_json::Value) -> Result<(), Error> {
        writeln!(self.out, "{line}").map_err(Error::Export)
    }
}
