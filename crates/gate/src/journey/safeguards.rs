//! What a contract asks for beside policy, asked between the stages of the journey.
//!
//! ```text
//! preview -> planned: invariants, verifier -> judge -> ready: window, step, preconditions -> admit -> dispatch
//!         -> observe -> after: postconditions -> settle -> taken_back: undo, if one does not hold
//! ```
//! In: an agent's call whose contract has safeguards. Out: a refusal, an objection that people must look at, or an outcome
//! that says what does not hold. Nothing here permits. Every question to another tool is a call of its own that walks the
//! same journey (`safeguards/checks.rs`); so is the undo. Tests: `crates/sim/tests/it/safeguards.rs`.

use std::time::Duration;

use domain::{
    Answer, Assurance, CallId, Check, CheckKind, CheckVerdict, Code, Entry, Event, Executed,
    Groups, KeyId, Name, Operator, Otherwise, Plan, Postcondition, Replay, Role, Roles, Safeguards,
    Status, Verifier, limits,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::judge::Judged;
use super::observe::{Known, Observed};
use super::preview::Seen;
use super::{Before, Call, Ended, admit::Kept, judge, plan};
use crate::commit::{Commit, Record, Urgency};
use crate::gate::Gate;
use crate::people::UndoOrder;
use crate::port::{Journal, World};
use crate::projection::check_key;
use crate::refusal::Refusal;
use crate::rescue::Halt;
use crate::table::Table;
use crate::watch::Audience;

mod checks;
mod steps;

use checks::{Found, Question};
pub(crate) use steps::resolved;
pub(super) use steps::{Landed, Stepping, undone};

/// The name under which the house takes acts back.
const HOUSE: &str = "checkrein";

/// A postcondition that does not hold.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    name: String,
    found: String,
}

impl Broken {
    /// The incident that is open until the act is taken back, or until a person closes it.
    pub(super) fn incident(&self, call: CallId) -> Option<Event> {
        let reason = format!("the postcondition `{}` does not hold: {}", self.name, self.found);
        Some(Event::IncidentOpened { duty: incident_of(call), by: HOUSE.parse().ok()?, reason })
    }
}

/// The key of the incident of a call whose postcondition does not hold.
fn incident_of(call: CallId) -> String {
    format!("{call}/{}", CheckKind::Postcondition)
}

/// After the preview, before people are asked: the plan keeps every invariant, and the verifier does not object.
pub(super) async fn planned<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    mut seen: Seen,
) -> Result<Seen, Halt> {
    let Some(safeguards) = call.safeguards() else { return Ok(seen) };
    invariants(gate, call, (safeguards, seen.plan.as_ref()))?;
    if let Some(verifier) = &safeguards.verifier {
        seen.objection = objection(gate, call, (verifier, seen.plan.as_ref())).await?;
    }
    Ok(seen)
}

fn invariants<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (safeguards, plan): (&Safeguards, Option<&Plan>),
) -> Result<(), Refusal> {
    let to = judge::diff_audience(call, &judge::facts(gate, call, None));
    let name = |path: &str| match to {
        Audience::Everybody => format!("such as `{}`", plan::shown(path)),
        Audience::Operators => "as people see in its diff".to_owned(),
    };
    let given = (plan, &call.resolved.arguments);
    let broken = contract::safeguards::breaches(&safeguards.invariants, given, &name);
    if broken.is_empty() {
        return Ok(());
    }
    let each: Vec<String> =
        broken.iter().map(|one| format!("`{}`: {}", one.invariant, one.found)).collect();
    Err(Refusal::new(
        Code::InvariantBroken,
        format!("the plan breaks what its contract always asks for: {}", each.join("; ")),
        format!(
            "propose a smaller change; `checkrein tools show {}` prints them",
            call.compiled.name()
        ),
    ))
}

