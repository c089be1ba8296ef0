//! A whole durable call with an instant tool, against the same rows through the same writer without the gate.
//!
//! ```text
//! gate    callers -> Gate::handle -> Sqlite                        (recorded once: every commit as it was)
//! replay  callers -> the recorded commits of the same calls -> Sqlite, on a fresh store
//! log     callers -> the same bytes -> one file, group commit by fdatasync
//! ```
//! The three take turns on fresh stores; ratios are taken within a round, and the median round is told. A
//! replayed commit is encrypted, chained, guarded and projected like any other: only what the gate does is
//! missing.

mod raw_log;
mod recording;
mod rounds;

use crate::statistics::{as_f64, median};
use crate::table::{Table, Target};
use crate::{Effort, Outcome};
use rounds::{Load, Side};

/// Callers, calls of each, and rounds.
const LOADS: [Load; 3] = [
    Load { callers: 1, calls: 1_500, rounds: 7 },
    Load { callers: 16, calls: 250, rounds: 7 },
    Load { callers: 256, calls: 40, rounds: 5 },
];

/// Measures.
pub(crate) fn measure(effort: Effort, table: &mut Table) -> Outcome<()> {
    for load in LOADS {
        let load = match effort {
            Effort::Full => load,
            Effort::Quick => Load { calls: 3, rounds: 1, ..load },
        };
        tell(load, &rounds::run(load)?, table);
    }
    Ok(())
}

/// One round: what each side did.
pub(crate) struct Round {
    gate: Side,
    replay: Side,
    log: Side,
}

fn tell(load: Load, rounds: &[Round], table: &mut Table) {
    let of =
        |value: &dyn Fn(&Round) -> f64| median(&mut rounds.iter().map(value).collect::<Vec<_>>());
    let callers = match load.callers {
        1 => "1 caller".to_owned(),
        many => format!("{many} callers"),
    };
    let name = |what: &str| format!("durable call, {callers}: {what}");
    if load.callers == 1 {
        let ratio = of(&|round| round.gate.p50_us / round.replay.p50_us);
        table.hold(name("p50 over the replayed rows"), (ratio, ""), Target::AtMost(1.5));
        table.tell(name("p50"), (of(&|round| round.gate.p50_us), "µs"));
        table.tell(name("p50 of the replayed rows"), (of(&|round| round.replay.p50_us), "µs"));
    } else {
        let ratio = of(&|round| round.gate.calls_per_s / round.replay.calls_per_s);
        table.hold(name("calls/s over the replayed rows"), (ratio, ""), Target::AtLeast(0.5));
    }
    let ratio = of(&|round| round.gate.calls_per_s / round.log.calls_per_s);
    table.tell(name("calls/s over a bare group-committed log"), (ratio, ""));
    table.tell(name("calls/s"), (of(&|round| round.gate.calls_per_s), "/s"));
    table.tell(name("calls/s of the replayed rows"), (of(&|round| round.replay.calls_per_s), "/s"));
    table.tell(name("p99"), (of(&|round| round.gate.p99_us), "µs"));
    let calls = as_f64(load.callers * load.calls);
    table.tell(name("syncs per call"), (of(&|round| round.gate.syncs / calls), ""));
    table.tell(name("processor time per call"), (of(&|round| round.gate.cpu_us / calls), "µs"));
    let replayed = of(&|round| round.replay.cpu_us / calls);
    table.tell(name("processor time per call of the replayed rows"), (replayed, "µs"));
}
