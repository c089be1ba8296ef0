//! The course of one request after the head of its answer: until the answer, or the news that there is none.
//!
//! ```text
//! JSON   -> one message
//! events -> notifications to the call's client, questions answered beside the reading, the answer ends it
//!           broken off? legacy: GET with the last id after the time that the server says, a bounded number of times
//! status -> an error message in the body | the session is gone | trouble
//! ```
//! What comes on a stream belongs to its request; what does not is recorded. Tests: `tests/http/`.

use std::sync::Arc;

use domain::limits;
use mcp::{Era, Id, Message, Notification, Params, Request, Response, RpcError};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::door::{self, Sending};
use super::stream::{Broken, Stream};
use super::{Link, accepting};
use crate::mcp::ask::{Answer, Behalf};
use crate::mcp::guarded::{self, Bound, FetchError};
use crate::mcp::problem::{Sent, Trouble};

/// Questions of one call that are being answered at the same time.
pub(super) const QUESTIONS_AT_ONCE_MAX: usize = 8;

/// One request under way.
pub(super) struct Course<'l> {
    link: &'l Arc<Link>,
    id: i64,
    behalf: Behalf,
    questions: JoinSet<()>,
}

/// What a body is.
enum Body {
    Json,
    Events,
    Other,
}

impl<'l> Course<'l> {
    pub(super) fn new(link: &'l Arc<Link>, id: i64, behalf: Behalf) -> Self {
        Self { link, id, behalf, questions: JoinSet::new() }
    }

    /// Reads until the answer.
    pub(super) async fn run(
        &mut self,
        response: guarded::Response,
        deadline: Instant,
    ) -> Result<Answer, Trouble> {
        let status = response.status;
        if status.as_u16() == 404 && self.link.session.is_some() {
            return Err(Trouble::SessionGone);
        }
        match body_of(&response.headers) {
            Body::Events if status.is_success() => self.events(response, deadline).await,
            Body::Json => self.json(response, deadline).await,
            Body::Events | Body::Other if !status.is_success() => Err(door::refused(status)),
            Body::Events | Body::Other => {
                Err(Trouble::Lost("its answer is neither JSON nor a stream of events".to_owned()))
            }
        }
    }

    async fn json(
        &mut self,
        response: guarded::Response,
        deadline: Instant,
    ) -> Result<Answer, Trouble> {
        let status = response.status;
        let within = deadline.saturating_duration_since(Instant::now());
        let body = response.read(Bound { bytes: limits::MESSAGE_BYTES_MAX, within }).await;
        let body = body.map_err(|error| match error {
            FetchError::TooSlow { within, .. } => {
                Trouble::TimedOut { sent: Sent::Perhaps, after: within }
            }
            FetchError::Refused { .. }
            | FetchError::Unreached { .. }
            | FetchError::Broken { .. }
            | FetchError::TooLarge { .. }
            | FetchError::Redirected { .. } => Trouble::Lost(error.to_string()),
        })?;
        let bytes = body.len();
        match self.link.ear.read(&body) {
            Ok(Message::Response(answer)) => match self.outcome(answer) {
                // Whoever answers with an error status did not succeed, whatever the body says.
                Some(Ok(_)) if !status.is_success() => Err(door::refused(status)),
                Some(outcome) => answered(outcome, bytes),
                None => Err(Trouble::Lost("it answered another request than was asked".to_owned())),
            },
            Ok(Message::Request(_) | Message::Notification(_)) => {
                Err(self.unusable("its answer is a message, but no answer"))
            }
            Err(_) if !status.is_success() => Err(door::refused(status)),
            Err(error) => Err(self.unusable(&format!("its answer is no message: {error}"))),
        }
    }

    async fn events(
        &mut self,
        response: guarded::Response,
        deadline: Instant,
    ) -> Result<Answer, Trouble> {
        let mut stream = Stream::new(response);
        let (mut last, mut resumed) = (None, 0);
        loop {
            let broken = match self.follow(&mut stream).await? {
                Ok(answer) => {
                    stream.finish().await;
                    return Ok(answer);
                }
                Err(broken) => broken,
            };
            let (id, retry) = stream.resumable();
            last = id.or(last);
            let goes_on = self.link.era() == Era::Legacy
                && matches!(broken, Broken::Ended | Broken::Connection(_))
                && resumed < limits::SERVER_RESUMPTIONS_MAX;
            let Some(last) = last.clone().filter(|_| goes_on) else {
                return Err(Trouble::Lost(broken.to_string()));
            };
            let (usual, most) = limits::SERVER_RESUMED_AFTER;
            sleep(retry.unwrap_or(usual).min(most)).await;
            stream = self.resume(&last, deadline, stream.left()).await?;
            resumed += 1;
        }
    }

