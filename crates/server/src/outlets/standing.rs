//! How an outlet stands now: what doctors, metrics and people ask. Kept in memory; what it told and gave up is in the journal.
//!
//! In: how each try came out. Out: whether it is well, and since when not. Nothing here decides on another try.

use std::sync::{Mutex, PoisonError};

use domain::Timestamp;

/// How one outlet stands.
#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<Now>);

/// What is known of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Now {
    /// What went wrong last, if nothing went well since.
    pub(crate) trouble: Option<String>,
    /// Since when.
    pub(crate) since: Option<Timestamp>,
    /// Tries that did not work since.
    pub(crate) tries: u64,
    /// When it is tried again.
    pub(crate) again_at: Option<Timestamp>,
    /// How far in the journal it is.
    pub(crate) position: u64,
    /// How its own connection stands, where it has one.
    pub(crate) connection: Option<String>,
}

impl Standing {
    pub(crate) fn now(&self) -> Now {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn well(&self) {
        self.change(|now| {
            (now.trouble, now.since, now.tries, now.again_at) = (None, None, 0, None);
        });
    }

    pub(crate) fn troubled(&self, trouble: String, (at, again_at): (Timestamp, Timestamp)) {
        self.change(|now| {
            now.trouble = Some(trouble);
            now.since.get_or_insert(at);
            now.tries = now.tries.saturating_add(1);
            now.again_at = Some(again_at);
        });
    }

    pub(crate) fn at(&self, position: u64) {
        self.change(|now| now.position = position);
    }

    pub(crate) fn connection(&self, word: impl Into<String>) {
        self.change(|now| now.connection = Some(word.into()));
    }
}
