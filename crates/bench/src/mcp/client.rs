//! The one client of both sides: a connection that stays open, and requests that are ready bytes.
//!
//! In: an address, a key for the gateway, a call. Out: how long the answer took. An answer that is not a success ends the
//! measurement: a refusal would be fast.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Outcome;

/// Where requests go.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// `127.0.0.1:port`.
    pub(super) address: String,
    /// The path of the endpoint.
    pub(super) path: String,
    /// A bearer token.
    pub(super) key: Option<String>,
}

/// One connection.
pub(super) struct Client {
    stream: TcpStream,
    side: Side,
    bytes: Vec<u8>,
    next: u64,
}

impl Client {
    pub(super) async fn connect(side: &Side) -> Outcome<Self> {
        let stream = TcpStream::connect(&side.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, side: side.clone(), bytes: Vec::new(), next: 1 })
    }

    /// Calls a tool and takes the time.
    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> Outcome<Duration> {
        let (answer, took) = self
            .ask("tools/call", Some(tool), json!({ "name": tool, "arguments": arguments }))
            .await?;
        if answer.pointer("/result/isError") != Some(&json!(false)) {
            return Err(format!("a call was not answered: {answer}").into());
        }
        Ok(took)
    }

    /// Any request: the answer and the time until its last byte.
    pub(super) async fn ask(
        &mut self,
        method: &str,
        name: Option<&str>,
        mut params: Value,
    ) -> Outcome<(Value, Duration)> {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        params.as_object_mut().ok_or("parameters are an object")?.insert("_meta".to_owned(), meta);
        let id = self.next;
        self.next += 1;
        let body =
            json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string();
        let request = self.request((method, name), &body);
        let begun = Instant::now();
        self.stream.write_all(request.as_bytes()).await?;
        let body = self.response().await?;
        let took = begun.elapsed();
        Ok((serde_json::from_slice(&body)?, took))
    }

    /// Posts a body that is no message of the protocol.
    pub(super) async fn post(&mut self, body: &Value) -> Outcome<Value> {
        let request = self.request(("-", None), &body.to_string());
        self.stream.write_all(request.as_bytes()).await?;
        Ok(serde_json::from_slice(&self.response().await?)?)
    }

    fn request(&self, (method, name): (&str, Option<&str>), body: &str) -> String {
        let Side { address, path, key } = &self.side;
        let name = name.map(|name| format!("Mcp-Name: {name}\r\n")).unwrap_or_default();
        let key =
            key.as_ref().map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: {method}\r\n{name}{key}Content-Length: {length}\r\n\r\n{body}"
        )
    }

    async fn response(&mut self) -> Outcome<Vec<u8>> {
        loop {
            if let Some((head, length)) = head(&self.bytes)
                && let Some(body) = self.bytes.get(head..head + length)
            {
                let body = body.to_vec();
                self.bytes.drain(..head + length);
                return Ok(body);
            }
            if self.stream.read_buf(&mut self.bytes).await? == 0 {
                let said = String::from_utf8_lossy(&self.bytes).into_owned();
                return Err(format!("the connection ended early after `{said}`").into());
            }
        }
    }
}

/// Where the body of a message begins, and its length.
pub(super) fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Some((end + 4, length.unwrap_or(0)))
}
