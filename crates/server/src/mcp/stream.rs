//! What goes to one client while its request is served: pieces, then the answer, as one JSON object or as events.
//!
//! ```text
//! flow --ToClient--> queue (bounded in number and bytes) --Pieces--> respond -> JSON if the answer comes first, else SSE
//! ```
//! Whoever tells never waits: what finds no room is dropped and counted. The answer always finds room. A response that is
//! dropped before its end closes the queue, which is how a flow hears that its client went away.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use domain::{CallId, limits};
use hyper::body::Frame;
use mcp::sse;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::visit::{Accepts, Visit, bare, json};
use crate::http::delivery::{Answered, Outbox, Streamed};

/// A comment is sent after this time without an event, so that dead connections are found and live ones kept.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);
/// A stream is begun after this time although there is nothing to tell yet, so that nobody between takes it for dead.
const STREAM_AFTER: Duration = Duration::from_secs(10);
/// Tells proxies to pass events on at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A piece of what goes to a client.
#[derive(Debug)]
pub(super) enum Piece {
    /// A notification or a question.
    Message(Bytes),
    /// The answer, after which nothing comes.
    Last(Last),
}

/// The answer to a request.
#[derive(Debug)]
pub(super) struct Last {
    /// The status, if it is the whole response.
    pub(super) status: StatusCode,
    /// The message.
    pub(super) bytes: Bytes,
    /// The call that it answers, if its delivery is to be told.
    pub(super) call: Option<CallId>,
}

/// The end that tells.
#[derive(Debug)]
pub(super) struct ToClient {
    pieces: mpsc::Sender<(Piece, Option<OwnedSemaphorePermit>)>,
    room: Arc<Semaphore>,
    missed: u64,
}

/// The end that is read.
#[derive(Debug)]
pub(super) struct Pieces(mpsc::Receiver<(Piece, Option<OwnedSemaphorePermit>)>);

/// A queue to one client.
pub(super) fn queue() -> (ToClient, Pieces) {
    let (pieces, receiver) = mpsc::channel(limits::CALL_NOTIFICATIONS_QUEUE_MAX);
    let room = Arc::new(Semaphore::new(limits::MCP_STREAM_BYTES_MAX));
    (ToClient { pieces, room, missed: 0 }, Pieces(receiver))
}

impl ToClient {
    /// Tells something if there is room; says whether it was taken.
    pub(super) fn tell(&mut self, message: Bytes) -> bool {
        let taken = u32::try_from(message.len()).ok();
        let room =
            taken.and_then(|bytes| Arc::clone(&self.room).try_acquire_many_owned(bytes).ok());
        let told = room.is_some() && self.pieces.try_send((Piece::Message(message), room)).is_ok();
        self.missed += u64::from(!told);
        told
    }

    /// Tells something, waiting for room; says whether anybody still reads.
    pub(super) async fn put(&self, message: Bytes) -> bool {
        self.pieces.send((Piece::Message(message), None)).await.is_ok()
    }

    /// How many found no room.
    pub(super) const fn missed(&self) -> u64 {
        self.missed
    }

    /// Resolves when nobody reads any more.
    pub(super) async fn gone(&self) {
        self.pieces.closed().await;
    }

    /// Ends with an answer. A client that went away needs none: it is in the journal.
    pub(super) async fn end(self, last: Last) {
        let _gone = self.pieces.send((Piece::Last(last), None)).await;
    }
}

impl Pieces {
    async fn next(&mut self) -> Option<Piece> {
        self.0.recv().await.map(|(piece, _room)| piece)
    }
}

/// Responds as soon as it is known how: with the answer if that comes first, else with a stream.
pub(super) async fn respond(mut visit: Visit, mut pieces: Pieces) -> Response {
    let outbox = visit.agent.outbox.clone();
    let mut presence = visit.presence.take();
    let left = async {
        match &mut presence {
            Some(presence) => presence.ended().await,
            None => std::future::pending().await,
        }
    };
    let mut left = std::pin::pin!(left);
    let mut late = std::pin::pin!(tokio::time::sleep(STREAM_AFTER));
    let streams = visit.accepts.events();
    loop {
        let first = tokio::select! {
            biased;
            piece = pieces.next() => match piece {
                Some(piece) => Some(piece),
                None => return bare(StatusCode::INTERNAL_SERVER_ERROR),
            },
            // Nobody reads this; that the queue is dropped here is what tells the flow.
            () = &mut left => return bare(StatusCode::REQUEST_TIMEOUT),
            () = &mut late, if streams => None,
        };
        match (first, visit.accepts) {
            (Some(Piece::Last(last)), Accepts::Both | Accepts::Json) => return whole(last, outbox),
            (first, Accepts::Both | Accepts::Events) => return events(first, pieces, outbox),
            // It cannot be told anything before its answer.
            (Some(Piece::Message(_)) | None, Accepts::Json) => {}
        }
    }
}

/// Responds with a stream at once.
pub(super) fn events(first: Option<Piece>, pieces: Pieces, outbox: Option<Outbox>) -> Response {
    let answers = Arc::new(OnceLock::new());
    let mut alive = interval_at(Instant::now() + KEEP_ALIVE_EVERY, KEEP_ALIVE_EVERY);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let events = Events { first, pieces, alive, answers: Arc::clone(&answers), ended: false };
    let mut response = Response::new(Streamed::body(Body::new(events), answers, outbox));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    response
}

/// Responds with one answer.
pub(super) fn whole(last: Last, outbox: Option<Outbox>) -> Response {
    json(last.status, Answered::body(last.bytes, last.call, outbox))
}

/// The body of a stream.
struct Events {
    first: Option<Piece>,
    pieces: Pieces,
    alive: Interval,
    answers: Arc<OnceLock<CallId>>,
    ended: bool,
}

impl Events {
    fn frame(&mut self, piece: Piece) -> Bytes {
        let bytes = match piece {
            Piece::Message(bytes) => bytes,
            Piece::Last(last) => {
                self.ended = true;
                // Set once: after it the stream ends.
                last.call.map(|call| self.answers.set(call));
                last.bytes
            }
        };
        self.alive.reset();
        // INVARIANT (text): messages are written by serde_json, which writes UTF-8 on one line.
        sse::frame(&String::from_utf8_lossy(&bytes)).into()
    }
}

impl HttpBody for Events {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let piece = match self.first.take() {
            Some(first) => Some(first),
            None => match self.pieces.0.poll_recv(context) {
                Poll::Ready(Some((piece, _room))) => Some(piece),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => None,
            },
        };
        if let Some(piece) = piece {
            let frame = self.frame(piece);
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        match self.alive.poll_tick(context) {
            Poll::Ready(_) => {
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(sse::KEEP_ALIVE)))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_and_not_kept() {
        let (mut client, _pieces) = queue();
        let half = Bytes::from(vec![b' '; limits::MCP_STREAM_BYTES_MAX / 2]);
        assert!(client.tell(half.clone()) && client.tell(half.clone()));
        assert!(!client.tell(half));
        assert_eq!(client.missed(), 1);
    }

    #[tokio::test]
    async fn room_is_given_back_when_a_piece_is_taken() {
        let (mut client, mut pieces) = queue();
        let all = Bytes::from(vec![b' '; limits::MCP_STREAM_BYTES_MAX]);
        assert!(client.tell(all.clone()));
        assert!(!client.tell(Bytes::from_static(b"x")));
        assert!(matches!(pieces.next().await, Some(Piece::Message(_))));
        assert!(client.tell(all));
    }
}
