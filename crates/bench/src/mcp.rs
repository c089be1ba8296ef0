//! The gateway against the same calls made directly: one client, one upstream, both sides in turns.
//!
//! ```text
//! client ----------------------------------> upstream (a process of its own)
//! client --> checkrein up (release) -------> the same upstream
//! ```
//! In: how much is measured. Out: rows: time added at one caller, throughput at 64 callers over an upstream that takes 2 ms,
//! processor time of the gateway's process, memory of idle connections, and listing 1,000 tools. The journal is durable and
//! 50 policies are in force. A quick run uses the development build of the program.
//!
//! Client and upstream exist twice. The lean pair does as little as the protocol allows, so that added time and processor time
//! are the gateway's. Its throughput without a gateway is that of no real client: of the processors that both sides share, a
//! direct call takes less than a gateway may. So the target of throughput is held with the official SDK on both sides
//! (`sdk`), and the lean pair's is told beside it.

mod client;
mod place;
mod sdk;
mod stopping;
mod upstream;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::statistics::{as_f64, median, per_second, percentile_us};
use crate::table::{Table, Target};
use crate::{Effort, Outcome, memory};
use client::{Client, Side};
use place::{Behind, Place};
use upstream::{CHANGES, READS};

pub(crate) use upstream::serve as upstream;

/// Callers of the throughput rows.
const CALLERS: usize = 64;
/// What the upstream takes in them.
const UPSTREAM_TAKES_MS: u64 = 2;
/// Tools of the listing.
const TOOLS: usize = 1_000;

/// How often each thing is done.
struct Counts {
    rounds: usize,
    calls: usize,
    busy: usize,
    idle: usize,
}

/// Measures.
pub(crate) fn measure(effort: Effort, table: &mut Table) -> Outcome<()> {
    let counts = match effort {
        Effort::Quick => Counts { rounds: 1, calls: 20, busy: 256, idle: 50 },
        Effort::Full => Counts { rounds: 7, calls: 500, busy: 12_800, idle: 5_000 },
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let lean = |delay_ms, tools| Behind::Lean { delay_ms, tools };
        let place = Place::open(effort, lean(0, 0)).await?;
        one_caller(&place, &counts, table).await?;
        stopping::measure(&place, &counts, table).await?;
        connections(&place, &counts, table).await?;
        drop(place);
        for pair in [Pair::Sdk, Pair::Lean] {
            let behind = match pair {
                Pair::Sdk => Behind::Sdk,
                Pair::Lean => lean(UPSTREAM_TAKES_MS, 0),
            };
            many_callers(&Place::open(effort, behind).await?, (pair, &counts), table).await?;
        }
        listing(&Place::open(effort, lean(0, TOOLS)).await?, &counts, table).await
    })
}

/// Who calls, and who answers.
#[derive(Debug, Clone, Copy)]
enum Pair {
    /// Ours: they do as little as they can.
    Lean,
    /// The official SDK's.
    Sdk,
}

/// One of many callers.
enum Caller {
    Lean(Client),
    Sdk(sdk::Client),
}

impl Caller {
    async fn connect(pair: Pair, side: &Side) -> Outcome<Self> {
        Ok(match pair {
            Pair::Lean => Self::Lean(Client::connect(side).await?),
            Pair::Sdk => Self::Sdk(sdk::Client::connect(side).await?),
        })
    }

    async fn call(&mut self, id: String) -> Outcome<()> {
        match self {
            Self::Lean(client) => client.call(READS, json!({ "id": id })).await.map(drop),
            Self::Sdk(client) => client.wait(UPSTREAM_TAKES_MS).await,
        }
    }
}

async fn one_caller(place: &Place, counts: &Counts, table: &mut Table) -> Outcome<()> {
    for (tool, what, most) in [(READS, "pure call", 1_000.0), (CHANGES, "changing call", 1_500.0)] {
        let mut direct = Client::connect(&place.direct).await?;
        let mut through = Client::connect(&place.through).await?;
        let (mut bare, mut added, mut tails) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..counts.rounds {
            let mut without = one_after_the_other(&mut direct, tool, (round, counts.calls)).await?;
            let mut with = one_after_the_other(&mut through, tool, (round, counts.calls)).await?;
            let base = percentile_us(&mut without, 50);
            bare.push(base);
            added.push(percentile_us(&mut with, 50) - base);
            tails.push(percentile_us(&mut with, 99));
        }
        table.tell(format!("mcp, 1 caller, {what}: p50 direct"), (median(&mut bare), "µs"));
        let row = format!("mcp, 1 caller, {what}: p50 added by the gateway");
        table.hold(row, (median(&mut added), "µs"), Target::AtMost(most));
        table.tell(format!("mcp, 1 caller, {what}: p99 through"), (median(&mut tails), "µs"));
    }
    Ok(())
}

