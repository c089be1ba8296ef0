//! The pump: every line of standard input goes to the endpoint, every message that comes back becomes a line.
//!
//! ```text
//! line (bounded) -> message -> request: a task of its own | notification, response: told in order -> lines
//! ```
//! In: lines of the client, of either era. Out: for each request exactly one answer, an error if need be, that says whether
//! anything was carried out. What a client cancels is cancelled; when it goes away, calls under way have a short time to end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::limits;
use mcp::lines::Lines;
use mcp::{Id, Message, Notification, Request, Response, RpcCode, RpcError};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::endpoint::{Endpoint, Headers, Messages, Trouble};
use super::writer::{self, ToClient};
use super::{legacy, modern};
use crate::failure::{Failure, Result};

/// How long calls may go on after the client closed its end.
const FINISH_WITHIN: Duration = Duration::from_secs(10);
/// Requests of one client at the same time.
const REQUESTS_MAX: usize = limits::MCP_CALLS_PER_GRANT_MAX;
/// Bytes that are read at once.
const READ_BYTES: usize = 64 << 10;
/// The request whose answer is a stream of changes, and that only ends when its client wants it to.
const LISTEN: &str = "subscriptions/listen";

/// What all tasks share.
struct Pump {
    endpoint: Endpoint,
    to_client: ToClient,
    session: legacy::Session,
    learned: modern::Learned,
    under_way: Mutex<HashMap<Id, UnderWay>>,
}

/// A request without an answer yet.
struct UnderWay {
    /// Ends its task.
    cancel: oneshot::Sender<()>,
    is_modern: bool,
    is_listening: bool,
}

/// Pumps until the client goes away.
pub(super) async fn run(endpoint: Endpoint) -> Result<()> {
    let (to_client, written) = writer::start();
    let pump = Arc::new(Pump {
        endpoint,
        to_client,
        session: legacy::Session::default(),
        learned: modern::Learned::default(),
        under_way: Mutex::default(),
    });
    let mut tasks = JoinSet::new();
    let read = read(&pump, &mut tasks).await;
    pump.finish(&mut tasks).await;
    drop(pump);
    _ = tokio::time::timeout(FINISH_WITHIN, written).await;
    read
}

async fn read(pump: &Arc<Pump>, tasks: &mut JoinSet<()>) -> Result<()> {
    let (mut input, mut lines) = (tokio::io::stdin(), Lines::new(limits::MESSAGE_BYTES_MAX));
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = tokio::select! {
            count = input.read(&mut buffer) => count,
            () = pump.to_client.gone() => return Ok(()),
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
        };
        let count = count
            .map_err(|error| Failure::new(format!("standard input cannot be read: {error}")))?;
        let mut chunk = buffer.get(..count).unwrap_or_default();
        if count == 0 {
            if let Some(line) = lines.end() {
                pump.line(&line, tasks).await;
            }
            return Ok(());
        }
        while let Some(line) = lines.next(&mut chunk) {
            match line {
                Ok(line) => pump.line(&line, tasks).await,
                Err(error) => {
                    pump.refuse(None, &RpcError::new(RpcCode::InvalidRequest, error.to_string()))
                        .await
                }
            }
        }
    }
}

