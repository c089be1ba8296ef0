//! Pins of upstream tools in the store: read as their entries say, rebuilt, and verified step by step.
//! Steps that the gate never writes are written here directly.

use domain::{
    Classification, Consequence, EffectClass, Entry, Event, Pin, PinState, Timestamp, ToolName,
};
use gate::{Journal, Table, projection};
use journal::Sqlite;

use crate::story::{commit, digest, name};
use crate::support::{NOW, Place};

fn tool() -> ToolName {
    "up.push".parse().unwrap()
}

fn entry(event: Event, after: u64) -> Entry {
    Entry { at: Timestamp::from_millis(NOW + after), tenant: None, run: None, call: None, event }
}

fn pinned(number: u8, by: Option<&str>) -> Event {
    let (server, by) = (name("up"), by.map(name));
    Event::ToolPinned { tool: tool(), server, definition: digest(number), by }
}

fn drifted(number: u8) -> Event {
    Event::ToolDrifted { tool: tool(), pinned: digest(1), seen: digest(number) }
}

async fn write(journal: &Sqlite, events: impl IntoIterator<Item = Event>) {
    for (after, event) in (0..).zip(events) {
        journal.commit(commit(vec![entry(event, after)], Vec::new())).await.unwrap();
    }
}

async fn pin(journal: &Sqlite) -> Pin {
    let record = journal.read(Table::Pins, tool().as_str()).await.unwrap().unwrap();
    projection::pin_of(&record).unwrap()
}

#[tokio::test]
async fn a_pin_is_read_as_its_entries_say_and_rebuilt_the_same() {
    let place = Place::new();
    let journal = place.open();
    let classification = Classification {
        effect_class: EffectClass::Compensable,
        consequences: [Consequence::Production, Consequence::OutsideCommunication].into(),
        resource: Some("repository:{name}".to_owned()),
    };
    let reason = || "I read its source".to_owned();
    let by = name("grace");
    let events = [
        pinned(1, None),
        Event::ToolClassified {
            tool: tool(),
            definition: digest(1),
            classification: classification.clone(),
            by: by.clone(),
            reason: reason(),
        },
        drifted(2),
        Event::ToolRefused { tool: tool(), seen: digest(2), by: by.clone(), reason: reason() },
    ];
    write(&journal, events).await;
    let refused = pin(&journal).await;
    let at = Timestamp::from_millis(NOW + 3);
    assert_eq!((refused.state, refused.definition, refused.at), (PinState::Refused, digest(1), at));
    assert_eq!((refused.offered(), refused.by.clone()), (digest(2), Some(by.clone())));
    assert_eq!(refused.reason, Some(reason()));
    let classified = refused.classification().unwrap();
    assert_eq!((&classified.classification, &classified.by), (&classification, &by));
    journal.rebuild().await.unwrap();
    assert_eq!(pin(&journal).await, refused);
    write(&journal, [pinned(2, Some("grace"))]).await;
    let accepted = pin(&journal).await;
    assert_eq!((accepted.state, accepted.definition), (PinState::Pinned, digest(2)));
    assert_eq!((accepted.seen, accepted.reason.as_ref()), (None, None));
    assert_eq!(accepted.classification(), None, "it was said of another definition");
    assert_eq!(journal.verify(None).await.unwrap().finding, None);
    drop(journal);
    assert_eq!(pin(&place.open()).await, accepted);
}

#[tokio::test]
async fn steps_that_cannot_follow_are_found() {
    let classified = || Event::ToolClassified {
        tool: tool(),
        definition: digest(1),
        classification: Classification {
            effect_class: EffectClass::Pure,
            consequences: [].into(),
            resource: None,
        },
        by: name("grace"),
        reason: String::new(),
    };
    for (events, good) in [
        (vec![pinned(1, None), drifted(2), pinned(1, None)], true),
        (vec![pinned(1, None), pinned(1, Some("grace")), drifted(2), drifted(3)], true),
        (vec![pinned(1, None), classified()], true),
        (vec![classified()], false),
        (vec![drifted(2)], false),
        (vec![pinned(1, None), pinned(1, None)], false),
        // Nobody accepted another definition, and it cannot return as one that was never pinned.
        (vec![pinned(1, None), drifted(2), pinned(2, None)], false),
    ] {
        let place = Place::new();
        let journal = place.open();
        let shown = format!("{events:?}");
        write(&journal, events).await;
        let finding = journal.verify(None).await.unwrap().finding;
        assert_eq!(finding.is_none(), good, "{shown}: {finding:?}");
    }
}
