//! Entries as people and the API read them: by run, call, kind, moment and text, in pages.
//!
//! A page looks at a bounded number of entries. If it found too little by then it says where to go on, so an
//! empty page with `next` is not the end. Search covers entries, never payloads.

use std::time::Duration;

use domain::{CallId, Digest, Name, RunId, Timestamp, limits};
use gate::Direction;
use regex::bytes::{Regex, RegexBuilder};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::error::Error;
use crate::sqlite::Sqlite;
use crate::stored::Record;
use crate::writer::append::{signed, unsigned};

/// Which entries. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of this tenant.
    pub tenant: Option<Name>,
    /// Of this run.
    pub run: Option<RunId>,
    /// Of this call.
    pub call: Option<CallId>,
    /// Of this kind, such as `call_held`.
    pub kind: Option<String>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// With this text in their stored form; ASCII letters match in either case.
    pub text: Option<String>,
}

/// Which part of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryPage {
    /// Behind this position, in the page's direction.
    pub after: Option<u64>,
    /// Oldest or newest first.
    pub direction: Direction,
    /// Entries at most, up to `limits::PAGE_ROWS_MAX`.
    pub limit: usize,
}

/// An entry with its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// Its place among all entries, from 1.
    pub position: u64,
    /// Its hash.
    pub hash: Digest,
    /// Its kind, such as `call_held`.
    pub kind: String,
    /// What it says.
    pub record: Record,
    /// Its canonical bytes, which the hash covers.
    pub body: String,
}

/// A page of entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries {
    /// The entries, in the page's direction.
    pub entries: Vec<StoredEntry>,
    /// What `after` must be for the next page; none at the end.
    pub next: Option<u64>,
}

impl Sqlite {
    /// A page of entries.
    pub async fn entries(&self, filter: EntryFilter, page: EntryPage) -> Result<Entries, Error> {
        self.blocking(move |shared| {
            shared.readers.with(|connection| entries(connection, &filter, page))
        })
        .await
    }

    /// One entry by its position.
    pub async fn entry(&self, position: u64) -> Result<Option<StoredEntry>, Error> {
        self.blocking(move |shared| {
            shared.readers.with(|connection| {
                let sql = "SELECT position, hash, kind, body FROM entries WHERE position = ?1";
                let mut statement = connection.prepare_cached(sql)?;
                let found = statement.query_row([signed(position)], raw).optional()?;
                found.map(stored).transpose()
            })
        })
        .await
    }
}

/// Positions that a page may look at, both ends included.
struct Window {
    first: u64,
    last: u64,
}

/// A page of entries out of one connection.
pub(crate) fn entries(
    connection: &Connection,
    filter: &EntryFilter,
    page: EntryPage,
) -> Result<Entries, Error> {
    let limit = page.limit.clamp(1, limits::PAGE_ROWS_MAX);
    let whole = whole(connection, filter, page)?;
    let window = if filter.run.is_some() || filter.call.is_some() {
        Window { ..whole }
    } else {
        cut(&whole, page.direction)
    };
    if window.first > window.last {
        return Ok(Entries { entries: Vec::new(), next: None });
    }
    let (sql, values) = question(filter, &window, page.direction);
    let needle = filter.text.as_deref().map(Needle::new).transpose()?;
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut entries = Vec::new();
    while entries.len() < limit
        && let Some(row) = rows.next()?
    {
        // Judged where it lies: a copy of each body in lower case took ten times as long.
        if needle.as_ref().map_or(Ok(true), |needle| needle.is_in(row))? {
            entries.push(stored(raw(row)?)?);
        }
    }
    let next = if entries.len() == limit {
        entries.last().map(|last| last.position)
    } else {
        rest(&whole, &window, page.direction)
    };
    Ok(Entries { entries, next })
}

/// The positions that a listing goes over, from what is known of moments.
fn whole(connection: &Connection, filter: &EntryFilter, page: EntryPage) -> Result<Window, Error> {
    let end: Option<i64> =
        connection.query_row("SELECT max(position) FROM entries", [], |row| row.get(0))?;
    let end = unsigned(end.unwrap_or(0));
    let mut window = Window { first: 1, last: end };
    if let Some(from) = filter.from {
        window.first = not_before(connection, from, end)?;
    }
    if let Some(until) = filter.until {
        // Entries behind this one are all later than `until`.
        window.last = not_before(connection, until.plus(2 * SLACK), end)?.min(end);
    }
    match (page.after, page.direction) {
        (Some(after), Direction::Ascending) => window.first = window.first.max(after + 1),
        (Some(after), Direction::Descending) => {
            window.last = window.last.min(after.saturating_sub(1));
        }
        (None, Direction::Ascending | Direction::Descending) => {}
    }
    Ok(window)
}

/// INVARIANT (clock): an entry is at most this much older than any before it.
const SLACK: Duration = limits::CLOCK_BACK_MAX;

