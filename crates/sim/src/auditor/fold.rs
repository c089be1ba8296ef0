//! From an entry to the model: the one place that names every event.
//!
//! What a step must be is checked in `lives.rs`, what it takes and gives back in `budgets.rs`.

use domain::{
    Amounts, ApprovalEvent, BudgetScope, CallEvent, CallId, CallState, Entry, Event, Executed,
    Replaced, Run, RunEvent, UndoEvent, UndoState,
};

use super::Auditor;

impl Auditor {
    pub(super) fn fold(&mut self, entry: &Entry) {
        match &entry.event {
            Event::RunOpened { run, limit, .. } => self.run_begins(run, *limit),
            Event::RunPaused { .. } => self.run_step(entry.run, RunEvent::Paused),
            Event::RunResumed { .. } => self.run_step(entry.run, RunEvent::Resumed),
            Event::RunEnded { .. } => self.run_step(entry.run, RunEvent::Ended),
            Event::BudgetOpened { scope, limit, .. } => self.open(*scope, *limit),
            Event::BudgetRaised { scope, by_amounts, .. } => self.raise(*scope, *by_amounts),
            Event::SliceLeased { reservation } => self.lease(reservation),
            Event::SliceReturned { reservation } => self.unlease(reservation),
            Event::CallDenied { .. }
            | Event::CallHeld { .. }
            | Event::CallAdmitted { .. }
            | Event::ReadSettled { .. }
            | Event::CallSettled { .. }
            | Event::CallLost { .. }
            | Event::CallResolved { .. }
            | Event::CallCancelled { .. }
            | Event::HeldCallDenied { .. }
            | Event::CallSuperseded { .. } => self.fold_known_call(entry),
            Event::ApprovalVoted { .. }
            | Event::ApprovalEscalated { .. }
            | Event::ApprovalApproved { .. }
            | Event::ApprovalRejected { .. }
            | Event::ApprovalExpired { .. }
            | Event::ApprovalClosed { .. } => self.fold_approval(entry),
            Event::UndoMoved { of, to, .. } => self.undo_step(*of, moved_to(*to)),
            Event::OriginalsErased { of } => self.undo_step(*of, UndoEvent::Expired),
            Event::StopOrdered { stop, .. } => self.stop_ordered(stop),
            Event::StopLifted { stop, .. } => self.stop_lifted(*stop),
            Event::RollbackOrdered { stop, .. } => self.undo_ordered(*stop),
            Event::GrantRevoked { grant, .. } => {
                self.revoked.insert(*grant);
            }
            Event::ModeSet { .. } => self.shadow = true,
            Event::WriterOpened { .. }
            | Event::WriterSealed { .. }
            | Event::PolicyLoaded { .. }
            | Event::ContractsLoaded { .. }
            | Event::ConfigurationLoaded { .. }
            | Event::ToolPinned { .. }
            | Event::ToolDrifted { .. }
            | Event::ToolRefused { .. }
            | Event::ToolClassified { .. }
            | Event::GrantGiven { .. }
            | Event::KeyMade { .. }
            | Event::KeyRevoked { .. }
            | domain::of_people!()
            | Event::PreviewAdmitted { .. }
            | Event::PreviewSettled { .. }
            | Event::AnswerGiven { .. }
            | Event::ApprovalQuestioned { .. }
            | Event::EvidenceGiven { .. }
            | Event::DutyDone { .. }
            | Event::DutyOverdue { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentClosed { .. }
            | domain::of_outlets!()
            | Event::RollbackEnded { .. }
            | Event::StopReceipted { .. }
            | Event::StopDrilled { .. }
            | Event::CallbackAsked { .. }
            | Event::RunExported { .. } => {}
        }
    }

    fn run_begins(&mut self, run: &Run, limit: Amounts<Option<u64>>) {
        self.run_opened(run);
        self.open(BudgetScope::Run(run.id), limit);
    }

    /// Events of an approval's own life. Others do not come here.
    fn fold_approval(&mut self, entry: &Entry) {
        if let Event::ApprovalVoted { approval, vote } = &entry.event {
            self.voted(*approval, (entry.at, vote));
        } else if let Event::ApprovalEscalated { approval, .. } = &entry.event {
            self.escalated(*approval, entry.at);
        } else if let Event::ApprovalApproved { approval, execute_by, .. } = &entry.event {
            self.approved(*approval, *execute_by);
        } else if let Event::ApprovalRejected { approval, .. } = &entry.event {
            self.decide(*approval, ApprovalEvent::Rejected);
        } else if let Event::ApprovalExpired { approval } = &entry.event {
            self.decide(*approval, ApprovalEvent::Expired);
        } else if let Event::ApprovalClosed { approval, superseded } = &entry.event {
            let closed = match superseded {
                Replaced::Withdrawn => ApprovalEvent::Withdrawn,
                Replaced::Superseded => ApprovalEvent::Superseded,
            };
            self.decide(*approval, closed);
        }
    }

    fn fold_known_call(&mut self, entry: &Entry) {
        let Some(id) = entry.call else { return };
        self.fold_call(id, entry);
        self.keys(id);
    }

    /// Events of a call's own life. Others do not come here.
    fn fold_call(&mut self, id: CallId, entry: &Entry) {
        if let Event::CallDenied { subject, .. } = &entry.event {
            self.begin(id, (entry.run, subject.clone()));
            self.steps(id, &[CallEvent::Denied]);
        } else if let Event::CallHeld { subject, requests, .. } = &entry.event {
            self.begin(id, (entry.run, Some(subject.clone())));
            self.steps(id, &[CallEvent::Held]);
            self.asked((id, entry.at), requests);
        } else if let Event::CallAdmitted { subject, was_held, .. } = &entry.event {
            if !*was_held {
                self.begin(id, (entry.run, Some(subject.clone())));
            }
            self.admitted(id, entry);
        } else if let Event::ReadSettled { subject, outcome, .. } = &entry.event {
            self.begin(id, (entry.run, Some(subject.clone())));
            let ended = super::lives::ended(outcome);
            self.steps(id, &[CallEvent::Admitted, CallEvent::Dispatched, ended]);
            self.read_settled(outcome);
            self.freed(id, outcome);
        } else if let Event::CallSettled { outcome } = &entry.event {
            self.steps(id, &[CallEvent::Dispatched, super::lives::ended(outcome)]);
            self.act_settled(id, outcome);
            self.arm(id, outcome.undo);
            self.freed(id, outcome);
        } else if let Event::CallLost { .. } = &entry.event {
            self.steps(id, &[CallEvent::LostSight]);
        } else if let Event::CallResolved { executed, spent, reservation, undo, .. } = &entry.event
        {
            self.steps(id, &[found(*executed)]);
            self.give_back(reservation, super::budgets::took(*executed, *spent, reservation));
            self.ends(id, reservation);
            self.arm(id, *undo);
        } else if let Event::CallCancelled { reservation, .. } = &entry.event {
            self.steps(id, &[CallEvent::Cancelled]);
            if let Some(reservation) = reservation {
                self.give_back(reservation, Amounts::ZERO);
                self.ends(id, reservation);
            }
        } else if let Event::HeldCallDenied { .. } = &entry.event {
            self.steps(id, &[CallEvent::Denied]);
        } else if let Event::CallSuperseded { .. } = &entry.event {
            self.steps(id, &[CallEvent::Superseded]);
        }
    }

    fn admitted(&mut self, id: CallId, entry: &Entry) {
        self.steps(id, &[CallEvent::Admitted]);
        self.admitted.insert(id, entry.at);
        let Event::CallAdmitted { permit, reservation, used, undo_until, undoes, .. } =
            &entry.event
        else {
            return;
        };
        if let Some(call) = self.calls.get_mut(&id) {
            call.permit = Some(*permit);
            call.undoable = undo_until.is_some();
            call.undoes = *undoes;
            call.reserved = Some(reservation.clone());
        }
        for approval in used {
            self.used(*approval, entry);
        }
        self.reserve(reservation);
        if let Some(of) = undoes {
            self.undo_step(*of, UndoEvent::Begun);
        }
    }
}

const fn found(executed: Executed) -> CallEvent {
    match executed {
        Executed::Yes => CallEvent::Succeeded,
        Executed::Partly | Executed::Unknown => CallEvent::Partial,
        Executed::No => CallEvent::Failed,
    }
}

const fn moved_to(state: UndoState) -> UndoEvent {
    match state {
        UndoState::Armed => UndoEvent::NotBegun,
        UndoState::Released => UndoEvent::Released,
        UndoState::Expired => UndoEvent::Expired,
        UndoState::Due => UndoEvent::Begun,
        UndoState::Undone => UndoEvent::Undone,
        UndoState::Partial => UndoEvent::PartlyUndone,
        UndoState::Impossible => UndoEvent::FoundImpossible,
        UndoState::InDoubt => UndoEvent::LostSight,
    }
}

/// The state in which a call begins.
pub(super) const BEGINS: CallState = CallState::Received;