    /// Opens a stream again where it broke off.
    async fn resume(&self, last: &str, deadline: Instant, left: usize) -> Result<Stream, Trouble> {
        let mut headers = self.link.plain_headers();
        headers.extend(accepting("text/event-stream"));
        let value = HeaderValue::from_str(last);
        let value = value.map_err(|_| Trouble::Lost("its event id cannot be sent".to_owned()))?;
        headers.insert(HeaderName::from_static("last-event-id"), value);
        let sending = Sending::get(headers, deadline);
        let opened = self.link.door.fetch(sending).await;
        // The request itself was sent before: whatever keeps its answer away leaves doubt.
        let doubt = |trouble: Trouble| Trouble::Lost(format!("its stream broke off: {trouble}"));
        let response = opened.map_err(doubt)?;
        match (response.status.is_success(), body_of(&response.headers)) {
            (true, Body::Events) => Ok(Stream::resumed(response, left)),
            (true, Body::Json | Body::Other) | (false, _) => {
                Err(doubt(door::refused(response.status)))
            }
        }
    }

    /// Follows a stream until the answer or its end.
    async fn follow(&mut self, stream: &mut Stream) -> Result<Result<Answer, Broken>, Trouble> {
        loop {
            let data = tokio::select! {
                biased;
                data = stream.next() => data,
                Some(_) = self.questions.join_next() => continue,
            };
            let data = match data {
                Ok(data) => data,
                Err(broken) => return Ok(Err(broken)),
            };
            if let Some(outcome) = self.message(&data)? {
                return answered(outcome, data.len()).map(Ok);
            }
            if let Some(why) = self.link.ear.has_ended() {
                return Err(Trouble::Lost(why));
            }
        }
    }

    /// One message of the stream; the outcome if it is the answer.
    fn message(&mut self, data: &str) -> Result<Option<Result<Params, RpcError>>, Trouble> {
        match self.link.ear.read(data.as_bytes()) {
            Ok(Message::Response(answer)) => return Ok(self.outcome(answer)),
            Ok(Message::Notification(notification)) => self.notified(notification),
            Ok(Message::Request(request)) => self.asked(request),
            Err(error) => {
                return Err(self.unusable(&format!("its stream holds no message: {error}")));
            }
        }
        Ok(None)
    }

    /// The outcome, if the answer is to this request. An error without id stands on this request's own answer.
    fn outcome(&self, answer: Response) -> Option<Result<Params, RpcError>> {
        match answer.id {
            Some(id) if id != Id::Number(self.id) => {
                self.link.ear.fault("it answered a request that nobody waits for here");
                None
            }
            Some(_) | None => Some(answer.outcome),
        }
    }

    fn notified(&self, notification: Notification) {
        let ear = &self.link.ear;
        ear.count();
        let foreign = match self.behalf.listener() {
            Some(listener) => listener.hear(self.id, notification),
            None => Some(notification),
        };
        match foreign {
            Some(foreign) if foreign.method == "notifications/progress" => {
                ear.fault("it reported progress of another request");
            }
            Some(foreign) => ear.notified(&foreign),
            None => {}
        }
    }

    fn asked(&mut self, request: Request) {
        let link = self.link;
        link.ear.count();
        if link.era() == Era::Modern {
            return link.ear.fault("it asked, which servers of its revision do not");
        }
        let listener = self.behalf.listener();
        let listener = listener.filter(|_| self.questions.len() < QUESTIONS_AT_ONCE_MAX);
        match listener.cloned().filter(|_| request.method != "ping") {
            None => link.chore(super::listen::unasked(request)),
            Some(listener) => {
                let link = Arc::clone(link);
                self.questions.spawn(async move {
                    let id = request.id.clone();
                    let answer = Response::to(id, listener.asked(request).await);
                    link.chore(Message::Response(answer));
                });
            }
        }
    }

    fn unusable(&self, why: &str) -> Trouble {
        self.link.ear.fault(why);
        Trouble::Lost(why.to_owned())
    }
}

fn answered(outcome: Result<Params, RpcError>, bytes: usize) -> Result<Answer, Trouble> {
    outcome.map(|result| Answer { result, bytes }).map_err(Trouble::Rpc)
}

fn body_of(headers: &HeaderMap) -> Body {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Body::Json,
        "text/event-stream" => Body::Events,
        _ => Body::Other,
    }
}

/// Whether an answer is a stream of events.
pub(super) fn is_stream(response: &guarded::Response) -> bool {
    response.status.is_success() && matches!(body_of(&response.headers), Body::Events)
}
