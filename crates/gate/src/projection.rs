//! From entries to rows: the one function that says how an event changes the projections.
//!
//! Every `Journal` applies `rows(entry)` in the transaction that writes the entry, and rebuilding is the
//! same function over all entries again. A row depends on its entry alone, never on what stands in the
//! store: amounts are added, states are set. Legal orders are the business of guards and life cycles.

use domain::{
    Amounts, Budget, BudgetScope, Dimension, Entry, Event, OnExceeded, Reservation, Run, RunState,
};

use crate::commit::{Record, Row};
use crate::table::{Cell, Column, Table, budget_columns};

mod call;
mod decision;
mod installation;
mod outlets;
mod people;
mod pins;
mod stops;
mod work;

use call::Of;
pub(crate) use decision::vote_key;
pub(crate) use outlets::{callback_key, message_key, told_key};
pub(crate) use people::person_key;
pub use pins::pin_of;

/// The key of the one record of `Table::Fences`.
pub const FENCE: &str = "fence";
/// An escalation that time has not come to, or a review that may still be made in time.
pub const WAITING: &str = "waiting";
/// A remark by which a person asks the agent.
pub const QUESTION: &str = "question";
/// A remark by which the agent gives a reference.
pub const EVIDENCE: &str = "evidence";
/// The state of a rollback that is not at its end.
pub const ORDERED: &str = "ordered";
/// The state of a ledger record whose key may be used again.
pub const FREE: &str = "free";
/// The state of a ledger record whose key is taken.
pub const TAKEN: &str = "taken";

/// The rows that an entry changes, in order: one for each record.
pub fn rows(entry: &Entry) -> Vec<Row> {
    let mut merged: Vec<Row> = Vec::new();
    for row in changes(entry) {
        let known =
            merged.iter_mut().find(|known| known.table == row.table && known.key == row.key);
        match known {
            Some(known) => merge(known, row),
            None => merged.push(row),
        }
    }
    merged
}

/// What is set last stays, what is added is summed up: as if one row were written after the other.
fn merge(row: &mut Row, later: Row) {
    for (column, cell) in later.set {
        match row.set.iter_mut().find(|(known, _)| *known == column) {
            Some((_, known)) => *known = cell,
            None => row.set.push((column, cell)),
        }
    }
    for (column, by) in later.add {
        match row.add.iter_mut().find(|(known, _)| *known == column) {
            Some((_, sum)) => *sum = sum.saturating_add(by),
            None => row.add.push((column, by)),
        }
    }
}

/// What happens to records, step by step.
fn changes(entry: &Entry) -> Vec<Row> {
    let of = Of { entry, call: entry.call.map(|call| call.to_string()).unwrap_or_default() };
    match &entry.event {
        Event::WriterOpened { writer, program } => installation::opened(entry, *writer, program),
        Event::WriterSealed { writer, .. } => vec![installation::sealed(*writer)],
        Event::PolicyLoaded { .. }
        | Event::ContractsLoaded { .. }
        | Event::ConfigurationLoaded { .. } => installation::loaded(entry),
        Event::ModeSet { .. } => installation::mode(entry),
        Event::ToolPinned { .. }
        | Event::ToolDrifted { .. }
        | Event::ToolRefused { .. }
        | Event::ToolClassified { .. } => pins::rows(entry),
        Event::GrantGiven { grant, by } => vec![installation::given(entry, grant, by)],
        Event::GrantRevoked { grant, .. } => vec![installation::revoked(*grant)],
        Event::KeyMade { key, holder, .. } => vec![installation::key_made(entry, *key, holder)],
        Event::KeyRevoked { key, .. } => vec![state_row(Table::Keys, &key.to_string(), "revoked")],
        domain::of_people!() => people::rows(entry),
        domain::of_outlets!() | Event::CallbackAsked { .. } => {
            outlets::rows(entry).into_iter().collect()
        }
        Event::StopOrdered { stop, .. } => installation::ordered(stop),
        Event::StopLifted { stop, by, reason } => vec![installation::lifted(*stop, by, reason)],
        domain::of_stops!() => stops::rows(entry),
        Event::RunOpened { run, limit, on_exceeded } => {
            vec![work::opened(run), work::budget(&BudgetScope::Run(run.id), *limit, *on_exceeded)]
        }
        Event::RunPaused { .. } | Event::RunResumed { .. } => work::moved(entry),
        Event::RunEnded { outcome } => vec![work::ended(entry, outcome)],
        Event::BudgetOpened { scope, limit, on_exceeded } => {
            vec![work::budget(scope, *limit, *on_exceeded)]
        }
        Event::BudgetRaised { scope, by_amounts, .. } => vec![work::raised(scope, *by_amounts)],
        Event::SliceLeased { reservation } => work::leased(reservation, 1),
        Event::SliceReturned { reservation } => work::leased(reservation, -1),
        Event::PreviewAdmitted { .. }
        | Event::PreviewSettled { .. }
        | Event::AnswerGiven { .. }
        | Event::RunExported { .. } => Vec::new(),
        Event::CallDenied { .. }
        | Event::CallHeld { .. }
        | Event::CallAdmitted { .. }
        | Event::ReadSettled { .. }
        | Event::CallSettled { .. }
        | Event::CallLost { .. }
        | Event::CallResolved { .. }
        | Event::CallCancelled { .. }
        | Event::HeldCallDenied { .. }
        | Event::CallSuperseded { .. } => of.rows(),
        Event::ApprovalVoted { .. }
        | Event::ApprovalEscalated { .. }
        | Event::ApprovalQuestioned { .. }
        | Event::EvidenceGiven { .. }
        | Event::ApprovalApproved { .. }
        | Event::ApprovalRejected { .. }
        | Event::ApprovalExpired { .. }
        | Event::ApprovalClosed { .. }
        | Event::DutyDone { .. }
        | Event::DutyOverdue { .. }
        | Event::IncidentOpened { .. }
        | Event::IncidentClosed { .. }
        | Event::UndoMoved { .. }
        | Event::OriginalsErased { .. } => decision::rows(entry),
    }
}

fn set(table: Table, key: &str, cells: Vec<(Column, Cell)>) -> Row {
    Row { table, key: key.to_owned(), set: cells, add: Vec::new() }
}

fn state_row(table: Table, key: &str, state: &str) -> Row {
    set(table, key, vec![("state", state.into())])
}

fn with(mut row: Row, column: Column, cell: impl Into<Cell>) -> Row {
    row.set.push((column, cell.into()));
    row
}

/// Reads a budget back from its record.
pub fn budget_of(scope: BudgetScope, record: &Record) -> Budget {
    let sum = |place: usize| {
        Amounts::<u64>::each(|dimension| {
            budget_columns(dimension).get(place).map_or(0, |column| record.count(column))
        })
    };
    let raised = sum(1);
    let limit = Amounts::<u64>::each(|dimension| {
        let [column, ..] = budget_columns(dimension);
        let limit = record.integer(column).and_then(|limit| u64::try_from(limit).ok());
        limit.map(|limit| limit.saturating_add(raised.of(dimension)))
    });
    // Anything unreadable counts as the strictest.
    let on_exceeded = OnExceeded::from_word(record.text("on_exceeded")).unwrap_or(OnExceeded::Stop);
    Budget { scope, limit, reserved: sum(2), spent: sum(3), on_exceeded }
}
