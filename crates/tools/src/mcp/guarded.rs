//! The one HTTP client with which Checkrein itself fetches: for upstream servers, discovery and tokens.
//!
//! ```text
//! Request -> URL allowed? -> name leads where it may? -> connect to that address -> redirect within the origin? -> Response
//! ```
//! In: a request to a configured server, or to an address that such a server named. Out: the head of the answer, and its
//! body piece by piece or whole within a bound. https only, http only to this machine beside a server configured there.
//! No proxy, cookie, decompression or variable of the environment takes part; only trusted roots come from the system.
//! It does not authenticate (`credentials`) and knows nothing of MCP. Tests: `guarded/tests`.

mod address;
mod begun;
mod problem;
mod reach;

#[cfg(test)]
pub(in crate::mcp) mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::limits;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, Url, redirect, retry};
use tokio::time::{Instant, timeout, timeout_at};

pub use begun::Begun;
use begun::Noted;
use problem::origin;
pub use problem::{FetchError, Why};
use reach::{Border, Names};
pub use reach::{Lookup, System};
/// The connection below an answer that changed the protocol.
pub use reqwest::Upgraded;

/// The client of one configured server.
#[derive(Debug, Clone)]
pub struct Guarded {
    border: Arc<Border>,
    client: reqwest::Client,
}

/// What is to be fetched.
#[derive(Clone)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers; values that are secrets are marked sensitive.
    pub headers: HeaderMap,
    /// Its body; empty for none.
    pub body: Bytes,
    /// How long the head of the answer may take.
    pub head_within: Duration,
    /// Is told when the request leaves, if somebody wants to know.
    pub begun: Option<Begun>,
}

/// The head of an answer, and the way to its body.
#[derive(Debug)]
pub struct Response {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    url: Url,
    inner: reqwest::Response,
}

/// How much of a body is read, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// Bytes at most.
    pub bytes: usize,
    /// Time at most.
    pub within: Duration,
}

impl Guarded {
    /// The client for a server that an operator configured.
    pub fn new(configured: &Url) -> Result<Self, FetchError> {
        Self::with_lookup(configured, Arc::new(System))
    }

    /// The same with another way to ask for names.
    pub fn with_lookup(configured: &Url, lookup: Arc<dyn Lookup>) -> Result<Self, FetchError> {
        let refused = |why| FetchError::refused(configured, why);
        let border = Arc::new(Border::new(configured, lookup).map_err(refused)?);
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(Names(Arc::clone(&border))))
            .redirect(redirect::Policy::none())
            // A request that was sent may have been carried out: only the gate decides on a second one.
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(limits::HTTP_CONNECT_WITHIN)
            .pool_max_idle_per_host(limits::HTTP_IDLE_CONNECTIONS_MAX)
            .pool_idle_timeout(limits::HTTP_IDLE_KEPT)
            .user_agent(concat!("checkrein/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| refused(Why::Tls(error.without_url().to_string())))?;
        Ok(Self { border, client })
    }

    /// Whether this URL may be used at all, for those that somebody else opens.
    pub fn check(&self, url: &Url) -> Result<(), FetchError> {
        self.border.check(url).map_err(|why| FetchError::refused(url, why))
    }

    /// Sends a request and waits for the head of its answer. A read follows redirects within its origin.
    pub async fn send(&self, request: Request) -> Result<Response, FetchError> {
        let deadline = Instant::now() + request.head_within;
        let mut url = request.url.clone();
        let mut redirects = 0;
        loop {
            self.check(&url)?;
            let response = timeout_at(deadline, self.once(&request, &url)).await;
            let slow =
                |_| FetchError::TooSlow { origin: origin(&url), within: request.head_within };
            let response = response.map_err(slow)??;
            let Some(next) = redirected(&response) else { return Ok(response) };
            let same = next.as_ref().is_some_and(|next| next.origin() == url.origin());
            let reads = matches!(request.method, Method::GET | Method::HEAD);
            match next {
                Some(next) if same && reads && redirects < limits::HTTP_REDIRECTS_MAX => url = next,
                next => {
                    let to = next.as_ref().map_or_else(|| "nowhere".to_owned(), origin);
                    return Err(FetchError::Redirected { origin: origin(&url), to });
                }
            }
            redirects += 1;
        }
    }

    /// As [`Guarded::send`], but a redirect is an answer and is not followed.
    pub async fn send_once(&self, request: Request) -> Result<Response, FetchError> {
        self.check(&request.url)?;
        let response = timeout(request.head_within, self.once(&request, &request.url)).await;
        response.map_err(|_| FetchError::TooSlow {
            origin: origin(&request.url),
            within: request.head_within,
        })?
    }

    async fn once(&self, request: &Request, url: &Url) -> Result<Response, FetchError> {
        let mut sending = self.client.request(request.method.clone(), url.clone());
        sending = sending.headers(request.headers.clone());
        match (&request.begun, request.body.is_empty()) {
            (None, true) => {}
            (Some(begun), true) => begun.mark(),
            (None, false) => sending = sending.body(request.body.clone()),
            (Some(begun), false) => {
                let noted = Noted { bytes: request.body.clone(), begun: begun.clone() };
                sending = sending.body(reqwest::Body::wrap(noted));
            }
        }
        let inner = sending.send().await.map_err(|error| FetchError::transport(url, error))?;
        let (status, headers) = (inner.status(), inner.headers().clone());
        Ok(Response { status, headers, url: url.clone(), inner })
    }
}

/// Where an answer points: none if it does not, none within if nobody can read where.
fn redirected(response: &Response) -> Option<Option<Url>> {
    let moves = matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308);
    moves.then(|| {
        let to = response.headers.get(LOCATION)?.to_str().ok()?;
        response.url.join(to).ok()
    })
}

