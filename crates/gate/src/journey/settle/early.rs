//! Journeys that end before a tool: refused, held, joined or superseded. Each is journalled and answered.
//!
//! In: why the journey ended. Out: the same kind of answer as for any other call.

use super::{
    Answer, Before, Call, Cell, Code, Denial, Ended, Entry, Event, Guard, Halt, Journal, Leaves,
    Payload, PayloadKind, Refusal, Status, Table, Unresolved, Urgency, World, entry, rescue,
    store_failed, write, write_pausing,
};
use crate::gate::Gate;
use crate::journey::{Request, judge, plan, shadow};
use crate::payload;
use crate::people::StopAsk;
use crate::port::KeyScope;
use crate::rescue::{Decided, Hold};
use crate::state::lock;
use crate::watch::Audience;
use domain::{
    ApprovalId, ApprovalState, CallId, Digest, Name, Replaced, Replay, StopLevel, StopScope, limits,
};

/// The name under which the house orders stops.
const HOUSE: &str = "checkrein";

/// Refuses a proposal that did not become a call.
pub(in crate::journey) async fn refuse<J: Journal, W: World>(
    gate: &Gate<J, W>,
    unresolved: Unresolved,
) -> Answer {
    let Unresolved { id, caller, run, proposal, mut refusal } = unresolved;
    refusal.message = gate.masker.mask_text(&refusal.message).into_owned();
    let mut answer = rescue::unanswered(Some(id), &refusal);
    let tenant = caller.chain.tenant;
    let bytes = payload::answer_bytes(&answer);
    let scope = run.map_or(KeyScope::Tenant(&tenant), KeyScope::Run);
    let digest = match gate.journal.keyed(scope, &bytes) {
        Ok(digest) => digest,
        Err(error) => return rescue::unanswered(Some(id), &error.into()),
    };
    let code = refusal.code;
    let event = Event::CallDenied { subject: None, decision: None, code, answer: digest };
    let at = gate.world.now();
    let entry = Entry { at, tenant: Some(tenant.clone()), run, call: Some(id), event };
    let kept = |run, (kind, bytes)| Payload { tenant: tenant.clone(), run, call: id, kind, bytes };
    let both =
        [(PayloadKind::Proposal, payload::proposal(&proposal)), (PayloadKind::Answer, bytes)];
    let payloads =
        run.into_iter().flat_map(|run| both.clone().map(|each| kept(run, each))).collect();
    match write(gate, (Vec::new(), vec![entry], payloads), Urgency::Outcome).await {
        Ok(position) => answer.journal = position,
        Err(error) => return rescue::unanswered(Some(id), &error.into()),
    }
    answer
}

/// Ends a journey that halted.
pub(in crate::journey) async fn halt<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    halt: Halt,
) -> Ended {
    match halt {
        Halt::Denied(denial) => denied(gate, call, *denial).await,
        Halt::Held(hold) => held(gate, call, *hold).await,
        Halt::Queued(queueing) => super::queued::queued(gate, call, *queueing).await,
        Halt::Known(known) => {
            if let Err(refusal) = gate.take_evidence(call, known).await {
                return store_failed(call, &refusal);
            }
            Ended::new(gate.answer_again(call, known).await, Leaves::Nothing)
        }
        Halt::StillHeld => Ended::new(gate.last_answer(call.id).await, Leaves::Held),
        Halt::Moved(fresh, why) => moved(gate, call, (fresh, why)).await,
    }
}

pub(super) async fn denied<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    denial: Denial,
) -> Ended {
    let passing = denial.refusal.code.row().retryable;
    if passing && call.leaves.is_some() {
        // It is tried again by the clock: what passes is told to nobody who did not ask.
        return Ended::new(gate.last_answer(call.id).await, Leaves::Held);
    }
    if let (Before::Held(_), true) = (&call.before, passing) {
        return not_now(gate, call, denial.refusal).await;
    }
    let Denial { mut refusal, decided, pause } = denial;
    refusal.message = gate.masker.mask_text(&refusal.message).into_owned();
    let mut answer = rescue::unanswered(Some(call.id), &refusal);
    answer.decision = decided.as_ref().map(|decided| decided.decision.clone());
    answer.warnings.extend(warnings(gate, call, decided.as_ref()));
    let recorded = gate.answer_payload(call.run.run.id, call, &answer);
    let (digest, answer_payload) = match recorded {
        Ok(recorded) => recorded,
        Err(refusal) => return store_failed(call, &refusal),
    };
    let denied = match &call.before {
        Before::New => denied_new(gate, call, (decided, &refusal, digest)),
        Before::Held(_) => denied_held(gate, call, (decided, &refusal, digest)),
    };
    let Ok((event, mut payloads)) = denied else { return store_failed(call, &refusal) };
    payloads.push(answer_payload);
    let guards = match &call.before {
        Before::New => Vec::new(),
        Before::Held(_) => vec![still_held(call)],
    };
    let mut entries = vec![entry(gate, call, event)];
    entries.extend(closed(gate, call, Replaced::Withdrawn));
    if pause.is_some() {
        lock(&call.run.counts).pause();
    }
    match write_pausing(gate, call, ((guards, entries, payloads), pause)).await {
        Ok(position) => {
            answer.journal = position;
            Ended::new(answer, Leaves::Nothing)
        }
        Err(error) => store_failed(call, &error.into()),
    }
}

