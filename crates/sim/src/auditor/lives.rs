//! Life cycles: every entry is a legal step of the calls, approvals, undos, runs and stops it speaks of.
//!
//! The functions that say what is legal are those of `domain`.

use std::collections::BTreeSet;

use domain::{
    ApprovalEvent, ApprovalId, ApprovalState, CallEvent, CallId, Entry, Executed, Requirement, Run,
    RunEvent, RunId, RunState, Settled, Status, Stop, StopEvent, StopId, StopState, Subject,
    Timestamp, UndoEvent, UndoState, Vote,
};

use super::fold::BEGINS;
use super::model::{Call, Request};
use super::{Auditor, RunModel};
use crate::actors::SECOND;
use crate::coverage::{ESCALATION, QUORUM};
use crate::fault::Promise;

impl Auditor {
    fn illegal(&mut self, what: String) {
        self.broken(Promise::Lives, what);
    }

    pub(super) fn begin(&mut self, id: CallId, (run, subject): (Option<RunId>, Option<Subject>)) {
        if self.calls.contains_key(&id) {
            self.illegal(format!("{id} begins again"));
            return;
        }
        self.calls.insert(id, Call::new(BEGINS, run, subject));
    }

    /// Takes the steps of a call, one after the other.
    pub(super) fn steps(&mut self, id: CallId, events: &[CallEvent]) {
        for event in events {
            let Some(call) = self.calls.get_mut(&id) else {
                self.illegal(format!("{id} is unknown and takes {event}"));
                return;
            };
            let before = call.state;
            let Some(after) = before.apply(*event) else {
                self.illegal(format!("{id} is {before} and takes {event}"));
                return;
            };
            call.state = after;
            self.coverage.call(after);
        }
    }

    /// A key belongs to one call at a time: the one that waits, runs, or was done with it (P3).
    pub(super) fn keys(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let Some(key) = call.ledger() else { return };
        let owner = self.ledger.get(&key).copied();
        if call.state.never_dispatched() {
            if owner == Some(id) {
                self.ledger.remove(&key);
            }
            return;
        }
        // Reads with one key at the same moment change nothing, whoever keeps it.
        if owner.is_some_and(|owner| owner != id) && call.changes() {
            self.broken(Promise::Once, format!("{id} took a key that belongs to {owner:?}"));
        }
        self.ledger.insert(key, id);
    }

    /// A key is free again only after an attempt that did nothing and was asked something (P3).
    pub(super) fn freed(&mut self, id: CallId, outcome: &Settled) {
        let Some(key) = outcome.freed else { return };
        let asked = outcome.code == Some(domain::Code::InputRequired);
        if outcome.executed != Executed::No || !asked {
            self.broken(Promise::Once, format!("{id} freed its key and may have acted"));
        }
        if let Some(call) = self.calls.get_mut(&id) {
            call.freed = Some(key);
        }
        self.ledger.remove(&key);
        self.acted.remove(&key);
    }

    pub(super) fn asked(
        &mut self,
        (call, asked): (CallId, Timestamp),
        requests: &[(ApprovalId, Requirement)],
    ) {
        for (id, requirement) in requests {
            let state = ApprovalState::Pending;
            self.coverage.asked(&requirement.id);
            let requirement = requirement.clone();
            let (execute_by, voters, escalated) = (None, BTreeSet::new(), false);
            let request =
                Request { call, requirement, state, execute_by, asked, voters, escalated };
            self.approvals.insert(*id, request);
            self.coverage.approval(state);
            if let Some(call) = self.calls.get_mut(&call) {
                call.requests.insert(*id);
            }
        }
    }

    /// Only what is pending is voted on, in time, and by each person once (P4, P9).
    pub(super) fn voted(&mut self, id: ApprovalId, (at, vote): (Timestamp, &Vote)) {
        let Some(request) = self.approvals.get_mut(&id) else {
            return self.illegal(format!("{id} is unknown and is voted on"));
        };
        let first = request.voters.insert(vote.by.clone());
        let in_time = at < request.asked.plus(request.requirement.decide_within);
        let member = match (vote.by.as_str() == SECOND, request.requirement.id.as_str()) {
            (true, crate::rules::ESCALATES) => request.escalated,
            (_, _) => true,
        };
        let sure = vote.assurance >= request.requirement.assurance;
        if request.state != ApprovalState::Pending || !first || !in_time || !member || !sure {
            let what = format!(
                "`{}` said yes to {id}, {} since {}: once {first}, in time {in_time}, in its group {member}, sure {sure}",
                vote.by,
                request.state,
                request.asked.millis()
            );
            self.broken(Promise::Approved, what);
        }
    }