/// A position before which every entry is older than `moment`; at most one behind the end.
pub(crate) fn not_before(
    connection: &Connection,
    moment: Timestamp,
    end: u64,
) -> Result<u64, Error> {
    let slack = u64::try_from(SLACK.as_millis()).unwrap_or(u64::MAX);
    let border = signed(moment.millis().saturating_sub(slack));
    let mut statement =
        connection.prepare_cached("SELECT at_ms FROM entries WHERE position = ?1")?;
    let (mut low, mut high) = (1, end + 1);
    while low < high {
        let middle = low.midpoint(high);
        let at: Option<i64> = statement.query_row([signed(middle)], |row| row.get(0)).optional()?;
        // Wherever the search ends, the entry before it was older by more than the slack.
        if at.is_some_and(|at| at < border) { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

fn cut(whole: &Window, direction: Direction) -> Window {
    let span = limits::ENTRIES_SCANNED_MAX - 1;
    match direction {
        Direction::Ascending => {
            Window { first: whole.first, last: whole.last.min(whole.first + span) }
        }
        Direction::Descending => {
            Window { first: whole.first.max(whole.last.saturating_sub(span)), last: whole.last }
        }
    }
}

fn rest(whole: &Window, window: &Window, direction: Direction) -> Option<u64> {
    match direction {
        Direction::Ascending => (window.last < whole.last).then_some(window.last),
        Direction::Descending => (window.first > whole.first).then_some(window.first),
    }
}

fn question(filter: &EntryFilter, window: &Window, direction: Direction) -> (String, Vec<Value>) {
    let mut values =
        vec![Value::Integer(signed(window.first)), Value::Integer(signed(window.last))];
    let mut wheres = vec!["position BETWEEN ?1 AND ?2".to_owned()];
    let mut also = |sql: &str, value: Value| {
        values.push(value);
        wheres.push(format!("{sql} ?{}", values.len()));
    };
    let text = |text: &dyn ToString| Value::Text(text.to_string());
    filter.call.iter().for_each(|call| also("call =", text(call)));
    filter.run.iter().for_each(|run| also("run =", text(run)));
    filter.tenant.iter().for_each(|tenant| also("tenant =", text(tenant)));
    filter.kind.iter().for_each(|kind| also("kind =", text(kind)));
    filter.from.iter().for_each(|from| also("at_ms >=", Value::Integer(signed(from.millis()))));
    filter.until.iter().for_each(|until| also("at_ms <", Value::Integer(signed(until.millis()))));
    let index = match (filter.call, filter.run) {
        (Some(_), _) => " INDEXED BY entries_by_call",
        (None, Some(_)) => " INDEXED BY entries_by_run",
        (None, None) => "",
    };
    let order = match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    let wheres = wheres.join(" AND ");
    let sql = format!(
        "SELECT position, hash, kind, body FROM entries{index} WHERE {wheres} ORDER BY position {order}"
    );
    (sql, values)
}

/// A text that is looked for in bodies; ASCII letters match in either case.
struct Needle(Regex);

impl Needle {
    fn new(text: &str) -> Result<Self, Error> {
        let mut pattern = RegexBuilder::new(&regex::escape(&escaped(text)));
        // Letters beyond ASCII match as they are, as `matches` has it.
        let pattern = pattern.case_insensitive(true).unicode(false).size_limit(NEEDLE_BYTES_MAX);
        pattern.build().map(Self).map_err(|_| Error::Unknown(text.chars().take(80).collect()))
    }

    fn is_in(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        Ok(self.0.is_match(row.get_ref(3)?.as_bytes()?))
    }
}

/// What a text that is looked for may take, compiled: far beyond the longest query of a URL.
const NEEDLE_BYTES_MAX: usize = 16 << 20;

/// Whether a filter lets an entry through: what `question` and `Needle` ask the store.
pub(crate) fn matches(filter: &EntryFilter, stored: &StoredEntry) -> bool {
    let entry = &stored.record.entry;
    let same = |wanted: bool, is: bool| !wanted || is;
    same(filter.tenant.is_some(), filter.tenant == entry.tenant)
        && same(filter.run.is_some(), filter.run == entry.run)
        && same(filter.call.is_some(), filter.call == entry.call)
        && filter.kind.as_ref().is_none_or(|kind| *kind == stored.kind)
        && filter.from.is_none_or(|from| entry.at >= from)
        && filter.until.is_none_or(|until| entry.at < until)
        && filter
            .text
            .as_ref()
            .is_none_or(|text| stored.body.to_ascii_lowercase().contains(&escaped(text)))
}

/// A text as it stands in a body: escaped as JSON, lower-case.
fn escaped(needle: &str) -> String {
    let quoted = serde_json::to_string(&needle.to_ascii_lowercase()).unwrap_or_default();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

type Raw = (u64, [u8; 32], String, Vec<u8>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((unsigned(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?))
}

/// Checks an entry after it was read.
fn stored((position, hash, kind, body): Raw) -> Result<StoredEntry, Error> {
    let wrong = |why: String| Error::Corrupted(format!("entry at {position}: {why}"));
    let record = Record::read(&body).map_err(|error| wrong(error.to_string()))?;
    let body = String::from_utf8(body).map_err(|error| wrong(error.to_string()))?;
    Ok(StoredEntry { position, hash: Digest::new(hash), kind, record, body })
}
