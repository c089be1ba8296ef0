//! The answer envelope: one form for every surface, for success and failure.
//!
//! The journal entry of an answer covers the envelope as given, after masking, without its own
//! `journal` field.

use serde_json::Value;

use crate::contract::words;
use crate::{
    CallId, Code, Digest, Duty, Effect, Money, PolicyPlace, Reason, Requirement, RunId, Strength,
    Tier, Timestamp,
};

/// What a caller is told of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The call; none where nothing was accepted as a call.
    pub call: Option<CallId>,
    /// How it stands.
    pub status: Status,
    /// Whether the act happened.
    pub executed: Executed,
    /// What the tool said, checked and masked.
    pub output: Option<Value>,
    /// What went wrong, or why it waits.
    pub error: Option<Failure>,
    /// What was decided and why; none where nothing was decided.
    pub decision: Option<Decision>,
    /// What changed.
    pub effects: Vec<Effect>,
    /// The unified diff of the plan, for people.
    pub diff: Option<String>,
    /// How it can be taken back.
    pub undo: Option<UndoOffer>,
    /// What it took.
    pub cost: Spent,
    /// Attempts made.
    pub attempts: u32,
    /// Whether this answer was given before, to the same key.
    pub replayed: bool,
    /// Things to know that are not errors.
    pub warnings: Vec<String>,
    /// Where the entry of this answer stands.
    pub journal: Option<JournalPosition>,
}

/// How a call stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It happened as it should.
    Succeeded,
    /// A part happened.
    Partial,
    /// It did not do what it should.
    Failed,
    /// It was refused.
    Denied,
    /// It waits for people.
    Held,
    /// A stop or a budget ended it.
    Stopped,
    /// Nobody knows whether it happened.
    InDoubt,
}

/// Whether an act happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Executed {
    /// It did.
    Yes,
    /// A part did.
    Partly,
    /// It did not.
    No,
    /// Nobody knows.
    Unknown,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The caller can change something.
    Caller,
    /// Policy or a person said no.
    Policy,
    /// The operator must change something.
    Operator,
    /// The tool or its server failed.
    Upstream,
    /// Checkrein failed.
    Checkrein,
}

/// What went wrong: what happened, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable code with a page of its own.
    pub code: Code,
    /// What happened and what was expected. Safe to show.
    pub message: String,
    /// What to do next.
    pub fix: String,
}

/// What was decided and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Strength,
    /// Who is needed.
    pub tier: Tier,
    /// Every reason.
    pub reasons: Vec<Reason>,
    /// What people are asked for.
    pub requirements: Vec<Requirement>,
    /// Notices and reviews.
    pub duties: Vec<Duty>,
    /// Version of the policy that decided.
    pub policy: Digest,
    /// Whether the verdict was only recorded (a space in shadow mode).
    pub shadow: bool,
}

impl Decision {
    /// The policies named by the reasons.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyPlace> {
        self.reasons.iter().filter_map(|reason| reason.policy.as_ref())
    }
}

/// How an act can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoOffer {
    /// In words.
    pub how: String,
    /// Until when.
    pub until: Timestamp,
}

/// What a call took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Money.
    pub money: Money,
    /// Tokens; zero for tools that use none.
    pub tokens: u64,
    /// Calls counted.
    pub calls: u64,
    /// Bytes the tool read.
    pub read_bytes: u64,
    /// Milliseconds in the tool.
    pub wall_ms: u64,
}

/// Where an entry stands and what proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalPosition {
    /// The run of the entry.
    pub run: Option<RunId>,
    /// Its number in its writer's chain, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

words! {
    Status {
        Succeeded = "succeeded", Partial = "partial", Failed = "failed", Denied = "denied",
        Held = "held", Stopped = "stopped", InDoubt = "in_doubt",
    }
    Executed { Yes = "yes", Partly = "partly", No = "no", Unknown = "unknown" }
    Fault {
        Caller = "caller", Policy = "policy", Operator = "operator", Upstream = "upstream", Checkrein = "checkrein",
    }
}
