//! Runs: opened by agents, ended by either side, undone and replayed by operators.
//! What a run did is in its calls; its record for elsewhere is made by the journal and has no type here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Limits, PolicyFile};

/// Opens a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRun {
    /// The kind of work.
    pub workflow: String,
    /// What for.
    pub purpose: String,
    /// Limits; they can only be stricter than the workflow's.
    #[serde(default)]
    pub limit: Limits,
}

/// One piece of a workflow's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Its id.
    pub run: String,
    /// The tenant.
    pub tenant: String,
    /// The kind of work.
    pub workflow: String,
    /// Where it lives.
    pub space: String,
    /// The grant that opened it.
    pub grant: String,
    /// The agent with its version.
    pub agent: String,
    /// On whose behalf.
    pub human: String,
    /// What for.
    pub purpose: String,
    /// Whether it was made for calls that named no run.
    pub ambient: bool,
    /// `open`, `paused` or `ended`.
    pub state: String,
    /// Since when, in milliseconds since 1970.
    pub opened_ms: u64,
    /// When it was last used.
    pub last_ms: u64,
    /// How it ended: `succeeded`, `failed`, `abandoned` or `idle`.
    pub outcome: Option<String>,
    /// Why it is paused or ended.
    pub reason: Option<String>,
    /// The number that its workflow measures success by.
    pub metric: Option<String>,
}

/// How a run went, counted from its entries. Shares are in thousandths, and absent where there is nothing to share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunScore {
    /// The run's id.
    pub run: String,
    /// Calls that the agent proposed.
    pub calls: u64,
    /// Refused for what came in.
    pub invalid: u64,
    /// Refused by policy, people, safeguards, budgets or stops.
    pub refused: u64,
    /// Waiting for people or for an outcome.
    pub open: u64,
    /// Done as the agent was told.
    pub succeeded: u64,
    /// Done in part.
    pub partial: u64,
    /// Not done, or done and not as it should be.
    pub failed: u64,
    /// Nobody knows.
    pub in_doubt: u64,
    /// Of all calls, thousandths that were let through as they came in.
    pub validity: Option<u64>,
    /// Of the calls that were let through and are over, thousandths that succeeded.
    pub success: Option<u64>,
    /// Effects that the agent had declared.
    pub expected: u64,
    /// Effects that it had not, though it declared some.
    pub unintended: u64,
    /// Effects of calls that declared none.
    pub not_stated: u64,
    /// Effects that only the tool tells of.
    pub unobserved: u64,
    /// Of the effects that could be compared, thousandths that nobody had declared.
    pub divergence: Option<u64>,
    /// Acts whose postconditions do not hold.
    pub unmet: u64,
    /// Acts that were taken back.
    pub undone: u64,
    /// Checks that contracts asked for.
    pub checks: u64,
    /// Of these, that found something else or could not be made.
    pub checks_failed: u64,
}

/// Ends a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRun {
    /// `succeeded`, `failed` or `abandoned`.
    pub outcome: String,
    /// Why, in words.
    #[serde(default)]
    pub reason: String,
    /// The number that the workflow measures success by, as text.
    #[serde(default)]
    pub metric: Option<String>,
    /// References to what shows it.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// Lets a paused run go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResumeRun {
    /// Why.
    pub reason: String,
}

/// Takes the last acts of a run back, the last one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoLast {
    /// How many, at least 1.
    pub last: u32,
}

/// What became of taking several acts back, in the order in which it was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Undone {
    /// Each act with the answer of its undo.
    pub acts: Vec<UndoneCall>,
}

/// One act and the answer of its undo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UndoneCall {
    /// The act.
    pub of: String,
    /// The answer of the call that took it back, or why it could not.
    pub answer: Answer,
}

/// Computes every decision of a run again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Replay {
    /// Other policies to decide with; those of the time without any.
    pub policy: Vec<PolicyFile>,
}

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayReport {
    /// The run.
    pub run: String,
    /// Decisions computed again.
    pub decisions: u64,
    /// Decisions that came out the same.
    pub same: u64,
    /// Decisions that came out otherwise, or whose facts or policy are not what was recorded.
    pub differences: Vec<Difference>,
    /// Calls whose facts are gone.
    pub not_replayable: Vec<String>,
}

/// One decision that did not come out as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The call.
    pub call: String,
    /// The position of the entry with the decision.
    pub position: u64,
    /// What was recorded.
    pub recorded: String,
    /// What was computed.
    pub computed: String,
}
