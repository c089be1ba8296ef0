//! The calls of a run: what was asked, decided, tried, done, changed and spent.
//! Entries go in one by one; objects come out in the order in which the calls came.

use std::collections::BTreeMap;

use domain::{CallState, Effect, Entry, Event, Executed, Settled, Status, Subject};
use serde_json::{Value, json};

use super::{Listed, Object, put, value};
use crate::life::call_after;
use crate::replay;

/// The calls so far.
#[derive(Default)]
pub(super) struct Calls {
    listed: Listed,
    states: BTreeMap<String, Option<CallState>>,
}

impl Calls {
    /// The list, in the order in which the calls came.
    pub(super) fn list(self) -> Value {
        self.listed.list()
    }

    /// Adds what an entry says of its call.
    pub(super) fn fold(&mut self, entry: &Entry) {
        let Some(call) = entry.call.map(|call| call.to_string()) else { return };
        let state = self.states.entry(call.clone()).or_default();
        *state = call_after(*state, &entry.event).unwrap_or(*state);
        let shown = state.map_or("received", CallState::word);
        let object = self.listed.of("call", &call);
        put(object, json!({ "state": shown, "updated_ms": entry.at.millis() }));
        asked(object, &entry.event);
        tried(object, &entry.event);
        came_out(object, entry);
    }
}

/// What was asked and decided.
fn asked(object: &mut Object, event: &Event) {
    if let Event::CallDenied { subject: Some(subject), .. }
    | Event::CallHeld { subject, .. }
    | Event::CallQueued { subject, .. }
    | Event::CallAdmitted { subject, .. }
    | Event::PreviewAdmitted { subject, .. }
    | Event::ReadSettled { subject, .. } = event
    {
        put(object, about(subject));
    }
    if let Some((_, decision)) = replay::decided(event) {
        object.insert("decision".to_owned(), value(decision));
    }
    if let Event::CallHeld { requests, .. } = event {
        let ids: Vec<String> = requests.iter().map(|(id, _)| id.to_string()).collect();
        put(object, json!({ "status": "held", "executed": "no", "approvals": ids }));
    }
    if let Event::CallQueued { leaves, .. } = event {
        put(object, json!({ "status": "held", "executed": "no", "leaves_ms": leaves.millis() }));
    }
    object.entry("attempts").or_insert_with(|| 0.into());
}

/// What was tried.
fn tried(object: &mut Object, event: &Event) {
    if let Event::CallAdmitted { .. } | Event::AttemptAdmitted { .. } | Event::ReadSettled { .. } =
        event
    {
        let before = object.get("attempts").and_then(Value::as_u64).unwrap_or(0);
        object.insert("attempts".to_owned(), (before + 1).into());
    }
    if let Event::CallAdmitted { plan, undo_until, undoes, .. } = event {
        let undoes = undoes.map(|call| call.to_string());
        put(object, json!({ "plan_digest": value(plan), "undoes": undoes }));
        put(object, json!({ "undo_until_ms": value(undo_until) }));
    }
}

/// How it came out.
fn came_out(object: &mut Object, entry: &Entry) {
    let event = &entry.event;
    if let Event::ReadSettled { outcome, .. } | Event::CallSettled { outcome } = event {
        settled(object, entry, outcome);
    }
    if let Event::CallDenied { code, .. } = event {
        ended(object, entry, (code.row().status, code.row().executed));
        put(object, json!({ "code": code.shown() }));
    }
    if let Event::CallCancelled { by, reason, code, .. }
    | Event::HeldCallDenied { by, reason, code, .. } = event
    {
        ended(object, entry, (code.row().status, Executed::No));
        put(object, json!({ "code": code.shown(), "by": by, "reason": reason }));
    }
    if let Event::CallSuperseded { reason, .. } = event {
        ended(object, entry, (Status::Denied, Executed::No));
        put(object, json!({ "reason": reason }));
    }
    if let Event::CallLost { reason, .. } = event {
        ended(object, entry, (Status::InDoubt, Executed::Unknown));
        put(object, json!({ "reason": reason }));
    }
    if let Event::CallResolved { executed, by, reason, spent, .. } = event {
        put(object, json!({ "status": resolved(*executed).word(), "executed": executed.word() }));
        put(object, json!({ "resolved_by": by, "reason": reason, "cost": value(spent) }));
    }
}

fn about(subject: &Subject) -> Value {
    json!({
        "tool": subject.tool.as_str(),
        "contract": subject.contract.to_string(),
        "effect_class": subject.effect_class.word(),
        "consequences": value(&subject.consequences),
        "resource": subject.resource,
        "input_digest": subject.arguments.to_string(),
        "received_ms": subject.received.millis(),
    })
}

fn ended(object: &mut Object, entry: &Entry, (status, executed): (Status, Executed)) {
    let received = object.get("received_ms").and_then(Value::as_u64);
    let latency = received.map(|received| entry.at.millis().saturating_sub(received));
    put(object, json!({ "status": status.word(), "executed": executed.word() }));
    put(object, json!({ "ended_ms": entry.at.millis(), "latency_ms": latency }));
}

fn settled(object: &mut Object, entry: &Entry, outcome: &Settled) {
    ended(object, entry, (outcome.status, outcome.executed));
    let effects: Vec<Value> = outcome.effects.iter().map(value::<Effect>).collect();
    put(object, json!({ "code": outcome.code.map(|code| code.shown()), "effects": effects }));
    put(object, json!({ "cost": value(&outcome.spent), "undo": value(&outcome.undo) }));
}

const fn resolved(executed: Executed) -> Status {
    match executed {
        Executed::Yes => Status::Succeeded,
        Executed::Partly | Executed::Unknown => Status::Partial,
        Executed::No => Status::Failed,
    }
}
