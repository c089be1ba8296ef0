//! What happens to clients that lie, flood, or speak badly: a clear refusal, and nobody else is harmed.
//! In: what no client should send. Out: which refusal it gets, and that the next request is served.

use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{BOTH, Heard, Legacy, MODERN, Modern};
use crate::world::{Said, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_lies_in_its_headers_is_refused_before_anything_runs() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let body = client.body(
        "tools/call",
        json!({ "name": "files__write", "arguments": { "path": "a", "content": "x" } }),
    );
    let lies: [&[(&str, &str)]; 8] = [
        &[("mcp-method", "tools/list"), ("mcp-name", "files__write")],
        &[("mcp-method", "tools/call"), ("mcp-name", "files__read")],
        &[("mcp-method", "tools/call")],
        &[("mcp-name", "files__write")],
        &[],
        &[("mcp-method", "Tools/Call"), ("mcp-name", "files__write")],
        &[("mcp-method", "tools/call"), ("mcp-method", "tools/list"), ("mcp-name", "files__write")],
        &[("mcp-method", "tools/call"), ("mcp-name", "=?base64?%%%?=")],
    ];
    for headers in lies {
        let mut request = client.bare(&body).header("mcp-protocol-version", MODERN);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(Heard::of(request).await.error(), (400, -32_020), "{headers:?}");
    }
    let other = client.bare(&body).header("mcp-protocol-version", "2025-11-25");
    let other = other.header("mcp-method", "tools/call").header("mcp-name", "files__write");
    assert_eq!(Heard::of(other).await.error(), (400, -32_020));
    assert!(!server.place.path("workspace/a").exists());
    let heard = Heard::of(client.request(&body)).await;
    assert_eq!(heard.result()["_meta"]["checkrein/answer"]["executed"], "yes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_request_must_say_is_asked_for_by_name() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let without = |key: &str| {
        let mut body = client.body("server/discover", json!({}));
        body["params"]["_meta"].as_object_mut().unwrap().remove(key);
        body
    };
    let mut bare = client.body("server/discover", json!({}));
    bare.as_object_mut().unwrap().remove("params");
    for (body, expect) in [
        (bare, (400, -32_602)),
        (without("io.modelcontextprotocol/protocolVersion"), (400, -32_602)),
        (without("io.modelcontextprotocol/clientCapabilities"), (400, -32_602)),
    ] {
        let heard = Heard::of(client.request(&body)).await;
        assert_eq!((heard.error(), &heard.last()["id"]), (expect, &json!(1)), "{body}");
    }
    let heard = Heard::of(client.request(&without("io.modelcontextprotocol/clientInfo"))).await;
    assert_eq!(heard.result()["supportedVersions"][0], MODERN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_is_not_served_is_named_with_those_that_are() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let mut body = client.body("server/discover", json!({}));
    body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("v999.0.0");
    let request = client.bare(&body).header("mcp-method", "server/discover");
    let heard = Heard::of(request.header("mcp-protocol-version", "v999.0.0")).await;
    assert_eq!(heard.error(), (400, -32_022));
    let data = &heard.last()["error"]["data"];
    assert_eq!(data["requested"], "v999.0.0");
    assert_eq!(data["supported"], json!(["2026-07-28", "2025-11-25", "2025-06-18"]));
    // Who lies in the header is told of the lie first.
    assert_eq!(Heard::of(client.request(&body)).await.error(), (400, -32_020));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_refused_and_the_next_one_served() {
    let server = Server::start().await;
    let post = |body: Vec<u8>| {
        let request = server.ask(Method::POST, "/mcp", &server.keys.agent).header("accept", BOTH);
        Heard::of(request.header("content-type", "application/json").body(body))
    };
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    for (body, expect) in [
        (b"".to_vec(), (400, -32_700)),
        (b"{".to_vec(), (400, -32_700)),
        (b"\xff\xfe".to_vec(), (400, -32_700)),
        (deep.into_bytes(), (400, -32_700)),
        (br#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#.to_vec(), (400, -32_700)),
        (br#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#.to_vec(), (400, -32_600)),
        (b"[]".to_vec(), (400, -32_600)),
        (br#"{"id":1,"method":"ping"}"#.to_vec(), (400, -32_600)),
        (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#.to_vec(), (400, -32_600)),
        (br#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#.to_vec(), (400, -32_600)),
        (br#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#.to_vec(), (400, -32_600)),
        (vec![b' '; 5 << 20], (413, -32_600)),
    ] {
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        let heard = post(body).await;
        assert_eq!(heard.error(), expect, "{shown}");
        assert!(heard.last().get("id").is_none());
    }
    let client = Modern::new(&server, "/mcp");
    assert!(client.ask("tools/list", json!({})).await.result()["tools"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_do_not_fit_are_refused() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let read = |more: Value| {
        let mut params = json!({ "name": "files__read", "arguments": { "path": "a" } });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    for params in [
        json!({ "name": "files__read", "arguments": [] }),
        read(json!({ "inputResponses": null })),
        read(json!({ "inputResponses": { "a": 1 } })),
        read(json!({ "requestState": 1 })),
        read(json!({ "requestState": "AAAA" })),
    ] {
        let heard = client.ask("tools/call", params.clone()).await;
        assert_eq!(heard.error(), (200, -32_602), "{params}");
    }
    let heard = client.ask("tools/list", json!({ "cursor": "forged" })).await;
    assert_eq!(heard.error(), (200, -32_602));
    let heard = client.ask("subscriptions/listen", json!({})).await;
    assert_eq!(heard.error(), (200, -32_602));
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_of_bodies_and_answers_are_asked_for() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let body = client.body("tools/list", json!({}));
    let request = server.ask(Method::POST, "/mcp", &client.key).header("accept", BOTH);
    let heard =
        Heard::of(request.header("content-type", "text/plain").body(body.to_string())).await;
    assert_eq!(heard.status, 415);
    let request = server.ask(Method::POST, "/mcp", &client.key).header("accept", "text/html");
    assert_eq!(Heard::of(request.json(&body)).await.status, 406);
    let arguments = json!({ "name": "files__read", "arguments": { "path": "missing" } });
    let body = client.body("tools/call", arguments);
    for (accept, kind) in
        [("application/json", "application/json"), ("text/event-stream", "text/event-stream")]
    {
        let request = client.server.ask(Method::POST, "/mcp", &client.key).header("accept", accept);
        let request =
            request.header("mcp-protocol-version", MODERN).header("mcp-method", "tools/call");
        let heard = Heard::of(request.header("mcp-name", "files__read").json(&body)).await;
        assert_eq!(
            (&heard.headers["content-type"], &heard.result()["isError"]),
            (&kind.parse().unwrap(), &json!(true))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_operators_and_foreign_pages_are_kept_out() {
    let server = Server::start().await;
    let mut client = Modern::new(&server, "/mcp");
    let body = client.body("tools/list", json!({}));
    client.key = "ck_agent_forged".to_owned();
    let said = Said::of(client.request(&body)).await;
    assert_eq!(said.problem(401), "CR-4001");
    client.key = server.keys.operator.clone();
    assert_eq!(Said::of(client.request(&body)).await.problem(403), "CR-4002");
    client.key = server.keys.agent.clone();
    for (name, value) in [("host", "evil.example.com"), ("origin", "http://evil.example.com")] {
        let said = Said::of(client.request(&body).header(name, value)).await;
        assert!(said.status.is_client_error(), "{name}: {said:?}");
    }
    let elsewhere = Modern { path: "/mcp/nowhere", ..client };
    assert_eq!(Said::of(elsewhere.request(&body)).await.problem(404), "CR-1011");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_questions_that_nobody_asked_are_refused() {
    let server = Server::start().await;
    let client = Legacy::open(&server, "/mcp").await;
    for id in [json!(1), json!("x")] {
        let body = json!({ "jsonrpc": "2.0", "id": id, "result": {} });
        assert_eq!(Heard::of(client.post(&body)).await.status, 400);
    }
    let unknown = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 99 } });
    assert_eq!(Heard::of(client.post(&unknown)).await.status, 202);
}
