//! A moment as milliseconds since 1970 in UTC, read from the world and only carried and compared here.
//!
//! There is no time zone and no calendar here: what people read is made where it is shown.

use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// As milliseconds since 1970.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The moment `after` this one; the far future if it would overflow.
    pub fn plus(self, after: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(after.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long ago `earlier` was; zero if the clock went back.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whole days since 1970 in UTC: the name of a day's budget.
    pub const fn day(self) -> u64 {
        self.0 / 86_400_000
    }
}
