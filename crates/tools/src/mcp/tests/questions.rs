//! What a server asks and tells while a call runs: let through only where an operator and the client want it.
//! Over HTTP the same is in `http/legacy.rs`; here the server is a child.

use domain::Executed;
use gate::ToolErrorKind;
use mcp::{Era, FromTool, Revision};
use serde_json::json;

use super::*;

fn asking(era: &str) -> World {
    World::with(vec![offering(spec("evil", Way::Stdio(child(&[era]))), &[Part::Questions])])
}

#[tokio::test]
async fn progress_comes_under_the_clients_token_and_only_that_of_the_call() {
    for (era, revision) in [("modern", Revision::V2026July), ("legacy", Revision::V2025November)] {
        let world = World::evil(&[era]);
        let invocation = world.accepted("progress").await;
        let mut line = world.conversations.open(invocation.call, client(revision));
        world.carry_out(&invocation, TIMEOUT).await.unwrap();
        let mut told = Vec::new();
        while let Ok(FromTool::Notification(notification)) = line.from_tool.try_recv() {
            assert_eq!(notification.params["progressToken"], json!("the client's"));
            told.push(notification.params["progress"].as_i64().unwrap());
        }
        assert_eq!(told, [1, 2, 3]);
    }
}

#[tokio::test]
async fn log_messages_come_cleaned_and_from_the_wanted_level_on() {
    let world = World::evil(&["modern"]);
    let invocation = world.accepted("logs").await;
    let mut line = world.conversations.open(invocation.call, client(Revision::V2026July));
    world.carry_out(&invocation, TIMEOUT).await.unwrap();
    let Ok(FromTool::Notification(told)) = line.from_tool.try_recv() else {
        panic!("expected one")
    };
    assert_eq!(told.params["data"], "loud");
    assert!(line.from_tool.try_recv().is_err());
}

#[tokio::test]
async fn a_client_that_asked_for_nothing_is_told_nothing() {
    let world = World::evil(&["modern"]);
    for tool in ["progress", "logs"] {
        let invocation = world.accepted(tool).await;
        let quiet = Client { progress_token: None, log_level: None, ..client(Revision::V2026July) };
        let mut line = world.conversations.open(invocation.call, quiet);
        world.carry_out(&invocation, TIMEOUT).await.unwrap();
        assert!(line.from_tool.try_recv().is_err(), "{tool}");
    }
}

/// What a legacy server gets for its question.
async fn asked(world: &World, client: Option<Client>, answer: Params) -> serde_json::Value {
    let invocation = world.accepted("asks_once").await;
    let line = client.map(|client| world.conversations.open(invocation.call, client));
    let endpoint = async {
        let Some(mut line) = line else { return };
        while let Some(from) = line.from_tool.recv().await {
            if let FromTool::Ask { request, answer: back } = from {
                assert_eq!(request.method, "elicitation/create");
                assert_eq!(request.params["requestedSchema"]["type"], "object");
                let _ = back.send(Ok(answer.clone()));
            }
        }
    };
    tokio::select! {
        reply = world.carry_out(&invocation, TIMEOUT) => reply.unwrap().output["structuredContent"].clone(),
        () = async { endpoint.await; std::future::pending::<()>().await } => panic!("unreachable"),
    }
}

#[tokio::test]
async fn a_legacy_server_asks_the_client_of_the_only_call() {
    let answer = Params::from_iter([("action".to_owned(), json!("accept"))]);
    let got = asked(&asking("legacy"), Some(client(Revision::V2025November)), answer).await;
    assert_eq!(got, json!({ "action": "accept" }));
}

#[tokio::test]
async fn a_question_that_may_not_or_cannot_be_asked_gets_an_error_and_the_call_goes_on() {
    let cannot = Client { capabilities: empty(), ..client(Revision::V2025November) };
    for (world, client) in [
        (World::evil(&["legacy"]), Some(client(Revision::V2025November))),
        (asking("legacy"), Some(client(Revision::V2026July))),
        (asking("legacy"), Some(cannot)),
        (asking("legacy"), None),
    ] {
        let got = asked(&world, client, empty()).await;
        assert_eq!(got["code"], -32_601, "{got}");
    }
}

#[tokio::test]
async fn a_modern_servers_question_is_given_back_without_its_state() {
    let world = asking("modern");
    let mut invocation = world.accepted("input").await;
    let line = world.conversations.open(invocation.call, client(Revision::V2026July));
    assert_eq!(client(Revision::V2026July).revision.era(), Era::Modern);
    let outcome = world.carry_out(&invocation, TIMEOUT).await;
    let error = assert_failed(outcome, (Executed::No, ToolErrorKind::InputRequired), "asks");
    let asks = error.asks.unwrap();
    assert_eq!(asks["inputRequests"]["who"]["params"]["message"], "who?");
    assert!(asks.get("requestState").is_none());
    assert_eq!(line.state().as_deref(), Some("its own"));
    // The answers travel beside the arguments.
    invocation.input = Some(
        json!({ "inputResponses": { "who": { "action": "accept" } }, "requestState": "its own", "more": 1 }),
    );
    let meta = world.accepted("meta").await;
    invocation.upstream = meta.upstream;
    assert!(world.carry_out(&invocation, TIMEOUT).await.is_ok());
}

#[tokio::test]
async fn a_server_that_may_not_ask_or_asks_oddly_is_refused() {
    let unconfirmed = (Executed::No, ToolErrorKind::Unconfirmed);
    assert_failed(World::evil(&["modern"]).call("input").await, unconfirmed, "nobody confirmed");
    let doubt = (Executed::Unknown, ToolErrorKind::Failed);
    assert_failed(asking("legacy").call("input").await, doubt, "revision does not have");
    assert_failed(asking("modern").call("input_bare").await, doubt, "not known here");
    assert_failed(asking("modern").call("odd_result").await, doubt, "task");
}
