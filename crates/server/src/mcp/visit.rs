//! One request of a client: who asks, at which entrance, and what it takes for an answer.
//!
//! In: an HTTP request whose sender is known. Out: the values that every later step needs, and plain responses. What the
//! message means is the business of `modern` and `legacy`.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use mcp::{Id, RpcError};

use super::entrance::Entrance;
use super::wire;
use crate::app::App;
use crate::http::listen::Presence;
use crate::http::who::AgentCaller;

/// One request.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) app: Arc<App>,
    pub(super) agent: AgentCaller,
    pub(super) entrance: Entrance,
    pub(super) headers: Arc<HeaderMap>,
    pub(super) accepts: Accepts,
    pub(super) presence: Option<Presence>,
}

/// What a client takes for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepts {
    /// One JSON object, or a stream of events.
    Both,
    /// One JSON object: nothing can be told before it.
    Json,
    /// A stream of events.
    Events,
}

impl Accepts {
    /// From the `Accept` headers; none if neither is taken. No header takes both.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let kinds = values.flat_map(|value| value.split(','));
        let kinds = kinds.filter_map(|kind| kind.split(';').next()).map(str::trim);
        let kinds: Vec<String> = kinds.map(str::to_ascii_lowercase).collect();
        let takes = |names: [&str; 3]| kinds.iter().any(|kind| names.contains(&kind.as_str()));
        let json = kinds.is_empty() || takes(["application/json", "application/*", "*/*"]);
        let events = kinds.is_empty() || takes(["text/event-stream", "text/*", "*/*"]);
        match (json, events) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Json),
            (false, true) => Some(Self::Events),
            (false, false) => None,
        }
    }

    pub(super) const fn events(self) -> bool {
        match self {
            Self::Both | Self::Events => true,
            Self::Json => false,
        }
    }
}

impl Visit {
    /// A header that may be there once.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All values of a header.
    pub(super) fn values(&self, name: &str) -> Vec<&[u8]> {
        self.headers.get_all(name).iter().map(HeaderValue::as_bytes).collect()
    }
}

/// One JSON text as a response.
pub(super) fn json(status: StatusCode, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A response without a body.
pub(super) fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// An error of the protocol. Without an id where the request could not be read.
pub(super) fn error(status: StatusCode, id: Option<&Id>, error: &RpcError) -> Response {
    json(status, wire::error(id, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept: &[&str], expect: Option<Accepts>) {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, value.parse().unwrap());
        }
        assert_eq!(Accepts::of(&headers), expect, "{accept:?}");
    }

    #[test]
    fn a_client_gets_only_what_it_takes() {
        check(&[], Some(Accepts::Both));
        check(&["application/json, text/event-stream"], Some(Accepts::Both));
        check(&["text/event-stream", "Application/JSON; q=0.5"], Some(Accepts::Both));
        check(&["*/*"], Some(Accepts::Both));
        check(&["application/json"], Some(Accepts::Json));
        check(&["text/event-stream"], Some(Accepts::Events));
        check(&["text/html"], None);
    }
}
