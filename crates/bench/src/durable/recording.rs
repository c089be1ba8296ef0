//! A journal that keeps a copy of every commit while it is told to, and otherwise is the one inside.
//! What was kept is replayed later without the gate. Off, it costs one look at a flag per commit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use domain::{CallId, Digest, PayloadKind};
use gate::{Commit, CommitError, Journal, KeyScope, Query, Receipt, Record, StoreError, Table};

/// A journal that may be recorded.
#[derive(Debug)]
pub(super) struct Recording<J> {
    inner: J,
    records: AtomicBool,
    kept: Mutex<Vec<Commit>>,
}

impl<J> Recording<J> {
    /// Keeps nothing: the journal as it is.
    pub(super) const fn off(inner: J) -> Self {
        Self { inner, records: AtomicBool::new(false), kept: Mutex::new(Vec::new()) }
    }

    /// Keeps everything from now on.
    pub(super) const fn on(inner: J) -> Self {
        Self { inner, records: AtomicBool::new(true), kept: Mutex::new(Vec::new()) }
    }

    /// The journal inside.
    pub(super) const fn inner(&self) -> &J {
        &self.inner
    }

    /// What was kept since the last time, in the order in which it came.
    pub(super) fn take(&self) -> Vec<Commit> {
        std::mem::take(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<J: Journal> Journal for Recording<J> {
    async fn commit(&self, commit: Commit) -> Result<Receipt, CommitError> {
        if self.records.load(Ordering::Relaxed) {
            let copy = commit.clone();
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(copy);
        }
        self.inner.commit(commit).await
    }

    async fn read(&self, table: Table, key: &str) -> Result<Option<Record>, StoreError> {
        self.inner.read(table, key).await
    }

    async fn select(&self, query: Query) -> Result<Vec<Record>, StoreError> {
        self.inner.select(query).await
    }

    async fn payload(
        &self,
        call: CallId,
        kind: PayloadKind,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.payload(call, kind).await
    }

    fn keyed(&self, scope: KeyScope<'_>, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.inner.keyed(scope, bytes)
    }

    fn takes_permits(&self) -> bool {
        self.inner.takes_permits()
    }
}
