//! The least that durable group commit costs: one thread appends whatever waits to a file and syncs it once.
//! No order, no guards, no index: what is left is bytes and syncs. In: bytes. Out: once they are durable, a word.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use domain::limits;
use tokio::sync::oneshot;

use crate::Outcome;

type Waiting = (Vec<u8>, oneshot::Sender<()>);

/// An open log.
#[derive(Debug)]
pub(super) struct RawLog {
    queue: SyncSender<Waiting>,
    writer: JoinHandle<std::io::Result<u64>>,
}

impl RawLog {
    /// Makes a log in a file.
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        let file = File::create(path)?;
        let (queue, waiting) = sync_channel(limits::COMMIT_QUEUE_MAX);
        let writer = std::thread::spawn(move || write(file, &waiting));
        Ok(Self { queue, writer })
    }

    /// What callers append through.
    pub(super) fn appender(&self) -> Appender {
        Appender(self.queue.clone())
    }

    /// Ends it; gives the number of syncs.
    pub(super) fn close(self) -> Outcome<u64> {
        drop(self.queue);
        let syncs = self.writer.join().map_err(|_| "the log's thread broke off")?;
        Ok(syncs?)
    }
}

/// Appends to a log.
#[derive(Debug, Clone)]
pub(super) struct Appender(SyncSender<Waiting>);

impl Appender {
    /// Appends, and waits until it is durable.
    pub(super) async fn append(&self, bytes: Vec<u8>) -> Outcome<()> {
        let (reply, done) = oneshot::channel();
        self.0.try_send((bytes, reply)).map_err(|_| "the log's queue is full")?;
        Ok(done.await?)
    }
}

fn write(mut file: File, waiting: &Receiver<Waiting>) -> std::io::Result<u64> {
    let mut syncs = 0;
    let (mut bytes, mut replies) = (Vec::new(), Vec::new());
    while let Ok(first) = waiting.recv() {
        for (each, reply) in std::iter::once(first).chain(waiting.try_iter()) {
            bytes.extend_from_slice(&each);
            replies.push(reply);
            if replies.len() >= limits::COMMIT_BATCH_MAX {
                break;
            }
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        syncs += 1;
        bytes.clear();
        for reply in replies.drain(..) {
            // The caller may have gone.
            _ = reply.send(());
        }
    }
    Ok(syncs)
}
