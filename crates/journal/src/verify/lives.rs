//! Every life in the journal, folded with the domain's `apply`: what cannot follow is found.
//! The match names every event, so a new one does not compile until it is said what it is a step of.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use domain::{
    ApprovalEvent, ApprovalId, ApprovalState, CallId, CallState, DeadLetterState, Digest, Entry,
    Event, GrantId, GrantState, KeyId, Name, PinEvent, PinState, Replaced, Requirement, RunEvent,
    RunId, RunState, Settled, StopEvent, StopId, StopState, ToolName, UndoState, Vote,
};

use crate::life::{call_after, undo_after};

/// States by id, as the entries so far leave them.
#[derive(Default)]
pub(crate) struct Lives {
    calls: HashMap<CallId, CallState>,
    undos: HashMap<CallId, UndoState>,
    approvals: HashMap<ApprovalId, ApprovalState>,
    /// How many people each request asks for, and who said yes. Requests that ask one person are not in here.
    quorums: HashMap<ApprovalId, (u8, BTreeSet<Name>)>,
    runs: HashMap<RunId, RunState>,
    stops: HashMap<StopId, StopState>,
    grants: HashMap<GrantId, GrantState>,
    keys: HashMap<KeyId, GrantState>,
    letters: HashMap<CallId, DeadLetterState>,
    /// Each with its pinned definition.
    pins: HashMap<ToolName, (PinState, Digest)>,
}

impl Lives {
    /// Lets an entry happen, or says why it cannot.
    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<(), String> {
        let opens = matches!(entry.event, Event::RunOpened { .. });
        if let Some(run) = entry.run.filter(|run| !opens && !self.runs.contains_key(run)) {
            return Err(format!("it belongs to {run}, which was never opened"));
        }
        if let Some(call) = entry.call {
            let state = self.calls.get(&call).copied();
            if let Some(after) = call_after(state, &entry.event)? {
                self.calls.insert(call, after);
            }
        }
        self.event(entry)
    }

