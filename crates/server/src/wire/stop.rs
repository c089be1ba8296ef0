//! Stops: ordering, lifting, and what they reach.
//! Scopes travel as text, such as `agent:local/builder`; `domain::StopScope` reads them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stop {
    /// Its id.
    pub stop: String,
    /// `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, a run or a call.
    pub scope: String,
    /// `pause` or `suspend`.
    pub level: String,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// `in_force` or `lifted`.
    pub state: String,
    /// Who lifted it.
    pub lifted_by: Option<String>,
    /// Why it was lifted.
    pub lifted_reason: Option<String>,
}

/// Orders a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderStop {
    /// What to stop.
    pub scope: String,
    /// `pause`: no new run starts. `suspend`: no new effect starts.
    pub level: String,
    /// Why.
    pub reason: String,
}

/// Says that a stop holds: from here on nothing new starts in its scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StopReceipt {
    /// The stop.
    pub stop: Stop,
    /// The epoch of the fence: permits from before it are looked at again.
    pub epoch: u64,
    /// Calls that were already sent when the stop came; their outcome is still observed.
    pub in_work: Vec<String>,
    /// Calls that wait for people in its scope.
    pub held: u64,
}

/// Lifts a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    /// Why.
    pub reason: String,
}

/// What a stop would reach, without ordering it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reach {
    /// The scope that was asked about.
    pub scope: String,
    /// Open runs in it.
    pub open_runs: u64,
    /// Calls in it that are admitted or sent.
    pub in_work: u64,
    /// Calls in it that wait for people.
    pub held: u64,
    /// Whether more was there than was counted.
    pub more: bool,
}
