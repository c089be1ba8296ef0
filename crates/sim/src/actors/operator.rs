//! Operators: they decide, stop, lift, undo, settle, raise, resume and revoke, in any order and sometimes twice.
//!
//! In: an operator of the cast and what it still wants. Out: orders to the gate, chosen from what its journal lists
//! for the operator's tenant. What an answer must never say, such as a second yes to one request, is told to the
//! auditor.

use std::sync::Arc;

use domain::{
    Amounts, CallId, Executed, Mode, Operator, ReviewVerdict, RunId, StopId, StopLevel, StopScope,
};
use gate::{
    Cell, Column, Done, Journal as _, KillAsk, Query, Record, StopAsk, Table, UndoOrder, Yes,
};

use super::Scene;
use crate::lock;
use crate::rules::{self, Version};

/// An operator's work until nothing more is to be done.
pub(super) async fn works(scene: Arc<Scene>, me: usize) {
    while take_one(&scene, me) {
        let dice = &scene.cast.dice;
        scene.cast.clock.millis(dice.below(scene.cast.shape.think_ms * 2)).await;
        let Some(by) = scene.operator(me).await else { return };
        match dice.below(100) {
            0..=44 => decides(&scene, &by).await,
            45..=52 => stops(&scene, &by).await,
            53..=60 => lifts(&scene, &by).await,
            61..=67 => undoes(&scene, &by).await,
            68..=72 => undoes_last(&scene, &by).await,
            73..=79 => settles(&scene, &by).await,
            80..=86 => raises(&scene, &by).await,
            87..=90 => resumes(&scene, &by).await,
            91..=93 => looks_after(&scene, &by).await,
            94..=95 => revokes(&scene, &by).await,
            96..=97 => reloads(&scene).await,
            _ => switches(&scene, &by).await,
        }
    }
}

fn take_one(scene: &Scene, me: usize) -> bool {
    let mut plans = lock(&scene.cast.plans);
    let left = plans.operators_left.get_mut(me).filter(|left| **left > 0);
    let Some(left) = left else { return false };
    *left -= 1;
    true
}

async fn listed(scene: &Scene, by: &Operator, of: (Table, Column, &str)) -> Vec<Record> {
    let query = Query::all(of.0).with(of.1, Cell::from(of.2));
    let found = scene.gate.journal().select(query).await.unwrap_or_default();
    found.into_iter().filter(|record| record.text("tenant") == by.tenant.as_str()).collect()
}

async fn one(scene: &Scene, by: &Operator, of: (Table, Column, &str)) -> Option<Record> {
    let found = listed(scene, by, of).await;
    scene.cast.dice.pick(&found).cloned()
}

/// Every pending request: mostly yes, sometimes no, sometimes twice.
async fn decides(scene: &Scene, by: &Operator) {
    for record in listed(scene, by, (Table::Approvals, "state", "pending")).await {
        let Ok(approval) = record.key.parse() else { continue };
        let Ok(confirm) = scene.gate.to_confirm(by, approval).await else { continue };
        let yes = || Yes { confirm: confirm.clone(), ..Yes::from(None) };
        let said = match scene.cast.dice.below(20) {
            0..=13 => scene.gate.approve(by, approval, yes()).await,
            14 => scene.gate.reject(by, approval, "not like this".into()).await,
            15 => scene.gate.ask(by, approval, "what for?".into()).await,
            16 | 17 => {
                let first = scene.gate.approve(by, approval, yes()).await;
                let again = scene.gate.approve(by, approval, yes()).await;
                if first.is_ok() && again.is_ok() {
                    let what = format!("{approval} was approved twice");
                    lock(&scene.cast.auditor).broken(crate::fault::Promise::Approved, what);
                }
                again
            }
            18 if confirm.is_some() => {
                let said = scene.gate.approve(by, approval, None).await;
                if said.is_ok() {
                    let what =
                        format!("{approval} was approved with one word and cannot be undone");
                    lock(&scene.cast.auditor).broken(crate::fault::Promise::Approved, what);
                }
                said
            }
            _ => continue,
        };
        scene.tell(format_args!(
            "{}: decides {approval}: {:?}",
            by.name,
            said.map_err(|no| no.code)
        ));
    }
}

