//! Legacy endpoints: sessions, resumed streams, questions, the stream for what belongs to no call.
//! The rules are those of the specification 2025-11-25, "Transports".

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use domain::Executed;
use mcp::{FromTool, Revision};

use super::*;

fn tools() -> Value {
    json!({ "tools": {} })
}

#[tokio::test]
async fn a_session_is_opened_carried_and_ended() {
    let endpoint = Endpoint::serve(legacy(tools(), |seen| result(seen, &echo(seen)))).await;
    let world = world(&endpoint);
    assert_eq!(world.offer().await.revision, Revision::V2025November);
    world.assert_serves().await;
    world.upstreams.stop().await;
    let seen = endpoint.seen();
    let methods: Vec<&str> = seen.iter().map(Seen::method).collect();
    let began = ["server/discover", "initialize", "notifications/initialized", "tools/list"];
    assert_eq!(methods[..4], began);
    for seen in &seen[2..] {
        assert_eq!(seen.header("mcp-session-id"), "session-1", "{seen:?}");
        assert_eq!(seen.header("mcp-protocol-version"), "2025-11-25", "{seen:?}");
        assert_eq!(seen.header("mcp-method"), "", "{seen:?}");
    }
    assert_eq!(seen.last().unwrap().verb, "DELETE");
    let call = seen.iter().find(|seen| seen.tool() == "echo").unwrap();
    assert!(call.body["params"].get("_meta").is_none(), "{call:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_resumed_after_the_time_that_the_server_says() {
    let call = std::sync::Mutex::new(Value::Null);
    let endpoint = Endpoint::serve(legacy(tools(), move |seen| match seen.verb.as_str() {
        "POST" => {
            *call.lock().unwrap() = seen.body["id"].clone();
            vec![stream(), event("id: 7\nretry: 500\ndata: \n\n"), over()]
        }
        _ => {
            let id = call.lock().unwrap().clone();
            let done = json!({ "content": [], "structuredContent": 1 });
            let answer = json!({ "jsonrpc": "2.0", "id": id, "result": done });
            vec![stream(), event("id: 8\ndata: \n\n"), message(&answer), over()]
        }
    }))
    .await;
    let world = world(&endpoint);
    world.offer().await;
    let begun = Instant::now();
    let reply = world.call("echo").await.unwrap();
    let waited = begun.elapsed();
    assert!(waited >= Duration::from_millis(500) && waited < Duration::from_secs(5), "{waited:?}");
    let resumed = endpoint.until(|seen| seen.verb == "GET").await;
    assert_eq!(resumed.header("last-event-id"), "7");
    assert_eq!(resumed.header("accept"), "text/event-stream");
    assert_eq!(resumed.header("mcp-session-id"), "session-1");
    assert_eq!(reply.output["structuredContent"], 1);
}

#[tokio::test]
async fn a_stream_that_breaks_off_for_ever_ends_in_doubt() {
    let endpoint = Endpoint::serve(legacy(tools(), |_| {
        vec![stream(), event("id: 7\nretry: 1\ndata: \n\n"), over()]
    }))
    .await;
    let outcome = world(&endpoint).call("echo").await;
    assert_failed(outcome, (Executed::Unknown, ToolErrorKind::Failed), "stream ended");
}

/// A server that forgets its session whenever it is called the first so many times.
async fn forgetful(times: usize) -> Endpoint {
    let calls = AtomicUsize::new(0);
    let answers = legacy(tools(), move |seen| match calls.fetch_add(1, Ordering::SeqCst) {
        call if call < times => answer(404, "", b"session not found"),
        _ => result(seen, &echo(seen)),
    });
    Endpoint::serve(answers).await
}

fn count(endpoint: &Endpoint, like: impl Fn(&Seen) -> bool) -> usize {
    endpoint.seen().iter().filter(|seen| like(seen)).count()
}

async fn read(world: &World) -> Result<Reply, ToolError> {
    let invocation = world.accepted("echo").await;
    world.upstreams.carry_out(&attempt(&invocation, TIMEOUT, Touch::Nothing)).await
}

#[tokio::test]
async fn a_forgotten_session_is_opened_anew_and_a_read_is_sent_once_more() {
    let endpoint = forgetful(1).await;
    assert!(read(&world(&endpoint)).await.is_ok());
    assert_eq!(count(&endpoint, |seen| seen.method() == "initialize"), 2);
    assert_eq!(count(&endpoint, |seen| seen.method() == "tools/list"), 2);
    assert_eq!(count(&endpoint, |seen| seen.tool() == "echo"), 2);
}

#[tokio::test]
async fn a_server_that_forgot_its_session_was_never_away() {
    let endpoint = forgetful(1).await;
    let world = world(&endpoint);
    world.accepted("echo").await;
    let mut changes = world.upstreams.changes();
    assert!(read(&world).await.is_ok());
    assert_eq!(world.standing().starts, 2);
    assert!(changes.try_recv().is_err(), "it offers what it offered");
    // Whoever forgets a session cannot be told to end it.
    assert_eq!(count(&endpoint, |seen| seen.verb == "DELETE"), 0);
}

#[tokio::test]
async fn that_a_session_is_forgotten_is_a_claim_so_a_change_is_not_sent_again() {
    let endpoint = forgetful(1).await;
    let world = world(&endpoint);
    let doubt = (Executed::Unknown, ToolErrorKind::Missing);
    assert_failed(world.call("echo").await, doubt, "session");
    assert_eq!(count(&endpoint, |seen| seen.tool() == "echo"), 1);
    world.assert_serves().await;
}

#[tokio::test]
async fn a_session_that_is_always_forgotten_is_not_asked_for_ever() {
    let endpoint = forgetful(usize::MAX).await;
    let outcome = read(&world(&endpoint)).await;
    assert_failed(outcome, (Executed::No, ToolErrorKind::Missing), "session");
    assert_eq!(count(&endpoint, |seen| seen.tool() == "echo"), 2);
}

#[tokio::test]
async fn a_question_on_the_stream_of_a_call_is_answered_by_a_post() {
    let answered = Arc::new(tokio::sync::Notify::new());
    let heard = Arc::clone(&answered);
    let endpoint = Endpoint::serve(legacy(tools(), move |seen| {
        if seen.verb == "GET" {
            return answer(405, "", b"");
        }
        if seen.method().is_empty() {
            answered.notify_one();
            return answer(202, "", b"");
        }
        let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "sampling/createMessage", "params": { "maxTokens": 1 } });
        let until = Piece::Until(Arc::clone(&heard));
        vec![stream(), message(&question), until, message(&response(seen, &echo(seen))), over()]
    }))
    .await;
    let world = World::with(vec![offering(endpoint_spec(&endpoint), &[Part::Questions])]);
    let invocation = world.accepted("echo").await;
    let mut line = world.conversations.open(invocation.call, client(Revision::V2025November));
    let client = async {
        let Some(FromTool::Ask { request, answer }) = line.from_tool.recv().await else {
            panic!("expected a question")
        };
        assert_eq!(request.params["maxTokens"], 1);
        answer.send(Ok(Params::from_iter([("model".to_owned(), json!("m"))]))).unwrap();
    };
    let (reply, ()) = tokio::join!(world.carry_out(&invocation, TIMEOUT), client);
    assert!(reply.is_ok());
    let answer = endpoint.until(|seen| seen.body["id"] == "q").await;
    assert_eq!(answer.body["result"], json!({ "model": "m" }));
    let greeting = endpoint.until(|seen| seen.method() == "initialize").await;
    let declared = &greeting.body["params"]["capabilities"];
    assert_eq!(*declared, json!({ "elicitation": {}, "sampling": {}, "roots": {} }));
}

