//! Do calls come back as they should: run, held, approved, joined, undone?
//! Each test goes the whole way: proposal over HTTP, real files, real journal.

use serde_json::json;

use crate::world::{Server, code, writes};

#[tokio::test(flavor = "multi_thread")]
async fn a_read_runs_alone_and_the_answer_is_in_the_journal() {
    let server = Server::start().await;
    server.place.write("workspace/a.txt", "hello\n");
    let (status, answer) =
        server.proposes(json!({ "tool": "files.read", "arguments": { "path": "a.txt" } })).await;
    assert_eq!((status.as_u16(), code(&answer)), (200, ""), "{answer:?}");
    assert_eq!(answer.status, "succeeded");
    assert_eq!(answer.output.unwrap()["content"], "hello\n");
    assert!(answer.journal.is_some());
    let shown =
        server.get(&format!("/v1/calls/{}", answer.call.unwrap()), &server.keys.agent).await.ok();
    assert_eq!(shown["call"]["state"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_shows_its_diff_runs_and_is_undone() {
    let server = Server::start().await;
    let (status, answer) = server.proposes(writes("notes/a.txt", "one\n")).await;
    assert_eq!((status.as_u16(), code(&answer)), (200, ""), "{answer:?}");
    assert!(answer.diff.unwrap().contains("+one"));
    assert_eq!(
        std::fs::read_to_string(server.place.path("workspace/notes/a.txt")).unwrap(),
        "one\n"
    );
    let call = answer.call.unwrap();
    let plan = server.sees(&format!("/v1/calls/{call}/plan")).await;
    assert_eq!(plan["changes"].as_array().unwrap().last().unwrap()["path"], "notes/a.txt");
    let undone = server.does(&format!("/v1/calls/{call}/undo"), json!({})).await;
    assert_eq!(undone["status"], "succeeded", "{undone}");
    assert!(!server.place.path("workspace/notes/a.txt").exists());
    let shown = server.sees(&format!("/v1/calls/{call}")).await;
    assert_eq!(shown["call"]["undo"], "undone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_acts_of_a_run_are_taken_back_in_reverse() {
    let server = Server::start().await;
    let body = json!({ "workflow": "default", "purpose": "three files" });
    let run = server.post("/v1/runs", &server.keys.agent, body).await.ok();
    let run = run["run"].as_str().unwrap();
    let mut acts = Vec::new();
    for name in ["a", "b", "c"] {
        let mut call = writes(name, "x\n");
        call["run"] = json!(run);
        acts.push(server.proposes(call).await.1.call.unwrap());
    }
    let undone = server.does(&format!("/v1/runs/{run}/undo"), json!({ "last": 2 })).await;
    let of: Vec<&str> =
        undone["acts"].as_array().unwrap().iter().map(|act| act["of"].as_str().unwrap()).collect();
    assert_eq!(of, [acts[2].as_str(), acts[1].as_str()], "{undone}");
    assert!(server.place.path("workspace/a").exists());
    assert!(
        !server.place.path("workspace/b").exists() && !server.place.path("workspace/c").exists()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_listed_from_either_end() {
    let server = Server::start().await;
    for path in ["prod/a.txt", "prod/b.txt", "prod/c.txt"] {
        server.proposes(writes(path, "x\n")).await;
    }
    let ids = async |query: &str| {
        let page = server.sees(&format!("/v1/approvals{query}")).await;
        let items = page["items"].as_array().unwrap().iter();
        items.map(|each| each["approval"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let oldest = ids("").await;
    assert_eq!(oldest.len(), 3);
    let first = ids("?first=newest&limit=2").await;
    assert_eq!(first, [oldest[2].clone(), oldest[1].clone()]);
    let rest = ids(&format!("?first=newest&limit=2&after={}", first[1])).await;
    assert_eq!(rest, oldest[..1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_runs_when_it_is_approved_and_somebody_waits() {
    let server = Server::start().await;
    let (status, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    assert_eq!((status.as_u16(), code(&held), &*held.executed), (202, "CR-2002", "no"), "{held:?}");
    let call = held.call.unwrap();
    let pending = server.sees("/v1/approvals?state=pending").await;
    let approval = pending["items"][0]["approval"].as_str().unwrap().to_owned();
    let details = server.sees(&format!("/v1/approvals/{approval}")).await;
    assert_eq!(details["arguments"]["path"], "prod/a.txt");
    assert!(details["answer"]["diff"].as_str().unwrap().contains("+live"), "{details}");
    let path = format!("/v1/calls/{call}/wait?wait_ms=60000");
    let waits = server.get(&path, &server.keys.agent);
    let decides = async {
        for each in pending["items"].as_array().unwrap() {
            let path = format!("/v1/approvals/{}/approve", each["approval"].as_str().unwrap());
            server.does(&path, json!({ "reason": "reviewed" })).await;
        }
    };
    let (answer, ()) = tokio::join!(waits, decides);
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    assert_eq!(answer.envelope().executed, "yes");
    assert_eq!(
        std::fs::read_to_string(server.place.path("workspace/prod/a.txt")).unwrap(),
        "live\n"
    );
    let approval = server.sees(&format!("/v1/approvals/{approval}")).await;
    assert_eq!(approval["approval"]["state"], "used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_call_is_denied_and_its_agent_told_why() {
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let pending = server.sees("/v1/approvals?state=pending").await;
    let approval = pending["items"][0]["approval"].as_str().unwrap();
    server
        .does(&format!("/v1/approvals/{approval}/reject"), json!({ "reason": "not today" }))
        .await;
    let path = format!("/v1/calls/{}/wait", held.call.unwrap());
    let answer = server.get(&path, &server.keys.agent).await;
    assert_eq!(answer.status.as_u16(), 403);
    let answer = answer.envelope();
    assert_eq!(code(&answer), "CR-2003");
    assert!(answer.error.unwrap().message.contains("not today"));
    assert!(!server.place.path("workspace/prod/a.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_can_be_withdrawn_by_its_agent_only() {
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let path = format!("/v1/calls/{}/withdraw", held.call.unwrap());
    let body = json!({ "reason": "no longer needed" });
    assert_eq!(
        server.post(&path, &server.keys.operator, body.clone()).await.problem(403),
        "CR-4002"
    );
    let said = server.post(&path, &server.keys.agent, body).await;
    assert_eq!(said.status.as_u16(), 200);
    let answer = said.envelope();
    assert_eq!((code(&answer), &*answer.executed), ("CR-2005", "no"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_twice_has_one_effect() {
    let server = Server::start().await;
    let mut call = writes("a.txt", "one\n");
    call["key"] = json!("k-1");
    let (_, first) = server.proposes(call.clone()).await;
    std::fs::remove_file(server.place.path("workspace/a.txt")).unwrap();
    let (status, second) = server.proposes(call.clone()).await;
    assert_eq!((status.as_u16(), second.replayed, second.call), (200, true, first.call));
    assert!(!server.place.path("workspace/a.txt").exists(), "written twice");
    call["arguments"]["content"] = json!("two\n");
    let (status, other) = server.proposes(call).await;
    assert_eq!((status.as_u16(), code(&other)), (409, "CR-1015"));
}

/// A dropped connection once cancelled the call with it; then the act was in doubt although all was well.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_on_although_its_caller_went_away() {
    let server = Server::start().await;
    let mut call = writes("prod/a.txt", "live\n");
    call["wait_ms"] = json!(60_000);
    let asks = server.post("/v1/calls", &server.keys.agent, call);
    let approval = loop_until_pending(&server);
    let approval = tokio::select! {
        said = asks => panic!("answered early: {said:?}"),
        approval = approval => approval,
    };
    // The request is dropped here: its connection is closed while the call waits.
    server.does(&format!("/v1/approvals/{approval}/approve"), json!({})).await;
    let call = server.sees("/v1/calls").await["items"][0]["call"].as_str().unwrap().to_owned();
    let answer = server.get(&format!("/v1/calls/{call}/wait"), &server.keys.agent).await.envelope();
    assert_eq!(answer.executed, "yes", "{answer:?}");
}

async fn loop_until_pending(server: &Server) -> String {
    loop {
        let pending = server.sees("/v1/approvals?state=pending").await;
        if let Some(approval) = pending["items"][0]["approval"].as_str() {
            return approval.to_owned();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_in_force_once_it_has_answered() {
    let server = Server::start().await;
    let body = json!({ "scope": "everything", "level": "suspend", "reason": "a drill" });
    let receipt = server.does("/v1/stops", body).await;
    let (status, answer) = server.proposes(writes("a.txt", "x\n")).await;
    assert_eq!((status.as_u16(), code(&answer)), (423, "CR-2008"));
    let stop = receipt["stop"]["stop"].as_str().unwrap();
    server.does(&format!("/v1/stops/{stop}/lift"), json!({ "reason": "over" })).await;
    let (status, _) = server.proposes(writes("a.txt", "x\n")).await;
    assert_eq!(status.as_u16(), 200);
    let reach = server.sees("/v1/stops/reach?scope=tenant:local").await;
    assert_eq!(reach["open_runs"], 1, "{reach}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_its_budget_stops_until_a_person_raises_it() {
    let server = Server::start().await;
    let body = json!({ "workflow": "default", "purpose": "two calls", "limit": { "calls": 1 } });
    let run = server.post("/v1/runs", &server.keys.agent, body).await.ok();
    let run = run["run"].as_str().unwrap().to_owned();
    let on = |name: &str| {
        let mut call = writes(name, "x\n");
        call["run"] = json!(run);
        call
    };
    assert_eq!(server.proposes(on("a")).await.0.as_u16(), 200);
    let (status, over) = server.proposes(on("b")).await;
    assert_eq!((status.as_u16(), code(&over)), (402, "CR-2007"), "{over:?}");
    let raise = json!({ "run": run, "by": { "calls": 5 }, "reason": "more to do" });
    let budget = server.does("/v1/budgets/raise", raise).await;
    assert_eq!((&budget["limit"]["calls"], &budget["currency"]), (&json!(6), &json!("EUR")));
    assert_eq!(server.proposes(on("c")).await.0.as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_and_held_survives_a_restart() {
    let server = Server::start().await;
    let (_, done) = server.proposes(writes("a.txt", "x\n")).await;
    let (_, held) = server.proposes(writes("prod/b.txt", "y\n")).await;
    let server = server.again().await;
    let done = server.sees(&format!("/v1/calls/{}", done.call.unwrap())).await;
    assert_eq!(done["call"]["state"], "succeeded");
    let held = server.sees(&format!("/v1/calls/{}", held.call.unwrap())).await;
    assert_eq!(held["call"]["state"], "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_again_is_a_new_one_once_its_answer_was_delivered() {
    let server = Server::start().await;
    let (_, first) = server.proposes(writes("a.txt", "x\n")).await;
    std::fs::remove_file(server.place.path("workspace/a.txt")).unwrap();
    let (_, second) = server.proposes(writes("a.txt", "x\n")).await;
    assert_ne!(first.call, second.call);
    assert!(!second.replayed);
    assert!(server.place.path("workspace/a.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_call_runs_after_its_approval_although_nobody_waits() {
    let server = Server::start().await;
    let mut call = writes("prod/a.txt", "live\n");
    call["detached"] = json!(true);
    let (_, held) = server.proposes(call).await;
    let approval = loop_until_pending(&server).await;
    server.does(&format!("/v1/approvals/{approval}/approve"), json!({})).await;
    let path = format!("/v1/calls/{}", held.call.unwrap());
    while server.sees(&path).await["call"]["state"] != "succeeded" {
        tokio::task::yield_now().await;
    }
    assert!(server.place.path("workspace/prod/a.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_answers_those_who_wait_for_people() {
    let server = Server::start().await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    let path = format!("/v1/calls/{}/wait", held.call.unwrap());
    let waits = server.get(&path, &server.keys.agent);
    let stops = async {
        // Counted among the calls in work: it waits.
        while !server.get("/metrics", "").await.body.as_str().unwrap().contains("calls_in_work 1") {
            tokio::task::yield_now().await;
        }
        server.running.stop();
    };
    let both = async { tokio::join!(waits, stops).0 };
    let said = tokio::time::timeout(std::time::Duration::from_secs(8), both).await.unwrap();
    assert_eq!((said.status.as_u16(), code(&said.envelope())), (202, "CR-2002"));
}
