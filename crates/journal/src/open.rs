//! Opens a store: lock, key, settings, a look at its health, and a new chain.
//!
//! ```text
//! lock -> settings -> master key -> make or check -> health -> projections' form -> seal the dead, begin
//! ```
//! The chain of the process before is sealed by the first entries of the new one, and its end is signed, so that
//! every chain ends in a signed head. Nothing is repaired: what is not as it was written is an error.

use std::fs::File;
use std::path::PathBuf;

use domain::{Digest, Entry, Event, Timestamp, WriterId, limits};
use rusqlite::{Connection, OptionalExtension as _};
use uuid::Uuid;

use crate::chain::{self, ChainHead};
use crate::error::Error;
use crate::keys::signing::{Head, Signer};
use crate::keys::{SIGNING_SCOPE, Secret, master, ring};
use crate::lock::Lock;
use crate::options::Options;
use crate::prepare::PreparedEntry;
use crate::stored::{EventBytes, Record};
use crate::writer::append::{self, Append, signed, unsigned};
use crate::writer::projections::Projections;
use crate::{rebuild, schema};

/// An open store, before its threads run.
pub(crate) struct Opened {
    pub(crate) lock: Lock,
    pub(crate) connection: Connection,
    pub(crate) master: Secret,
    pub(crate) signer: Signer,
    pub(crate) chain: ChainHead,
}

/// The file of the store.
pub(crate) fn file(options: &Options) -> PathBuf {
    options.data_dir.join(schema::FILE)
}

/// Opens the store, or makes it.
pub(crate) fn open(options: &Options) -> Result<Opened, Error> {
    schema::check_version()?;
    let lock = Lock::take(&options.data_dir)?;
    master::outside(&options.master_key_file, &options.data_dir)?;
    let connection = schema::writer(&file(options), options.synchronous)?;
    let master = if schema::is_made(&connection)? {
        checked_key(&connection, options)?
    } else {
        let master = master::read_or_make(&options.master_key_file)?;
        transaction(&connection, || make(&connection, &master))?;
        sync_directories(options)?;
        master
    };
    let signer = signer(&connection, &master)?;
    check_health(&connection, options)?;
    adopt_projections(&connection)?;
    let chain = transaction(&connection, || begin(&connection, options, &signer))?;
    Ok(Opened { lock, connection, master, signer, chain })
}

/// The master key of a store that exists.
pub(crate) fn checked_key(connection: &Connection, options: &Options) -> Result<Secret, Error> {
    let format = schema::meta(connection, "format")?.unwrap_or_default();
    if format != schema::FORMAT {
        return Err(Error::Format(format));
    }
    let master = master::read(&options.master_key_file)?;
    let check = schema::meta(connection, "key_check")?.unwrap_or_default();
    if check == master.check_value().to_string() {
        Ok(master)
    } else {
        Err(Error::KeyFileWrong(options.master_key_file.clone()))
    }
}

/// The key that signs heads.
pub(crate) fn signer(connection: &Connection, master: &Secret) -> Result<Signer, Error> {
    let missing = || Error::Corrupted("the signing key is missing".to_owned());
    let seed = ring::under_master(connection, master, SIGNING_SCOPE)?.ok_or_else(missing)?;
    let name = schema::meta(connection, "origin")?.ok_or_else(missing)?;
    Signer::new(&seed, &name)
}

fn make(connection: &Connection, master: &Secret) -> Result<(), Error> {
    schema::make(connection)?;
    schema::make_projections(connection)?;
    let seed = Secret::fresh()?;
    let key = ring::wrap_under_master(master, SIGNING_SCOPE, &seed)?;
    let sql = "INSERT INTO wrapped_keys (scope, wrapped) VALUES (?1, ?2)";
    connection.execute(sql, rusqlite::params![key.scope, key.wrapped])?;
    let origin = format!("checkrein.journal/{}", Uuid::now_v7().simple());
    let public = Signer::new(&seed, &origin)?.public().text();
    for (name, value) in [
        ("format", schema::FORMAT),
        ("origin", &origin),
        ("public_key", &public),
        ("key_check", &master.check_value().to_string()),
        ("projections", &schema::projections_digest().to_string()),
    ] {
        schema::set_meta(connection, name, value)?;
    }
    Ok(())
}

/// The names of a new store's directory and files must survive a power loss like its contents.
fn sync_directories(options: &Options) -> Result<(), Error> {
    let parent = options.data_dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    for directory in [Some(options.data_dir.as_path()), parent].into_iter().flatten() {
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(|error| Error::file(directory, error))?;
    }
    Ok(())
}

