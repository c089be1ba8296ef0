//! Modern endpoints that behave: headers, both kinds of answers, changes, credentials, errors with a status.
//! The rules are those of the specification 2026-07-28, "Streamable HTTP" and "Subscriptions".

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Executed, KeyPlace};
use gate::{Invocation, PassedKey};
use mcp::{FromTool, Revision};
use tokio::sync::Notify;

use super::*;
use crate::mcp::credentials::SecretSource;

const PLAIN: fn() -> Value = || json!({ "tools": {} });

#[tokio::test]
async fn a_call_is_one_post_whose_headers_repeat_it() {
    let endpoint = Endpoint::serve(modern(PLAIN(), |seen| result(seen, &echo(seen)))).await;
    let world = world(&endpoint);
    let mut invocation = world.accepted("mirrored").await;
    invocation.arguments = json!({ "region": "zürich", "text": "x" });
    let reply = world.carry_out(&invocation, TIMEOUT).await.unwrap();
    assert_eq!(reply.output["structuredContent"], invocation.arguments);
    let seen = endpoint.until(|seen| seen.tool() == "mirrored").await;
    assert_eq!(seen.header("mcp-protocol-version"), "2026-07-28");
    assert_eq!(seen.header("mcp-method"), "tools/call");
    assert_eq!(seen.header("mcp-name"), "mirrored");
    assert_eq!(seen.header("mcp-param-region"), "=?base64?esO8cmljaA==?=");
    assert_eq!(seen.header("accept"), "application/json, text/event-stream");
    assert_eq!(seen.header("mcp-session-id"), "");
    let meta = &seen.body["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    assert_eq!(meta["io.modelcontextprotocol/clientCapabilities"], json!({}));
}

#[tokio::test]
async fn a_calls_key_travels_where_its_contract_says_and_nowhere_else() {
    let endpoint = Endpoint::serve(modern(PLAIN(), |seen| result(seen, &echo(seen)))).await;
    let world = world(&endpoint);
    let plain = world.accepted("mirrored").await;
    let places = [
        None,
        Some(KeyPlace::Meta("checkrein/idempotency-key".to_owned())),
        Some(KeyPlace::Header("Idempotency-Key".to_owned())),
        Some(KeyPlace::Header("Mcp-Method".to_owned())),
    ];
    let mut outcomes = Vec::new();
    for place in places {
        let key = place.map(|place| PassedKey { place, key: "k-1".to_owned() });
        let arguments = json!({ "region": "a", "text": "x" });
        let invocation = Invocation { key, arguments, ..plain.clone() };
        outcomes.push(world.carry_out(&invocation, TIMEOUT).await);
    }
    let forged = outcomes.pop().unwrap().unwrap_err();
    assert_eq!(forged.executed, Executed::No, "no key takes the place of the protocol's own");
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let calls: Vec<Seen> =
        endpoint.seen().into_iter().filter(|seen| seen.tool() == "mirrored").collect();
    let told = |seen: &Seen| {
        let meta = seen.body["params"]["_meta"]["checkrein/idempotency-key"].clone();
        (meta, seen.header("idempotency-key").to_owned())
    };
    let told: Vec<_> = calls.iter().map(told).collect();
    let nothing = String::new();
    let expected =
        [(Value::Null, nothing.clone()), (json!("k-1"), nothing), (Value::Null, "k-1".to_owned())];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn one_connection_serves_call_after_call() {
    let streamed = |seen: &Seen| vec![stream(), message(&response(seen, &echo(seen))), over()];
    let endpoint = Endpoint::serve(modern(PLAIN(), streamed)).await;
    let world = world(&endpoint);
    for _ in 0..20 {
        world.assert_serves().await;
    }
    let connections = endpoint.connections.load(Ordering::SeqCst);
    // The end of a stream may come after its answer was read; then a connection is not used again.
    assert!(connections <= 10, "{connections} connections for 20 calls");
}

#[tokio::test]
async fn a_tool_with_a_wrong_header_annotation_is_left_out() {
    let endpoint = Endpoint::serve(modern(PLAIN(), |seen| result(seen, &echo(seen)))).await;
    let world = world(&endpoint);
    assert_eq!(world.offer().await.tools.len(), 2);
    let left_out = world.standing().left_out;
    assert_eq!(left_out[0].0, "badly");
    assert!(left_out[0].1.contains("a b"), "{left_out:?}");
}

#[tokio::test]
async fn what_a_stream_tells_goes_to_the_client_of_its_call() {
    let calls = |seen: &Seen| {
        let token = &seen.body["params"]["_meta"]["progressToken"];
        let progress = |token: &Value| {
            let params = json!({ "progressToken": token, "progress": 1 });
            message(
                &json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }),
            )
        };
        let comment = event(": nothing\n\nevent: other\ndata: {\n\nid: 1\ndata:\n\n");
        let foreign = progress(&json!("foreign"));
        let answer = message(&response(seen, &echo(seen)));
        vec![stream(), comment, progress(token), foreign, answer, over()]
    };
    let endpoint = Endpoint::serve(modern(PLAIN(), calls)).await;
    let world = world(&endpoint);
    let invocation = world.accepted("echo").await;
    let mut line = world.conversations.open(invocation.call, client(Revision::V2026July));
    world.carry_out(&invocation, TIMEOUT).await.unwrap();
    let Ok(FromTool::Notification(told)) = line.from_tool.try_recv() else {
        panic!("expected one")
    };
    assert_eq!(told.params["progressToken"], "the client's");
    assert!(line.from_tool.try_recv().is_err());
    assert_eq!(world.standing().faults_all, 1);
}

