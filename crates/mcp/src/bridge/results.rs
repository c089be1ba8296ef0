//! Results: which kind one is, and how a client of either era gets it.
//!
//! In: a result as a server gave it, or as we made it. Out: the same with the fields that the client's revision needs and
//! without those that it does not know. Tests are in `bridge/tests.rs`.

use std::time::Duration;

use serde_json::{Value, json};

use super::tools::tool_to_client;
use crate::message::Params;
use crate::meta;
use crate::revision::{Era, Revision};

/// What kind of result one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResultKind {
    /// The request is done.
    Complete,
    /// The server asks for input first.
    InputRequired,
    /// Something that no served revision knows; such a result is invalid.
    Unknown(String),
}

/// The key that names the kind.
const RESULT_TYPE: &str = "resultType";
/// Methods whose results say how long they may be kept (2026-07-28, "Caching").
const CACHEABLE: [&str; 6] = [
    "server/discover",
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
];

/// The kind of a result (2026-07-28, "ResultType": none means complete).
pub fn kind(result: &Params) -> ResultKind {
    match result.get(RESULT_TYPE) {
        None => ResultKind::Complete,
        Some(Value::String(kind)) if kind == "complete" => ResultKind::Complete,
        Some(Value::String(kind)) if kind == "input_required" => ResultKind::InputRequired,
        Some(other) => ResultKind::Unknown(contract::visible::short(&other.to_string())),
    }
}

/// Makes a result what a client of `to` expects. It may keep the result for at most `ttl`, and never share it: what a caller
/// sees depends on its grant.
///
/// A legacy client never gets a result that asks for input: it is asked instead.
pub fn result_to_client(method: &str, result: &mut Params, to: Revision, ttl: Duration) {
    if method == "tools/list"
        && let Some(Value::Array(tools)) = result.get_mut("tools")
    {
        tools.iter_mut().filter_map(Value::as_object_mut).for_each(|tool| tool_to_client(tool, to));
    }
    match to.era() {
        Era::Modern => to_modern(method, result, ttl),
        Era::Legacy => to_legacy(method, result),
    }
}

/// Says who the server is (2026-07-28, "`_meta`"; legacy revisions say it in `initialize` only).
pub fn put_server_info(result: &mut Params, info: &Value, to: Revision) {
    match to.era() {
        Era::Modern => meta::put(result, meta::SERVER_INFO, info.clone()),
        Era::Legacy => {}
    }
}

fn to_modern(method: &str, result: &mut Params, ttl: Duration) {
    // "Caching": results that ask for input carry no hints.
    if kind(result) == ResultKind::Complete && CACHEABLE.contains(&method) {
        let own = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let given = result.get("ttlMs").and_then(Value::as_u64);
        result.insert("ttlMs".to_owned(), given.map_or(own, |given| given.min(own)).into());
        result.insert("cacheScope".to_owned(), "private".into());
    }
    result.entry(RESULT_TYPE).or_insert_with(|| "complete".into());
}

fn to_legacy(method: &str, result: &mut Params) {
    result.remove(RESULT_TYPE);
    if CACHEABLE.contains(&method) {
        result.remove("ttlMs");
        result.remove("cacheScope");
    }
    meta::take(result, &[meta::SERVER_INFO]);
    // 2025-11-25, "CallToolResult": structured content is an object; any other value is told as text.
    if method == "tools/call"
        && !matches!(result.get("structuredContent"), None | Some(Value::Object(_)))
    {
        let structured = result.remove("structuredContent").unwrap_or_default();
        let content = result.entry("content").or_insert_with(|| json!([]));
        if let Value::Array(blocks) = content
            && !blocks.iter().any(|block| block.get("type") == Some(&"text".into()))
        {
            blocks.push(json!({ "type": "text", "text": structured.to_string() }));
        }
    }
}
