//! A call and a request for a decision as their entries have them.
//!
//! These are the auditor's own records, kept by its other parts from what became durable and from what tools really
//! did. They hold what a promise is judged by and no more; what the gate believes is nowhere in them.

use std::collections::BTreeSet;

use domain::{
    ApprovalId, ApprovalState, CallId, CallState, Digest, EffectClass, Executed, Name, PermitId,
    PrincipalChain, Requirement, Reservation, RunId, Subject, Timestamp, UndoState,
};

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where it stands.
    pub state: CallState,
    /// In which run; none for one that was refused before it had one.
    pub run: Option<RunId>,
    /// What its first entry says; none for one that was refused before its contract was known.
    pub subject: Option<Subject>,
    /// The call that it was proposed after.
    pub after: Option<CallId>,
    /// The permit to act.
    pub permit: Option<PermitId>,
    /// What people were shown: arguments and plan.
    pub shown: Option<Shown>,
    /// The key that it gave back with its outcome.
    pub freed: Option<Digest>,
    /// Requests made for it.
    pub requests: BTreeSet<ApprovalId>,
    /// What it has reserved and not given back.
    pub reserved: Option<Reservation>,
    /// Where its undo stands; none before it happened or without one.
    pub undo: Option<UndoState>,
    /// Whether an undo may come to be armed.
    pub undoable: bool,
    /// The call that it takes back.
    pub undoes: Option<CallId>,
    /// How often a tool was reached for it with a permit to act or read.
    pub dispatches: u32,
    /// How often it had an effect.
    pub effects: u32,
    /// Whether its last attempt failed and all before did nothing; none while no attempt has failed, or another runs.
    pub failed: Option<Executed>,
    /// How many attempts its entries know.
    pub attempts: u64,
}

/// What a held call showed to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Digest of the canonical arguments.
    pub arguments: Digest,
    /// Digest of the plan.
    pub plan: Option<Digest>,
}

/// One request for a decision.
#[derive(Debug, Clone)]
pub struct Request {
    /// The call it is for.
    pub call: CallId,
    /// What is asked.
    pub requirement: Requirement,
    /// Where it stands.
    pub state: ApprovalState,
    /// Until when it may be used.
    pub execute_by: Option<Timestamp>,
    /// When it was asked.
    pub asked: Timestamp,
    /// Who said yes.
    pub voters: BTreeSet<Name>,
    /// Whether the second group is asked too.
    pub escalated: bool,
}

impl Call {
    pub(super) fn new(state: CallState, run: Option<RunId>, subject: Option<Subject>) -> Self {
        Self {
            state,
            run,
            subject,
            after: None,
            permit: None,
            shown: None,
            freed: None,
            requests: BTreeSet::new(),
            reserved: None,
            undo: None,
            undoable: false,
            undoes: None,
            dispatches: 0,
            effects: 0,
            failed: None,
            attempts: 1,
        }
    }

    /// Who asked.
    pub fn chain(&self) -> Option<&PrincipalChain> {
        self.subject.as_ref().map(|subject| &subject.chain)
    }

    pub(super) fn ledger(&self) -> Option<Digest> {
        let key = self.subject.as_ref().and_then(|subject| subject.ledger);
        key.filter(|key| self.freed != Some(*key))
    }

    pub(super) fn changes(&self) -> bool {
        self.subject.as_ref().is_some_and(|subject| subject.effect_class != EffectClass::Pure)
    }

    /// Whether both are the same act by the same rights, told apart by no key and by nothing that they take back.
    pub(super) fn identical(&self, of: &Self) -> bool {
        let (Some(one), Some(other)) = (&self.subject, &of.subject) else { return false };
        one.ledger.is_none()
            && other.ledger.is_none()
            && one.tool == other.tool
            && one.ledger_arguments == other.ledger_arguments
            && one.grant == other.grant
            && self.after == of.after
            && self.undoes == of.undoes
    }
}

/// Whether two chains are one principal, whatever the version of the agent.
pub(super) fn same_principal(one: &PrincipalChain, other: &PrincipalChain) -> bool {
    one.tenant == other.tenant && one.human == other.human && one.agent.name == other.agent.name
}
