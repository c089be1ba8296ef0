//! Rows of pins, and pins of rows.
//!
//! In: entries about upstream tools. Out: what changes in `Table::Pins`; and a pin as its record has it. A row sets what
//! its own entry says and leaves the rest, so that a classification outlives the decisions about definitions.

use domain::{
    Classification, Classified, Consequence, Digest, EffectClass, Entry, Event, Pin, PinState,
    Timestamp, ToolName,
};

use super::{Cell, Row, Table, set, with};
use crate::commit::Record;

pub(super) fn rows(entry: &Entry) -> Vec<Row> {
    let row = pinned(entry).or_else(|| drifted(entry)).or_else(|| refused(entry));
    row.or_else(|| classified(entry)).into_iter().collect()
}

fn pinned(entry: &Entry) -> Option<Row> {
    let Event::ToolPinned { tool, server, definition, by } = &entry.event else { return None };
    let row = state(entry, tool, (PinState::Pinned, None));
    let row = with(row, "server", server.as_str());
    let row = with(row, "definition", definition.to_string());
    let row = with(row, "reason", Cell::Null);
    // Who decided last is kept when the tool is again as it was.
    Some(match by {
        Some(by) => with(row, "decided_by", by.as_str()),
        None => row,
    })
}

fn drifted(entry: &Entry) -> Option<Row> {
    let Event::ToolDrifted { tool, seen, .. } = &entry.event else { return None };
    let row = state(entry, tool, (PinState::Drifted, Some(*seen)));
    Some(with(row, "reason", Cell::Null))
}

fn refused(entry: &Entry) -> Option<Row> {
    let Event::ToolRefused { tool, seen, by, reason } = &entry.event else { return None };
    let row = state(entry, tool, (PinState::Refused, Some(*seen)));
    Some(with(with(row, "decided_by", by.as_str()), "reason", reason.as_str()))
}

fn state(entry: &Entry, tool: &ToolName, (state, seen): (PinState, Option<Digest>)) -> Row {
    let cells = vec![
        ("state", state.word().into()),
        ("seen", seen.map(|seen| seen.to_string()).into()),
        ("at_ms", entry.at.millis().into()),
    ];
    set(Table::Pins, tool.as_str(), cells)
}

fn classified(entry: &Entry) -> Option<Row> {
    let Event::ToolClassified { tool, definition, classification, by, reason } = &entry.event
    else {
        return None;
    };
    let words: Vec<&str> = classification.consequences.iter().map(|each| each.word()).collect();
    let cells = vec![
        ("effect_class", classification.effect_class.word().into()),
        ("consequences", words.join(" ").into()),
        ("resource", classification.resource.clone().into()),
        ("classified_of", definition.to_string().into()),
        ("classified_by", by.as_str().into()),
        ("classified_ms", entry.at.millis().into()),
        ("classified_reason", reason.as_str().into()),
    ];
    Some(set(Table::Pins, tool.as_str(), cells))
}

/// Reads a pin back from its record; none if any part cannot be read.
pub fn pin_of(record: &Record) -> Option<Pin> {
    let text = |column| Some(record.text(column)).filter(|text| !text.is_empty());
    let seen = text("seen").map(str::parse).transpose().ok()?;
    let by = text("decided_by").map(str::parse).transpose().ok()?;
    let classified = match text("classified_of") {
        None => None,
        Some(of) => Some(classified_of(record, of.parse().ok()?)?),
    };
    Some(Pin {
        tool: record.key.parse().ok()?,
        server: record.text("server").parse().ok()?,
        definition: record.text("definition").parse().ok()?,
        seen,
        state: PinState::from_word(record.text("state"))?,
        by,
        at: Timestamp::from_millis(record.count("at_ms")),
        reason: text("reason").map(str::to_owned),
        classified,
    })
}

fn classified_of(record: &Record, definition: Digest) -> Option<Classified> {
    let words = record.text("consequences").split_whitespace();
    let resource = match record.cell("resource") {
        Cell::Text(resource) => Some(resource.clone()),
        Cell::Null | Cell::Integer(_) => None,
    };
    let classification = Classification {
        effect_class: EffectClass::from_word(record.text("effect_class"))?,
        consequences: words.map(Consequence::from_word).collect::<Option<_>>()?,
        resource,
    };
    Some(Classified {
        classification,
        definition,
        by: record.text("classified_by").parse().ok()?,
        at: Timestamp::from_millis(record.count("classified_ms")),
        reason: record.text("classified_reason").to_owned(),
    })
}
