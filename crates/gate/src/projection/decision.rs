//! Rows of what people decide: approvals, duties, and the undo of acts.
//!
//! States only; whether a decision was allowed is checked by guards before its entry is written.

use domain::{ApprovalId, ApprovalState, CallId, Entry, Event, Name, Replaced, UndoState};

use super::{Row, Table, set, state_row, with};

pub(super) fn state(approval: ApprovalId, state: ApprovalState) -> Row {
    state_row(Table::Approvals, &approval.to_string(), state.word())
}

pub(super) fn made(entry: &Entry, approval: ApprovalId, (to, by): (ApprovalState, &Name)) -> Row {
    let row = with(state(approval, to), "decided_by", by.as_str());
    let row = with(row, "decided_ms", entry.at.millis());
    if let Event::ApprovalApproved { reason, execute_by, .. } = &entry.event {
        return with(with(row, "reason", reason.clone()), "execute_by_ms", execute_by.millis());
    }
    if let Event::ApprovalRejected { reason, .. } = &entry.event {
        return with(row, "reason", reason.as_str());
    }
    row
}

pub(super) fn closed(approval: ApprovalId, superseded: Replaced) -> Row {
    match superseded {
        Replaced::Withdrawn => state(approval, ApprovalState::Withdrawn),
        Replaced::Superseded => state(approval, ApprovalState::Superseded),
    }
}

pub(super) fn duty_done(duty: &str, by: &Name, note: Option<String>) -> Row {
    let row = set(Table::Duties, duty, vec![("state", "done".into())]);
    with(with(row, "done_by", by.as_str()), "note", note)
}

pub(super) fn undo(call: CallId, state: UndoState) -> Row {
    set(Table::Calls, &call.to_string(), vec![("undo", state.word().into())])
}
