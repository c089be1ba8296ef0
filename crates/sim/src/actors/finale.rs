//! The end: no more trouble, no more stops. What people approved runs when somebody waits for it.
//!
//! A journey that forgot to wake its waiter, or a call that nobody could take up any more, shows here.

use std::sync::Arc;
use std::time::Duration;

use domain::{ApprovalState, CallId, CallState, Code, Status};

use super::Scene;
use crate::fault::Promise;
use crate::lock;

/// Lets everything come to an end.
pub(super) async fn plays(scene: Arc<Scene>) {
    scene.cast.clock.correct();
    scene.tell(format_args!("the end begins"));
    for stop in scene.gate.stops() {
        let _known = lock(&scene.cast.auditor).lift_asked(stop.id);
        for place in 0..scene.cast.operators.len() {
            if let Some(by) = scene.operator(place).await {
                let _lifted = scene.gate.lift(&by, stop.id, "the end".into()).await;
            }
        }
    }
    for place in 0..scene.cast.agents.len() {
        collects(&scene, place).await;
    }
    // Long enough for the slowest tool of a call that a tick took up.
    scene.cast.clock.millis(60_000).await;
    if scene.cast.shape.impatient {
        // What was abandoned is looked at by the next life.
        return;
    }
    if !scene.cast.shape.jumps {
        lock(&scene.cast.auditor).nobody_is_forgotten();
    }
    lock(&scene.cast.auditor).at_rest();
}

/// Waits for every call of an agent that was approved, in time.
async fn collects(scene: &Arc<Scene>, place: usize) {
    let Some(caller) = scene.caller(place).await else { return };
    for call in approved(scene, caller.grant) {
        let answer = scene.gate.wait(&caller, call, Duration::from_secs(60)).await;
        let code = answer.error.as_ref().map(|error| error.code);
        scene.answered(place, None, &answer);
        // A paused run or a stop that could not be lifted takes no calls: what was approved stays approved.
        let stopped = code == Some(Code::Stopped) && !scene.gate.stops().is_empty();
        let waits = stands_on_open(scene, call);
        let leaves_later = code == Some(Code::InOutbox);
        let paused = stopped || waits || leaves_later || code == Some(Code::RunPaused);
        if answer.status == Status::Held && answer.call == Some(call) && !paused {
            let what =
                format!("{call} is approved, somebody waits, and it is still held: {code:?}");
            lock(&scene.cast.auditor).broken(Promise::Progress, what);
        }
    }
}

/// Whether something on which a call stands is not done yet.
fn stands_on_open(scene: &Scene, call: CallId) -> bool {
    let auditor = lock(&scene.cast.auditor);
    let mut next = auditor.calls.get(&call).and_then(|call| call.after);
    while let Some(base) = next.and_then(|base| auditor.calls.get(&base)) {
        if base.state != CallState::Succeeded {
            return true;
        }
        next = base.after;
    }
    false
}

/// Held calls of a grant whose every request is approved and may still be used.
fn approved(scene: &Scene, grant: domain::GrantId) -> Vec<CallId> {
    let now = scene.cast.clock.now();
    let auditor = lock(&scene.cast.auditor);
    let usable = |id: &domain::ApprovalId| {
        auditor.approvals.get(id).is_some_and(|request| {
            request.state == ApprovalState::Approved
                && request.execute_by.is_some_and(|end| now.plus(Duration::from_secs(20)) < end)
        })
    };
    let ready = auditor.calls.iter().filter(|(_, call)| {
        call.state == CallState::Held
            && call.subject.as_ref().is_some_and(|subject| subject.grant == grant)
            && call.requests.iter().all(usable)
    });
    ready.map(|(id, _)| *id).collect()
}
