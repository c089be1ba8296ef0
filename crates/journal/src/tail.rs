//! What subscribers are told of each durable entry: enough to decide whether to read it.
//!
//! The channel is bounded and keeps nobody waiting: a subscriber that falls behind by
//! `limits::SUBSCRIBER_QUEUE_MAX` gets `Lagged` and reads on from the journal, where nothing is lost.

use domain::{CallId, Entry, Name, RunId, Timestamp};

/// A durable entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// Its place among all entries, from 1: where `entries` goes on.
    pub position: u64,
    /// Its kind, such as `call_held`.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub tenant: Option<Name>,
    /// In which run.
    pub run: Option<RunId>,
    /// Of which call.
    pub call: Option<CallId>,
}

impl Tail {
    /// Of an entry at a position.
    pub(crate) fn of(entry: &Entry, kind: &str, position: u64) -> Self {
        Self {
            position,
            kind: kind.to_owned(),
            at: entry.at,
            tenant: entry.tenant.clone(),
            run: entry.run,
            call: entry.call,
        }
    }
}