#[tokio::test]
async fn an_error_keeps_its_code_and_data_whatever_the_status() {
    let (no, doubt) = (Executed::No, Executed::Unknown);
    for (status, code, executed) in
        [(400, -32_021, no), (404, -32_601, no), (400, -32_020, no), (200, -32_602, doubt)]
    {
        let endpoint =
            Endpoint::serve(modern(PLAIN(), move |seen| error(status, seen, code))).await;
        let outcome = world(&endpoint).call("echo").await;
        let error = assert_failed(outcome, (executed, ToolErrorKind::Failed), "refused");
        let said = error.asks.unwrap();
        assert_eq!(said["error"]["code"], code);
        assert_eq!(said["error"]["data"], json!({ "kept": true }));
    }
}

#[tokio::test]
async fn a_change_that_is_told_stops_the_next_call_until_the_lists_are_read_again() {
    let (said, changed) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (say, is_changed) = (Arc::clone(&said), Arc::clone(&changed));
    let serve = modern(json!({ "tools": { "listChanged": true } }), move |seen| {
        if seen.method() != "subscriptions/listen" {
            return result(seen, &echo(seen));
        }
        let told = |method: &str| {
            let meta = json!({ "io.modelcontextprotocol/subscriptionId": seen.body["id"] });
            message(&json!({ "jsonrpc": "2.0", "method": method, "params": { "_meta": meta } }))
        };
        vec![
            stream(),
            told("notifications/subscriptions/acknowledged"),
            Piece::Until(Arc::clone(&say)),
            told("notifications/tools/list_changed"),
            Piece::Silence,
        ]
    });
    let endpoint = Endpoint::serve(move |seen: &Seen| {
        if seen.method() == "tools/list" && is_changed.load(Ordering::SeqCst) {
            let mut listed = listed();
            listed["tools"][0]["description"] = json!("another");
            return result(seen, &listed);
        }
        serve(seen)
    });
    let endpoint = endpoint.await;
    let world = world(&endpoint);
    let before = world.accepted("echo").await;
    assert!(world.carry_out(&before, TIMEOUT).await.is_ok());
    let listening = endpoint.until(|seen| seen.method() == "subscriptions/listen").await;
    let filter = &listening.body["params"]["notifications"];
    assert_eq!(*filter, json!({ "toolsListChanged": true }));
    let mut changes = world.upstreams.changes();
    changed.store(true, Ordering::SeqCst);
    said.notify_one();
    while changes.recv().await.unwrap() != Change::Offer(evil()) {}
    let stale = (Executed::No, ToolErrorKind::Stale);
    assert_failed(world.carry_out(&before, TIMEOUT).await, stale, "another definition");
    world.assert_serves().await;
}

