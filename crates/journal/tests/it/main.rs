//! The journal on real SQLite files: what is promised when it works, when it fails and when it was altered.
//! `support` makes a store in a scratch directory, `story` writes a run into it as the gate does.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

extern crate checkrein_journal as journal;

mod browsing;
mod commits;
mod exports;
mod failures;
mod listing;
mod opening;
mod pins;
mod stored;
mod story;
mod support;
mod tampering;
