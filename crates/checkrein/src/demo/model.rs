//! The agent as a client of the protocol: what it lists and calls at `/mcp/notes`, in revision 2026-07-28.
//!
//! In: a method and parameters. Out: the result as the endpoint gives it, and the text in it that a model would read.

use mcp::headers::{self, Mirrors};
use mcp::{Id, Message, Params, Request, meta};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use super::cast::Cast;
use crate::failure::{Failure, Result};

const PATH: &str = "/mcp/notes";

/// Asks the endpoint as the agent.
pub(super) async fn ask(cast: &Cast, method: &str, params: Value) -> Result<Value> {
    let Value::Object(mut params) = params else { return Err(Failure::new("no parameters")) };
    meta::put(&mut params, meta::PROTOCOL_VERSION, "2026-07-28".into());
    meta::put(&mut params, meta::CLIENT_CAPABILITIES, json!({}));
    meta::put(&mut params, meta::CLIENT_INFO, json!({ "name": "demo-agent", "version": "1" }));
    meta::put(&mut params, meta::RUN, cast.run.as_str().into());
    // As a well-behaved agent it says how sure it is.
    meta::put(
        &mut params,
        meta::PROPOSAL,
        json!({ "intent": "tidy the notes", "confidence": "0.97" }),
    );
    let request: Request = Request::new(Id::Number(1), method, Params::from_iter(params));
    let sent = headers::sent(&request, &Mirrors::default())
        .map_err(|error| Failure::new(error.to_string()))?;
    let mut http = cast.agent.request(Method::POST, PATH, &[])?;
    for (name, value) in sent {
        http = http.header(name, value);
    }
    let http = http.header(CONTENT_TYPE, "application/json").header(ACCEPT, "application/json");
    let response = http.body(Message::Request(request).to_bytes()).send().await;
    let broken =
        |error: reqwest::Error| Failure::new(format!("the endpoint did not answer: {error}"));
    let bytes = response.map_err(broken)?.bytes().await.map_err(broken)?;
    let answer: Value =
        serde_json::from_slice(&bytes).map_err(|error| Failure::new(error.to_string()))?;
    Ok(answer.get("result").or_else(|| answer.get("error")).cloned().unwrap_or_default())
}

/// Calls a tool of the notes server.
pub(super) async fn call(cast: &Cast, tool: &str, arguments: Value) -> Result<Value> {
    ask(cast, "tools/call", json!({ "name": tool, "arguments": arguments })).await
}

/// What a model reads of a result: the text blocks, or the message of an error.
pub(super) fn text(result: &Value) -> String {
    let blocks = result.get("content").and_then(Value::as_array).into_iter().flatten();
    let texts: Vec<&str> = blocks.filter_map(|block| block.get("text")?.as_str()).collect();
    match texts.is_empty() {
        true => result.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        false => texts.join("\n"),
    }
}

/// What Checkrein says of a call.
pub(super) fn envelope(result: &Value) -> Option<&Value> {
    result.get("_meta")?.get(meta::ANSWER)
}

/// Whether a call was carried out, as its envelope says.
pub(super) fn executed(result: &Value) -> &str {
    envelope(result).and_then(|said| said.get("executed")?.as_str()).unwrap_or_default()
}

/// The id of the call.
pub(super) fn id(result: &Value) -> Result<&str> {
    let id = envelope(result).and_then(|said| said.get("call")?.as_str());
    id.ok_or_else(|| Failure::new(format!("no call: {}", crate::output::json_line(result))))
}
