//! Numbers about the writer, for metrics and benches.
//! They are counted from the opening of the store and decide nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counted since the store was opened.
#[derive(Debug, Default)]
pub struct Counters {
    /// Transactions: with `synchronous=FULL` one sync each.
    pub transactions: AtomicU64,
    /// Entries written.
    pub entries: AtomicU64,
    /// Bytes in the write-ahead log when it was last looked at.
    pub log_bytes: AtomicU64,
    /// Checkpoints.
    pub checkpoints: AtomicU64,
}

impl Counters {
    pub(crate) fn add(&self, counter: &AtomicU64, by: u64) {
        counter.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, counter: &AtomicU64, to: u64) {
        counter.store(to, Ordering::Relaxed);
    }
}
