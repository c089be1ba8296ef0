//! Whether everything is as it was written: chains, lives, heads, projections, payloads.
//!
//! ```text
//! entries in order -> hashes, numbers, links, seals, moments -> legal lives -> heads -> projections -> payloads
//! ```
//! Works on one snapshot and changes nothing. Ends at the first thing that is wrong and names it. What can be
//! claimed: an entry that was altered, removed from the middle, put in or moved is found; entries missing at the
//! end are found against a head that was kept elsewhere. Tests: `tests/it/tampering.rs`.

mod chains;
mod lives;
pub(crate) mod payloads;
mod projections;

use std::fmt;

use domain::WriterId;
use rusqlite::Connection;

use crate::error::Error;
use crate::keys::ring::Ring;
use crate::keys::signing::{Head, PublicKey, SignedHead};
use crate::lock::Lock;
use crate::open;
use crate::options::Options;
use crate::readers::Readers;
use crate::schema;
use crate::sqlite::{Shared, Sqlite};
use crate::writer::append::{signed, unsigned};

pub(crate) use lives::Lives;

/// The first thing that is not as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// The entry's place among all entries.
    pub position: Option<u64>,
    /// Its chain.
    pub writer: Option<WriterId>,
    /// Its number in the chain.
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl Finding {
    /// Something that is not about one entry.
    pub(crate) fn of(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.seq, self.writer) {
            (Some(seq), Some(writer)) => write!(out, "entry {seq} of {writer}")?,
            (Some(seq), None) => write!(out, "entry {seq}")?,
            (None, Some(writer)) => write!(out, "the chain of {writer}")?,
            (None, None) => out.write_str("the journal")?,
        }
        if let Some(position) = self.position {
            write!(out, " (position {position})")?;
        }
        write!(out, ": {}", self.what)
    }
}

/// What verification looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Entries that are as they were written.
    pub entries: u64,
    /// Chains that they stand in.
    pub chains: u64,
    /// Signed heads that fit.
    pub heads: u64,
    /// Payloads that open and are what their entries name.
    pub payloads: u64,
    /// Payloads that are erased, by themselves or with their run's key.
    pub erased: u64,
    /// The key that the heads are signed with, as `name+keyid+key`.
    pub public_key: Option<String>,
    /// The last signed head.
    pub head: Option<Head>,
    /// The first thing that is wrong; none if everything is right.
    pub finding: Option<Finding>,
}

impl Verification {
    /// Whether everything is as it was written.
    pub const fn is_good(&self) -> bool {
        self.finding.is_none()
    }
}

/// Why verification stopped: something is wrong, or it could not go on.
pub(crate) enum Halt {
    Found(Finding),
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<rusqlite::Error> for Halt {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Finding> for Halt {
    fn from(finding: Finding) -> Self {
        Self::Found(finding)
    }
}

/// What is verified.
struct Source<'a> {
    connection: Connection,
    readers: &'a Readers,
    ring: &'a Ring,
    public: &'a PublicKey,
}

impl Sqlite {
    /// Verifies the store, and against a signed head that was kept elsewhere, if one is given.
    pub async fn verify(&self, kept_head: Option<String>) -> Result<Verification, Error> {
        self.blocking(move |shared| {
            let Shared { readers, ring, public, .. } = shared;
            let source = Source { connection: readers.own()?, readers, ring, public };
            verify(&source, kept_head.as_deref())
        })
        .await
    }
}

/// Verifies the store of a data directory that no process uses, even one that would not open.
pub fn verify_directory(options: &Options, kept_head: Option<&str>) -> Result<Verification, Error> {
    schema::check_version()?;
    let path = open::file(options);
    if !path.exists() {
        return Err(Error::Unknown(path.display().to_string()));
    }
    let _lock = Lock::take(&options.data_dir)?;
    // What a killed process left in the log is part of the store, and reading it needs to write.
    let connection = schema::writer(&path, options.synchronous)?;
    if !schema::is_made(&connection)? {
        return Err(Error::Unknown(path.display().to_string()));
    }
    let master = open::checked_key(&connection, options)?;
    let signer = open::signer(&connection, &master)?;
    let (readers, ring) = (Readers::new(path), Ring::new(&master)?);
    let public = signer.public();
    verify(&Source { connection, readers: &readers, ring: &ring, public }, kept_head)
}

fn verify(source: &Source<'_>, kept_head: Option<&str>) -> Result<Verification, Error> {
    let public_key = Some(source.public.text());
    let mut found = Verification { public_key, ..Verification::default() };
    // One snapshot for everything: entries and projections must belong together.
    source.connection.execute_batch("BEGIN")?;
    let done = steps(source, kept_head, &mut found);
    source.connection.execute_batch("COMMIT")?;
    match done {
        Ok(()) => Ok(found),
        Err(Halt::Found(finding)) => {
            found.finding = Some(finding);
            Ok(found)
        }
        // A database that cannot be read through is a finding like any other.
        Err(Halt::Failed(error)) if error.code() == domain::Code::StoreCorrupted => {
            found.finding = Some(Finding::of(crate::error::store(&error).0));
            Ok(found)
        }
        Err(Halt::Failed(error)) => Err(error),
    }
}

fn steps(
    source: &Source<'_>,
    kept_head: Option<&str>,
    found: &mut Verification,
) -> Result<(), Halt> {
    chains::walk(&source.connection, found)?;
    heads(source, found)?;
    if let Some(note) = kept_head {
        let kept = source
            .public
            .read(note)
            .map_err(|error| Finding::of(format!("the head kept elsewhere: {error}")))?;
        check_head(source, &kept, found.entries)?;
    }
    projections::compare(&source.connection)?;
    payloads::check(source, found)
}

/// Every signed head of the store.
fn heads(source: &Source<'_>, found: &mut Verification) -> Result<(), Halt> {
    let mut statement = source.connection.prepare("SELECT note FROM heads ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let note: String = row.get(0)?;
        let head = source.public.read(&note).map_err(|error| Finding::of(error.to_string()))?;
        check_head(source, &head, found.entries)?;
        found.heads += 1;
        found.head = Some(head.head);
    }
    Ok(())
}

/// Whether the entry that a head names is there with the head's hash.
fn check_head(source: &Source<'_>, signed_head: &SignedHead, entries: u64) -> Result<(), Halt> {
    let head = &signed_head.head;
    let finding = |what: String| Finding {
        position: Some(head.position),
        writer: Some(head.writer),
        seq: Some(head.seq),
        what,
    };
    if head.position > entries {
        let missing = head.position - entries;
        let what =
            format!("it is missing, {missing} entries at the end are; a signed head names it");
        return Err(finding(what).into());
    }
    let sql = "SELECT hash, seq, writer FROM entries JOIN chains ON chains.number = chain
        WHERE position = ?1";
    let (hash, seq, writer): ([u8; 32], i64, String) =
        source.connection.query_row(sql, [signed(head.position)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let same = hash == *head.hash.bytes()
        && unsigned(seq) == head.seq
        && writer == head.writer.to_string();
    if same {
        return Ok(());
    }
    Err(finding("it is another one than the signed head names".to_owned()).into())
}
