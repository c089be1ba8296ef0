//! What happens to input that is wrong: a code of its own, what would be right, and no effect.
//! The lines of the list of bad input that an API can be given; files and stores have theirs where they are.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Said, Server, code, writes};

async fn raw(server: &Server, path: &str, body: impl Into<reqwest::Body>) -> Said {
    let request = server.ask(Method::POST, path, &server.keys.agent).body(body);
    Said::of(request.header("content-type", "application/json")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_not_one_strict_json_value_is_refused() {
    let server = Server::start().await;
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let many = format!("[{}1]", "1,".repeat(60_000));
    for (body, status, expect) in [
        ("{", 400, "CR-1001"),
        ("{} {}", 400, "CR-1001"),
        ("{\"tool\": NaN}", 400, "CR-1001"),
        ("{\"tool\": 9007199254740993}", 400, "CR-1001"),
        ("{\"tool\":\"a\",\"tool\":\"b\",\"arguments\":{}}", 400, "CR-1003"),
        ("{\"tool\":\"files.read\",\"arguments\":{\"path\":\"a\",\"path\":\"b\"}}", 400, "CR-1003"),
        (&deep, 413, "CR-1002"),
        (&many, 413, "CR-1002"),
        ("[]", 400, "CR-1010"),
        ("{\"tool\":\"files.read\"}", 400, "CR-1010"),
        ("{\"tool\":\"files.read\",\"arguments\":[]}", 400, "CR-1010"),
        ("{\"tool\":\"files.read\",\"arguments\":{},\"surplus\":1}", 400, "CR-1010"),
        ("{\"tool\":\"files.read\",\"arguments\":{},\"confidence\":1.5}", 400, "CR-1010"),
        ("{\"tool\":\"files.read\",\"arguments\":{},\"run\":\"call_x\"}", 400, "CR-1010"),
        ("{\"tool\":\"files.read\",\"arguments\":{},\"wait_ms\":240001}", 400, "CR-1010"),
    ] {
        let said = raw(&server, "/v1/calls", body.to_owned()).await;
        assert_eq!(said.problem(status), expect, "{}", body.chars().take(80).collect::<String>());
    }
    let bad_utf8 = raw(&server, "/v1/calls", b"{\"tool\": \"\xff\"}".to_vec()).await;
    assert_eq!(bad_utf8.problem(400), "CR-1001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let said = raw(&server, "/v1/calls", vec![b' '; 5 << 20]).await;
    assert_eq!(said.problem(413), "CR-1002");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_must_say_that_it_is_json() {
    let server = Server::start().await;
    let request = server.ask(Method::POST, "/v1/calls", &server.keys.agent).body("{}");
    let said = Said::of(request.header("content-type", "text/plain")).await;
    assert_eq!(said.problem(400), "CR-1010");
}

async fn check(server: &Server, body: Value, (status, expect, says): (u16, &str, &str)) {
    let (found, answer) = server.proposes(body.clone()).await;
    assert_eq!((found.as_u16(), code(&answer)), (status, expect), "{body}: {answer:?}");
    assert_eq!(answer.executed, "no");
    let failure = answer.error.unwrap();
    let text = format!("{} {}", failure.message, failure.fix);
    assert!(text.contains(says), "{body}: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_calls_are_told_what_would_be_right() {
    let server = Server::start().await;
    let reads = |arguments: Value| json!({ "tool": "files.read", "arguments": arguments });
    let unknown = json!({ "tool": "files.raed", "arguments": {} });
    check(&server, unknown, (404, "CR-1005", "`files.read`")).await;
    check(&server, reads(json!({ "path": 1 })), (422, "CR-1004", "string")).await;
    check(&server, reads(json!({})), (422, "CR-1004", "path")).await;
    check(&server, reads(json!({ "path": "a", "paht": "b" })), (422, "CR-1004", "paht")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leaves_the_workspace() {
    let server = Server::start().await;
    std::os::unix::fs::symlink("/etc", server.place.path("workspace/out")).unwrap();
    for path in
        ["../secret", "a/../../secret", "/etc/passwd", "/logs", "a\0b", "\u{202e}a", "．．/a"]
    {
        let (status, answer) = server.proposes(writes(path, "x")).await;
        assert_eq!((status.as_u16(), &*answer.executed), (422, "no"), "{path}: {answer:?}");
    }
    let (status, answer) = server.proposes(writes("out/passwd", "x")).await;
    assert!(status.is_client_error() && answer.executed == "no", "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deciding_twice_or_too_late_is_told() {
    let server = Server::start().await;
    server.proposes(writes("prod/a.txt", "live\n")).await;
    let pending = server.sees("/v1/approvals?state=pending").await;
    let approval = pending["items"][0]["approval"].as_str().unwrap();
    let approve = format!("/v1/approvals/{approval}/approve");
    server.does(&approve, json!({})).await;
    let again = server.post(&approve, &server.keys.operator, json!({})).await;
    assert_eq!(again.problem(409), "CR-1014");
    let reject = format!("/v1/approvals/{approval}/reject");
    let after = server.post(&reject, &server.keys.operator, json!({ "reason": "x" })).await;
    assert_eq!(after.problem(409), "CR-1014");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_words_and_pages_that_are_wrong_are_told() {
    let server = Server::start().await;
    let key = &server.keys.operator;
    for (path, status, expect) in [
        ("/v1/calls/nonsense", 404, "CR-1011"),
        ("/v1/calls/run_0190c5e2c5e27000800000000000abcd", 404, "CR-1011"),
        ("/v1/calls/call_0190c5e2c5e27000800000000000abcd", 404, "CR-1011"),
        ("/v1/calls?limit=0", 400, "CR-1010"),
        ("/v1/calls?limit=1001", 400, "CR-1010"),
        ("/v1/calls?limit=x", 400, "CR-1010"),
        ("/v1/calls?surplus=1", 400, "CR-1010"),
        ("/v1/calls?after=call_0190c5e2c5e27000800000000000abcd", 400, "CR-1010"),
        ("/v1/stops/reach?scope=nonsense", 400, "CR-1010"),
        ("/v1/approvals?state=nonsense", 400, "CR-1010"),
        ("/v1/approvals?first=nonsense", 400, "CR-1010"),
        ("/v1/calls?state=nonsense", 400, "CR-1010"),
        ("/v1/runs?state=nonsense", 400, "CR-1010"),
        ("/v1/stops?state=nonsense", 400, "CR-1010"),
        ("/v1/duties?kind=nonsense", 400, "CR-1010"),
        ("/v1/nothing", 404, "CR-1011"),
        ("/v1/tools/files.raed", 404, "CR-1005"),
    ] {
        assert_eq!(server.get(path, key).await.problem(status), expect, "{path}");
    }
    let wrong_method = Said::of(server.ask(Method::DELETE, "/v1/calls", key)).await;
    assert_eq!(wrong_method.problem(400), "CR-1010");
    for (path, body) in [
        ("/v1/stops", json!({ "scope": "everything", "level": "kill", "reason": "x" })),
        ("/v1/stops", json!({ "scope": "everything", "level": "pause", "reason": " " })),
        ("/v1/keys", json!({ "holder": "operator", "name": "b", "roles": ["king"] })),
        ("/v1/agents", json!({ "name": "B", "tools": ["*"] })),
        ("/v1/agents", json!({ "name": "b", "tools": [] })),
        ("/v1/spaces/experiment/mode", json!({ "mode": "off" })),
    ] {
        assert_eq!(
            server.post(path, key, body.clone()).await.problem(400),
            "CR-1010",
            "{path} {body}"
        );
    }
}

const SHORT: &str = r#"
@id("all") permit (principal, action, resource);
@id("quick") @reason("somebody must be quick") @hold("group:ops") @decide_by("1s")
forbid (principal, action, resource) unless { context.approvals.contains("quick") };
"#;

#[tokio::test(flavor = "multi_thread")]
async fn approving_after_expiry_is_too_late() {
    let place = crate::world::Place::new(crate::world::PLAIN);
    place.write("policies/short.cedar", SHORT);
    let server = Server::at(place).await;
    let (status, held) = server.proposes(writes("a.txt", "x\n")).await;
    assert_eq!(status.as_u16(), 202, "{held:?}");
    let pending = server.sees("/v1/approvals?state=pending").await;
    let approval = pending["items"][0]["approval"].as_str().unwrap();
    let path = format!("/v1/calls/{}/wait", held.call.unwrap());
    let answer = server.get(&path, &server.keys.agent).await.envelope();
    assert_eq!((code(&answer), &*answer.executed), ("CR-2004", "no"), "{answer:?}");
    let approve = format!("/v1/approvals/{approval}/approve");
    let late = server.post(&approve, &server.keys.operator, json!({})).await;
    assert_eq!(late.problem(409), "CR-1014");
    assert_eq!(
        server.sees(&format!("/v1/approvals/{approval}")).await["approval"]["state"],
        "expired"
    );
}
