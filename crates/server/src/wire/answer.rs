//! The answer envelope as clients read it: one form for every surface, for success and failure.
//! Twin of what `gate::payload::answer` writes; a test reads and writes real envelopes without loss.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a caller is told of a call. Every key is always there; `null` stands where there is nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The call's id; none where nothing was accepted as a call.
    pub call: Option<String>,
    /// `succeeded`, `partial`, `failed`, `denied`, `held`, `stopped` or `in_doubt`.
    pub status: String,
    /// Whether the act happened: `yes`, `partly`, `no` or `unknown`.
    pub executed: String,
    /// What the tool said, checked and masked.
    pub output: Option<Value>,
    /// What went wrong, or why it waits.
    pub error: Option<Failure>,
    /// What was decided and why.
    pub decision: Option<Decision>,
    /// What changed.
    pub effects: Vec<Effect>,
    /// The unified diff of the plan, for people.
    pub diff: Option<String>,
    /// How it can be taken back.
    pub undo: Option<UndoOffer>,
    /// What it took.
    pub cost: Cost,
    /// Attempts made.
    pub attempts: u32,
    /// Whether this answer was given before, to the same key.
    pub replayed: bool,
    /// Things to know that are not errors.
    pub warnings: Vec<String>,
    /// Where the entry of this answer stands.
    pub journal: Option<JournalPosition>,
}

/// What went wrong: what happened, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Stable code, such as `CR-2001`.
    pub code: String,
    /// What the code means.
    pub title: String,
    /// What happened and what was expected.
    pub message: String,
    /// What to do next.
    pub fix: String,
    /// Whose fault it is: `caller`, `policy`, `operator`, `upstream` or `checkrein`.
    pub fault: String,
    /// Whether the same call may succeed later without a change.
    pub retryable: bool,
    /// The page that explains the code.
    pub docs: String,
}

/// What was decided and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// `allow`, `notify`, `hold` or `deny`.
    pub verdict: String,
    /// Who is needed: `1` nobody, `2` a reviewer afterwards, `3` people before.
    pub tier: String,
    /// Every reason.
    pub reasons: Vec<Reason>,
    /// What people are asked for.
    pub requirements: Vec<Requirement>,
    /// Notices and reviews.
    pub duties: Vec<Duty>,
    /// Version of the policy that decided.
    pub policy: String,
    /// Whether the verdict was only recorded.
    pub shadow: bool,
}

/// One reason of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// What this reason alone asks for.
    pub strength: String,
    /// What it says.
    pub text: String,
    /// The policy that says it; none for a rule of the house.
    pub policy: Option<PolicyPlace>,
}

/// Where a policy stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyPlace {
    /// The policy's `@id`.
    pub id: String,
    /// Its file.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
}

/// What people are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requirement {
    /// The policy that asks.
    pub id: String,
    /// Who is asked.
    pub group: String,
    /// How long people have to decide, in milliseconds.
    pub decide_within_ms: u64,
    /// How long an approval may be used, in milliseconds.
    pub execute_within_ms: u64,
    /// How many different people must say yes; one if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<u8>,
    /// How sure it must be who says yes: `session` or `passkey`; a key is enough if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<String>,
    /// Who is asked too when nobody decides for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Escalation>,
}

/// A second group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Escalation {
    /// How long the first group is asked alone, in milliseconds.
    pub after_ms: u64,
    /// Who is asked then.
    pub group: String,
}

/// Something that must be done beside running the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Duty {
    /// `notice` or `review`.
    pub kind: String,
    /// The policy that asks for it.
    pub id: String,
    /// Who is told or reviews.
    pub group: String,
    /// How long a review may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<u64>,
}

/// One resource that a call touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Effect {
    /// `created`, `modified`, `deleted` or `other`.
    pub kind: String,
    /// Which resource.
    pub resource: String,
    /// Digest of the state before.
    pub before: Option<String>,
    /// Digest of the state after.
    pub after: Option<String>,
    /// `expected`, `unintended`, `not_stated` or `unobserved`.
    pub observation: String,
}

/// How an act can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoOffer {
    /// In words.
    pub how: String,
    /// Until when, in milliseconds since 1970.
    pub until_ms: u64,
}

/// What a call took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cost {
    /// In the accounting currency, such as `0.25`.
    pub money: String,
    /// Tokens.
    pub tokens: u64,
    /// Calls counted.
    pub calls: u64,
    /// Bytes the tool read.
    pub read_bytes: u64,
    /// Milliseconds in the tool.
    pub wall_ms: u64,
}

/// Where an entry stands and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JournalPosition {
    /// The run of the entry.
    pub run: Option<String>,
    /// Its number in its writer's chain, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}
