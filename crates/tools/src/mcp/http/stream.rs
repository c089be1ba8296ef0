//! Messages out of the body of an answer that is a stream of events, each bounded.
//!
//! In: the answer. Out: the data of one event after the other, where the stream can be gone on with, and how it ended. Events
//! of other kinds and events without data are skipped: the latter only carry an id. It knows nothing of who waits.

use std::time::Duration;

use bytes::Bytes;
use domain::limits;
use mcp::sse::{Reader, SseError};

use crate::mcp::guarded::{FetchError, Response};

/// A stream of events.
#[derive(Debug)]
pub(super) struct Stream {
    response: Response,
    reader: Reader,
    piece: Bytes,
    /// Bytes that may still come.
    left: usize,
}

/// Why a stream gives no more messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    /// It ended, or its connection broke: what is missing may still be had.
    #[error("its stream ended before the answer came")]
    Ended,
    /// The connection broke.
    #[error("its stream broke before the answer came: {0}")]
    Connection(String),
    /// More came than is read.
    #[error("its stream is longer than is read")]
    TooLong,
    /// It cannot be read on.
    #[error("{0}")]
    Unreadable(SseError),
}

impl Stream {
    pub(super) fn new(response: Response) -> Self {
        Self::resumed(response, limits::SERVER_STREAM_BYTES_MAX)
    }

    /// What is left of a stream that broke off, of which so many bytes may still come.
    pub(super) fn resumed(response: Response, left: usize) -> Self {
        let reader = Reader::new(limits::MESSAGE_BYTES_MAX);
        Self { response, reader, piece: Bytes::new(), left }
    }

    /// How many bytes may still come.
    pub(super) const fn left(&self) -> usize {
        self.left
    }

    /// The data of the next message, and the bytes of it. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Result<String, Broken> {
        loop {
            // A piece may hold a thousand messages: others have their turn between them.
            tokio::task::coop::consume_budget().await;
            let mut rest = self.piece.as_ref();
            let event = self.reader.next(&mut rest).map_err(Broken::Unreadable);
            let read = self.piece.len() - rest.len();
            self.piece = self.piece.slice(read..);
            match event? {
                Some(event) => {
                    let is_message = event.kind.as_deref().is_none_or(|kind| kind == "message");
                    if is_message && !event.data.is_empty() {
                        return Ok(event.data);
                    }
                }
                None => self.piece = self.more().await?,
            }
        }
    }

    async fn more(&mut self) -> Result<Bytes, Broken> {
        let piece = self.response.chunk().await.map_err(broken)?.ok_or(Broken::Ended)?;
        // Counted here and not by message: a stream of comments has none.
        self.left = self.left.checked_sub(piece.len()).ok_or(Broken::TooLong)?;
        Ok(piece)
    }

    /// The last id, and after what time the stream may be gone on with.
    pub(super) fn resumable(&self) -> (Option<String>, Option<Duration>) {
        (self.reader.last_id().map(str::to_owned), self.reader.retry())
    }

    /// Looks once whether the stream has ended too, so that its connection can be used again.
    pub(super) async fn finish(mut self) {
        tokio::select! {
            biased;
            _ = self.response.chunk() => {}
            () = std::future::ready(()) => {}
        }
    }
}

fn broken(error: FetchError) -> Broken {
    Broken::Connection(error.to_string())
}
