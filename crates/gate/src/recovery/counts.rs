//! What is counted per grant, counted again after a restart: a new process resets no limit.
//!
//! In: runs and calls of each grant. Out: `GrantCounts` in the directory, and open ambient runs in memory, so
//! that the idle ones of earlier processes end too. Counted after open calls were looked at, because that
//! settles calls and budgets. Rates per minute begin anew.

use domain::{CallState, Code, GrantId, RunId, RunState, limits};

use super::all;
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::state::directory::RUNS_KEPT;
use crate::state::lock;
use crate::table::Table;

/// Calls of a grant that are read for its failures in a row: more in a row count as this many.
const FAILURES_READ: usize = limits::ROWS_READ_IN_PLACE_MAX;

/// Runs of a grant that have not ended.
#[derive(Debug, Default)]
struct OpenRuns {
    count: u32,
    /// The newest ambient run, by when it was opened.
    ambient: Option<(u64, RunId)>,
}

/// Counts again for every grant.
pub(super) async fn recount<J: Journal, W: World>(gate: &Gate<J, W>) -> Result<(), Refusal> {
    let now = gate.world.now();
    let mut ambient = Vec::new();
    for live in gate.directory.grants() {
        let runs = open_runs(gate, live.grant.id, &mut ambient).await?;
        // Nobody fails by a grant that no longer holds.
        let failures =
            if live.grant.holds(now) { failures_in_row(gate, live.grant.id).await? } else { 0 };
        let mut counts = lock(&live.counts);
        counts.open_runs = runs.count;
        counts.ambient = runs.ambient.map(|(_, run)| run);
        counts.failures_in_row = failures;
    }
    for run in ambient.into_iter().take(RUNS_KEPT) {
        gate.known_run(run).await?;
    }
    Ok(())
}

/// Also notes the open ambient runs.
async fn open_runs<J: Journal, W: World>(
    gate: &Gate<J, W>,
    grant: GrantId,
    ambient: &mut Vec<RunId>,
) -> Result<OpenRuns, Refusal> {
    let mut found = OpenRuns::default();
    for state in [RunState::Open, RunState::Paused] {
        let query = Query::all(Table::Runs).with("grant_id", grant.to_string());
        for record in all(gate, query.with("state", state.word())).await? {
            found.count = found.count.saturating_add(1);
            let Ok(run) = record.key.parse::<RunId>() else { continue };
            if record.integer("ambient") == Some(1) {
                found.ambient = found.ambient.max(Some((record.count("opened_ms"), run)));
                ambient.extend((state == RunState::Open).then_some(run));
            }
        }
    }
    Ok(found)
}

async fn failures_in_row<J: Journal, W: World>(
    gate: &Gate<J, W>,
    grant: GrantId,
) -> Result<u64, Refusal> {
    let query = Query::all(Table::Calls).with("grant_id", grant.to_string());
    let latest = gate.journal.select(query.latest("updated_ms", FAILURES_READ)).await?;
    Ok(leading_failures(&latest))
}

/// Failures before the first success, latest first. What never reached a tool is neither.
fn leading_failures(latest: &[Record]) -> u64 {
    let failures = latest.iter().filter_map(failed).take_while(|failed| *failed).count();
    u64::try_from(failures).unwrap_or(u64::MAX)
}

fn failed(record: &Record) -> Option<bool> {
    if record.text("code") == Code::InputRequired.shown() {
        return None;
    }
    match CallState::from_word(record.text("state"))? {
        CallState::Failed | CallState::Partial | CallState::InDoubt => Some(true),
        CallState::Succeeded => Some(false),
        CallState::Received
        | CallState::Denied
        | CallState::Held
        | CallState::Queued
        | CallState::Admitted
        | CallState::Dispatched
        | CallState::Superseded
        | CallState::Cancelled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Cell;

    fn call(state: CallState) -> Record {
        let cell = |name| if name == "state" { Cell::from(state.word()) } else { Cell::Null };
        let cells = Table::Calls.columns().iter().map(|(name, _)| cell(*name)).collect();
        Record::new(Table::Calls, "call".to_owned(), cells)
    }

    #[test]
    fn failures_count_up_to_the_latest_success_and_refusals_are_neither() {
        use CallState::{Denied, Failed, Held, InDoubt, Partial, Succeeded};
        let check = |states: &[CallState], expect: u64| {
            let latest: Vec<Record> = states.iter().copied().map(call).collect();
            assert_eq!(leading_failures(&latest), expect, "{states:?}");
        };
        check(&[], 0);
        check(&[Succeeded, Failed, Failed], 0);
        check(&[Failed, Partial, InDoubt, Succeeded, Failed], 3);
        check(&[Denied, Failed, Held, Failed, Denied, Succeeded, Failed], 2);
        check(&[Denied, Held], 0);
    }
}
