//! Faults to be found: each is planted in a port, never in the gate, and breaks one promise.
//!
//! They show that the auditor can see. A fault is found when a seed breaks the promise named here; what a
//! faulty journal or tool does instead is written where it is done.

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The journal lets every guard on the fence hold.
    NoFenceCheck,
    /// The journal finds no ledger key and lets every key be free.
    NoKeyCheck,
    /// The journal frees a key when another call with it is denied.
    DenialFreesKey,
    /// The journal forgets that an approval was used and its call admitted.
    ApprovalUsedTwice,
    /// The journal writes no reservation.
    LostReservation,
    /// The journal lets every budget have something left.
    NoBudgetCheck,
    /// The journal says that an answer is durable before it is.
    AnswerBeforeCommit,
    /// The journal says that a permit is durable before it is.
    PermitBeforeDurable,
    /// The journal lists in the wrong order, so that the oldest act is undone first.
    WrongUndoOrder,
    /// The journal does not keep that a stop is in force.
    StopForgotten,
    /// The journal makes ledger digests that leave out who asks.
    AnswerToAnother,
    /// The journal now and then leaves out the row of a duty.
    ProjectionDrift,
    /// The journal keeps other facts than those that were decided on.
    FactsAltered,
    /// A tool acts twice on one permit.
    ActsTwice,
    /// A tool sends again at recovery.
    SendsAgain,
    /// A tool does something else than its permit says.
    OtherArguments,
    /// A tool acts when it should only show a plan.
    ActsInPreview,
    /// A tool does not hear that a stop ends its work: the stop is lost for it.
    StopUnheard,
}

/// What Checkrein promises, as the auditor checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// P1: no effect without a permit.
    Permit,
    /// P2: no changing dispatch before its permit is durable.
    Durable,
    /// P3: an effect happens at most once per key and per identical open call.
    Once,
    /// P4: what was approved is what runs.
    Approved,
    /// P5: after a suspend no new effect starts.
    Stopped,
    /// P6: reservations never exceed a budget, and too high a cost pauses the run.
    Budget,
    /// P8: every answer to a known caller is in the journal as it was given, and says what happened.
    Answered,
    /// P9: an unknown, an error or a timeout denies.
    Denied,
    /// P10: secrets are in no entry and no answer.
    Secret,
    /// P12: the same facts under the same policy give the same decision.
    Replay,
    /// Every life cycle takes legal steps only.
    Lives,
    /// Rebuilt projections equal the live ones.
    Projections,
    /// A gate that was opened again agrees with the journal.
    Recovery,
    /// The last acts are undone in reverse.
    UndoOrder,
    /// What may run does run, and nothing hangs.
    Progress,
}

impl Promise {
    /// Its name in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Permit => "P1 permit",
            Self::Durable => "P2 durable",
            Self::Once => "P3 once",
            Self::Approved => "P4 approved",
            Self::Stopped => "P5 stopped",
            Self::Budget => "P6 budget",
            Self::Answered => "P8 answered",
            Self::Denied => "P9 denied",
            Self::Secret => "P10 secret",
            Self::Replay => "P12 replay",
            Self::Lives => "life cycles",
            Self::Projections => "projections",
            Self::Recovery => "recovery",
            Self::UndoOrder => "undo order",
            Self::Progress => "progress",
        }
    }
}

impl Fault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[
        Self::NoFenceCheck,
        Self::NoKeyCheck,
        Self::DenialFreesKey,
        Self::ApprovalUsedTwice,
        Self::LostReservation,
        Self::NoBudgetCheck,
        Self::AnswerBeforeCommit,
        Self::PermitBeforeDurable,
        Self::WrongUndoOrder,
        Self::StopForgotten,
        Self::AnswerToAnother,
        Self::ProjectionDrift,
        Self::FactsAltered,
        Self::ActsTwice,
        Self::SendsAgain,
        Self::OtherArguments,
        Self::ActsInPreview,
        Self::StopUnheard,
    ];

    /// Its name in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoFenceCheck => "no fence check",
            Self::NoKeyCheck => "no key check",
            Self::DenialFreesKey => "denial frees a key",
            Self::ApprovalUsedTwice => "approval used twice",
            Self::LostReservation => "lost reservation",
            Self::NoBudgetCheck => "no budget check",
            Self::AnswerBeforeCommit => "answer before commit",
            Self::PermitBeforeDurable => "permit before durable",
            Self::WrongUndoOrder => "wrong undo order",
            Self::StopForgotten => "stop recorded, not kept",
            Self::AnswerToAnother => "answer to another principal",
            Self::ProjectionDrift => "projection drift",
            Self::FactsAltered => "facts altered",
            Self::ActsTwice => "tool acts twice",
            Self::SendsAgain => "recovery sends again",
            Self::OtherArguments => "tool does something else",
            Self::ActsInPreview => "tool acts in a preview",
            Self::StopUnheard => "tool does not hear a stop",
        }
    }

    /// The promise that it breaks.
    pub const fn breaks(self) -> Promise {
        match self {
            Self::NoFenceCheck | Self::StopForgotten | Self::StopUnheard => Promise::Stopped,
            Self::NoKeyCheck | Self::DenialFreesKey | Self::ActsTwice | Self::SendsAgain => {
                Promise::Once
            }
            Self::ApprovalUsedTwice | Self::OtherArguments => Promise::Approved,
            Self::LostReservation | Self::NoBudgetCheck => Promise::Budget,
            Self::AnswerBeforeCommit | Self::AnswerToAnother => Promise::Answered,
            Self::PermitBeforeDurable => Promise::Durable,
            Self::WrongUndoOrder => Promise::UndoOrder,
            Self::ProjectionDrift => Promise::Projections,
            Self::FactsAltered => Promise::Replay,
            Self::ActsInPreview => Promise::Permit,
        }
    }
}
