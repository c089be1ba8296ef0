//! A run for reading: who, what for, with which budget, every call, every decision, at what cost.
//!
//! Made of the run's entries alone, so that whoever has the entries can make it again and compare.

mod approvals;
mod calls;

use std::collections::BTreeMap;

use domain::{Amounts, Entry, Event, Money, OnExceeded, Run, Settled, Spent};
use serde_json::{Map, Value, json};

use crate::stored::twin::{Ref, Twin};

use approvals::Approvals;
use calls::Calls;

/// The parts of a run's record that people read.
pub(super) struct Summary {
    pub(super) run: Value,
    pub(super) calls: Value,
    pub(super) approvals: Value,
}

type Object = Map<String, Value>;

/// A value in its stored form.
fn value<T: Twin>(value: &T) -> Value {
    serde_json::to_value(Ref(value)).unwrap_or(Value::Null)
}

/// Things in the order in which they first came, by id.
#[derive(Default)]
struct Listed {
    order: Vec<String>,
    objects: BTreeMap<String, Object>,
}

impl Listed {
    fn of(&mut self, what: &str, id: &str) -> &mut Object {
        if !self.objects.contains_key(id) {
            self.order.push(id.to_owned());
        }
        let object = self.objects.entry(id.to_owned()).or_default();
        object.entry(what).or_insert_with(|| id.into());
        object
    }

    fn list(mut self) -> Value {
        let objects = self.order.iter().filter_map(|id| self.objects.remove(id));
        objects.map(Value::Object).collect()
    }
}

/// Folds the entries of one run.
pub(super) fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Summary {
    let (mut run, mut cost) = (Object::new(), Spent::default());
    let (mut calls, mut approvals) = (Calls::default(), Approvals::default());
    // What no entry states is null, never absent.
    for unstated in ["model", "outcome", "ended_ms"] {
        run.insert(unstated.to_owned(), Value::Null);
    }
    for entry in entries {
        about_run(&mut run, entry);
        calls.fold(entry);
        approvals.fold(entry);
        cost = plus(cost, spent(&entry.event));
    }
    run.insert("cost".to_owned(), value(&cost));
    Summary { run: Value::Object(run), calls: calls.list(), approvals: approvals.list() }
}

fn put(object: &mut Object, fields: Value) {
    if let Value::Object(fields) = fields {
        object.extend(fields);
    }
}

fn about_run(object: &mut Object, entry: &Entry) {
    if let Event::RunOpened { run, limit, on_exceeded } = &entry.event {
        put(object, opened(run));
        put(object, json!({ "state": run.state.word(), "budget": budget(limit, *on_exceeded) }));
    }
    if let Event::RunPaused { reason } = &entry.event {
        put(object, json!({ "state": "paused", "reason": reason }));
    }
    if let Event::RunResumed { by, reason } = &entry.event {
        put(object, json!({ "state": "open", "reason": reason, "resumed_by": by.as_str() }));
    }
    if let Event::RunEnded { outcome } = &entry.event {
        let ended_ms = entry.at.millis();
        put(object, json!({ "state": "ended", "outcome": value(outcome), "ended_ms": ended_ms }));
    }
    if let Event::BudgetRaised { by_amounts, by, reason, .. } = &entry.event {
        let raised = json!({ "amounts": value(by_amounts), "by": by.as_str(), "reason": reason });
        let list = object.get_mut("budget").and_then(|budget| budget.get_mut("raised"));
        if let Some(list) = list.and_then(Value::as_array_mut) {
            list.push(raised);
        }
    }
}

fn budget(limit: &Amounts<Option<u64>>, on_exceeded: OnExceeded) -> Value {
    json!({ "limit": value(limit), "raised": [], "on_exceeded": on_exceeded.word() })
}

fn opened(run: &Run) -> Value {
    let parents: Vec<String> = run.chain.parents.iter().map(ToString::to_string).collect();
    json!({
        "run": run.id.to_string(),
        "tenant": run.chain.tenant.as_str(),
        "human": run.chain.human.0.as_str(),
        "agent": run.chain.agent.to_string(),
        "parents": parents,
        "workflow": run.workflow.as_str(),
        "space": run.space.as_str(),
        "grant": run.grant.to_string(),
        "purpose": run.purpose,
        "ambient": run.ambient,
        "opened_ms": run.opened.millis(),
    })
}

fn spent(event: &Event) -> Spent {
    if let Event::ReadSettled { outcome: Settled { spent, .. }, .. }
    | Event::CallSettled { outcome: Settled { spent, .. } }
    | Event::CallResolved { spent, .. } = event
    {
        *spent
    } else {
        Spent::default()
    }
}

fn plus(sum: Spent, more: Spent) -> Spent {
    let money = sum.money.micros().saturating_add(more.money.micros());
    Spent {
        money: Money::from_micros(money),
        tokens: sum.tokens.saturating_add(more.tokens),
        calls: sum.calls.saturating_add(more.calls),
        read_bytes: sum.read_bytes.saturating_add(more.read_bytes),
        wall_ms: sum.wall_ms.saturating_add(more.wall_ms),
    }
}
