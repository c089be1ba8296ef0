//! The database: its tables and how connections to it are opened.
//!
//! The projections' tables are made from `gate::Table`, so that a column exists in one place only; the
//! journal's own tables stand below. `entries.position` counts all entries without gaps; an entry's number in
//! its chain is `position - chains.first + 1`. Durability rests on `writer`: WAL with
//! `synchronous=FULL`, read back, and checkpoints only when this crate asks for them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use domain::Digest;
use gate::{Kind, Table};
use rusqlite::{Connection, OpenFlags};

use crate::chain;
use crate::error::Error;
use crate::options::Synchronous;

/// The file of the store in its directory.
pub(crate) const FILE: &str = "journal.sqlite";
/// The version of everything below.
pub(crate) const FORMAT: &str = "1";
/// The first SQLite in which a reset of the WAL cannot corrupt the database, as a number.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// Withdrawn by its makers for that very bug.
const SQLITE_VERSION_WITHDRAWN: i32 = 3_052_000;
/// Tables up to this many columns are kept in the index itself; wide rows are better off outside of it.
const COLUMNS_IN_KEY_TREE_MAX: usize = 4;
/// How long a connection waits for another one of this process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const OWN_TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE chains (number INTEGER PRIMARY KEY, writer TEXT NOT NULL UNIQUE, first INTEGER NOT NULL);
CREATE TABLE entries (
    position INTEGER PRIMARY KEY, chain INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    tenant TEXT, run TEXT, call TEXT, kind TEXT NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL
);
CREATE INDEX entries_by_run ON entries (run) WHERE run IS NOT NULL;
CREATE INDEX entries_by_call ON entries (call) WHERE call IS NOT NULL;
CREATE TABLE payloads (
    call TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL, run TEXT NOT NULL,
    tenant TEXT NOT NULL, nonce BLOB, bytes BLOB, PRIMARY KEY (call, kind, version)
);
CREATE TABLE wrapped_keys (
    scope TEXT PRIMARY KEY NOT NULL, tenant TEXT, wrapped BLOB, erased_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE sources (version TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL);
CREATE TABLE heads (
    id INTEGER PRIMARY KEY, position INTEGER NOT NULL, chain INTEGER NOT NULL, seq INTEGER NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX heads_by_chain ON heads (chain, seq);
";

/// Refuses a SQLite that could corrupt the store.
pub(crate) fn check_version() -> Result<(), Error> {
    let number = rusqlite::version_number();
    if number < SQLITE_VERSION_MIN || number == SQLITE_VERSION_WITHDRAWN {
        return Err(Error::SqliteTooOld(rusqlite::version().to_owned()));
    }
    Ok(())
}

/// The connection that writes.
pub(crate) fn writer(path: &Path, synchronous: Synchronous) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let wanted = match synchronous {
        Synchronous::Full => "2",
        Synchronous::UnsafeNormalForTests => "1",
    };
    for (name, value) in [
        ("journal_mode", "wal"),
        ("synchronous", wanted),
        ("wal_autocheckpoint", "0"),
        ("secure_delete", "1"),
        ("trusted_schema", "0"),
        ("cell_size_check", "1"),
        ("cache_size", "-8192"),
    ] {
        set(&connection, name, value)?;
    }
    Ok(connection)
}

/// A connection that checkpoints and otherwise does nothing.
pub(crate) fn checkpointer(path: &Path, synchronous: Synchronous) -> Result<Connection, Error> {
    writer(path, synchronous)
}

/// A connection that reads.
pub(crate) fn reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    set(&connection, "query_only", "1")?;
    set(&connection, "trusted_schema", "0")?;
    set(&connection, "cache_size", "-1024")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Sets a pragma and reads it back: SQLite ignores what it does not take.
fn set(connection: &Connection, name: &'static str, value: &'static str) -> Result<(), Error> {
    connection.pragma_update(None, name, value)?;
    let found = connection.pragma_query_value(None, name, |row| {
        use rusqlite::types::ValueRef;
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => String::new(),
        })
    })?;
    if found == value { Ok(()) } else { Err(Error::Setting { name, found, expected: value }) }
}

/// Makes the journal's own tables. The projections are made by `make_projections`.
pub(crate) fn make(connection: &Connection) -> Result<(), Error> {
    Ok(connection.execute_batch(OWN_TABLES)?)
}

/// Makes the tables of all projections, empty; drops what was there.
pub(crate) fn make_projections(connection: &Connection) -> Result<(), Error> {
    for table in Table::ALL {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {}", table.name()))?;
    }
    Ok(connection.execute_batch(&projections())?)
}

/// Recognises the form of the projections: a store with another one is rebuilt when it is opened.
pub(crate) fn projections_digest() -> Digest {
    chain::digest(projections().as_bytes())
}

/// The statements that make the projections' tables.
fn projections() -> String {
    let mut sql = String::new();
    for table in Table::ALL {
        let name = table.name();
        let columns: Vec<String> = table.columns().iter().map(column).collect();
        let all = [vec!["key TEXT PRIMARY KEY NOT NULL".to_owned()], columns].concat().join(", ");
        let small = table.columns().len() <= COLUMNS_IN_KEY_TREE_MAX;
        let form = if small { " WITHOUT ROWID" } else { "" };
        // Writing to a string cannot fail.
        _ = writeln!(sql, "CREATE TABLE {name} ({all}){form};");
        for (number, index) in table.indexes().iter().enumerate() {
            let list = index.join(", ");
            _ = writeln!(sql, "CREATE INDEX {name}_{number} ON {name} ({list});");
        }
    }
    sql
}

fn column((name, kind): &(gate::Column, Kind)) -> String {
    match kind {
        Kind::Text => format!("{name} TEXT"),
        Kind::Integer => format!("{name} INTEGER"),
        Kind::Sum => format!("{name} INTEGER NOT NULL DEFAULT 0"),
    }
}

/// Reads a value of `meta`.
pub(crate) fn meta(connection: &Connection, name: &str) -> Result<Option<String>, Error> {
    use rusqlite::OptionalExtension as _;
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Writes a value of `meta`.
pub(crate) fn set_meta(connection: &Connection, name: &str, value: &str) -> Result<(), Error> {
    let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.execute(sql, [name, value])?;
    Ok(())
}

/// Whether a store was made here: the file may be there without it after a crash.
pub(crate) fn is_made(connection: &Connection) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(tables > 0)
}
