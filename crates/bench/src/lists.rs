//! Lists and searches over a million entries, over HTTP, one filter after the other; and what waiting callers cost.
//!
//! ```text
//! store::fill (entries written fast, by the journal itself) -> checkrein up on that directory -> GET with each filter
//!                                                          -> held calls, 500 long polls and 500 streams -> decisions
//! ```
//! In: how much is measured. Out: rows with the 95th percentile of each filter, the memory that waiting callers add, and the
//! time until a decision reaches its caller. A quick run has 20,000 entries and the development build.

mod place;
mod store;
mod waiting;

use std::time::{Duration, Instant};

use place::Place;
use serde_json::Value;

use crate::statistics::{as_f64, percentile_us};
use crate::table::{Table, Target};
use crate::{Effort, Outcome};

/// Milliseconds that a list may take at the 95th percentile.
const LIST_MS: f64 = 200.0;

/// How much there is, and how often it is asked for.
struct Counts {
    entries: usize,
    asks: usize,
    waiting: usize,
    decided: usize,
}

/// Measures.
pub(crate) fn measure(effort: Effort, table: &mut Table) -> Outcome<()> {
    let counts = match effort {
        Effort::Quick => Counts { entries: 20_000, asks: 3, waiting: 20, decided: 5 },
        Effort::Full => Counts { entries: 1_000_000, asks: 60, waiting: 1_000, decided: 200 },
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let directory = tempfile::tempdir()?;
        let begun = Instant::now();
        let written = store::fill(directory.path(), counts.entries).await?;
        let took = begun.elapsed().as_secs_f64();
        table.tell(format!("lists: writing {written} entries"), (took, "s"));
        let place = Place::open(effort, directory).await?;
        for filter in FILTERS {
            let worst = asked(&place, filter, counts.asks).await?;
            let row = format!("lists, {written} entries: `{filter}`, p95");
            table.hold(row, (worst / 1_000.0, "ms"), Target::AtMost(LIST_MS));
        }
        drop(place);
        waiting::measure(effort, (counts.waiting, counts.decided), table).await
    })
}

/// Every filter of every list that grows. A text that is nowhere makes a page look at as much as it may.
const FILTERS: [&str; 30] = [
    "/v1/calls",
    "/v1/calls?first=oldest",
    "/v1/calls?agent=agent-7",
    "/v1/calls?tool=bench.t3",
    "/v1/calls?tool=bench.t3&agent=agent-7",
    "/v1/calls?state=failed",
    "/v1/calls?state=succeeded&first=oldest",
    "/v1/calls?verdict=deny",
    "/v1/calls?verdict=hold",
    "/v1/calls?outcome=failed",
    "/v1/calls?outcome=in_doubt",
    "/v1/calls?text=account-4711",
    "/v1/calls?text=nowhere-at-all",
    "/v1/calls?text=NOWHERE-ÄT-ALL",
    "/v1/calls?since_ms={middle}",
    "/v1/calls?until_ms={middle}&text=nowhere-at-all",
    "/v1/runs",
    "/v1/runs?agent=agent-7",
    "/v1/runs?human=nobody",
    "/v1/runs?state=open",
    "/v1/runs?text=nowhere-at-all",
    "/v1/runs?since_ms={middle}&first=oldest",
    "/v1/approvals?state=pending",
    "/v1/approvals?state=decided&first=newest",
    "/v1/approvals?agent=agent-7",
    "/v1/approvals?group=nobody",
    "/v1/approvals?text=nowhere-at-all",
    "/v1/journal/entries?text=nowhere-at-all",
    "/v1/journal/entries?kind=call_held&first=newest",
    "/v1/attention",
];

/// The 95th percentile of a filter in microseconds: the first page, and pages that follow on it.
async fn asked(place: &Place, filter: &str, asks: usize) -> Outcome<f64> {
    let path = filter.replace("{middle}", &store::MIDDLE_MS.to_string());
    let (mut times, mut after) = (Vec::new(), String::new());
    for _ in 0..asks {
        let begun = Instant::now();
        let page: Value = place.get(&format!("{path}{after}")).await?;
        times.push(begun.elapsed());
        after = match page.get("next").and_then(Value::as_str) {
            Some(next) => {
                let sign = if path.contains('?') { '&' } else { '?' };
                format!("{sign}after={next}")
            }
            None => String::new(),
        };
    }
    Ok(percentile_us(&mut times, 95))
}

/// A number of milliseconds.
fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * as_f64(1_000)
}
