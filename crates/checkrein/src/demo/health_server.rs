//! `checkrein demo-health-server`: a tool server with one tool, `check`, which asks an HTTP server on this machine for a page.
//!
//! In: the address of a server, and calls with a `path`. Out: the status and what the page says, as structured content; where
//! nobody answers, an error. For the demo, and for trying a health check out: it changes nothing, reaches one address, and
//! knows nothing of Checkrein. Tests: `tests/it/high_stakes.rs`, with a real server behind it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;
use mcp::{Params, Request, RpcCode, RpcError};
use serde_json::{Value, json};

use super::notes_server::serve;
use crate::failure::Result;

/// How long the page may take.
const WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an answer that are looked at.
const BYTES_MAX: u64 = 64 << 10;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The address of the server that is asked, such as 127.0.0.1:8000
    address: SocketAddr,
}

/// Serves until its input ends.
pub(crate) fn run(given: &Arguments) -> Result {
    serve(|request| answer(request, given.address))
}

fn answer(request: &Request, address: SocketAddr) -> std::result::Result<Params, RpcError> {
    let result = match request.method.as_str() {
        "initialize" => json!({
            "protocolVersion": "2025-11-25", "capabilities": { "tools": {} },
            "serverInfo": { "name": "demo-health", "version": "1.0.0" },
        }),
        "ping" => json!({}),
        "tools/list" => json!({ "tools": [tool()] }),
        "tools/call" => checked(&request.params, address),
        _other => return Err(RpcError::new(RpcCode::MethodNotFound, "no such method")),
    };
    match result {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Ok(Params::new())
        }
    }
}

fn tool() -> Value {
    json!({
        "name": "check", "description": "Asks the web server for a page, and says what came back.",
        "inputSchema": {
            "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"],
            "additionalProperties": false,
        },
        "outputSchema": {
            "type": "object",
            "properties": { "status": { "type": "integer" }, "body": { "type": "string" } },
            "required": ["status", "body"],
        },
        "annotations": { "readOnlyHint": true },
    })
}

fn checked(params: &Params, address: SocketAddr) -> Value {
    let path = params.get("arguments").and_then(|arguments| arguments["path"].as_str());
    let plain = |path: &&str| path.starts_with('/') && !path.contains(char::is_whitespace);
    let asked = match path.filter(plain) {
        Some(path) => page(address, path).map_err(|error| error.to_string()),
        None => Err("`path` is no path such as `/index.html`".to_owned()),
    };
    match asked {
        Ok((status, body)) => json!({
            "content": [{ "type": "text", "text": format!("{status}") }],
            "structuredContent": { "status": status, "body": body },
        }),
        Err(why) => json!({ "content": [{ "type": "text", "text": why }], "isError": true }),
    }
}

/// The status and the body of a page (HTTP/1.0: the connection's end is the body's end).
fn page(address: SocketAddr, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(BYTES_MAX).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&*text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("it does not speak HTTP"))?;
    Ok((status, body.to_owned()))
}
