//! What the simulation went through: states, stages and codes, counted, as a table.
//!
//! A campaign that never saw a state proves nothing about it; `missing` names what every large campaign must
//! have seen.

use std::collections::BTreeMap;

use domain::{ApprovalState, CallState, Code, Event, Status, UndoState};

/// Counters by heading and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<(&'static str, &'static str), u64>);

const CALLS: &str = "call";
const APPROVALS: &str = "approval";
const UNDOS: &str = "undo";
const STAGES: &str = "entry";
const ANSWERS: &str = "answer";
const CODES: &str = "code";
const LIVES: &str = "life";
const ASKED: &str = "asked by the house";
/// Rules of the house that a large campaign must have seen.
const RULES: &[&str] = &[
    domain::REPEAT_RULE,
    domain::RAISE_RULE,
    domain::NO_PREVIEW_RULE,
    domain::STANDS_ON_RULE,
    domain::IN_DOUBT_RULE,
    QUORUM,
    ESCALATION,
];
/// That several people were needed and said yes.
pub(crate) const QUORUM: &str = "several people";
/// That a second group was asked.
pub(crate) const ESCALATION: &str = "a second group";

/// Codes that a large campaign must have seen.
const CODES_SEEN: &[Code] = &[
    Code::InvalidArguments,
    Code::UnknownTool,
    Code::OutOfScope,
    Code::Conflict,
    Code::UnknownRun,
    Code::RunEnded,
    Code::KeyReused,
    Code::PolicyDenied,
    Code::Held,
    Code::Rejected,
    Code::Expired,
    Code::Withdrawn,
    Code::OverBudget,
    Code::Stopped,
    Code::RunPaused,
    Code::RateLimited,
    Code::GrantForbids,
    Code::DoneNowDenied,
    Code::ToolFailed,
    Code::ToolFailedPartly,
    Code::InDoubt,
    Code::AnswerWithheld,
    Code::PreviewFailed,
    Code::Stale,
    Code::CostExceeded,
    Code::InputRequired,
    Code::NotAuthenticated,
    Code::DiskFull,
    Code::StoreFailed,
];

impl Coverage {
    fn count(&mut self, heading: &'static str, name: &'static str) {
        *self.0.entry((heading, name)).or_default() += 1;
    }

    pub(crate) fn call(&mut self, state: CallState) {
        self.count(CALLS, state.word());
    }

    pub(crate) fn approval(&mut self, state: ApprovalState) {
        self.count(APPROVALS, state.word());
    }

    pub(crate) fn undo(&mut self, state: UndoState) {
        self.count(UNDOS, state.word());
    }

    pub(crate) fn event(&mut self, event: &Event) {
        self.count(STAGES, name(event));
    }

    pub(crate) fn answer(&mut self, status: Status, code: Option<Code>) {
        self.count(ANSWERS, status.word());
        if let Some(code) = code {
            self.count(CODES, code.row().title);
        }
    }

    /// A rule of the house asks; policies are not counted.
    pub(crate) fn asked(&mut self, rule: &str) {
        if let Some(rule) = RULES.iter().find(|each| **each == rule) {
            self.count(ASKED, rule);
        }
    }

    pub(crate) fn life(&mut self, how: &'static str) {
        self.count(LIVES, how);
    }

    /// Adds what another simulation went through.
    pub fn add(&mut self, other: &Self) {
        for (place, count) in &other.0 {
            *self.0.entry(*place).or_default() += count;
        }
    }

