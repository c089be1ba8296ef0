//! Requests that wait for an answer, by id.
//!
//! In: entries of callers, and what arrives. Out: each answer to its caller, once. Ids that were left are remembered for a
//! while: a late answer is nobody's fault. When the connection ends every caller is told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::limits;
use mcp::{Params, RpcError};
use tokio::sync::oneshot;

use crate::mcp::ask::Behalf;
use crate::mcp::listener::Listener;

/// What a caller gets.
#[derive(Debug)]
pub(super) enum Arrived {
    /// An answer, and the bytes of its message.
    Answer(Result<Params, RpcError>, usize),
    /// An answer that cannot be read.
    Unreadable(String),
    /// The connection ended.
    Ended(String),
}

/// Whose an answer was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// A caller's.
    Waited,
    /// That of a caller who had left.
    Late,
    /// Nobody's.
    Nobodys,
}

/// The table of one connection.
#[derive(Debug, Default)]
pub(super) struct Table(Mutex<Rows>);

#[derive(Debug, Default)]
struct Rows {
    waiting: HashMap<i64, Row>,
    left: VecDeque<i64>,
    ended: Option<String>,
}

#[derive(Debug)]
struct Row {
    answer: oneshot::Sender<Arrived>,
    behalf: Behalf,
}

impl Table {
    /// Enters a request before it is sent.
    pub(super) fn enter(
        &self,
        id: i64,
        answer: oneshot::Sender<Arrived>,
        behalf: Behalf,
    ) -> Result<(), String> {
        let mut rows = self.lock();
        if let Some(why) = &rows.ended {
            return Err(why.clone());
        }
        rows.waiting.insert(id, Row { answer, behalf });
        Ok(())
    }

    /// The caller waits no longer. Whether it still waited.
    pub(super) fn leave(&self, id: i64) -> bool {
        let mut rows = self.lock();
        let waited = rows.waiting.remove(&id).is_some();
        if waited {
            if rows.left.len() >= limits::SERVER_CALLS_MAX {
                rows.left.pop_front();
            }
            rows.left.push_back(id);
        }
        waited
    }

    /// Gives an answer to its caller.
    pub(super) fn arrived(&self, id: i64, answer: Arrived) -> Whose {
        let mut rows = self.lock();
        if let Some(row) = rows.waiting.remove(&id) {
            // A caller who left at this moment does not want it.
            let _ = row.answer.send(answer);
            return Whose::Waited;
        }
        match rows.left.iter().position(|left| *left == id) {
            Some(at) => {
                rows.left.remove(at);
                Whose::Late
            }
            None => Whose::Nobodys,
        }
    }

    /// The listener of a request.
    pub(super) fn listener(&self, id: i64) -> Option<Arc<Listener>> {
        self.lock().waiting.get(&id)?.behalf.listener().cloned()
    }

    /// The only request that waits, if there is one: what names no request can only belong to it.
    pub(super) fn only(&self) -> Option<i64> {
        let rows = self.lock();
        let mut ids = rows.waiting.keys();
        let first = ids.next().copied();
        first.filter(|_| ids.next().is_none())
    }

    /// The client of the only call. With several calls, what names none of them could be told to the wrong client.
    pub(super) fn only_call(&self) -> Option<(i64, Arc<Listener>)> {
        let rows = self.lock();
        let is_call = |row: &&Row| matches!(row.behalf, Behalf::Call(_));
        let mut calls = rows.waiting.iter().filter(|(_, row)| is_call(row));
        let (id, row) = calls.next()?;
        let listener = row.behalf.listener()?;
        calls.next().is_none().then(|| (*id, Arc::clone(listener)))
    }

    /// Tells every caller that there will be no answer; later ones are refused.
    pub(super) fn end(&self, why: &str) {
        let mut rows = self.lock();
        rows.ended.get_or_insert_with(|| why.to_owned());
        for (_, row) in rows.waiting.drain() {
            let _ = row.answer.send(Arrived::Ended(why.to_owned()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
