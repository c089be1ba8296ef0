//! Who may do what: agents, operators, other tenants, revoked keys, foreign pages.
//! Every route that decides is tried with an agent's key, and every id with a key of another tenant.

use reqwest::Method;
use serde_json::json;

use crate::world::{Said, Server, writes};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_that_holds_nothing_is_told() {
    let server = Server::start().await;
    for key in
        ["", "ck_agent_forged", &server.keys.agent.replace("agent", "operator"), &"x".repeat(300)]
    {
        for path in ["/v1/calls", "/v1/approvals", "/v1/whoami", "/v1/journal/head"] {
            let said = server.get(path, key).await;
            assert_eq!(said.problem(401), "CR-4001", "{path} with {key}");
        }
        let said = server.post("/v1/calls", key, writes("a", "b")).await;
        assert_eq!(said.problem(401), "CR-4001");
    }
    let metrics = server.get("/metrics", "").await.body;
    assert!(
        metrics.as_str().unwrap().contains("checkrein_refused_total{code=\"CR-4001\"} 20"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_can_never_decide_stop_or_undo() {
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let call = held.call.unwrap();
    let pending = server.sees("/v1/approvals?state=pending").await;
    let approval = pending["items"][0]["approval"].as_str().unwrap();
    let run = server.sees("/v1/runs").await["items"][0]["run"].as_str().unwrap().to_owned();
    let posts = [
        (format!("/v1/approvals/{approval}/approve"), json!({})),
        (format!("/v1/approvals/{approval}/reject"), json!({ "reason": "x" })),
        (format!("/v1/calls/{call}/resolve"), json!({ "executed": "yes", "reason": "x" })),
        (format!("/v1/calls/{call}/undo"), json!({})),
        (format!("/v1/runs/{run}/undo"), json!({ "last": 1 })),
        (format!("/v1/runs/{run}/resume"), json!({ "reason": "x" })),
        (format!("/v1/runs/{run}/replay"), json!({})),
        ("/v1/budgets/raise".into(), json!({ "run": run, "by": { "calls": 1 }, "reason": "x" })),
        ("/v1/stops".into(), json!({ "scope": "everything", "level": "pause", "reason": "x" })),
        ("/v1/spaces/experiment/mode".into(), json!({ "mode": "shadow", "reason": "r" })),
        ("/v1/agents".into(), json!({ "name": "b", "tools": ["*"] })),
        ("/v1/keys".into(), json!({ "holder": "operator", "name": "b", "roles": ["admin"] })),
        ("/v1/journal/verify".into(), json!({})),
        ("/v1/policies/check".into(), json!({ "files": [] })),
    ];
    for (path, body) in posts {
        assert_eq!(
            server.post(&path, &server.keys.agent, body).await.problem(403),
            "CR-4002",
            "{path}"
        );
    }
    for path in [
        "/v1/approvals",
        "/v1/duties",
        "/v1/stops",
        "/v1/agents",
        "/v1/keys",
        "/v1/policies",
        "/v1/events",
        "/v1/journal/entries",
        "/v1/journal/head",
    ] {
        assert_eq!(server.get(path, &server.keys.agent).await.problem(403), "CR-4002", "{path}");
    }
    let still = server.sees(&format!("/v1/calls/{call}")).await;
    assert_eq!(still["call"]["state"], "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_proposes_nothing() {
    let server = Server::start().await;
    let said = server.post("/v1/calls", &server.keys.operator, writes("a", "b")).await;
    assert_eq!(said.problem(403), "CR-4002");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_sees_nothing_and_changes_nothing() {
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let call = held.call.unwrap();
    let pending = server.sees("/v1/approvals?state=pending").await;
    let approval = pending["items"][0]["approval"].as_str().unwrap();
    let run = server.sees("/v1/runs").await["items"][0]["run"].as_str().unwrap().to_owned();
    let grant = server.sees("/v1/agents").await["items"][0]["grant"].as_str().unwrap().to_owned();
    let key = server.sees("/v1/keys").await["items"][0]["key"].as_str().unwrap().to_owned();
    let other = server.other_tenant().await;
    for path in
        ["/v1/calls", "/v1/runs", "/v1/approvals", "/v1/duties", "/v1/agents", "/v1/budgets"]
    {
        assert_eq!(server.get(path, &other).await.ok()["items"], json!([]), "{path}");
    }
    for path in [
        format!("/v1/calls/{call}"),
        format!("/v1/calls/{call}/plan"),
        format!("/v1/calls/{call}/explain"),
        format!("/v1/runs/{run}"),
        format!("/v1/runs/{run}/export"),
        format!("/v1/approvals/{approval}"),
        format!("/v1/budgets?run={run}"),
    ] {
        assert_eq!(server.get(&path, &other).await.problem(404), "CR-1011", "{path}");
    }
    for (path, body) in [
        (format!("/v1/approvals/{approval}/approve"), json!({})),
        (format!("/v1/approvals/{approval}/reject"), json!({ "reason": "x" })),
        (format!("/v1/runs/{run}/end"), json!({ "outcome": "failed" })),
        (format!("/v1/runs/{run}/undo"), json!({ "last": 1 })),
        (format!("/v1/runs/{run}/replay"), json!({})),
        (format!("/v1/agents/{grant}/revoke"), json!({ "reason": "x" })),
        (format!("/v1/keys/{key}/revoke"), json!({ "reason": "x" })),
    ] {
        assert_eq!(server.post(&path, &other, body).await.problem(404), "CR-1011", "{path}");
    }
}

/// An admin of one tenant once could make an admin of every other.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_of_another_tenant_reaches_no_other() {
    let server = Server::start().await;
    let other = server.other_tenant().await;
    for (path, body) in [
        (
            "/v1/keys",
            json!({ "holder": "operator", "name": "eve", "roles": ["admin"], "tenant": "local" }),
        ),
        ("/v1/agents", json!({ "name": "eve", "tools": ["*"], "tenant": "local" })),
        ("/v1/spaces/experiment/mode", json!({ "mode": "shadow", "reason": "r" })),
        ("/v1/stops", json!({ "scope": "everything", "level": "pause", "reason": "x" })),
        ("/v1/stops", json!({ "scope": "tool:files.read", "level": "pause", "reason": "x" })),
    ] {
        assert_eq!(
            server.post(path, &other, body.clone()).await.problem(403),
            "CR-4002",
            "{path} {body}"
        );
    }
    let stop = json!({ "scope": "everything", "level": "pause", "reason": "x" });
    let stop = server.does("/v1/stops", stop).await["stop"]["stop"].as_str().unwrap().to_owned();
    let lift =
        server.post(&format!("/v1/stops/{stop}/lift"), &other, json!({ "reason": "x" })).await;
    assert_eq!(lift.problem(403), "CR-4002");
    let own =
        server.post("/v1/agents", &other, json!({ "name": "eve", "tools": ["*"] })).await.ok();
    assert_eq!(own["grant"]["tenant"], "other");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agent_cannot_use_or_see_a_run() {
    let server = Server::start().await;
    let body = json!({ "workflow": "default", "purpose": "mine" });
    let run = server.post("/v1/runs", &server.keys.agent, body).await.ok();
    let run = run["run"].as_str().unwrap();
    let other = server.does("/v1/agents", json!({ "name": "other", "tools": ["*"] })).await;
    let other = other["secret"].as_str().unwrap();
    let mut call = writes("a.txt", "x");
    call["run"] = json!(run);
    let answer = server.post("/v1/calls", other, call).await;
    assert_eq!((answer.status.as_u16(), crate::world::code(&answer.envelope())), (404, "CR-1012"));
    assert_eq!(server.get(&format!("/v1/runs/{run}"), other).await.problem(404), "CR-1011");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_and_a_revoked_grant_stop_at_once() {
    let server = Server::start().await;
    let made = server.does("/v1/agents", json!({ "name": "short", "tools": ["files.*"] })).await;
    let secret = made["secret"].as_str().unwrap();
    let grant = made["grant"]["grant"].as_str().unwrap();
    let second = server.does("/v1/keys", json!({ "holder": "agent", "grant": grant })).await;
    let second = second["secret"].as_str().unwrap();
    let key = made["key"].as_str().unwrap();
    server.does(&format!("/v1/keys/{key}/revoke"), json!({ "reason": "lost" })).await;
    assert_eq!(server.get("/v1/whoami", secret).await.problem(401), "CR-4001");
    assert_eq!(server.get("/v1/whoami", second).await.ok()["name"], "short@1");
    server.does(&format!("/v1/agents/{grant}/revoke"), json!({ "reason": "done" })).await;
    assert_eq!(server.get("/v1/whoami", second).await.problem(401), "CR-4001");
    let server = server.again().await;
    assert_eq!(server.get("/v1/whoami", second).await.problem(401), "CR-4001");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_and_does_nothing() {
    let server = Server::start().await;
    let body = json!({ "holder": "operator", "name": "ada", "roles": ["auditor"] });
    let auditor = server.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned();
    assert_eq!(server.get("/v1/whoami", &auditor).await.ok()["roles"], json!(["auditor"]));
    server.get("/v1/journal/entries", &auditor).await.ok();
    let stop = json!({ "scope": "tenant:local", "level": "pause", "reason": "x" });
    assert_eq!(server.post("/v1/stops", &auditor, stop).await.problem(403), "CR-4002");
    let agent = json!({ "name": "b", "tools": ["*"] });
    assert_eq!(server.post("/v1/agents", &auditor, agent).await.problem(403), "CR-4002");
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let pending = server.get("/v1/approvals?state=pending", &auditor).await.ok();
    let approval = pending["items"][0]["approval"].as_str().unwrap();
    let approve = format!("/v1/approvals/{approval}/approve");
    assert_eq!(server.post(&approve, &auditor, json!({})).await.problem(403), "CR-4002");
    let run = server.sees("/v1/runs").await["items"][0]["run"].as_str().unwrap().to_owned();
    server.get(&format!("/v1/runs/{run}/export"), &auditor).await.ok();
    let with_key = format!("/v1/runs/{run}/export?payloads=with_key");
    assert_eq!(server.get(&with_key, &auditor).await.problem(403), "CR-4002");
    assert!(server.sees(&with_key).await["run_key"]["key"].is_string());
    let call = format!("/v1/calls/{}", held.call.unwrap());
    assert_eq!(server.sees(&call).await["call"]["state"], "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_their_verifiers_are_never_listed() {
    let server = Server::start().await;
    let listed = server.sees("/v1/keys").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let text = listed.to_string() + &server.sees("/v1/journal/entries").await.to_string();
    assert!(!text.contains(&server.keys.agent) && !text.contains(&server.keys.operator));
    assert!(!listed.to_string().contains("verifier"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_other_hosts_and_from_other_pages_are_refused() {
    let server = Server::start().await;
    let key = &server.keys.operator;
    let port = server.running.address.port();
    for (header, value) in [
        ("host", "evil.example".to_owned()),
        ("host", format!("evil.example:{port}")),
        ("host", "localhost:1".to_owned()),
        ("origin", "http://evil.example".to_owned()),
        ("origin", "null".to_owned()),
    ] {
        for path in ["/v1/calls", "/healthz", "/v1/openapi.json"] {
            let said = Said::of(server.ask(Method::GET, path, key).header(header, &value)).await;
            assert_eq!(said.problem(421), "CR-4003", "{header}: {value}");
        }
    }
    let host = format!("localhost:{port}");
    let own = server.ask(Method::GET, "/v1/calls", key).header("host", &host);
    Said::of(own.header("origin", format!("http://{host}"))).await.ok();
}
