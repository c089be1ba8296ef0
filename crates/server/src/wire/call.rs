//! Calls: the proposal that opens one, what is known of one, and what an operator may do with one.
//! Contents (arguments, outputs) travel in proposals and answers only, never in listings.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Answer, Approval, Decision};

/// What an agent proposes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The tool, such as `files.write`.
    pub tool: String,
    /// The arguments, as the tool's contract describes them.
    #[schema(value_type = Object)]
    pub arguments: Value,
    /// What the agent wants, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// What will change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_effect: Vec<ExpectedEffect>,
    /// How sure the agent is: 0 to 1, as a number or as text. Digits beyond the second decimal are cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.85")]
    pub confidence: Option<Value>,
    /// The idempotency key: the same key gives the same answer and at most one effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The run; the ambient run of the grant without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What the agent relies on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// For a command: the held call of the same run on whose changes its preview stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether the call may run after an approval although nobody waits for it.
    #[serde(default)]
    pub detached: bool,
    /// A webhook of the installation, by name, that is told when the held call ends; see `webhook.callers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<String>,
    /// How long to wait for people if the call is held, in milliseconds; up to 240,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// What an agent says will change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedEffect {
    /// `created`, `modified`, `deleted` or `other`.
    pub kind: String,
    /// A glob of resources, such as `workspace:src/**`.
    pub resource: String,
    /// How many at most; 1 if not given.
    #[serde(default = "one")]
    pub count_max: u64,
}

fn one() -> u64 {
    1
}

/// What is known of a call, without its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Call {
    /// Its id.
    pub call: String,
    /// Its run.
    pub run: Option<String>,
    /// The agent with its version.
    pub agent: String,
    /// The tool.
    pub tool: String,
    /// The resource, resolved and masked.
    pub resource: String,
    /// What can be taken back: `pure`, `restorable`, …
    pub effect_class: String,
    /// Where it stands in its life: `held`, `succeeded`, …
    pub state: String,
    /// As its answer says; none before there is one.
    pub status: Option<String>,
    /// Whether the act happened.
    pub executed: Option<String>,
    /// The code, if something went wrong.
    pub code: Option<String>,
    /// What was decided.
    pub verdict: Option<String>,
    /// Who was needed.
    pub tier: Option<String>,
    /// Version of the policy that decided.
    pub policy: Option<String>,
    /// Keyed digest of its arguments.
    pub arguments_digest: Option<String>,
    /// Whether it may run although nobody waits.
    pub detached: bool,
    /// When it arrived, in milliseconds since 1970.
    pub received_ms: u64,
    /// When it last moved.
    pub updated_ms: u64,
    /// Milliseconds in the tool.
    pub wall_ms: u64,
    /// What it cost, in the accounting currency.
    pub money: String,
    /// Where its undo stands; none if it has none.
    pub undo: Option<String>,
    /// Until when it can be undone.
    pub undo_until_ms: Option<u64>,
    /// The call that this call takes back.
    pub undoes: Option<String>,
    /// How many attempts were made.
    #[serde(default)]
    pub attempts: u64,
    /// The call in whose place it was made: redriven, or with another tool.
    #[serde(default)]
    pub follows: Option<String>,
    /// The call that was made in its place.
    #[serde(default)]
    pub followed_by: Option<String>,
    /// When it leaves the outbox; none for a call that did not wait there.
    #[serde(default)]
    pub leaves_ms: Option<u64>,
}

/// A call with its answer and what people were asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallDetails {
    /// The call.
    pub call: Call,
    /// The last answer that was given; none where it was never answered or is no longer kept.
    pub answer: Option<Answer>,
    /// What people were asked.
    pub approvals: Vec<Approval>,
}

/// The plan of a changing call: what it would do or did, without contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanView {
    /// The call.
    pub call: String,
    /// Digest of the plan: what an approval is bound to.
    pub digest: String,
    /// Whether its inverse restores everything exactly.
    pub restorable: bool,
    /// Changes in order.
    pub changes: Vec<Change>,
    /// Unified diff, masked.
    pub diff: String,
    /// What the command printed and used whose changes these are; none for other tools.
    pub execution: Option<Execution>,
}

/// What a command printed, used and reached while it was previewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Execution {
    /// How it ended.
    pub exit_code: i32,
    /// What it printed.
    pub stdout: Printed,
    /// What it printed as errors.
    pub stderr: Printed,
    /// How long it ran.
    pub wall_ms: u64,
    /// Processor time of all its processes.
    pub cpu_ms: u64,
    /// The most memory it held at once, in bytes.
    pub memory_bytes_max: u64,
    /// Processes and threads it started.
    pub processes: u64,
    /// Where it tried to connect to.
    pub network: Vec<Contact>,
    /// How narrow the place was that it ran in: `overlay`, `copy` or `landlock`.
    pub jail: String,
}

/// Printed text, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Printed {
    /// The text, cut in the middle where there was much.
    pub text: String,
    /// Bytes printed, also those that are not in the text.
    pub bytes: u64,
}

/// One attempt to reach a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// As the command named it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Why it was refused or failed; none if it was reached.
    pub refused: Option<String>,
}

/// One path's change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Path inside the workspace.
    pub path: String,
    /// The state before; none where nothing stood.
    pub before: Option<FileState>,
    /// The state after; none where nothing will stand.
    pub after: Option<FileState>,
    /// The path it was moved from.
    pub moved_from: Option<String>,
    /// How it compares with what the proposal declared: `expected`, `unintended`, or `not_stated` where it declared
    /// nothing.
    pub observation: String,
    /// What follows from it, such as `code_execution` for a hook.
    pub consequences: Vec<String>,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileState {
    /// `file`, `directory` or `link`.
    pub kind: String,
    /// Permission bits in octal, such as `0644`.
    pub mode: String,
    /// Bytes of a file.
    pub size: Option<u64>,
    /// SHA-256 of a file's content.
    pub digest: Option<String>,
    /// The target of a link.
    pub target: Option<String>,
}

/// Why a call was decided as it was, computed again from the recorded facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// The call.
    pub call: String,
    /// The decision under the policy version that was in force then.
    pub decision: Decision,
    /// In words, a line each.
    pub lines: Vec<String>,
}

/// Takes a held call back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// Why.
    pub reason: String,
}

/// Says what became of a call in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// What was found: `yes`, `partly` or `no`.
    pub executed: String,
    /// How it was found.
    pub reason: String,
}