/// Projections in another form than this program's are made again from the entries.
fn adopt_projections(connection: &Connection) -> Result<(), Error> {
    let form = schema::projections_digest().to_string();
    if schema::meta(connection, "projections")?.as_ref() == Some(&form) {
        return Ok(());
    }
    transaction(connection, || {
        schema::make_projections(connection)?;
        rebuild::fold(connection, &mut Projections::new(connection))?;
        schema::set_meta(connection, "projections", &form)
    })
}

/// The structure of a small store, and the last entries of any.
fn check_health(connection: &Connection, options: &Options) -> Result<(), Error> {
    let length = std::fs::metadata(file(options)).map_or(0, |found| found.len());
    if length <= limits::STORE_CHECKED_AT_OPEN_BYTES_MAX {
        let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if said != "ok" {
            return Err(Error::Corrupted(said));
        }
    }
    let sql = "SELECT position, hash, body FROM entries ORDER BY position DESC LIMIT ?1";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([signed(limits::ENTRIES_CHECKED_AT_OPEN_MAX)])?;
    while let Some(row) = rows.next()? {
        let position = unsigned(row.get(0)?);
        let hash: [u8; 32] = row.get(1)?;
        check_entry(position, Digest::new(hash), row.get_ref(2)?.as_bytes().unwrap_or_default())?;
    }
    Ok(())
}

fn check_entry(position: u64, hash: Digest, body: &[u8]) -> Result<(), Error> {
    let wrong = |why: String| Error::Corrupted(format!("entry at {position}: {why}"));
    let record = Record::read(body).map_err(|error| wrong(error.to_string()))?;
    if chain::hash(record.prev, chain::digest(body)) == hash {
        Ok(())
    } else {
        Err(wrong("it is not what its hash was made of".to_owned()))
    }
}

/// Begins a chain and seals the one before.
fn begin(connection: &Connection, options: &Options, signer: &Signer) -> Result<ChainHead, Error> {
    let now = (options.clock)();
    let behind = append::latest(connection)?.since(now);
    if behind > limits::CLOCK_BACK_MAX {
        let millis = u64::try_from(behind.as_millis()).unwrap_or(u64::MAX);
        return Err(Error::ClockWentBack(millis));
    }
    let last = last(connection)?;
    let writer = options.writer.unwrap_or_else(|| WriterId::new(Uuid::now_v7()));
    let chain = ChainHead {
        number: last.map_or(0, |last| last.number) + 1,
        writer,
        seq: 0,
        hash: Digest::default(),
        position: last.map_or(0, |last| last.position),
    };
    let sql = "INSERT INTO chains (number, writer, first) VALUES (?1, ?2, ?3)";
    let first = signed(chain.position + 1);
    connection.execute(sql, rusqlite::params![chain.number, writer.to_string(), first])?;
    let mut append = Append::new(connection, chain)?;
    let opened = Event::WriterOpened { writer, program: options.program.clone() };
    append.entry(&prepared(now, opened)?)?;
    if let Some(dead) = last {
        let sealed = Event::WriterSealed { writer: dead.writer, seq: dead.seq, hash: dead.hash };
        append.entry(&prepared(now, sealed)?)?;
        append.head(dead.number, &signer.sign(head(&dead, now)))?;
    }
    let chain = append.chain;
    append.head(chain.number, &signer.sign(head(&chain, now)))?;
    Ok(chain)
}

fn head(chain: &ChainHead, at: Timestamp) -> Head {
    let ChainHead { writer, seq, hash, position, .. } = *chain;
    Head { origin: String::new(), position, writer, seq, hash, at }
}

fn prepared(at: Timestamp, event: Event) -> Result<PreparedEntry, Error> {
    let bytes = EventBytes::of(&event).map_err(|error| Error::Corrupted(error.to_string()))?;
    let entry = Entry { at, tenant: None, run: None, call: None, event };
    let rows = gate::projection::rows(&entry);
    Ok(PreparedEntry { entry, bytes, rows })
}

/// Where the last chain ends; none in a new store.
fn last(connection: &Connection) -> Result<Option<ChainHead>, Error> {
    let sql = "SELECT chain, writer, seq, hash, position FROM entries
        JOIN chains ON chains.number = entries.chain ORDER BY position DESC LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| {
        let writer: String = row.get(1)?;
        let hash: [u8; 32] = row.get(3)?;
        Ok((row.get(0)?, writer, unsigned(row.get(2)?), hash, unsigned(row.get(4)?)))
    };
    let Some((number, writer, seq, hash, position)) =
        connection.query_row(sql, [], row).optional()?
    else {
        return Ok(None);
    };
    let writer =
        writer.parse().map_err(|_| Error::Corrupted(format!("the name of chain {number}")))?;
    Ok(Some(ChainHead { number, writer, seq, hash: Digest::new(hash), position }))
}

/// All of it or nothing. The connection is of no use after a failure.
fn transaction<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let value = work()?;
    connection.execute_batch("COMMIT")?;
    Ok(value)
}