/// Why people must look at the plan; none if the verifier has no objection.
async fn objection<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (verifier, plan): (&Verifier, Option<&Plan>),
) -> Result<Option<String>, Halt> {
    const NAME: &str = "verifier";
    let all = plan.map(|plan| presented(gate, call, plan));
    let arguments = match (&all, &verifier.arguments) {
        (None, _) => Err("there is no plan that could be looked at".to_owned()),
        (Some(all), None) => Ok(all.clone()),
        (Some(all), Some(template)) => contract::safeguards::check_arguments(template, all, None),
    };
    let kind = CheckKind::Verifier;
    let question = Question { kind, name: NAME, tool: &verifier.tool, arguments };
    let answered = checks::ask(gate, call, question).await;
    let said = answered.output.as_ref().ok().and_then(said);
    let (verdict, why) = match (said, &answered.output) {
        (Some(said), _) => said,
        (None, Ok(_)) => (CheckVerdict::Unknown, "it gave no verdict that is known".to_owned()),
        (None, Err(why)) => (CheckVerdict::Unknown, why.clone()),
    };
    let found = Found { kind, name: NAME, verdict, found: &why };
    checks::record(gate, call, (answered.by, found)).await?;
    let denied = || {
        Halt::denied(Refusal::new(
            Code::VerifierDenied,
            format!("the verifier `{}` objects: {why}", verifier.tool),
            "propose something that it accepts",
        ))
    };
    let text = format!("the verifier `{}` wants people to look: {why}", verifier.tool);
    match (verdict, verifier.otherwise) {
        (CheckVerdict::Passed, _) => Ok(None),
        (CheckVerdict::Held, _) | (CheckVerdict::Unknown, Otherwise::Hold) => {
            Ok(Some(text.chars().take(limits::REASON_CHARS_MAX).collect()))
        }
        (CheckVerdict::Failed, _) | (CheckVerdict::Unknown, Otherwise::Deny) => Err(denied()),
    }
}

/// What a verifier may know, masked.
fn presented<J: Journal, W: World>(gate: &Gate<J, W>, call: &Call, plan: &Plan) -> Value {
    let arguments = call.compiled.mask_secrets(&call.resolved.arguments);
    let changes: Vec<Value> = plan
        .changes
        .iter()
        .map(|change| json!({ "path": change.path, "kind": change.kind().word() }))
        .collect();
    let all = json!({
        "tool": call.compiled.name().as_str(),
        "arguments": arguments,
        "resource": call.resolved.resource.as_str(),
        "intent": call.proposal.intent.clone().unwrap_or_default(),
        "plan": { "changes": changes, "diff": plan.diff, "restorable": plan.restorable },
    });
    gate.masker.mask_value(&all).0
}

/// What a verifier said: in its `verdict`, or as the exit code of a command (0 ok, 1 deny, 2 hold).
fn said(output: &Value) -> Option<(CheckVerdict, String)> {
    let verdict = match output.get("verdict").and_then(Value::as_str) {
        Some("ok") => CheckVerdict::Passed,
        Some("hold") => CheckVerdict::Held,
        Some("deny") => CheckVerdict::Failed,
        Some(_) => return None,
        None => match output.get("exit_code").and_then(Value::as_i64)? {
            0 => CheckVerdict::Passed,
            1 => CheckVerdict::Failed,
            2 => CheckVerdict::Held,
            _ => return None,
        },
    };
    let text = |field: &str| output.get(field).and_then(Value::as_str);
    let reason = text("reason").or_else(|| text("stdout")).unwrap_or_default().trim();
    Some((verdict, contract::safeguards::found(reason)))
}

/// After the decision: the window is open, the step is the next one, and every precondition holds. Asked before people
/// are, so that nobody is asked in vain, and again when a held call is taken up.
pub(super) async fn ready<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    judged: Result<Judged, Halt>,
) -> Result<Judged, Halt> {
    let Some(safeguards) = call.safeguards() else { return judged };
    let asked = match &judged {
        Ok(judged) => steps::Asked::Done(judged.using.len()),
        Err(Halt::Held(_)) => steps::Asked::Now,
        Err(
            Halt::Denied(_) | Halt::Queued(_) | Halt::Known(_) | Halt::StillHeld | Halt::Moved(..),
        ) => {
            return judged;
        }
    };
    window(gate, safeguards)?;
    let step = match &safeguards.step {
        Some(step) => Some(steps::look(gate, call, (step, asked)).await?),
        None => None,
    };
    for check in &safeguards.preconditions {
        precondition(gate, call, check).await?;
    }
    Ok(Judged { step, ..judged? })
}

fn window<J: Journal, W: World>(gate: &Gate<J, W>, safeguards: &Safeguards) -> Result<(), Refusal> {
    let Some(window) = &safeguards.window else { return Ok(()) };
    if contract::safeguards::is_open(window, gate.world.now()) {
        return Ok(());
    }
    let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    let days: Vec<&str> = window.days.iter().map(|day| day.word()).collect();
    let (from, to) = (clock(window.from_minute), clock(window.to_minute));
    Err(Refusal::new(
        Code::WindowClosed,
        format!(
            "NOT EXECUTED: the contract allows this on {} from {from} to {to}",
            days.join(", ")
        ),
        "propose it again when the window is open",
    ))
}

