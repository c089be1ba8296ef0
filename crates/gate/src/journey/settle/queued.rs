//! A call that was allowed and waits in the outbox: journalled, and its caller told that nothing was sent yet.
//!
//! In: what was decided, the approvals it was decided with, and when it leaves. Out: an answer as for a held call, with how
//! it can be withdrawn until then.

use domain::{ApprovalState, Code, Event, Replaced, Strength, UndoOffer};

use super::{Answer, Call, Ended, Leaves, early, entry, rescue, store_failed, write};
use crate::commit::{Guard, Urgency};
use crate::gate::Gate;
use crate::journey::Before;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::rescue::{Denial, Queueing};
use crate::runs::state_is;
use crate::table::Table;

pub(super) async fn queued<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    queueing: Queueing,
) -> Ended {
    let Queueing { decided, using, leaves } = queueing;
    let mut answer = answer_of(call, &decided, leaves);
    let recorded = gate.answer_payload(call.run.run.id, call, &answer);
    let (digest, answer_payload) = match recorded {
        Ok(recorded) => recorded,
        Err(refusal) => return store_failed(call, &refusal),
    };
    let Ok((subject, mut payloads)) = gate.record(call, &decided) else {
        let refusal =
            Refusal::new(Code::Internal, "the call could not be recorded", "see the server's log");
        return store_failed(call, &refusal);
    };
    payloads.push(answer_payload);
    let was_held = matches!(call.before, Before::Held(_));
    let mut guards: Vec<Guard> = match call.before {
        Before::Held(_) => vec![early::still_held(call)],
        Before::New => subject
            .ledger
            .map(|key| Guard::Free { table: Table::Ledger, key: key.to_string() })
            .into_iter()
            .collect(),
    };
    let approved = |id: &domain::ApprovalId| {
        state_is(Table::Approvals, id.to_string(), ApprovalState::Approved.word())
    };
    let used: Vec<domain::ApprovalId> = using.iter().map(|request| request.id).collect();
    guards.extend(used.iter().map(approved));
    let event = Event::CallQueued {
        subject,
        decision: decided.decision.clone(),
        leaves,
        used: used.clone(),
        was_held,
        answer: digest,
    };
    let mut entries = vec![entry(gate, call, event)];
    // Nobody decides any more about a call that leaves by itself.
    let unneeded = early::closed(gate, call, Replaced::Withdrawn).into_iter();
    entries.extend(unneeded.filter(|each| {
        !matches!(&each.event, Event::ApprovalClosed { approval, .. } if used.contains(approval))
    }));
    match write(gate, (guards, entries, payloads), Urgency::Permit).await {
        Ok(position) => {
            answer.journal = position;
            Ended::new(answer, Leaves::Held)
        }
        Err(error) => {
            let decided = Some(decided);
            early::denied(gate, call, Denial { refusal: error.into(), decided, pause: None }).await
        }
    }
}

fn answer_of(call: &Call, decided: &rescue::Decided, leaves: domain::Timestamp) -> Answer {
    let why = rescue::reasons(&decided.decision.reasons, Strength::Notify);
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let refusal = Refusal::new(
        Code::InOutbox,
        format!(
            "NOT EXECUTED YET: it was allowed, waits in the outbox and leaves at {} ms since 1970{why}",
            leaves.millis()
        ),
        format!(
            "wait with `GET /v1/calls/{id}/wait`; until then `checkrein calls withdraw {id}` withdraws it",
            id = call.id
        ),
    );
    let mut answer = rescue::unanswered(Some(call.id), &refusal);
    answer.decision = Some(decided.decision.clone());
    answer.undo =
        Some(UndoOffer { how: format!("checkrein undo apply {}", call.id), until: leaves });
    answer
}