/// What was decided, why the call is refused, and the digest of the answer.
type Refused<'a> = (Option<Decided>, &'a Refusal, Digest);

fn denied_new<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (decided, refusal, answer): Refused<'_>,
) -> Result<(Event, Vec<Payload>), Halt> {
    let decision = decided.as_ref().map(|decided| decided.decision.clone());
    let facts = decided.unwrap_or_else(|| gate.undecided(call));
    let (subject, payloads) = gate.record(call, &facts)?;
    let (subject, code) = (Some(subject), refusal.code);
    Ok((Event::CallDenied { subject, decision, code, answer }, payloads))
}

/// What policy decided again is kept beside what it decided before; the rest is there already.
fn denied_held<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (decided, refusal, answer): Refused<'_>,
) -> Result<(Event, Vec<Payload>), Halt> {
    let (subject, mut payloads) = match &decided {
        Some(decided) => {
            let (subject, payloads) = gate.record(call, decided)?;
            (Some(subject), payloads)
        }
        None => (None, Vec::new()),
    };
    payloads.retain(|each| each.kind == PayloadKind::Facts);
    let event = Event::HeldCallDenied {
        subject,
        decision: decided.map(|decided| decided.decision),
        code: refusal.code,
        by: "policy".to_owned(),
        reason: refusal.message.clone(),
        ledger: call.digests.ledger,
        answer,
    };
    Ok((event, payloads))
}

/// A held call that cannot run right now (a stop, a pause, a full disk, …) stays held with its requests:
/// what people decided is not lost to a condition that passes.
async fn not_now<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call, refusal: Refusal) -> Ended {
    let mut answer = rescue::unresumed(call.id, refusal);
    if let Some(failure) = &mut answer.error {
        failure.message = gate.masker.mask_text(&failure.message).into_owned();
    }
    match gate.given_again(&call.caller.chain.tenant, call.run.run.id, &mut answer).await {
        Ok(()) => Ended::new(answer, Leaves::Ready),
        Err(refusal) => Ended::new(rescue::unresumed(call.id, refusal), Leaves::Ready),
    }
}

pub(super) fn still_held(call: &Call) -> Guard {
    let value = Cell::from(call.waits_as().word());
    Guard::Is { table: Table::Calls, key: call.id.to_string(), column: "state", value }
}

/// Requests of a call that need no decision any more.
pub(super) fn closed<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    superseded: Replaced,
) -> Vec<Entry> {
    let Before::Held(requests) = &call.before else { return Vec::new() };
    let open = |request: &&Request| {
        matches!(request.state, ApprovalState::Pending | ApprovalState::Approved)
    };
    let close = |request: &Request| Event::ApprovalClosed { approval: request.id, superseded };
    requests.iter().filter(open).map(|request| entry(gate, call, close(request))).collect()
}

async fn held<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call, hold: Hold) -> Ended {
    if let Some(refusal) = flooded(gate, call).await {
        let decided = Some(hold.decided);
        return denied(gate, call, Denial { refusal, decided, pause: None }).await;
    }
    let Hold { decided, requirements, binding } = hold;
    let requests: Vec<_> =
        requirements.into_iter().map(|each| (ApprovalId::new(gate.world.fresh()), each)).collect();
    let mut answer = held_answer(gate, call, (&decided, &requests));
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
    let undecided = decided.clone();
    let guards =
        subject.ledger.map(|key| Guard::Free { table: Table::Ledger, key: key.to_string() });
    let event =
        Event::CallHeld { subject, decision: decided.decision, requests, binding, answer: digest };
    let entries = vec![entry(gate, call, event)];
    match write(gate, (guards.into_iter().collect(), entries, payloads), Urgency::Permit).await {
        Ok(position) => {
            answer.journal = position;
            Ended::new(answer, Leaves::Held)
        }
        // Nobody was asked: the call is refused, and that is journalled like any refusal.
        Err(error) => {
            let decided = Some(undecided);
            denied(gate, call, Denial { refusal: error.into(), decided, pause: None }).await
        }
    }
}

