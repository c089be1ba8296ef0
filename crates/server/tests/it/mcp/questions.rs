//! What a tool asks before it goes on: does the question reach the user in every pairing of eras, and its state nobody else?
//! Every pairing of client and server is tried; the server shows what reached it.

use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{Heard, Legacy, Modern, Stream};
use super::upstream::{Speaks, Upstream};
use crate::world::Server;

const ASKS: &str = "offers = [\"questions\"]";

fn answer(name: &str) -> Value {
    json!({ "who": { "action": "accept", "content": { "name": name } } })
}

async fn modern(server: &Server) -> Modern<'_> {
    let mut client = Modern::new(server, "/mcp/up");
    client.capabilities = json!({ "elicitation": {} });
    client
}

fn retry(first: &Heard, name: &str) -> Value {
    json!({ "name": "asks", "arguments": {}, "inputResponses": answer(name),
        "requestState": first.result()["requestState"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modern_client_gets_the_question_with_a_state_it_cannot_read() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted(ASKS).await;
    let client = modern(&server).await;
    let first = client.call("asks", json!({})).await;
    let asked = first.result();
    assert_eq!(asked["resultType"], "input_required", "{first:?}");
    assert_eq!(
        asked["inputRequests"]["who"]["params"]["requestedSchema"]["properties"]["name"]["default"],
        "x"
    );
    let state = asked["requestState"].as_str().unwrap();
    assert!(state.len() > 40, "the server's own was one letter: {state}");
    assert_eq!(asked["_meta"]["checkrein/answer"]["error"]["code"], "CR-3010");
    let second = client.ask("tools/call", retry(&first, "ada")).await;
    assert_eq!(second.result()["content"][0]["text"], "ada s", "{second:?}");
    let sent = up.sent("tools/call");
    assert_eq!(sent[1]["params"]["requestState"], "s");
    assert_eq!(
        sent[0]["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"],
        json!({ "elicitation": {} })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_taken_once_for_the_same_call_of_the_same_caller() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted(ASKS).await;
    let client = modern(&server).await;
    let first = client.call("asks", json!({})).await;
    let good = retry(&first, "ada");
    let mut tampered = good.clone();
    tampered["requestState"] =
        json!(format!("{}-TAMPERED", good["requestState"].as_str().unwrap()));
    let mut elsewhere = good.clone();
    elsewhere["arguments"] = json!({ "other": 1 });
    let mut other_tool = good.clone();
    other_tool["name"] = json!("asks_on");
    for wrong in [tampered, elsewhere, other_tool] {
        assert_eq!(client.ask("tools/call", wrong).await.error().1, -32_602);
    }
    let body = json!({ "name": "other", "tools": ["*"], "spaces": ["experiment"], "workflows": ["default"] });
    let other = server.does("/v1/agents", body).await;
    let stranger = Modern { key: other["secret"].as_str().unwrap().to_owned(), ..client.clone() };
    assert_eq!(stranger.ask("tools/call", good.clone()).await.error().1, -32_602);
    assert_eq!(up.sent("tools/call").len(), 1, "none of these reached the server");
    assert_eq!(
        client.ask("tools/call", good.clone()).await.result()["content"][0]["text"],
        "ada s"
    );
    assert_eq!(client.ask("tools/call", good).await.error().1, -32_602, "replayed");
}

/// With `amount: 1` in its arguments a client brought `amount: 1000000` in `inputResponses`, which no policy saw.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_asked_for_wait_for_people_unless_nothing_can_change() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted(ASKS).await;
    let client = modern(&server).await.saying("checkrein/proposal", json!({ "wait_ms": 0 }));
    let early = |arguments: Value| {
        let params =
            json!({ "name": "asks", "arguments": arguments, "inputResponses": answer("early") });
        client.ask("tools/call", params)
    };
    let heard = early(json!({ "first": true })).await;
    assert_eq!(heard.result()["content"][0]["text"], "early -", "{heard:?}");
    let changes = json!({ "effect_class": "irreversible", "reason": "a test" });
    server.does("/v1/tools/up.asks/classify", changes).await;
    let held = early(json!({})).await;
    let answer = &held.result()["_meta"]["checkrein/answer"];
    assert_eq!(answer["error"]["code"], "CR-2002", "{held:?}");
    assert_eq!(answer["decision"]["requirements"][0]["id"], "opaque-arguments", "{answer}");
    assert_eq!(up.sent("tools/call").len(), 1, "the server heard nothing of it");
    // Whoever decides sees what it is.
    let pending = server.sees("/v1/approvals?state=pending").await;
    let approval = pending["items"][0]["approval"].as_str().unwrap();
    let details = server.sees(&format!("/v1/approvals/{approval}")).await;
    assert_eq!(
        (&details["input"], &details["input_answers"]),
        (&self::answer("early"), &Value::Null)
    );
    // The same answer to a question that was asked is what the operator let the server ask for.
    let first = client.call("asks", json!({})).await;
    assert_eq!(first.result()["resultType"], "input_required", "{first:?}");
    let second = client.ask("tools/call", retry(&first, "ada")).await;
    assert_eq!(second.result()["content"][0]["text"], "ada s", "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_cannot_be_asked_is_told_what_is_missing() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted(ASKS).await;
    let heard = Modern::new(&server, "/mcp/up").call("asks", json!({})).await;
    // The server of this test asks without looking at what the client can.
    assert!(heard.last().get("error").is_some() || heard.result()["isError"] == true, "{heard:?}");
}

/// Calls a tool, answers each question on its stream, and gives the end of it.
async fn answered(
    client: &Legacy<'_>,
    tool: &str,
    result: impl Fn(&Value) -> Value,
) -> (Value, usize) {
    let body = json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": { "name": tool, "arguments": {} } });
    let mut stream = Stream::open(client.post(&body)).await;
    let mut asked = 0;
    while let Some(message) = stream.next().await {
        if message.get("method").is_none() {
            return (message, asked);
        }
        if message["method"] == "elicitation/create" {
            asked += 1;
            assert_eq!(message["params"]["requestedSchema"]["properties"]["name"]["default"], "x");
            let mut reply = result(&message);
            reply["jsonrpc"] = json!("2.0");
            reply["id"] = message["id"].clone();
            assert_eq!(Heard::of(client.post(&reply)).await.status, 202);
        }
    }
    panic!("the stream ended without a response");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_client_is_asked_on_the_calls_stream_whatever_the_server_speaks() {
    for speaks in [Speaks::Modern, Speaks::Legacy] {
        let up = Upstream::start(speaks).await;
        let server = up.fronted(ASKS).await;
        let client = Legacy::able(&server, "/mcp/up", json!({ "elicitation": {} })).await;
        let accept =
            |_: &Value| json!({ "result": { "action": "accept", "content": { "name": "ada" } } });
        let (end, asked) = answered(&client, "asks", accept).await;
        let text = end["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("ada"), "{speaks:?} {end}");
        assert_eq!(asked, 1);
        // The id is free again, and a second call is one of its own.
        let (end, _) = answered(
            &client,
            "asks",
            |_| json!({ "result": { "action": "accept", "content": { "name": "bob" } } }),
        )
        .await;
        assert!(end["result"]["content"][0]["text"].as_str().unwrap().starts_with("bob"), "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_without_end_is_ended() {
    let up = Upstream::start(Speaks::Modern).await;
    let server = up.fronted(ASKS).await;
    let client = Legacy::able(&server, "/mcp/up", json!({ "elicitation": {} })).await;
    let accept =
        |_: &Value| json!({ "result": { "action": "accept", "content": { "name": "ada" } } });
    let (end, asked) = answered(&client, "asks_on", accept).await;
    assert_eq!(end["result"]["isError"], true, "{end}");
    assert!((2..=8).contains(&asked), "{asked}");
    // What the client got last is an answer that is in the journal, as it is there.
    let answer = &end["result"]["_meta"]["checkrein/answer"];
    assert_eq!(answer["error"]["code"], "CR-3010", "{end}");
    let call = answer["call"].as_str().unwrap();
    let kept = server.sees(&format!("/v1/calls/{call}")).await["answer"].clone();
    for key in ["status", "executed", "error", "decision", "attempts", "warnings"] {
        assert_eq!(kept[key], answer[key], "{key}");
    }
    assert!(answer["journal"]["seq"].is_u64(), "{answer}");
    assert!(end["result"]["content"].to_string().contains("asked 8 times in a row"), "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_client_that_cannot_or_will_not_answer_ends_the_call() {
    for speaks in [Speaks::Modern, Speaks::Legacy] {
        let up = Upstream::start(speaks).await;
        let server = up.fronted(ASKS).await;
        let unable = Legacy::open(&server, "/mcp/up").await;
        let heard = unable.call("asks", json!({})).await;
        assert!(
            heard.result().to_string().contains("NOT EXECUTED")
                || heard.result().to_string().contains("refused"),
            "{speaks:?} {heard:?}"
        );
        let client = Legacy::able(&server, "/mcp/up", json!({ "elicitation": {} })).await;
        let refuse = |_: &Value| json!({ "error": { "code": -1, "message": "no user here" } });
        let (end, _) = answered(&client, "asks", refuse).await;
        let text = end["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("NOT EXECUTED") || text.starts_with("refused"), "{speaks:?} {end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modern_client_of_a_legacy_server_is_not_asked_and_the_call_goes_on() {
    let up = Upstream::start(Speaks::Legacy).await;
    let server = up.fronted(ASKS).await;
    let heard = modern(&server).await.call("asks", json!({})).await;
    let text = heard.result()["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("refused: -32"), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_ends_its_questions() {
    let up = Upstream::start(Speaks::Legacy).await;
    let server = up.fronted(ASKS).await;
    let client = Legacy::able(&server, "/mcp/up", json!({ "elicitation": {} })).await;
    let body = json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": { "name": "asks", "arguments": {} } });
    let mut stream = Stream::open(client.post(&body)).await;
    assert_eq!(stream.next().await.unwrap()["method"], "elicitation/create");
    assert_eq!(Heard::of(client.with(Method::DELETE)).await.status, 204);
    let end = stream.next().await.unwrap();
    assert!(end["result"]["content"][0]["text"].as_str().unwrap().starts_with("refused"), "{end}");
}
