//! What a server tells over HTTP beside the calls: its lists changed, a resource changed.
//!
//! ```text
//! legacy: GET, opened again with the last id            modern: POST subscriptions/listen with a filter
//! ```
//! Opened only if the server says that there is something to hear. Broken off, it is opened again with growing waits; what may have
//! been missed meanwhile makes the lists stale. A legacy server may ask on it while a call runs: then the only call is meant,
//! and without one the question is refused. Tests: `tests/http/`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::limits;
use mcp::{Era, Id, Message, Notification, Params, Request, Response, RpcCode, RpcError};
use reqwest::header::{HeaderName, HeaderValue};
use std::sync::atomic::Ordering;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::course::{QUESTIONS_AT_ONCE_MAX, is_stream};
use super::door::Sending;
use super::stream::{Broken, Stream};
use super::{Link, accepting, modern_headers};
use crate::mcp::problem::Trouble;

/// How listening ended.
enum Over {
    /// It can be tried again, after this time if the server says so.
    Broken(Option<Duration>),
    /// The server offers no such stream.
    NotOffered,
}

impl Link {
    /// Listens as long as the future lives or the server offers it. `params` are those of `subscriptions/listen`.
    pub(in crate::mcp) async fn listen(self: Arc<Self>, params: Params) {
        let (mut wait, mut last) = (limits::SERVER_AGAIN_AFTER, None);
        loop {
            let begun = Instant::now();
            let retry = match self.listen_once(&params, &mut last).await {
                Over::NotOffered => return,
                Over::Broken(retry) => retry,
            };
            if begun.elapsed() >= limits::SERVER_STEADY_AFTER {
                wait = limits::SERVER_AGAIN_AFTER;
            }
            let most = limits::SERVER_AGAIN_AFTER_MAX;
            sleep(retry.unwrap_or(wait).max(limits::SERVER_AGAIN_AFTER).min(most)).await;
            wait = (wait * 2).min(most);
            // Nobody knows what was missed.
            self.ear.expire(self.ear.changes());
        }
    }

    async fn listen_once(self: &Arc<Self>, params: &Params, last: &mut Option<String>) -> Over {
        let deadline = Instant::now() + limits::HTTP_HEAD_WITHIN;
        let Ok(sending) = self.listening(params, last.as_deref(), deadline) else {
            return Over::NotOffered;
        };
        let response = match self.door.fetch(sending).await {
            Ok(response) => response,
            Err(Trouble::Credential(_) | Trouble::Rejected(_)) => {
                return Over::Broken(Some(limits::SERVER_AGAIN_AFTER_MAX));
            }
            Err(_) => return Over::Broken(None),
        };
        if !is_stream(&response) {
            let tries_again = response.status.is_server_error();
            return if tries_again { Over::Broken(None) } else { Over::NotOffered };
        }
        if self.era() == Era::Legacy {
            // No message says so: the stream that is open is all there is.
            self.ear.open();
        }
        let (mut stream, mut questions) = (Stream::new(response), JoinSet::new());
        let broken = loop {
            let data = tokio::select! {
                biased;
                data = stream.next() => data,
                Some(_) = questions.join_next() => continue,
            };
            match data {
                Ok(data) => self.told(&data, &mut questions),
                Err(broken) => break broken,
            }
            if self.ear.has_ended().is_some() {
                return Over::NotOffered;
            }
        };
        if let Broken::Unreadable(why) = broken {
            self.ear.fault(&format!("its stream of changes: {why}"));
        }
        let (id, retry) = stream.resumable();
        *last = id.or(last.take());
        Over::Broken(retry)
    }

    fn listening(
        &self,
        params: &Params,
        last: Option<&str>,
        deadline: Instant,
    ) -> Result<Sending, Trouble> {
        match self.era() {
            Era::Modern => {
                let id = Id::Number(self.next.fetch_add(1, Ordering::Relaxed));
                let request = Request::new(id, "subscriptions/listen", params.clone());
                let headers = modern_headers(&request, None)?;
                let body = Bytes::from(crate::mcp::ask::bytes_of(&request));
                Ok(Sending::post(body, headers, deadline))
            }
            Era::Legacy => {
                let mut headers = self.plain_headers();
                headers.extend(accepting("text/event-stream"));
                if let Some(last) = last.and_then(|last| HeaderValue::from_str(last).ok()) {
                    headers.insert(HeaderName::from_static("last-event-id"), last);
                }
                Ok(Sending::get(headers, deadline))
            }
        }
    }

    fn told(self: &Arc<Self>, data: &str, questions: &mut JoinSet<()>) {
        match self.ear.read(data.as_bytes()) {
            Ok(Message::Notification(notification)) => self.heard(notification),
            Ok(Message::Request(request)) => {
                self.ear.count();
                match self.era() {
                    Era::Legacy => self.asked(request, questions),
                    Era::Modern => self.ear.fault("it asked, which servers of its revision do not"),
                }
            }
            // The end of a subscription; the end of the stream follows.
            Ok(Message::Response(_)) => self.ear.count(),
            Err(error) => self.ear.fault(&format!("its stream of changes: {error}")),
        }
    }

    fn heard(&self, notification: Notification) {
        self.ear.count();
        let foreign = match self.calls.only().filter(|_| self.era() == Era::Legacy) {
            Some((id, listener)) => listener.hear(id, notification),
            None => Some(notification),
        };
        if let Some(foreign) = foreign {
            self.ear.notified(&foreign);
        }
    }

    /// Hands a question to the client of the only call.
    fn asked(self: &Arc<Self>, request: Request, questions: &mut JoinSet<()>) {
        let room = questions.len() < QUESTIONS_AT_ONCE_MAX && request.method != "ping";
        match self.calls.only().filter(|_| room) {
            None => self.chore(unasked(request)),
            Some((_, listener)) => {
                let link = Arc::clone(self);
                questions.spawn(async move {
                    let id = request.id.clone();
                    let answer = Response::to(id, listener.asked(request).await);
                    link.chore(Message::Response(answer));
                });
            }
        }
    }
}

/// What answers a question that belongs to no call: `ping` is answered, everything else refused.
pub(super) fn unasked(request: Request) -> Message {
    let outcome = match request.method.as_str() {
        "ping" => Ok(Params::new()),
        _ => Err(RpcError::new(RpcCode::MethodNotFound, "there is nobody to ask")),
    };
    Message::Response(Response::to(request.id, outcome))
}
