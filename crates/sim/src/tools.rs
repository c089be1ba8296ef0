//! Scripted tools: they do what a seed says, well or badly, and tell the auditor what they really did.
//!
//! ```text
//! sim.write, checkrein.undo   plans over files, with a log of their own: recovery is honest
//! sim.run                     plans of scripts, over held plans too; some machines have no preview of it
//! sim.send, book, odd         one effect each; recovery cannot always tell
//! sim.read, sim.count         no effect
//! ```
//! Left out: whether a call should happen; that is the gate's business.

mod mood;

use std::sync::{Arc, Mutex};

use contract::plan_digest;
use domain::{CallId, Effect, EffectKind, Executed, Money, Observation, Plan, Resource};
use gate::{
    Act, Invocation, Later, Permit, Preview, Read, Recovered, Reply, Stream, Tool, ToolError,
    ToolErrorKind, Unfinished,
};
use serde_json::json;

pub(crate) use mood::{Mood, Moods};

use crate::auditor::{Auditor, Dispatch, Reach};
use crate::executor::Yield;
use crate::fault::Fault;
use crate::lock;
use crate::outside::Outside;
use crate::random::Dice;
use crate::world::Clock;

/// A value that is a credential of this installation, and must be seen nowhere.
pub(crate) const SECRET: &str = "simulated-credential-4711";

/// Every scripted tool.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    pub(crate) outside: Arc<Mutex<Outside>>,
    pub(crate) auditor: Arc<Mutex<Auditor>>,
    pub(crate) clock: Clock,
    pub(crate) dice: Dice,
    pub(crate) moods: Moods,
    pub(crate) fault: Option<Fault>,
}

type Said = Result<Reply, ToolError>;

impl Scripted {
    fn told<Kind>(&self, reach: Reach, permit: &Permit<Kind>, plan: Option<&Plan>) -> Dispatch {
        let Invocation { tool, arguments, run, call, .. } = permit.invocation();
        let dispatch = Dispatch {
            reach,
            permit: permit.id(),
            call: *call,
            tool: tool.clone(),
            arguments: contract::digest_of(&self.taken(reach, arguments)),
            plan: plan.map(plan_digest),
            changes: plan.map_or(0, |plan| plan.changes.len()),
            run: *run,
        };
        lock(&self.auditor).dispatched(&dispatch);
        if self.fault == Some(Fault::ActsTwice) && reach == Reach::Act && self.dice.chance(5) {
            self.happens(*call);
        }
        dispatch
    }

    /// The arguments as this tool understands them.
    fn taken(&self, reach: Reach, arguments: &serde_json::Value) -> serde_json::Value {
        if self.fault == Some(Fault::OtherArguments) && reach == Reach::Act {
            return json!({ "instead": arguments });
        }
        arguments.clone()
    }

    /// The effect: from here on it has happened.
    fn happens(&self, call: CallId) {
        lock(&self.outside).happened.insert(call);
        lock(&self.auditor).happened(call);
    }

    async fn works(&self) {
        Yield(self.dice.below(4)).await;
        if self.dice.chance(30) {
            self.clock.millis(self.dice.below(2_000)).await;
        }
    }

    async fn never(&self) {
        loop {
            self.clock.millis(86_400_000).await;
        }
    }

    fn tells_busy(&self, mood: Mood) -> bool {
        self.fault == Some(Fault::DoubtToldBusy)
            && matches!(mood, Mood::HangsAfter | Mood::CannotTell)
    }

