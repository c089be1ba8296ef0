//! Is a client of revision 2026-07-28 served as it expects? Our own tools, end to end: files, approvals, the journal.
//! What needs a server behind the endpoint is in files of its own.

use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{Heard, MODERN, Modern, names};
use crate::world::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_what_there_is_in_an_order_that_stays() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let said = client.ask("server/discover", json!({})).await;
    let discovered = said.result();
    assert_eq!(discovered["supportedVersions"][0], MODERN);
    assert_eq!(discovered["resultType"], "complete");
    let extensions = json!({ "io.modelcontextprotocol/tasks": {} });
    assert_eq!(
        discovered["capabilities"],
        json!({ "tools": { "listChanged": true }, "extensions": extensions })
    );
    assert_eq!(discovered["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "checkrein");
    assert!(discovered["instructions"].as_str().unwrap().contains("NOT EXECUTED"));
    let listed = client.ask("tools/list", json!({})).await;
    let listed = listed.result();
    let found = names(listed);
    assert!(found.contains(&"files__read") && found.contains(&"files__write"), "{found:?}");
    assert!(!found.iter().any(|name| name.contains("undo")), "the house's own acts: {found:?}");
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert_eq!(found, sorted);
    assert_eq!(
        (&listed["resultType"], &listed["cacheScope"]),
        (&json!("complete"), &json!("private"))
    );
    assert!(listed["ttlMs"].as_u64().is_some());
    let again = client.ask("tools/list", json!({})).await;
    assert_eq!(again.result(), listed);
    let read = &listed["tools"].as_array().unwrap()
        [found.iter().position(|name| *name == "files__read").unwrap()];
    assert_eq!(read["annotations"]["readOnlyHint"], true);
    assert_eq!(read["inputSchema"]["type"], "object");
    assert!(!read["description"].as_str().unwrap().is_empty());
    let write = &listed["tools"].as_array().unwrap()
        [found.iter().position(|name| *name == "files__write").unwrap()];
    assert_eq!(write["annotations"]["readOnlyHint"], false);
    let own = Modern::new(&server, "/mcp/checkrein").ask("tools/list", json!({})).await;
    assert_eq!(names(own.result()), found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_walks_the_journey_and_its_answer_says_so() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let heard = client.call("files__write", json!({ "path": "a.txt", "content": "one\n" })).await;
    let result = heard.result();
    assert!(result.get("isError").is_none(), "{result}");
    assert_eq!(heard.messages.len(), 1);
    assert_eq!(heard.headers["content-type"], "application/json");
    let answer = &result["_meta"]["checkrein/answer"];
    assert_eq!((&answer["status"], &answer["executed"]), (&json!("succeeded"), &json!("yes")));
    assert!(answer["diff"].as_str().unwrap().contains("+one") && answer["journal"]["seq"].is_u64());
    assert!(answer.get("output").is_none());
    assert_eq!(std::fs::read_to_string(server.place.path("workspace/a.txt")).unwrap(), "one\n");
    let call = answer["call"].as_str().unwrap();
    let shown = server.sees(&format!("/v1/calls/{call}")).await;
    assert_eq!(
        (&shown["call"]["state"], &shown["call"]["tool"]),
        (&json!("succeeded"), &json!("files.write"))
    );
    let read = client.call("files__read", json!({ "path": "a.txt" })).await;
    assert_eq!(read.result()["structuredContent"]["content"], "one\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_call_travels_in_meta_and_is_read_strictly() {
    let server = Server::start().await;
    let body = json!({ "workflow": "default", "purpose": "a test" });
    let run = server.post("/v1/runs", &server.keys.agent, body).await.ok();
    let client = Modern::new(&server, "/mcp").saying("checkrein/run", run["run"].clone());
    let arguments = json!({ "path": "a.txt", "content": "x\n" });
    let proposal = json!({
        "intent": "a test", "confidence": 0.99, "key": "k-1", "evidence": ["a ticket"],
        "expected_effect": [{ "kind": "created", "resource": "workspace:a.txt" }],
    });
    let heard = client.clone().saying("checkrein/proposal", proposal.clone());
    let first = heard.call("files__write", arguments.clone()).await;
    let first = &first.result()["_meta"]["checkrein/answer"];
    assert_eq!(first["effects"][0]["observation"], "expected", "{first}");
    assert_eq!(first["journal"]["run"], run["run"]);
    std::fs::remove_file(server.place.path("workspace/a.txt")).unwrap();
    let again = heard.call("files__write", arguments.clone()).await;
    let again = &again.result()["_meta"]["checkrein/answer"];
    assert_eq!((&again["replayed"], &again["call"]), (&json!(true), &first["call"]));
    assert!(!server.place.path("workspace/a.txt").exists(), "one key, one effect");
    for (key, value) in [
        ("checkrein/proposal", json!({ "intent": "x", "surplus": 1 })),
        ("checkrein/proposal", json!({ "confidence": 2 })),
        ("checkrein/proposal", json!("x")),
        ("checkrein/run", json!(7)),
        ("checkrein/run", json!("not a run")),
    ] {
        let wrong = client.clone().saying(key, value.clone());
        let heard = wrong.call("files__read", json!({ "path": "a.txt" })).await;
        assert_eq!(heard.error(), (200, -32_602), "{key} {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_says_so_and_the_identical_call_gets_the_outcome() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp").saying("checkrein/proposal", json!({ "wait_ms": 0 }));
    let arguments = json!({ "path": "prod/a.txt", "content": "live\n" });
    let held = client.call("files__write", arguments.clone()).await;
    let text = held.result()["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("NOT EXECUTED") && text.contains("waiting for approval"), "{text}");
    assert_eq!(held.result()["isError"], true);
    let pending = server.sees("/v1/approvals?state=pending").await;
    for each in pending["items"].as_array().unwrap() {
        let path = format!("/v1/approvals/{}/approve", each["approval"].as_str().unwrap());
        server.does(&path, json!({ "reason": "reviewed" })).await;
    }
    let heard = client.call("files__write", arguments).await;
    assert_eq!(heard.result()["_meta"]["checkrein/answer"]["executed"], "yes", "{heard:?}");
    assert_eq!(
        std::fs::read_to_string(server.place.path("workspace/prod/a.txt")).unwrap(),
        "live\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_change_again_is_a_new_one_once_its_answer_was_delivered() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let body = client.body(
        "tools/call",
        json!({ "name": "files__write", "arguments": { "path": "a.txt", "content": "x\n" } }),
    );
    let mut calls = std::collections::BTreeSet::new();
    // As one object, and as a stream.
    for accept in ["application/json", "text/event-stream", "application/json"] {
        let request =
            server.ask(Method::POST, "/mcp", &client.key).header("accept", accept).json(&body);
        let request =
            request.header("mcp-protocol-version", MODERN).header("mcp-method", "tools/call");
        let heard = Heard::of(request.header("mcp-name", "files__write")).await;
        let answer = heard.result()["_meta"]["checkrein/answer"].clone();
        assert_eq!(
            (&answer["executed"], &answer["replayed"]),
            (&json!("yes"), &json!(false)),
            "{heard:?}"
        );
        calls.insert(answer["call"].to_string());
        std::fs::remove_file(server.place.path("workspace/a.txt")).unwrap();
    }
    assert_eq!(calls.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_results_that_a_model_can_act_on() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    let check = async |name: &str, arguments: Value, code: &str| {
        let heard = client.call(name, arguments).await;
        let text = heard.result()["content"][0]["text"].as_str().unwrap().to_owned();
        assert_eq!(heard.result()["isError"], true, "{name}");
        assert!(text.starts_with("NOT EXECUTED: ") && text.contains(code), "{text}");
        assert!(heard.result()["_meta"]["checkrein/answer"]["journal"]["seq"].is_u64(), "{name}");
    };
    check("files__read", json!({ "path": 1 }), "CR-1004").await;
    check("files__read", json!({ "path": "../x" }), "CR-").await;
    check("files__read", json!({ "path": "missing" }), "CR-").await;
    let body = json!({ "scope": "everything", "level": "suspend", "reason": "a drill" });
    server.does("/v1/stops", body).await;
    check("files__write", json!({ "path": "a", "content": "x" }), "CR-2008").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_tool_is_an_error_of_the_protocol_and_journalled() {
    let server = Server::start().await;
    // The name that Checkrein uses itself is none of a client's wire, and one server's entrance shows no other's tools.
    for name in ["files__raed", "files.read", "checkrein__undo", "", "a b"] {
        let client = Modern::new(&server, "/mcp");
        let body = client.body("tools/call", json!({ "name": name, "arguments": {} }));
        let heard = Heard::of(client.request(&body)).await;
        assert_eq!(heard.error(), (200, -32_602), "{name}");
        let data = &heard.last()["error"]["data"];
        assert_eq!(
            (&data["error"]["code"], data["journal"]["seq"].is_u64()),
            (&json!("CR-1005"), true)
        );
    }
}

/// The refusal by the grant, and the name that was suggested, told which tools there are.
#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_the_caller_may_not_see_is_as_unknown_as_one_that_is_not_there() {
    let server = Server::start().await;
    let body = json!({ "name": "narrow", "tools": ["files.read"], "spaces": ["experiment"], "workflows": ["default"] });
    let narrow = server.does("/v1/agents", body).await;
    let mut client = Modern::new(&server, "/mcp");
    client.key = narrow["secret"].as_str().unwrap().to_owned();
    let told = async |name: &str| {
        let heard = client.call(name, json!({ "path": "a", "content": "x" })).await;
        assert_eq!(heard.error(), (200, -32_602), "{name}");
        let error = &heard.last()["error"];
        assert_eq!(error["data"]["error"]["code"], "CR-1005", "{error}");
        assert!(!error.to_string().contains("files.write"), "{error}");
        (error["message"].to_string().replace(name, "X"), error["data"]["error"]["fix"].clone())
    };
    let hidden = told("files__write").await;
    assert_eq!(hidden, told("files__wriet").await);
    assert_eq!(hidden, told("command__rnu").await);
    let read = client.call("files__read", json!({ "path": "missing" })).await;
    assert_eq!(read.result()["isError"], true, "what it may see is answered by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_are_gone_or_never_were_are_not_found() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "x/y",
    ] {
        let heard = client.ask(method, json!({})).await;
        assert_eq!(heard.error(), (404, -32_601), "{method}");
        assert_eq!(heard.last()["id"], 1);
    }
    for method in [Method::GET, Method::DELETE] {
        let heard = Heard::of(server.ask(method, "/mcp", &server.keys.agent)).await;
        assert_eq!(
            (heard.status.as_u16(), &heard.headers["allow"]),
            (405, &"POST".parse().unwrap())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_without_prompts_and_resources_have_empty_lists() {
    let server = Server::start().await;
    let client = Modern::new(&server, "/mcp");
    for (method, key) in [
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        let heard = client.ask(method, json!({})).await;
        assert_eq!(heard.result()[key], json!([]), "{method}");
    }
    let heard = client.ask("resources/read", json!({ "uri": "test://x" })).await;
    assert_eq!(
        (heard.error(), &heard.last()["error"]["data"]["uri"]),
        ((200, -32_602), &json!("test://x"))
    );
    let heard = client.ask("prompts/get", json!({ "name": "x" })).await;
    assert_eq!(heard.error(), (200, -32_602));
}