    /// What a large campaign must see and this one did not.
    pub fn missing(&self) -> Vec<String> {
        let calls = CallState::ALL.iter().filter(|state| **state != CallState::Received);
        let calls = calls.map(|state| (CALLS, state.word()));
        let approvals = ApprovalState::ALL.iter().map(|state| (APPROVALS, state.word()));
        let undos = UndoState::ALL.iter().map(|state| (UNDOS, state.word()));
        let answers = Status::ALL.iter().map(|status| (ANSWERS, status.word()));
        let codes = CODES_SEEN.iter().map(|code| (CODES, code.row().title));
        let asked = RULES.iter().map(|rule| (ASKED, *rule));
        let all = calls.chain(approvals).chain(undos).chain(answers).chain(codes).chain(asked);
        let unseen = all.filter(|place| !self.0.contains_key(place));
        unseen.map(|(heading, name)| format!("{heading} `{name}`")).collect()
    }
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut before = "";
        for ((heading, name), count) in &self.0 {
            if *heading != before {
                writeln!(out, "\n{heading}")?;
                before = heading;
            }
            writeln!(out, "  {name:<60} {count:>9}")?;
        }
        Ok(())
    }
}

/// One name for each kind of event, and one for all that an outlet keeps.
macro_rules! names {
    ($($kind:ident = $name:literal,)*) => {
        /// The name of an entry's event.
        pub(crate) const fn name(event: &Event) -> &'static str {
            match event {
                $(Event::$kind { .. } => $name,)*
                domain::of_outlets!() => "outlet",
            }
        }
    };
}

names! {
    WriterOpened = "writer opened",
    WriterSealed = "writer sealed",
    PolicyLoaded = "policy loaded",
    ContractsLoaded = "contracts loaded",
    ConfigurationLoaded = "configuration loaded",
    ModeSet = "mode set",
    ToolPinned = "tool pinned",
    ToolDrifted = "tool drifted",
    ToolRefused = "tool refused",
    ToolClassified = "tool classified",
    GrantGiven = "grant given",
    GrantRevoked = "grant revoked",
    KeyMade = "key made",
    KeyRevoked = "key revoked",
    PersonMade = "person made",
    PersonChanged = "person changed",
    PersonLinked = "person linked",
    PersonUnlinked = "person unlinked",
    PasskeyAdded = "passkey added",
    PasskeyRemoved = "passkey removed",
    TicketsMade = "tickets made",
    SessionOpened = "session opened",
    SessionUsed = "session used",
    SessionEnded = "session ended",
    LoginsRefused = "logins refused",
    RunOpened = "run opened",
    RunPaused = "run paused",
    RunResumed = "run resumed",
    RunEnded = "run ended",
    BudgetOpened = "budget opened",
    BudgetRaised = "budget raised",
    SliceLeased = "slice leased",
    SliceReturned = "slice returned",
    CallDenied = "call denied",
    CallHeld = "call held",
    CallQueued = "call queued",
    CallAdmitted = "call admitted",
    PreviewAdmitted = "preview admitted",
    PreviewSettled = "preview settled",
    ReadSettled = "read settled",
    CallSettled = "call settled",
    CallLost = "call lost",
    CallResolved = "call resolved",
    CallCancelled = "call cancelled",
    HeldCallDenied = "held call denied",
    CallSuperseded = "call superseded",
    AnswerGiven = "answer given",
    ApprovalVoted = "approval voted",
    ApprovalEscalated = "approval escalated",
    ApprovalQuestioned = "approval questioned",
    EvidenceGiven = "evidence given",
    ApprovalApproved = "approval approved",
    ApprovalRejected = "approval rejected",
    ApprovalExpired = "approval expired",
    ApprovalClosed = "approval closed",
    DutyDone = "duty done",
    DutyOverdue = "duty overdue",
    IncidentOpened = "incident opened",
    IncidentClosed = "incident closed",
    CheckMade = "check made",
    StepMoved = "step moved",
    CallbackAsked = "callback asked",
    AttemptFailed = "attempt failed",
    AttemptAdmitted = "attempt admitted",
    CallProbed = "call probed",
    CallLinked = "call linked",
    DeadLettered = "dead lettered",
    DeadLetterMoved = "dead letter moved",
    StopOrdered = "stop ordered",
    StopLifted = "stop lifted",
    RollbackOrdered = "rollback ordered",
    RollbackEnded = "rollback ended",
    StopReceipted = "stop receipted",
    StopDrilled = "stop drilled",
    UndoMoved = "undo moved",
    OriginalsErased = "originals erased",
    RunExported = "run exported",
}
