//! The shape of every event on disk: `{"call_admitted": {…}}`.
//!
//! The list repeats the domain's events with their fields in the order of their names (see
//! `shape.rs`). A variant or field that the domain gains does not compile until it has a form here; a
//! changed form needs a new version of the record.

use domain::{
    Amounts, ApprovalId, BudgetScope, CallId, Classification, Code, Decision, Digest, Event,
    Executed, Exported, Grant, GrantId, KeyHolder, KeyId, LeverReceipt, Login, Mode, Name,
    OnExceeded, Operator, Outcome, Passkey, PasskeyUse, PermitId, Person, Replaced, Replay,
    Requirement, Reservation, ReviewVerdict, RolledBack, Run, SessionEnd, Settled, Spent, Stop,
    StopId, StopScope, StoppedCall, Subject, Surface, TicketKind, Timestamp, ToolName, UndoState,
    Vote, WriterId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::twin::Twin;

macro_rules! events {
    ($($variant:ident { $($(#[$attribute:meta])* $field:ident: $is:ty),* $(,)? })*) => {
        #[derive(Serialize, Deserialize)]
        #[serde(remote = "Event", rename_all = "snake_case", deny_unknown_fields)]
        enum EventTwin {
            $($variant {
                $(
                    $(#[$attribute])*
                    #[serde(with = "crate::stored::twin")]
                    $field: $is,
                )*
            },)*
        }
    };
}

events! {
    WriterOpened { program: String, writer: WriterId }
    WriterSealed { hash: Digest, seq: u64, writer: WriterId }
    PolicyLoaded { policies: u64, version: Digest }
    ContractsLoaded { tools: u64, version: Digest }
    ConfigurationLoaded { version: Digest }
    ModeSet {
        by: Name,
        mode: Mode,
        // Left out where there is none: the first version did not know it, and its entries keep their bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        space: Name,
    }
    ToolPinned { by: Option<Name>, definition: Digest, server: Name, tool: ToolName }
    ToolDrifted { pinned: Digest, seen: Digest, tool: ToolName }
    ToolRefused { by: Name, reason: String, seen: Digest, tool: ToolName }
    ToolClassified {
        by: Name, classification: Classification, definition: Digest, reason: String, tool: ToolName,
    }
    GrantGiven { by: Name, grant: Grant }
    GrantRevoked { by: Name, grant: GrantId, reason: String }
    KeyMade { by: Name, holder: KeyHolder, key: KeyId, verifier: Digest }
    KeyRevoked { by: Name, key: KeyId, reason: String }
    PersonMade { by: Name, person: Person }
    PersonChanged { by: Name, person: Person, reason: String }
    PersonLinked { by: Name, identity: Digest, issuer: Name, person: Name, tenant: Name }
    PersonUnlinked { by: Name, identity: Digest, issuer: Name, person: Name, tenant: Name }
    PasskeyAdded { by: Name, passkey: Passkey }
    PasskeyRemoved { by: Name, passkey: String, person: Name, tenant: Name }
    TicketsMade {
        by: Name,
        kind: TicketKind,
        person: Name,
        replaced: Vec<Digest>,
        tenant: Name,
        #[serde(rename = "until_ms")]
        until: Option<Timestamp>,
        verifiers: Vec<Digest>,
    }
    SessionOpened {
        login: Login,
        passkey: Option<PasskeyUse>,
        person: Name,
        session: KeyId,
        tenant: Name,
        ticket: Option<Digest>,
        #[serde(rename = "until_ms")]
        until: Timestamp,
        verifier: Digest,
    }
    SessionUsed {
        session: KeyId,
        #[serde(rename = "until_ms")]
        until: Timestamp,
    }
    SessionEnded { by: Option<Name>, session: KeyId, why: SessionEnd }
    LoginsRefused { count: u64 }
    RunOpened { limit: Amounts<Option<u64>>, on_exceeded: OnExceeded, run: Run }
    RunPaused { reason: String }
    RunResumed { by: Name, reason: String }
    RunEnded { outcome: Outcome }
    BudgetOpened { limit: Amounts<Option<u64>>, on_exceeded: OnExceeded, scope: BudgetScope }
    BudgetRaised { by: Name, by_amounts: Amounts, reason: String, scope: BudgetScope }
    SliceLeased { reservation: Reservation }
    SliceReturned { reservation: Reservation }
    CallDenied {
        answer: Digest, code: Code, decision: Option<Decision>, subject: Option<Subject>,
    }
    CallHeld {
        answer: Digest, binding: Digest, decision: Decision,
        requests: Vec<(ApprovalId, Requirement)>, subject: Subject,
    }
    CallAdmitted {
        decision: Decision,
        permit: PermitId,
        plan: Option<Digest>,
        reservation: Reservation,
        subject: Subject,
        undo_until: Option<Timestamp>,
        undoes: Option<CallId>,
        used: Vec<ApprovalId>,
        was_held: bool,
    }
    PreviewAdmitted { permit: PermitId, subject: Subject }
    PreviewSettled { code: Option<Code>, plan: Option<Digest> }
    ReadSettled { decision: Decision, outcome: Settled, subject: Subject }
    CallSettled { outcome: Settled }
    CallLost { answer: Option<Digest>, reason: String }
    CallResolved {
        by: String, executed: Executed, reason: String, reservation: Reservation, spent: Spent,
        undo: Option<UndoState>,
    }
    CallCancelled {
        answer: Option<Digest>, by: String, code: Code, ledger: Option<Digest>, reason: String,
        reservation: Option<Reservation>,
    }
    HeldCallDenied {
        answer: Digest,
        by: String,
        code: Code,
        // Left out where there is none: the first version did not know it, and its entries keep their bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decision: Option<Decision>,
        ledger: Option<Digest>,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Subject>,
    }
    CallSuperseded {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Name>,
        by_call: Option<CallId>,
        ledger: Option<Digest>,
        reason: String,
    }
    AnswerGiven { answer: Digest, code: Option<Code>, replayed: Replay }
    ApprovalVoted { approval: ApprovalId, vote: Vote }
    ApprovalApproved {
        approval: ApprovalId,
        by: Name,
        #[serde(rename = "execute_by_ms")]
        execute_by: Timestamp,
        reason: Option<String>,
    }
    ApprovalRejected { approval: ApprovalId, by: Name, reason: String }
    ApprovalExpired { approval: ApprovalId }
    ApprovalClosed { approval: ApprovalId, superseded: Replaced }
    ApprovalEscalated { approval: ApprovalId, group: String }
    ApprovalQuestioned { answer: Digest, approval: ApprovalId, by: Name, question: String }
    EvidenceGiven { evidence: Vec<String> }
    DutyDone {
        by: Name,
        duty: String,
        note: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verdict: Option<ReviewVerdict>,
    }
    DutyOverdue { duty: String }
    IncidentOpened { by: Name, duty: String, reason: String }
    IncidentClosed { by: Name, duty: String, reason: String }
    OutletMoved { outlet: Name, position: u64 }
    OutletTold { outlet: Name, part: u64, position: u64 }
    OutletShowed { about: String, outlet: Name, place: Option<String>, shown: Option<Digest> }
    OutletGaveUp { outlet: Name, part: u64, position: u64, reason: String, tries: u64 }
    MessageTaken {
        approval: Option<ApprovalId>, message: Digest, outcome: String, outlet: Name, person: Name,
        surface: Surface,
    }
    CallbackAsked { outlet: Name }
    StopOrdered { epoch: u64, stop: Stop }
    StopLifted { by: Name, reason: String, stop: StopId }
    RollbackOrdered { acts: Vec<CallId>, by: Name, stop: StopId, tenant: Name }
    RollbackEnded { acts: Vec<RolledBack>, stop: StopId }
    StopReceipted { calls: Vec<StoppedCall>, levers: Vec<LeverReceipt>, stop: StopId }
    StopDrilled { by: Name, levers: Vec<LeverReceipt>, scope: StopScope }
    UndoMoved { of: CallId, reason: Option<String>, to: UndoState }
    OriginalsErased { of: CallId }
    RunExported { by: Operator, with_payloads: Exported }
}

impl Twin for Event {
    fn put<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        EventTwin::serialize(self, out)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        EventTwin::deserialize(from)
    }
}
