//! Is a held call parked as its client can bear, and never lost? Tasks, links to the console, progress, and none of them.
//!
//! Time that has to pass is the unit tests' business (`src/mcp/parking.rs`), whose clock is advanced; here people decide while
//! a client waits.

use serde_json::{Value, json};

use super::peer::{Heard, Modern, Stream};
use crate::world::{PLAIN, Place, Server, writes};

const POLICY: &str = r#"
@id("all")
permit (principal, action, resource);

@id("never")
@reason("nobody changes this")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("never") };

@id("ask-prod")
@hold("group:oncall")
@quorum("2")
@reason("this changes production")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("prod") }
unless { context.approvals.contains("ask-prod") };

@id("ask-soon")
@hold("group:oncall")
@decide_by("1s")
@reason("this has to be decided at once")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("soon") }
unless { context.approvals.contains("ask-soon") };
"#;

const TASKS: &str = "io.modelcontextprotocol/tasks";

pub(crate) struct House {
    pub(crate) server: Server,
    ann: String,
    ben: String,
}

impl House {
    pub(crate) async fn start() -> Self {
        let place = Place::new(PLAIN);
        place.write("policies/own.cedar", POLICY);
        let server = Server::at(place).await;
        let (ann, ben) = (approver(&server, "ann").await, approver(&server, "ben").await);
        Self { server, ann, ben }
    }

