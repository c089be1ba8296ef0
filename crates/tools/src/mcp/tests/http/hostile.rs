//! Modern endpoints that misbehave: each harms its own call, says what is known of it, and nothing hangs.
//! Each bad answer is given once and the next one is good, so that every test also shows who was not harmed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use domain::Executed;
use std::net::IpAddr;
use tokio::net::TcpListener;

use super::*;
use crate::mcp::ask::Asked;
use crate::mcp::credentials::{Credentials, KnownSecrets, SecretSource};
use crate::mcp::ear::Ear;
use crate::mcp::guarded::{Guarded, Lookup};
use crate::mcp::http::{Door, Link, Opened};
use crate::mcp::problem::Trouble;

const DOUBT: (Executed, ToolErrorKind) = (Executed::Unknown, ToolErrorKind::Failed);
const LATE: (Executed, ToolErrorKind) = (Executed::Unknown, ToolErrorKind::TimedOut);
const UNDONE: (Executed, ToolErrorKind) = (Executed::No, ToolErrorKind::Missing);
/// The server says that it did not take the request, which is its word.
const REFUSED: (Executed, ToolErrorKind) = (Executed::Unknown, ToolErrorKind::Missing);

/// One call is answered so, the next one well.
async fn check(
    bad: impl Fn(&Seen) -> Vec<Piece> + Send + Sync + 'static,
    expect: (Executed, ToolErrorKind),
    part: &str,
) {
    let once = AtomicBool::new(true);
    let calls = move |seen: &Seen| match once.swap(false, Ordering::SeqCst) {
        true => bad(seen),
        false => result(seen, &echo(seen)),
    };
    let endpoint = Endpoint::serve(modern(json!({ "tools": {} }), calls)).await;
    let world = world(&endpoint);
    let outcome = match expect == LATE {
        true => world.call_shortly("echo").await,
        false => {
            let begun = Instant::now();
            let outcome = world.call("echo").await;
            assert!(begun.elapsed() < TIMEOUT / 2, "{part}");
            outcome
        }
    };
    assert_failed(outcome, expect, part);
    world.assert_serves().await;
}

#[tokio::test]
async fn silence_costs_one_call_its_time() {
    check(|_| vec![Piece::Silence], LATE, "no answer within").await;
    check(|_| vec![stream(), Piece::Silence], LATE, "no answer within").await;
    let head = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    check(|_| vec![Piece::Bytes(head.to_vec()), Piece::Silence], LATE, "no answer within").await;
}

#[tokio::test]
async fn an_answer_to_another_request_is_none() {
    let other = |seen: &Seen| {
        let mut response = response(seen, &echo(seen));
        response["id"] = json!(seen.body["id"].as_i64().unwrap() + 1);
        response
    };
    check(move |seen| json(200, &other(seen)), DOUBT, "another request").await;
    let ended = "ended before the answer";
    check(move |seen| vec![stream(), message(&other(seen)), over()], DOUBT, ended).await;
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let say = |body: &'static [u8]| {
        move |_: &Seen| answer(200, "content-type: application/json\r\n", body)
    };
    check(say(b"hello"), DOUBT, "no message").await;
    check(say(b"\"\xff\""), DOUBT, "not UTF-8").await;
    check(say(b"[]"), DOUBT, "batches").await;
    check(say(b"{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}"), DOUBT, "jsonrpc").await;
    check(say(b"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}"), DOUBT, "no answer").await;
    let deep = |_: &Seen| {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        answer(200, "content-type: application/json\r\n", deep.as_bytes())
    };
    check(deep, DOUBT, "nested deeper").await;
    check(|_| answer(200, "content-type: text/html\r\n", b"<html>"), DOUBT, "neither JSON").await;
    check(|_| answer(202, "", b""), DOUBT, "neither JSON").await;
    check(|_| vec![stream(), event("data: {\n\n"), over()], DOUBT, "no message").await;
    check(|_| vec![stream(), Piece::Bytes(b"3\r\n\"\xff\n\r\n".to_vec()), over()], DOUBT, "UTF-8")
        .await;
}

#[tokio::test]
async fn a_gigabyte_is_not_read() {
    let head =
        b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n";
    let piece = || Piece::Endless(vec![b'x'; 1 << 16]);
    check(move |_| vec![Piece::Bytes(head.to_vec()), piece()], DOUBT, "allowed").await;
    let chunk = || {
        let mut chunk = b"10000\r\n".to_vec();
        chunk.extend(vec![b'x'; 1 << 16]);
        chunk.extend(b"\r\n");
        chunk
    };
    check(move |_| vec![stream(), Piece::Endless(chunk())], DOUBT, "longer than").await;
    let comments = || {
        let lines = format!(":{}\n", "c".repeat(1_000)).repeat(64);
        Piece::Endless(format!("{:x}\r\n{lines}\r\n", lines.len()).into_bytes())
    };
    check(move |_| vec![stream(), comments()], DOUBT, "longer than").await;
}

