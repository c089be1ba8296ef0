//! What was tried through the proxy, each destination with each result once.
//!
//! In: contacts as they happen. Out: all of them in the order in which they happened first, up to a bound; what comes
//! after the bound must not be carried, so that nothing goes unrecorded.

use std::sync::{Mutex, PoisonError};

use crate::finished::Contact;
use crate::limits::CONTACTS_MAX;

#[derive(Debug, Default)]
pub(super) struct Contacts {
    // INVARIANT (each once): no two are equal. Held by `add`, the only one that writes.
    all: Mutex<Vec<Contact>>,
}

/// Whether a contact is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Recorded,
    Full,
}

impl Contacts {
    pub(super) fn add(&self, contact: Contact) -> Room {
        // A panic elsewhere leaves a list that is still true.
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.contains(&contact) {
            return Room::Recorded;
        }
        if all.len() >= CONTACTS_MAX {
            return Room::Full;
        }
        all.push(contact);
        Room::Recorded
    }

    pub(super) fn all(&self) -> Vec<Contact> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
