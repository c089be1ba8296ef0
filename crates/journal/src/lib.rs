//! The durable log, ledger and projections on SQLite.
//!
//! Commits of the gate go in; durable, chained entries with their projections and encrypted payloads stand
//! in one database, and come out as records, pages, exports and proofs. `Sqlite` is the handle; `verify` and
//! `export` need nothing but what they are given. The stored form is described in
//! `docs/guides/journal.md`. Left out on purpose: deciding anything. What may follow what is `domain`'s,
//! which rows an entry makes is `gate`'s.

mod bounded;
mod browse;
mod chain;
mod checkpoint;
mod counters;
mod error;
mod export;
mod keys;
mod life;
mod listing;
mod lock;
mod mask;
mod open;
mod options;
mod payloads;
mod prepare;
mod readers;
mod rebuild;
mod replay;
mod schema;
mod space;
mod sqlite;
mod stored;
mod tail;
mod verify;
mod writer;

pub use browse::{Browse, Browsed, Condition};
pub use counters::Counters;
pub use error::Error;
pub use export::verify_export;
pub use keys::master::token_key;
pub use keys::signing::{Head, NoteError, PublicKey, SignedHead};
pub use listing::{Entries, EntryFilter, EntryPage, StoredEntry};
pub use options::{Clock, Mask, Options, Synchronous};
pub use payloads::Found;
pub use replay::ReplayInput;
pub use sqlite::Sqlite;
pub use stored::{Record, RecordError, kind};
pub use tail::Tail;
pub use verify::{Finding, Verification, verify_directory};
