//! What happens while a client is connected: cancelling, going away, and hearing of changes.
//! The server behind the endpoint says when it was cancelled and when it changed, so nothing here waits by the clock.

use serde_json::{Value, json};

use super::peer::{Heard, Legacy, Modern, Stream, names};
use super::upstream::{Speaks, Upstream};
use reqwest::Method;

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

#[tokio::test(flavor = "multi_thread")]
async fn a_modern_client_that_closes_its_stream_cancels_the_call() {
    for token in [json!({ "progressToken": 1 }), json!({})] {
        let up = Upstream::start(Speaks::Modern).await;
        let server = up.fronted("timeout_ms = 60000").await;
        let client = Modern::new(&server, "/mcp/up");
        assert!(!names(client.ask("tools/list", json!({})).await.result()).is_empty());
        let mut body = client.body("tools/call", json!({ "name": "waits", "arguments": {} }));
        let meta = body["params"]["_meta"].as_object_mut().unwrap();
        meta.extend(token.as_object().unwrap().clone());
        let request = client.request(&body);
        // Without a token nothing is told before the answer: then it is the connection that ends.
        let reads = async {
            let mut stream = Stream::open(request).await;
            stream.next().await;
        };
        tokio::select! {
            () = reads => {}
            () = reached(&up) => {}
        }
        up.cancelled(1).await;
        // Its outcome is observed and recorded all the same.
        let mut state = Value::Null;
        while !["in_doubt", "failed", "succeeded"].contains(&state.as_str().unwrap_or_default()) {
            state = server.sees("/v1/calls?tool=up.waits").await["items"][0]["state"].clone();
            tokio::task::yield_now().await;
        }
    }
}

async fn reached(up: &Upstream) {
    while up.sent("tools/call").is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_client_cancels_by_saying_so() {
    let up = Upstream::start(Speaks::Legacy).await;
    let server = up.fronted("timeout_ms = 60000").await;
    let client = Legacy::open(&server, "/mcp/up").await;
    assert!(!names(client.ask(1, "tools/list", json!({})).await.result()).is_empty());
    let calls = client.call("waits", json!({}));
    let cancels = async {
        reached(&up).await;
        let again = client.call("echo", json!({})).await;
        assert_eq!(again.error().1, -32_600, "this id is under way");
        let told = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } });
        assert_eq!(Heard::of(client.post(&told)).await.status, 202);
        up.cancelled(1).await;
    };
    tokio::join!(
        async {
            let _heard = calls.await;
        },
        cancels
    );
    assert_eq!(
        client.call("echo", json!({ "text": "after" })).await.result()["content"][0]["text"],
        "after"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modern_listener_hears_what_it_asked_for_and_nothing_else() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted("offers = [\"prompts\", \"resources\"]").await;
    let client = Modern::new(&server, "/mcp/up");
    let before = client.ask("tools/list", json!({})).await;
    let wants = json!({ "notifications": { "toolsListChanged": true, "resourceSubscriptions": ["test://one"] } });
    let mut tools = Stream::open(client.request(&client.body("subscriptions/listen", wants))).await;
    let wants = json!({ "notifications": { "promptsListChanged": true } });
    let mut prompts =
        Stream::open(client.request(&client.body("subscriptions/listen", wants))).await;
    let acknowledged = tools.next().await.unwrap();
    // The stream to the server was opened anew for the resource.
    while up.sent("subscriptions/listen").len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(acknowledged["params"]["_meta"][SUBSCRIPTION], 1);
    assert_eq!(
        acknowledged["params"]["notifications"],
        json!({ "toolsListChanged": true, "resourceSubscriptions": ["test://one"] })
    );
    assert_eq!(
        prompts.next().await.unwrap()["params"]["notifications"],
        json!({ "promptsListChanged": true })
    );
    up.grow("grown");
    let heard = tools.next().await.unwrap();
    assert_eq!(heard["method"], "notifications/tools/list_changed");
    assert_eq!(heard["params"]["_meta"][SUBSCRIPTION], 1);
    let after = client.ask("tools/list", json!({})).await;
    assert!(names(after.result()).contains(&"grown") && !names(before.result()).contains(&"grown"));
    server.running.stop();
    let end = tools.next().await.unwrap();
    assert_eq!(
        (&end["id"], &end["result"]["resultType"]),
        (&json!(1), &json!("complete")),
        "{end}"
    );
    let end = prompts.next().await.unwrap();
    assert!(end.get("result").is_some(), "it heard of tools: {end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_session_hears_on_its_stream_also_of_what_came_before_it() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted("").await;
    let client = Legacy::open(&server, "/mcp/up").await;
    while up.sent("subscriptions/listen").is_empty() {
        tokio::task::yield_now().await;
    }
    up.grow("grown");
    let mut stream = Stream::open(client.with(Method::GET)).await;
    let heard = stream.next().await.unwrap();
    assert_eq!(heard, json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_client_subscribes_to_a_resource_of_a_server() {
    for speaks in [Speaks::Modern, Speaks::Legacy] {
        let up = Upstream::start(speaks).await;
        let server = up.fronted("offers = [\"resources\"]").await;
        let client = Legacy::open(&server, "/mcp/up").await;
        let uri = json!({ "uri": "test://watched" });
        assert_eq!(
            client.ask(1, "resources/subscribe", uri.clone()).await.result(),
            &json!({}),
            "{speaks:?}"
        );
        assert_eq!(client.ask(2, "resources/subscribe", uri.clone()).await.result(), &json!({}));
        assert_eq!(client.ask(3, "resources/unsubscribe", uri).await.result(), &json!({}));
        if speaks == Speaks::Legacy {
            assert_eq!(up.sent("resources/subscribe").len(), 1);
            assert_eq!(up.sent("resources/unsubscribe").len(), 1);
        }
    }
}
