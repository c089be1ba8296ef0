//! Events: what the journal records. Facts in the past tense, never edited.
//!
//! An entry is one event with the moment, tenant, run and call it belongs to. Everything else the store
//! knows (runs, calls, ledger, budgets, approvals, …) is a projection of entries and can be rebuilt from
//! them. Digests of what people or agents wrote are keyed, so that an entry reveals nothing once the
//! run's key is erased; the exact values are payloads, encrypted, apart.

use crate::contract::words;
use crate::{
    Amounts, ApprovalId, BudgetScope, CallId, CallLink, CheckKind, CheckVerdict, Classification,
    Code, Consequences, DeadLetterState, DeadReason, Decision, Digest, Effect, EffectClass,
    Executed, Grant, GrantId, Groups, KeyId, LeverReceipt, Login, Mode, Name, OnExceeded, Operator,
    Outcome, Passkey, PasskeyUse, PermitId, Person, PrincipalChain, Requirement, Reservation,
    ReviewVerdict, Roles, RolledBack, Run, RunId, SessionEnd, Spent, Status, StepMove, Stop,
    StopId, StopScope, StoppedCall, Surface, TicketKind, Timestamp, ToolName, UndoState, Vote,
    WriterId,
};

/// One event with what it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub tenant: Option<Name>,
    /// In which run.
    pub run: Option<RunId>,
    /// Of which call.
    pub call: Option<CallId>,
    /// What happened.
    pub event: Event,
}

/// What every first entry of a call says of it: the call without its contents.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// The rights used.
    pub grant: GrantId,
    /// Who asked.
    pub chain: PrincipalChain,
    /// The tool.
    pub tool: ToolName,
    /// The pinned contract.
    pub contract: Digest,
    /// What can be taken back.
    pub effect_class: EffectClass,
    /// Who is hit.
    pub consequences: Consequences,
    /// The resource, masked.
    pub resource: String,
    /// Canonical arguments, keyed per run.
    pub arguments: Digest,
    /// The facts payload, keyed per run: replay starts from it.
    pub facts: Digest,
    /// The ledger key, keyed per tenant; none without a key.
    pub ledger: Option<Digest>,
    /// Canonical arguments, keyed per tenant: what the ledger compares.
    pub ledger_arguments: Digest,
    /// When it arrived.
    pub received: Timestamp,
    /// Whether it may run after an approval although nobody waits.
    pub detached: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the variant's sentence names its fields")]
pub enum Event {
    /// A process began to write. First entry of its chain.
    WriterOpened { writer: WriterId, program: String },
    /// A dead writer's chain was sealed at this head.
    WriterSealed { writer: WriterId, seq: u64, hash: Digest },
    /// A policy version came into force.
    PolicyLoaded { version: Digest, policies: u64 },
    /// A set of contracts came into force.
    ContractsLoaded { version: Digest, tools: u64 },
    /// The configuration that was read at start-up, by digest.
    ConfigurationLoaded { version: Digest },
    /// A space's mode was set. Back to shadow there is a reason; older entries have none.
    ModeSet { space: Name, mode: Mode, by: Name, reason: Option<String> },

    /// A definition of an upstream tool was accepted by a person, or by nobody: at first sight, or offered again as pinned.
    ToolPinned { tool: ToolName, server: Name, definition: Digest, by: Option<Name> },
    /// A server offers another definition of a tool than the pinned one.
    ToolDrifted { tool: ToolName, pinned: Digest, seen: Digest },
    /// A person refused the definition that a server offers.
    ToolRefused { tool: ToolName, seen: Digest, by: Name, reason: String },
    /// A person said what a tool does, as one definition has it.
    ToolClassified {
        tool: ToolName,
        definition: Digest,
        classification: Classification,
        by: Name,
        reason: String,
    },

