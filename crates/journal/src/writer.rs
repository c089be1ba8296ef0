//! The one thread that writes: takes what waits, checks it, writes it in one transaction, then answers.
//!
//! ```text
//! callers -> queue -> [ check guards and write, each commit ]* -> COMMIT (synced) -> answers -> subscribers
//! ```
//! Commits whose guards do not hold write nothing and are answered after the transaction too, since what they
//! saw may stand in it. Any failure of the store inside a transaction ends all writing: nobody knows what is
//! durable, so every commit from then on is refused and the process is told to stop. Tests:
//! `tests/it/commits.rs`, `tests/it/failures.rs`.

pub(crate) mod append;
mod guards;
mod orders;
pub(crate) mod projections;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::time::Instant;

use domain::{JournalPosition, Timestamp, limits};
use gate::{CommitError, StoreError};
use rusqlite::Connection;
use tokio::sync::oneshot;

use append::Append;

use crate::error::{Error, store};
use crate::keys::signing::{Head, SignedHead, Signer};
use crate::options::Clock;
use crate::prepare::{Prepared, PreparedEntry, refused};
use crate::sqlite::Shared;
use crate::tail::Tail;

pub(crate) use orders::Order;

/// Where the entries of a commit stand.
pub(crate) type Positions = Vec<JournalPosition>;
/// How a commit came out.
pub(crate) type Written = Result<Positions, CommitError>;

/// A commit that waits.
pub(crate) struct Waiting {
    pub(crate) prepared: Box<Prepared>,
    pub(crate) reply: oneshot::Sender<Written>,
}

/// What the writer needs beside its connection.
pub(crate) struct Tools {
    pub(crate) shared: Arc<Shared>,
    pub(crate) signer: Signer,
    pub(crate) clock: Clock,
    /// Wakes the thread that checkpoints.
    pub(crate) checkpoint: SyncSender<()>,
}

/// The writer.
pub(crate) struct Writer<'c> {
    connection: &'c Connection,
    append: Append<'c>,
    tools: Tools,
    /// INVARIANT (clock): no entry is older than this by more than `limits::CLOCK_BACK_MAX`.
    latest: Timestamp,
    /// Position of the last signed head.
    signed: u64,
    signed_at: Instant,
    batches: u64,
}

/// How many batches may pass before the length of the write-ahead log is looked at.
const BATCHES_PER_LOOK: u64 = 16;

impl<'c> Writer<'c> {
    /// Writes behind what `append` stands behind.
    pub(crate) fn new(
        connection: &'c Connection,
        append: Append<'c>,
        tools: Tools,
    ) -> Result<Self, Error> {
        let latest = append::latest(connection)?;
        let signed_at = Instant::now();
        Ok(Self { connection, append, tools, latest, signed: 0, signed_at, batches: 0 })
    }

    /// Works until it is told to close or the store fails.
    pub(crate) fn run(mut self, queue: &Receiver<Order>) {
        let mut batch = Vec::with_capacity(limits::COMMIT_BATCH_MAX);
        loop {
            let order = Self::next(queue, &mut batch);
            let closing = matches!(order, Some(Order::Close));
            let done = self.batch(&mut batch).and_then(|()| self.order(order));
            if let Err(failure) = done {
                self.tools.shared.fail(failure.clone());
                return refuse_all(if closing { None } else { Some(queue) }, batch, &failure);
            }
            if closing {
                return self.close();
            }
        }
    }

