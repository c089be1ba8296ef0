//! Rows of checks that contracts name, and of procedures.
//!
//! A check's row holds its last answer: of several tries the last one counts. A procedure's row says where its resource
//! stands, and which call moves it; the guards of that call's commit look here.

use domain::{CallId, CheckKind, Entry, Event, Name, StepMove};

use super::{Row, Table, set};

/// The key of a check of a call.
pub(crate) fn check_key(of: CallId, kind: CheckKind, name: &str) -> String {
    format!("{of}/{kind}/{name}")
}

/// The key of a resource in a procedure.
pub(crate) fn step_key(
    tenant: &Name,
    (space, procedure): (&Name, &Name),
    resource: &str,
) -> String {
    format!("{tenant}/{space}/{procedure}/{resource}")
}

/// The rows of an entry about checks and procedures; none for another one.
pub(super) fn rows(entry: &Entry) -> Vec<Row> {
    if let Event::StepMoved { moved } = &entry.event {
        return entry.tenant.iter().map(|tenant| step(entry, tenant, moved)).collect();
    }
    let Event::CheckMade { of, kind, name, verdict, found } = &entry.event else {
        return Vec::new();
    };
    let cells = vec![
        ("call", of.to_string().into()),
        ("tenant", entry.tenant.as_ref().map(|tenant| tenant.as_str().to_owned()).into()),
        ("run", entry.run.map(|run| run.to_string()).into()),
        ("kind", kind.word().into()),
        ("name", name.as_str().into()),
        ("verdict", verdict.word().into()),
        ("found", found.as_str().into()),
        ("made_by", entry.call.map(|call| call.to_string()).into()),
        ("at_ms", entry.at.millis().into()),
    ];
    vec![set(Table::Checks, &check_key(*of, *kind, name), cells)]
}

fn step(entry: &Entry, tenant: &Name, moved: &StepMove) -> Row {
    let word = |name: &Option<Name>| name.as_ref().map(|name| name.as_str().to_owned());
    let cells = vec![
        ("tenant", tenant.as_str().into()),
        ("space", moved.space.as_str().into()),
        ("procedure", moved.procedure.as_str().into()),
        ("resource", moved.resource.as_str().into()),
        ("state", word(&moved.state).into()),
        ("taking", word(&moved.taking).into()),
        ("failed", word(&moved.failed).into()),
        ("moved_by", moved.by.to_string().into()),
        ("at_ms", entry.at.millis().into()),
        ("until_ms", moved.until.millis().into()),
    ];
    let key = step_key(tenant, (&moved.space, &moved.procedure), &moved.resource);
    set(Table::Procedures, &key, cells)
}
