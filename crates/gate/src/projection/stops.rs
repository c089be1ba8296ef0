//! Rows of what a stop leaves behind beside its order: receipts, rollbacks, rehearsals.
//!
//! Lines of a receipt are kept as text, one each: they are read as a whole, and nothing searches in them.

use domain::{CallId, Entry, Event, LeverReceipt};

use super::{ORDERED, Row, Table, set, with};

pub(super) fn rows(entry: &Entry) -> Vec<Row> {
    let at = entry.at.millis();
    if let Event::StopReceipted { stop, levers, calls } = &entry.event {
        let cells = vec![("levers", lines(levers).into()), ("calls", lines(calls).into())];
        return vec![with(set(Table::Receipts, &stop.to_string(), cells), "at_ms", at)];
    }
    if let Event::RollbackOrdered { stop, tenant, by, acts } = &entry.event {
        let acts: Vec<String> = acts.iter().map(CallId::to_string).collect();
        let cells = vec![
            ("tenant", tenant.as_str().into()),
            ("ordered_by", by.as_str().into()),
            ("acts", acts.join(" ").into()),
            ("state", ORDERED.into()),
            ("at_ms", at.into()),
        ];
        return vec![set(Table::Rollbacks, &stop.to_string(), cells)];
    }
    if let Event::RollbackEnded { stop, acts } = &entry.event {
        let cells = vec![("state", "ended".into()), ("ended", lines(acts).into())];
        return vec![set(Table::Rollbacks, &stop.to_string(), cells)];
    }
    let Event::StopDrilled { by, scope, levers } = &entry.event else { return Vec::new() };
    vec![drilled((by.as_str(), &scope.to_string()), levers, at)]
}

fn drilled((by, scope): (&str, &str), levers: &[LeverReceipt], at: u64) -> Row {
    let cells = vec![("drilled_by", by.into()), ("levers", lines(levers).into())];
    with(set(Table::Drills, scope, cells), "at_ms", at)
}

fn lines<T: std::fmt::Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
