//! Promises about pins: a store keeps what entries say of a tool, each entry its own part.
//! Each takes an empty journal and the moment of its entries, and says what was found instead.

use domain::{
    Classification, Consequence, EffectClass, Entry, Event, Pin, PinState, Timestamp, ToolName,
};

use super::samples::{commit, digest, guarded, name};
use super::{Kept, ensure};
use crate::commit::{CommitError, Guard, Urgency};
use crate::port::Journal;
use crate::projection::pin_of;
use crate::table::Table;

fn entry(event: Event, at: Timestamp) -> Entry {
    Entry { at, tenant: None, run: None, call: None, event }
}

fn tool() -> ToolName {
    name("up.push")
}

fn pinned(number: u8) -> Event {
    Event::ToolPinned {
        tool: tool(),
        server: name("up"),
        definition: digest(number),
        by: Some(name("ada")),
    }
}

async fn pin<J: Journal>(journal: &J) -> Result<Option<Pin>, String> {
    let record = journal.read(Table::Pins, tool().as_str()).await;
    Ok(record.map_err(|error| error.to_string())?.as_ref().and_then(pin_of))
}

pub(super) async fn a_pin_is_read_as_its_entries_say<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let classification = Classification {
        effect_class: EffectClass::Delayed,
        consequences: [Consequence::Money, Consequence::Rights].into(),
        resource: Some("account:{id}".to_owned()),
    };
    let (by, reason) = (name("ada"), "looked at it".to_owned());
    let events = [
        pinned(1),
        Event::ToolClassified {
            tool: tool(),
            definition: digest(1),
            classification: classification.clone(),
            by,
            reason,
        },
        Event::ToolDrifted { tool: tool(), pinned: digest(1), seen: digest(2) },
    ];
    let entries = events.map(|event| entry(event, at));
    let written = journal.commit(commit(Urgency::Outcome, entries)).await;
    ensure!(written.is_ok(), "the entries came out as {written:?}");
    let found = pin(journal).await?;
    let stands = found.as_ref().map(|pin| (pin.state, pin.definition, pin.seen, pin.at));
    ensure!(
        stands == Some((PinState::Drifted, digest(1), Some(digest(2)), at)),
        "it stands as {found:?}"
    );
    let said = found.and_then(|pin| pin.classified).map(|classified| classified.classification);
    ensure!(said == Some(classification), "what it does is {said:?}");
    Ok(())
}

pub(super) async fn a_tool_is_seen_first_once<J: Journal>(journal: &J, at: Timestamp) -> Kept {
    let first = |number| {
        let free = Guard::Free { table: Table::Pins, key: tool().as_str().to_owned() };
        journal.commit(guarded([free], [entry(pinned(number), at)]))
    };
    let written = first(1).await.map(drop);
    ensure!(written.is_ok(), "the first came out as {written:?}");
    let again = first(2).await.map(drop);
    ensure!(matches!(again, Err(CommitError::Guard { .. })), "the second came out as {again:?}");
    let found = pin(journal).await?.map(|pin| pin.definition);
    ensure!(found == Some(digest(1)), "{found:?} is pinned");
    Ok(())
}
