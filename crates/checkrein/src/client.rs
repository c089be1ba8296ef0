//! Speaks with the server: one bounded request at a time, with a key, over loopback only.
//!
//! In: a path, a query, a body of `server::wire`. Out: what the server answers in the same types, or a `Failure` with
//! the server's code. A key goes over plain HTTP, so no other host than this one is ever asked; redirects are not
//! followed and no proxy is used.

mod live;

use std::time::Duration;

use domain::limits;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server::wire;

use crate::failure::{Failure, Result};

pub(crate) use live::{Following, Heard};

/// How long to wait for a connection to this machine.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// How long an answer may take where nobody is waited for and nothing runs.
const ANSWER_WITHIN: Duration = Duration::from_secs(180);
/// How long a call may take beside waiting for people: the longest a tool may take in its preview and in its act.
const CALL_WITHIN: Duration = Duration::from_secs(2 * limits::TOOL_TIMEOUT_MAX.as_secs() + 180);
/// Bytes of one answer that are kept in memory.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A stream of events where there is one to have, else the answer.
const EVENTS: &str = "text/event-stream, application/json";

const _: () = assert!(ANSWER_BYTES_MAX > limits::MESSAGE_BYTES_MAX);

/// The text of a key. Prints as `[redacted]`.
#[derive(Clone)]
pub(crate) struct Key(String);

impl Key {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}

/// A server and a key for it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    key: Key,
}

/// What is added to a path.
pub(crate) type Query<'a> = &'a [(&'a str, Option<String>)];

impl Client {
    /// A client for a server on this machine.
    pub(crate) fn new(url: &str, key: Key) -> Result<Self> {
        let base = loopback(url)?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .build()
            .map_err(|error| Failure::new(format!("no HTTP client could be made: {error}")))?;
        Ok(Self { http, base, key })
    }

    /// The server, as people type it.
    pub(crate) fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: Query<'_>) -> Result<T> {
        let request = self.request(Method::GET, path, query)?.timeout(ANSWER_WITHIN);
        value(self.send(request).await?).await
    }

    /// Asks for something to be done.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let request = self.request(Method::POST, path, &[])?.json(body).timeout(ANSWER_WITHIN);
        value(self.send(request).await?).await
    }

    /// As [`Self::post`], for what may take as long as many calls.
    pub(crate) async fn post_long<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let request = self.request(Method::POST, path, &[])?.json(body).timeout(CALL_WITHIN);
        value(self.send(request).await?).await
    }

    /// Asks for something whose answer is an envelope, waiting `longer` than usual.
    pub(crate) async fn answer(
        &self,
        path: &str,
        body: &impl Serialize,
        longer: Duration,
    ) -> Result<wire::Answer> {
        let request = self.request(Method::POST, path, &[])?.json(body);
        envelope(self.send(request.timeout(CALL_WITHIN + longer)).await?).await
    }

    /// The same, telling `listen` what the call prints while it runs.
    pub(crate) async fn watched(
        &self,
        (path, body): (&str, &impl Serialize),
        longer: Duration,
        listen: impl FnMut(Heard),
    ) -> Result<wire::Answer> {
        let request = self.request(Method::POST, path, &[])?.json(body);
        let request = request.header(ACCEPT, EVENTS).timeout(CALL_WITHIN + longer);
        live::answer(self.send(request).await?, listen).await
    }

    /// Waits for an envelope.
    pub(crate) async fn wait(&self, call: &str, longest: Duration) -> Result<wire::Answer> {
        envelope(self.send(self.waiting(call, longest)?).await?).await
    }

    /// The same, telling `listen` what the call prints meanwhile.
    pub(crate) async fn wait_watched(
        &self,
        call: &str,
        longest: Duration,
        listen: impl FnMut(Heard),
    ) -> Result<wire::Answer> {
        let request = self.waiting(call, longest)?.header(ACCEPT, EVENTS);
        live::answer(self.send(request).await?, listen).await
    }

    fn waiting(&self, call: &str, longest: Duration) -> Result<RequestBuilder> {
        let milliseconds = Some(longest.as_millis().to_string());
        let path = format!("/v1/calls/{call}/wait");
        let request = self.request(Method::GET, &path, &[("wait_ms", milliseconds)])?;
        Ok(request.timeout(CALL_WITHIN + longest))
    }

    /// A response whose body is read piece by piece, such as an export.
    pub(crate) async fn stream(&self, path: &str, query: Query<'_>) -> Result<Response> {
        let response = self.send(self.request(Method::GET, path, query)?).await?;
        if response.status().is_success() { Ok(response) } else { Err(refused(response).await) }
    }

    /// Everything that becomes durable behind a position, or from now on.
    pub(crate) async fn follow(&self, after: Option<u64>) -> Result<Following> {
        let query = [("after", after.map(|after| after.to_string()))];
        Ok(Following::new(self.stream("/v1/events", &query).await?))
    }

    /// Whether somebody answers there at all.
    pub(crate) async fn is_up(&self) -> bool {
        let Ok(request) = self.request(Method::GET, "/healthz", &[]) else { return false };
        let sent = request.timeout(CONNECT_WITHIN).send().await;
        sent.is_ok_and(|response| response.status().is_success())
    }

    /// A request with the key.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        query: Query<'_>,
    ) -> Result<RequestBuilder> {
        let mut url = self.base.clone();
        url.set_path(path);
        for (name, value) in query {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Ok(self.http.request(method, url).bearer_auth(&self.key.0))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let address = self.address();
        if error.is_connect() {
            return Failure::new(format!("nobody answers at `{address}`"))
                .expected("a running server")
                .fix("start it with `checkrein up`, or name another with `--url`");
        }
        if error.is_timeout() {
            return Failure::new(format!("`{address}` took too long to answer"))
                .expected("an answer in time; whether the request was carried out is not known")
                .fix("look with `checkrein calls ls`; a call with a key may be proposed again");
        }
        Failure::new(format!("the connection to `{address}` broke"))
            .expected("a whole answer; whether the request was carried out is not known")
            .fix("look with `checkrein calls ls`; a call with a key may be proposed again")
    }
}

