//! Rows of runs and budgets.
//!
//! Amounts are only ever added to, so that the order of commits does not matter for a sum.

use domain::{Entry, Event, Outcome};

use super::{
    Amounts, BudgetScope, Cell, Column, Dimension, OnExceeded, Reservation, Row, Run, RunState,
    Table, budget_columns, set, with,
};

pub(super) fn moved(entry: &Entry) -> Vec<Row> {
    if let Event::RunPaused { reason } = &entry.event {
        return vec![run_state(entry, RunState::Paused, reason)];
    }
    let Event::RunResumed { reason, .. } = &entry.event else { return Vec::new() };
    vec![run_state(entry, RunState::Open, reason)]
}

fn run_state(entry: &Entry, state: RunState, reason: &str) -> Row {
    let run = entry.run.map(|run| run.to_string()).unwrap_or_default();
    with(set(Table::Runs, &run, vec![("state", state.word().into())]), "reason", reason)
}

pub(super) fn ended(entry: &Entry, outcome: &Outcome) -> Row {
    let row = run_state(entry, RunState::Ended, &outcome.reason);
    with(with(row, "outcome", outcome.status.word()), "metric", outcome.metric.clone())
}

pub(super) fn raised(scope: &BudgetScope, by: Amounts) -> Row {
    amounts(scope, Part::Raised, signed(by, 1))
}

/// A lease is reserved like a call's reservation, and counted apart so that it can be returned after a
/// crash.
pub(super) fn leased(reservation: &Reservation, sign: i64) -> Vec<Row> {
    let change = signed(reservation.amounts, sign);
    let both = |scope: &BudgetScope| {
        [amounts(scope, Part::Reserved, change), amounts(scope, Part::Leased, change)]
    };
    reservation.scopes.iter().flat_map(both).collect()
}

pub(super) fn opened(run: &Run) -> Row {
    let cells = vec![
        ("tenant", run.chain.tenant.as_str().into()),
        ("workflow", run.workflow.as_str().into()),
        ("space", run.space.as_str().into()),
        ("grant_id", run.grant.to_string().into()),
        ("agent", run.chain.agent.to_string().into()),
        ("agent_name", run.chain.agent.name.as_str().into()),
        ("human", run.chain.human.0.as_str().into()),
        ("purpose", run.purpose.as_str().into()),
        ("ambient", Cell::Integer(i64::from(run.ambient))),
        ("state", run.state.word().into()),
        ("opened_ms", run.opened.millis().into()),
        ("last_ms", run.opened.millis().into()),
    ];
    set(Table::Runs, &run.id.to_string(), cells)
}

pub(super) fn budget(
    scope: &BudgetScope,
    limit: Amounts<Option<u64>>,
    on_exceeded: OnExceeded,
) -> Row {
    let mut cells: Vec<(Column, Cell)> = Dimension::ALL
        .iter()
        .map(|dimension| (budget_columns(*dimension)[0], limit.of(*dimension).into()))
        .collect();
    cells.push(("on_exceeded", on_exceeded.word().into()));
    match scope {
        BudgetScope::Run(run) => cells.push(("run", run.to_string().into())),
        BudgetScope::GrantDay(grant, _) => cells.push(("grant_id", grant.to_string().into())),
    }
    set(Table::Budgets, &scope.to_string(), cells)
}

/// A part of a budget that is added to.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Raised,
    Reserved,
    Spent,
    Leased,
}

pub(super) fn amounts(scope: &BudgetScope, part: Part, change: Amounts<i64>) -> Row {
    let column = |dimension: Dimension| {
        let [_, raised, reserved, spent, leased] = budget_columns(dimension);
        match part {
            Part::Raised => raised,
            Part::Reserved => reserved,
            Part::Spent => spent,
            Part::Leased => leased,
        }
    };
    let add = Dimension::ALL
        .iter()
        .map(|each| (column(*each), change.of(*each)))
        .filter(|(_, by)| *by != 0);
    Row { table: Table::Budgets, key: scope.to_string(), set: Vec::new(), add: add.collect() }
}

pub(super) fn signed(amounts: Amounts, sign: i64) -> Amounts<i64> {
    Amounts::<u64>::each(|dimension| {
        i64::try_from(amounts.of(dimension)).unwrap_or(i64::MAX).saturating_mul(sign)
    })
}