    /// Rights were given.
    GrantGiven { grant: Grant, by: Name },
    /// Rights were taken away.
    GrantRevoked { grant: GrantId, by: Name, reason: String },
    /// A key was made. `verifier` is SHA-256 of the secret, which is 256 random bits.
    KeyMade { key: KeyId, holder: KeyHolder, verifier: Digest, by: Name },
    /// A key was revoked.
    KeyRevoked { key: KeyId, by: Name, reason: String },

    /// A person got an account.
    PersonMade { person: Person, by: Name },
    /// A person's roles, groups or state were changed: here they are as they are now.
    PersonChanged { person: Person, by: Name, reason: String },
    /// A person may log in as somebody of an issuer. `identity` is SHA-256 of the issuer's address and its word for the person.
    PersonLinked { tenant: Name, person: Name, issuer: Name, identity: Digest, by: Name },
    /// A person is no longer known as somebody of an issuer.
    PersonUnlinked { tenant: Name, person: Name, issuer: Name, identity: Digest, by: Name },
    /// A person added a passkey.
    PasskeyAdded { passkey: Passkey, by: Name },
    /// A passkey was taken away.
    PasskeyRemoved { tenant: Name, person: Name, passkey: String, by: Name },
    /// Links or recovery codes were made, and take the place of others. `verifiers` are SHA-256 of the secrets.
    TicketsMade {
        tenant: Name,
        person: Name,
        kind: TicketKind,
        verifiers: Vec<Digest>,
        until: Option<Timestamp>,
        replaced: Vec<Digest>,
        by: Name,
    },
    /// A person logged in. A ticket, if there was one, is used up by it. `verifier` is SHA-256 of the session's secret.
    SessionOpened {
        session: KeyId,
        tenant: Name,
        person: Name,
        verifier: Digest,
        login: Login,
        ticket: Option<Digest>,
        passkey: Option<PasskeyUse>,
        until: Timestamp,
    },
    /// A session was used until this moment; said now and then, so that being idle counts over restarts.
    SessionUsed { session: KeyId, until: Timestamp },
    /// A session ended.
    SessionEnded { session: KeyId, why: SessionEnd, by: Option<Name> },
    /// So many tries to log in were refused since this was last said.
    LoginsRefused { count: u64 },

    /// A run was opened with this budget.
    RunOpened { run: Run, limit: Amounts<Option<u64>>, on_exceeded: OnExceeded },
    /// A run was paused.
    RunPaused { reason: String },
    /// A run was resumed by a person.
    RunResumed { by: Name, reason: String },
    /// A run ended.
    RunEnded { outcome: Outcome },
    /// A budget per grant and day came into being.
    BudgetOpened { scope: BudgetScope, limit: Amounts<Option<u64>>, on_exceeded: OnExceeded },
    /// A person raised a budget.
    BudgetRaised { scope: BudgetScope, by_amounts: Amounts, by: Name, reason: String },
    /// A part of a budget was leased to memory, for reads.
    SliceLeased { reservation: Reservation },
    /// The rest of a lease came back.
    SliceReturned { reservation: Reservation },

