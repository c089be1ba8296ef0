//! What the gate keeps in memory: who is known, what is stopped, what is pinned, what is in work, what is leased.
//!
//! All of it is a cache of the journal or dies with the process without harm. Each piece has one owner here
//! and is asked through methods; no lock is held across an await.

pub(crate) mod asks;
pub(crate) mod directory;
pub(crate) mod live;
pub(crate) mod people;
pub(crate) mod pins;
pub(crate) mod purse;
pub(crate) mod receipts;
pub(crate) mod stops;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after another thread panicked: every state here is valid after each single change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
