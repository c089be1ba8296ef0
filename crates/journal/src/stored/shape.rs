//! Shapes on disk of what events are made of: decisions, effects, runs, grants, budgets, stops.
//!
//! Each `twin!` names the domain's type, its fields and their types once more, in the order in which they
//! are written. INVARIANT (canonical order): fields stand in the order of their names on disk, so that plain
//! JSON output is RFC 8785; `tests/it/stored.rs` compares every event with an independent canonicalizer.
//! Absent values are `null`, never left out; unknown keys are errors; units are in the names.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{
    Agent, Amounts, ApprovalId, Assurance, BudgetScope, CallId, Classification, Consequence,
    Decision, Digest, Duty, DutyKind, Effect, EffectClass, EffectKind, Escalation, Executed,
    Exported, Grant, GrantId, GrantState, Human, Lever, LeverReceipt, Mode, Money, Name,
    Observation, OnExceeded, Outcome, OutcomeStatus, PayloadKind, PolicyPlace, PrincipalChain,
    Reason, Replaced, Replay, Requirement, Reservation, Resource, ReviewVerdict, Rights,
    RolledBack, Run, RunId, RunState, Settled, Shown, Spent, Status, Stop, StopId, StopLevel,
    StopScope, StopState, Stopped, StoppedCall, Strength, Subject, Surface, Tier, Timestamp,
    ToolName, UndoState, Vote,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::twin::{Own, Ref, Twin, words};

words!(
    Consequence,
    DutyKind,
    EffectClass,
    EffectKind,
    Executed,
    Exported,
    GrantState,
    Lever,
    Mode,
    Observation,
    OnExceeded,
    OutcomeStatus,
    PayloadKind,
    Replaced,
    Replay,
    ReviewVerdict,
    RunState,
    Status,
    StopLevel,
    StopState,
    Stopped,
    Strength,
    Surface,
    Tier,
    UndoState,
);

