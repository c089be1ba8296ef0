//! Facts: everything a decision may use, and nothing else. Recorded whole, so that the same facts under
//! the same policy give the same decision again (P12).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    Amounts, CallId, CommandFacts, Confidence, Consequences, Digest, EffectClass, Labels, Maturity,
    Name, PreviewMeans, PrincipalChain, Provenance, Resource, Timestamp, ToolName,
};

/// The facts of one decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// When the decision is made.
    pub now: Timestamp,
    /// Who asks.
    pub chain: PrincipalChain,
    /// In which workflow.
    pub workflow: Name,
    /// In which space.
    pub space: Name,
    /// Which tool.
    pub tool: ToolFacts,
    /// Which resource, resolved.
    pub resource: Resource,
    /// The arguments, resolved: what runs if it runs.
    pub arguments: Value,
    /// What the caller gave the tool beside them; none if it gave nothing.
    pub input: Option<InputFacts>,
    /// Labels of the arguments.
    pub labels: Labels,
    /// Which command it is, for a tool that is one.
    pub command: Option<CommandFacts>,
    /// What the call would change; none before the preview or without one.
    pub plan: Option<PlanFacts>,
    /// Why there is no plan although the contract counts on one.
    pub no_preview: Option<String>,
    /// Why the contract's verifier wants people to look; none if it does not, or there is none.
    pub objection: Option<String>,
    /// Policy ids whose requirement an approval satisfies, for exactly this call and plan.
    pub approvals: BTreeSet<String>,
    /// Classes of action for which measured outcomes earned autonomy.
    pub autonomy: BTreeSet<String>,
    /// What happened before.
    pub history: History,
    /// What is left of the run's budget.
    pub budget_left: Amounts<Option<u64>>,
    /// Opinions, which can only make a decision stricter.
    pub advice: Advice,
}

/// What a decision may know of the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolFacts {
    /// Its name.
    pub name: ToolName,
    /// Digest of the pinned contract.
    pub contract: Digest,
    /// What can be taken back.
    pub effect_class: EffectClass,
    /// Who is hit.
    pub consequences: Consequences,
    /// Where the classes come from.
    pub provenance: Provenance,
    /// How settled the tool is.
    pub maturity: Maturity,
    /// Whether it can show a plan.
    pub preview: PreviewMeans,
}

/// What a decision may know of input that a caller gave: not what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputFacts {
    /// SHA-256 over its canonical JSON.
    pub digest: Digest,
    /// The call whose recorded questions it answers; none if nobody asked for it.
    pub answers: Option<CallId>,
}

/// What a decision may know of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanFacts {
    /// Digest of the plan.
    pub digest: Digest,
    /// Paths touched.
    pub paths: Vec<String>,
    /// How many paths are new.
    pub creations: u64,
    /// How many change.
    pub overwrites: u64,
    /// How many go.
    pub deletions: u64,
    /// Bytes of content before and after.
    pub content_bytes: u64,
    /// Whether the inverse restores everything exactly.
    pub restorable: bool,
    /// What follows from the paths themselves: a changed hook, build script or editor task is code.
    pub consequences: Consequences,
    /// How many changes the proposal did not declare; 0 if it declared none at all.
    pub unintended: u64,
    /// What follows from those.
    pub unintended_consequences: Consequences,
    /// How the command ended whose changes these are.
    pub exit_code: Option<i32>,
    /// Calls that still wait for people and must be done before it: it changes something on top of them, or would tell
    /// of what its agent may not see yet.
    pub stands_on: Vec<CallId>,
}

/// What happened before, counted by the grant as well as by the run, whichever is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// Failures in a row right before this call.
    pub failures_in_row: u64,
    /// Identical calls (tool and arguments) in this run before.
    pub identical_calls: u64,
    /// Calls of this run before.
    pub calls: u64,
    /// When an identical call that cannot be restored was done in this run, if the caller gave no key.
    pub done_before: Option<Timestamp>,
    /// The call of this run in doubt on which this one builds: of the same resource, or named by it.
    pub in_doubt_before: Option<CallId>,
    /// Whether the run's budget must be raised for this call, where the budget says that people are asked.
    pub over_budget: bool,
}

/// Opinions. What is not stated counts as the worst value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advice {
    /// How sure the agent says it is.
    pub confidence: Option<Confidence>,
    /// Whether the agent said what it wants.
    pub intent_stated: bool,
    /// Whether the agent said what will change.
    pub effects_stated: bool,
}
