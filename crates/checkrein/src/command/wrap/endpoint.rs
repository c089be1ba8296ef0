//! The endpoint of a Checkrein, as the pump speaks with it: messages out, messages back, over HTTP on this machine.
//!
//! In: bytes of a message and headers. Out: the messages of the response one after the other, whether it is one JSON object or a
//! stream of events; or why there are none. What a message means is the business of `modern` and `legacy`.

use std::time::Duration;

use mcp::sse::Reader;
use mcp::{RpcCode, RpcError};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response, StatusCode};
use server::wire;

use crate::client::Client;

/// Bytes of one message that comes back: the longest list that fits a client's patience.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// How long something without an answer may take.
const TOLD_WITHIN: Duration = Duration::from_secs(30);
/// What is taken for an answer.
const ANSWERS: &str = "application/json, text/event-stream";

/// An entrance of a server.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    client: Client,
    path: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing was carried out.
    NotExecuted(String),
    /// It is not known whether anything was carried out.
    InDoubt(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotExecuted(why) => write!(out, "NOT EXECUTED: {why}"),
            Self::InDoubt(why) => write!(out, "IN DOUBT: {why}"),
        }
    }
}

impl Trouble {
    /// As the error that a client gets.
    pub(super) fn to_rpc(&self) -> RpcError {
        RpcError::new(RpcCode::InternalError, self.to_string())
    }
}

/// Names and values.
pub(super) type Headers = Vec<(String, String)>;

impl Endpoint {
    pub(super) const fn new(client: Client, path: String) -> Self {
        Self { client, path }
    }

    /// Sends a message; the response is there as soon as its head is.
    pub(super) async fn post(&self, headers: &Headers, body: Vec<u8>) -> Result<Response, Trouble> {
        let request = self.client.request(Method::POST, &self.path, &[]);
        let mut request = request.map_err(|failure| Trouble::NotExecuted(failure.happened))?;
        request =
            request.header(CONTENT_TYPE, "application/json").header(ACCEPT, ANSWERS).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.map_err(|error| self.unreached(&error))
    }

    /// Sends something that has no answer.
    pub(super) async fn tell(&self, headers: &Headers, body: Vec<u8>) -> Result<(), Trouble> {
        let told = tokio::time::timeout(TOLD_WITHIN, self.post(headers, body)).await;
        let response =
            told.unwrap_or_else(|_| Err(Trouble::InDoubt("it took too long".to_owned())))?;
        if response.status().is_success() { Ok(()) } else { Err(refused(response).await) }
    }

    /// The stream on which a session hears of changes.
    pub(super) async fn stream(&self, headers: &Headers) -> Result<Response, Trouble> {
        let request = self.client.request(Method::GET, &self.path, &[]);
        let mut request = request.map_err(|failure| Trouble::NotExecuted(failure.happened))?;
        request = request.header(ACCEPT, "text/event-stream");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.map_err(|error| self.unreached(&error))
    }

    /// Ends a session.
    pub(super) async fn end(&self, headers: &Headers) {
        let Ok(mut request) = self.client.request(Method::DELETE, &self.path, &[]) else { return };
        for (name, value) in headers {
            request = request.header(name, value);
        }
        // A session that stays behind ends by itself.
        _ = request.timeout(TOLD_WITHIN).send().await;
    }

    fn unreached(&self, error: &reqwest::Error) -> Trouble {
        let address = self.client.address();
        match error.is_connect() || error.is_builder() {
            true => Trouble::NotExecuted(format!(
                "nobody answers at `{address}`; start it with `checkrein up`"
            )),
            false => Trouble::InDoubt(format!(
                "the connection to `{address}` broke; look with `checkrein calls ls`"
            )),
        }
    }
}

/// The messages of a response.
pub(super) struct Messages {
    response: Response,
    form: Form,
}

enum Form {
    /// One, as a whole.
    Json,
    /// Any number, as events.
    Events(Box<Reader>, Vec<u8>),
    /// No more.
    Over,
}

impl Messages {
    /// # Errors
    /// When the response is a refusal of the server's and no message.
    pub(super) async fn of(response: Response) -> Result<Self, Trouble> {
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let form = match kind.split(';').next().map(str::trim) {
            Some("application/json") => Form::Json,
            Some("text/event-stream") => {
                Form::Events(Box::new(Reader::new(ANSWER_BYTES_MAX)), Vec::new())
            }
            Some(_) | None if response.status().is_success() => Form::Over,
            Some(_) | None => return Err(refused(response).await),
        };
        Ok(Self { response, form })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        match std::mem::replace(&mut self.form, Form::Over) {
            Form::Over => Ok(None),
            Form::Json => Ok(Some(whole(&mut self.response).await?)),
            Form::Events(mut reader, mut left) => loop {
                let mut input = left.as_slice();
                let event =
                    reader.next(&mut input).map_err(|error| Trouble::InDoubt(error.to_string()))?;
                left = input.to_vec();
                if let Some(event) = event {
                    self.form = Form::Events(reader, left);
                    return Ok(Some(event.data.into_bytes()));
                }
                match self.response.chunk().await {
                    Ok(Some(chunk)) => left = chunk.to_vec(),
                    Ok(None) => return Ok(None),
                    Err(_) => return Err(broken()),
                }
            },
        }
    }
}

async fn whole(response: &mut Response) -> Result<Vec<u8>, Trouble> {
    let mut all = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| broken())? {
        all.extend_from_slice(&chunk);
        if all.len() > ANSWER_BYTES_MAX {
            return Err(Trouble::InDoubt(format!(
                "the answer has more than {ANSWER_BYTES_MAX} bytes"
            )));
        }
    }
    Ok(all)
}

fn broken() -> Trouble {
    Trouble::InDoubt("the connection to Checkrein broke in the middle of an answer; look with `checkrein calls ls`".to_owned())
}

/// A refusal that is no message of the protocol: nothing became a call.
async fn refused(mut response: Response) -> Trouble {
    let status = response.status();
    let problem: Option<wire::Problem> =
        whole(&mut response).await.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let text = match problem {
        Some(problem) => format!("{} {}; {}", problem.code, problem.detail, problem.fix),
        None => format!("HTTP {}", status.as_u16()),
    };
    match status == StatusCode::INTERNAL_SERVER_ERROR {
        true => Trouble::InDoubt(text),
        false => Trouble::NotExecuted(text),
    }
}
