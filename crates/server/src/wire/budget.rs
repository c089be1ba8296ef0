//! Budgets: limits, what is taken, and raising them.
//! Money is text in the accounting currency, never a float; the rest are whole numbers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most that may be taken in each dimension; a dimension without a value is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// Money in the accounting currency, such as `12.50`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<String>,
    /// Acts that cannot be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub irreversible: Option<u64>,
    /// Bytes read by tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_bytes: Option<u64>,
    /// Milliseconds in tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
}

/// An amount of each dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Amounts {
    /// Calls.
    pub calls: u64,
    /// Money in the accounting currency.
    pub money: String,
    /// Acts that cannot be undone.
    pub irreversible: u64,
    /// Bytes read by tools.
    pub read_bytes: u64,
    /// Milliseconds in tools.
    pub wall_ms: u64,
}

/// A budget and what is taken of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Whose: a run, or a grant and a day.
    pub scope: String,
    /// The most that may be taken.
    pub limit: Limits,
    /// Taken by calls that may still run.
    pub reserved: Amounts,
    /// Taken for good.
    pub spent: Amounts,
    /// What is left of what is limited.
    pub left: Limits,
    /// What happens at the limit: `degrade`, `escalate` or `stop`.
    pub on_exceeded: String,
    /// The accounting currency.
    pub currency: String,
}

/// Raises the budget of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The run.
    pub run: String,
    /// By how much, in each dimension that is named.
    pub by: Limits,
    /// Why.
    pub reason: String,
}