    async fn acts(&self, permit: &Permit<Act>, dispatch: &Dispatch) -> Said {
        let (invocation, plan) = (permit.invocation().clone(), permit.plan().cloned());
        let timeout_ms = u64::try_from(permit.timeout().as_millis()).unwrap_or(u64::MAX);
        let call = invocation.call;
        let mood = self.moods.act(&self.dice, invocation.tool.as_str());
        if !mood.honest() {
            lock(&self.auditor).lies(call);
        }
        self.works().await;
        match mood {
            Mood::Fails => return Err(error(ToolErrorKind::Failed, Executed::No)),
            Mood::Busy => return Err(busy()),
            Mood::Asks if invocation.input.is_none() => return Err(asks()),
            Mood::SaysDone => return Ok(reply(&invocation, None)),
            Mood::HangsBefore => self.never().await,
            Mood::ArrivesLate => {
                let due = self.clock.elapsed() + timeout_ms + self.dice.below(60_000);
                lock(&self.outside).late.insert(call, due);
                self.never().await;
            }
            Mood::Works
            | Mood::SaysFailed
            | Mood::HangsAfter
            | Mood::CannotTell
            | Mood::SaysPartly
            | Mood::FailsAfterwards
            | Mood::TooDear
            | Mood::BreaksSchema
            | Mood::TellsSecret
            | Mood::Silent
            | Mood::CannotShow
            | Mood::Asks => {}
        }
        // The last look before its effect begins, with nothing in between.
        if self.fault != Some(Fault::StopUnheard) {
            permit.signal().look().inspect_err(|_| lock(&self.auditor).not_begun(call))?;
        }
        if self.tells_busy(mood) {
            lock(&self.auditor).lies(call);
            lock(&self.auditor).begins(dispatch);
            self.changes(call, plan.as_ref()).await?;
            return Err(busy());
        }
        if invocation.tool.as_str() != "sim.count" {
            lock(&self.auditor).begins(dispatch);
            self.changes(call, plan.as_ref()).await?;
        }
        self.works().await;
        match mood {
            Mood::SaysFailed => Err(error(ToolErrorKind::Failed, Executed::No)),
            Mood::CannotTell => Err(error(ToolErrorKind::Failed, Executed::Unknown)),
            Mood::SaysPartly => Err(error(ToolErrorKind::Failed, Executed::Partly)),
            Mood::FailsAfterwards => Err(error(ToolErrorKind::Failed, Executed::Yes)),
            Mood::HangsAfter => {
                self.never().await;
                Err(error(ToolErrorKind::TimedOut, Executed::Unknown))
            }
            Mood::Works
            | Mood::Fails
            | Mood::SaysDone
            | Mood::HangsBefore
            | Mood::ArrivesLate
            | Mood::TooDear
            | Mood::BreaksSchema
            | Mood::TellsSecret
            | Mood::Silent
            | Mood::CannotShow
            | Mood::Asks
            | Mood::Busy => Ok(mood.colours(reply(&invocation, plan.as_ref()))),
        }
    }

    /// Makes the change, step by step where there is a plan.
    async fn changes(&self, call: CallId, plan: Option<&Plan>) -> Result<(), ToolError> {
        let Some(plan) = plan else {
            lock(&self.outside).begun.insert(call);
            self.happens(call);
            lock(&self.outside).done.insert(call);
            return Ok(());
        };
        if !lock(&self.outside).as_before(plan) {
            return Err(error(ToolErrorKind::Stale, Executed::No));
        }
        lock(&self.outside).begun.insert(call);
        if plan.changes.is_empty() {
            self.happens(call);
        }
        for (place, change) in plan.changes.iter().enumerate() {
            lock(&self.outside).apply(change);
            if place == 0 {
                self.happens(call);
            }
            Yield(self.dice.below(3)).await;
        }
        lock(&self.outside).done.insert(call);
        Ok(())
    }

    async fn shows(&self, permit: &Permit<Preview>) -> Result<Plan, ToolError> {
        let invocation = permit.invocation();
        let mood = self.moods.preview(&self.dice, invocation.tool.as_str());
        self.works().await;
        if mood == Mood::Fails {
            return Err(error(ToolErrorKind::Impossible, Executed::No));
        }
        if mood == Mood::CannotShow {
            return Err(error(ToolErrorKind::NoPreview, Executed::No));
        }
        if mood == Mood::HangsBefore {
            self.never().await;
        }
        if self.fault == Some(Fault::ActsInPreview) && self.dice.chance(5) {
            self.happens(invocation.call);
        }
        let outside = lock(&self.outside);
        if let Some(basis) = &invocation.basis {
            let complete = outside.as_before(basis);
            return if complete {
                Ok(basis.clone())
            } else {
                Err(error(ToolErrorKind::Impossible, Executed::No))
            };
        }
        let text = |name: &str| invocation.arguments.get(name).and_then(|value| value.as_str());
        if let Some(script) = text("script") {
            permit.watch().printed(Stream::Stdout, script.as_bytes());
            let approved = permit.approved_plan().filter(|plan| outside.as_before(plan));
            let again = || outside.over(&invocation.over).run(script);
            return Ok(approved.cloned().unwrap_or_else(again));
        }
        let content = text("content").unwrap_or_default();
        let paths = [text("path"), text("also")];
        let mut writes: Vec<(&str, &str)> =
            paths.into_iter().flatten().map(|path| (path, content)).collect();
        writes.dedup();
        Ok(outside.plan(&writes))
    }