/// Suspends an agent that asks people too often, with one stop that says what it asked: nobody answers a flood
/// question by question. What waits already goes on waiting.
async fn flooded<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call) -> Option<Refusal> {
    let chain = &call.caller.chain;
    let agent = (&chain.tenant, &chain.agent.name);
    let now = (gate.world.now(), call.compiled.name());
    let tools = gate.asks.count(agent, now, gate.approvals.asks_max)?;
    let all: u64 = tools.values().sum();
    let tools: Vec<String> =
        tools.iter().map(|(tool, count)| format!("{count} of {tool}")).collect();
    let within = limits::ASKS_WINDOW.as_secs();
    let reason = format!("it asked people for {all} calls within {within} s: {}", tools.join(", "));
    let scope = StopScope::Agent(chain.tenant.clone(), chain.agent.name.clone());
    let ask = StopAsk { scope, level: StopLevel::Suspend, reason: reason.clone() };
    let ordered = match HOUSE.parse() {
        Ok(house) => gate.order_stop(&house, ask).await.map(|_| ()),
        Err(_) => Ok(()),
    };
    let message = format!("the agent `{}` is stopped (suspend): {reason}", chain.agent.name);
    let fix = "ask for less; an operator lifts the stop with `checkrein stop resume`";
    // A stop that could not be recorded holds all the same, until the process ends.
    Some(ordered.err().unwrap_or_else(|| Refusal::new(Code::Stopped, message, fix)))
}

fn held_answer<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (decided, requests): (&Decided, &[(ApprovalId, domain::Requirement)]),
) -> Answer {
    let asked: Vec<String> =
        requests.iter().map(|(id, each)| format!("{id} ({})", each.id)).collect();
    let why = rescue::reasons(&decided.decision.reasons, domain::Strength::Hold);
    let refusal = Refusal::new(
        Code::Held,
        format!("NOT EXECUTED, waiting for approval {}: {why}", asked.join(", ")),
        format!(
            "wait with `GET /v1/calls/{}/wait`, or send the identical call again later",
            call.id
        ),
    );
    let mut answer = rescue::unanswered(Some(call.id), &refusal);
    answer.status = Status::Held;
    answer.decision = Some(decided.decision.clone());
    answer.diff = decided
        .plan
        .as_ref()
        .filter(|_| judge::diff_audience(call, &decided.facts) == Audience::Everybody)
        .map(|plan| gate.masker.mask_text(&plan.diff).into_owned());
    answer.warnings.extend(warnings(gate, call, Some(decided)));
    answer
}

/// Tells of changes that need a look, of a call that was judged with its plan; names them to whoever may see its diff.
fn warnings<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    decided: Option<&Decided>,
) -> Vec<String> {
    let told = |decided: &Decided| {
        let to = judge::diff_audience(call, &decided.facts);
        decided.plan.as_ref().map(|plan| plan::warnings(call, plan, to))
    };
    let mut warnings = call.told.clone();
    warnings.extend(shadow::warnings(call, None, None));
    warnings.extend(decided.and_then(told).unwrap_or_default());
    warnings.iter().map(|warning| gate.masker.mask_text(warning).into_owned()).collect()
}

/// The old request gives way; the same proposal walks again as a new call.
async fn moved<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (fresh, why): (Box<Call>, &'static str),
) -> Ended {
    match gives_way(gate, call, (fresh.id, None, why.to_owned())).await {
        Ok(answer) => Ended { answer, leaves: Leaves::Nothing, again: Some(fresh) },
        Err(refusal) => store_failed(call, &refusal),
    }
}

/// Ends a held call because another one takes its place. Whoever still waits for it is told which one.
pub(in crate::journey) async fn gives_way<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (fresh, by, why): (CallId, Option<Name>, String),
) -> Result<Answer, Refusal> {
    let again = match by {
        Some(_) => "proposed in its place and judged by itself",
        None => "the same proposal was judged again",
    };
    let refusal = Refusal::new(
        Code::Superseded,
        format!("what was asked is no longer what would happen: {why}"),
        format!("see {fresh}: {again}; wait for that one"),
    );
    let ledger = call.digests.ledger;
    let event = Event::CallSuperseded { by_call: Some(fresh), reason: why, ledger, by };
    let mut entries = vec![entry(gate, call, event)];
    entries.extend(closed(gate, call, Replaced::Superseded));
    let answer = rescue::unanswered(Some(call.id), &refusal);
    let (digest, payload) = gate.answer_payload(call.run.run.id, call, &answer)?;
    // An entry names every answer that is kept, or the journal would not verify.
    let (code, replayed) = (Some(Code::Superseded), Replay::Fresh);
    entries.push(entry(gate, call, Event::AnswerGiven { code, answer: digest, replayed }));
    write(gate, (vec![still_held(call)], entries, vec![payload]), Urgency::Outcome).await?;
    Ok(answer)
}