async fn precondition<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    check: &Check,
) -> Result<(), Halt> {
    let kind = CheckKind::Precondition;
    if still_fresh(gate, call, (kind, check)).await? {
        return Ok(());
    }
    let (verdict, found) = made(gate, call, (kind, check, None)).await?;
    if verdict == CheckVerdict::Passed {
        return Ok(());
    }
    Err(Halt::denied(Refusal::new(
        Code::PreconditionFailed,
        format!("NOT EXECUTED: the precondition `{}` does not hold: {found}", check.name),
        "make it hold, then propose the call again",
    )))
}

/// Whether the last answer to a held call's check still counts.
async fn still_fresh<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kind, check): (CheckKind, &Check),
) -> Result<bool, Halt> {
    if matches!(call.before, Before::New) || check.fresh.is_zero() {
        return Ok(false);
    }
    let key = check_key(call.id, kind, &check.name);
    let record = gate.journal.read(Table::Checks, &key).await.map_err(Refusal::from)?;
    let fresh = |record: &Record| {
        let until = record.count("at_ms").saturating_add(millis(check.fresh));
        record.text("verdict") == CheckVerdict::Passed.word() && gate.world.now().millis() < until
    };
    Ok(record.as_ref().is_some_and(fresh))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Asks once, and records what was found.
async fn made<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (kind, check, output): (CheckKind, &Check, Option<&Value>),
) -> Result<(CheckVerdict, String), Refusal> {
    let input = &call.resolved.arguments;
    let arguments = contract::safeguards::check_arguments(&check.arguments, input, output);
    let question = Question { kind, name: &check.name, tool: &check.tool, arguments };
    let answered = checks::ask(gate, call, question).await;
    let expected = |output: &Value| contract::safeguards::as_expected(&check.expect, output, input);
    let (verdict, found) = match answered.output.as_ref().map(expected) {
        Ok(Ok(())) => (CheckVerdict::Passed, "as expected".to_owned()),
        Ok(Err(found)) => (CheckVerdict::Failed, found),
        Err(why) => (CheckVerdict::Unknown, why.clone()),
    };
    let found = contract::safeguards::found(&found);
    let told = Found { kind, name: &check.name, verdict, found: &found };
    checks::record(gate, call, (answered.by, told)).await?;
    Ok((verdict, found))
}

/// After the act: every postcondition holds within its time, or the outcome says which does not. A read that is a step
/// takes it here, since it has no permit that could.
pub(super) async fn after<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    kept: &Kept,
    observed: Observed,
) -> Observed {
    let Observed::Known(mut known) = observed else { return observed };
    if known.status == Status::Succeeded
        && let Some(safeguards) = call.safeguards()
    {
        for post in &safeguards.postconditions {
            if let Err(broken) = postcondition(gate, call, (post, known.output.as_ref())).await {
                fails(&mut known, broken);
                break;
            }
        }
        if let Some(step) = kept.step.as_ref().filter(|_| call.is_confirmed_pure())
            && let Err(refusal) = steps::read(gate, call, step).await
        {
            (known.status, known.failure) = (Status::Failed, Some(refusal));
        }
    }
    Observed::Known(known)
}

fn fails(known: &mut Known, broken: Broken) {
    let Broken { name, found } = &broken;
    known.status = Status::Failed;
    known.failure = Some(Refusal::new(
        Code::PostconditionFailed,
        format!("EXECUTED, and the postcondition `{name}` does not hold: {found}"),
        "do not repeat it; look at the incident, and at the resource",
    ));
    known.broken = Some(broken);
}

/// Asks until it holds or its time is over. What cannot be asked counts as not holding.
async fn postcondition<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (post, output): (&Postcondition, Option<&Value>),
) -> Result<(), Broken> {
    let Postcondition { check, within } = post;
    let end = gate.world.now().plus((*within).min(limits::POSTCONDITION_WITHIN_MAX));
    let mut pause = limits::POSTCONDITION_PAUSE;
    let mut found = "it was not asked".to_owned();
    for _ in 0..limits::POSTCONDITION_TRIES_MAX {
        found = match made(gate, call, (CheckKind::Postcondition, check, output)).await {
            Ok((CheckVerdict::Passed, _)) => return Ok(()),
            Ok((CheckVerdict::Failed | CheckVerdict::Held | CheckVerdict::Unknown, found)) => found,
            Err(refusal) => refusal.message,
        };
        if gate.world.now().plus(pause) >= end {
            break;
        }
        gate.world.sleep(pause).await;
        pause = (pause * 2).min(limits::POSTCONDITION_PAUSE_MAX);
    }
    Err(Broken { name: check.name.clone(), found })
}