    fn client(&self, capabilities: Value) -> Modern<'_> {
        Modern { capabilities, ..Modern::new(&self.server, "/mcp") }
    }

    fn tasks(&self) -> Modern<'_> {
        self.client(json!({ "extensions": { TASKS: {} } }))
    }

    fn links(&self) -> Modern<'_> {
        self.client(json!({ "elicitation": { "url": {} } }))
    }

    /// The path of the request that waits.
    async fn asked(&self) -> String {
        loop {
            let pending = self.server.sees("/v1/approvals?state=pending").await;
            if let Some(approval) = pending["items"][0]["approval"].as_str() {
                return format!("/v1/approvals/{approval}");
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn approve(&self) {
        let path = format!("{}/approve", self.asked().await);
        for key in [&self.ann, &self.ben] {
            self.server.post(&path, key, json!({})).await.ok();
        }
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.server.place.path(path)).ok()
    }
}

async fn approver(server: &Server, name: &str) -> String {
    let body =
        json!({ "holder": "operator", "name": name, "roles": ["approver"], "groups": ["oncall"] });
    server.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned()
}

fn write(content: &str) -> Value {
    json!({ "path": "prod/a.txt", "content": content })
}

/// Looks at a task until it is over.
async fn ended(client: &Modern<'_>, task: &Value) -> Value {
    loop {
        let got = client.ask("tasks/get", json!({ "taskId": task })).await.result().clone();
        assert_eq!((&got["resultType"], &got["taskId"]), (&json!("complete"), task));
        if got["status"] != "working" && got["status"] != "input_required" {
            return got;
        }
        tokio::task::yield_now().await;
    }
}

fn code(result: &Value) -> &str {
    result["_meta"]["checkrein/answer"]["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_becomes_a_task_that_survives_a_restart_and_runs_once() {
    let house = House::start().await;
    let client = house.tasks();
    let made = client.call("files__write", write("live\n")).await.result().clone();
    assert_eq!((&made["resultType"], &made["status"]), (&json!("task"), &json!("working")));
    let text = made["statusMessage"].as_str().unwrap();
    assert!(text.starts_with("waiting for group oncall (0 of 2 votes), 23h59m"), "{text}");
    assert_eq!(code(&made), "CR-2002");
    assert!(made["ttlMs"].is_null() && made["pollIntervalMs"].as_u64().is_some(), "{made}");
    assert!(made["createdAt"].as_str().unwrap().ends_with('Z'), "{made}");
    let task = made["taskId"].clone();
    // The same call again is the same task.
    let again = client.call("files__write", write("live\n")).await;
    assert_eq!(again.result()["taskId"], task);
    let House { server, ann, ben } = house;
    let house = House { server: server.again().await, ann, ben };
    let client = house.tasks();
    let got = client.ask("tasks/get", json!({ "taskId": task })).await;
    assert_eq!(got.result()["status"], "working", "{got:?}");
    house.approve().await;
    assert_eq!(house.read("workspace/prod/a.txt"), None, "it runs when its client looks");
    let done = ended(&client, &task).await;
    assert_eq!(done["status"], "completed", "{done}");
    let answer = &done["result"]["_meta"]["checkrein/answer"];
    assert_eq!((&answer["executed"], &answer["attempts"]), (&json!("yes"), &json!(1)));
    assert_eq!(done["result"]["resultType"], "complete");
    assert_eq!(house.read("workspace/prod/a.txt").as_deref(), Some("live\n"));
    // It stays to be looked at, and nothing runs again.
    std::fs::remove_file(house.server.place.path("workspace/prod/a.txt")).unwrap();
    assert_eq!(ended(&client, &task).await["status"], "completed");
    assert_eq!(house.read("workspace/prod/a.txt"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_belongs_to_its_agent_and_nobody_guesses_it() {
    let house = House::start().await;
    let client = house.tasks();
    let made = client.call("files__write", write("live\n")).await.result().clone();
    let task = made["taskId"].as_str().unwrap().to_owned();
    let call = made["_meta"]["checkrein/answer"]["call"].as_str().unwrap();
    let other = house.server.does("/v1/agents", json!({ "name": "eve", "tools": ["*"] })).await;
    let other = Modern { key: other["secret"].as_str().unwrap().to_owned(), ..client.clone() };
    for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
        let params = |id: &str| json!({ "taskId": id, "inputResponses": {} });
        assert_eq!(other.ask(method, params(&task)).await.error(), (200, -32_602), "{method}");
        let last = if task.ends_with('0') { "1" } else { "0" };
        let near = format!("{}{last}", &task[..task.len() - 1]);
        for wrong in [call, "", "x", &near, &format!("{call}."), &"a".repeat(10_000)] {
            let heard = client.ask(method, params(wrong)).await;
            assert!(heard.last()["error"]["code"] == -32_602, "{method} {wrong}: {heard:?}");
        }
        // Who does not say that it knows tasks is told what is missing.
        let plain = Modern { capabilities: json!({}), ..client.clone() };
        let heard = plain.ask(method, params(&task)).await;
        assert_eq!(heard.error(), (400, -32_021), "{method}");
        let needed = &heard.last()["error"]["data"]["requiredCapabilities"]["extensions"];
        assert!(needed[TASKS].is_object(), "{heard:?}");
    }
    let wants = json!({ "notifications": { "taskIds": [task] } });
    let plain = Modern { capabilities: json!({}), ..client.clone() };
    assert_eq!(plain.ask("subscriptions/listen", wants).await.error(), (400, -32_021));
    let headers = client.body("tasks/get", json!({ "taskId": task }));
    let bare = client.bare(&headers).header("Mcp-Protocol-Version", super::peer::MODERN);
    let heard = Heard::of(bare.header("Mcp-Method", "tasks/get")).await;
    assert_eq!(heard.error(), (400, -32_020), "the header that routes is missing");
    let still = client.ask("tasks/get", json!({ "taskId": task })).await;
    assert_eq!(still.result()["status"], "working", "nobody cancelled it: {still:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_cancelled_is_withdrawn() {
    let house = House::start().await;
    let client = house.tasks();
    let made = client.call("files__write", write("live\n")).await.result().clone();
    let cancelled = client.ask("tasks/cancel", json!({ "taskId": made["taskId"] })).await;
    assert_eq!(cancelled.result()["resultType"], "complete");
    assert_eq!(ended(&client, &made["taskId"]).await["status"], "cancelled");
    let pending = house.server.sees("/v1/approvals?state=pending").await;
    assert_eq!(pending["items"], json!([]), "nobody is asked any more");
    // Cancelling again, or what is over, is acknowledged and changes nothing.
    client.ask("tasks/cancel", json!({ "taskId": made["taskId"] })).await.result();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_asks_its_user_once_to_open_the_console() {
    let house = House::start().await;
    let both = json!({ "extensions": { TASKS: {} }, "elicitation": { "url": {} } });
    let client = house.client(both);
    let made = client.call("files__write", write("live\n")).await.result().clone();
    let get = || client.ask("tasks/get", json!({ "taskId": made["taskId"] }));
    let got = get().await.result().clone();
    assert_eq!(got["status"], "input_required", "{got}");
    let (key, question) = got["inputRequests"].as_object().unwrap().iter().next().unwrap();
    assert_eq!(question["params"]["mode"], "url");
    let surplus = json!({ "other": { "action": "accept" } });
    let update = |inputs: Value| {
        client.ask("tasks/update", json!({ "taskId": made["taskId"], "inputResponses": inputs }))
    };
    update(surplus).await.result();
    assert_eq!(get().await.result()["status"], "input_required");
    // That the user went there is no decision.
    update(json!({ key.as_str(): { "action": "accept" } })).await.result();
    let got = get().await.result().clone();
    assert_eq!(got["status"], "working", "{got}");
    assert!(got["statusMessage"].as_str().unwrap().contains("(0 of 2 votes)"), "{got}");
    house.approve().await;
    assert_eq!(ended(&client, &made["taskId"]).await["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_the_console_and_its_state_joins_the_call_once() {
    let house = House::start().await;
    let client = house.links();
    let params = json!({ "name": "files__write", "arguments": write("live\n") });
    let first = client.ask("tools/call", params.clone()).await.result().clone();
    assert_eq!(first["resultType"], "input_required", "{first}");
    let (key, question) = first["inputRequests"].as_object().unwrap().iter().next().unwrap();
    assert_eq!(question["method"], "elicitation/create");
    let url = question["params"]["url"].as_str().unwrap();
    let port = house.server.running.address.port();
    assert_eq!(
        url,
        format!("http://localhost:{port}{}", house.asked().await.trim_start_matches("/v1"))
    );
    assert!(question["params"]["message"].as_str().unwrap().starts_with("NOT EXECUTED, waiting"));
    let back = |state: &Value, action: &str| {
        let mut params = params.clone();
        params["requestState"] = state.clone();
        params["inputResponses"] = json!({ key.as_str(): { "action": action } });
        params
    };
    // Bound to caller and call.
    let mut other_call = back(&first["requestState"], "accept");
    other_call["arguments"]["content"] = json!("other\n");
    assert_eq!(client.ask("tools/call", other_call).await.error().1, -32_602);
    let eve = house.server.does("/v1/agents", json!({ "name": "eve", "tools": ["*"] })).await;
    let eve = Modern { key: eve["secret"].as_str().unwrap().to_owned(), ..client.clone() };
    let stolen = back(&first["requestState"], "accept");
    assert_eq!(eve.ask("tools/call", stolen).await.error().1, -32_602);
    // The user closed the page: the client hears at once that nothing ran, and gets a state for the next time.
    let declined = client.ask("tools/call", back(&first["requestState"], "decline")).await;
    let declined = declined.result().clone();
    assert_eq!((&declined["isError"], code(&declined)), (&json!(true), "CR-2002"));
    let used = client.ask("tools/call", back(&first["requestState"], "accept")).await;
    assert!(used.last()["error"]["message"].as_str().unwrap().contains("given back before"));
    let second = client.ask("tools/call", params.clone()).await.result().clone();
    assert_ne!(second["requestState"], first["requestState"]);
    assert_eq!(
        second["_meta"]["checkrein/answer"]["call"], first["_meta"]["checkrein/answer"]["call"],
        "the identical call joins"
    );
    let waits = client.ask("tools/call", back(&second["requestState"], "accept"));
    let (done, ()) = tokio::join!(waits, house.approve());
    assert_eq!(done.result()["_meta"]["checkrein/answer"]["executed"], "yes", "{done:?}");
    assert_eq!(house.read("workspace/prod/a.txt").as_deref(), Some("live\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_wants_progress_reads_who_is_asked_and_gets_the_outcome() {
    let house = House::start().await;
    let client = house.client(json!({})).saying("progressToken", json!("p-1"));
    let body =
        client.body("tools/call", json!({ "name": "files__write", "arguments": write("live\n") }));
    let mut stream = Stream::open(client.request(&body)).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first["method"], "notifications/progress", "{first}");
    assert_eq!(first["params"]["progressToken"], "p-1");
    let text = first["params"]["message"].as_str().unwrap();
    assert!(text.starts_with("waiting for group oncall (0 of 2 votes), 23h59m"), "{text}");
    house.approve().await;
    loop {
        let next = stream.next().await.unwrap();
        if next.get("method").is_none() {
            let answer = &next["result"]["_meta"]["checkrein/answer"];
            assert_eq!(answer["executed"], "yes", "{next}");
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_token_waits_too_and_says_how_long() {
    let house = House::start().await;
    let client = house.client(json!({}));
    let (done, ()) = tokio::join!(client.call("files__write", write("live\n")), house.approve());
    assert_eq!(done.result()["_meta"]["checkrein/answer"]["executed"], "yes", "{done:?}");
    assert_eq!(done.messages.len(), 1, "nothing but the answer");
    let hurried = client.saying("checkrein/proposal", json!({ "wait_ms": 1 }));
    let held = hurried.call("files__write", write("more\n")).await.result().clone();
    let text = held["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("NOT EXECUTED: waiting for approval apr_"), "{text}");
    assert!(text.contains("send the identical call again"), "{text}");
    assert_eq!((&held["isError"], code(&held)), (&json!(true), "CR-2002"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_while_it_waits_loses_nothing() {
    let house = House::start().await;
    let client = house.client(json!({})).saying("progressToken", json!(1));
    let body =
        client.body("tools/call", json!({ "name": "files__write", "arguments": write("live\n") }));
    let mut stream = Stream::open(client.request(&body)).await;
    stream.next().await.unwrap();
    drop(stream);
    let held = house.server.sees("/v1/calls?state=held").await;
    let call = held["items"][0]["call"].clone();
    house.approve().await;
    // Whoever waited is gone, so nothing runs until the identical call comes.
    let done = client.call("files__write", write("live\n")).await.result().clone();
    let answer = &done["_meta"]["checkrein/answer"];
    assert_eq!((&answer["executed"], &answer["call"]), (&json!("yes"), &call), "{done}");
}

/// Seven ends of a call that did not run: each has a code and advice of its own, the same over HTTP and MCP.
#[tokio::test(flavor = "multi_thread")]
async fn every_way_not_to_run_has_a_code_and_advice_of_its_own() {
    let house = House::start().await;
    let client = house.tasks();
    let mut advice: Vec<(String, String)> = Vec::new();
    for (end, code_of_it) in [
        ("denied", "CR-2001"),
        ("held", "CR-2002"),
        ("rejected", "CR-2003"),
        ("expired", "CR-2004"),
        ("withdrawn", "CR-2005"),
        ("superseded", "CR-2006"),
        ("stopped", "CR-2008"),
    ] {
        let (told, call) = end_of(&house, &client, end).await;
        assert_eq!(told["status"] == "held", end == "held", "{end}");
        let error = &told["error"];
        assert_eq!(error["code"], code_of_it, "{end}: {told}");
        assert_eq!(told["executed"], "no", "{end}");
        // HTTP says the same of the same call.
        let again = house.server.sees(&format!("/v1/calls/{}", call.as_str().unwrap())).await;
        for key in ["code", "message", "fix"] {
            assert_eq!(again["answer"]["error"][key], error[key], "{end} {key}");
        }
        let said = (error["code"].to_string(), error["fix"].to_string());
        assert!(
            !advice.iter().any(|(code, fix)| *code == said.0 || *fix == said.1),
            "{end}: {said:?}"
        );
        advice.push(said);
    }
}

/// What a client is told of a call that ends so: the envelope, and the call.
async fn end_of(house: &House, client: &Modern<'_>, end: &str) -> (Value, Value) {
    let server = &house.server;
    let path = match end {
        "denied" => "never/a.txt",
        "expired" => "soon/a.txt",
        _ => "prod/a.txt",
    };
    if end == "stopped" {
        let body = json!({ "scope": "everything", "level": "suspend", "reason": "a drill" });
        server.does("/v1/stops", body).await;
    }
    let arguments = json!({ "path": path, "content": end });
    let first = client.call("files__write", arguments).await.result().clone();
    let envelope = first["_meta"]["checkrein/answer"].clone();
    let call = envelope["call"].clone();
    let asked = || async {
        let pending = server.sees("/v1/approvals?state=pending").await;
        let own = pending["items"].as_array().unwrap().iter().find(|one| one["call"] == call);
        format!("/v1/approvals/{}", own.unwrap()["approval"].as_str().unwrap())
    };
    match end {
        "rejected" => {
            let reason = json!({ "reason": "not today" });
            server.does(&format!("{}/reject", asked().await), reason).await;
        }
        "superseded" => {
            let less = json!({ "path": path, "content": "less" });
            let edit = json!({ "arguments": less, "reason": "smaller" });
            server.does(&format!("{}/edit", asked().await), edit).await;
        }
        "withdrawn" => {
            let body = json!({ "reason": "no need" });
            let path = format!("/v1/calls/{}/withdraw", call.as_str().unwrap());
            server.post(&path, &server.keys.agent, body).await.ok();
        }
        _ => {}
    }
    match end {
        "denied" | "held" | "stopped" => return (envelope, call),
        // A task has a word for it, and the call itself says the rest.
        "withdrawn" => {
            assert_eq!(ended(client, &first["taskId"]).await["status"], "cancelled");
            let kept = server.sees(&format!("/v1/calls/{}", call.as_str().unwrap())).await;
            return (kept["answer"].clone(), call);
        }
        _ => {}
    }
    let told = ended(client, &first["taskId"]).await;
    assert_eq!((&told["status"], &told["result"]["isError"]), (&json!("completed"), &json!(true)));
    let text = told["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("NOT EXECUTED"), "{text}");
    (told["result"]["_meta"]["checkrein/answer"].clone(), call)
}

/// What no client of this protocol sends is still the same call: HTTP and MCP join each other.
#[tokio::test(flavor = "multi_thread")]
async fn the_identical_call_over_http_joins_the_one_that_a_task_stands_for() {
    let house = House::start().await;
    let made = house.tasks().call("files__write", write("live\n")).await.result().clone();
    let (_, held) = house.server.proposes(writes("prod/a.txt", "live\n")).await;
    assert_eq!(json!(held.call), made["_meta"]["checkrein/answer"]["call"]);
}
