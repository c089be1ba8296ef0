//! Takes secrets out of the free texts of an event before it is written.
//!
//! The gate masks what it shows; this is the last door before the disk. Every text that a person, an agent
//! or a tool worded goes through the mask; ids, names, words and digests do not. The match names every event,
//! so a new one does not compile until it is said where its texts are.

use domain::{Classification, Decision, Effect, Event, Outcome, Resource, Run, Stop, Subject};

use crate::options::Mask;

/// Events in which nobody worded anything.
macro_rules! nothing_said {
    () => {
        Event::WriterSealed { .. }
            | Event::RollbackOrdered { .. }
            | Event::StopReceipted { .. }
            | Event::StopDrilled { .. }
            | Event::PolicyLoaded { .. }
            | Event::ContractsLoaded { .. }
            | Event::ConfigurationLoaded { .. }
            | Event::ToolPinned { .. }
            | Event::ToolDrifted { .. }
            | Event::GrantGiven { .. }
            | Event::KeyMade { .. }
            | domain::of_people!()
            | domain::of_outlets!()
            | Event::CallbackAsked { .. }
            | Event::AttemptAdmitted { .. }
            | Event::CallLinked { .. }
            | Event::BudgetOpened { .. }
            | Event::SliceLeased { .. }
            | Event::SliceReturned { .. }
            | Event::PreviewSettled { .. }
            | Event::AnswerGiven { .. }
            | Event::ApprovalEscalated { .. }
            | Event::DutyOverdue { .. }
            | Event::ApprovalExpired { .. }
            | Event::ApprovalClosed { .. }
            | Event::OriginalsErased { .. }
            | Event::RunExported { .. }
    };
}

/// Masks every free text of an event in place.
pub(crate) fn event(event: &mut Event, mask: &Mask) {
    let by = By(mask);
    match event {
        Event::WriterOpened { program, .. } => by.text(program),
        Event::RunOpened { run: Run { purpose, .. }, .. } => by.text(purpose),
        Event::RunEnded { outcome } => by.outcome(outcome),
        Event::ToolRefused { reason, .. }
        | Event::GrantRevoked { reason, .. }
        | Event::KeyRevoked { reason, .. }
        | Event::RunPaused { reason }
        | Event::RunResumed { reason, .. }
        | Event::BudgetRaised { reason, .. }
        | Event::CallLost { reason, .. }
        | Event::AttemptFailed { reason, .. }
        | Event::CallSuperseded { reason, .. }
        | Event::ApprovalRejected { reason, .. }
        | Event::StopOrdered { stop: Stop { reason, .. }, .. }
        | Event::StopLifted { reason, .. } => by.text(reason),
        Event::DeadLetterMoved { by: who, reason, .. }
        | Event::CallProbed { by: who, reason, .. }
        | Event::CallResolved { by: who, reason, .. }
        | Event::CallCancelled { by: who, reason, .. } => {
            by.text(who);
            by.text(reason);
        }
        Event::HeldCallDenied { .. }
        | Event::CallDenied { .. }
        | Event::CallHeld { .. }
        | Event::CallQueued { .. }
        | Event::CallAdmitted { .. }
        | Event::PreviewAdmitted { .. }
        | Event::ReadSettled { .. }
        | Event::CallSettled { .. } => by.call(event),
        Event::ApprovalApproved { reason, .. }
        | Event::ModeSet { reason, .. }
        | Event::UndoMoved { reason, .. } => by.maybe(reason),
        Event::PersonChanged { reason, .. }
        | Event::IncidentOpened { reason, .. }
        | Event::IncidentClosed { reason, .. }
        | Event::OutletGaveUp { reason, .. } => by.text(reason),
        Event::DeadLettered { resource, .. } => by.text(resource),
        Event::PasskeyAdded { passkey, .. } => by.text(&mut passkey.title),
        Event::DutyDone { note, .. } => by.maybe(note),
        Event::ApprovalVoted { vote, .. } => by.maybe(&mut vote.reason),
        Event::ApprovalQuestioned { question, .. } => by.text(question),
        Event::CheckMade { name, found, .. } => {
            by.text(name);
            by.text(found);
        }
        Event::StepMoved { moved } => by.text(&mut moved.resource),
        Event::EvidenceGiven { evidence } => evidence.iter_mut().for_each(|each| by.text(each)),
        Event::ToolClassified { classification, reason, .. } => by.said(classification, reason),
        Event::RollbackEnded { acts, .. } => {
            acts.iter_mut().for_each(|act| by.maybe(&mut act.reason));
        }
        nothing_said!() => {}
    }
}

struct By<'a>(&'a Mask);

impl By<'_> {
    fn text(&self, text: &mut String) {
        if let Some(masked) = (self.0)(text) {
            *text = masked;
        }
    }

    fn maybe(&self, text: &mut Option<String>) {
        text.iter_mut().for_each(|text| self.text(text));
    }

    /// An event of a call's own life. Others are left as they are.
    fn call(&self, event: &mut Event) {
        if let Event::HeldCallDenied { by, reason, .. } = event {
            self.text(by);
            self.text(reason);
        }
        if let Event::HeldCallDenied { subject, decision, .. }
        | Event::CallDenied { subject, decision, .. } = event
        {
            subject.iter_mut().for_each(|subject| self.subject(subject));
            decision.iter_mut().for_each(|decision| self.decision(decision));
        }
        if let Event::CallHeld { subject, decision, .. }
        | Event::CallQueued { subject, decision, .. }
        | Event::CallAdmitted { subject, decision, .. }
        | Event::ReadSettled { subject, decision, .. } = event
        {
            self.subject(subject);
            self.decision(decision);
        }
        if let Event::PreviewAdmitted { subject, .. } = event {
            self.subject(subject);
        }
        if let Event::ReadSettled { outcome, .. } | Event::CallSettled { outcome } = event {
            self.effects(&mut outcome.effects);
        }
    }

    fn subject(&self, subject: &mut Subject) {
        self.text(&mut subject.resource);
    }

    fn decision(&self, decision: &mut Decision) {
        decision.reasons.iter_mut().for_each(|reason| self.text(&mut reason.text));
    }

    fn said(&self, classification: &mut Classification, reason: &mut String) {
        self.maybe(&mut classification.resource);
        self.text(reason);
    }

    fn effects(&self, effects: &mut [Effect]) {
        for effect in effects {
            if let Some(masked) = (self.0)(effect.resource.as_str()) {
                effect.resource = Resource::new(masked);
            }
        }
    }

    fn outcome(&self, outcome: &mut Outcome) {
        self.text(&mut outcome.reason);
        self.maybe(&mut outcome.metric);
        outcome.evidence.iter_mut().for_each(|text| self.text(text));
    }
}