#[tokio::test]
async fn the_standing_stream_is_opened_where_there_is_something_to_hear_and_resumed() {
    let opened = AtomicUsize::new(0);
    let capabilities = json!({ "tools": { "listChanged": true } });
    let endpoint = Endpoint::serve(legacy(capabilities, move |seen| {
        if seen.verb != "GET" {
            return result(seen, &echo(seen));
        }
        let ping = json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" });
        let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
        match opened.fetch_add(1, Ordering::SeqCst) {
            0 => vec![
                stream(),
                event("id: a\nretry: 10\ndata: \n\n"),
                message(&ping),
                message(&changed),
                over(),
            ],
            _ => vec![stream(), Piece::Silence],
        }
    }))
    .await;
    let world = world(&endpoint);
    world.offer().await;
    endpoint.until(|seen| seen.body["id"] == "p" && seen.body["result"] == json!({})).await;
    let again = endpoint.until(|seen| seen.header("last-event-id") == "a").await;
    assert_eq!(again.verb, "GET");
    world.assert_serves().await;
    assert!(endpoint.seen().iter().filter(|seen| seen.method() == "tools/list").count() >= 2);
}

#[tokio::test]
async fn a_cancelled_call_is_cancelled_by_a_message() {
    let endpoint = Endpoint::serve(legacy(tools(), |_| vec![stream(), Piece::Silence])).await;
    let world = world(&endpoint);
    let invocation = world.accepted("echo").await;
    let line = world.conversations.open(invocation.call, client(Revision::V2025November));
    line.cancel();
    let outcome = world.carry_out(&invocation, TIMEOUT).await;
    assert_failed(outcome, (Executed::Unknown, ToolErrorKind::Failed), "cancelled");
    let call = endpoint.until(|seen| seen.tool() == "echo").await;
    let cancelled = endpoint.until(|seen| seen.method() == "notifications/cancelled").await;
    assert_eq!(cancelled.body["params"]["requestId"], call.body["id"]);
}

#[tokio::test]
async fn an_endpoint_that_greets_on_a_stream_and_without_a_session_is_fine() {
    let endpoint = Endpoint::serve(|seen: &Seen| match seen.method() {
        "server/discover" => error(200, seen, -32_601),
        "initialize" => {
            let greeting = json!({ "protocolVersion": "2025-06-18", "capabilities": tools(), "serverInfo": {} });
            vec![stream(), message(&response(seen, &greeting)), over()]
        }
        "notifications/initialized" => answer(202, "", b""),
        "tools/list" => result(seen, &listed()),
        _ => result(seen, &echo(seen)),
    })
    .await;
    let world = world(&endpoint);
    assert_eq!(world.offer().await.revision, Revision::V2025June);
    world.assert_serves().await;
    // Of a revision that knows nothing of mirrored arguments no tool is left out.
    assert_eq!(world.offer().await.tools.len(), 3);
}
