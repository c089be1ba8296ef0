//! Dead letters: calls that used up their attempts, or stay in doubt for too long, and wait for a person.
//!
//! ```text
//! Open -> Redriven* | Resolved* | Discarded*
//! ```
//! A letter says nothing of whether the act happened; its call does. Redriving is only for calls that certainly did not
//! happen; the gate asks that (`gate/src/people/dead.rs`).

use crate::contract::words;

/// Where a dead letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeadLetterState {
    /// It waits for a person.
    Open,
    /// A new call was made in its place.
    Redriven,
    /// It was found out what became of it.
    Resolved,
    /// Nobody wants it any more.
    Discarded,
}

/// What can happen to a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeadLetterEvent {
    /// A new call takes its place.
    Redriven,
    /// A person or a probe found out what became of it.
    Resolved,
    /// A person put it away.
    Discarded,
}

/// Why a call became a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeadReason {
    /// Nothing happened, and no attempt is left.
    UsedUp,
    /// Nothing happened, and a stop came before the next attempt.
    Interrupted,
    /// Nobody knows whether it happened, for longer than its contract allows.
    InDoubt,
}

/// How two calls belong together, said in the chain of the first of the pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallLink {
    /// It was made again as the other one.
    RedrivenAs,
    /// It was made again in place of the other one.
    Redrives,
    /// The other one was made with another tool in its place.
    FailedOverTo,
    /// It was made with another tool in place of the other one.
    FailsOver,
}

impl DeadLetterState {
    /// The state after `event`; none where the event cannot happen.
    pub const fn apply(self, event: DeadLetterEvent) -> Option<Self> {
        use DeadLetterEvent as E;
        match (self, event) {
            (Self::Open, E::Redriven) => Some(Self::Redriven),
            (Self::Open, E::Resolved) => Some(Self::Resolved),
            (Self::Open, E::Discarded) => Some(Self::Discarded),
            (Self::Redriven | Self::Resolved | Self::Discarded, _) => None,
        }
    }

    /// The event that leads here; none for the state in which a letter begins.
    pub const fn by(self) -> Option<DeadLetterEvent> {
        match self {
            Self::Open => None,
            Self::Redriven => Some(DeadLetterEvent::Redriven),
            Self::Resolved => Some(DeadLetterEvent::Resolved),
            Self::Discarded => Some(DeadLetterEvent::Discarded),
        }
    }
}

words! {
    DeadLetterState {
        Open = "open", Redriven = "redriven", Resolved = "resolved", Discarded = "discarded",
    }
    DeadLetterEvent { Redriven = "redriven", Resolved = "resolved", Discarded = "discarded" }
    DeadReason { UsedUp = "used_up", Interrupted = "interrupted", InDoubt = "in_doubt" }
    CallLink {
        RedrivenAs = "redriven_as", Redrives = "redrives", FailedOverTo = "failed_over_to",
        FailsOver = "fails_over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_settled_once() {
        for state in DeadLetterState::ALL {
            for event in DeadLetterEvent::ALL {
                let after = state.apply(*event);
                assert_eq!(after.is_some(), *state == DeadLetterState::Open, "{state} {event}");
                assert!(after.is_none_or(|after| after.by() == Some(*event)), "{state} {event}");
            }
        }
    }
}
