//! Pins in memory: which definition of each upstream tool was accepted, and how it stands.
//!
//! In: pins as the journal has them, and events about them. Out: the pins, what an event makes of one, and whether a tool
//! is barred by its pin. A cache of `Table::Pins`: `sim/tests/it/pins.rs` compares both.

use std::collections::BTreeMap;
use std::sync::Mutex;

use domain::{
    Classified, Code, Contract, Digest, Event, Name, Pin, PinEvent, PinState, Timestamp, ToolName,
    UpstreamPart, limits,
};

use super::lock;
use crate::refusal::Refusal;

/// Every pin, by tool.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    known: Mutex<BTreeMap<ToolName, Pin>>,
    /// Held while one change is decided, recorded and put in place: what follows is decided on what is there then.
    changing: tokio::sync::Mutex<()>,
}

impl Pins {
    pub(crate) async fn change(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    pub(crate) fn all(&self) -> Vec<Pin> {
        lock(&self.known).values().cloned().collect()
    }

    pub(crate) fn of(&self, tool: &ToolName) -> Option<Pin> {
        lock(&self.known).get(tool).cloned()
    }

    pub(crate) fn put(&self, pin: Pin) {
        lock(&self.known).insert(pin.tool.clone(), pin);
    }

    /// Whether there is room for so many more.
    pub(crate) fn room_for(&self, more: usize) -> bool {
        lock(&self.known).len().saturating_add(more) <= limits::PINS_MAX
    }

    /// Why a tool of an upstream server may not be called, if its pin says so. What is not pinned was accepted by nobody.
    pub(crate) fn bar(&self, contract: &Contract) -> Option<Refusal> {
        let upstream = contract.upstream.as_ref()?;
        match upstream.part {
            UpstreamPart::Tool => {}
            // These are requests of the protocol itself: what they give is no definition that could change.
            UpstreamPart::Resource | UpstreamPart::Prompt | UpstreamPart::Completion => {
                return None;
            }
        }
        let name = &contract.name;
        match lock(&self.known).get(name) {
            None => Some(held_back(name, "nobody accepted it yet")),
            Some(pin) => standing(pin, upstream.definition),
        }
    }
}

fn standing(pin: &Pin, definition: Digest) -> Option<Refusal> {
    match pin.state {
        PinState::Pinned if pin.definition == definition => None,
        PinState::Pinned => {
            Some(held_back(&pin.tool, "its contract is made of another definition"))
        }
        PinState::Drifted => {
            Some(held_back(&pin.tool, "its server describes it in another way than was accepted"))
        }
        PinState::Refused => Some(held_back(&pin.tool, "a person refused it as it is offered")),
    }
}

fn held_back(tool: &ToolName, why: &str) -> Refusal {
    Refusal::new(
        Code::ToolDrifted,
        format!("NOT EXECUTED: `{tool}` is held back: {why}"),
        format!(
            "ask an operator to look at `checkrein tools diff {tool}` and to accept or refuse it"
        ),
    )
}

/// What an event makes of a pin; none where it cannot happen. The same as its row, see `projection/pins.rs`.
pub(crate) fn after(known: Option<&Pin>, event: &Event, at: Timestamp) -> Option<Pin> {
    match (known, event) {
        (None, Event::ToolPinned { tool, server, definition, by }) => {
            Some(first((tool, server), (*definition, by.as_ref()), at))
        }
        (Some(pin), Event::ToolPinned { definition, by, .. }) => {
            let step = if by.is_some() { PinEvent::Accepted } else { PinEvent::Returned };
            let by = by.clone().or_else(|| pin.by.clone());
            let pin = Pin { definition: *definition, seen: None, by, reason: None, ..pin.clone() };
            stepped(pin, step, at)
        }
        (Some(pin), Event::ToolDrifted { seen, .. }) => {
            let pin = Pin { seen: Some(*seen), reason: None, ..pin.clone() };
            stepped(pin, PinEvent::Drifted, at)
        }
        (Some(pin), Event::ToolRefused { seen, by, reason, .. }) => {
            let (by, reason) = (Some(by.clone()), Some(reason.clone()));
            stepped(Pin { seen: Some(*seen), by, reason, ..pin.clone() }, PinEvent::Refused, at)
        }
        (Some(pin), Event::ToolClassified { definition, classification, by, reason, .. }) => {
            let (classification, definition) = (classification.clone(), *definition);
            let (by, reason) = (by.clone(), reason.clone());
            let classified = Classified { classification, definition, by, at, reason };
            Some(Pin { classified: Some(classified), ..pin.clone() })
        }
        (None | Some(_), _) => None,
    }
}

fn first(
    (tool, server): (&ToolName, &Name),
    (definition, by): (Digest, Option<&Name>),
    at: Timestamp,
) -> Pin {
    Pin {
        tool: tool.clone(),
        server: server.clone(),
        definition,
        seen: None,
        state: PinState::Pinned,
        by: by.cloned(),
        at,
        reason: None,
        classified: None,
    }
}

fn stepped(pin: Pin, step: PinEvent, at: Timestamp) -> Option<Pin> {
    pin.state.apply(step).map(|state| Pin { state, at, ..pin })
}
