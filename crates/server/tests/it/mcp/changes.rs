//! What happens while a client is connected: cancelling, going away, and hearing of changes.
//! The server behind the endpoint says when it was cancelled and when it changed, so nothing here waits by the clock.

use serde_json::{Value, json};

use super::peer::{Heard, Legacy, Modern, Stream, names};
use super::upstream::{Speaks, Upstream};
use crate::world::Server;
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
async fn a_listener_hears_of_a_tool_that_goes_comes_back_and_drifts() {
    let tool = |name: &str, text: &str| json!({ "name": name, "description": text, "inputSchema": { "type": "object" } });
    let stays = || tool("stays", "Lists notes.");
    let goes = || tool("goes", "Lists tasks.");
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![stays(), goes()]);
    let server = up.fronted("").await;
    let client = Modern::new(&server, "/mcp/up");
    let wants = json!({ "notifications": { "toolsListChanged": true } });
    let mut news = Stream::open(client.request(&client.body("subscriptions/listen", wants))).await;
    news.next().await.unwrap();
    for (offered, listed) in [
        (vec![stays()], vec!["stays"]),
        (vec![stays(), goes()], vec!["goes", "stays"]),
        (vec![stays(), tool("goes", "Sends tasks.")], vec!["stays"]),
        (vec![stays(), goes()], vec!["goes", "stays"]),
    ] {
        up.offers(offered);
        let heard = news.next().await.unwrap();
        assert_eq!(heard["method"], "notifications/tools/list_changed", "{listed:?}");
        let found = client.ask("tools/list", json!({})).await;
        assert_eq!(names(found.result()), listed);
    }
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

/// A policy that kept `secret:payroll` from being read did not keep anybody from subscribing to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_judged_and_recorded_as_the_read_of_its_resource() {
    for speaks in [Speaks::Modern, Speaks::Legacy] {
        let up = Upstream::start(speaks).await;
        let place = up.place("offers = [\"resources\"]");
        let no = "@id(\"no\") forbid (principal, action == Action::\"up.mcp.read_resource\", resource) \
                  when { context.args.uri like \"secret:*\" };\n";
        place.write("policies/no.cedar", no);
        let server = Server::at(place).await;
        let client = Legacy::open(&server, "/mcp/up").await;
        assert!(!names(client.ask(1, "tools/list", json!({})).await.result()).is_empty());
        let subscribe = async |uri: &str| {
            client.ask(2, "resources/subscribe", json!({ "uri": uri })).await.last().clone()
        };
        let denied = subscribe("secret:payroll").await;
        assert_eq!(denied["error"]["code"], 2001, "{denied}");
        assert_eq!(subscribe("test://one").await["result"], json!({}));
        let read = server.sees("/v1/calls?tool=up.mcp.read_resource").await;
        let mut states: Vec<&str> = read["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["state"].as_str().unwrap())
            .collect();
        states.sort_unstable();
        assert_eq!(states, ["denied", "succeeded"], "{speaks:?}");
        let body = json!({ "scope": "everything", "level": "suspend", "reason": "a drill" });
        server.does("/v1/stops", body).await;
        let stopped = subscribe("test://two").await;
        assert_eq!(stopped["error"]["code"], 2008, "{stopped}");
        assert!(
            up.sent("resources/subscribe").iter().all(|one| one["params"]["uri"] == "test://one")
        );
        // A modern listener gets what it may hear, without what it may not.
        let wants = json!({ "notifications": { "resourceSubscriptions": ["secret:payroll"] } });
        let modern = Modern::new(&server, "/mcp/up");
        let mut stream =
            Stream::open(modern.request(&modern.body("subscriptions/listen", wants))).await;
        let agreed = stream.next().await.unwrap();
        assert_eq!(agreed["params"]["notifications"], json!({ "resourceSubscriptions": [] }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_hears_of_no_resource_any_more() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted("offers = [\"resources\"]").await;
    let client = Modern::new(&server, "/mcp/up");
    let wants = json!({ "notifications": { "resourceSubscriptions": ["test://one"], "toolsListChanged": true } });
    let mut stream =
        Stream::open(client.request(&client.body("subscriptions/listen", wants))).await;
    assert!(
        stream.next().await.unwrap()["params"]["notifications"]["toolsListChanged"].is_boolean()
    );
    let subscribed = || {
        let sent = up.sent("subscriptions/listen");
        sent.last().is_some_and(|last| last.to_string().contains("test://one"))
    };
    while !subscribed() {
        tokio::task::yield_now().await;
    }
    up.touch("test://one");
    let heard = stream.next().await.unwrap();
    assert_eq!(
        (&heard["method"], &heard["params"]["uri"]),
        (&json!("notifications/resources/updated"), &json!("test://one"))
    );
    let body = json!({ "scope": "everything", "level": "suspend", "reason": "a drill" });
    server.does("/v1/stops", body).await;
    up.touch("test://one");
    // Nobody wants it any more, so the server is told.
    while subscribed() {
        tokio::task::yield_now().await;
    }
    up.grow("grown");
    let heard = stream.next().await.unwrap();
    assert_eq!(heard["method"], "notifications/tools/list_changed", "{heard}");
}

/// One session's `debug` made a server say more to everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_level_is_a_sessions_own_and_reaches_no_server() {
    let up = Upstream::start(Speaks::Legacy).await;
    let server = up.fronted("").await;
    let client = Legacy::open(&server, "/mcp/up").await;
    let set = |level: &str| client.ask(1, "logging/setLevel", json!({ "level": level }));
    assert_eq!(set("debug").await.result(), &json!({}));
    assert_eq!(set("loud").await.error().1, -32_602);
    assert!(up.sent("logging/setLevel").is_empty());
}
