//! Pins: which definition of an upstream tool was accepted, what its server offers instead, and what a person says of it.
//!
//! ```text
//! first sight -> pinned <-> drifted -> refused -> pinned (accepted, or offered as it was again)
//! ```
//! In and out: values and the one `apply`. A tool may be called only while it is pinned and offered as pinned. Who may
//! accept is the business of `gate`, comparing definitions that of `contract`. Tests: below, and `sim/tests/it/pins.rs`.

use crate::contract::words;
use crate::{Consequences, Digest, EffectClass, Name, Timestamp, ToolName};

/// Life of a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PinState {
    /// What is offered is what was accepted, by a person or at first sight.
    Pinned,
    /// Another definition is offered: the tool is held back until a person decides.
    Drifted,
    /// A person refused what is offered: the tool is held back.
    Refused,
}

/// What can happen to a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinEvent {
    /// A person accepted what is offered.
    Accepted,
    /// Another definition than the pinned one was offered.
    Drifted,
    /// A person refused what is offered.
    Refused,
    /// The pinned definition is offered again.
    Returned,
}

impl PinState {
    /// The state after `event`; none where the event cannot happen.
    pub const fn apply(self, event: PinEvent) -> Option<Self> {
        use PinEvent as E;
        match (self, event) {
            // A person may confirm what was pinned at first sight.
            (Self::Pinned | Self::Drifted | Self::Refused, E::Accepted)
            | (Self::Drifted | Self::Refused, E::Returned) => Some(Self::Pinned),
            // What is offered may change again before anybody decides.
            (Self::Pinned | Self::Drifted | Self::Refused, E::Drifted) => Some(Self::Drifted),
            (Self::Pinned | Self::Drifted, E::Refused) => Some(Self::Refused),
            (Self::Pinned, E::Returned) | (Self::Refused, E::Refused) => None,
        }
    }
}

/// A tool of an upstream server as it stands with this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The tool.
    pub tool: ToolName,
    /// The server that offers it.
    pub server: Name,
    /// The definition that was accepted, by digest.
    pub definition: Digest,
    /// What is offered instead, or what was refused.
    pub seen: Option<Digest>,
    /// How it stands.
    pub state: PinState,
    /// Who decided last; none for the first sight.
    pub by: Option<Name>,
    /// Since when it stands so.
    pub at: Timestamp,
    /// Why it was refused.
    pub reason: Option<String>,
    /// What a person says that it does.
    pub classified: Option<Classified>,
}

impl Pin {
    /// The definition that the server offers, as far as is known: what a person decides on.
    pub fn offered(&self) -> Digest {
        self.seen.unwrap_or(self.definition)
    }

    /// What a person says that it does, if that was said of the pinned definition.
    pub fn classification(&self) -> Option<&Classified> {
        self.classified.as_ref().filter(|classified| classified.definition == self.definition)
    }
}

/// What a person says that a tool does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// What can be taken back.
    pub effect_class: EffectClass,
    /// Who is hit.
    pub consequences: Consequences,
    /// What it acts on, as a contract's template, at most `limits::CONTRACT_TEXT_CHARS_MAX` characters.
    pub resource: Option<String>,
}

/// A classification with the definition it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classified {
    /// What was said.
    pub classification: Classification,
    /// Of which definition.
    pub definition: Digest,
    /// By whom.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

words! {
    PinState { Pinned = "pinned", Drifted = "drifted", Refused = "refused" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_becomes_usable_again_only_by_a_person_or_by_its_pinned_definition() {
        use PinEvent::{Accepted, Drifted, Refused, Returned};
        for (state, event, expect) in [
            (PinState::Pinned, Accepted, Some(PinState::Pinned)),
            (PinState::Pinned, Drifted, Some(PinState::Drifted)),
            (PinState::Pinned, Refused, Some(PinState::Refused)),
            (PinState::Pinned, Returned, None),
            (PinState::Drifted, Accepted, Some(PinState::Pinned)),
            (PinState::Drifted, Drifted, Some(PinState::Drifted)),
            (PinState::Drifted, Refused, Some(PinState::Refused)),
            (PinState::Drifted, Returned, Some(PinState::Pinned)),
            (PinState::Refused, Accepted, Some(PinState::Pinned)),
            (PinState::Refused, Drifted, Some(PinState::Drifted)),
            (PinState::Refused, Refused, None),
            (PinState::Refused, Returned, Some(PinState::Pinned)),
        ] {
            assert_eq!(state.apply(event), expect, "{state} {event:?}");
        }
    }
}
