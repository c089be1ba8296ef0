//! A simulated world for the gate: seeded clock, faulty journal, scripted tools, and an auditor.
//!
//! ```text
//! seed -> scenario: actors -> gate -> SimJournal, scripted tools -> auditor -> violations, coverage, story
//! ```
//! One thread polls everything in an order that the seed gives, and crashes the gate after the k-th poll; the
//! same seed gives the same story. `sim --seeds N`, `sim --seed S`, `sim --faults`. Tests: `tests/it`.

pub mod auditor;
pub mod campaign;
pub mod coverage;
pub mod executor;
pub mod fault;
pub mod journal;
pub mod random;
pub mod rules;
pub mod scenario;
pub mod world;

mod actors;
mod outside;
mod tools;

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Entry;
use gate::{Commit, Urgency};

/// Locks. There is one thread; a lock is never contended.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A commit of entries alone.
pub(crate) fn commit_of(entries: Vec<Entry>, urgency: Urgency) -> Commit {
    Commit { guards: Vec::new(), entries, payloads: Vec::new(), sources: Vec::new(), urgency }
}