    /// A call was refused, and the caller told so.
    CallDenied { subject: Option<Subject>, decision: Option<Decision>, code: Code, answer: Digest },
    /// A call waits for people, and the caller was told so.
    CallHeld {
        subject: Subject,
        decision: Decision,
        requests: Vec<(ApprovalId, Requirement)>,
        binding: Digest,
        answer: Digest,
    },
    /// A call was allowed and waits in the outbox; nothing was sent, and the caller was told so.
    CallQueued {
        subject: Subject,
        decision: Decision,
        /// When it leaves, if it is still allowed then.
        leaves: Timestamp,
        /// Approvals used up by it.
        used: Vec<ApprovalId>,
        was_held: bool,
        answer: Digest,
    },
    /// A permit to act is durable. From here on the act may happen.
    CallAdmitted {
        subject: Subject,
        decision: Decision,
        permit: PermitId,
        plan: Option<Digest>,
        reservation: Reservation,
        /// Approvals used up by this permit.
        used: Vec<ApprovalId>,
        /// Until when originals are kept; none where there is no undo.
        undo_until: Option<Timestamp>,
        /// The call that this call takes back; none for all but an undo.
        undoes: Option<CallId>,
        /// Whether the call was held before.
        was_held: bool,
    },
    /// A permit to preview is durable.
    PreviewAdmitted { subject: Subject, permit: PermitId },
    /// A preview ended.
    PreviewSettled { plan: Option<Digest>, code: Option<Code> },
    /// A confirmed pure call was done and answered.
    ReadSettled { subject: Subject, decision: Decision, outcome: Settled },
    /// An admitted call was done and answered.
    CallSettled { outcome: Settled },
    /// It is not known whether an admitted call happened.
    CallLost { reason: String, answer: Option<Digest> },
    /// A probe or a person found out what became of a call in doubt.
    CallResolved {
        executed: Executed,
        by: String,
        reason: String,
        spent: Spent,
        reservation: Reservation,
        undo: Option<UndoState>,
    },
    /// An attempt of an admitted call failed, and the next one may begin at this moment. `executed` is said of all its
    /// attempts so far: none happened, or nobody knows.
    AttemptFailed {
        attempt: u64,
        code: Code,
        executed: Executed,
        reason: String,
        not_before: Timestamp,
    },
    /// A permit for another attempt of an admitted call is durable. From here on that attempt may happen.
    AttemptAdmitted { attempt: u64, permit: PermitId },
    /// The house looked by a call of its own, `probe`, whether a call in doubt had happened.
    CallProbed { probe: CallId, found: Executed, by: String, reason: String },
    /// Two calls belong together.
    CallLinked { other: CallId, link: CallLink },
    /// A call waits for a person: no attempt is left, or nobody knows for too long what became of it.
    DeadLettered { why: DeadReason, attempts: u64, agent: Name, tool: ToolName, resource: String },
    /// A dead letter was settled. A ledger key that is named may be used again, by the call that takes its place.
    DeadLetterMoved {
        to: DeadLetterState,
        by: String,
        reason: String,
        redriven_as: Option<CallId>,
        ledger: Option<Digest>,
    },
    /// A held or admitted call was taken back before it was sent.
    CallCancelled {
        by: String,
        reason: String,
        code: Code,
        ledger: Option<Digest>,
        reservation: Option<Reservation>,
        answer: Option<Digest>,
    },
    /// A held call ended without a permit: a person rejected it, its time ran out, or policy denies it now. Subject and
    /// decision are there if policy was asked again.
    HeldCallDenied {
        subject: Option<Subject>,
        decision: Option<Decision>,
        code: Code,
        by: String,
        reason: String,
        ledger: Option<Digest>,
        answer: Digest,
    },
    /// A held call gave way to a newer request.
    CallSuperseded {
        by_call: Option<CallId>,
        reason: String,
        ledger: Option<Digest>,
        /// Who edited it; none where its plan or what is asked moved by itself.
        by: Option<Name>,
    },
    /// An answer that was given again, or a further answer to a waiter.
    AnswerGiven { code: Option<Code>, answer: Digest, replayed: Replay },

    /// A person said yes. The request is approved only when its quorum is met.
    ApprovalVoted { approval: ApprovalId, vote: Vote },
    /// As many people said yes as were asked; `by` is the last one.
    ApprovalApproved {
        approval: ApprovalId,
        by: Name,
        reason: Option<String>,
        execute_by: Timestamp,
    },
    /// A person rejected.
    ApprovalRejected { approval: ApprovalId, by: Name, reason: String },
    /// Time ran out.
    ApprovalExpired { approval: ApprovalId },
    /// The call was taken back or gave way.
    ApprovalClosed { approval: ApprovalId, superseded: Replaced },

    /// Nobody decided for a while: this group may decide too from now on.
    ApprovalEscalated { approval: ApprovalId, group: String },
    /// A person asks the agent something before deciding; the held answer says so.
    ApprovalQuestioned { approval: ApprovalId, by: Name, question: String, answer: Digest },
    /// The agent sent a held call again, with references that it did not give before.
    EvidenceGiven { evidence: Vec<String> },

