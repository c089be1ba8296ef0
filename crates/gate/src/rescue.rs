//! From every way a journey can end early to the failure that a caller is told.
//!
//! Stages return a `Halt`; only here do halts and refusals become failures with a code, words and a fix.

use domain::{
    Answer, CallId, Code, Decision, Executed, Failure, Reason, Requirement, Spent, Status, Stop,
    Strength,
};

use crate::commit::CommitError;
use crate::journey::Call;
use crate::refusal::Refusal;

/// Why a journey ends before its tool.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Refused.
    Denied(Box<Denial>),
    /// People are asked.
    Held(Box<Hold>),
    /// It is allowed, and waits in the outbox.
    Queued(Box<Queueing>),
    /// An identical call is open or done: its answer counts.
    Known(CallId),
    /// It is held, and nothing that is needed was decided yet.
    StillHeld,
    /// It was held, and what people saw or were asked is not what holds now: why, and the call that walks instead.
    Moved(Box<Call>, &'static str),
}

/// A refusal of a call.
#[derive(Debug)]
pub(crate) struct Denial {
    pub(crate) refusal: Refusal,
    pub(crate) decided: Option<Decided>,
    /// Whether the run is paused with it.
    pub(crate) pause: Option<String>,
}

/// What was decided, with the facts it was decided on.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    pub(crate) facts: domain::Facts,
    pub(crate) plan: Option<domain::Plan>,
}

/// What people are asked.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) decided: Decided,
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) binding: domain::Digest,
}

/// A call that goes into the outbox.
#[derive(Debug)]
pub(crate) struct Queueing {
    pub(crate) decided: Decided,
    /// The approvals that let it in.
    pub(crate) using: Vec<crate::journey::Request>,
    /// When it leaves.
    pub(crate) leaves: domain::Timestamp,
}

impl Halt {
    pub(crate) fn denied(refusal: Refusal) -> Self {
        Self::Denied(Box::new(Denial { refusal, decided: None, pause: None }))
    }

    pub(crate) fn by_policy(decided: Decided) -> Self {
        let refusal = Refusal::new(
            Code::PolicyDenied,
            format!("denied by policy: {}", reasons(&decided.decision.reasons, Strength::Deny)),
            "propose something that the policy permits, or ask an operator to change the policy",
        );
        Self::Denied(Box::new(Denial { refusal, decided: Some(decided), pause: None }))
    }

    pub(crate) fn stopped(stop: &Stop) -> Self {
        let message = format!("{} is stopped ({}): {}", stop.scope, stop.level, stop.reason);
        Self::denied(Refusal::new(Code::Stopped, message, "wait until an operator lifts the stop"))
    }
}

impl From<CommitError> for Halt {
    fn from(error: CommitError) -> Self {
        Self::denied(error.into())
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::denied(refusal)
    }
}

/// The texts of the reasons that are as strict as `strength`.
pub(crate) fn reasons(reasons: &[Reason], strength: Strength) -> String {
    let shown = |reason: &Reason| match &reason.policy {
        Some(place) => format!("{} [{place}]", reason.text),
        None => reason.text.clone(),
    };
    let texts: Vec<String> =
        reasons.iter().filter(|reason| reason.strength == strength).map(shown).collect();
    texts.join("; ")
}

/// The failure of a refusal.
pub(crate) fn failure(refusal: &Refusal) -> Failure {
    Failure { code: refusal.code, message: refusal.message.clone(), fix: refusal.fix.clone() }
}

/// An answer without a call: to somebody unknown, or where the store cannot be asked.
pub(crate) fn stranger(refusal: Refusal) -> Answer {
    unanswered(None, &refusal)
}

/// An answer that could not be journalled, so it says nothing of what was found.
pub(crate) fn unanswered(call: Option<CallId>, refusal: &Refusal) -> Answer {
    let row = refusal.code.row();
    Answer {
        call,
        status: row.status,
        executed: row.executed,
        output: None,
        error: Some(failure(refusal)),
        decision: None,
        effects: Vec::new(),
        diff: None,
        undo: None,
        cost: Spent::default(),
        attempts: 0,
        replayed: false,
        warnings: Vec::new(),
        journal: None,
    }
}

/// A held call that could not be taken up; it stays held.
pub(crate) fn unresumed(call: CallId, refusal: Refusal) -> Answer {
    let mut answer = unanswered(Some(call), &refusal);
    answer.status = Status::Held;
    answer.executed = Executed::No;
    answer.warnings.push("the call stays held".to_owned());
    answer
}