/// Takes an act back whose postcondition does not hold, where its undo is armed, and says so in its answer. The incident
/// that its settlement opened is closed if that worked; a process that ends in between leaves it open for people.
pub(super) async fn taken_back<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    mut ended: Ended,
) -> Ended {
    let broken = ended.answer.error.as_ref();
    let broken = broken.is_some_and(|error| error.code == Code::PostconditionFailed);
    // An answer that is not in the journal says nothing of what was found.
    if !broken || ended.answer.journal.is_none() {
        return ended;
    }
    let undone = match (&ended.answer.undo, house(call)) {
        (Some(_), Some(house)) => undo(gate, &house, call.id).await,
        (None, _) | (_, None) => Err("nothing can take it back".to_owned()),
    };
    let said = match &undone {
        Ok(by) => format!("; taken back by {by}"),
        Err(why) => format!("; NOT taken back: {}", gate.masker.mask_text(why)),
    };
    if let Some(error) = &mut ended.answer.error {
        error.message.push_str(&said);
    }
    if undone.is_ok() {
        ended.answer.undo = None;
    }
    // The answer in the journal stands, if this one cannot be written.
    if let Ok(position) = told(gate, call, (&ended.answer, undone)).await {
        ended.answer.journal = position.or(ended.answer.journal);
    }
    ended
}

async fn undo<J: Journal, W: World>(
    gate: &Gate<J, W>,
    house: &Operator,
    call: CallId,
) -> Result<CallId, String> {
    let answer: Answer = Box::pin(gate.undo(house, call, UndoOrder::Asked)).await;
    match (answer.status, answer.call) {
        (Status::Succeeded, Some(by)) => Ok(by),
        (status, _) => {
            let why = answer.error.map_or_else(String::new, |error| format!(": {}", error.message));
            Err(format!("its undo ended as {status}{why}"))
        }
    }
}

/// The house as an operator who takes back what a contract says must not stay.
fn house(call: &Call) -> Option<Operator> {
    Some(Operator {
        tenant: call.caller.chain.tenant.clone(),
        name: HOUSE.parse().ok()?,
        roles: Roles::of(&[Role::Operator]),
        groups: Groups::none(),
        assurance: Assurance::Key,
        key: KeyId::new(Uuid::nil()),
    })
}

async fn told<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (answer, undone): (&Answer, Result<CallId, String>),
) -> Result<Option<domain::JournalPosition>, Refusal> {
    let (digest, payload) = gate.answer_payload(call.run.run.id, call, answer)?;
    let code = answer.error.as_ref().map(|error| error.code);
    let mut events = vec![Event::AnswerGiven { code, answer: digest, replayed: Replay::Fresh }];
    if let (Ok(undo), Ok(by)) = (undone, HOUSE.parse::<Name>()) {
        let reason = format!("taken back by {undo}");
        events.push(Event::IncidentClosed { duty: incident_of(call.id), by, reason });
    }
    let entry = |event| Entry {
        at: gate.world.now(),
        tenant: Some(call.caller.chain.tenant.clone()),
        run: Some(call.run.run.id),
        call: Some(call.id),
        event,
    };
    let commit = Commit {
        guards: Vec::new(),
        entries: events.into_iter().map(entry).collect(),
        payloads: vec![payload],
        sources: Vec::new(),
        urgency: Urgency::Outcome,
    };
    Ok(gate.journal.commit(commit).await?.positions().first().copied())
}

/// What is said of an act that was found done after a crash, before its postconditions were asked: nobody knows whether
/// they hold, and people are told.
pub(crate) fn unchecked<J: Journal, W: World>(
    gate: &Gate<J, W>,
    record: &Record,
    (call, executed): (CallId, Executed),
) -> Vec<Event> {
    let rules = gate.rules();
    let compiled = rules.catalogue.find(record.text("tool"));
    let asked = compiled.map(|compiled| &compiled.contract.safeguards.postconditions);
    let undo = !record.text("undoes").is_empty();
    let (Some(asked), false) = (asked.filter(|asked| !asked.is_empty()), undo) else {
        return Vec::new();
    };
    match executed {
        Executed::No | Executed::Unknown => return Vec::new(),
        Executed::Yes | Executed::Partly => {}
    }
    let found = "the process ended before it was asked";
    let unknown = |post: &Postcondition| Event::CheckMade {
        of: call,
        kind: CheckKind::Postcondition,
        name: post.check.name.clone(),
        verdict: CheckVerdict::Unknown,
        found: found.to_owned(),
    };
    let broken = asked.first().and_then(|post| {
        Broken { name: post.check.name.clone(), found: found.to_owned() }.incident(call)
    });
    asked.iter().map(unknown).chain(broken).collect()
}