    /// A duty that a person has seen or reviewed.
    DutyDone { duty: String, by: Name, note: Option<String>, verdict: Option<ReviewVerdict> },
    /// Nobody reviewed an act in time: it counts against its agent, and everybody who may decide is asked now.
    DutyOverdue { duty: String },
    /// An act was rejected afterwards and could not be taken back.
    IncidentOpened { duty: String, by: Name, reason: String },
    /// A person said what became of an incident, and that it is over.
    IncidentClosed { duty: String, by: Name, reason: String },

    /// An outlet has nothing to tell of anything up to this entry.
    OutletMoved { outlet: Name, position: u64 },
    /// An outlet told a part of an entry.
    OutletTold { outlet: Name, position: u64, part: u64 },
    /// Where in its service an outlet shows something, and what of it.
    OutletShowed { outlet: Name, about: String, place: Option<String>, shown: Option<Digest> },
    /// A part of an entry could not be told, and is tried no more.
    OutletGaveUp { outlet: Name, position: u64, part: u64, tries: u64, reason: String },
    /// A message from outside was acted on, in somebody's name; the same message counts for nothing again.
    MessageTaken {
        outlet: Name,
        message: Digest,
        person: Name,
        surface: Surface,
        approval: Option<ApprovalId>,
        outcome: String,
    },
    /// The caller of a held call wants to be told of its end by an outlet.
    CallbackAsked { outlet: Name },

    /// A check that a contract names was made for the call `of`, by the call of this entry.
    CheckMade { of: CallId, kind: CheckKind, name: String, verdict: CheckVerdict, found: String },
    /// A resource moved in a procedure, or a call began to move it.
    StepMoved { moved: StepMove },

    /// A stop was ordered.
    StopOrdered { stop: Stop, epoch: u64 },
    /// A stop was lifted.
    StopLifted { stop: StopId, by: Name, reason: String },
    /// With a kill these acts are taken back, in this order. Recorded with the stop, so that a later life finishes it.
    RollbackOrdered { stop: StopId, tenant: Name, by: Name, acts: Vec<CallId> },
    /// What became of every act of a rollback.
    RollbackEnded { stop: StopId, acts: Vec<RolledBack> },
    /// How every lever of a stop answered, or did not in time.
    StopReceipted { stop: StopId, levers: Vec<LeverReceipt>, calls: Vec<StoppedCall> },
    /// Stopping was rehearsed, with how every lever answered.
    StopDrilled { by: Name, scope: StopScope, levers: Vec<LeverReceipt> },

    /// The undo of an act moved on.
    UndoMoved { of: CallId, to: UndoState, reason: Option<String> },
    /// Originals were erased because their time was over.
    OriginalsErased { of: CallId },

    /// A person took a run's record out of the store.
    RunExported { by: Operator, with_payloads: Exported },
}

/// What became of a call, without its contents.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// In one word.
    pub status: Status,
    /// Whether the act happened.
    pub executed: Executed,
    /// The code, if something went wrong.
    pub code: Option<Code>,
    /// What changed, masked.
    pub effects: Vec<Effect>,
    /// What it took.
    pub spent: Spent,
    /// What it had reserved and gives back.
    pub reservation: Reservation,
    /// The answer as given, keyed per run.
    pub answer: Digest,
    /// Whether the call's undo stays armed.
    pub undo: Option<UndoState>,
    /// The ledger key that may be used again: nothing was done, and the same call is expected again.
    pub freed: Option<Digest>,
    /// How many attempts were made.
    pub attempts: u64,
}

/// Who holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyHolder {
    /// An agent, by its grant.
    Grant {
        /// The tenant.
        tenant: Name,
        /// The grant.
        grant: GrantId,
    },
    /// A person.
    Operator {
        /// The tenant.
        tenant: Name,
        /// The person.
        name: Name,
        /// What the person may do.
        roles: Roles,
        /// The groups of approvers that the person stands in.
        groups: Groups,
    },
}

