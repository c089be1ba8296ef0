//! What goes to the client: one message a line on standard output, and nothing else ever.
//!
//! In: messages of any task. Out: lines, whole and in the order in which they came. Whoever has something to say waits while the
//! client reads slowly; a client that is gone is told to everybody.

use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages that wait for a slow client.
const WAITING_MAX: usize = 16;

/// The way to the client.
#[derive(Debug, Clone)]
pub(super) struct ToClient(mpsc::Sender<Vec<u8>>);

/// The client reads no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

/// Starts writing. The task ends once nobody can say anything any more, or the client is gone.
pub(super) fn start() -> (ToClient, JoinHandle<()>) {
    let (to_client, mut messages) = mpsc::channel::<Vec<u8>>(WAITING_MAX);
    let written = tokio::spawn(async move {
        let mut out = tokio::io::stdout();
        while let Some(line) = messages.recv().await {
            if out.write_all(&line).await.is_err() || out.flush().await.is_err() {
                break;
            }
        }
    });
    (ToClient(to_client), written)
}

impl ToClient {
    /// Says one message: JSON without line breaks.
    pub(super) async fn put(&self, mut message: Vec<u8>) -> Result<(), Gone> {
        message.push(b'\n');
        self.0.send(message).await.map_err(|_| Gone)
    }

    /// Resolves when the client reads no more.
    pub(super) async fn gone(&self) {
        self.0.closed().await;
    }
}
