//! What people see and do besides deciding: pages, duties, modes, policies, tools, numbers.
//! Also what machines ask of a running server: health, readiness, metrics.

use serde_json::{Value, json};

use crate::world::{Server, writes};

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let server = Server::start().await;
    for number in 0..5 {
        server.proposes(writes(&format!("file-{number}"), "x\n")).await;
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut path = "/v1/calls?limit=2".to_owned();
    loop {
        let page = server.sees(&path).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|call| call["resource"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/calls?limit=2&after={next}");
    }
    let expect: Vec<Value> =
        (0..5).rev().map(|number| json!(format!("workspace:file-{number}"))).collect();
    assert_eq!(seen, expect);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_listed_until_somebody_has_seen_it() {
    let server = Server::start().await;
    let (_, answer) = server.proposes(writes("a.txt", "x\n")).await;
    assert_eq!(answer.decision.unwrap().verdict, "notify");
    let open = server.sees("/v1/duties?state=open").await;
    let duty = open["items"][0]["duty"].as_str().unwrap();
    let done = server.does(&format!("/v1/duties/{duty}/done"), json!({ "note": "fine" })).await;
    assert_eq!((&done["state"], &done["note"]), (&json!("done"), &json!("fine")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_in_shadow_says_what_it_would_have_done() {
    let server = Server::start().await;
    let shadow = json!({ "mode": "shadow" });
    server.post("/v1/spaces/experiment/mode", &server.keys.operator, shadow).await.problem(400);
    let shadow = json!({ "mode": "shadow", "reason": "a rule is wrong" });
    let space = server.does("/v1/spaces/experiment/mode", shadow).await;
    assert_eq!((&space["mode"], &space["set_by"]), (&json!("shadow"), &json!("operator")));
    let (status, answer) = server.proposes(writes("prod/a.txt", "live\n")).await;
    assert_eq!(status.as_u16(), 200, "{answer:?}");
    let decision = answer.decision.unwrap();
    assert!(decision.shadow && decision.verdict == "hold", "{decision:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_starter_policy_is_in_force_and_says_so() {
    let server = Server::start().await;
    let policies = server.sees("/v1/policies").await;
    assert_eq!(policies["from"], "starter");
    assert!(policies["rules"].as_array().unwrap().len() > 10);
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let why = server.sees(&format!("/v1/calls/{}/explain", held.call.unwrap())).await;
    assert_eq!(why["decision"]["verdict"], "hold");
    let matching = why["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    assert!(
        matching.filter(|line| line.contains(" matches: ")).any(|line| line.starts_with("hold "))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_checked_without_coming_into_force() {
    let server = Server::start().await;
    let before = server.sees("/v1/policies").await["version"].clone();
    let good = "@id(\"reads\") permit (principal, action, resource);\n";
    let bad = "permit (principal, action, resource);\n@id(\"x\") forbid (principal;\n";
    for (text, problems) in [(good, false), (bad, true)] {
        let body = json!({ "files": [{ "file": "a.cedar", "text": text }] });
        let checked = server.does("/v1/policies/check", body).await;
        let found = checked["problems"].as_array().unwrap();
        assert_eq!(!found.is_empty(), problems, "{checked}");
        assert_eq!(checked["version"].is_null(), problems);
        if problems {
            assert!(
                found[0]["line"].as_u64().unwrap() >= 1
                    && !found[0]["fix"].as_str().unwrap().is_empty()
            );
        }
    }
    assert_eq!(server.sees("/v1/policies").await["version"], before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_learns_what_tools_there_are() {
    let server = Server::start().await;
    let tools = server.get("/v1/tools", &server.keys.agent).await.ok();
    let names: Vec<&str> = tools["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["tool"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"files.read") && names.contains(&"files.delete"), "{names:?}");
    let tool = server.get("/v1/tools/files.write", &server.keys.agent).await.ok();
    assert_eq!(tool["input"]["type"], "object");
    assert!(tool["text"].as_str().unwrap().contains("files.write"));
}

#[tokio::test(flavor = "multi_thread")]
async fn places_and_numbers_are_shown() {
    let server = Server::start().await;
    server.proposes(writes("a.txt", "x\n")).await;
    assert_eq!(server.sees("/v1/workflows").await["items"][0]["workflow"], "default");
    assert_eq!(server.sees("/v1/spaces").await["items"][0]["mode"], "enforce");
    assert_eq!(server.get("/healthz", "").await.body, "ok\n");
    assert_eq!(server.get("/readyz", "").await.body, "ready\n");
    let metrics = server.get("/metrics", "").await;
    let text = metrics.body.as_str().unwrap();
    for line in [
        "checkrein_calls_total{status=\"succeeded\",code=\"\"} 1",
        "checkrein_call_seconds_count 1",
        "checkrein_requests_total{route=\"/v1/calls\",status=\"200\"} 1",
        "checkrein_calls_in_work 0",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.trim_end().ends_with("# EOF"));
}

impl Server {
    async fn key_of(&self, name: &str, role: &str) -> String {
        let body = json!({ "holder": "operator", "name": name, "roles": [role] });
        self.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned()
    }

    async fn pending(&self) -> String {
        let approvals = self.sees("/v1/approvals?state=pending").await;
        approvals["items"][0]["approval"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_moves_no_budget_and_no_run() {
    let server = Server::start().await;
    let body = json!({ "workflow": "default", "purpose": "a test" });
    let run = server.post("/v1/runs", &server.keys.agent, body).await.ok();
    let run = run["run"].as_str().unwrap();
    let auditor = server.key_of("ann", "auditor").await;
    for (path, body) in [
        (
            "/v1/budgets/raise".to_owned(),
            json!({ "run": run, "by": { "calls": 1 }, "reason": "x" }),
        ),
        (format!("/v1/runs/{run}/resume"), json!({ "reason": "x" })),
        (format!("/v1/runs/{run}/end"), json!({ "outcome": "abandoned", "reason": "x" })),
    ] {
        assert_eq!(server.post(&path, &auditor, body).await.status.as_u16(), 403, "{path}");
    }
    assert_eq!(server.sees(&format!("/v1/runs/{run}")).await["state"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_in_a_persons_reason_reaches_no_agent() {
    const SECRET: &str = "AKIAIOSFODNN7EXAMPLE";
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let body = json!({ "reason": format!("not with {SECRET}") });
    server.does(&format!("/v1/approvals/{}/reject", server.pending().await), body).await;
    let path = format!("/v1/calls/{}/wait?wait_ms=0", held.call.unwrap());
    let rejected = server.get(&path, &server.keys.agent).await.envelope().error.unwrap().message;
    let body = json!({
        "scope": "tenant:local", "level": "suspend", "reason": format!("leaked {SECRET}"),
    });
    let receipt = server.does("/v1/stops", body).await.to_string();
    let (_, stopped) = server.proposes(writes("b.txt", "x\n")).await;
    for text in [rejected, receipt, stopped.error.unwrap().message] {
        assert!(text.contains("⟦masked") && !text.contains(SECRET), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_withdrawn_is_not_approved() {
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let approval = server.pending().await;
    let path = format!("/v1/calls/{}/withdraw", held.call.unwrap());
    server.post(&path, &server.keys.agent, json!({ "reason": "no" })).await;
    let path = format!("/v1/approvals/{approval}/approve");
    assert_eq!(server.post(&path, &server.keys.operator, json!({})).await.status.as_u16(), 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stop_reaches_ends_at_its_scope_and_tenant() {
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let call = held.call.unwrap();
    let other = server.other_tenant().await;
    for (scope, expect) in [
        (call.as_str(), 1),
        ("workflow:local/default", 1),
        ("tool:files.write", 1),
        ("tool:files.delete", 0),
        ("everything", 1),
    ] {
        let reach = server.sees(&format!("/v1/stops/reach?scope={scope}")).await;
        assert_eq!(reach["held"], expect, "{scope}");
    }
    let reach = server.get("/v1/stops/reach?scope=everything", &other).await.ok();
    assert_eq!((&reach["held"], &reach["open_runs"]), (&json!(0), &json!(0)));
    assert_eq!(
        server.get(&format!("/v1/stops/reach?scope={call}"), &other).await.status.as_u16(),
        404
    );
    let body = json!({ "scope": call, "level": "pause", "reason": "wait" });
    assert_eq!(server.does("/v1/stops", body).await["held"], 1);
    let body = json!({ "scope": "agent:local/nobody", "level": "pause", "reason": "wait" });
    assert_eq!(server.does("/v1/stops", body).await["held"], 0);
    assert_eq!(server.get("/v1/stops", &other).await.ok()["items"], json!([]));
    assert_eq!(server.sees("/v1/stops").await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_of_a_run_stops_new_calls_of_that_run() {
    let server = Server::start().await;
    let body = json!({ "workflow": "default", "purpose": "a test" });
    let run = server.post("/v1/runs", &server.keys.agent, body).await.ok();
    let mut call = writes("a.txt", "x\n");
    call["run"] = run["run"].clone();
    let body = json!({ "scope": run["run"], "level": "pause", "reason": "wait" });
    server.does("/v1/stops", body).await;
    let (_, answer) = server.proposes(call).await;
    assert_eq!(answer.status, "stopped", "{answer:?}");
    let (_, answer) = server.proposes(writes("b.txt", "x\n")).await;
    assert_eq!(answer.status, "succeeded", "{answer:?}");
}
