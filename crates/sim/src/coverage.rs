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

/// The name of an entry's event.
pub(crate) const fn name(event: &Event) -> &'static str {
    match event {
        Event::WriterOpened { .. } => "writer opened",
        Event::WriterSealed { .. } => "writer sealed",
        Event::PolicyLoaded { .. } => "policy loaded",
        Event::ContractsLoaded { .. } => "contracts loaded",
        Event::ConfigurationLoaded { .. } => "configuration loaded",
        Event::ModeSet { .. } => "mode set",
        Event::ToolPinned { .. } => "tool pinned",
        Event::ToolDrifted { .. } => "tool drifted",
        Event::ToolRefused { .. } => "tool refused",
        Event::ToolClassified { .. } => "tool classified",
        Event::GrantGiven { .. } => "grant given",
        Event::GrantRevoked { .. } => "grant revoked",
        Event::KeyMade { .. } => "key made",
        Event::KeyRevoked { .. } => "key revoked",
        Event::PersonMade { .. } => "person made",
        Event::PersonChanged { .. } => "person changed",
        Event::PersonLinked { .. } => "person linked",
        Event::PersonUnlinked { .. } => "person unlinked",
        Event::PasskeyAdded { .. } => "passkey added",
        Event::PasskeyRemoved { .. } => "passkey removed",
        Event::TicketsMade { .. } => "tickets made",
        Event::SessionOpened { .. } => "session opened",
        Event::SessionUsed { .. } => "session used",
        Event::SessionEnded { .. } => "session ended",
        Event::LoginsRefused { .. } => "logins refused",
        Event::RunOpened { .. } => "run opened",
        Event::RunPaused { .. } => "run paused",
        Event::RunResumed { .. } => "run resumed",
        Event::RunEnded { .. } => "run ended",
        Event::BudgetOpened { .. } => "budget opened",
        Event::BudgetRaised { .. } => "budget raised",
        Event::SliceLeased { .. } => "slice leased",
        Event::SliceReturned { .. } => "slice returned",
        Event::CallDenied { .. } => "call denied",
        Event::CallHeld { .. } => "call held",
        Event::CallAdmitted { .. } => "call admitted",
        Event::PreviewAdmitted { .. } => "preview admitted",
        Event::PreviewSettled { .. } => "preview settled",
        Event::ReadSettled { .. } => "read settled",
        Event::CallSettled { .. } => "call settled",
        Event::CallLost { .. } => "call lost",
        Event::CallResolved { .. } => "call resolved",
        Event::CallCancelled { .. } => "call cancelled",
        Event::HeldCallDenied { .. } => "held call denied",
        Event::CallSuperseded { .. } => "call superseded",
        Event::AnswerGiven { .. } => "answer given",
        Event::ApprovalVoted { .. } => "approval voted",
        Event::ApprovalEscalated { .. } => "approval escalated",
        Event::ApprovalQuestioned { .. } => "approval questioned",
        Event::EvidenceGiven { .. } => "evidence given",
        Event::ApprovalApproved { .. } => "approval approved",
        Event::ApprovalRejected { .. } => "approval rejected",
        Event::ApprovalExpired { .. } => "approval expired",
        Event::ApprovalClosed { .. } => "approval closed",
        Event::DutyDone { .. } => "duty done",
        Event::DutyOverdue { .. } => "duty overdue",
        Event::IncidentOpened { .. } => "incident opened",
        Event::IncidentClosed { .. } => "incident closed",
        domain::of_outlets!() => "outlet",
        Event::CallbackAsked { .. } => "callback asked",
        Event::StopOrdered { .. } => "stop ordered",
        Event::StopLifted { .. } => "stop lifted",
        Event::RollbackOrdered { .. } => "rollback ordered",
        Event::RollbackEnded { .. } => "rollback ended",
        Event::StopReceipted { .. } => "stop receipted",
        Event::StopDrilled { .. } => "stop drilled",
        Event::UndoMoved { .. } => "undo moved",
        Event::OriginalsErased { .. } => "originals erased",
        Event::RunExported { .. } => "run exported",
    }
}