#[tokio::test]
async fn a_flood_of_notifications_ends_the_call_and_the_connection() {
    let told = r#"data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}"#;
    let many = format!("{told}\n\n").repeat(100);
    let chunk = format!("{:x}\r\n{many}\r\n", many.len()).into_bytes();
    check(move |_| vec![stream(), Piece::Endless(chunk.clone())], DOUBT, "things at once").await;
}

#[tokio::test]
async fn a_modern_server_that_asks_is_not_answered() {
    let calls = |seen: &Seen| {
        let question = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        vec![stream(), message(&question), message(&response(seen, &echo(seen))), over()]
    };
    let endpoint = Endpoint::serve(modern(json!({ "tools": {} }), calls)).await;
    let world = world(&endpoint);
    world.assert_serves().await;
    assert_eq!(world.standing().faults_all, 1);
    assert!(endpoint.seen().iter().all(|seen| seen.body.get("method").is_some()));
}

#[tokio::test]
async fn a_connection_that_dies_after_the_request_leaves_doubt() {
    check(|_| vec![Piece::Close], DOUBT, "").await;
    check(|_| vec![stream(), Piece::Close], DOUBT, "broke").await;
    check(|_| vec![stream(), over()], DOUBT, "ended before the answer").await;
}

#[tokio::test]
async fn a_status_is_the_word_of_a_server_and_leaves_doubt() {
    check(|_| answer(404, "", b"nothing here"), REFUSED, "404").await;
    check(|_| answer(405, "", b""), REFUSED, "405").await;
    check(|_| answer(429, "retry-after: 1\r\n", b""), REFUSED, "429").await;
    check(|_| answer(401, "", b""), REFUSED, "401").await;
    check(|_| answer(403, "", b""), REFUSED, "403").await;
    check(|_| answer(500, "", b"oops"), DOUBT, "500").await;
    check(|_| answer(502, "", b""), DOUBT, "502").await;
    check(|_| answer(307, "location: http://127.0.0.1:1/\r\n", b""), DOUBT, "redirects").await;
}

/// Each acted, and then said that it had not: 401 for ever, and 403 after 401. A call was sent up to four times.
#[tokio::test]
async fn a_call_is_sent_once_more_with_another_credential_and_never_again() {
    for (statuses, expect) in [([401, 401], 2), ([401, 403], 2), ([401, 429], 2), ([403, 200], 1)] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let token = |number: usize| format!("token-of-the-test-{number:04}");
        std::fs::write(&path, token(0)).unwrap();
        let (calls, kept) = (std::sync::Arc::new(AtomicUsize::new(0)), path.clone());
        let counted = std::sync::Arc::clone(&calls);
        let endpoint = Endpoint::serve(modern(json!({ "tools": {} }), move |seen| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            // The operator's file has another token by now, so that there is something to try.
            std::fs::write(&kept, token(number + 1)).unwrap();
            match statuses.get(number) {
                Some(200) | None => result(seen, &echo(seen)),
                Some(status) => answer(*status, "www-authenticate: Bearer\r\n", b""),
            }
        }));
        let endpoint = endpoint.await;
        let credentials = Source::Bearer(SecretSource::File(path));
        let http = Http { url: endpoint.url.clone(), credentials };
        let world = World::with(vec![spec("evil", Way::Http(http))]);
        let outcome = world.call("echo").await;
        assert_failed(outcome, REFUSED, "");
        assert_eq!(calls.load(Ordering::SeqCst), expect, "{statuses:?}");
    }
}

#[tokio::test]
async fn a_404_without_a_session_is_the_answer_of_one_call() {
    let calls = AtomicUsize::new(0);
    let endpoint = Endpoint::serve(modern(json!({ "tools": {} }), move |seen| {
        match calls.fetch_add(1, Ordering::SeqCst) {
            0 => answer(404, "", b"nothing here"),
            _ => result(seen, &echo(seen)),
        }
    }));
    let endpoint = endpoint.await;
    let world = world(&endpoint);
    world.accepted("echo").await;
    let mut changes = world.upstreams.changes();
    assert!(world.call("echo").await.is_err());
    world.assert_serves().await;
    assert_eq!((world.standing().starts, changes.try_recv().is_err()), (1, true));
}

#[tokio::test]
async fn a_success_under_an_error_status_is_none() {
    check(|seen| json(500, &response(seen, &echo(seen))), DOUBT, "500").await;
}

#[tokio::test]
async fn a_server_that_is_away_is_told_at_once_and_used_when_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = || modern(json!({ "tools": {} }), |seen| result(seen, &echo(seen)));
    let endpoint = Endpoint::on(listener, serve());
    let world = world(&endpoint);
    let invocation = world.accepted("echo").await;
    assert!(world.carry_out(&invocation, TIMEOUT).await.is_ok());
    drop(endpoint);
    // The kept connection may have been closed before or after it was used again.
    let outcome = world.carry_out(&invocation, TIMEOUT).await.unwrap_err();
    let again = world.carry_out(&invocation, TIMEOUT).await;
    assert_failed(again, UNDONE, "");
    drop(outcome);
    let endpoint = Endpoint::on(TcpListener::bind(address).await.unwrap(), serve());
    world.upstreams.restart(&evil()).unwrap();
    let mut changes = world.upstreams.changes();
    while !matches!(world.standing().state, State::Ready { .. }) {
        let _ = changes.recv().await;
    }
    world.assert_serves().await;
    drop(endpoint);
}

