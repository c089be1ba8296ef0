//! The calls that are under way at one endpoint, for what its stream beside the calls brings.
//!
//! A legacy server may ask on that stream while a call runs, and does not say for which: many do. With one call the question
//! can only be of it; with several it could reach the wrong client, and is refused. Tests: at the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::mcp::ask::Behalf;
use crate::mcp::listener::Listener;

/// Calls by the id of their request.
#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<HashMap<i64, Option<Arc<Listener>>>>);

/// A call under way. Dropped, it is over.
pub(super) struct Entry<'c> {
    calls: &'c Calls,
    id: i64,
}

impl Calls {
    /// Enters a request. What we ask ourselves is no call.
    pub(super) fn enter(&self, id: i64, behalf: &Behalf) -> Entry<'_> {
        match behalf {
            Behalf::Ours => {}
            Behalf::Call(listener) => drop(self.lock().insert(id, listener.clone())),
        }
        Entry { calls: self, id }
    }

    /// The client of the only call.
    pub(super) fn only(&self) -> Option<(i64, Arc<Listener>)> {
        let calls = self.lock();
        let mut all = calls.iter();
        let (id, listener) = all.next()?;
        let listener = listener.as_ref().filter(|_| all.next().is_none())?;
        Some((*id, Arc::clone(listener)))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Option<Arc<Listener>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use domain::CallId;
    use mcp::{Client, Conversations, Params, Revision};

    use super::*;
    use crate::mcp::listener::Questions;

    fn listener(conversations: &Conversations) -> (mcp::Line, Arc<Listener>) {
        let client = Client {
            revision: Revision::V2025November,
            capabilities: Params::new(),
            info: None,
            progress_token: None,
            log_level: None,
            trace: Vec::new(),
        };
        let call = CallId::new(uuid::Uuid::now_v7());
        let line = conversations.open(call, client);
        let conversation = conversations.of(call).unwrap();
        (line, Arc::new(Listener::new(conversation, Questions::Offered)))
    }

    #[test]
    fn only_the_only_call_can_be_meant() {
        let conversations = Conversations::default();
        let (_first, one) = listener(&conversations);
        let (_second, other) = listener(&conversations);
        let calls = Calls::default();
        assert!(calls.only().is_none());
        let _ours = calls.enter(1, &Behalf::Ours);
        let running = calls.enter(2, &Behalf::Call(Some(Arc::clone(&one))));
        assert_eq!(calls.only().unwrap().0, 2);
        {
            let _beside = calls.enter(3, &Behalf::Call(Some(other)));
            assert!(calls.only().is_none());
        }
        // A call that nobody can be asked for counts too: the question may be of it.
        let mute = calls.enter(4, &Behalf::Call(None));
        assert!(calls.only().is_none());
        drop(running);
        assert!(calls.only().is_none());
        drop(mute);
        let _again = calls.enter(5, &Behalf::Call(Some(one)));
        assert_eq!(calls.only().unwrap().0, 5);
    }
}
