//! The revisions of the protocol that are served, and which of their two eras each belongs to.
//!
//! *Modern* revisions carry version, identity and capabilities in each request; *legacy* ones open a session with
//! `initialize` (specification 2026-07-28, "Versioning and Compatibility"). A revision that is not named here is refused by
//! name.

use std::fmt;
use std::str::FromStr;

/// A revision of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// 2024-11-05: legacy; only servers may speak it.
    V2024November,
    /// 2025-03-26: legacy; only servers may speak it.
    V2025March,
    /// 2025-06-18: legacy.
    V2025June,
    /// 2025-11-25: legacy, what most clients speak.
    V2025November,
    /// 2026-07-28: modern.
    V2026July,
}

/// How a revision is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// By `initialize`, with a session.
    Legacy,
    /// By every request for itself.
    Modern,
}

impl Revision {
    /// Every revision that clients are served in, the newest first.
    pub const ALL: &'static [Self] = &[Self::V2026July, Self::V2025November, Self::V2025June];
    /// What is offered to an unknown peer first.
    pub const NEWEST: Self = Self::V2026July;
    /// What is answered to an `initialize` that asks for a revision that is not served.
    pub const NEWEST_LEGACY: Self = Self::V2025November;

    /// The revision that a server answers with: many still speak one that clients are no longer served in.
    pub fn of_server(text: &str) -> Option<Self> {
        let older = [Self::V2025March, Self::V2024November];
        let known = Self::ALL.iter().copied().chain(older);
        known.into_iter().find(|revision| revision.as_str() == text)
    }

    /// As it is written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024November => "2024-11-05",
            Self::V2025March => "2025-03-26",
            Self::V2025June => "2025-06-18",
            Self::V2025November => "2025-11-25",
            Self::V2026July => "2026-07-28",
        }
    }

    /// Its era.
    pub const fn era(self) -> Era {
        match self {
            Self::V2024November | Self::V2025March | Self::V2025June | Self::V2025November => {
                Era::Legacy
            }
            Self::V2026July => Era::Modern,
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A revision that is not served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("revision `{0}` is not served; expected `2026-07-28`, `2025-11-25` or `2025-06-18`")]
pub struct UnknownRevision(pub String);

impl FromStr for Revision {
    type Err = UnknownRevision;

    fn from_str(text: &str) -> Result<Self, UnknownRevision> {
        let found = Self::ALL.iter().find(|revision| revision.as_str() == text);
        found.copied().ok_or_else(|| UnknownRevision(text.chars().take(40).collect()))
    }
}