impl Pump {
    async fn line(self: &Arc<Self>, line: &[u8], tasks: &mut JoinSet<()>) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        match Message::read(line, limits::MESSAGE_BYTES_MAX) {
            Ok(Message::Request(request)) => self.request(request, line, tasks).await,
            Ok(Message::Notification(notification)) => {
                self.notification(&notification, line, tasks).await
            }
            Ok(Message::Response(_)) => {
                if let Err(trouble) = self.told(line).await {
                    tracing::warn!(%trouble, "an answer of the client was not taken");
                }
            }
            Err(error) => self.refuse(None, &error.to_rpc()).await,
        }
    }

    async fn request(self: &Arc<Self>, request: Request, line: &[u8], tasks: &mut JoinSet<()>) {
        let id = request.id.clone();
        let cancelled = match self.begin(&request) {
            Ok(cancelled) => cancelled,
            Err(error) => return self.refuse(Some(&id), &error).await,
        };
        let (pump, body) = (Arc::clone(self), line.to_vec());
        let is_first = request.method == "initialize";
        let served = async move {
            let id = request.id.clone();
            let answered = tokio::select! {
                biased;
                answered = pump.exchange(&request, body) => answered,
                _ = cancelled => Ok(()),
            };
            pump.lock().remove(&id);
            if let Err(error) = answered {
                pump.refuse(Some(&id), &error).await;
            }
        };
        match is_first {
            // Everything after it needs the session that it opens.
            true => served.await,
            false => drop(tasks.spawn(served)),
        }
    }

    /// Takes note of a request, or says why it cannot be served.
    fn begin(&self, request: &Request) -> std::result::Result<oneshot::Receiver<()>, RpcError> {
        let mut under_way = self.lock();
        if under_way.len() >= REQUESTS_MAX {
            let message = format!(
                "NOT EXECUTED: there are {REQUESTS_MAX} requests under way; try again shortly"
            );
            return Err(RpcError::new(RpcCode::InternalError, message));
        }
        if under_way.contains_key(&request.id) {
            return Err(RpcError::new(
                RpcCode::InvalidRequest,
                "a request with this `id` is under way",
            ));
        }
        let (cancel, cancelled) = oneshot::channel();
        let is_listening = request.method == LISTEN;
        let is_modern = modern::is_modern(&request.params);
        under_way.insert(request.id.clone(), UnderWay { cancel, is_modern, is_listening });
        drop(under_way);
        Ok(cancelled)
    }

    /// Sends a request and passes on what comes back, up to its answer.
    async fn exchange(
        &self,
        request: &Request,
        body: Vec<u8>,
    ) -> std::result::Result<(), RpcError> {
        let (mut messages, mut asked) = (self.send(request, &body).await?, false);
        loop {
            let message = messages.next().await.map_err(|trouble| trouble.to_rpc())?;
            let Some(message) = message else {
                return Err(Trouble::InDoubt("the answer ended before its end".to_owned()).to_rpc());
            };
            let mut value: Value = serde_json::from_slice(&message)
                .map_err(|_| Trouble::InDoubt("the answer cannot be read".to_owned()).to_rpc())?;
            if !asked && request.method == "tools/call" && modern::misses_header(&value) {
                // Refused before anything happened: the tool wants arguments in headers that nobody told us of.
                asked = true;
                self.learned
                    .ask(&self.endpoint, request)
                    .await
                    .map_err(|trouble| trouble.to_rpc())?;
                messages = self.send(request, &body).await?;
                continue;
            }
            let is_answer = value.get("result").is_some() || value.get("error").is_some();
            if is_answer {
                self.answered(request, &mut value);
            }
            let line = if is_answer || message.contains(&b'\n') {
                value.to_string().into_bytes()
            } else {
                message
            };
            if self.to_client.put(line).await.is_err() || is_answer {
                return Ok(());
            }
        }
    }

    async fn send(
        &self,
        request: &Request,
        body: &[u8],
    ) -> std::result::Result<Messages, RpcError> {
        let response = if modern::is_modern(&request.params) {
            let headers = self.learned.headers(request)?;
            self.endpoint.post(&headers, body.to_vec()).await
        } else if request.method == "initialize" {
            let opened = self.endpoint.post(&Headers::new(), body.to_vec()).await;
            opened.inspect(|response| self.session.opened(response, body))
        } else {
            self.session.post(&self.endpoint, body).await
        };
        let response = response.map_err(|trouble| trouble.to_rpc())?;
        Messages::of(response).await.map_err(|trouble| trouble.to_rpc())
    }

    /// Learns from an answer, and gives it the id of its request: a refusal may have none.
    fn answered(&self, request: &Request, answer: &mut Value) {
        match request.method.as_str() {
            "initialize" => self.session.agreed(answer),
            "tools/list" => {
                drop(answer.get("result").and_then(|result| self.learned.learn(result)))
            }
            _other => {}
        }
        if let Some(members) = answer.as_object_mut() {
            members.insert("id".to_owned(), request.id.to_value());
        }
    }

    async fn notification(
        self: &Arc<Self>,
        told: &Notification,
        line: &[u8],
        tasks: &mut JoinSet<()>,
    ) {
        if told.method == "notifications/cancelled"
            && let Some(id) = told.params.get("requestId").and_then(Id::from_value)
            && self.cancel(&id)
        {
            return;
        }
        if let Err(trouble) = self.told(line).await {
            tracing::warn!(method = told.method, %trouble, "a notification of the client was not taken");
        }
        if told.method == "notifications/initialized" {
            let pump = Arc::clone(self);
            tasks.spawn(async move { pump.session.hear(&pump.endpoint, &pump.to_client).await });
        }
    }

    /// Cancels a modern request; says whether it was one.
    fn cancel(&self, id: &Id) -> bool {
        let mut under_way = self.lock();
        match under_way.get(id) {
            Some(found) if found.is_modern => {
                // Dropping the response is how HTTP cancels. Its task takes the rest away.
                under_way.remove(id).is_some_and(|found| found.cancel.send(()).is_ok())
            }
            Some(_) | None => false,
        }
    }

    async fn told(&self, line: &[u8]) -> std::result::Result<(), Trouble> {
        self.endpoint.tell(&self.session.headers(), line.to_vec()).await
    }

    async fn refuse(&self, id: Option<&Id>, error: &RpcError) {
        let answer = Response { id: id.cloned(), outcome: Err(error.clone()) };
        let mut value = Message::Response(answer).to_value();
        if let (None, Some(members)) = (id, value.as_object_mut()) {
            members.insert("id".to_owned(), Value::Null);
        }
        // A client that is gone needs no answer.
        _ = self.to_client.put(value.to_string().into_bytes()).await;
    }

    /// Calls have a short time, listening has none; then the session ends.
    async fn finish(&self, tasks: &mut JoinSet<()>) {
        let calls = || self.lock().values().any(|found| !found.is_listening);
        let ended = async { while calls() && tasks.join_next().await.is_some() {} };
        tokio::select! {
            _ = tokio::time::timeout(FINISH_WITHIN, ended) => {}
            () = self.to_client.gone() => {}
        }
        tasks.shutdown().await;
        let headers = self.session.headers();
        if !headers.is_empty() {
            self.endpoint.end(&headers).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
