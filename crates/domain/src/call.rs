//! Life of a call, from its arrival to an outcome.
//!
//! ```text
//! Received -> Denied* | Held | Queued | Admitted
//! Held -> Denied* | Superseded* | Cancelled* | Queued | Admitted
//! Queued -> Denied* | Superseded* | Cancelled* | Admitted
//! Admitted -> Dispatched | Cancelled* | InDoubt  Dispatched -> Succeeded* | Partial* | Failed* | InDoubt
//! InDoubt -> Succeeded* | Partial* | Failed*     (only by a probe of the tool or a person)
//! ```
//! `*` ends. Nothing leaves `InDoubt` by sending again: there is no event for it.

use crate::contract::words;

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallState {
    /// It arrived.
    Received,
    /// It was refused.
    Denied,
    /// It waits for people.
    Held,
    /// It was allowed, and waits in the outbox for its time.
    Queued,
    /// A permit for it is durable.
    Admitted,
    /// The tool was reached.
    Dispatched,
    /// It happened.
    Succeeded,
    /// It happened in part.
    Partial,
    /// It did not do what it should.
    Failed,
    /// Nobody knows whether it happened.
    InDoubt,
    /// A newer request took its place.
    Superseded,
    /// It was withdrawn, or stopped before it was sent.
    Cancelled,
}

/// What can happen to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallEvent {
    /// Policy, a person, a limit or an error refused it.
    Denied,
    /// Policy asks people.
    Held,
    /// It was allowed, and takes effect later.
    Queued,
    /// A permit was committed.
    Admitted,
    /// The tool was reached.
    Dispatched,
    /// The tool succeeded and what it said was checked.
    Succeeded,
    /// A part happened.
    Partial,
    /// It failed.
    Failed,
    /// The outcome is not known.
    LostSight,
    /// A newer request took its place.
    Superseded,
    /// It was withdrawn or stopped.
    Cancelled,
}

impl CallState {
    /// The state after `event`; none where the event cannot happen.
    pub const fn apply(self, event: CallEvent) -> Option<Self> {
        use CallEvent as E;
        match (self, event) {
            (Self::Received | Self::Held | Self::Queued, E::Denied) => Some(Self::Denied),
            (Self::Received, E::Held) => Some(Self::Held),
            (Self::Received | Self::Held, E::Queued) => Some(Self::Queued),
            (Self::Received | Self::Held | Self::Queued, E::Admitted) => Some(Self::Admitted),
            (Self::Held | Self::Queued, E::Superseded) => Some(Self::Superseded),
            (Self::Held | Self::Queued | Self::Admitted, E::Cancelled) => Some(Self::Cancelled),
            (Self::Admitted, E::Dispatched) => Some(Self::Dispatched),
            (Self::Admitted | Self::Dispatched, E::LostSight) => Some(Self::InDoubt),
            (Self::Dispatched | Self::InDoubt, E::Succeeded) => Some(Self::Succeeded),
            (Self::Dispatched | Self::InDoubt, E::Partial) => Some(Self::Partial),
            (Self::Dispatched | Self::InDoubt, E::Failed) => Some(Self::Failed),
            (
                Self::Received
                | Self::Denied
                | Self::Held
                | Self::Queued
                | Self::Admitted
                | Self::Dispatched
                | Self::Succeeded
                | Self::Partial
                | Self::Failed
                | Self::InDoubt
                | Self::Superseded
                | Self::Cancelled,
                _,
            ) => None,
        }
    }

    /// Whether nothing more can happen to the call.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Denied
            | Self::Succeeded
            | Self::Partial
            | Self::Failed
            | Self::Superseded
            | Self::Cancelled => true,
            Self::Received
            | Self::Held
            | Self::Queued
            | Self::Admitted
            | Self::Dispatched
            | Self::InDoubt => false,
        }
    }

    /// Whether the call ended before any tool was reached, so that its idempotency key is free again.
    pub const fn never_dispatched(self) -> bool {
        match self {
            Self::Denied | Self::Superseded | Self::Cancelled => true,
            Self::Received
            | Self::Held
            | Self::Queued
            | Self::Admitted
            | Self::Dispatched
            | Self::Succeeded
            | Self::Partial
            | Self::Failed
            | Self::InDoubt => false,
        }
    }
}

words! {
    CallState {
        Received = "received", Denied = "denied", Held = "held", Queued = "queued",
        Admitted = "admitted", Dispatched = "dispatched", Succeeded = "succeeded", Partial = "partial", Failed = "failed",
        InDoubt = "in_doubt", Superseded = "superseded", Cancelled = "cancelled",
    }
    CallEvent {
        Denied = "denied", Held = "held", Queued = "queued", Admitted = "admitted", Dispatched = "dispatched",
        Succeeded = "succeeded", Partial = "partial", Failed = "failed", LostSight = "lost_sight",
        Superseded = "superseded", Cancelled = "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_call_takes_no_event() {
        for state in CallState::ALL.iter().filter(|state| state.is_final()) {
            for event in CallEvent::ALL {
                assert_eq!(state.apply(*event), None, "{state} / {event}");
            }
        }
    }

    #[test]
    fn a_call_in_doubt_is_never_sent_again() {
        assert_eq!(CallState::InDoubt.apply(CallEvent::Admitted), None);
        assert_eq!(CallState::InDoubt.apply(CallEvent::Dispatched), None);
    }

    #[test]
    fn only_an_admitted_call_is_dispatched() {
        let from: Vec<&CallState> = CallState::ALL
            .iter()
            .filter(|state| state.apply(CallEvent::Dispatched).is_some())
            .collect();
        assert_eq!(from, [&CallState::Admitted]);
    }
}