    /// A second group is asked only when the first one had its time.
    pub(super) fn escalated(&mut self, id: ApprovalId, at: Timestamp) {
        let Some(request) = self.approvals.get_mut(&id) else {
            return self.illegal(format!("{id} is unknown and escalates"));
        };
        request.escalated = true;
        let after =
            request.requirement.escalate.as_ref().map(|later| request.asked.plus(later.after));
        let due = after.is_some_and(|after| at >= after);
        if request.state != ApprovalState::Pending || !due {
            let what = format!("{id} is {} and escalates; due: {due}", request.state);
            self.illegal(what);
        }
        self.coverage.asked(ESCALATION);
    }

    pub(super) fn approved(&mut self, id: ApprovalId, execute_by: Timestamp) {
        let enough = self
            .approvals
            .get(&id)
            .is_some_and(|request| request.voters.len() >= usize::from(request.requirement.quorum));
        if !enough {
            self.broken(Promise::Approved, format!("{id} is approved by too few people"));
        }
        if self.approvals.get(&id).is_some_and(|request| request.voters.len() > 1) {
            self.coverage.asked(QUORUM);
        }
        self.decide(id, ApprovalEvent::Approved);
        if let Some(request) = self.approvals.get_mut(&id) {
            request.execute_by = Some(execute_by);
        }
    }

    pub(super) fn decide(&mut self, id: ApprovalId, event: ApprovalEvent) {
        let Some(request) = self.approvals.get_mut(&id) else {
            self.illegal(format!("{id} is unknown and takes {event}"));
            return;
        };
        let before = request.state;
        let Some(after) = before.apply(event) else {
            let promise =
                if event == ApprovalEvent::Used { Promise::Approved } else { Promise::Lives };
            self.broken(promise, format!("{id} is {before} and takes {event}"));
            return;
        };
        request.state = after;
        self.coverage.approval(after);
    }

    /// An approval is used by its own call, in time (P4).
    pub(super) fn used(&mut self, id: ApprovalId, entry: &Entry) {
        let request = self.approvals.get(&id);
        let own = request.is_some_and(|request| Some(request.call) == entry.call);
        let end = request.and_then(|request| request.execute_by);
        if !own || end.is_none_or(|end| entry.at >= end) {
            let what = format!("{:?} used {id}: its own {own}, good until {end:?}", entry.call);
            self.broken(Promise::Approved, what);
        }
        self.decide(id, ApprovalEvent::Used);
    }

    pub(super) fn run_opened(&mut self, run: &Run) {
        self.new_run(run);
        self.runs.insert(run.id, RunModel { run: run.clone(), state: RunState::Open });
    }

    pub(super) fn run_step(&mut self, id: Option<RunId>, event: RunEvent) {
        let Some(run) = id.and_then(|id| self.runs.get_mut(&id)) else {
            self.illegal(format!("an unknown run takes {event:?}"));
            return;
        };
        let before = run.state;
        match before.apply(event) {
            Some(after) => run.state = after,
            None => self.illegal(format!("{id:?} is {before} and takes {event:?}")),
        }
    }

    pub(super) fn stop_ordered(&mut self, stop: &Stop) {
        self.stops.insert(stop.id, stop.clone());
    }

    pub(super) fn stop_lifted(&mut self, id: StopId) {
        let after = self.stops.get(&id).and_then(|stop| stop.state.apply(StopEvent::Lifted));
        if after.is_none() {
            self.illegal(format!("{id} is not in force and is lifted"));
        }
        if let Some(stop) = self.stops.get_mut(&id) {
            stop.state = StopState::Lifted;
        }
        // A kill lifts weaker stops of its scope without being asked.
        self.acknowledged.remove(&id);
    }

    pub(super) fn undo_step(&mut self, id: CallId, event: UndoEvent) {
        let before = self.calls.get(&id).and_then(|call| call.undo);
        let Some(after) = before.and_then(|state| state.apply(event)) else {
            self.illegal(format!("the undo of {id} is {before:?} and takes {event}"));
            return;
        };
        self.set_undo(id, after);
    }

    fn set_undo(&mut self, id: CallId, state: UndoState) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.undo = Some(state);
            self.coverage.undo(state);
        }
    }

    /// An outcome arms the undo of an act that happened, or releases it; it does so once.
    pub(super) fn arm(&mut self, id: CallId, outcome: Option<UndoState>) {
        let Some(outcome) = outcome else { return };
        let Some(call) = self.calls.get(&id) else { return };
        let (before, undoable) = (call.undo, call.undoable);
        let first = matches!(outcome, UndoState::Armed | UndoState::Released);
        if before.is_some() || !undoable || !first {
            let what =
                format!("the undo of {id} is {before:?} and becomes {outcome} by its outcome");
            self.illegal(what);
        }
        self.set_undo(id, outcome);
    }
}

pub(super) const fn ended(outcome: &Settled) -> CallEvent {
    match outcome.status {
        Status::Succeeded => CallEvent::Succeeded,
        Status::Partial => CallEvent::Partial,
        Status::InDoubt => CallEvent::LostSight,
        Status::Failed | Status::Denied | Status::Held | Status::Stopped => CallEvent::Failed,
    }
}
