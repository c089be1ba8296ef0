//! Rows of outlets: how far each has told, where its messages stand, and which messages from outside were taken.
//!
//! In: an entry of an outlet. Out: one row. No column holds a secret or the contents of a message.

use domain::{CallId, Digest, Entry, Event, Name};

use super::{Cell, Row, Table, set, with};

/// The key of what an outlet keeps of something it told.
pub(crate) fn told_key(outlet: &Name, about: &str) -> String {
    format!("{outlet}/{about}")
}

/// The key of a message from outside.
pub(crate) fn message_key(outlet: &Name, message: Digest) -> String {
    format!("{outlet}/{message}")
}

/// The key of a wish to be told.
pub(crate) fn callback_key(call: CallId, outlet: &Name) -> String {
    format!("{call}/{outlet}")
}

/// The rows of an entry of an outlet; none for another one.
pub(super) fn rows(entry: &Entry) -> Vec<Row> {
    if let Event::OutletMoved { outlet, position } = &entry.event {
        let row = with(at(entry, outlet), "position", *position);
        return vec![with(row, "part", Cell::Null)];
    }
    if let Event::OutletTold { outlet, position, part, .. } = &entry.event {
        let row = with(at(entry, outlet), "position", *position);
        let mut row = with(with(row, "part", *part), "told_ms", entry.at.millis());
        row.add.push(("told", 1));
        return vec![row];
    }
    if let Event::OutletGaveUp { outlet, position, part, reason, .. } = &entry.event {
        let row = with(at(entry, outlet), "position", *position);
        let row = with(with(row, "part", *part), "gave_up_ms", entry.at.millis());
        let mut row = with(row, "reason", reason.as_str());
        row.add.push(("gave_up", 1));
        return vec![row];
    }
    showed(entry).or_else(|| taken(entry)).or_else(|| callback(entry)).into_iter().collect()
}

fn tenant(entry: &Entry) -> Cell {
    entry.tenant.as_ref().map(|tenant| tenant.as_str().to_owned()).into()
}

fn at(entry: &Entry, outlet: &Name) -> Row {
    set(Table::Outlets, outlet.as_str(), vec![("tenant", tenant(entry))])
}

fn showed(entry: &Entry) -> Option<Row> {
    let Event::OutletShowed { outlet, about, place, shown } = &entry.event else { return None };
    let cells = vec![
        ("outlet", outlet.as_str().into()),
        ("about", about.as_str().into()),
        ("place", place.clone().into()),
        ("shown", shown.map(|shown| shown.to_string()).into()),
        ("at_ms", entry.at.millis().into()),
    ];
    Some(set(Table::Told, &told_key(outlet, about), cells))
}

fn taken(entry: &Entry) -> Option<Row> {
    let Event::MessageTaken { outlet, message, person, surface, approval, outcome } = &entry.event
    else {
        return None;
    };
    let cells = vec![
        ("tenant", tenant(entry)),
        ("outlet", outlet.as_str().into()),
        ("person", person.as_str().into()),
        ("surface", surface.word().into()),
        ("approval", approval.map(|approval| approval.to_string()).into()),
        ("outcome", outcome.as_str().into()),
        ("at_ms", entry.at.millis().into()),
    ];
    Some(set(Table::Messages, &message_key(outlet, *message), cells))
}

fn callback(entry: &Entry) -> Option<Row> {
    let (Event::CallbackAsked { outlet }, Some(call)) = (&entry.event, entry.call) else {
        return None;
    };
    let cells = vec![
        ("call", call.to_string().into()),
        ("outlet", outlet.as_str().into()),
        ("tenant", tenant(entry)),
        ("at_ms", entry.at.millis().into()),
    ];
    Some(set(Table::Callbacks, &callback_key(call, outlet), cells))
}
