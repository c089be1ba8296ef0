//! Endpoints over HTTP, in both eras, that behave and that do not.
//!
//! What both sides share is here: a modern and a legacy server whose answers to calls each test gives.

mod endpoint;
mod hostile;
mod legacy;
mod modern;

use super::*;
use crate::mcp::credentials::Source;
use endpoint::{
    Endpoint, Part as Piece, Seen, answer, error, event, json, message, over, response, result,
    stream,
};

fn endpoint_spec(endpoint: &Endpoint) -> ServerSpec {
    spec("evil", Way::Http(Http { url: endpoint.url.clone(), credentials: Source::None }))
}

pub(super) fn world(endpoint: &Endpoint) -> World {
    World::with(vec![endpoint_spec(endpoint)])
}

/// A modern server with these capabilities and tools that answers calls as it is told.
fn modern(
    capabilities: Value,
    calls: impl Fn(&Seen) -> Vec<Piece> + Send + Sync + 'static,
) -> impl Fn(&Seen) -> Vec<Piece> + Send + Sync + 'static {
    move |seen| match seen.method() {
        "server/discover" => result(
            seen,
            &json!({ "resultType": "complete", "supportedVersions": ["2026-07-28"],
                "capabilities": capabilities, "ttlMs": 60_000, "cacheScope": "private" }),
        ),
        "tools/list" => result(seen, &listed()),
        _ => calls(seen),
    }
}

/// A legacy server with a session.
fn legacy(
    capabilities: Value,
    calls: impl Fn(&Seen) -> Vec<Piece> + Send + Sync + 'static,
) -> impl Fn(&Seen) -> Vec<Piece> + Send + Sync + 'static {
    move |seen| match (seen.verb.as_str(), seen.method()) {
        ("POST", "initialize") => {
            let greeting = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities,
                "serverInfo": { "name": "evil", "version": "1" } });
            let headers = "content-type: application/json\r\nmcp-session-id: session-1\r\n";
            answer(200, headers, response(seen, &greeting).to_string().as_bytes())
        }
        ("POST", "server/discover") => answer(400, "", b"Bad Request: no session"),
        ("POST", "notifications/initialized" | "notifications/cancelled") => answer(202, "", b""),
        ("POST", "tools/list") => result(seen, &listed()),
        ("DELETE", _) => answer(204, "", b""),
        _ => calls(seen),
    }
}

fn listed() -> Value {
    let header = json!({ "type": "object", "properties": {
        "region": { "type": "string", "x-mcp-header": "Region" }, "text": { "type": "string" } } });
    let bad = json!({ "type": "object", "properties": { "a": { "type": "string", "x-mcp-header": "a b" } } });
    json!({ "resultType": "complete", "ttlMs": 60_000, "cacheScope": "private", "tools": [
        { "name": "echo", "inputSchema": { "type": "object" } },
        { "name": "mirrored", "inputSchema": header },
        { "name": "badly", "inputSchema": bad },
    ] })
}

/// What `echo` says.
fn echo(seen: &Seen) -> Value {
    json!({ "resultType": "complete", "content": [], "structuredContent": seen.body["params"]["arguments"] })
}

/// A server that says that its lists are old at once.
pub(super) async fn short_lived() -> (Endpoint, World) {
    let serve = modern(json!({ "tools": {} }), |seen| result(seen, &echo(seen)));
    let endpoint = Endpoint::serve(move |seen: &Seen| {
        let mut listed = listed();
        listed["ttlMs"] = json!(0);
        match seen.method() {
            "tools/list" => result(seen, &listed),
            _ => serve(seen),
        }
    });
    let endpoint = endpoint.await;
    let world = world(&endpoint);
    (endpoint, world)
}

/// How often an endpoint was asked for its tools.
pub(super) fn listings(endpoint: &Endpoint) -> usize {
    endpoint.seen().iter().filter(|seen| seen.method() == "tools/list").count()
}
