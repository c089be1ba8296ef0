//! A connection to a server over Streamable HTTP, in both eras: every request is a POST of its own.
//!
//! ```text
//! caller: headers, credential -> still allowed? -> POST -> JSON | events until the answer (`course`)
//! legacy: a session, questions answered by POST, broken streams resumed, one stream for what belongs to no call
//! modern: version, method, name and mirrored arguments in headers; `subscriptions/listen` for changes
//! ```
//! A caller drives its own request; no task and no queue stands between. Dropping it closes its stream, which cancels a modern
//! request; a legacy one is cancelled by a message. Credentials are added when a request leaves (`door`). Tests:
//! `tests/http/`.

mod calls;
mod course;
mod door;
mod greet;
mod listen;
mod stream;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use domain::{Lever, limits};
use mcp::headers::{self, Mirrors};
use mcp::{Era, Id, Message, Notification, Params, Request, Revision, meta};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::ask::{Answer, Asked, Behalf, bytes_of, stopped};
use super::ear::Ear;
use super::guarded::Begun;
use super::listener::Listener;
use super::problem::{Sent, Trouble};
use calls::Calls;
use course::Course;
pub(super) use door::Door;
use door::{Resend, Sending};
pub(super) use greet::Manner;

/// What an answer may be.
const ACCEPTED: &str = "application/json, text/event-stream";

/// A connection: the endpoint, its era, and its session if it has one.
#[derive(Debug)]
pub(super) struct Link {
    door: Door,
    pub(super) revision: Revision,
    session: Option<HeaderValue>,
    next: AtomicI64,
    chores: mpsc::Sender<Message>,
    calls: Calls,
    pub(super) ear: Arc<Ear>,
}

/// What an endpoint said when it was greeted.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) revision: Revision,
    pub(super) session: Option<HeaderValue>,
}

impl Link {
    pub(super) fn new(
        door: Door,
        opened: Opened,
        ear: Arc<Ear>,
    ) -> (Arc<Self>, mpsc::Receiver<Message>) {
        let (chores, waiting) = mpsc::channel(limits::SERVER_CHORES_MAX);
        let Opened { revision, session } = opened;
        let next = AtomicI64::new(1);
        let calls = Calls::default();
        (Arc::new(Self { door, revision, session, next, chores, calls, ear }), waiting)
    }

    fn era(&self) -> Era {
        self.revision.era()
    }

    /// Asks and waits for the answer. Dropping the future cancels the request at the server.
    pub(super) async fn request(self: &Arc<Self>, asked: Asked<'_>) -> Result<Answer, Trouble> {
        let (begun, deadline) = (Instant::now(), asked.deadline);
        let Asked { method, mut params, behalf, allowed, signal, mirrors, .. } = asked;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        if behalf.wants_progress() {
            meta::put(&mut params, meta::PROGRESS_TOKEN, id.into());
        }
        let request = Request::new(Id::Number(id), method, params);
        let headers = self.headers(&request, mirrors)?;
        let resend = match behalf {
            Behalf::Ours => Resend::AsNeeded,
            Behalf::Call(_) => Resend::Once,
        };
        let sending = Sending::post(Bytes::from(bytes_of(&request)), headers, deadline);
        let sending = sending.resent(resend);
        let listener = behalf.listener().cloned();
        let mut waiting = Waiting { link: self, id, begun: Begun::default(), over: false };
        let _under_way = self.calls.enter(id, &behalf);
        let mut course = Course::new(self, id, behalf);
        let outcome = tokio::select! {
            biased;
            outcome = async {
                let response = self.door.send(sending, allowed, &waiting.begun).await?;
                course.run(response, deadline).await
            } => outcome,
            () = self.cancelled(listener.as_deref(), id) => Err(Trouble::Cancelled),
            error = self.stopped(signal.as_ref(), &waiting) => Err(error),
            () = sleep_until(deadline) => {
                let after = deadline.duration_since(begun);
                return Err(Trouble::TimedOut { sent: waiting.sent(), after });
            }
        };
        waiting.over = true;
        outcome.inspect_err(|trouble| self.lost(trouble))
    }

    /// Tells the server something.
    pub(super) async fn tell(&self, message: &Message, deadline: Instant) -> Result<(), Trouble> {
        let headers = self.plain_headers();
        let sending = Sending::post(Bytes::from(message.to_bytes()), headers, deadline);
        let response = self.door.fetch(sending).await?;
        match response.status.is_success() {
            true => Ok(()),
            false => Err(door::refused(response.status)),
        }
    }

    /// Tells what waits, until nobody can ask for it any more.
    pub(super) async fn tell_chores(self: Arc<Self>, mut chores: mpsc::Receiver<Message>) {
        while let Some(message) = chores.recv().await {
            let deadline = Instant::now() + limits::HTTP_HEAD_WITHIN;
            if let Err(trouble) = self.tell(&message, deadline).await {
                self.ear.fault(&format!("it did not take an answer or a cancellation: {trouble}"));
            }
        }
    }