async fn stops(scene: &Scene, by: &Operator) {
    let dice = &scene.cast.dice;
    let acting = one(scene, by, (Table::Calls, "tenant", by.tenant.as_str())).await;
    let run = acting.as_ref().and_then(|record| record.text("run").parse().ok());
    let call = acting.as_ref().and_then(|record| record.key.parse().ok());
    let tenant = by.tenant.clone();
    let names = ["builder".parse(), "tester".parse(), "work".parse(), "lean".parse()];
    let [Ok(builder), Ok(tester), Ok(work), Ok(lean)] = names else { return };
    let Ok(tool) = dice.word(&["sim.send", "sim.write", "sim.read"]).parse() else { return };
    let scope = match (dice.below(9), run, call) {
        (0, ..) => StopScope::Everything,
        (1, ..) => StopScope::Tenant(tenant),
        (2, ..) => StopScope::Agent(tenant, builder),
        (3, ..) => StopScope::Agent(tenant, tester),
        (4, ..) => StopScope::Workflow(tenant, work),
        (5, ..) => StopScope::Workflow(tenant, lean),
        (6, Some(run), _) => StopScope::Run(run),
        (7, _, Some(call)) => StopScope::Call(call),
        _ => StopScope::Tool(tool),
    };
    if dice.chance(15) {
        return kills(scene, by, scope).await;
    }
    let level = if dice.chance(70) { StopLevel::Suspend } else { StopLevel::Pause };
    let ask = StopAsk { scope, level, reason: "to be safe".to_owned() };
    if let Ok(receipt) = scene.gate.stop(by, ask).await {
        scene.tell(format_args!(
            "{}: {} of {} holds ({}); in work {:?}",
            by.name, receipt.stop.level, receipt.stop.scope, receipt.stop.id, receipt.in_work
        ));
        let id = receipt.stop.id;
        lock(&scene.cast.auditor).stop_returned(receipt.stop);
        if dice.chance(30) {
            ordered_undo(scene, by, id).await;
        }
        settles_stop(scene, id).await;
    }
}

/// Plans a kill with a rollback and confirms it. What happened in between makes the token void.
async fn kills(scene: &Scene, by: &Operator, scope: StopScope) {
    let rollback = u32::try_from(scene.cast.dice.below(3)).unwrap_or(0);
    let Ok(plan) = scene.gate.plan_kill(by, (scope.clone(), rollback)).await else { return };
    let reason = "it is out of hand".to_owned();
    let ask = KillAsk { scope, reason, rollback, token: plan.token };
    let killed = scene.gate.kill(by, ask.clone()).await;
    let again = scene.gate.kill(by, ask).await;
    if killed.is_ok() && again.is_ok() {
        let what = "one token was good for two kills".to_owned();
        lock(&scene.cast.auditor).broken(crate::fault::Promise::Approved, what);
    }
    let Ok(receipt) = killed else { return };
    let id = receipt.stop.id;
    scene.tell(format_args!("{}: kills {} ({id})", by.name, receipt.stop.scope));
    lock(&scene.cast.auditor).stop_returned(receipt.stop);
    settles_stop(scene, id).await;
}

/// Follows a stop to its receipt. A failed store ends this life; a kill goes on in the next.
async fn settles_stop(scene: &Scene, stop: StopId) {
    let said = scene.gate.settle_stop(stop).await;
    scene.tell(format_args!("receipt of {stop}: {:?}", said.map_err(|no| no.code)));
}

/// An undo that the stop itself orders passes that stop and no other.
async fn ordered_undo(scene: &Scene, by: &Operator, stop: StopId) {
    let Some(call) = armed(scene, by).await else { return };
    lock(&scene.cast.auditor).undo_ordered(stop);
    let answer = scene.gate.undo(by, call, UndoOrder::OrderedWith(stop)).await;
    scene.tell(format_args!("{}: undo of {call} with its stop: {}", by.name, answer.status));
}

async fn lifts(scene: &Scene, by: &Operator) {
    let stops = scene.gate.stops();
    let Some(stop) = scene.cast.dice.pick(&stops) else { return };
    let known = lock(&scene.cast.auditor).lift_asked(stop.id);
    let lifted = scene.gate.lift(by, stop.id, "it is over".into()).await;
    if lifted.as_ref().is_err_and(|no| no.code != domain::Code::StoreFailed) {
        // Not within this operator's reach: it goes on to hold. After a failed store nobody knows.
        let holds = scene.gate.stops().iter().any(|each| each.id == stop.id);
        if let Some(known) = known.filter(|_| holds) {
            lock(&scene.cast.auditor).stop_returned(known);
        }
    }
    scene.tell(format_args!("{}: lifts {}: {:?}", by.name, stop.id, lifted.map_err(|no| no.code)));
}

async fn armed(scene: &Scene, by: &Operator) -> Option<CallId> {
    one(scene, by, (Table::Calls, "undo", "armed")).await?.key.parse().ok()
}