/// A resolver that answers when it is told to.
#[derive(Clone, Default)]
struct Slow(Arc<tokio::sync::Notify>);

impl Lookup for Slow {
    fn lookup(&self, _: String) -> gate::Later<'static, std::io::Result<Vec<IpAddr>>> {
        let said = Arc::clone(&self.0);
        Box::pin(async move {
            said.notified().await;
            Ok(vec![IpAddr::from([127, 0, 0, 1])])
        })
    }
}

#[tokio::test]
async fn a_stop_that_comes_while_the_connection_is_made_is_in_time() {
    let endpoint =
        Endpoint::serve(modern(json!({ "tools": {} }), |seen| result(seen, &echo(seen)))).await;
    let slow = Slow::default();
    let mut url = endpoint.url.clone();
    url.set_host(Some("localhost")).unwrap();
    let guarded = Guarded::with_lookup(&url, Arc::new(slow.clone())).unwrap();
    let door = Door { guarded, credentials: Credentials::none(evil()), url };
    let news = tokio::sync::broadcast::Sender::new(1);
    let ear = Arc::new(Ear::new(evil(), Arc::default(), news, KnownSecrets::new()));
    let opened = Opened { revision: mcp::Revision::V2026July, session: None };
    let (link, _chores) = Link::new(door, opened, ear);
    let stopped = AtomicBool::new(false);
    let allowed: &Allowed<'_> = &|| match stopped.load(Ordering::SeqCst) {
        true => Err(crate::mcp::problem::not_executed(ToolErrorKind::Stopped, "stopped")),
        false => Ok(()),
    };
    let deadline = tokio::time::Instant::now() + TIMEOUT;
    let asked = Asked { allowed, ..Asked::own("tools/call", empty(), deadline) };
    let stop = async {
        tokio::task::yield_now().await;
        stopped.store(true, Ordering::SeqCst);
        slow.0.notify_one();
    };
    let (outcome, ()) = tokio::join!(link.request(asked), stop);
    assert!(matches!(outcome, Err(Trouble::Stopped(_))), "{outcome:?}");
    assert!(endpoint.seen().is_empty());
}

#[tokio::test]
async fn a_secret_is_masked_in_every_kind_of_answer_and_on_the_stream_beside_the_calls() {
    const SECRET: &str = "zq7Kp2vX9mLw4TbN81";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, SECRET).unwrap();
    let told = |method: &str, params: Value| {
        message(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    };
    let capabilities = json!({ "tools": {}, "resources": { "subscribe": true }, "x": SECRET });
    let calls = move |seen: &Seen| match seen.method() {
        "subscriptions/listen" => {
            let uri = json!({ "uri": format!("a:{SECRET}") });
            vec![stream(), told("notifications/resources/updated", uri), Piece::Silence]
        }
        "resources/list" | "resources/templates/list" => result(
            seen,
            &json!({ "resultType": "complete", "resources": [], "resourceTemplates": [] }),
        ),
        "resources/read" => {
            result(seen, &json!({ "resultType": "complete", "contents": [{ "text": SECRET }] }))
        }
        _ => {
            let token = &seen.body["params"]["_meta"]["progressToken"];
            let progress = json!({ "progressToken": token, "progress": 1, "message": SECRET });
            let answer = message(&response(seen, &echo(seen)));
            vec![stream(), told("notifications/progress", progress), answer, over()]
        }
    };
    let endpoint = Endpoint::serve(modern(capabilities, calls)).await;
    let credentials = Source::Bearer(SecretSource::File(path));
    let way = Way::Http(Http { url: endpoint.url.clone(), credentials });
    let world =
        World::with(vec![offering(spec("evil", way), &[crate::mcp::spec::Part::Resources])]);
    let mut changes = world.upstreams.changes();
    let mut invocation = world.accepted("echo").await;
    invocation.arguments = json!({ "text": SECRET });
    let mut line = world.conversations.open(invocation.call, client(mcp::Revision::V2026July));
    let reply = world.carry_out(&invocation, TIMEOUT).await.unwrap();
    let Ok(mcp::FromTool::Notification(told)) = line.from_tool.try_recv() else {
        panic!("expected one")
    };
    let read = call(UpstreamPart::Resource, "x", Digest::default(), json!({ "uri": "a:b" }));
    let read = world.carry_out(&read, TIMEOUT).await.unwrap();
    let updated = loop {
        match changes.recv().await.unwrap() {
            Change::ResourceUpdated { uri, .. } => break uri,
            Change::Offer(_)
            | Change::ResourcesChanged(_)
            | Change::PromptsChanged(_)
            | Change::Gone(_) => continue,
        }
    };
    let offer = world.offer().await;
    for said in [
        format!("{:?}", reply.output),
        format!("{told:?}"),
        format!("{:?}", read.output),
        updated,
        format!("{:?}", offer.capabilities),
    ] {
        assert!(said.contains("⟦masked:known⟧") && !said.contains(SECRET), "{said}");
    }
}
