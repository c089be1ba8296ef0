//! Callers who wait for people: what they cost the server, and how soon a decision reaches them.
//!
//! In: how many wait, and how many are decided. Out: memory of the server's process that waiting callers add, half of them by
//! long poll and half by stream; and the time from sending a decision to the caller's answer, with the commit of the decision
//! in it. The client is this process, so its own memory does not count.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::milliseconds;
use super::place::Place;
use crate::statistics::percentile_us;
use crate::table::{Table, Target};
use crate::{Effort, Outcome, memory};

/// How long the server is left alone before its memory is read.
const SETTLES: Duration = Duration::from_secs(3);

pub(super) async fn measure(
    effort: Effort,
    (waiting, decided): (usize, usize),
    table: &mut Table,
) -> Outcome<()> {
    let place = Arc::new(Place::open(effort, TempDir::new()?).await?);
    // What is made once for the first of anything is no cost of waiting.
    let first = propose(&place, 0).await?;
    decide(&place, &first).await?;
    tokio::time::sleep(SETTLES).await;
    let idle = memory::resident(place.process())?;
    let mut calls = Vec::with_capacity(waiting);
    for number in 1..=waiting {
        calls.push(propose(&place, number).await?);
    }
    let mut callers = JoinSet::new();
    for (number, call) in calls.iter().cloned().enumerate() {
        let place = Arc::clone(&place);
        let accept = if number % 2 == 0 { "application/json" } else { "text/event-stream" };
        callers.spawn(async move { wait(&place, (&call, accept)).await.map(|at| (call, at)) });
    }
    tokio::time::sleep(SETTLES).await;
    let added = memory::resident(place.process())? - idle;
    let row = format!("{waiting} held calls waited for, half by stream, add");
    table.hold(row, (added, "MB"), Target::AtMost(50.0));
    let mut times = Vec::new();
    for call in calls.iter().take(decided) {
        let begun = decide(&place, call).await?;
        let (answered, at) = callers.join_next().await.ok_or("nobody waits")???;
        if answered != *call {
            return Err(format!("{answered} was answered and {call} decided").into());
        }
        times.push(at.duration_since(begun));
    }
    callers.abort_all();
    let p50 = percentile_us(&mut times, 50) / 1_000.0;
    table.hold("a decision reaches its waiting caller, p50", (p50, "ms"), Target::AtMost(20.0));
    let p99 = percentile_us(&mut times, 99) / 1_000.0;
    table.tell("a decision reaches its waiting caller, p99", (p99, "ms"));
    let longest = times.iter().max().copied().unwrap_or_default();
    table.tell("a decision reaches its waiting caller, longest", (milliseconds(longest), "ms"));
    Ok(())
}

/// A call that is held; its id.
async fn propose(place: &Place, number: usize) -> Outcome<String> {
    let arguments = json!({ "path": format!("file-{number}.txt"), "content": "text\n" });
    let body = json!({ "tool": "files.write", "arguments": arguments });
    let held = place.post("/v1/calls", &place.agent, &body).await?;
    match (held.get("status").and_then(Value::as_str), held.get("call").and_then(Value::as_str)) {
        (Some("held"), Some(call)) => Ok(call.to_owned()),
        (Some(_) | None, Some(_) | None) => Err(format!("a call was not held: {held}").into()),
    }
}

/// Waits for the answer of a call; when it was there.
async fn wait(place: &Place, (call, accept): (&str, &str)) -> Outcome<Instant> {
    let path = format!("/v1/calls/{call}/wait?wait_ms=240000");
    let request = place.request(true, &path, &place.agent).header("accept", accept);
    let text = request.send().await?.text().await?;
    let at = Instant::now();
    if text.contains("CR-2003") { Ok(at) } else { Err(format!("{call} ended with {text}").into()) }
}

/// A person says no; when that was sent.
async fn decide(place: &Place, call: &str) -> Outcome<Instant> {
    let shown = place.get(&format!("/v1/calls/{call}")).await?;
    let approval = shown.pointer("/approvals/0/approval").and_then(Value::as_str);
    let approval = approval.ok_or_else(|| format!("nobody was asked: {shown}"))?;
    let body = json!({ "reason": "measured" });
    let path = format!("/v1/approvals/{approval}/reject");
    let begun = Instant::now();
    let said = place.post(&path, &place.operator, &body).await?;
    match said.get("state") == Some(&json!("rejected")) {
        true => Ok(begun),
        false => Err(format!("not decided: {said}").into()),
    }
}
