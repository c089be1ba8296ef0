//! The thread that writes the write-ahead log back into the store, so that no commit has to.
//!
//! It copies what is in the log while commits go on. The log starts again from its beginning only when all
//! of it is copied, so the writer is asked to copy the little that came meanwhile between two transactions.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use rusqlite::Connection;

use crate::error::store;
use crate::sqlite::Shared;
use crate::writer::Order;

/// Works until the writer has gone. A failure here is a failure of the store.
pub(crate) fn run(
    connection: &Connection,
    wake: &Receiver<()>,
    writer: &SyncSender<Order>,
    shared: &Arc<Shared>,
) {
    while let Ok(()) = wake.recv() {
        let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        match done {
            Ok(()) => {
                let counters = &shared.counters;
                counters.add(&counters.checkpoints, 1);
                // A full queue means that the writer has more urgent work; it will ask again.
                _ = writer.try_send(Order::Checkpoint);
            }
            Err(error) => {
                shared.fail(store(&error));
                return;
            }
        }
    }
}
