//! Logging in with links and recovery codes, and what a session may do: only from pages of its own, only until it ends.
//! How long that is, is tested with a simulated clock (`sim/tests/it/people.rs`).

use reqwest::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::world::{Said, Server, writes};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_person_logs_in_with_a_link_and_sees_what_a_key_sees() {
    let server = Server::start().await;
    let mut browser = Browser::on(&server);
    assert_eq!(browser.gets("/v1/session").await.problem(401), "CR-4001");
    let link = server.does("/v1/people/operator/invite", json!({})).await;
    let url = link["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/login#ticket=ck_link_", browser.origin)), "{url}");
    let session = browser.opens_link(url).await.ok();
    assert_eq!((&session["person"], &session["login"]), (&json!("operator"), &json!("link")));
    assert_eq!((&session["assurance"], &session["groups"]), (&json!("session"), &json!(["*"])));
    assert_eq!(session["roles"], json!(["admin"]));
    assert_eq!(browser.gets("/v1/session").await.ok(), session);
    assert_eq!(browser.gets("/v1/calls").await.ok()["items"], json!([]));
    let again = Browser::on(&server).opens_link(url).await;
    assert_eq!(again.problem(401), "CR-4001", "a link is used once");
    let text = server.sees("/v1/journal/entries").await.to_string();
    let secret = url.split_once("#ticket=").unwrap().1;
    assert!(text.contains("tickets_made") && text.contains("session_opened"));
    assert!(!text.contains(secret) && !text.contains(&browser.cookies[0].1));
    let server = server.again().await;
    browser.origin = format!("http://localhost:{}", server.running.address.port());
    // The port is in the cookie's name, and the next start has another one.
    let name = format!("checkrein_session_{}", server.running.address.port());
    browser.cookies[0].0 = name;
    assert_eq!(browser.gets("/v1/session").await.ok()["person"], "operator");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_decides_and_is_recorded_as_its_person() {
    let server = Server::start().await;
    let mut browser = Browser::of(&server, "operator").await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let approval =
        browser.gets("/v1/approvals?state=pending").await.ok()["items"][0]["approval"].clone();
    let approval = approval.as_str().unwrap();
    let rejects = format!("/v1/approvals/{approval}/reject");
    browser.posts(&rejects, json!({ "reason": "not today" })).await.ok();
    let call = server.sees(&format!("/v1/calls/{}", held.call.unwrap())).await;
    assert_eq!(call["call"]["code"], "CR-2003");
}

/// Each is something that a page of somebody else's can make a browser do.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_changes_nothing_without_its_token_and_from_no_other_page() {
    let server = Server::start().await;
    let mut browser = Browser::of(&server, "operator").await;
    let stop = || json!({ "scope": "tenant:local", "level": "pause", "reason": "x" });
    let csrf = browser.csrf.take();
    assert_eq!(browser.posts("/v1/stops", stop()).await.problem(403), "CR-4002", "no token");
    browser.csrf = Some("x".repeat(43));
    assert_eq!(browser.posts("/v1/stops", stop()).await.problem(403), "CR-4002", "a made-up token");
    let other = Browser::of(&server, "operator").await;
    browser.csrf = other.csrf.clone();
    assert_eq!(
        browser.posts("/v1/stops", stop()).await.problem(403),
        "CR-4002",
        "another session's"
    );
    browser.csrf = csrf;
    let (name, value) = browser.cookies[0].clone();
    let port = server.running.address.port();
    let forged = |origin: &str| {
        server
            .ask(Method::POST, "/v1/stops", "")
            .header("host", format!("localhost:{port}"))
            .header("cookie", format!("{name}={value}"))
            .header("origin", origin)
            .header("x-checkrein-csrf", browser.csrf.clone().unwrap())
            .json(&stop())
    };
    for origin in ["http://evil.example", "null", "http://localhost:1"] {
        assert_eq!(Said::of(forged(origin)).await.problem(421), "CR-4003", "{origin}");
    }
    assert_eq!(server.sees("/v1/stops").await["items"], json!([]));
    browser.posts("/v1/stops", stop()).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_no_key_and_a_key_no_session() {
    let server = Server::start().await;
    let mut browser = Browser::of(&server, "operator").await;
    let secret = browser.cookies[0].1.clone();
    assert_eq!(server.get("/v1/calls", &secret).await.problem(401), "CR-4001");
    browser.cookies[0].1 = server.keys.operator.clone();
    assert_eq!(browser.gets("/v1/calls").await.problem(401), "CR-4001");
    browser.cookies[0].1 = server.keys.agent.clone();
    assert_eq!(browser.gets("/v1/calls").await.problem(401), "CR-4001");
    assert_eq!(server.get("/v1/session", &server.keys.operator).await.problem(403), "CR-4002");
}

