//! Is a client of revision 2025-11-25 or 2025-06-18 served as it expects? Sessions, streams, and calls of our own tools.
//! What needs a server behind the endpoint (questions, subscriptions) is in files of its own.

use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{BOTH, Heard, LEGACY, Legacy, SESSION, Stream, initialize, names};
use crate::world::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_opened_used_and_ended() {
    let server = Server::start().await;
    let client = Legacy::open(&server, "/mcp").await;
    assert_eq!(client.opened["protocolVersion"], LEGACY);
    assert_eq!(client.opened["serverInfo"]["name"], "checkrein");
    assert_eq!(client.opened["capabilities"], json!({ "tools": { "listChanged": true } }));
    assert!(
        client.session.bytes().all(|byte| byte.is_ascii_graphic()) && client.session.len() >= 43
    );
    assert_eq!(client.ask(1, "ping", json!({})).await.result(), &json!({}));
    let listed = client.ask("two", "tools/list", json!({})).await;
    assert_eq!(listed.last()["id"], "two");
    assert!(names(listed.result()).contains(&"files__read"));
    for key in ["resultType", "ttlMs", "cacheScope"] {
        assert!(listed.result().get(key).is_none(), "{key}");
    }
    let heard = client.call("files__write", json!({ "path": "a.txt", "content": "x\n" })).await;
    let answer = &heard.result()["_meta"]["checkrein/answer"];
    assert_eq!(answer["executed"], "yes", "{heard:?}");
    assert!(heard.result().get("resultType").is_none());
    let ended = Heard::of(client.with(Method::DELETE)).await;
    assert_eq!(ended.status, 204);
    assert_eq!(client.ask(3, "ping", json!({})).await.status, 404);
    assert_eq!(Heard::of(client.with(Method::DELETE)).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_is_agreed_on() {
    let server = Server::start().await;
    for (asked, expect) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2024-11-05", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let request = server.ask(Method::POST, "/mcp", &server.keys.agent).header("accept", BOTH);
        let heard = Heard::of(request.json(&initialize(asked, json!({})))).await;
        assert_eq!(heard.result()["protocolVersion"], expect, "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_its_callers_and_its_entrances_alone() {
    let server = Server::start().await;
    let client = Legacy::open(&server, "/mcp").await;
    let body = json!({ "name": "other", "tools": ["*"], "spaces": ["experiment"], "workflows": ["default"] });
    let other = server.does("/v1/agents", body).await;
    let stranger = Legacy { key: other["secret"].as_str().unwrap().to_owned(), ..client.clone() };
    assert_eq!(stranger.ask(1, "ping", json!({})).await.status, 404);
    let elsewhere = Legacy { path: "/mcp/checkrein", ..client.clone() };
    assert_eq!(elsewhere.ask(1, "ping", json!({})).await.status, 404);
    let forged = Legacy { session: "A".repeat(43), ..client.clone() };
    assert_eq!(forged.ask(1, "ping", json!({})).await.status, 404);
    assert_eq!(client.ask(1, "ping", json!({})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_there_is_only_initialize() {
    let server = Server::start().await;
    let post = |body: Value| {
        let request = server.ask(Method::POST, "/mcp", &server.keys.agent).header("accept", BOTH);
        Heard::of(request.json(&body))
    };
    for method in ["ping", "tools/list", "tools/call"] {
        let heard = post(json!({ "jsonrpc": "2.0", "id": 1, "method": method })).await;
        assert_eq!(heard.error(), (400, -32_600), "{method}");
    }
    let wrong = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {} });
    assert_eq!(post(wrong).await.error(), (200, -32_602));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_served_or_not_the_sessions_era_is_refused() {
    let server = Server::start().await;
    let client = Legacy::open(&server, "/mcp").await;
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let request = server.ask(Method::POST, "/mcp", &client.key).header("accept", BOTH);
    let request = request.header(SESSION, &client.session).header("mcp-protocol-version", "v999");
    assert_eq!(Heard::of(request.json(&body)).await.error(), (400, -32_022));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_stream_of_a_session_ends_the_older_and_its_end_ends_both() {
    let server = Server::start().await;
    let client = Legacy::open(&server, "/mcp").await;
    let mut first = Stream::open(client.with(Method::GET)).await;
    let mut second = Stream::open(client.with(Method::GET)).await;
    assert_eq!(first.next().await, None, "the older one ends");
    assert_eq!(Heard::of(client.with(Method::DELETE)).await.status, 204);
    assert_eq!(second.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_levels_and_subscriptions_are_taken_only_as_they_can_be_served() {
    let server = Server::start().await;
    let client = Legacy::open(&server, "/mcp").await;
    let heard = client.ask(1, "logging/setLevel", json!({ "level": "info" })).await;
    assert_eq!(heard.result(), &json!({}));
    assert_eq!(
        client.ask(2, "logging/setLevel", json!({ "level": "loud" })).await.error(),
        (200, -32_602)
    );
    let heard = client.ask(3, "resources/subscribe", json!({ "uri": "test://x" })).await;
    assert_eq!(heard.error(), (200, -32_602));
    assert_eq!(client.ask(4, "no/such", json!({})).await.error(), (200, -32_601));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_server_stops() {
    let server = Server::start().await;
    let client = Legacy::open(&server, "/mcp").await;
    let mut stream = Stream::open(client.with(Method::GET)).await;
    server.running.stop();
    assert_eq!(stream.next().await, None);
}
