//! Dead letters and probes as they travel: calls that wait for a person, with all that is known of them.
//! Made from records of the gate, and never read by it. Tests: `crates/server/tests/it`, as far as routes and their rights go.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Call, Entry, PlanView};

/// A call that used up its attempts, or stays in doubt for too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetter {
    /// The call.
    pub call: String,
    /// Its run.
    pub run: Option<String>,
    /// The agent.
    pub agent: String,
    /// The tool.
    pub tool: String,
    /// The resource, masked.
    pub resource: String,
    /// Why: `used_up`, `interrupted` or `in_doubt`.
    pub why: String,
    /// How many attempts were made.
    pub attempts: u64,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: u64,
    /// `open`, `redriven`, `resolved` or `discarded`.
    pub state: String,
    /// Who settled it: a person, or `probe`.
    pub settled_by: Option<String>,
    /// What was said then.
    pub reason: Option<String>,
    /// When, in milliseconds since 1970.
    pub settled_ms: Option<u64>,
    /// The call that was made in its place.
    pub redriven_as: Option<String>,
}

/// A dead letter with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetterDetails {
    /// The letter.
    pub letter: DeadLetter,
    /// The call as it stands.
    pub call: Call,
    /// What its agent was told last.
    pub answer: Option<Answer>,
    /// What it would have changed, where that could be shown.
    pub plan: Option<PlanView>,
    /// Every entry of the call: each attempt, each probe, what was decided.
    pub entries: Vec<Entry>,
    /// What may be done now: `redrive`, `resolve`, `discard`.
    pub may: Vec<String>,
}

/// Makes a dead letter's call again, or puts it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleLetter {
    /// Why.
    pub reason: String,
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Probed {
    /// The call by which was looked.
    pub probe: String,
    /// Whether the act happened: `yes`, `no`, or `unknown`, which leaves it in doubt.
    pub found: String,
    /// Why that is said.
    pub reason: String,
}