async fn one_after_the_other(
    client: &mut Client,
    tool: &str,
    (round, calls): (usize, usize),
) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    for number in 0..calls {
        let arguments = json!({ "id": format!("e-{round}-{number}"), "value": number });
        times.push(client.call(tool, arguments).await?);
    }
    Ok(times)
}

async fn many_callers(
    place: &Place,
    (pair, counts): (Pair, &Counts),
    table: &mut Table,
) -> Outcome<()> {
    let (mut direct, mut ratios, mut each) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..counts.rounds {
        let without = at_once(&place.direct, pair, (round, counts.busy)).await?;
        let before = place.processor_time()?;
        let with = at_once(&place.through, pair, (round, counts.busy)).await?;
        let took = place.processor_time()?.saturating_sub(before);
        direct.push(per_second(counts.busy, without));
        ratios.push(without.as_secs_f64() / with.as_secs_f64());
        each.push(took.as_secs_f64() * 1e6 / as_f64(counts.busy));
    }
    let of = match pair {
        Pair::Sdk => "the official SDK on both sides",
        Pair::Lean => "a lean pair",
    };
    let what = format!("mcp, {CALLERS} callers, upstream takes {UPSTREAM_TAKES_MS} ms, {of}");
    table.tell(format!("{what}: calls/s direct"), (median(&mut direct), "/s"));
    let (ratio, cost) = ((median(&mut ratios), ""), (median(&mut each), "µs"));
    let (through, takes) = (
        format!("{what}: calls/s through over direct"),
        format!("{what}: processor time of the gateway per call"),
    );
    match pair {
        Pair::Sdk => {
            table.hold(through, ratio, Target::AtLeast(0.7));
            table.tell(takes, cost);
        }
        Pair::Lean => {
            table.tell(through, ratio);
            table.hold(takes, cost, Target::AtMost(200.0));
        }
    }
    Ok(())
}

/// The time that many calls take, made by all callers at once.
async fn at_once(side: &Side, pair: Pair, (round, calls): (usize, usize)) -> Outcome<Duration> {
    let mut connected = Vec::new();
    for _ in 0..CALLERS {
        connected.push(Caller::connect(pair, side).await?);
    }
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for (caller, mut client) in connected.into_iter().enumerate() {
        callers.spawn(async move {
            for number in 0..calls / CALLERS {
                client.call(format!("e-{round}-{caller}-{number}")).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(done) = callers.join_next().await {
        done??;
    }
    Ok(begun.elapsed())
}

/// Connections that were used once and stay open.
async fn connections(place: &Place, counts: &Counts, table: &mut Table) -> Outcome<()> {
    let mut open = Vec::new();
    for _ in 0..counts.idle {
        let mut client = Client::connect(&place.through).await?;
        client.ask("server/discover", None, json!({})).await?;
        open.push(client);
    }
    let resident = memory::resident(place.gateway.0.id())?;
    let row = format!("mcp, {} idle connections: resident", counts.idle);
    table.hold(row, (resident, "MB"), Target::AtMost(250.0));
    Ok(())
}

async fn listing(place: &Place, counts: &Counts, table: &mut Table) -> Outcome<()> {
    let mut client = Client::connect(&place.through).await?;
    let mut times = Vec::new();
    for _ in 0..counts.calls.min(100) {
        times.push(listed(&mut client).await?);
    }
    let row = format!("mcp, `tools/list` of {TOOLS} tools, all pages: p50");
    table.hold(row, (percentile_us(&mut times, 50) / 1_000.0, "ms"), Target::AtMost(5.0));
    Ok(())
}

/// The time that all pages of the list take together.
async fn listed(client: &mut Client) -> Outcome<Duration> {
    let (mut all, mut tools, mut params) = (Duration::ZERO, 0, json!({}));
    loop {
        let (answer, took) = client.ask("tools/list", None, params).await?;
        all += took;
        let listed = answer.pointer("/result/tools").and_then(Value::as_array);
        tools += listed.map_or(0, Vec::len);
        match answer.pointer("/result/nextCursor") {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None if tools >= TOOLS => return Ok(all),
            None => return Err(format!("{tools} tools are listed").into()),
        }
    }
}
