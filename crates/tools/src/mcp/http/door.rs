//! The way to one endpoint: a request leaves here, with its credential, after the last look at the stops.
//!
//! ```text
//! credential -> still allowed? -> guarded client -> head of the answer -> 401, 403: renewed, sent again
//! ```
//! A request that was refused with 401 or 403 was not carried out, so sending it again is no repetition. Out: the head of an
//! answer, or trouble that says whether anything can have arrived. What a status means for a call is said here too.

use std::future::{Future, poll_fn};
use std::pin::pin;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};
use tokio::time::{Instant, timeout_at};

use crate::mcp::ask::Allowed;
use crate::mcp::credentials::{Credentials, Next};
use crate::mcp::guarded::{Begun, FetchError, Guarded, Request, Response};
use crate::mcp::problem::{Sent, Trouble};

/// One endpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::mcp) struct Door {
    pub(in crate::mcp) guarded: Guarded,
    pub(in crate::mcp) credentials: Credentials,
    pub(in crate::mcp) url: Url,
}

/// What is sent.
#[derive(Debug)]
pub(super) struct Sending {
    method: Method,
    body: Bytes,
    headers: HeaderMap,
    deadline: Instant,
}

impl Sending {
    pub(super) fn post(body: Bytes, headers: HeaderMap, deadline: Instant) -> Self {
        Self { method: Method::POST, body, headers, deadline }
    }

    pub(super) fn get(headers: HeaderMap, deadline: Instant) -> Self {
        Self { method: Method::GET, body: Bytes::new(), headers, deadline }
    }

    pub(super) fn delete(headers: HeaderMap, deadline: Instant) -> Self {
        Self { method: Method::DELETE, body: Bytes::new(), headers, deadline }
    }

    fn request(&self, url: &Url) -> Request {
        let mut request = match self.method {
            Method::POST => Request::post(url.clone(), "application/json", self.body.clone()),
            _ => Request::get(url.clone()),
        };
        request.method = self.method.clone();
        let within = self.deadline.saturating_duration_since(Instant::now());
        request.with(self.headers.clone()).head_within(within)
    }
}

impl Door {
    /// Sends and waits for the head of the answer. `begun` says meanwhile whether anything can have left.
    ///
    /// Connecting takes time, in which a stop may come: it is looked at again each time that something happens, until the
    /// request leaves.
    pub(super) async fn send(
        &self,
        sending: Sending,
        allowed: &Allowed<'_>,
        begun: &Begun,
    ) -> Result<Response, Trouble> {
        let mut attempt = self.credentials.request();
        loop {
            let credential = timeout_at(sending.deadline, attempt.headers()).await;
            let late = |_| Trouble::Unsent("its credential was not there in time".to_owned());
            let credential = credential.map_err(late)?.map_err(Trouble::Credential)?;
            let request = sending.request(&self.url).with(credential).noting(begun);
            let mut leaving = pin!(self.guarded.send(request));
            let outcome = poll_fn(|context| {
                if !begun.has() {
                    allowed().map_err(Trouble::Stopped)?;
                }
                leaving.as_mut().poll(context).map_err(|error| trouble(error, begun))
            });
            let response = outcome.await?;
            if !matches!(response.status.as_u16(), 401 | 403) {
                return Ok(response);
            }
            begun.again();
            match attempt.refused(response.status, &response.headers).await {
                Next::Retry => {}
                Next::GiveUp(why) => return Err(Trouble::Credential(why)),
            }
        }
    }

    /// As [`Door::send`], for what changes nothing and no stop concerns.
    pub(super) async fn fetch(&self, sending: Sending) -> Result<Response, Trouble> {
        self.send(sending, &|| Ok(()), &Begun::default()).await
    }
}

/// What went wrong on the way.
fn trouble(error: FetchError, begun: &Begun) -> Trouble {
    let sent = if begun.has() { Sent::Perhaps } else { Sent::No };
    match (&error, sent) {
        (FetchError::TooSlow { within, .. }, sent) => Trouble::TimedOut { sent, after: *within },
        (FetchError::Refused { .. }, _) => Trouble::Unsent(error.to_string()),
        (FetchError::Unreached { .. }, _) | (FetchError::Broken { .. }, Sent::No) => {
            Trouble::Unreached(error.to_string())
        }
        (
            FetchError::Broken { .. } | FetchError::TooLarge { .. } | FetchError::Redirected { .. },
            _,
        ) => Trouble::Lost(error.to_string()),
    }
}

/// What a status says that is neither success nor a message.
pub(super) fn refused(status: StatusCode) -> Trouble {
    let said = format!("it answered with the HTTP status {status}");
    // With these a server, or a proxy before it, says that it did not begin (RFC 9110, section 15.5; RFC 6585).
    match status.as_u16() {
        404 | 405 | 406 | 411 | 413 | 414 | 415 | 429 | 431 => Trouble::Unsent(said),
        _ => Trouble::Lost(said),
    }
}
