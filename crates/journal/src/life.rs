//! Which entries may follow which: every event as steps of the domain's life cycles.
//!
//! The writer asks before it writes an entry of a call, verification asks for every entry again. What is
//! legal is decided by `apply` of the domain alone; here stands only which event is which step.

use domain::{CallEvent, CallState, Event, Executed, Settled, Status, UndoEvent, UndoState};

/// What an event is to the call that it belongs to.
enum Meaning {
    /// Steps of its life.
    Steps([Option<CallEvent>; 3]),
    /// A preview of it begins.
    Preview,
    /// It must be known, and stays as it is.
    Known(&'static str),
    /// It must be in this state, and stays as it is.
    While(CallState, &'static str),
    /// Nothing.
    Nothing,
}

/// The state of a call after an event; the state before for events that do not move a call.
pub(crate) fn call_after(
    state: Option<CallState>,
    event: &Event,
) -> Result<Option<CallState>, String> {
    match meaning(event) {
        Meaning::Nothing => Ok(state),
        Meaning::Known(what) => {
            state.map(Some).ok_or_else(|| format!("{what} of a call that is not known"))
        }
        Meaning::While(wanted, what) => match state {
            Some(state) if state == wanted => Ok(Some(state)),
            Some(other) => Err(format!("{what} of a call that is {other}, not {wanted}")),
            None => Err(format!("{what} of a call that is not known")),
        },
        Meaning::Preview => match state {
            Some(ended) if ended.is_final() => Err(format!("a preview of a call that is {ended}")),
            Some(state) => Ok(Some(state)),
            None => Ok(Some(CallState::Received)),
        },
        Meaning::Steps(steps) => {
            let from = state.unwrap_or(CallState::Received);
            let waits = matches!(from, CallState::Held | CallState::Queued);
            if matches!(event, Event::HeldCallDenied { .. }) && !waits {
                return Err(format!("a held call was denied that is {from}"));
            }
            walk(from, &steps).map(Some)
        }
    }
}

fn walk(from: CallState, steps: &[Option<CallEvent>]) -> Result<CallState, String> {
    steps.iter().flatten().try_fold(from, |state, step| {
        let wrong = || format!("`{step}` cannot happen to a call that is {state}");
        state.apply(*step).ok_or_else(wrong)
    })
}

/// All of a read is one entry.
fn read(outcome: &Settled) -> Meaning {
    let (admitted, dispatched) = (CallEvent::Admitted, CallEvent::Dispatched);
    Meaning::Steps([Some(admitted), Some(dispatched), Some(came_out(outcome))])
}

fn meaning(event: &Event) -> Meaning {
    use CallEvent as E;
    let one = |step| Meaning::Steps([Some(step), None, None]);
    match event {
        Event::CallDenied { .. } | Event::HeldCallDenied { .. } => one(E::Denied),
        Event::CallHeld { .. } => one(E::Held),
        Event::CallQueued { .. } => one(E::Queued),
        Event::CallAdmitted { .. } => one(E::Admitted),
        Event::ReadSettled { outcome, .. } => read(outcome),
        Event::CallSettled { outcome } => {
            Meaning::Steps([Some(E::Dispatched), Some(came_out(outcome)), None])
        }
        Event::CallLost { .. } => one(E::LostSight),
        Event::CallResolved { executed, .. } => one(found(*executed)),
        Event::CallCancelled { .. } => one(E::Cancelled),
        Event::CallSuperseded { .. } => one(E::Superseded),
        Event::AttemptFailed { .. } => Meaning::While(CallState::Admitted, "a failed attempt"),
        Event::AttemptAdmitted { .. } => Meaning::While(CallState::Admitted, "another attempt"),
        Event::CallProbed { .. } => Meaning::While(CallState::InDoubt, "a probe"),
        Event::CallLinked { .. } => Meaning::Known("a link"),
        Event::DeadLettered { .. } => Meaning::Known("a dead letter"),
        Event::DeadLetterMoved { .. } => Meaning::Known("the end of a dead letter"),
        Event::PreviewAdmitted { .. } => Meaning::Preview,
        Event::PreviewSettled { .. } => Meaning::Known("the end of a preview"),
        Event::AnswerGiven { .. } => Meaning::Known("an answer"),
        Event::ApprovalQuestioned { .. } => Meaning::Known("a question"),
        Event::EvidenceGiven { .. } => Meaning::Known("evidence"),
        Event::CallbackAsked { .. } => Meaning::Known("a wish to be told"),
        Event::WriterOpened { .. }
        | Event::WriterSealed { .. }
        | domain::of_rules!()
        | Event::ModeSet { .. }
        | domain::of_tools!()
        | Event::GrantGiven { .. }
        | Event::GrantRevoked { .. }
        | Event::KeyMade { .. }
        | Event::KeyRevoked { .. }
        | domain::of_people!()
        | Event::RunOpened { .. }
        | Event::RunPaused { .. }
        | Event::RunResumed { .. }
        | Event::RunEnded { .. }
        | domain::of_slices!()
        | Event::BudgetRaised { .. }
        | Event::ApprovalVoted { .. }
        | Event::ApprovalEscalated { .. }
        | Event::ApprovalApproved { .. }
        | Event::ApprovalRejected { .. }
        | Event::ApprovalExpired { .. }
        | Event::ApprovalClosed { .. }
        | Event::DutyDone { .. }
        | Event::DutyOverdue { .. }
        | Event::IncidentOpened { .. }
        | Event::IncidentClosed { .. }
        | Event::CheckMade { .. }
        | Event::StepMoved { .. }
        | domain::of_outlets!()
        | Event::StopOrdered { .. }
        | Event::StopLifted { .. }
        | domain::of_stops!()
        | Event::UndoMoved { .. }
        | Event::OriginalsErased { .. }
        | Event::RunExported { .. } => Meaning::Nothing,
    }
}

const fn came_out(outcome: &Settled) -> CallEvent {
    match outcome.status {
        Status::Succeeded => CallEvent::Succeeded,
        Status::Partial => CallEvent::Partial,
        Status::InDoubt => CallEvent::LostSight,
        Status::Failed | Status::Denied | Status::Held | Status::Stopped => CallEvent::Failed,
    }
}

const fn found(executed: Executed) -> CallEvent {
    match executed {
        Executed::Yes => CallEvent::Succeeded,
        Executed::Partly | Executed::Unknown => CallEvent::Partial,
        Executed::No => CallEvent::Failed,
    }
}

/// The state of an undo after it moved to `to`. Staying where it is is no move.
pub(crate) fn undo_after(state: Option<UndoState>, to: UndoState) -> Result<UndoState, String> {
    use UndoEvent as E;
    let Some(state) = state else {
        return Err(format!("the undo of an act that cannot be undone became {to}"));
    };
    if state == to {
        return Ok(state);
    }
    let event = match to {
        UndoState::Armed => E::NotBegun,
        UndoState::Released => E::Released,
        UndoState::Expired => E::Expired,
        UndoState::Due => E::Begun,
        UndoState::Undone => E::Undone,
        UndoState::Partial => E::PartlyUndone,
        UndoState::Impossible => E::FoundImpossible,
        UndoState::InDoubt => E::LostSight,
    };
    state.apply(event).ok_or_else(|| format!("an undo that is {state} cannot become {to}"))
}
