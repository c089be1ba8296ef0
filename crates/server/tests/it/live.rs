//! Can whoever proposes listen? A stream tells the call, what it prints, and at its end the answer; and it counts as
//! delivered when it was read to that end.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Server, writes};

/// Sends a request that takes a stream, and reads that to its end.
async fn stream(
    server: &Server,
    (method, path): (Method, &str),
    body: Value,
) -> Vec<(String, Value)> {
    let request = server.ask(method, path, &server.keys.agent).json(&body);
    let response = request.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let event = |block: &str| {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.map(|line| line.trim_start().to_owned()).unwrap_or_default()
        };
        (field("event:"), serde_json::from_str(&field("data:")).unwrap())
    };
    text.split("\n\n").filter(|block| block.contains("event:")).map(event).collect()
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_the_call_first_and_its_answer_last() {
    let server = Server::start().await;
    let calls = (Method::POST, "/v1/calls");
    let events = stream(&server, calls.clone(), writes("a.txt", "one\n")).await;
    assert_eq!(names(&events), ["call", "answer"], "{events:?}");
    let (call, answer) = (&events[0].1["call"], &events[1].1);
    assert_eq!((&answer["call"], &answer["status"]), (call, &json!("succeeded")));
    let kept = server.sees(&format!("/v1/calls/{}", call.as_str().unwrap())).await;
    assert_eq!(
        kept["answer"]["journal"]["hash"].is_string(),
        kept["answer"]["journal"].is_object()
    );
    assert_eq!(kept["answer"]["executed"], answer["executed"]);

    // It was read to its end: the same again is a new call, and no retry.
    let again = stream(&server, calls.clone(), writes("a.txt", "one\n")).await;
    assert_ne!(&again[0].1["call"], call);

    let refused = stream(&server, calls, json!({"tool": "no.such", "arguments": {}})).await;
    assert_eq!(names(&refused), ["answer"], "it never became a call");
    assert_eq!(refused[0].1["error"]["code"], "CR-1005");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_held_call_is_a_stream_too() {
    let server = Server::start().await;
    let events = stream(&server, (Method::POST, "/v1/calls"), writes("prod/a.txt", "x\n")).await;
    let answer = &events.last().unwrap().1;
    assert_eq!(answer["status"], "held", "{answer}");
    let call = answer["call"].as_str().unwrap();
    let asked = server.sees("/v1/approvals?state=pending").await;
    for item in asked["items"].as_array().unwrap() {
        let approval = item["approval"].as_str().unwrap();
        server.does(&format!("/v1/approvals/{approval}/approve"), json!({})).await;
    }
    let path = format!("/v1/calls/{call}/wait?wait_ms=1000");
    let events = stream(&server, (Method::GET, &path), Value::Null).await;
    assert_eq!(names(&events), ["call", "answer"]);
    assert_eq!(events[1].1["status"], "succeeded", "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_which_changes_nobody_declared() {
    let server = Server::start().await;
    let mut proposal = writes("prod/a.txt", "x\n");
    proposal["expected_effect"] = json!([{"kind": "modified", "resource": "workspace:b.txt"}]);
    let (_, answer) = server.proposes(proposal).await;
    assert!(
        answer.warnings.iter().any(|text| text.contains("`prod/a.txt` (created)")),
        "{answer:?}"
    );
    let asked = server.sees("/v1/approvals?state=pending").await;
    let approval = asked["items"][0]["approval"].as_str().unwrap();
    let details = server.sees(&format!("/v1/approvals/{approval}")).await;
    let changes = details["plan"]["changes"].as_array().unwrap();
    assert!(changes.iter().all(|change| change["observation"] == "unintended"), "{details}");
    assert_eq!(details["plan"]["execution"], Value::Null);
    assert_eq!(details["after"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_on_another_call_must_be_a_command_and_name_a_call() {
    let server = Server::start().await;
    let mut proposal = writes("a.txt", "x\n");
    proposal["after"] = json!("call_00000000000000000000000000000001");
    let (status, answer) = server.proposes(proposal.clone()).await;
    assert_eq!((status.as_u16(), answer.error.unwrap().code.as_str()), (400, "CR-1010"));
    proposal["after"] = json!("that one");
    let said = server.post("/v1/calls", &server.keys.agent, proposal).await;
    assert_eq!(said.status.as_u16(), 400, "{said:?}");
}