impl Request {
    /// A read.
    pub fn get(url: Url) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self {
            method: Method::GET,
            url,
            headers,
            body,
            head_within: limits::HTTP_HEAD_WITHIN,
            begun: None,
        }
    }

    /// A request with a body.
    pub fn post(url: Url, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let body = body.into();
        Self {
            method: Method::POST,
            url,
            headers,
            body,
            head_within: limits::HTTP_HEAD_WITHIN,
            begun: None,
        }
    }

    /// With these headers too; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// With somebody who wants to know when it leaves.
    #[must_use]
    pub fn noting(mut self, begun: &Begun) -> Self {
        self.begun = Some(begun.clone());
        self
    }

    /// With this deadline for the head of the answer.
    #[must_use]
    pub fn head_within(mut self, within: Duration) -> Self {
        self.head_within = within;
        self
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Bodies and queries carry codes and secrets.
        let (to, bytes) = (origin(&self.url), self.body.len());
        write!(out, "Request({} {to}{}, {bytes} bytes)", self.method, self.url.path())
    }
}

impl Response {
    /// The next piece of the body; none at its end. No bound and no deadline: whoever reads a stream brings them.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        self.inner.chunk().await.map_err(|error| FetchError::transport(&self.url, error))
    }

    /// The connection itself, after an answer that changes the protocol (RFC 9110, section 7.8).
    pub async fn upgraded(self) -> Result<Upgraded, FetchError> {
        self.inner.upgrade().await.map_err(|error| FetchError::transport(&self.url, error))
    }

    /// The whole body.
    pub async fn read(mut self, bound: Bound) -> Result<Vec<u8>, FetchError> {
        let slow = FetchError::TooSlow { origin: origin(&self.url), within: bound.within };
        let reading = async {
            let mut body = Vec::new();
            while let Some(piece) = self.chunk().await? {
                if body.len() + piece.len() > bound.bytes {
                    let (origin, max) = (origin(&self.url), bound.bytes);
                    return Err(FetchError::TooLarge { origin, max });
                }
                body.extend_from_slice(&piece);
            }
            Ok(body)
        };
        timeout(bound.within, reading).await.unwrap_or(Err(slow))
    }
}
