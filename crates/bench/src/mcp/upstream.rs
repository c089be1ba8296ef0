//! A tool server that does as little as a server can, in a process of its own: what is measured is the way to it.
//!
//! In: `--upstream DELAY_MS TOOLS` on this program's own line. Out: its address on the first line, then answers over HTTP in
//! revision 2026-07-28 until its input ends. Requests are read by their length; nothing is checked.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::Outcome;

/// A tool that reads.
pub(super) const READS: &str = "read_entry";
/// A tool that changes something.
pub(super) const CHANGES: &str = "set_entry";

/// Bytes of one request.
const REQUEST_MAX: usize = 1 << 20;

/// Serves until standard input ends.
pub(crate) fn serve(delay_ms: &str, tools: &str) -> Outcome<ExitCode> {
    let (delay, tools) = (Duration::from_millis(delay_ms.parse()?), tools.parse()?);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}/mcp", listener.local_addr()?);
        let list: &'static str = Box::leak(list(tools).to_string().into_boxed_str());
        let mut ended = tokio::task::spawn_blocking(|| {
            // Whatever comes: an error is an end too.
            _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        });
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted?;
                    tokio::spawn(connection(stream, delay, list));
                }
                _ = &mut ended => return Outcome::Ok(ExitCode::SUCCESS),
            }
        }
    })
}

fn list(count: usize) -> Value {
    let tool = |name: &str, what: &str| {
        json!({
            "name": name,
            "description": what,
            "inputSchema": {
                "type": "object",
                "properties": { "id": { "type": "string" }, "value": { "type": "integer" } },
                "required": ["id"],
            },
        })
    };
    let mut tools =
        vec![tool(READS, "Reads one entry"), tool(CHANGES, "Sets the value of one entry")];
    tools.extend((0..count).map(|number| {
        tool(&format!("read_entry_{number}"), &format!("Reads one entry of list {number}"))
    }));
    json!({ "resultType": "complete", "tools": tools, "ttlMs": 3_600_000, "cacheScope": "public" })
}

async fn connection(mut stream: TcpStream, delay: Duration, list: &'static str) {
    _ = stream.set_nodelay(true);
    let mut bytes = Vec::new();
    while let Some(body) = request(&mut stream, &mut bytes).await {
        let Ok(message) = serde_json::from_slice::<Value>(&body) else { return };
        let id = message.get("id").unwrap_or(&Value::Null);
        let result = match message.get("method").and_then(Value::as_str) {
            Some("server/discover") => {
                r#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":3600000,"cacheScope":"public"}"#
            }
            Some("tools/list") => list,
            Some("tools/call") => {
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                }
                r#"{"resultType":"complete","content":[{"type":"text","text":"the value is 17"}],"isError":false}"#
            }
            _ => {
                let error = format!(
                    r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"no such method"}}}}"#
                );
                if answer(&mut stream, "404 Not Found", &error).await.is_err() {
                    return;
                }
                continue;
            }
        };
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
        if answer(&mut stream, "200 OK", &text).await.is_err() {
            return;
        }
    }
}

async fn answer(stream: &mut TcpStream, status: &str, text: &str) -> std::io::Result<()> {
    let length = text.len();
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{text}"
    );
    stream.write_all(response.as_bytes()).await
}

/// The body of the next request; none when there is none.
async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some((head, length)) = super::client::head(bytes)
            && let Some(body) = bytes.get(head..head + length)
        {
            let body = body.to_vec();
            bytes.drain(..head + length);
            return Some(body);
        }
        if bytes.len() > REQUEST_MAX || stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}
