//! Is the journal readable, provable, replayable and followable from outside?
//! Entries, heads, verification, exports, replay and the stream, each over HTTP.

use std::collections::BTreeSet;

use checkrein_server::wire::Entry;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Place, Server, writes};

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_read_in_pages_and_the_journal_verifies_against_a_kept_head() {
    let server = Server::start().await;
    server.proposes(writes("a.txt", "x\n")).await;
    let head = server.sees("/v1/journal/head").await;
    server.proposes(writes("b.txt", "x\n")).await;
    let mut positions: Vec<u64> = Vec::new();
    let mut path = "/v1/journal/entries?limit=3".to_owned();
    loop {
        let page = server.sees(&path).await;
        let items: Vec<Entry> = serde_json::from_value(page["items"].clone()).unwrap();
        positions.extend(items.iter().map(|entry| entry.position));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/journal/entries?limit=3&after={next}");
    }
    let expect: Vec<u64> = (1..=u64::try_from(positions.len()).unwrap()).collect();
    assert_eq!(positions, expect);
    assert!(positions.len() > 10);
    let found = server.does("/v1/journal/verify", json!({ "head": head["note"] })).await;
    assert_eq!(
        (&found["verified"], &found["first_problem"]),
        (&json!(true), &Value::Null),
        "{found}"
    );
    let forged = head["note"].as_str().unwrap().replacen("1", "2", 1);
    let found = server.does("/v1/journal/verify", json!({ "head": forged })).await;
    assert_eq!(found["verified"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decision_of_a_run_replays_the_same() {
    let server = Server::start().await;
    server.proposes(json!({ "tool": "files.list", "arguments": { "path": "." } })).await;
    server.proposes(writes("a.txt", "x\n")).await;
    server.proposes(writes("prod/a.txt", "x\n")).await;
    server.proposes(json!({ "tool": "files.delete", "arguments": { "path": "a.txt" } })).await;
    let run = server.sees("/v1/runs").await["items"][0]["run"].as_str().unwrap().to_owned();
    let report = server.does(&format!("/v1/runs/{run}/replay"), json!({})).await;
    assert_eq!(report["differences"], json!([]), "{report}");
    assert!(report["same"].as_u64().unwrap() >= 4, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_policy_is_replayed_over_the_past() {
    let server = Server::start().await;
    let (_, done) = server.proposes(writes("a.txt", "x\n")).await;
    let run = server.sees("/v1/runs").await["items"][0]["run"].as_str().unwrap().to_owned();
    let text = "@id(\"nothing\") @reason(\"nothing goes\") forbid (principal, action, resource);\n";
    let body = json!({ "policy": [{ "file": "other.cedar", "text": text }] });
    let report = server.does(&format!("/v1/runs/{run}/replay"), body).await;
    let difference = &report["differences"][0];
    assert_eq!(difference["call"].as_str(), done.call.as_deref(), "{report}");
    assert!(difference["recorded"].as_str().unwrap().starts_with("notify"));
    assert!(difference["computed"].as_str().unwrap().starts_with("deny"));
}

/// A decision stays explainable after the rules changed: the recorded text counts.
#[tokio::test(flavor = "multi_thread")]
async fn decisions_replay_after_contracts_and_policies_changed() {
    let place = Place::new(crate::world::PLAIN);
    let policy = "@id(\"all\") permit (principal, action, resource);\n";
    place.write("policies/mine.cedar", policy);
    let text = include_str!("../../../../contracts/files.toml");
    let one = text.split("[[tool]]").nth(1).unwrap();
    let one = one.replace("files.read", "mine.read").replace("confirmed", "declared");
    place.write("contracts/mine.toml", &format!("[[tool]]{one}"));
    let server = Server::at(place).await;
    let (_, answer) = server.proposes(writes("a.txt", "x\n")).await;
    let run = server.sees("/v1/runs").await["items"][0]["run"].as_str().unwrap().to_owned();
    std::fs::remove_dir_all(server.place.path("contracts")).unwrap();
    let stricter = format!("{policy}@id(\"no\") forbid (principal, action, resource);\n");
    server.place.write("policies/mine.cedar", &stricter);
    let server = server.again().await;
    let report = server.does(&format!("/v1/runs/{run}/replay"), json!({})).await;
    assert_eq!((&report["differences"], &report["same"]), (&json!([]), &json!(1)), "{report}");
    let why = server.sees(&format!("/v1/calls/{}/explain", answer.call.unwrap())).await;
    assert_eq!(why["decision"]["verdict"], "allow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_exported_as_one_record_and_as_lines() {
    let server = Server::start().await;
    server.proposes(writes("a.txt", "x\n")).await;
    let run = server.sees("/v1/runs").await["items"][0]["run"].as_str().unwrap().to_owned();
    let record = server.sees(&format!("/v1/runs/{run}/export")).await;
    assert!(record.to_string().contains(&run));
    let lines = server.sees(&format!("/v1/runs/{run}/export?format=jsonl")).await;
    let lines: Vec<Value> =
        lines.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 3);
    let kinds = server.sees(&format!("/v1/journal/entries?run={run}&kind=run_exported")).await;
    assert_eq!(kinds["items"].as_array().unwrap().len(), 2, "an export is recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_follow_without_gap_from_where_a_client_left_off() {
    let server = Server::start().await;
    server.proposes(writes("a.txt", "x\n")).await;
    let (first, last) = follow(&server, None, "call_settled").await;
    assert!(first.is_some_and(|first| first == 1));
    server.proposes(writes("b.txt", "x\n")).await;
    let (next, _) = follow(&server, Some(last), "call_settled").await;
    assert_eq!(next, Some(last + 1));
}

/// Reads events from the beginning or behind a position until one of this kind came; gives the first position
/// and that of the last.
async fn follow(server: &Server, after: Option<u64>, until: &str) -> (Option<u64>, u64) {
    let path = if after.is_none() { "/v1/events?after=0" } else { "/v1/events" };
    let mut request = server.ask(Method::GET, path, &server.keys.operator);
    if let Some(after) = after {
        request = request.header("last-event-id", after.to_string());
    }
    let mut response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (mut text, mut seen) = (String::new(), BTreeSet::new());
    loop {
        let chunk = response.chunk().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                let line = event.lines().find_map(|line| line.strip_prefix(name));
                line.unwrap_or_default().trim().to_owned()
            };
            let (id, kind, data) = (field("id:"), field("event:"), field("data:"));
            text = rest.to_owned();
            let entry: Entry = serde_json::from_str(&data).unwrap();
            assert_eq!((id, &kind), (entry.position.to_string(), &entry.kind));
            seen.insert(entry.position);
            if kind == until {
                let last = *seen.last().unwrap();
                let whole = last - seen.first().unwrap() + 1;
                assert_eq!(whole, u64::try_from(seen.len()).unwrap(), "a gap in {seen:?}");
                return (seen.first().copied(), last);
            }
        }
    }
}