/// Declares shapes: the domain's type as text and as type, the twin's name, fields in order.
macro_rules! twin {
    ($($remote:tt $type:ident $twin:ident { $($(#[$attribute:meta])* $field:ident: $is:ty),* $(,)? })*) => {$(
        #[derive(Serialize, Deserialize)]
        #[serde(remote = $remote, deny_unknown_fields)]
        pub(crate) struct $twin {
            $(
                $(#[$attribute])*
                #[serde(with = "crate::stored::twin")]
                $field: $is,
            )*
        }

        impl $crate::stored::twin::Twin for $type {
            fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                $twin::serialize(self, out)
            }

            fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $twin::deserialize(from)
            }
        }
    )*};
}
pub(super) use twin;

twin! {
    "Agent" Agent AgentTwin { name: Name, version: String }
    "PrincipalChain" PrincipalChain ChainTwin {
        agent: Agent, human: Human, parents: Vec<Agent>, tenant: Name,
    }
    "Subject" Subject SubjectTwin {
        arguments: Digest,
        chain: PrincipalChain,
        consequences: BTreeSet<Consequence>,
        contract: Digest,
        detached: bool,
        effect_class: EffectClass,
        facts: Digest,
        grant: GrantId,
        ledger: Option<Digest>,
        ledger_arguments: Digest,
        #[serde(rename = "received_ms")]
        received: Timestamp,
        resource: String,
        tool: ToolName,
    }
    "PolicyPlace" PolicyPlace PolicyPlaceTwin { file: String, id: String, line: u32 }
    "Reason" Reason ReasonTwin { policy: Option<PolicyPlace>, strength: Strength, text: String }
    "Duty" Duty DutyTwin {
        group: String,
        id: String,
        kind: DutyKind,
        // Left out where there is none, as in the next shape: earlier entries did not know it, and keep their bytes.
        #[serde(default, rename = "within_ms", skip_serializing_if = "Option::is_none")]
        within: Option<Duration>,
    }
    "Escalation" Escalation EscalationTwin {
        #[serde(rename = "after_ms")]
        after: Duration,
        group: String,
    }
    "Requirement" Requirement RequirementTwin {
        #[serde(default = "any_key", skip_serializing_if = "is_any_key")]
        assurance: Assurance,
        #[serde(rename = "decide_within_ms")]
        decide_within: Duration,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        escalate: Option<Escalation>,
        #[serde(rename = "execute_within_ms")]
        execute_within: Duration,
        group: String,
        id: String,
        #[serde(default = "one", skip_serializing_if = "is_one")]
        quorum: u8,
    }
    "Shown" Shown ShownTwin { chars: u64, digest: Digest }
    "Vote" Vote VoteTwin {
        assurance: Assurance,
        #[serde(rename = "at_ms")]
        at: Timestamp,
        by: Name,
        reason: Option<String>,
        shown: Option<Shown>,
        surface: Surface,
    }
    "Decision" Decision DecisionTwin {
        duties: Vec<Duty>, policy: Digest, reasons: Vec<Reason>, requirements: Vec<Requirement>,
        shadow: bool, tier: Tier, verdict: Strength,
    }
    "Effect" Effect EffectTwin {
        after: Option<Digest>, before: Option<Digest>, kind: EffectKind, observation: Observation,
        resource: Resource,
    }
    "Spent" Spent SpentTwin {
        calls: u64,
        #[serde(rename = "money_micros")]
        money: Money,
        read_bytes: u64,
        tokens: u64,
        wall_ms: u64,
    }
    "Reservation" Reservation ReservationTwin { amounts: Amounts, scopes: Vec<BudgetScope> }
    "Settled" Settled SettledTwin {
        answer: Digest,
        code: Option<domain::Code>,
        effects: Vec<Effect>,
        executed: Executed,
        // Left out where there is none: earlier entries did not know it, and keep their bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        freed: Option<Digest>,
        reservation: Reservation,
        spent: Spent,
        status: Status,
        undo: Option<UndoState>,
    }
    "Classification" Classification ClassificationTwin {
        consequences: BTreeSet<Consequence>, effect_class: EffectClass, resource: Option<String>,
    }
    "Rights" Rights RightsTwin { spaces: Vec<Name>, tools: Vec<String>, workflows: Vec<Name> }
    "Grant" Grant GrantTwin {
        chain: PrincipalChain,
        #[serde(rename = "expires_ms")]
        expires: Option<Timestamp>,
        id: GrantId,
        rights: Rights,
        state: GrantState,
    }
    "Run" Run RunTwin {
        ambient: bool,
        chain: PrincipalChain,
        grant: GrantId,
        id: RunId,
        #[serde(rename = "opened_ms")]
        opened: Timestamp,
        purpose: String,
        space: Name,
        state: RunState,
        workflow: Name,
    }
    "Outcome" Outcome OutcomeTwin {
        evidence: Vec<String>, metric: Option<String>, reason: String, status: OutcomeStatus,
    }
    "Stop" Stop StopTwin {
        #[serde(rename = "at_ms")]
        at: Timestamp,
        by: Name,
        id: StopId,
        level: StopLevel,
        reason: String,
        scope: StopScope,
        state: StopState,
    }
    "LeverReceipt" LeverReceipt LeverReceiptTwin {
        acknowledged: u64, lever: Lever, missing: u64, reached: u64, took_ms: u64, unknown: u64,
    }
    "StoppedCall" StoppedCall StoppedCallTwin { became: Stopped, call: CallId, took_ms: u64 }
    "RolledBack" RolledBack RolledBackTwin {
        act: CallId, became: Option<UndoState>, reason: Option<String>,
    }
}

const fn any_key() -> Assurance {
    Assurance::Key
}

fn is_any_key(assurance: &Assurance) -> bool {
    *assurance == any_key()
}

const fn one() -> u8 {
    1
}

fn is_one(quorum: &u8) -> bool {
    *quorum == one()
}

#[derive(Serialize)]
#[serde(bound(serialize = "T: Twin"))]
struct AmountsOut<'a, T> {
    calls: Ref<'a, T>,
    irreversible: Ref<'a, T>,
    money_micros: Ref<'a, T>,
    read_bytes: Ref<'a, T>,
    wall_ms: Ref<'a, T>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Twin"))]
struct AmountsIn<T> {
    calls: Own<T>,
    irreversible: Own<T>,
    money_micros: Own<T>,
    read_bytes: Own<T>,
    wall_ms: Own<T>,
}

impl<T: Twin> Twin for Amounts<T> {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self { calls, irreversible, money_micros, read_bytes, wall_ms } = self;
        let twin = AmountsOut {
            calls: Ref(calls),
            irreversible: Ref(irreversible),
            money_micros: Ref(money_micros),
            read_bytes: Ref(read_bytes),
            wall_ms: Ref(wall_ms),
        };
        twin.serialize(out)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let AmountsIn { calls, irreversible, money_micros, read_bytes, wall_ms } =
            AmountsIn::deserialize(from)?;
        Ok(Self {
            calls: calls.0,
            irreversible: irreversible.0,
            money_micros: money_micros.0,
            read_bytes: read_bytes.0,
            wall_ms: wall_ms.0,
        })
    }
}

/// One request for a decision, as it stands in a list.
#[derive(Serialize)]
struct RequestOut<'a> {
    approval: Ref<'a, ApprovalId>,
    requirement: Ref<'a, Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestIn {
    approval: Own<ApprovalId>,
    requirement: Own<Requirement>,
}

impl Twin for (ApprovalId, Requirement) {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        RequestOut { approval: Ref(&self.0), requirement: Ref(&self.1) }.serialize(out)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = RequestIn::deserialize(from)?;
        Ok((read.approval.0, read.requirement.0))
    }
}