async fn undoes(scene: &Scene, by: &Operator) {
    let Some(call) = armed(scene, by).await else { return };
    let answer = scene.gate.undo(by, call, UndoOrder::Asked).await;
    let code = answer.error.map(|error| error.code);
    scene.tell(format_args!("{}: undo of {call}: {} {code:?}", by.name, answer.status));
}

async fn undoes_last(scene: &Scene, by: &Operator) {
    let run = one(scene, by, (Table::Calls, "undo", "armed")).await;
    let Some(run) = run.and_then(|record| record.text("run").parse::<RunId>().ok()) else { return };
    let count = 2 + u32::try_from(scene.cast.dice.below(2)).unwrap_or(0);
    if let Ok(answers) = scene.gate.undo_last(by, run, count).await {
        let calls: Vec<CallId> = answers.iter().map(|(call, _)| *call).collect();
        scene.tell(format_args!("{}: undoes the last of {run}: {calls:?}", by.name));
        lock(&scene.cast.auditor).undone_in_reverse(&calls);
    }
}

/// Looks outside and says what became of a call in doubt.
async fn settles(scene: &Scene, by: &Operator) {
    let Some(record) = one(scene, by, (Table::Calls, "state", "in_doubt")).await else { return };
    let Ok(call) = record.key.parse::<CallId>() else { return };
    let found = {
        let outside = lock(&scene.cast.outside);
        if outside.late.contains_key(&call) {
            return;
        }
        if outside.happened.contains(&call) { Executed::Yes } else { Executed::No }
    };
    let said = scene.gate.resolve_doubt(by, call, (found, "looked at it".into())).await;
    scene.tell(format_args!(
        "{}: {call} happened: {found}: {:?}",
        by.name,
        said.map_err(|no| no.code)
    ));
}

async fn raises(scene: &Scene, by: &Operator) {
    let state = if scene.cast.dice.chance(70) { "paused" } else { "open" };
    let Some(run) = one(scene, by, (Table::Runs, "state", state)).await else { return };
    let Ok(run) = run.key.parse() else { return };
    let more = Amounts { calls: 3, money_micros: 100_000, irreversible: 1, ..Amounts::ZERO };
    let said = scene.gate.raise_budget(by, run, (more, "go on".into())).await;
    scene.tell(format_args!("{}: raises {run}: {:?}", by.name, said.map_err(|no| no.code)));
}

async fn resumes(scene: &Scene, by: &Operator) {
    let Some(run) = one(scene, by, (Table::Runs, "state", "paused")).await else { return };
    let Ok(run) = run.key.parse() else { return };
    let said = scene.gate.resume_run(by, run, "looked at it".into()).await;
    scene.tell(format_args!("{}: resumes {run}: {:?}", by.name, said.map_err(|no| no.code)));
}

async fn looks_after(scene: &Scene, by: &Operator) {
    let Some(duty) = one(scene, by, (Table::Duties, "state", "open")).await else { return };
    let review = duty.text("kind") == "review";
    let verdict = (review && scene.cast.dice.chance(40)).then_some(ReviewVerdict::Rejected);
    let done = Done { note: Some("seen".into()), verdict };
    let said = scene.gate.done(by, duty.key.clone(), done).await;
    scene.tell(format_args!("{}: {}: {:?}", by.name, duty.key, said.map_err(|no| no.code)));
}

async fn revokes(scene: &Scene, by: &Operator) {
    let grants = lock(&scene.cast.plans).grants.clone();
    // The first agent keeps its rights, so that there is always somebody who acts.
    let others = grants.get(1..).unwrap_or_default();
    let Some(grant) = scene.cast.dice.pick(others).copied() else { return };
    let said = scene.gate.revoke_grant(by, grant, "no longer trusted".into()).await;
    scene.tell(format_args!("{}: revokes {grant}: {:?}", by.name, said.map_err(|no| no.code)));
}

async fn reloads(scene: &Scene) {
    let version = if scene.cast.dice.chance(60) { Version::Stricter } else { Version::First };
    if let Ok(rules) = rules::copy(version) {
        let said = scene.gate.set_rules(rules).await;
        scene.tell(format_args!("rules: {version:?} {:?}", said.map_err(|no| no.code)));
    }
}

async fn switches(scene: &Scene, by: &Operator) {
    if !scene.cast.shape.shadow {
        return;
    }
    let mode = if scene.cast.dice.chance(60) { Mode::Shadow } else { Mode::Enforce };
    if let Ok(space) = "lab".parse() {
        let said = scene.gate.set_mode(by, (space, mode), Some("looking around")).await;
        scene.tell(format_args!("{}: {mode}: {:?}", by.name, said.map_err(|no| no.code)));
    }
}