    fn event(&mut self, entry: &Entry) -> Result<(), String> {
        match &entry.event {
            domain::of_tools!() => self.tool(&entry.event),
            Event::GrantGiven { grant, .. } => begin(&mut self.grants, grant.id, grant.state),
            Event::GrantRevoked { grant, .. } => revoke(&mut self.grants, *grant),
            Event::KeyMade { key, .. } => begin(&mut self.keys, *key, GrantState::Active),
            Event::KeyRevoked { key, .. } => revoke(&mut self.keys, *key),
            Event::SessionOpened { .. }
            | Event::SessionUsed { .. }
            | Event::SessionEnded { .. } => self.session(&entry.event),
            Event::StopOrdered { stop, .. } => begin(&mut self.stops, stop.id, stop.state),
            Event::StopLifted { stop, .. } => {
                step(&mut self.stops, *stop, |state| state.apply(StopEvent::Lifted))
            }
            Event::RunOpened { run, .. } => begin(&mut self.runs, run.id, run.state),
            Event::RunPaused { .. } => self.run(entry, RunEvent::Paused),
            Event::RunResumed { .. } => self.run(entry, RunEvent::Resumed),
            Event::RunEnded { .. } => self.run(entry, RunEvent::Ended),
            Event::CallHeld { requests, .. } => {
                requests.iter().try_for_each(|(id, asked)| self.asked(*id, asked))
            }
            Event::CallQueued { used, .. } => {
                used.iter().try_for_each(|id| self.decided(*id, ApprovalEvent::Used))
            }
            Event::CallAdmitted { .. } => self.admitted(entry),
            Event::ApprovalVoted { .. }
            | Event::ApprovalApproved { .. }
            | Event::ApprovalEscalated { .. }
            | Event::ApprovalQuestioned { .. }
            | Event::ApprovalRejected { .. }
            | Event::ApprovalExpired { .. }
            | Event::ApprovalClosed { .. } => self.approval(&entry.event),
            Event::CallSettled { outcome: Settled { undo, .. } }
            | Event::CallResolved { undo, .. } => self.settled(entry.call, *undo),
            Event::CallCancelled { .. } => self.cancelled(entry.call),
            Event::DeadLettered { .. } | Event::DeadLetterMoved { .. } => self.letter(entry),
            Event::UndoMoved { of, to, .. } => self.undo_moves(*of, *to),
            Event::OriginalsErased { of } => self.erased(*of),
            Event::WriterOpened { .. }
            | Event::WriterSealed { .. }
            | domain::of_rules!()
            | Event::ModeSet { .. }
            | domain::of_people!()
            | domain::of_slices!()
            | Event::BudgetRaised { .. }
            | Event::CallDenied { .. }
            | Event::HeldCallDenied { .. }
            | Event::PreviewAdmitted { .. }
            | Event::PreviewSettled { .. }
            | Event::ReadSettled { .. }
            | Event::CallLost { .. }
            | Event::AttemptFailed { .. }
            | Event::AttemptAdmitted { .. }
            | Event::CallProbed { .. }
            | Event::CallLinked { .. }
            | Event::CallSuperseded { .. }
            | Event::AnswerGiven { .. }
            | Event::EvidenceGiven { .. }
            | Event::DutyDone { .. }
            | Event::DutyOverdue { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentClosed { .. }
            | Event::CheckMade { .. }
            | Event::StepMoved { .. }
            | domain::of_outlets!()
            | domain::of_stops!()
            | Event::CallbackAsked { .. }
            | Event::RunExported { .. } => Ok(()),
        }
    }

    fn letter(&mut self, entry: &Entry) -> Result<(), String> {
        let Some(call) = entry.call else { return Err("a dead letter of no call".to_owned()) };
        let Event::DeadLetterMoved { to, .. } = &entry.event else {
            return begin(&mut self.letters, call, DeadLetterState::Open);
        };
        step(&mut self.letters, call, |state| state.apply(to.by()?))
    }

    /// A use may be recorded while its session ends, so it says nothing about its life.
    fn session(&mut self, event: &Event) -> Result<(), String> {
        if let Event::SessionOpened { session, .. } = event {
            return begin(&mut self.keys, *session, GrantState::Active);
        }
        let Event::SessionEnded { session, .. } = event else { return Ok(()) };
        revoke(&mut self.keys, *session)
    }

    /// Originals also go when nothing can be undone any more.
    fn erased(&mut self, of: CallId) -> Result<(), String> {
        match self.undos.get(&of) {
            Some(UndoState::Armed) => self.undo_moves(of, UndoState::Expired),
            Some(_) | None => Ok(()),
        }
    }

    fn tool(&mut self, event: &Event) -> Result<(), String> {
        if let Event::ToolPinned { tool, definition, by, .. } = event {
            return self.pinned(tool, (*definition, by.as_ref()));
        }
        if let Event::ToolDrifted { tool, pinned, .. } = event {
            return self.pin(tool, PinEvent::Drifted, Some(*pinned));
        }
        if let Event::ToolRefused { tool, .. } = event {
            return self.pin(tool, PinEvent::Refused, None);
        }
        let Event::ToolClassified { tool, .. } = event else { return Ok(()) };
        let known = self.pins.contains_key(tool);
        known.then_some(()).ok_or_else(|| format!("`{tool}` was never pinned"))
    }

    /// The first pin of a tool begins its life; later ones are decided by a person, or the tool is as it was.
    fn pinned(
        &mut self,
        tool: &ToolName,
        (definition, by): (Digest, Option<&Name>),
    ) -> Result<(), String> {
        match (self.pins.get_mut(tool), by) {
            (None, _) => {
                self.pins.insert(tool.clone(), (PinState::Pinned, definition));
                Ok(())
            }
            (Some(pin), Some(_)) => {
                pin.1 = definition;
                self.pin(tool, PinEvent::Accepted, None)
            }
            (Some(_), None) => self.pin(tool, PinEvent::Returned, Some(definition)),
        }
    }

    /// A step of a pin, about its pinned definition if one is named.
    fn pin(
        &mut self,
        tool: &ToolName,
        event: PinEvent,
        about: Option<Digest>,
    ) -> Result<(), String> {
        let Some((state, pinned)) = self.pins.get_mut(tool) else {
            return Err(format!("it is about `{tool}`, which was never pinned"));
        };
        if about.is_some_and(|about| about != *pinned) {
            return Err(format!("it is about another definition of `{tool}` than the pinned one"));
        }
        let wrong = || format!("it cannot happen to `{tool}`, which is {state}");
        *state = state.apply(event).ok_or_else(wrong)?;
        Ok(())
    }

    /// A permit uses up approvals, arms the undo of its act, or begins the undo of another.
    fn admitted(&mut self, entry: &Entry) -> Result<(), String> {
        let Event::CallAdmitted { used, undo_until, undoes: undone, .. } = &entry.event else {
            return Ok(());
        };
        let act = entry.call.filter(|_| undo_until.is_some());
        used.iter().try_for_each(|id| self.decided(*id, ApprovalEvent::Used))?;
        if let Some(act) = act {
            self.undos.insert(act, UndoState::Armed);
        }
        undone.map_or(Ok(()), |undone| self.undo_moves(undone, UndoState::Due))
    }

    fn settled(&mut self, call: Option<CallId>, undo: Option<UndoState>) -> Result<(), String> {
        match (call, undo) {
            (Some(call), Some(to)) => self.undo_moves(call, to),
            (_, None) | (None, _) => Ok(()),
        }
    }

    fn cancelled(&mut self, call: Option<CallId>) -> Result<(), String> {
        call.map(|call| self.undos.remove(&call));
        Ok(())
    }

    fn approval(&mut self, event: &Event) -> Result<(), String> {
        if let Event::ApprovalVoted { approval, vote } = event {
            return self.voted(*approval, vote);
        }
        if let Event::ApprovalApproved { approval, .. } = event {
            self.enough(*approval)?;
            return self.decided(*approval, ApprovalEvent::Approved);
        }
        if let Event::ApprovalEscalated { approval, .. }
        | Event::ApprovalQuestioned { approval, .. } = event
        {
            return step(&mut self.approvals, *approval, pending);
        }
        if let Event::ApprovalRejected { approval, .. } = event {
            return self.decided(*approval, ApprovalEvent::Rejected);
        }
        if let Event::ApprovalExpired { approval } = event {
            return self.decided(*approval, ApprovalEvent::Expired);
        }
        let Event::ApprovalClosed { approval, superseded } = event else { return Ok(()) };
        match superseded {
            Replaced::Withdrawn => self.decided(*approval, ApprovalEvent::Withdrawn),
            Replaced::Superseded => self.decided(*approval, ApprovalEvent::Superseded),
        }
    }

    fn run(&mut self, entry: &Entry, event: RunEvent) -> Result<(), String> {
        let run = entry.run.ok_or_else(|| "it names no run".to_owned())?;
        // Calls that run at the same time may each pause their run: staying paused is no step.
        let paused = matches!(event, RunEvent::Paused);
        step(&mut self.runs, run, |state| match state {
            RunState::Paused if paused => Some(state),
            RunState::Open | RunState::Paused | RunState::Ended => state.apply(event),
        })
    }

    fn asked(&mut self, id: ApprovalId, asked: &Requirement) -> Result<(), String> {
        if asked.quorum > 1 {
            self.quorums.insert(id, (asked.quorum, BTreeSet::new()));
        }
        begin(&mut self.approvals, id, ApprovalState::Pending)
    }

    /// Only what is pending is voted on, and by each person once.
    fn voted(&mut self, approval: ApprovalId, vote: &Vote) -> Result<(), String> {
        step(&mut self.approvals, approval, pending)?;
        let Some((_, voters)) = self.quorums.get_mut(&approval) else { return Ok(()) };
        let first = voters.insert(vote.by.clone());
        first.then_some(()).ok_or_else(|| format!("`{}` votes twice on {approval}", vote.by))
    }

    /// Nothing is approved by fewer people than were asked for.
    fn enough(&self, approval: ApprovalId) -> Result<(), String> {
        let Some((quorum, voters)) = self.quorums.get(&approval) else { return Ok(()) };
        let enough = voters.len() >= usize::from(*quorum);
        let why = || format!("{approval} asks for {quorum} people, and {} said yes", voters.len());
        enough.then_some(()).ok_or_else(why)
    }

    fn decided(&mut self, approval: ApprovalId, event: ApprovalEvent) -> Result<(), String> {
        step(&mut self.approvals, approval, |state| state.apply(event))
    }

    fn undo_moves(&mut self, call: CallId, to: UndoState) -> Result<(), String> {
        let after = undo_after(self.undos.get(&call).copied(), to)?;
        self.undos.insert(call, after);
        Ok(())
    }
}

/// Stays pending: for what is said about a request that nobody has decided.
fn pending(state: ApprovalState) -> Option<ApprovalState> {
    (state == ApprovalState::Pending).then_some(state)
}

fn begin<K: Hash + Eq + std::fmt::Display, S>(
    states: &mut HashMap<K, S>,
    id: K,
    state: S,
) -> Result<(), String> {
    if states.contains_key(&id) {
        return Err(format!("{id} began twice"));
    }
    states.insert(id, state);
    Ok(())
}

fn step<K: Hash + Eq + std::fmt::Display, S: Copy + std::fmt::Display>(
    states: &mut HashMap<K, S>,
    id: K,
    after: impl FnOnce(S) -> Option<S>,
) -> Result<(), String> {
    let Some(state) = states.get(&id).copied() else {
        return Err(format!("it is about {id}, which never began"));
    };
    let Some(after) = after(state) else {
        return Err(format!("it cannot happen to {id}, which is {state}"));
    };
    states.insert(id, after);
    Ok(())
}

fn revoke<K: Hash + Eq + std::fmt::Display>(
    states: &mut HashMap<K, GrantState>,
    id: K,
) -> Result<(), String> {
    step(states, id, |state| match state {
        GrantState::Active => Some(GrantState::Revoked),
        GrantState::Revoked => None,
    })
}
