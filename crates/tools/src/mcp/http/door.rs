//! The way to one endpoint: a request leaves here, with its credential, after the last look at the stops.
//!
//! ```text
//! credential -> still allowed? -> guarded client -> head of the answer -> 401, 403: renewed, sent again, a call once
//! ```
//! A status is the server's word. Only what never left certainly did not happen. The one exception is made because OAuth does
//! not work without it: the specification has credentials checked before anything else (2026-07-28, "Authorization"; RFC 6750,
//! section 3), so after 401 or 403 a call is sent once more, with the renewed credential; whatever comes then leaves doubt
//! (decision 15). Out: the head of an answer, or trouble that says whether anything can have arrived. Tests: `tests/http/`.

use std::future::{Future, poll_fn};
use std::pin::pin;

use bytes::Bytes;
use domain::limits;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};
use tokio::time::{Instant, timeout_at};

use crate::mcp::ask::Allowed;
use crate::mcp::credentials::{Attempt, Credentials, Next};
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
    resend: Resend,
}

/// How often something is sent again after 401 or 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resend {
    /// A call.
    Once,
    /// What we ask ourselves, which changes nothing.
    AsNeeded,
}

impl Sending {
    pub(super) fn post(body: Bytes, headers: HeaderMap, deadline: Instant) -> Self {
        Self { method: Method::POST, body, headers, deadline, resend: Resend::AsNeeded }
    }

    pub(super) fn get(headers: HeaderMap, deadline: Instant) -> Self {
        Self { method: Method::GET, ..Self::post(Bytes::new(), headers, deadline) }
    }

    pub(super) fn delete(headers: HeaderMap, deadline: Instant) -> Self {
        Self { method: Method::DELETE, ..Self::post(Bytes::new(), headers, deadline) }
    }

    pub(super) fn resent(self, resend: Resend) -> Self {
        Self { resend, ..self }
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
        let mut response = self.attempt(&mut attempt, &sending, (allowed, begun)).await?;
        let mut left = match sending.resend {
            Resend::Once => 1,
            Resend::AsNeeded => limits::CREDENTIAL_REFUSALS_MAX,
        };
        while is_refusal(response.status) {
            // Renewed in any case: the next request has use for it.
            match attempt.refused(response.status, &response.headers).await {
                Next::Retry if left > 0 => left -= 1,
                Next::Retry => return Err(refused(response.status)),
                Next::GiveUp(why) => return Err(Trouble::Rejected(why)),
            }
            begun.again();
            let again = self.attempt(&mut attempt, &sending, (allowed, begun)).await;
            response = again.map_err(|trouble| after_refusal(trouble, response.status))?;
        }
        Ok(response)
    }

    /// Sends once.
    async fn attempt(
        &self,
        attempt: &mut Attempt,
        sending: &Sending,
        (allowed, begun): (&Allowed<'_>, &Begun),
    ) -> Result<Response, Trouble> {
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
        outcome.await
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

/// Whether the server does not take who we are.
fn is_refusal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 403)
}

/// What went wrong after the server had refused the same request: that it carried nothing out is only its word.
fn after_refusal(trouble: Trouble, status: StatusCode) -> Trouble {
    let then = |what: &dyn std::fmt::Display| {
        Trouble::Refused(format!("it answered with the HTTP status {status}, and then: {what}"))
    };
    match trouble {
        Trouble::Credential(why) => Trouble::Rejected(why),
        Trouble::Stopped(error) => then(&error),
        Trouble::Unsent(why) | Trouble::Unreached(why) => then(&why),
        Trouble::TimedOut { after, .. } => Trouble::TimedOut { sent: Sent::Perhaps, after },
        Trouble::Rejected(_)
        | Trouble::Refused(_)
        | Trouble::SessionGone
        | Trouble::Lost(_)
        | Trouble::Cancelled
        | Trouble::StoppedWhile(_)
        | Trouble::Rpc(_) => trouble,
    }
}

/// What a status says that is neither success nor a message. With some of them a server, or a proxy before it, says that it did
/// not begin (RFC 9110, section 15.5; RFC 6585). That is worth another code, and no certainty.
pub(super) fn refused(status: StatusCode) -> Trouble {
    let said = format!("it answered with the HTTP status {status}");
    match status.as_u16() {
        401 | 403 | 404 | 405 | 406 | 411 | 413 | 414 | 415 | 429 | 431 => Trouble::Refused(said),
        _ => Trouble::Lost(said),
    }
}
