//! Rows of what people decide: approvals, duties, and the undo of acts.
//!
//! States only; whether a decision was allowed is checked by guards before its entry is written.

use domain::{
    ApprovalId, ApprovalState, CallId, Entry, Event, Name, Replaced, ReviewVerdict, UndoState, Vote,
};

use super::{Cell, EVIDENCE, QUESTION, Row, Table, set, state_row, with};

/// The rows of an entry about what people decide; none for another one.
pub(super) fn rows(entry: &Entry) -> Vec<Row> {
    let event = &entry.event;
    if let Event::ApprovalVoted { approval, vote } = event {
        return voted(entry, *approval, vote);
    }
    if let Event::ApprovalQuestioned { approval, by, question, .. } = event {
        return questioned(entry, *approval, (by, question));
    }
    if let Event::EvidenceGiven { evidence: texts } = event {
        return evidence(entry, texts);
    }
    one(entry).or_else(|| duty_done(event)).into_iter().collect()
}

fn one(entry: &Entry) -> Option<Row> {
    let event = &entry.event;
    if let Event::ApprovalApproved { approval, by, .. } = event {
        return Some(made(entry, *approval, (ApprovalState::Approved, by)));
    }
    if let Event::ApprovalRejected { approval, by, .. } = event {
        return Some(made(entry, *approval, (ApprovalState::Rejected, by)));
    }
    if let Event::ApprovalEscalated { approval, .. } = event {
        return Some(escalated(entry, *approval));
    }
    if let Event::ApprovalExpired { approval } = event {
        return Some(state(*approval, ApprovalState::Expired));
    }
    if let Event::ApprovalClosed { approval, superseded } = event {
        return Some(closed(*approval, *superseded));
    }
    if let Event::DutyOverdue { duty } = event {
        return Some(duty_overdue(entry, duty));
    }
    if let Event::IncidentOpened { duty, by, reason } = event {
        return Some(incident(entry, duty, (by, reason)));
    }
    if let Event::IncidentClosed { duty, by, reason } = event {
        let row = state_row(Table::Incidents, duty, "closed");
        let row = with(with(row, "closed_by", by.as_str()), "closed_reason", reason.as_str());
        return Some(with(row, "closed_ms", entry.at.millis()));
    }
    if let Event::UndoMoved { of, to, .. } = event {
        return Some(undo(*of, *to));
    }
    if let Event::OriginalsErased { of } = event {
        return Some(undo(*of, UndoState::Expired));
    }
    None
}

/// No state but the first one waits for an escalation.
pub(super) fn state(approval: ApprovalId, state: ApprovalState) -> Row {
    let row = state_row(Table::Approvals, &approval.to_string(), state.word());
    with(row, "escalation", Cell::Null)
}

fn made(entry: &Entry, approval: ApprovalId, (to, by): (ApprovalState, &Name)) -> Row {
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

fn closed(approval: ApprovalId, superseded: Replaced) -> Row {
    match superseded {
        Replaced::Withdrawn => state(approval, ApprovalState::Withdrawn),
        Replaced::Superseded => state(approval, ApprovalState::Superseded),
    }
}

/// The key of a person's vote.
pub(crate) fn vote_key(approval: ApprovalId, by: &Name) -> String {
    format!("{approval}/{by}")
}

fn voted(entry: &Entry, approval: ApprovalId, vote: &Vote) -> Vec<Row> {
    let cells = vec![
        ("approval", approval.to_string().into()),
        ("tenant", tenant(entry)),
        ("voter", vote.by.as_str().into()),
        ("at_ms", vote.at.millis().into()),
        ("reason", vote.reason.clone().into()),
        ("assurance", vote.assurance.word().into()),
        ("surface", vote.surface.word().into()),
        ("shown", vote.shown.map(|shown| shown.digest.to_string()).into()),
        ("shown_chars", vote.shown.map(|shown| shown.chars).into()),
    ];
    let mut counted = set(Table::Approvals, &approval.to_string(), Vec::new());
    counted.add.push(("votes", 1));
    vec![set(Table::Votes, &vote_key(approval, &vote.by), cells), counted]
}

fn escalated(entry: &Entry, approval: ApprovalId) -> Row {
    let cells = vec![("escalation", Cell::Null), ("escalated_ms", entry.at.millis().into())];
    set(Table::Approvals, &approval.to_string(), cells)
}

fn questioned(entry: &Entry, approval: ApprovalId, (by, question): (&Name, &str)) -> Vec<Row> {
    let row = remark(entry, (QUESTION, 0), question);
    let row = with(with(row, "approval", approval.to_string()), "said_by", by.as_str());
    let mut counted = set(Table::Approvals, &approval.to_string(), Vec::new());
    counted.add.push(("questions", 1));
    vec![row, counted]
}

fn evidence(entry: &Entry, evidence: &[String]) -> Vec<Row> {
    let each = evidence.iter().enumerate();
    each.map(|(place, text)| remark(entry, (EVIDENCE, place), text)).collect()
}

fn remark(entry: &Entry, (kind, place): (&str, usize), text: &str) -> Row {
    let call = entry.call.map(|call| call.to_string()).unwrap_or_default();
    let at = entry.at.millis();
    let cells = vec![
        ("call", call.as_str().into()),
        ("tenant", tenant(entry)),
        ("kind", kind.into()),
        ("text", text.into()),
        ("at_ms", at.into()),
    ];
    set(Table::Remarks, &format!("{call}/{kind}/{at}/{place}"), cells)
}

fn tenant(entry: &Entry) -> Cell {
    entry.tenant.as_ref().map(|tenant| tenant.as_str().to_owned()).into()
}

fn duty_done(event: &Event) -> Option<Row> {
    let Event::DutyDone { duty, by, note, verdict } = event else { return None };
    let row = set(Table::Duties, duty, vec![("state", "done".into())]);
    let row = with(with(row, "done_by", by.as_str()), "note", note.clone());
    Some(with(with(row, "verdict", verdict.map(ReviewVerdict::word)), "review", Cell::Null))
}

fn duty_overdue(entry: &Entry, duty: &str) -> Row {
    let cells = vec![("review", Cell::Null), ("overdue_ms", entry.at.millis().into())];
    set(Table::Duties, duty, cells)
}

fn incident(entry: &Entry, duty: &str, (by, reason): (&Name, &str)) -> Row {
    let cells = vec![
        ("call", entry.call.map(|call| call.to_string()).into()),
        ("run", entry.run.map(|run| run.to_string()).into()),
        ("tenant", tenant(entry)),
        ("reason", reason.into()),
        ("opened_by", by.as_str().into()),
        ("at_ms", entry.at.millis().into()),
        ("state", "open".into()),
    ];
    set(Table::Incidents, duty, cells)
}

pub(super) fn undo(call: CallId, state: UndoState) -> Row {
    set(Table::Calls, &call.to_string(), vec![("undo", state.word().into())])
}