/// The stream of somebody who was disabled went on as long as the page stayed open.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_session_the_person_and_the_key() {
    let server = Server::start().await;
    server.does("/v1/people", json!({ "name": "eve", "roles": ["viewer"], "groups": [] })).await;
    let (mut first, second) =
        (Browser::of(&server, "eve").await, Browser::of(&server, "eve").await);
    let body = json!({ "holder": "operator", "name": "ann", "roles": ["viewer"] });
    let key = server.does("/v1/keys", body).await;
    let events = "/v1/events";
    let mut of_first = first.follows(events).await;
    let mut of_second = second.follows(events).await;
    let asked = server.ask(Method::GET, events, key["secret"].as_str().unwrap()).send();
    let mut of_key = asked.await.unwrap();
    for response in [&of_first, &of_second, &of_key] {
        assert_eq!(response.status(), 200);
    }
    first.deletes("/v1/session").await.ok();
    assert_eq!(rest(&mut of_first).await.matches("session_ended").count(), 0, "told nothing more");
    server.does("/v1/people/eve", json!({ "roles": ["policy_author"] })).await;
    server.proposes(writes("a.txt", "x\n")).await;
    server.does("/v1/people/eve", json!({ "disabled": true })).await;
    rest(&mut of_second).await;
    let revoke = format!("/v1/keys/{}/revoke", key["key"].as_str().unwrap());
    server.does(&revoke, json!({ "reason": "left" })).await;
    rest(&mut of_key).await;
}

/// Reads to the end of a stream, which comes.
async fn rest(response: &mut reqwest::Response) -> String {
    let mut all = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        all.extend_from_slice(&chunk);
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_and_being_disabled_end_a_session_at_once() {
    let server = Server::start().await;
    let eve = json!({ "name": "eve", "roles": ["approver"], "groups": ["leads"] });
    server.does("/v1/people", eve).await;
    let mut first = Browser::of(&server, "eve").await;
    let mut second = Browser::of(&server, "eve").await;
    assert_eq!(first.gets("/v1/session").await.ok()["groups"], json!(["leads"]));
    let cookie = first.cookies.clone();
    first.deletes("/v1/session").await.ok();
    assert!(first.cookies.is_empty(), "the cookie is taken away");
    first.cookies = cookie;
    assert_eq!(first.gets("/v1/session").await.problem(401), "CR-4001");
    second.gets("/v1/session").await.ok();
    let disabled = server.does("/v1/people/eve", json!({ "disabled": true })).await;
    assert_eq!(disabled["state"], "disabled");
    assert_eq!(second.gets("/v1/session").await.problem(401), "CR-4001");
    let said = server.post("/v1/people/eve/invite", &server.keys.operator, json!({})).await;
    assert_eq!(said.problem(409), "CR-1014");
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_shown_once_and_hold_once() {
    let server = Server::start().await;
    let mut browser = Browser::of(&server, "operator").await;
    let made = browser.posts("/v1/account/recovery-codes", json!({})).await.ok();
    let codes = made["codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    let mut other = Browser::on(&server);
    let written = codes[0].as_str().unwrap().to_lowercase().replace('-', " ");
    let session = other
        .logs_in("/v1/session/recovery", json!({ "name": "operator", "code": written }))
        .await
        .ok();
    assert_eq!(
        (&session["login"], &session["recovery_codes"]),
        (&json!("recovery_code"), &json!(9))
    );
    let again = json!({ "name": "operator", "code": codes[0] });
    let said = Browser::on(&server).logs_in("/v1/session/recovery", again).await;
    assert_eq!(said.problem(401), "CR-4001");
    let listed = server.sees("/v1/people").await.to_string()
        + &server.sees("/v1/journal/entries").await.to_string();
    assert!(!listed.contains(codes[1].as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_made_and_changed_by_admins_of_their_tenant() {
    let server = Server::start().await;
    let other = server.other_tenant().await;
    let eve = json!({ "name": "eve", "roles": ["viewer"] });
    server.does("/v1/people", eve.clone()).await;
    let twice = server.post("/v1/people", &server.keys.operator, eve).await;
    assert_eq!(twice.problem(409), "CR-1014");
    assert_eq!(server.get("/v1/people", &other).await.ok()["items"], json!([]));
    let body = json!({ "roles": ["admin"] });
    assert_eq!(server.post("/v1/people/eve", &other, body.clone()).await.problem(404), "CR-1011");
    let beyond = json!({ "roles": ["admin"], "tenant": "local" });
    assert_eq!(server.post("/v1/people/eve", &other, beyond).await.problem(403), "CR-4002");
    let changed = server.does("/v1/people/eve", json!({ "roles": ["approver", "auditor"] })).await;
    assert_eq!(changed["roles"], json!(["approver", "auditor"]));
    for bad in [
        json!({ "name": "Eve", "roles": ["viewer"] }),
        json!({ "name": "b", "roles": [] }),
        json!({ "name": "b", "roles": ["king"] }),
        json!({ "name": "b", "roles": ["viewer"], "groups": ["*", "leads"] }),
    ] {
        let said = server.post("/v1/people", &server.keys.operator, bad.clone()).await;
        assert_eq!(said.problem(400), "CR-1010", "{bad}");
    }
}