/// A path of the API with an id in it, which must be one plain part.
pub(crate) fn path(before: &str, id: &str, after: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if id.is_empty()
        || id.len() > 200
        || !id.bytes().all(plain)
        || id.bytes().all(|one| one == b'.')
    {
        let shown = contract::visible::short(id);
        return Err(Failure::usage(format!("`{shown}` is not an id or a name"))
            .expected("letters, digits, `_`, `-` and `.`")
            .fix("copy it from a listing, such as `checkrein calls ls`"));
    }
    Ok(format!("{before}/{id}{after}"))
}

fn loopback(text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        let shown = contract::visible::short(text);
        Failure::usage(format!("`{shown}` is not the address of a server: {why}"))
            .expected("an address of this machine, such as `http://localhost:7420`")
            .fix("for a server elsewhere, forward a port: `ssh -L 7420:localhost:7420 HOST`")
    };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if url.scheme() != "http" {
        return Err(wrong("it does not begin with `http://`"));
    }
    match url.host_str() {
        Some("localhost" | "127.0.0.1" | "[::1]") => Ok(url),
        Some(_) | None => Err(wrong("a key is not sent to other machines over plain HTTP")),
    }
}

fn is(response: &Response, kind: &str) -> bool {
    let found = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    found.is_some_and(|found| found.starts_with(kind.as_bytes()))
}

async fn bytes(mut response: Response) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => all.extend_from_slice(&chunk),
            Ok(None) => return Ok(all),
            Err(_) => {
                return Err(Failure::new("the connection broke in the middle of an answer")
                    .expected("a whole answer")
                    .fix("ask again; a call with a key may be proposed again"));
            }
        }
        if all.len() > ANSWER_BYTES_MAX {
            return Err(Failure::new(format!("the answer has more than {ANSWER_BYTES_MAX} bytes"))
                .fix("ask for less with `--limit`"));
        }
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8], status: StatusCode) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::new(format!("the answer (HTTP {}) cannot be read: {error}", status.as_u16()))
            .expected("an answer of a Checkrein server of this version")
            .fix("compare `checkrein version` with the server's")
    })
}

async fn value<T: DeserializeOwned>(response: Response) -> Result<T> {
    let status = response.status();
    if !status.is_success() {
        return Err(refused(response).await);
    }
    parse(&bytes(response).await?, status)
}

/// Success and failure of a call have one form; only what never became a call is a problem.
async fn envelope(response: Response) -> Result<wire::Answer> {
    let status = response.status();
    if is(&response, "application/problem+json") {
        return Err(refused(response).await);
    }
    parse(&bytes(response).await?, status)
}

async fn refused(response: Response) -> Failure {
    let status = response.status();
    match bytes(response).await {
        Ok(bytes) => match parse::<wire::Problem>(&bytes, status) {
            Ok(problem) => problem.into(),
            Err(failure) => failure,
        },
        Err(failure) => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sent_to_this_machine_only() {
        for (url, good) in [
            ("http://localhost:7420", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]:7420", true),
            ("http://localhost.evil.example", false),
            ("http://localhost@evil.example", false),
            ("http://192.0.2.1:7420", false),
            ("https://localhost:7420", false),
            ("localhost:7420", false),
            ("", false),
        ] {
            assert_eq!(loopback(url).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn ids_cannot_lead_to_other_paths() {
        assert_eq!(path("/v1/calls", "call_1", "/wait").as_deref(), Ok("/v1/calls/call_1/wait"));
        for id in ["", "..", ".", "a/b", "a?b", "a%2fb", "a b", "ä"] {
            assert!(path("/v1/calls", id, "").is_err(), "{id}");
        }
    }

    #[test]
    fn a_key_is_never_printed() {
        let client = Client::new("http://localhost:7420", Key::new("ck_operator_secret")).unwrap();
        assert!(!format!("{client:?}").contains("secret"));
    }
}