    /// After a crash: what the tool's own log and the files say.
    fn looks(&self, unfinished: &Unfinished) -> Recovered {
        let call = unfinished.invocation.call;
        let mut outside = lock(&self.outside);
        let (begun, done) = (outside.begun.contains(&call), outside.done.contains(&call));
        if let (Some(plan), true, false) = (&unfinished.plan, begun, done) {
            let rest = |change: &&domain::Change| !outside.is(&change.path, change.after.as_ref());
            let rest: Vec<_> = plan.changes.iter().filter(rest).cloned().collect();
            if rest.iter().any(|change| !outside.is(&change.path, change.before.as_ref())) {
                let reason = "something else stands there now".to_owned();
                return Recovered::Partly { reason, effects: Vec::new() };
            }
            for change in rest {
                outside.apply(&change);
            }
            outside.done.insert(call);
        }
        let tells = unfinished.plan.is_some() || self.dice.chance(50);
        if outside.late.contains_key(&call) || !tells {
            return Recovered::Unknown { reason: "the other side keeps no log".to_owned() };
        }
        if begun {
            return Recovered::Happened(reply(&unfinished.invocation, unfinished.plan.as_ref()));
        }
        Recovered::DidNotHappen { reason: "the log does not know it".to_owned() }
    }
}

impl Tool for Scripted {
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async move {
            self.told(Reach::Preview, &permit, None);
            self.shows(&permit).await
        })
    }

    fn read(&self, permit: Permit<Read>) -> Later<'_, Said> {
        Box::pin(async move {
            self.told(Reach::Read, &permit, None);
            let mood = self.moods.read(&self.dice);
            self.works().await;
            if mood == Mood::Fails {
                return Err(error(ToolErrorKind::Failed, Executed::No));
            }
            if mood == Mood::HangsBefore {
                self.never().await;
            }
            Ok(mood.colours(reply(permit.invocation(), None)))
        })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Said> {
        Box::pin(async move {
            let dispatch = self.told(Reach::Act, &permit, permit.plan());
            self.acts(&permit, &dispatch).await
        })
    }

    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async move {
            self.works().await;
            if self.fault == Some(Fault::SendsAgain) {
                self.happens(unfinished.invocation.call);
            }
            self.looks(&unfinished)
        })
    }
}

fn error(kind: ToolErrorKind, executed: Executed) -> ToolError {
    ToolError {
        kind,
        executed,
        message: format!("the tool failed; the key was {SECRET}"),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

/// What the contract of `sim.send` declares: nothing happened, and it may be tried again.
fn busy() -> ToolError {
    ToolError { own_code: Some("busy".to_owned()), ..error(ToolErrorKind::Failed, Executed::No) }
}

/// Questions that hold a credential, as a careless server might ask them.
fn asks() -> ToolError {
    let asks = Some(json!({ "sure": format!("with {SECRET}?") }));
    ToolError { asks, ..error(ToolErrorKind::InputRequired, Executed::No) }
}

/// What every command answers with.
fn printed(plan: Option<&Plan>) -> serde_json::Value {
    let execution = plan.and_then(|plan| plan.execution.as_ref());
    let (code, text) = execution.map_or((0, SECRET), |each| (each.exit_code, &*each.stdout.text));
    json!({
        "exit_code": code, "stdout": text, "stderr": "", "stdout_bytes": 40, "stderr_bytes": 0, "wall_ms": 7,
        "cpu_ms": 5, "memory_bytes_max": 4_096, "processes": 1, "network": [],
        "changed": plan.map_or(0, |plan| plan.changes.len()), "jail": "overlay",
    })
}

fn reply(invocation: &Invocation, plan: Option<&Plan>) -> Reply {
    let effect = |change: &domain::Change| Effect {
        kind: if change.after.is_some() { EffectKind::Modified } else { EffectKind::Deleted },
        resource: Resource::new(format!("workspace:{}", change.path)),
        before: None,
        after: None,
        observation: Observation::NotStated,
    };
    let name = invocation.arguments.get("name").and_then(|name| name.as_str());
    let output = match invocation.command {
        Some(_) => printed(plan),
        None => json!({ "ok": true, "note": name.unwrap_or("done") }),
    };
    Reply {
        output,
        effects: plan.map(|plan| plan.changes.iter().map(effect).collect()).unwrap_or_default(),
        cost: Money::ZERO,
        read_bytes: 20,
        warnings: Vec::new(),
    }
}
