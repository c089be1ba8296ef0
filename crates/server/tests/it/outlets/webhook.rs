//! Signed webhooks out: what is told, how often, after an outage and a restart, and to callers.
//! The other side is the receiver of `receiver.rs`.

use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{held, held_in_prod, outlet, person, ran, start, until};
use crate::world::{Server, code, writes};

fn webhook(name: &str, receiver: &Receiver, more: &str) -> String {
    let url = &receiver.url;
    format!(
        "[[webhook]]\nname = \"{name}\"\nurl = \"{url}\"\nsecret_file = \"secrets/webhook\"\n{more}\n"
    )
}

async fn approve(server: &Server, approval: &str) {
    server.does(&format!("/v1/approvals/{approval}/approve"), json!({})).await;
}

/// The form of every message, as `docs/schemas/webhook.schema.json` has it.
fn has_the_form(body: &Value) {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas/webhook.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let kinds: Vec<&str> = schema["properties"]["type"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    assert!(kinds.contains(&body["type"].as_str().unwrap()), "{body}");
    let allowed = |of: &Value, value: &Value, place: &str| {
        let known = of["properties"].as_object().unwrap();
        for name in of["required"].as_array().unwrap() {
            assert!(value.get(name.as_str().unwrap()).is_some(), "{place} lacks {name}: {value}");
        }
        for (name, field) in value.as_object().unwrap() {
            let known = known.get(name).unwrap_or_else(|| panic!("{place}.{name} is in no schema"));
            let Some(kinds) = known.get("type") else { continue };
            let kinds: Vec<&str> = match kinds.as_array() {
                Some(all) => all.iter().map(|one| one.as_str().unwrap()).collect(),
                None => vec![kinds.as_str().unwrap()],
            };
            let kind = match field {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            assert!(kinds.contains(&kind), "{place}.{name} is {kind}, not {kinds:?}");
        }
    };
    allowed(&schema, body, "message");
    allowed(&schema["properties"]["data"], &body["data"], "data");
    assert!(body["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_its_decision_and_its_end_are_told_in_order() {
    let mut receiver = Receiver::start().await;
    let server = start(&webhook("pager", &receiver, "")).await;
    let (call, approval) = held_in_prod(&server, "live\n").await;
    let asked = receiver.told("approval.asked").await;
    let request = &asked.body["data"]["request"];
    assert_eq!(request["approval"]["approval"], approval);
    assert_eq!(request["arguments"]["content"], "live\n");
    assert_eq!(request["shown"]["complete"], true);
    assert!(request.get("may_decide").is_none());
    let url = asked.body["data"]["url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/approvals/{approval}")));
    has_the_form(&asked.body);
    approve(&server, &approval).await;
    let voted = receiver.told("approval.voted").await;
    assert_eq!(voted.body["data"]["by"], "operator");
    has_the_form(&receiver.told("approval.approved").await.body);
    assert_eq!(ran(&server, &call).await, "succeeded");
    let ended = receiver.told("call.ended").await;
    assert_eq!(ended.body["data"]["call"]["status"], "succeeded");
    assert_eq!(ended.body["data"]["call"]["executed"], "yes");
    has_the_form(&ended.body);
    let (_, reviewed) = server.proposes(writes("staging/a.txt", "x\n")).await;
    assert_eq!(reviewed.status, "succeeded");
    has_the_form(&receiver.told("duty.review").await.body);
    let stop = json!({ "scope": "agent:local/agent", "level": "pause", "reason": "odd" });
    server.does("/v1/stops", stop).await;
    has_the_form(&receiver.told("agent.stopped").await.body);
    let tried = server.does("/v1/outlets/pager/test", json!({})).await;
    assert_eq!(tried["arrived"], true);
    has_the_form(&receiver.told("test").await.body);
    // A call about which nobody was asked is nobody's news.
    assert!(receiver.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_is_told_later_and_harms_no_other() {
    let (mut down, mut fine) = (Receiver::start().await, Receiver::start().await);
    let toml = webhook("down", &down, "") + &webhook("fine", &fine, "");
    let server = start(&toml).await;
    down.answers([500, 503, 429, 500]);
    held_in_prod(&server, "live\n").await;
    fine.told("approval.asked").await;
    let first = down.next().await;
    for status in [503, 429, 500, 204] {
        let again = down.next().await;
        assert_eq!((again.status, &again.id), (status, &first.id), "the same id each time");
    }
    let well = until(|| async {
        let one = outlet(&server, "down").await;
        (one["told"] == 1 && one["standing"] == "well").then_some(one)
    });
    assert_eq!(well.await["gave_up"], 0);
    let metrics = server.sees("/metrics").await;
    let failed = "checkrein_outlet_failed_total{outlet=\"down\"} 4";
    assert!(metrics.as_str().unwrap().contains(failed), "{metrics}");
    assert!(down.nothing_more() && fine.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_refuses_is_given_up_counted_and_the_next_is_told() {
    let mut receiver = Receiver::start().await;
    let server = start(&webhook("pager", &receiver, "")).await;
    receiver.answers([400, 400, 410, 302]);
    let (_, approval) = held_in_prod(&server, "live\n").await;
    let id = receiver.next().await.id;
    for _ in 0..3 {
        assert_eq!(receiver.next().await.id, id);
    }
    let body = json!({ "reason": "no" });
    server.does(&format!("/v1/approvals/{approval}/reject"), body).await;
    let told = receiver.told("approval.rejected").await;
    assert_eq!(told.body["data"]["reason"], "no");
    receiver.told("call.ended").await;
    let one = outlet(&server, "pager").await;
    assert_eq!((&one["gave_up"], &one["gave_up_why"]), (&json!(1), &json!("it answered 302")));
    let gave_up = server.sees("/v1/journal/entries?kind=outlet_gave_up").await;
    assert_eq!(gave_up["items"][0]["entry"]["event"]["outlet_gave_up"]["tries"], 4, "{gave_up}");
}

/// A receiver with a fault in one message was told nothing else for half a day.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_cannot_take_holds_up_nothing_behind_it() {
    let mut receiver = Receiver::start().await;
    let server = start(&webhook("pager", &receiver, "")).await;
    *receiver.faulty.lock().unwrap() = Some("approval.rejected");
    let (_, approval) = held_in_prod(&server, "live\n").await;
    receiver.told("approval.asked").await;
    server.does(&format!("/v1/approvals/{approval}/reject"), json!({ "reason": "no" })).await;
    receiver.told("call.ended").await;
    held(&server, writes("prod/b.txt", "more\n")).await;
    receiver.told("approval.asked").await;
    let one = until(|| async {
        let one = outlet(&server, "pager").await;
        (one["told"] == 3).then_some(one)
    });
    assert_eq!(one.await["gave_up"], 1);
    let gave_up = server.sees("/v1/journal/entries?kind=outlet_gave_up").await;
    let tries = &gave_up["items"][0]["entry"]["event"]["outlet_gave_up"]["tries"];
    // Once more than after which the next one is tried: it may have come back in between.
    assert_eq!(tries, 9, "{gave_up}");
    let server = server.again().await;
    held(&server, writes("prod/c.txt", "more\n")).await;
    receiver.told("approval.asked").await;
    assert!(receiver.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_it_goes_on_where_it_was_and_repeats_nothing() {
    let mut receiver = Receiver::start().await;
    let server = start(&webhook("pager", &receiver, "")).await;
    let (call, approval) = held_in_prod(&server, "live\n").await;
    receiver.told("approval.asked").await;
    until(|| async { (outlet(&server, "pager").await["told"] == 1).then_some(()) }).await;
    receiver.answers(std::iter::repeat_n(500, 1_000));
    approve(&server, &approval).await;
    let voted = receiver.next().await;
    let server = server.again().await;
    receiver.answers.lock().unwrap().clear();
    let told = receiver.told("approval.voted").await;
    assert_eq!(told.id, voted.id);
    receiver.told("approval.approved").await;
    assert_eq!(ran(&server, &call).await, "succeeded");
    receiver.told("call.ended").await;
    // What was told and is not recorded yet is told again, under the same id.
    until(|| async { (outlet(&server, "pager").await["told"] == 4).then_some(()) }).await;
    let server = server.again().await;
    held(&server, writes("prod/b.txt", "more\n")).await;
    receiver.told("approval.asked").await;
    assert!(receiver.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_is_told_only_what_its_configuration_names() {
    let mut receiver = Receiver::start().await;
    let more = "tell = [\"approval.asked\", \"stop\"]\ngroups = [\"group:leads\"]";
    let toml = webhook("leads", &receiver, more);
    let server = start(&toml).await;
    let (_, approval) = held_in_prod(&server, "live\n").await;
    server.does(&format!("/v1/approvals/{approval}/reject"), json!({ "reason": "no" })).await;
    let eve = server.other_tenant().await;
    let theirs = json!({ "scope": "tenant:other", "level": "pause", "reason": "theirs" });
    server.post("/v1/stops", &eve, theirs).await.ok();
    let stop = json!({ "scope": "tenant:local", "level": "pause", "reason": "enough" });
    server.does("/v1/stops", stop).await;
    let told = receiver.told("stop.ordered").await;
    assert_eq!(told.body["data"]["stop"]["scope"], "tenant:local");
    assert!(receiver.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_told_by_the_webhook_it_named_and_by_no_other_name() {
    let mut receiver = Receiver::start().await;
    let server = start(&webhook("mine", &receiver, "callers = true\ntell = [\"test\"]")).await;
    let call = |name: &str, text: &str| {
        let mut body = writes("prod/a.txt", text);
        body["callback"] = json!(name);
        body
    };
    let unknown = server.post("/v1/calls", &server.keys.agent, call("other", "x\n")).await;
    assert_eq!(unknown.problem(400), "CR-1010");
    let (id, approval) = held(&server, call("mine", "live\n")).await;
    approve(&server, &approval).await;
    assert_eq!(ran(&server, &id).await, "succeeded");
    let ended = receiver.told("call.ended").await;
    assert_eq!(ended.body["data"]["call"]["call"], id);
    let mut free = writes("notes/a.txt", "x\n");
    free["callback"] = json!("mine");
    let (_, done) = server.proposes(free).await;
    assert_eq!(code(&done), "", "what was not held needs no word");
    // Once, whatever else the journal says of the call.
    let (other, approval) = held(&server, call("mine", "more\n")).await;
    server.does(&format!("/v1/approvals/{approval}/reject"), json!({ "reason": "no" })).await;
    let ended = receiver.told("call.ended").await;
    assert_eq!(
        (&ended.body["data"]["call"]["call"], &ended.body["data"]["call"]["code"]),
        (&json!(other), &json!("CR-2003"))
    );
    assert!(receiver.nothing_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_stands_in_no_answer_and_no_entry() {
    let mut receiver = Receiver::start().await;
    let server = start(&webhook("pager", &receiver, "")).await;
    person(&server, "ann", &["oncall"]).await;
    held(&server, writes("prod/a.txt", super::SECRET)).await;
    let asked = receiver.told("approval.asked").await;
    assert!(!asked.body.to_string().contains(super::SECRET));
    let entries = server.sees("/v1/journal/entries").await;
    assert!(!entries.to_string().contains(super::SECRET));
}
