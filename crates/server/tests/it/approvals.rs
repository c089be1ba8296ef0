//! Deciding over HTTP: several people, who may, what is shown, edits, questions, reviews and what attention costs.
//! What the gate decides is tested in `sim`; here it is wired.

use serde_json::{Value, json};

use crate::world::{PLAIN, Place, Server, writes};

const POLICY: &str = r#"
@id("all")
permit (principal, action, resource);

@id("ask-prod")
@owner("group:platform")
@hold("group:oncall")
@quorum("2")
@escalate("15m group:leads")
@reason("this changes production")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("prod") }
unless { context.approvals.contains("ask-prod") };

@id("look-staging")
@review("group:oncall")
@review_by("1d")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("staging") };
"#;

async fn start(toml: &str) -> Server {
    let place = Place::new(toml);
    place.write("policies/own.cedar", POLICY);
    Server::at(place).await
}

async fn approver(server: &Server, name: &str) -> String {
    let body =
        json!({ "holder": "operator", "name": name, "roles": ["approver"], "groups": ["oncall"] });
    server.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned()
}

async fn asked(server: &Server, text: &str) -> (String, String) {
    let (_, held) = server.proposes(writes("prod/a.txt", text)).await;
    assert_eq!(held.status, "held", "{held:?}");
    let call = held.call.unwrap();
    let pending = server.sees("/v1/approvals?state=pending").await;
    let own = pending["items"].as_array().unwrap().iter().find(|one| one["call"] == *call);
    (call.clone(), format!("/v1/approvals/{}", own.unwrap()["approval"].as_str().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_decide_and_each_sees_how_it_stands() {
    let server = start(PLAIN).await;
    let (ann, ben) = (approver(&server, "ann").await, approver(&server, "ben").await);
    let (call, path) = asked(&server, "live\n").await;
    let details = server.get(&path, &ann).await.ok();
    assert_eq!(details["needs"]["quorum"], 2);
    assert_eq!(details["needs"]["escalate"]["group"], "group:leads");
    assert_eq!(details["may_decide"]["yes"], true);
    assert_eq!(details["rule"]["owner"], "group:platform");
    assert_eq!(details["confirm"]["kind"], "none");
    assert_eq!(details["shown"]["complete"], true);
    let approve = format!("{path}/approve");
    let wrong = json!({ "shown": "00".repeat(32) });
    assert_eq!(server.post(&approve, &ann, wrong).await.problem(409), "CR-1014");
    let yes = json!({ "reason": "fine", "shown": details["shown"]["digest"], "surface": "cli" });
    let after = server.post(&approve, &ann, yes).await.ok();
    assert_eq!((&after["state"], &after["votes"]), (&json!("pending"), &json!(1)));
    assert_eq!(server.post(&approve, &ann, json!({})).await.problem(403), "CR-2016");
    let again = server.get(&path, &ann).await.ok();
    assert_eq!(again["may_decide"]["code"], "CR-2016");
    assert_eq!(again["votes"][0]["surface"], "cli");
    let after = server.post(&approve, &ben, json!({})).await.ok();
    assert_eq!(after["state"], "approved");
    let wait = format!("/v1/calls/{call}/wait?wait_ms=10000");
    let done = server.get(&wait, &server.keys.agent).await.envelope();
    assert_eq!((&*done.status, &*done.executed), ("succeeded", "yes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_configuration_no_party_approves() {
    let alone = "[approvals]\nrequester_may_decide = true\n";
    assert!(PLAIN.contains(alone));
    let server = start(&PLAIN.replace(alone, "")).await;
    let (_, path) = asked(&server, "live\n").await;
    let details = server.sees(&path).await;
    assert_eq!(details["excluded"][0]["name"], "operator", "{}", details["excluded"]);
    assert_eq!(details["may_decide"]["yes"], false);
    let approve = format!("{path}/approve");
    let refused = server.post(&approve, &server.keys.operator, json!({})).await;
    assert_eq!(refused.problem(403), "CR-2016");
    let ann = approver(&server, "ann").await;
    server.post(&approve, &ann, json!({})).await.ok();
    server.does(&format!("{path}/reject"), json!({ "reason": "I do not want it" })).await;
}

/// An installation of one person held calls that nobody could decide, and nothing said so.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_said_when_nobody_could_decide() {
    let alone = "[approvals]\nrequester_may_decide = true\n";
    let server = start(PLAIN).await;
    assert_eq!(server.sees("/v1/attention").await["nobody_decides"], Value::Null, "waived");
    let server = start(&PLAIN.replace(alone, "")).await;
    let said = server.sees("/v1/attention").await;
    let why = said["nobody_decides"].as_str().unwrap();
    assert!(why.contains("`operator` alone") && why.contains("requester_may_decide"), "{why}");
    assert_eq!(said["warnings"][0], json!(why));
    let eve = json!({ "name": "eve", "roles": ["viewer"], "groups": [] });
    server.does("/v1/people", eve).await;
    assert!(server.sees("/v1/attention").await["nobody_decides"].is_string(), "eve only looks");
    server.does("/v1/people/eve", json!({ "roles": ["approver"] })).await;
    assert_eq!(server.sees("/v1/attention").await["nobody_decides"], Value::Null);
    server.does("/v1/people/eve", json!({ "disabled": true })).await;
    assert!(server.sees("/v1/attention").await["nobody_decides"].is_string());
    approver(&server, "ann").await;
    assert_eq!(server.sees("/v1/attention").await["nobody_decides"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_mode_is_shown() {
    let server = start(PLAIN).await;
    let space = server.sees("/v1/spaces").await["items"][0].clone();
    assert_eq!((&space["set_by"], &space["reason"]), (&Value::Null, &Value::Null));
    let path = format!("/v1/spaces/{}/mode", space["space"].as_str().unwrap());
    server.does(&path, json!({ "mode": "shadow", "reason": "first week" })).await;
    let space = server.sees("/v1/spaces").await["items"][0].clone();
    assert_eq!((&space["mode"], &space["reason"]), (&json!("shadow"), &json!("first week")));
    assert!(space["set_ms"].as_u64().is_some_and(|at| at > 0), "{space}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_a_question_reach_the_agent() {
    let server = start(PLAIN).await;
    let (call, path) = asked(&server, "live\n").await;
    server.does(&format!("{path}/ask"), json!({ "question": "which release?" })).await;
    let (_, held) = server.proposes(writes("prod/a.txt", "live\n")).await;
    assert_eq!(held.call.as_ref(), Some(&call));
    assert!(held.error.unwrap().message.contains("operator asks: which release?"));
    let arguments = json!({ "path": "prod/a.txt", "content": "less\n" });
    let body = json!({ "arguments": arguments, "reason": "smaller" });
    let new = server.does(&format!("{path}/edit"), body).await;
    assert_eq!(new["status"], "held", "{new}");
    let wait = format!("/v1/calls/{call}/wait?wait_ms=0");
    let told = server.get(&wait, &server.keys.agent).await.envelope();
    assert_eq!(told.error.unwrap().code, "CR-2006");
    let old = server.sees(&path).await;
    assert_eq!(old["superseded_by"]["call"], new["call"]);
    let fresh = old["superseded_by"]["approval"].as_str().unwrap();
    let fresh = server.sees(&format!("/v1/approvals/{fresh}")).await;
    assert_eq!(fresh["supersedes"]["edited_by"], "operator");
    let changes = fresh["supersedes"]["changes"].as_array().unwrap();
    let content = changes.iter().find(|each| each["path"] == "arguments/content").unwrap();
    assert_eq!((&content["before"], &content["after"]), (&json!("live\n"), &json!("less\n")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_review_takes_the_act_back_and_attention_is_measured() {
    let server = start(PLAIN).await;
    let (_, answer) = server.proposes(writes("staging/a.txt", "x\n")).await;
    assert_eq!(answer.status, "succeeded", "{answer:?}");
    let file = server.place.path("workspace/staging/a.txt");
    assert!(file.exists());
    let duty = server.sees("/v1/duties?state=open&kind=review").await["items"][0].clone();
    assert_eq!(duty["agent"], "agent");
    assert!(duty["review_by_ms"].as_u64() > duty["at_ms"].as_u64());
    let done = format!("/v1/duties/{}/done", duty["duty"].as_str().unwrap());
    let wrong = server.post(&done, &server.keys.operator, json!({ "verdict": "maybe" })).await;
    assert_eq!(wrong.problem(400), "CR-1010");
    let body = json!({ "verdict": "rejected", "note": "not agreed" });
    assert_eq!(server.does(&done, body).await["verdict"], "rejected");
    assert!(!file.exists(), "it is as before");

    let (_, path) = asked(&server, "live\n").await;
    server.does(&format!("{path}/reject"), json!({ "reason": "no" })).await;
    let measured = server.sees("/v1/attention").await;
    assert_eq!((&measured["asked"], &measured["calls"]), (&json!(1), &json!(3)));
    let only = |list: &str| -> Value { measured[list].as_array().unwrap()[0].clone() };
    assert_eq!(only("groups")["group"], "group:oncall");
    assert_eq!(
        (&only("people")["name"], &only("people")["yes_percent"]),
        (&json!("operator"), &json!(0))
    );
    let agent = only("agents");
    assert_eq!((&agent["asked"], &agent["rejected"]), (&json!(1), &json!(1)));
    assert_eq!(agent["reviews_rejected"], 1);
    let later = server.sees("/v1/attention?since_ms=9000000000000").await;
    assert_eq!((&later["asked"], &later["calls"]), (&json!(0), &json!(0)));
}
