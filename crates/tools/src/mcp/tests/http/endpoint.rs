//! An endpoint on a socket of its own, by hand, so that every byte can be wrong.
//!
//! In: what to answer to each request, as parts. Out: its address, and everything that it was asked. A connection is kept for
//! the next request unless a part ends it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::Url;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// A request as it came.
#[derive(Debug, Clone)]
pub(in crate::mcp::tests) struct Seen {
    pub(in crate::mcp::tests) verb: String,
    pub(in crate::mcp::tests) headers: BTreeMap<String, String>,
    pub(in crate::mcp::tests) body: Value,
}

impl Seen {
    pub(in crate::mcp::tests) fn method(&self) -> &str {
        self.body["method"].as_str().unwrap_or_default()
    }

    pub(in crate::mcp::tests) fn tool(&self) -> &str {
        self.body["params"]["name"].as_str().unwrap_or_default()
    }

    pub(in crate::mcp::tests) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// A part of an answer.
#[derive(Clone)]
pub(in crate::mcp::tests) enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes, again and again.
    Endless(Vec<u8>),
    /// Nothing until the test says so.
    Until(Arc<Notify>),
    /// Nothing more, and the connection stays open.
    Silence,
    /// The connection ends.
    Close,
}

pub(in crate::mcp::tests) type Answer = dyn Fn(&Seen) -> Vec<Part> + Send + Sync;

/// The endpoint. Gone when it is dropped.
pub(in crate::mcp::tests) struct Endpoint {
    pub(in crate::mcp::tests) url: Url,
    pub(in crate::mcp::tests) connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
    _accepting: JoinSet<()>,
}

impl Endpoint {
    pub(in crate::mcp::tests) async fn serve(
        answer: impl Fn(&Seen) -> Vec<Part> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, answer)
    }

    pub(in crate::mcp::tests) fn on(
        listener: TcpListener,
        answer: impl Fn(&Seen) -> Vec<Part> + Send + Sync + 'static,
    ) -> Self {
        let url = format!("http://{}/mcp", listener.local_addr().unwrap()).parse().unwrap();
        let (seen, connections, arrived) =
            <(Arc<Mutex<Vec<Seen>>>, Arc<AtomicUsize>, Arc<Notify>)>::default();
        let answer: Arc<Answer> = Arc::new(answer);
        let mut accepting = JoinSet::new();
        let (all, count, news) =
            (Arc::clone(&seen), Arc::clone(&connections), Arc::clone(&arrived));
        accepting.spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (answer, all, news) =
                    (Arc::clone(&answer), Arc::clone(&all), Arc::clone(&news));
                serving.spawn(async move {
                    let _ = connection(stream, &answer, (&all, &news)).await;
                });
            }
        });
        Self { url, connections, seen, arrived, _accepting: accepting }
    }

    pub(in crate::mcp::tests) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits for a request like this.
    pub(in crate::mcp::tests) async fn until(&self, like: impl Fn(&Seen) -> bool) -> Seen {
        let found = async {
            loop {
                let arrived = self.arrived.notified();
                if let Some(seen) = self.seen().into_iter().find(&like) {
                    return seen;
                }
                arrived.await;
            }
        };
        let found = tokio::time::timeout(super::TIMEOUT, found).await;
        found.unwrap_or_else(|_| panic!("no such request among {:#?}", self.seen()))
    }
}

async fn connection(
    mut stream: TcpStream,
    answer: &Arc<Answer>,
    (all, news): (&Mutex<Vec<Seen>>, &Notify),
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let Some(seen) = request(&mut stream, &mut buffer).await? else { return Ok(()) };
        all.lock().unwrap().push(seen.clone());
        news.notify_waiters();
        for part in answer(&seen) {
            match part {
                Part::Bytes(bytes) => stream.write_all(&bytes).await?,
                Part::Endless(bytes) => loop {
                    stream.write_all(&bytes).await?;
                },
                Part::Until(said) => said.notified().await,
                Part::Silence => std::future::pending().await,
                Part::Close => return stream.shutdown().await,
            }
        }
    }
}

async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<Seen>> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let verb = lines.next().unwrap().split(' ').next().unwrap().to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while buffer.len() < end + length {
        stream.read_buf(buffer).await?;
    }
    let body = serde_json::from_slice(&buffer[end..end + length]).unwrap_or_default();
    buffer.drain(..end + length);
    Ok(Some(Seen { verb, headers, body }))
}

/// An answer with a status, more headers and a body.
pub(in crate::mcp::tests) fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<Part> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n");
    vec![Part::Bytes([head.as_bytes(), body].concat())]
}

pub(in crate::mcp::tests) fn json(status: u16, body: &Value) -> Vec<Part> {
    answer(status, "content-type: application/json\r\n", body.to_string().as_bytes())
}

/// The answer to this request.
pub(in crate::mcp::tests) fn result(seen: &Seen, result: &Value) -> Vec<Part> {
    json(200, &response(seen, result))
}

pub(in crate::mcp::tests) fn response(seen: &Seen, result: &Value) -> Value {
    serde_json::json!({ "jsonrpc": "2.0", "id": seen.body["id"], "result": result })
}

pub(in crate::mcp::tests) fn error(status: u16, seen: &Seen, code: i64) -> Vec<Part> {
    let error = serde_json::json!({ "code": code, "message": "refused", "data": { "kept": true } });
    json(status, &serde_json::json!({ "jsonrpc": "2.0", "id": seen.body["id"], "error": error }))
}

/// The begin of a stream of events.
pub(in crate::mcp::tests) fn stream() -> Part {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    Part::Bytes(head.into())
}

pub(in crate::mcp::tests) fn event(text: &str) -> Part {
    Part::Bytes(format!("{:x}\r\n{text}\r\n", text.len()).into())
}

pub(in crate::mcp::tests) fn message(body: &Value) -> Part {
    event(&format!("data: {body}\n\n"))
}

/// The end of a stream; the connection is kept.
pub(in crate::mcp::tests) fn over() -> Part {
    Part::Bytes(b"0\r\n\r\n".to_vec())
}
