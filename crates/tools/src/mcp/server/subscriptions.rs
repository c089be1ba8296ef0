//! Resources that somebody subscribed to, counted, so that a new connection can be told of them.
//!
//! In: one more or one less for a URI. Out: whether it was the first or last, and the news of it. Bounded; who subscribed is
//! not known here. Tests: `tests/http/modern.rs`.

use std::collections::BTreeMap;

use domain::limits;
use tokio::sync::watch;

/// The subscriptions at one server.
#[derive(Debug)]
pub(in crate::mcp) struct Subscriptions(watch::Sender<BTreeMap<String, usize>>);

impl Default for Subscriptions {
    fn default() -> Self {
        Self(watch::Sender::new(BTreeMap::new()))
    }
}

impl Subscriptions {
    /// One more for this resource. Whether it is the first; none if there is no room.
    pub(in crate::mcp) fn add(&self, uri: &str) -> Option<bool> {
        let mut first = None;
        self.0.send_if_modified(|all| {
            if let Some(count) = all.get_mut(uri) {
                *count += 1;
                first = Some(false);
            } else if all.len() < limits::SERVER_SUBSCRIPTIONS_MAX {
                all.insert(uri.to_owned(), 1);
                first = Some(true);
            }
            first == Some(true)
        });
        first
    }

    /// One less. Whether it was the last.
    pub(in crate::mcp) fn remove(&self, uri: &str) -> bool {
        self.0.send_if_modified(|all| {
            let Some(count) = all.get_mut(uri) else { return false };
            *count -= 1;
            let last = *count == 0;
            if last {
                all.remove(uri);
            }
            last
        })
    }

    /// All of them, and the news when others come.
    pub(in crate::mcp) fn watch(&self) -> watch::Receiver<BTreeMap<String, usize>> {
        self.0.subscribe()
    }
}
