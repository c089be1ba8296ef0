//! What the writer is asked for beside commits: keys, heads, erasure, rebuilding, checkpoints.
//!
//! Orders run between transactions, in the order in which they came. Each is a transaction of its own.

use domain::RunId;
use gate::StoreError;
use rusqlite::params;
use tokio::sync::oneshot;

use super::projections::Projections;
use super::{Waiting, Writer};
use crate::error::{Error, store};
use crate::keys::WrappedKey;
use crate::keys::signing::SignedHead;
use crate::rebuild;

/// An answer to an order.
type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something for the writer to do.
pub(crate) enum Order {
    /// A commit.
    Commit(Waiting),
    /// Keep this key. The answer goes to a thread that waits without a runtime.
    Key(WrappedKey, std::sync::mpsc::SyncSender<Result<(), StoreError>>),
    /// Sign where the chain stands now.
    Head(Reply<SignedHead>),
    /// Erase the run's key.
    EraseRun(RunId, u64, Reply<bool>),
    /// Make all projections again from the entries; answers with their number.
    Rebuild(Reply<u64>),
    /// Write the rest of the log back, so that it starts again from its beginning.
    Checkpoint,
    /// Sign the last head, write everything back, end.
    Close,
}

impl Order {
    /// Answers that the store failed.
    pub(crate) fn refuse(self, failure: &StoreError) {
        // Whoever asked may have gone.
        match self {
            Self::Commit(waiting) => {
                _ = waiting.reply.send(Err(gate::CommitError::Store(failure.clone())));
            }
            Self::Key(_, reply) => _ = reply.try_send(Err(failure.clone())),
            Self::Head(reply) => _ = reply.send(Err(failure.clone())),
            Self::EraseRun(_, _, reply) => _ = reply.send(Err(failure.clone())),
            Self::Rebuild(reply) => _ = reply.send(Err(failure.clone())),
            Self::Checkpoint | Self::Close => {}
        }
    }
}

impl Writer<'_> {
    /// Does what an order says. Every failure is one of the store.
    pub(super) fn order(&mut self, order: Option<Order>) -> Result<(), StoreError> {
        match order {
            // The writer closes after everything before it is written.
            None | Some(Order::Close) => Ok(()),
            Some(Order::Commit(waiting)) => self.batch(&mut vec![waiting]),
            Some(Order::Key(key, reply)) => {
                let done = self.in_transaction(|writer| writer.append.key(&key));
                answered(done, |answer| _ = reply.try_send(answer))
            }
            Some(Order::Head(reply)) => {
                let done = self.in_transaction(Self::sign);
                answered(done, |answer| _ = reply.send(answer))
            }
            Some(Order::EraseRun(run, at_ms, reply)) => {
                let done = self.in_transaction(|writer| writer.erase_run(run, at_ms));
                // The key must not live on in the log.
                let done = done.and_then(|erased| self.checkpoint("TRUNCATE").map(|()| erased));
                answered(done, |answer| _ = reply.send(answer))
            }
            Some(Order::Rebuild(reply)) => {
                let done = self.in_transaction(Self::rebuild);
                answered(done, |answer| _ = reply.send(answer))
            }
            Some(Order::Checkpoint) => self.checkpoint("PASSIVE").map_err(|error| store(&error)),
        }
    }

    fn erase_run(&mut self, run: RunId, at_ms: u64) -> Result<bool, Error> {
        let sql = "UPDATE wrapped_keys SET wrapped = NULL, erased_ms = ?2
            WHERE scope = ?1 AND wrapped IS NOT NULL";
        let at_ms = super::append::signed(at_ms);
        Ok(self.connection.execute(sql, params![run.to_string(), at_ms])? > 0)
    }

    fn rebuild(&mut self) -> Result<u64, Error> {
        rebuild::clear(self.connection)?;
        rebuild::fold(self.connection, &mut Projections::new(self.connection))
    }

    fn checkpoint(&self, mode: &str) -> Result<(), Error> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        Ok(self.connection.query_row(&sql, [], |_| Ok(()))?)
    }
}

/// Answers, and passes a failure on: the store is not usable after it.
fn answered<T>(
    done: Result<T, Error>,
    answer: impl FnOnce(Result<T, StoreError>),
) -> Result<(), StoreError> {
    match done {
        Ok(value) => {
            answer(Ok(value));
            Ok(())
        }
        Err(error) => {
            let failure = store(&error);
            answer(Err(failure.clone()));
            Err(failure)
        }
    }
}