    /// Fills the batch and gives the first order that is no commit, if one came.
    fn next(queue: &Receiver<Order>, batch: &mut Vec<Waiting>) -> Option<Order> {
        match queue.recv_timeout(limits::HEAD_SIGNED_EVERY) {
            Ok(Order::Commit(waiting)) => batch.push(waiting),
            Ok(other) => return Some(other),
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => return Some(Order::Close),
        }
        while batch.len() < limits::COMMIT_BATCH_MAX {
            match queue.try_recv() {
                Ok(Order::Commit(waiting)) => batch.push(waiting),
                Ok(other) => return Some(other),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        None
    }

    /// Writes what waits in one transaction and answers. An error leaves the batch unanswered.
    fn batch(&mut self, batch: &mut Vec<Waiting>) -> Result<(), StoreError> {
        if batch.is_empty() && !self.head_is_due() {
            return Ok(());
        }
        let written = self.transaction(batch).map_err(|error| store(&error))?;
        let mut position = self.append.chain.position - entries(&written);
        for (waiting, written) in batch.drain(..).zip(written) {
            if written.is_ok() {
                position = self.tell(&waiting.prepared.entries, position);
            }
            // The caller may have gone; what is written stays written.
            _ = waiting.reply.send(written);
        }
        self.batches += 1;
        if self.batches.is_multiple_of(BATCHES_PER_LOOK) {
            self.look_at_log();
        }
        Ok(())
    }

    fn transaction(&mut self, batch: &[Waiting]) -> Result<Vec<Written>, Error> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut written = Vec::with_capacity(batch.len());
        for waiting in batch {
            written.push(self.commit(&waiting.prepared)?);
        }
        if self.head_is_due() {
            self.sign()?;
        }
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        let counters = &self.tools.shared.counters;
        counters.add(&counters.transactions, 1);
        counters.add(&counters.entries, entries(&written));
        Ok(written)
    }

    /// Writes one commit, or says why not. Nothing is written before everything is checked.
    fn commit(&mut self, prepared: &Prepared) -> Result<Written, Error> {
        if let Some(refusal) = self.refusal(prepared)? {
            return Ok(Err(refusal));
        }
        for key in &prepared.keys {
            self.append.key(key)?;
        }
        for source in &prepared.sources {
            self.append.source(source)?;
        }
        let mut positions = Vec::with_capacity(prepared.entries.len());
        for entry in &prepared.entries {
            positions.push(self.append.entry(entry)?);
        }
        for payload in &prepared.payloads {
            self.append.payload(payload)?;
        }
        self.latest = self.latest.max(prepared.latest);
        Ok(Ok(positions))
    }

    fn refusal(&mut self, prepared: &Prepared) -> Result<Option<CommitError>, Error> {
        if !self.tools.shared.space.takes(prepared.urgency) {
            return Ok(Some(CommitError::DiskFull));
        }
        let behind = self.latest.since(prepared.earliest);
        if behind > limits::CLOCK_BACK_MAX {
            let millis = u64::try_from(behind.as_millis()).unwrap_or(u64::MAX);
            return Ok(Some(CommitError::ClockWentBack(millis)));
        }
        for (index, guard) in prepared.guards.iter().enumerate() {
            if let Some(found) = self.append.guards.broken(guard)? {
                return Ok(Some(CommitError::Guard { index, found }));
            }
        }
        for key in &prepared.keys {
            if self.append.has_key(&key.scope)? {
                let found = format!("{} was opened before", key.scope);
                return Ok(Some(refused(prepared.guards.len(), found)));
            }
        }
        let illegal = self.append.illegal(&prepared.entries)?;
        Ok(illegal.map(|found| refused(prepared.guards.len(), found)))
    }

    fn head_is_due(&self) -> bool {
        self.signed < self.append.chain.position
            && self.signed_at.elapsed() >= limits::HEAD_SIGNED_EVERY
    }

    /// Signs where the chain stands, as part of the open transaction.
    fn sign(&mut self) -> Result<SignedHead, Error> {
        let chain = self.append.chain;
        let head = Head {
            origin: String::new(),
            position: chain.position,
            writer: chain.writer,
            seq: chain.seq,
            hash: chain.hash,
            at: (self.tools.clock)(),
        };
        let signed = self.tools.signer.sign(head);
        self.append.head(chain.number, &signed)?;
        self.signed = chain.position;
        self.signed_at = Instant::now();
        Ok(signed)
    }

    /// Tells subscribers of entries that are durable now.
    fn tell(&self, entries: &[PreparedEntry], mut position: u64) -> u64 {
        for each in entries {
            position += 1;
            if self.tools.shared.tail.receiver_count() > 0 {
                let tail = Tail::of(&each.entry, each.bytes.kind(), position);
                // No subscriber is no error.
                _ = self.tools.shared.tail.send(tail);
            }
        }
        position
    }

    /// Wakes the checkpointing thread when the log has grown.
    fn look_at_log(&self) {
        let frames = self
            .connection
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get::<_, i64>(1))
            .unwrap_or(0);
        let bytes = append::unsigned(frames).saturating_mul(4_096);
        self.tools.shared.counters.set(&self.tools.shared.counters.log_bytes, bytes);
        if bytes > limits::WAL_BYTES_MAX {
            // A full channel means that it is awake already.
            _ = self.tools.checkpoint.try_send(());
        }
    }

    /// The last head, and everything back into the store's file.
    fn close(mut self) {
        let unsigned = self.signed < self.append.chain.position;
        let signed =
            if unsigned { self.in_transaction(|writer| writer.sign().map(drop)) } else { Ok(()) };
        let done = signed.and_then(|()| {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            Ok(self.connection.query_row(sql, [], |_| Ok(()))?)
        });
        if let Err(error) = done {
            tracing::error!(error = %store(&error).0, "closing the journal failed");
        }
    }

    /// Does something in a transaction of its own.
    pub(crate) fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let value = work(self)?;
        self.connection.execute_batch("COMMIT")?;
        Ok(value)
    }
}

fn entries(written: &[Written]) -> u64 {
    let count = |written: &Written| written.as_ref().map_or(0, Vec::len);
    u64::try_from(written.iter().map(count).sum::<usize>()).unwrap_or(u64::MAX)
}

/// Answers everybody that the store failed, until nobody asks any more.
fn refuse_all(queue: Option<&Receiver<Order>>, batch: Vec<Waiting>, failure: &StoreError) {
    for waiting in batch {
        _ = waiting.reply.send(Err(CommitError::Store(failure.clone())));
    }
    while let Some(Ok(order)) = queue.map(Receiver::recv) {
        if matches!(order, Order::Close) {
            return;
        }
        order.refuse(failure);
    }
}
