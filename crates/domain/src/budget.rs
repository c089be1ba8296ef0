//! Budgets: reserved before a call, settled or released after it, never exceeded by reservations (P6).
//!
//! A budget limits up to five dimensions. A call reserves the most it may take in each; the reservation is
//! settled with what it really took or released when it did not run.
//!
//! ```text
//! Reserved -> Settled* | Released*
//! ```

use crate::contract::words;
use crate::{GrantId, RunId};

/// One value for each dimension that a budget can limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Amounts<T = u64> {
    /// Number of calls.
    pub calls: T,
    /// Money in millionths of the accounting currency.
    pub money_micros: T,
    /// Acts that cannot be undone.
    pub irreversible: T,
    /// Bytes read by tools.
    pub read_bytes: T,
    /// Milliseconds spent in tools.
    pub wall_ms: T,
}

/// What a budget can limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Number of calls.
    Calls,
    /// Money in millionths of the accounting currency.
    Money,
    /// Acts that cannot be undone.
    Irreversible,
    /// Bytes read by tools.
    ReadBytes,
    /// Milliseconds spent in tools.
    Wall,
}

impl<T: Copy> Amounts<T> {
    /// The value of one dimension.
    pub const fn of(&self, dimension: Dimension) -> T {
        match dimension {
            Dimension::Calls => self.calls,
            Dimension::Money => self.money_micros,
            Dimension::Irreversible => self.irreversible,
            Dimension::ReadBytes => self.read_bytes,
            Dimension::Wall => self.wall_ms,
        }
    }

    /// Each dimension computed by `value`.
    pub fn each<U>(value: impl Fn(Dimension) -> U) -> Amounts<U> {
        Amounts {
            calls: value(Dimension::Calls),
            money_micros: value(Dimension::Money),
            irreversible: value(Dimension::Irreversible),
            read_bytes: value(Dimension::ReadBytes),
            wall_ms: value(Dimension::Wall),
        }
    }
}

impl Amounts<u64> {
    /// Nothing of anything.
    pub const ZERO: Self =
        Self { calls: 0, money_micros: 0, irreversible: 0, read_bytes: 0, wall_ms: 0 };

    /// Sum by dimension, at most `u64::MAX` each.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Amounts::<u64>::each(|dimension| self.of(dimension).saturating_add(other.of(dimension)))
    }

    /// Difference by dimension, at least zero each.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Amounts::<u64>::each(|dimension| self.of(dimension).saturating_sub(other.of(dimension)))
    }
}

/// Whose budget it is. Budgets per grant and day exist so that a new run resets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetScope {
    /// One run.
    Run(RunId),
    /// One grant on one day (days since 1970 in UTC).
    GrantDay(GrantId, u64),
}

impl std::fmt::Display for BudgetScope {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run(run) => write!(out, "{run}"),
            Self::GrantDay(grant, day) => write!(out, "{grant}/day-{day}"),
        }
    }
}

/// What happens when a call would exceed a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnExceeded {
    /// Only pure calls go on.
    Degrade,
    /// The call is held until a person raises the budget.
    Escalate,
    /// The run pauses until a person raises the budget.
    Stop,
}

/// A budget and what is taken of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Whose.
    pub scope: BudgetScope,
    /// The most that may be taken; a dimension that is `None` is not limited.
    pub limit: Amounts<Option<u64>>,
    /// Taken by calls that may still run.
    pub reserved: Amounts,
    /// Taken for good.
    pub spent: Amounts,
    /// What happens at the limit.
    pub on_exceeded: OnExceeded,
}

impl Budget {
    /// What is left in each limited dimension.
    pub fn left(&self) -> Amounts<Option<u64>> {
        let taken = self.reserved.plus(self.spent);
        Amounts::<u64>::each(|dimension| {
            self.limit.of(dimension).map(|limit| limit.saturating_sub(taken.of(dimension)))
        })
    }

    /// The first dimension in which `wanted` does not fit.
    pub fn exceeded_by(&self, wanted: Amounts) -> Option<Dimension> {
        let left = self.left();
        Dimension::ALL
            .iter()
            .copied()
            .find(|dimension| left.of(*dimension).is_some_and(|left| wanted.of(*dimension) > left))
    }
}

/// What one call took out of its budgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The budgets it was taken from.
    pub scopes: Vec<BudgetScope>,
    /// The most the call may take.
    pub amounts: Amounts,
}

/// Life of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReservationState {
    /// Taken.
    Reserved,
    /// Replaced by what the call really took.
    Settled,
    /// Given back.
    Released,
}

words! {
    Dimension {
        Calls = "calls", Money = "money_micros", Irreversible = "irreversible",
        ReadBytes = "read_bytes", Wall = "wall_ms",
    }
    OnExceeded { Degrade = "degrade", Escalate = "escalate", Stop = "stop" }
    ReservationState { Reserved = "reserved", Settled = "settled", Released = "released" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_refuses_the_first_dimension_that_does_not_fit() {
        let budget = Budget {
            scope: BudgetScope::Run(RunId::new(uuid::Uuid::nil())),
            limit: Amounts {
                calls: Some(3),
                money_micros: None,
                irreversible: Some(0),
                read_bytes: None,
                wall_ms: None,
            },
            reserved: Amounts { calls: 1, ..Amounts::ZERO },
            spent: Amounts { calls: 1, ..Amounts::ZERO },
            on_exceeded: OnExceeded::Stop,
        };
        let one = Amounts { calls: 1, money_micros: u64::MAX, ..Amounts::ZERO };
        assert_eq!(budget.exceeded_by(one), None);
        assert_eq!(budget.exceeded_by(Amounts { calls: 2, ..one }), Some(Dimension::Calls));
        assert_eq!(
            budget.exceeded_by(Amounts { irreversible: 1, ..one }),
            Some(Dimension::Irreversible)
        );
    }
}
