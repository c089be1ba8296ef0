//! Signed decisions in: in whose name, how often, and what they may not do.
//! Every refusal is one that a person without a signature would get, or is about the signature itself.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{OTHER_SECRET, SECRET, held, held_in_prod, person, ran, seconds, signature, start};
use crate::world::{Said, Server, writes};

const HOOK: &str = "[[hook]]\nname = \"ci\"\nperson = \"ann\"\nsecret_file = \"secrets/hook\"\n";

/// A signed request; what a test changes of it.
struct Sends<'a> {
    hook: &'a str,
    id: &'a str,
    at: u64,
    secret: &'a str,
    body: Value,
    /// What is sent in place of what was signed.
    sent: Option<Value>,
}

impl<'a> Sends<'a> {
    fn new(id: &'a str, body: Value) -> Self {
        Self { hook: "ci", id, at: seconds(), secret: OTHER_SECRET, body, sent: None }
    }

    async fn to(&self, server: &Server) -> Said {
        let url = format!("http://{}/v1/hooks/{}", server.running.address, self.hook);
        let (body, at) = (self.body.to_string(), self.at.to_string());
        let signed = signature(self.secret, (self.id, &at), body.as_bytes());
        let sent = self.sent.as_ref().map_or(body, Value::to_string);
        let request = reqwest::Client::new().request(Method::POST, url);
        let request = request.header("webhook-id", self.id).header("webhook-timestamp", at);
        let request = request.header("webhook-signature", format!("v2,x {signed}"));
        Said::of(request.header("content-type", "application/json").body(sent)).await
    }
}

async fn digest(server: &Server, approval: &str) -> Value {
    server.sees(&format!("/v1/approvals/{approval}")).await["shown"]["digest"].clone()
}

async fn yes(server: &Server, approval: &str) -> Value {
    let shown = digest(server, approval).await;
    json!({ "approval": approval, "decision": "approve", "shown": shown })
}

async fn state(server: &Server, approval: &str) -> Value {
    server.sees(&format!("/v1/approvals/{approval}")).await["approval"]["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_yes_counts_once_in_its_persons_name_also_after_a_restart() {
    let server = start(HOOK).await;
    person(&server, "ann", &["oncall"]).await;
    let (call, approval) = held(&server, writes("both/a.txt", "live\n")).await;
    let body = yes(&server, &approval).await;
    let said = Sends::new("m-1", body.clone()).to(&server).await.ok();
    assert_eq!((&said["votes"], &said["state"]), (&json!(1), &json!("pending")));
    let details = server.sees(&format!("/v1/approvals/{approval}")).await;
    assert_eq!(details["votes"][0]["by"], "ann");
    assert_eq!(details["votes"][0]["surface"], "webhook");
    assert_eq!(Sends::new("m-1", body.clone()).to(&server).await.problem(409), "CR-1014");
    let server = server.again().await;
    assert_eq!(Sends::new("m-1", body.clone()).to(&server).await.problem(409), "CR-1014");
    // A new message of the same person is one more try, and not one more person.
    assert_eq!(Sends::new("m-2", body).to(&server).await.problem(403), "CR-2016");
    server.does(&format!("/v1/approvals/{approval}/approve"), json!({})).await;
    assert_eq!(ran(&server, &call).await, "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_no_is_recorded_with_its_message() {
    let server = start(HOOK).await;
    person(&server, "ann", &["oncall"]).await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    let body = json!({ "approval": approval, "decision": "reject" });
    assert_eq!(Sends::new("m-0", body).to(&server).await.problem(400), "CR-1010", "no reason");
    let body = json!({ "approval": approval, "decision": "reject", "reason": "tests fail" });
    let said = Sends::new("m-1", body).to(&server).await.ok();
    assert_eq!((&said["state"], &said["reason"]), (&json!("rejected"), &json!("tests fail")));
    let taken = server.sees("/v1/journal/entries?kind=message_taken").await;
    let outcomes: Vec<&Value> = taken["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["entry"]["event"]["message_taken"]["outcome"])
        .collect();
    assert_eq!(outcomes, ["CR-1010", "rejected"], "{taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_late_or_by_somebody_else_decides_nothing() {
    let server = start(HOOK).await;
    person(&server, "ann", &["oncall"]).await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    let body = yes(&server, &approval).await;
    let mut other = body.clone();
    other["reason"] = json!("changed");
    let plain = || Sends::new("m-1", body.clone());
    for sends in [
        Sends { sent: Some(other), ..plain() },
        Sends { at: seconds() - 301, ..plain() },
        Sends { at: seconds() + 310, ..plain() },
        Sends { secret: SECRET, ..plain() },
        Sends { hook: "none", ..plain() },
        Sends { id: "", ..plain() },
    ] {
        assert_eq!(sends.to(&server).await.problem(401), "CR-4001");
    }
    assert_eq!(state(&server, &approval).await, "pending");
    // None of these used the message up.
    assert_eq!(plain().to(&server).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_may_do_what_its_person_may_and_a_refused_message_never_counts_later() {
    let server = start(HOOK).await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    let body = yes(&server, &approval).await;
    assert_eq!(Sends::new("m-0", body.clone()).to(&server).await.problem(403), "CR-4002");
    person(&server, "ann", &["other"]).await;
    assert_eq!(Sends::new("m-1", body.clone()).to(&server).await.problem(403), "CR-2016");
    let change = json!({ "groups": ["oncall"], "reason": "on call now" });
    server.does("/v1/people/ann", change).await;
    assert_eq!(Sends::new("m-1", body.clone()).to(&server).await.problem(409), "CR-1014");
    let mut blind = body.clone();
    blind.as_object_mut().unwrap().remove("shown");
    assert_eq!(Sends::new("m-2", blind).to(&server).await.problem(400), "CR-1010");
    let mut wrong = body.clone();
    wrong["shown"] = json!("00".repeat(32));
    assert_eq!(Sends::new("m-3", wrong).to(&server).await.problem(409), "CR-1014");
    assert_eq!(state(&server, &approval).await, "pending");
    Sends::new("m-4", body).to(&server).await.ok();
    assert_eq!(state(&server, &approval).await, "approved");
    let change = json!({ "disabled": true, "reason": "left" });
    server.does("/v1/people/ann", change).await;
    let (_, approval) = held(&server, writes("prod/b.txt", "x\n")).await;
    let body = yes(&server, &approval).await;
    assert_eq!(Sends::new("m-5", body).to(&server).await.problem(403), "CR-4002");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_message_can_show_whole_is_approved_by_none() {
    let server = start(HOOK).await;
    person(&server, "ann", &["oncall"]).await;
    let (_, approval) = held_in_prod(&server, &"a line of text\n".repeat(30_000)).await;
    let body = yes(&server, &approval).await;
    assert_eq!(Sends::new("m-1", body).to(&server).await.problem(422), "CR-2018");
    assert_eq!(state(&server, &approval).await, "pending");
    // A no is never too long to be understood.
    let body = json!({ "approval": approval, "decision": "reject", "reason": "too much at once" });
    Sends::new("m-2", body).to(&server).await.ok();
    assert_eq!(state(&server, &approval).await, "rejected");
}
