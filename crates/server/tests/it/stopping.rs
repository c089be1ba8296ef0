//! Stopping from outside: over the socket, by the file, and kills with their receipts over HTTP.
//! Each with a real server, a real data directory, and real files in a workspace.

use checkrein_server::control_socket;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{Server, code, writes};

/// Asks until a receipt is complete; the server bounds that.
async fn receipt(server: &Server, stop: &str) -> Value {
    loop {
        let report = server.sees(&format!("/v1/stops/{stop}/receipt")).await;
        if report["complete"] == json!(true) {
            return report;
        }
        tokio::task::yield_now().await;
    }
}

fn lever<'r>(report: &'r Value, name: &str) -> &'r Value {
    let levers = report["levers"].as_array().unwrap();
    levers.iter().find(|lever| lever["lever"] == name).unwrap_or_else(|| panic!("{report}"))
}

async fn stops(server: &Server) -> Vec<Value> {
    let page = server.sees("/v1/stops?state=in_force").await;
    page["items"].as_array().unwrap().clone()
}

/// Waits until so many stops are in force.
async fn until(server: &Server, count: usize) -> Vec<Value> {
    loop {
        let now = stops(server).await;
        if now.len() == count {
            return now;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_over_http_is_planned_confirmed_once_and_takes_acts_back() {
    let server = Server::start().await;
    for path in ["a.txt", "b.txt"] {
        let (_, answer) = server.proposes(writes(path, "new")).await;
        assert_eq!(answer.status, "succeeded", "{answer:?}");
    }
    let ask = json!({ "scope": "everything", "rollback": 1 });
    let plan = server.does("/v1/stops/kill/plan", ask).await;
    assert_eq!(plan["acts"][0]["resource"], "workspace:b.txt", "{plan}");
    assert_eq!(plan["reach"]["open_runs"], 1);
    let kill = |token: &Value| json!({ "scope": "everything", "rollback": 1, "reason": "a test", "token": token });
    let operator = server.keys.operator.clone();
    let wrong = server.post("/v1/stops/kill", &operator, kill(&json!("guessed"))).await;
    assert_eq!(wrong.problem(409), "CR-1014");
    assert!(stops(&server).await.is_empty());
    let killed = server.does("/v1/stops/kill", kill(&plan["token"])).await;
    let stop = killed["stop"]["stop"].as_str().unwrap().to_owned();
    let again = server.post("/v1/stops/kill", &operator, kill(&plan["token"])).await;
    assert_eq!(again.problem(409), "CR-1014");

    let report = receipt(&server, &stop).await;
    assert_eq!(lever(&report, "fence")["acknowledged"], 1);
    assert_eq!(lever(&report, "runs")["acknowledged"], 1);
    assert_eq!(lever(&report, "rollback")["acknowledged"], 1);
    assert_eq!(report["rollback"][0]["became"], "undone", "{report}");
    assert!(server.place.path("workspace/a.txt").exists());
    assert!(!server.place.path("workspace/b.txt").exists());
    assert_eq!(code(&server.proposes(writes("c.txt", "new")).await.1), "CR-2008");

    // The stop and its receipt are there after a restart, and the kill is not carried out again.
    let server = server.again().await;
    assert_eq!(receipt(&server, &stop).await, report);
    assert!(server.place.path("workspace/a.txt").exists());
    let lifted = server.does(&format!("/v1/stops/{stop}/lift"), json!({ "reason": "over" })).await;
    assert_eq!(lifted["state"], "lifted");
    assert_eq!(server.proposes(writes("c.txt", "new")).await.1.status, "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn stops_work_over_the_control_socket() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start().await;
    let socket = control_socket(&server.place.config().unwrap());
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may open it");
    let client = reqwest::Client::builder().unix_socket(socket.clone()).build().unwrap();
    let url = format!("http://localhost:{}/v1/stops", server.running.address.port());
    let order = json!({ "scope": "everything", "level": "suspend", "reason": "no port" });
    // The socket gives no rights: the same keys are asked for.
    for (key, expect) in [
        ("ck_nobody", StatusCode::UNAUTHORIZED),
        (&*server.keys.agent, StatusCode::FORBIDDEN),
        (&*server.keys.operator, StatusCode::CREATED),
    ] {
        let sent = client.post(&url).bearer_auth(key).json(&order).send().await.unwrap();
        assert_eq!(sent.status(), expect, "{key}");
    }
    assert_eq!(stops(&server).await.len(), 1);
    assert_eq!(code(&server.proposes(writes("a.txt", "new")).await.1), "CR-2008");
    // What a process that was killed left behind is no obstacle.
    let server = server.again().await;
    assert!(socket.exists());
    assert_eq!(stops(&server).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_file_suspends_everything_and_is_removed_before_its_stop_is_lifted() {
    let server = Server::start().await;
    let file = server.place.config().unwrap().data_dir.join("STOP");
    std::fs::write(&file, "smoke in the room\nsecond line\n").unwrap();
    let [stop] = until(&server, 1).await.try_into().unwrap();
    assert_eq!((&stop["scope"], &stop["level"]), (&json!("everything"), &json!("suspend")));
    assert_eq!((&stop["by"], &stop["reason"]), (&json!("stop-file"), &json!("smoke in the room")));
    assert_eq!(code(&server.proposes(writes("a.txt", "new")).await.1), "CR-2008");
    let lift = format!("/v1/stops/{}/lift", stop["stop"].as_str().unwrap());
    let over = json!({ "reason": "over" });
    let refused = server.post(&lift, &server.keys.operator, over.clone()).await;
    assert_eq!(refused.problem(409), "CR-1014");
    // Nothing that is done to the file lifts it, and a start does not either.
    let server = server.again().await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(stops(&server).await.len(), 1, "one stop, not one for each look");
    server.does(&lift, over.clone()).await;
    assert_eq!(server.proposes(writes("a.txt", "new")).await.1.status, "succeeded");

    // One that is there before the start holds before anybody can ask.
    let Server { place, running, keys, .. } = server;
    running.stop();
    running.ended().await;
    std::fs::create_dir(&file).unwrap();
    let running = place.serve().await.unwrap();
    let url = format!("http://{}/v1/calls", running.address);
    let sent = reqwest::Client::new().post(url).bearer_auth(&keys.agent);
    let answer: checkrein_server::wire::Answer =
        sent.json(&writes("b.txt", "new")).send().await.unwrap().json().await.unwrap();
    assert_eq!(code(&answer), "CR-2008", "also where it is no file at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_tries_every_lever_and_stops_nothing() {
    let server = Server::start().await;
    let never = server.get("/v1/stops/drill", &server.keys.operator).await;
    assert_eq!(never.problem(404), "CR-1011");
    let drill = server.does("/v1/stops/drill", json!({ "scope": "everything" })).await;
    for name in ["fence", "socket", "file"] {
        assert_eq!(lever(&drill, name)["acknowledged"], 1, "{drill}");
    }
    assert_eq!(lever(&drill, "processes")["missing"], 0, "{drill}");
    assert!(stops(&server).await.is_empty());
    assert_eq!(server.proposes(writes("a.txt", "new")).await.1.status, "succeeded");
    assert_eq!(server.sees("/v1/stops/drill").await, drill);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_has_is_not_stopped_in_appearance() {
    let server = Server::start().await;
    let order = json!({ "scope": "server:nowhere", "level": "suspend", "reason": "a test" });
    let refused = server.post("/v1/stops", &server.keys.operator, order).await;
    assert_eq!(refused.problem(404), "CR-1011");
    let kill = json!({ "scope": "everything", "level": "kill", "reason": "a test" });
    let refused = server.post("/v1/stops", &server.keys.operator, kill).await;
    assert_eq!(refused.problem(400), "CR-1010");
}