/// Whether an answer was given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replay {
    /// A new answer about the same call.
    Fresh,
    /// The stored answer again.
    Replayed,
}

/// Why a request for a decision was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replaced {
    /// The call was taken back.
    Withdrawn,
    /// A newer request took its place.
    Superseded,
}

/// Versions of what decides, as a pattern.
#[macro_export]
macro_rules! of_rules {
    () => {
        $crate::Event::PolicyLoaded { .. }
            | $crate::Event::ContractsLoaded { .. }
            | $crate::Event::ConfigurationLoaded { .. }
    };
}

/// What becomes of definitions of tools, as a pattern.
#[macro_export]
macro_rules! of_tools {
    () => {
        $crate::Event::ToolPinned { .. }
            | $crate::Event::ToolDrifted { .. }
            | $crate::Event::ToolRefused { .. }
            | $crate::Event::ToolClassified { .. }
    };
}

/// Budgets as they begin and are leased, as a pattern.
#[macro_export]
macro_rules! of_slices {
    () => {
        $crate::Event::BudgetOpened { .. }
            | $crate::Event::SliceLeased { .. }
            | $crate::Event::SliceReturned { .. }
    };
}

/// What an installation keeps of the services that it tells, as a pattern: most readers of a journal treat it alike.
#[macro_export]
macro_rules! of_outlets {
    () => {
        $crate::Event::OutletMoved { .. }
            | $crate::Event::OutletTold { .. }
            | $crate::Event::OutletShowed { .. }
            | $crate::Event::OutletGaveUp { .. }
            | $crate::Event::MessageTaken { .. }
    };
}

/// What an installation keeps of accounts and logins, as a pattern.
#[macro_export]
macro_rules! of_people {
    () => {
        $crate::Event::PersonMade { .. }
            | $crate::Event::PersonChanged { .. }
            | $crate::Event::PersonLinked { .. }
            | $crate::Event::PersonUnlinked { .. }
            | $crate::Event::PasskeyAdded { .. }
            | $crate::Event::PasskeyRemoved { .. }
            | $crate::Event::TicketsMade { .. }
            | $crate::Event::SessionOpened { .. }
            | $crate::Event::SessionUsed { .. }
            | $crate::Event::SessionEnded { .. }
            | $crate::Event::LoginsRefused { .. }
    };
}

/// What becomes of attempts, doubts and dead letters beside the calls' own life, as a pattern.
#[macro_export]
macro_rules! of_attempts {
    () => {
        $crate::Event::AttemptFailed { .. }
            | $crate::Event::AttemptAdmitted { .. }
            | $crate::Event::CallProbed { .. }
            | $crate::Event::CallLinked { .. }
            | $crate::Event::DeadLettered { .. }
            | $crate::Event::DeadLetterMoved { .. }
    };
}

/// What a stop leaves behind beside its order, as a pattern.
#[macro_export]
macro_rules! of_stops {
    () => {
        $crate::Event::RollbackOrdered { .. }
            | $crate::Event::RollbackEnded { .. }
            | $crate::Event::StopReceipted { .. }
            | $crate::Event::StopDrilled { .. }
    };
}

/// How much of a run was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exported {
    /// Entries only.
    EntriesOnly,
    /// With the run's key, so that payloads can be read.
    WithKey,
}

/// What a payload holds. Payloads stand apart from entries and are encrypted per tenant and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayloadKind {
    /// The proposal as it arrived, with the exact arguments.
    Proposal,
    /// The facts of the decision.
    Facts,
    /// The plan with new contents and originals: redo log and undo log in one.
    Plan,
    /// The answer as given.
    Answer,
    /// The call that takes the act back, as it was written down.
    Inverse,
}

words! {
    Replay { Fresh = "fresh", Replayed = "replayed" }
    Replaced { Withdrawn = "withdrawn", Superseded = "superseded" }
    Exported { EntriesOnly = "entries_only", WithKey = "with_key" }
    PayloadKind { Proposal = "proposal", Facts = "facts", Plan = "plan", Answer = "answer", Inverse = "inverse" }
}