/// It told nobody, since nobody listened yet.
#[tokio::test]
async fn a_change_between_the_first_list_and_the_begin_of_listening_is_found() {
    let (listens, changed) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (begin, is_changed) = (Arc::clone(&listens), Arc::clone(&changed));
    let serve = modern(json!({ "tools": { "listChanged": true } }), move |_| {
        let method = "notifications/subscriptions/acknowledged";
        let acknowledged = json!({ "jsonrpc": "2.0", "method": method, "params": {} });
        vec![Piece::Until(Arc::clone(&begin)), stream(), message(&acknowledged), Piece::Silence]
    });
    let endpoint = Endpoint::serve(move |seen: &Seen| {
        let mut listed = listed();
        if is_changed.load(Ordering::SeqCst) {
            listed["tools"][0]["description"] = json!("another");
        }
        match seen.method() {
            "tools/list" => result(seen, &listed),
            _ => serve(seen),
        }
    });
    let endpoint = endpoint.await;
    let world = world(&endpoint);
    let before = world.accepted("echo").await;
    endpoint.until(|seen| seen.method() == "subscriptions/listen").await;
    let mut changes = world.upstreams.changes();
    changed.store(true, Ordering::SeqCst);
    listens.notify_one();
    while changes.recv().await.unwrap() != Change::Offer(evil()) {}
    assert_ne!(before.upstream, world.accepted("echo").await.upstream);
}

#[tokio::test]
async fn a_subscription_opens_the_stream_with_another_filter_and_updates_are_told() {
    let capabilities = json!({ "tools": {}, "resources": { "subscribe": true } });
    let endpoint = Endpoint::serve(modern(capabilities, |seen| match seen.method() {
        "resources/list" => result(seen, &json!({ "resources": [] })),
        "resources/templates/list" => result(seen, &json!({ "resourceTemplates": [] })),
        "subscriptions/listen" => {
            let uris = seen.body["params"]["notifications"]["resourceSubscriptions"].clone();
            let mut parts = vec![stream()];
            if uris.is_array() {
                let params = json!({ "uri": uris[0] });
                let method = "notifications/resources/updated";
                parts.push(message(
                    &json!({ "jsonrpc": "2.0", "method": method, "params": params }),
                ));
            }
            parts.push(Piece::Silence);
            parts
        }
        _ => result(seen, &echo(seen)),
    }))
    .await;
    let world = World::with(vec![offering(endpoint_spec(&endpoint), &[Part::Resources])]);
    world.offer().await;
    let mut changes = world.upstreams.changes();
    let params = Params::from_iter([("uri".to_owned(), json!("a:b"))]);
    let subscribed = world.upstreams.ask(&evil(), "resources/subscribe", params.clone()).await;
    assert_eq!(subscribed, Ok(empty()));
    let updated = Change::ResourceUpdated { server: evil(), uri: "a:b".to_owned() };
    while changes.recv().await.unwrap() != updated {}
    assert_eq!(world.upstreams.ask(&evil(), "resources/unsubscribe", params).await, Ok(empty()));
    // Neither declared nor known.
    for method in ["logging/setLevel", "tools/call"] {
        let refused = world.upstreams.ask(&evil(), method, empty()).await.unwrap_err();
        assert_eq!(refused.code, -32_601, "{method}");
    }
}

#[tokio::test]
async fn a_credential_is_added_when_a_request_leaves_and_read_again_when_it_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "first-token-of-ours").unwrap();
    let accepted = Arc::new(Mutex::new("Bearer first-token-of-ours".to_owned()));
    let accepting = Arc::clone(&accepted);
    let serve = modern(PLAIN(), |seen| result(seen, &echo(seen)));
    let endpoint = Endpoint::serve(move |seen: &Seen| {
        match seen.header("authorization") == *accepting.lock().unwrap() {
            true => serve(seen),
            false => answer(401, "www-authenticate: Bearer\r\n", b""),
        }
    })
    .await;
    let credentials = Source::Bearer(SecretSource::File(file.clone()));
    let way = Way::Http(Http { url: endpoint.url.clone(), credentials });
    let world = World::with(vec![spec("evil", way)]);
    world.assert_serves().await;
    *accepted.lock().unwrap() = "Bearer second-token-of-ours".to_owned();
    std::fs::write(&file, "second-token-of-ours").unwrap();
    world.assert_serves().await;
    *accepted.lock().unwrap() = "nothing".to_owned();
    // It was sent, and that nothing came of it is the server's word.
    let refused = (Executed::Unknown, ToolErrorKind::Missing);
    let error = assert_failed(world.call("echo").await, refused, "");
    assert!(!error.message.contains("second-token"), "{error}");
}