    fn chore(&self, message: Message) {
        if self.chores.try_send(message).is_err() {
            self.ear.fault("more answers and cancellations wait for it than are kept");
        }
    }

    /// Resolves some time after the client cancelled: what it asked for may be answered meanwhile.
    async fn cancelled(&self, listener: Option<&Listener>, id: i64) {
        match listener {
            None => std::future::pending().await,
            Some(listener) => listener.cancelled().await,
        }
        self.cancel(id);
        sleep(limits::CANCELLED_ANSWERED_WITHIN).await;
    }

    /// Resolves when a stop ended a request: at once where closing its stream is what cancels it, and else when the server
    /// had some time to answer.
    async fn stopped(&self, signal: Option<&gate::StopSignal>, waiting: &Waiting<'_>) -> Trouble {
        let stopped = stopped(signal).await;
        if waiting.sent() == Sent::No {
            return Trouble::Stopped(stopped);
        }
        signal.iter().for_each(|signal| signal.ended(Lever::Requests, 1));
        if self.era() == Era::Legacy {
            self.cancel(waiting.id);
            sleep(limits::CANCELLED_ANSWERED_WITHIN).await;
        }
        Trouble::StoppedWhile(stopped)
    }

    /// Cancels a legacy request. A modern one is cancelled by closing its stream.
    fn cancel(&self, id: i64) {
        if self.era() == Era::Legacy {
            let params = Params::from_iter([
                ("requestId".to_owned(), id.into()),
                ("reason".to_owned(), json!("no longer wanted")),
            ]);
            let cancelled = Notification::new("notifications/cancelled", params);
            self.chore(Message::Notification(cancelled));
        }
    }

    /// A server that cannot be reached, or that forgot the session, is greeted anew before the next call. Any other status
    /// is the answer of one call: where there is no session, 404 too.
    fn lost(&self, trouble: &Trouble) {
        match trouble {
            Trouble::SessionGone => self.ear.forgotten(),
            Trouble::Unreached(_) => self.ear.end(&trouble.to_string()),
            Trouble::Stopped(_)
            | Trouble::Unsent(_)
            | Trouble::Credential(_)
            | Trouble::Rejected(_)
            | Trouble::Refused(_)
            | Trouble::Lost(_)
            | Trouble::TimedOut { .. }
            | Trouble::Cancelled
            | Trouble::StoppedWhile(_)
            | Trouble::Rpc(_) => {}
        }
    }

    /// Ends the session at the server, if there is one.
    pub(super) async fn leave(&self) {
        if self.session.is_none() || self.ear.is_forgotten() {
            return;
        }
        let deadline = Instant::now() + limits::SERVER_STOPPED_WITHIN;
        let sending = Sending::delete(self.plain_headers(), deadline);
        let leaving = self.door.fetch(sending);
        // It may refuse, or be gone: then there is nothing to leave.
        let _ = tokio::time::timeout_at(deadline, leaving).await;
    }

    fn headers(&self, request: &Request, mirrors: Option<&Mirrors>) -> Result<HeaderMap, Trouble> {
        match self.era() {
            Era::Legacy => Ok(self.plain_headers()),
            Era::Modern => modern_headers(request, mirrors),
        }
    }

    /// What every legacy request carries.
    fn plain_headers(&self) -> HeaderMap {
        let mut headers = accepting(ACCEPTED);
        if let Some(session) = &self.session {
            headers.insert(HeaderName::from_static("mcp-session-id"), session.clone());
        }
        let version = HeaderValue::from_static(self.revision.as_str());
        headers.insert(HeaderName::from_static("mcp-protocol-version"), version);
        headers
    }
}

fn accepting(what: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(what))])
}

/// What repeats a modern request.
fn modern_headers(request: &Request, mirrors: Option<&Mirrors>) -> Result<HeaderMap, Trouble> {
    let none = Mirrors::default();
    let unsent = |error: String| Trouble::Unsent(error);
    let sent = headers::sent(request, mirrors.unwrap_or(&none));
    let mut all = accepting(ACCEPTED);
    for (name, value) in sent.map_err(|error| unsent(error.to_string()))? {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(&value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(unsent("an argument cannot be repeated in a header".to_owned()));
        };
        all.insert(name, value);
    }
    Ok(all)
}

/// A request under way. Dropped before its end, a legacy one is cancelled.
struct Waiting<'l> {
    link: &'l Link,
    id: i64,
    begun: Begun,
    over: bool,
}

impl Waiting<'_> {
    fn sent(&self) -> Sent {
        if self.begun.ever() { Sent::Perhaps } else { Sent::No }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.over && self.begun.ever() {
            self.link.cancel(self.id);
        }
    }
}
