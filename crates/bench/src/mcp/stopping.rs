//! How soon a suspension is in force while many callers call: from the order to its answer, after which nothing new starts.
//!
//! In: a gateway. Out: one row, the slowest of all rounds. Every round suspends everything under full load and lifts it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::json;
use tokio::task::JoinSet;

use super::client::Client;
use super::place::Place;
use super::upstream::READS;
use super::{CALLERS, Counts};
use crate::Outcome;
use crate::table::{Table, Target};

/// Calls of each caller before the order comes.
const WARM: usize = 4;
/// What the promise allows, in milliseconds.
const WITHIN_MS: f64 = 50.0;

pub(super) async fn measure(place: &Place, counts: &Counts, table: &mut Table) -> Outcome<()> {
    let mut slowest = 0.0_f64;
    for round in 0..counts.rounds {
        slowest = slowest.max(once(place, round).await?);
    }
    let row = format!("mcp, {CALLERS} callers: suspend returned, slowest of all rounds");
    table.hold(row, (slowest, "ms"), Target::AtMost(WITHIN_MS));
    Ok(())
}

async fn once(place: &Place, round: usize) -> Outcome<f64> {
    let done = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let mut client = Client::connect(&place.through).await?;
        let done = Arc::clone(&done);
        callers.spawn(async move {
            // Until the stop: a call that is refused ends its caller.
            for number in 0.. {
                let id = format!("s-{round}-{caller}-{number}");
                if client.call(READS, json!({ "id": id })).await.is_err() {
                    return;
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while done.load(Ordering::Relaxed) < CALLERS * WARM {
        tokio::task::yield_now().await;
    }
    let order = json!({ "scope": "everything", "level": "suspend", "reason": "measured" });
    let begun = Instant::now();
    let receipt = place.operates("/v1/stops".to_owned(), &order).await?;
    let took = begun.elapsed().as_secs_f64() * 1_000.0;
    let stop = receipt.pointer("/stop/stop").and_then(|stop| stop.as_str());
    let lift = format!("/v1/stops/{}/lift", stop.ok_or("the stop has no id")?);
    while callers.join_next().await.is_some() {}
    place.operates(lift, &json!({ "reason": "measured" })).await?;
    Ok(took)
}
