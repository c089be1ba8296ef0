//! The auditor: sees every commit when it becomes durable, every dispatch, every effect and every answer,
//! and says which promise was broken.
//!
//! ```text
//! Store --committed--> lives, budgets, decisions      tools --dispatched, happened--> effects
//! actors --answered, stopped--> answers               end of a life --finished--> whole state
//! ```
//! It keeps a model of its own, folded from entries with the life cycles of `domain`; it never asks the gate.

mod answers;
mod attempts;
mod budgets;
mod decisions;
mod effects;
mod fold;
mod lives;
mod model;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{
    ApprovalId, BudgetScope, CallId, DeadLetterState, Digest, GrantId, RunId, RunState, Stop,
    StopId,
};
use gate::{Commit, Rules};

pub use answers::Asked;
pub use effects::{Dispatch, Reach};
pub use model::{Call, Request};

use crate::coverage::Coverage;
use crate::fault::Promise;
use crate::journal::Store;
use budgets::Book;

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub promise: Promise,
    /// What was seen.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.promise.word(), self.what)
    }
}

/// A run as its entries have it.
#[derive(Debug, Clone)]
pub struct RunModel {
    /// As it was opened.
    pub run: domain::Run,
    /// Where it stands.
    pub state: RunState,
}

/// What the auditor knows.
#[derive(Debug, Default)]
pub struct Auditor {
    /// Broken promises, in the order in which they were seen.
    pub violations: Vec<Violation>,
    /// What the simulation went through.
    pub coverage: Coverage,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) approvals: BTreeMap<ApprovalId, Request>,
    pub(crate) runs: BTreeMap<RunId, RunModel>,
    pub(crate) books: BTreeMap<BudgetScope, Book>,
    /// Stops by the entries.
    pub(crate) stops: BTreeMap<StopId, Stop>,
    /// Stops whose order has returned and whose lifting nobody has asked for.
    pub(crate) acknowledged: BTreeMap<StopId, Stop>,
    pub(crate) revoked: BTreeSet<GrantId>,
    pub(crate) ledger: BTreeMap<Digest, CallId>,
    /// Calls by ledger key that reached a tool.
    pub(crate) acted: BTreeMap<Digest, BTreeSet<CallId>>,
    pub(crate) permits: BTreeSet<domain::PermitId>,
    /// Answered keyless calls of this life whose delivery was not confirmed, and those where it was.
    pub(crate) undelivered: BTreeSet<CallId>,
    pub(crate) arrived: BTreeSet<CallId>,
    /// Calls of which somebody was told that they did not happen and never will.
    pub(crate) denied_to: BTreeSet<CallId>,
    /// Calls whose tool does not tell the truth.
    pub(crate) liars: BTreeSet<CallId>,
    /// Dead letters by call.
    pub(crate) letters: BTreeMap<CallId, DeadLetterState>,
    /// Versions of rules by the digest of their policies.
    pub(crate) rules: BTreeMap<Digest, Arc<Rules>>,
    /// Values that must never be seen.
    pub(crate) secrets: Vec<String>,
    /// Whether a space was ever in shadow, where budgets are only counted.
    pub(crate) shadow: bool,
    /// Stops that ordered an undo themselves.
    pub(crate) undo_ordered: BTreeSet<StopId>,
    /// When acts were admitted.
    pub(crate) admitted: BTreeMap<CallId, domain::Timestamp>,
    /// Calls whose outcome could not be written.
    pub(crate) unwritten: BTreeSet<CallId>,
}

impl Auditor {
    /// With the rules that may be in force and values that must stay secret.
    pub fn new(rules: &[Arc<Rules>], secrets: Vec<String>) -> Self {
        let rules = rules.iter().map(|each| (each.policies.version(), Arc::clone(each))).collect();
        Self { rules, secrets, ..Self::default() }
    }

    /// Records that a promise is broken.
    pub fn broken(&mut self, promise: Promise, what: impl Into<String>) {
        self.violations.push(Violation { promise, what: what.into() });
    }

    /// A commit has become durable.
    pub fn committed(&mut self, commit: &Commit, store: &Store) {
        for entry in &commit.entries {
            self.coverage.event(&entry.event);
            self.keeps_secrets(&format!("{entry:?}"), "an entry");
            self.fold(entry);
            self.decided(entry, store);
        }
        for entry in &commit.entries {
            self.too_dear(entry);
        }
        for payload in &commit.payloads {
            self.keeps_secrets(&String::from_utf8_lossy(&payload.bytes), "a payload");
        }
    }

    fn keeps_secrets(&mut self, text: &str, place: &str) {
        if self.secrets.iter().any(|secret| text.contains(secret)) {
            self.broken(Promise::Secret, format!("a secret stands in {place}"));
        }
    }

    /// A new life of the gate begins.
    pub fn begins_again(&mut self) {
        self.undelivered.clear();
    }
}
