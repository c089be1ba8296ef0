//! Stops: ordering, lifting, and what they reach.
//! Scopes travel as text, such as `agent:local/builder`; `domain::StopScope` reads them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stop {
    /// Its id.
    pub stop: String,
    /// `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, `server:NAME`, a run or a call.
    pub scope: String,
    /// `pause`, `suspend` or `kill`.
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
    /// `pause`: no new run starts. `suspend`: no new effect starts, and work under way is cancelled.
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

/// How one lever of a stop answered. `reached` is the sum of the other three counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lever {
    /// `fence`, `not_started`, `cancelled`, `processes`, `requests`, `runs`, `held`, `server`, `rollback`, `socket`, `file`.
    pub lever: String,
    /// How many it was pulled for.
    pub reached: u64,
    /// How many have certainly ended, or were taken back.
    pub acknowledged: u64,
    /// Of how many nobody knows whether their act happened.
    pub unknown: u64,
    /// How many gave no answer in time, or could not be taken back.
    pub missing: u64,
    /// From the order to the last answer, in milliseconds.
    pub took_ms: u64,
}

/// One call that was in work when a stop came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoppedCall {
    /// The call.
    pub call: String,
    /// `not_started`, `acknowledged`, `unknown` or `running`.
    pub became: String,
    /// From the order to its answer, in milliseconds.
    pub took_ms: u64,
}

/// What became of one act of a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RolledBack {
    /// The act.
    pub act: String,
    /// How its undo stands, such as `undone`; none where there never was one.
    pub became: Option<String>,
    /// Why it is not undone.
    pub reason: Option<String>,
}

/// How every lever of a stop answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StopReport {
    /// The stop.
    pub stop: String,
    /// Every lever, as far as it has answered.
    pub levers: Vec<Lever>,
    /// Calls that were in work when the stop came.
    pub calls: Vec<StoppedCall>,
    /// Acts that were ordered to be taken back with it.
    pub rollback: Vec<RolledBack>,
    /// Whether every lever has answered or was given up, and that is in the journal.
    pub complete: bool,
}

/// Asks what a kill would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanKill {
    /// What to kill.
    pub scope: String,
    /// How many acts to take back.
    #[serde(default)]
    pub rollback: u32,
}

/// What a kill would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KillPlan {
    /// Runs, calls in work and held calls.
    pub reach: Reach,
    /// The last acts in the scope, newest first.
    pub acts: Vec<KillAct>,
    /// What confirms exactly this, once.
    pub token: String,
    /// Until when the token holds, in milliseconds since 1970.
    pub until_ms: u64,
}

/// One act that would be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KillAct {
    /// The call that did it.
    pub call: String,
    /// In which run.
    pub run: Option<String>,
    /// With which tool.
    pub tool: String,
    /// What it changed.
    pub resource: String,
    /// When it was admitted, in milliseconds since 1970.
    pub at_ms: u64,
    /// Why it cannot be taken back; none where it can.
    pub cannot: Option<String>,
}

/// Confirms a kill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderKill {
    /// What to kill.
    pub scope: String,
    /// Why.
    pub reason: String,
    /// How many acts to take back, as planned.
    #[serde(default)]
    pub rollback: u32,
    /// The token of the plan.
    pub token: String,
}

/// Rehearses a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderDrill {
    /// The scope whose stop is rehearsed. Nothing of it is stopped.
    pub scope: String,
}

/// A rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Drill {
    /// The scope whose stop was rehearsed.
    pub scope: String,
    /// Who did.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// How every lever answered.
    pub levers: Vec<Lever>,
}
