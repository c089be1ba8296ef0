//! Rows of attempts, doubts and dead letters.
//!
//! A call's row says how many attempts it has had and, between two, what all of them did; a dead letter is a record of its
//! own by the call's id.

use domain::{CallLink, DeadLetterState, Entry, Event, Executed};

use super::{Column, FREE, Row, Table, set, state_row, with};

/// The rows of an entry about attempts; none for another one.
pub(super) fn rows(entry: &Entry) -> Vec<Row> {
    let Some(call) = entry.call.map(|call| call.to_string()) else { return Vec::new() };
    if let Event::AttemptFailed { attempt, executed, .. } = &entry.event {
        return vec![with(attempts(entry, &call, *attempt), "so_far", executed.word())];
    }
    if let Event::AttemptAdmitted { attempt, .. } = &entry.event {
        return vec![with(attempts(entry, &call, *attempt), "so_far", super::Cell::Null)];
    }
    if let Event::CallProbed { probe, found, .. } = &entry.event {
        let row = set(Table::Calls, &call, vec![("probed_by", probe.to_string().into())]);
        return vec![with(with(row, "probe_found", found.word()), "probed_ms", entry.at.millis())];
    }
    if let Event::CallLinked { other, link } = &entry.event {
        return vec![set(Table::Calls, &call, vec![(column(*link), other.to_string().into())])];
    }
    if let Event::DeadLettered { .. } = &entry.event {
        return vec![lettered(entry, &call)];
    }
    moved(entry, &call)
}

fn attempts(entry: &Entry, call: &str, attempt: u64) -> Row {
    let updated = entry.at.millis().into();
    set(Table::Calls, call, vec![("attempts", attempt.into()), ("updated_ms", updated)])
}

/// What a call is called in the row of the other one of a pair.
const fn column(link: CallLink) -> Column {
    match link {
        CallLink::RedrivenAs | CallLink::FailedOverTo => "followed_by",
        CallLink::Redrives | CallLink::FailsOver => "follows",
    }
}

fn lettered(entry: &Entry, call: &str) -> Row {
    let Event::DeadLettered { why, attempts, agent, tool, resource } = &entry.event else {
        return set(Table::DeadLetters, call, Vec::new());
    };
    let cells = vec![
        ("call", call.into()),
        ("run", entry.run.map(|run| run.to_string()).into()),
        ("tenant", entry.tenant.as_ref().map(|tenant| tenant.as_str().to_owned()).into()),
        ("agent", agent.as_str().into()),
        ("tool", tool.as_str().into()),
        ("resource", resource.as_str().into()),
        ("why", why.word().into()),
        ("attempts", (*attempts).into()),
        ("at_ms", entry.at.millis().into()),
        ("state", DeadLetterState::Open.word().into()),
    ];
    set(Table::DeadLetters, call, cells)
}

fn moved(entry: &Entry, call: &str) -> Vec<Row> {
    let Event::DeadLetterMoved { to, by, reason, redriven_as, ledger } = &entry.event else {
        return Vec::new();
    };
    let row = state_row(Table::DeadLetters, call, to.word());
    let row = with(with(row, "settled_by", by.as_str()), "reason", reason.as_str());
    let row = with(row, "settled_ms", entry.at.millis());
    let row = with(row, "redriven_as", redriven_as.map(|other| other.to_string()));
    let followed = redriven_as
        .map(|other| set(Table::Calls, call, vec![("followed_by", other.to_string().into())]));
    let freed = ledger.map(|key| state_row(Table::Ledger, &key.to_string(), FREE));
    std::iter::once(row).chain(followed).chain(freed).collect()
}

/// Whether an attempt that failed leaves it certain that nothing happened, by the column `so_far`.
pub(crate) fn nothing_happened(between: &str) -> bool {
    Executed::from_word(between) == Some(Executed::No)
}
