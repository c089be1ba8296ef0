//! Is what is suggested from calls never wider than what went well, does it load, and does it do what it says once it is used?
//! Calls are made by a real agent; the text is loaded by a real server.

use serde_json::{Value, json};

use crate::mcp::upstream::{Speaks, Upstream};
use crate::world::{Place, Server, code, writes};

const SHADOW: &str = "[[space]]\nname = \"experiment\"\nmode = \"shadow\"\n";

fn tool(name: &str, description: &str) -> Value {
    json!({ "name": name, "description": description, "inputSchema": { "type": "object", "properties": { "n": { "type": "integer" } } } })
}

async fn call(server: &Server, tool: &str) -> checkrein_server::wire::Answer {
    // Another call each time: what was answered once is not asked again.
    static N: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let n = N.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    server.proposes(json!({ "tool": tool, "arguments": { "n": n }, "intent": "a\"*/\n// test", "confidence": 0.99 })).await.1
}

/// A server with tools of several kinds behind it, in a space where nothing is enforced.
async fn watched() -> (Upstream, Server) {
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![
        tool("echo", "Lists notes."),
        tool("tells", "Sends an email to a customer."),
        tool("routed", "Deletes all notes for good."),
        tool("fails", "Lists notes."),
    ]);
    let place = Place::new(&format!(
        "{}{SHADOW}[[mcp_server]]\nname = \"up\"\nurl = \"{}\"\n",
        crate::world::PLAIN,
        up.url
    ));
    let server = Server::at(place).await;
    while server.sees("/v1/servers/up").await["tools"] != 4 {
        tokio::task::yield_now().await;
    }
    (up, server)
}

async fn suggested(server: &Server) -> Value {
    server.sees("/v1/policies/suggest?since_ms=0").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_well_is_permitted_asked_or_left_denied_by_what_it_does() {
    let (_up, server) = watched().await;
    for tool in ["up.echo", "up.echo", "up.tells", "up.routed", "up.fails"] {
        call(&server, tool).await;
    }
    let (_, written) = server.proposes(writes("a.txt", "hello\n")).await;
    assert_eq!(code(&written), "");
    call(&server, "files.nothing").await;
    let suggestion = suggested(&server).await;
    let text = suggestion["text"].as_str().unwrap();
    let has = |part: &str| text.contains(part);
    assert!(has("@id(\"seen-up.echo.experiment\")") && has("2 times went well"), "{text}");
    assert!(
        has("@id(\"seen-up.tells.experiment\")") && has("@id(\"ask-up.tells.experiment\")"),
        "{text}"
    );
    assert!(!has("Action::\"up.routed\"") && has("It destroys what cannot be put back"), "{text}");
    assert!(
        !has("Action::\"up.fails\"") && !has("files.nothing") && !has("files.delete"),
        "{text}"
    );
    assert!(
        has("Action::\"files.write\"") && has("[\"agent\"].contains(principal.name)"),
        "{text}"
    );
    let notes = suggestion["notes"].to_string();
    assert!(notes.contains("`up.fails`") && notes.contains("`up.routed`"), "{notes}");

    // Used and enforced, it does what it says.
    server.place.write("policies/suggested.cedar", text);
    let server = server.again().await;
    server.does("/v1/spaces/experiment/mode", json!({ "mode": "enforce" })).await;
    assert_eq!(code(&call(&server, "up.echo").await), "");
    let tells = call(&server, "up.tells").await;
    assert_eq!(tells.status, "held", "{tells:?}\n{text}");
    for tool in ["up.routed", "up.fails"] {
        assert_eq!(code(&call(&server, tool).await), "CR-2001", "{tool}");
    }
    assert_eq!(code(&server.proposes(writes("b.txt", "x")).await.1), "");
    let delete =
        json!({ "tool": "files.delete", "arguments": { "path": "b.txt" }, "confidence": 0.99 });
    assert_eq!(code(&server.proposes(delete).await.1), "CR-2001");
    // What was denied since then is no reason to permit it.
    let again = suggested(&server).await;
    assert!(!again["text"].as_str().unwrap().contains("Action::\"up.routed\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_seen_permits_nothing_and_others_calls_do_not_count() {
    let (_up, server) = watched().await;
    let empty = suggested(&server).await;
    assert_eq!(
        (&empty["calls"], &empty["rules"], &empty["more"]),
        (&json!(0), &json!(3), &json!(false))
    );
    assert_eq!(empty["text"].as_str().unwrap().matches("permit (").count(), 1);
    call(&server, "up.echo").await;
    let eve = server.other_tenant().await;
    let theirs = server.get("/v1/policies/suggest?since_ms=0", &eve).await.ok();
    assert_eq!(theirs["calls"], 0);
    let elsewhere = server.sees("/v1/policies/suggest?since_ms=0&space=production").await;
    assert_eq!(elsewhere["calls"], 0);
    let refused =
        server.get("/v1/policies/suggest?since_ms=99999999999999", &server.keys.operator).await;
    refused.problem(400);
    assert_eq!(server.get("/v1/policies/suggest", &server.keys.agent).await.status.as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_to_shadow_needs_an_admin_of_the_installation_and_is_journalled() {
    let server = Server::start().await;
    let operator = json!({ "holder": "operator", "name": "olga", "roles": ["operator"] });
    let operator = server.does("/v1/keys", operator).await["secret"].as_str().unwrap().to_owned();
    let eve = server.other_tenant().await;
    let shadow = json!({ "mode": "shadow", "reason": "to look at it" });
    for key in [&operator, &eve, &server.keys.agent] {
        let said = server.post("/v1/spaces/experiment/mode", key, shadow.clone()).await;
        assert_eq!(said.status.as_u16(), 403, "{said:?}");
    }
    let set = server.does("/v1/spaces/experiment/mode", shadow).await;
    assert_eq!((&set["mode"], &set["set_by"]), (&json!("shadow"), &json!("operator")));
    let entries = server.sees("/v1/journal/entries?kind=mode_set").await;
    assert!(
        entries.to_string().contains("shadow") && entries.to_string().contains("operator"),
        "{entries}"
    );
}
