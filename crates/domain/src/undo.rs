//! Undo: a life of its own on an act that happened, wholly or partly.
//!
//! ```text
//! Armed -> Released* | Expired* | Due     Due -> Undone* | Partial* | Impossible* | InDoubt | Armed
//! InDoubt -> Undone* | Partial* | Impossible*
//! ```
//! `Due` goes back to `Armed` when the undo call was denied or failed before it changed anything.

use crate::contract::words;

/// Where the undo of an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndoState {
    /// It can be undone.
    Armed,
    /// The act did not happen; nothing to undo.
    Released,
    /// The originals are no longer kept.
    Expired,
    /// An undo is under way.
    Due,
    /// Taken back.
    Undone,
    /// Taken back in part.
    Partial,
    /// Cannot be taken back; the reason is recorded.
    Impossible,
    /// Nobody knows whether the undo happened.
    InDoubt,
}

/// What can happen to the undo of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndoEvent {
    /// The act did not happen.
    Released,
    /// Its window ended.
    Expired,
    /// An undo was admitted.
    Begun,
    /// The undo ended before it changed anything.
    NotBegun,
    /// It was taken back.
    Undone,
    /// It was taken back in part.
    PartlyUndone,
    /// It cannot be taken back.
    FoundImpossible,
    /// The outcome of the undo is not known.
    LostSight,
}

impl UndoState {
    /// The state after `event`; none where the event cannot happen.
    pub const fn apply(self, event: UndoEvent) -> Option<Self> {
        use UndoEvent as E;
        match (self, event) {
            (Self::Armed, E::Released) => Some(Self::Released),
            (Self::Armed, E::Expired) => Some(Self::Expired),
            (Self::Armed, E::Begun) => Some(Self::Due),
            (Self::Due, E::NotBegun) => Some(Self::Armed),
            (Self::Due | Self::InDoubt, E::Undone) => Some(Self::Undone),
            (Self::Due | Self::InDoubt, E::PartlyUndone) => Some(Self::Partial),
            (Self::Due | Self::InDoubt, E::FoundImpossible) => Some(Self::Impossible),
            (Self::Due, E::LostSight) => Some(Self::InDoubt),
            (
                Self::Armed
                | Self::Released
                | Self::Expired
                | Self::Due
                | Self::Undone
                | Self::Partial
                | Self::Impossible
                | Self::InDoubt,
                _,
            ) => None,
        }
    }
}

words! {
    UndoState {
        Armed = "armed", Released = "released", Expired = "expired", Due = "due", Undone = "undone",
        Partial = "partial", Impossible = "impossible", InDoubt = "in_doubt",
    }
    UndoEvent {
        Released = "released", Expired = "expired", Begun = "begun", NotBegun = "not_begun",
        Undone = "undone", PartlyUndone = "partly_undone", FoundImpossible = "found_impossible",
        LostSight = "lost_sight",
    }
}
