//! Several acts taken back at once, newest first, and what became of each.
//!
//! In: a call, a run or an agent, and how many of its last acts. Out: a report with one line per act: undone, in doubt, or
//! not undoable and why. A failure holds up nothing else. Acts whose files have nothing to do with each other are taken back
//! at the same time; everything else one after the other. Looking (`undo_plan`) changes and records nothing.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use domain::{
    Answer, CallId, CallState, Code, EffectClass, Executed, Name, Operator, Right, RunId, Status,
    Timestamp, UndoState, limits,
};
use serde_json::{Map, Value};

use super::{Kept, UndoOrder};
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::people::needs;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::table::Table;

/// Whose acts are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoScope {
    /// This one.
    Call(CallId),
    /// Those of a run.
    Run(RunId),
    /// Those of an agent, across its runs.
    Agent(Name),
}

/// Which acts are to be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoAsk {
    /// Whose.
    pub scope: UndoScope,
    /// How many of the last ones; all of them up to `limits::UNDO_ACTS_MAX` without it.
    pub last: Option<u32>,
    /// Arguments of the inverse call that a person found out; for a single call only.
    pub told: Map<String, Value>,
}

/// One act, and what became or would become of its undo.
#[derive(Debug, Clone, PartialEq)]
pub struct ActReport {
    /// The act.
    pub call: CallId,
    /// Its run.
    pub run: String,
    /// Its tool.
    pub tool: String,
    /// What it touched, masked.
    pub resource: String,
    /// When it was admitted; none for a call in the outbox.
    pub admitted: Option<Timestamp>,
    /// In one word.
    pub outcome: ActUndo,
    /// Why, or how it would be done.
    pub why: String,
    /// Until when it can be undone.
    pub until: Option<Timestamp>,
    /// The answer of the call that took it back, or of the withdrawal.
    pub answer: Option<Answer>,
}

/// What becomes of the undo of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActUndo {
    /// As far as can be said without touching anything, it can be taken back.
    Possible,
    /// It is taken back.
    Undone,
    /// It was withdrawn before it was sent.
    Withdrawn,
    /// A part of it is taken back.
    Partly,
    /// It can't be.
    NotUndoable,
    /// It was not, and can be tried again: a stop or a policy stood in the way, or the undo failed before it did anything.
    NotUndone,
    /// Nobody knows whether the act, or its undo, happened.
    InDoubt,
}

impl ActUndo {
    /// The word on the wire and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Possible => "can_be_undone",
            Self::Undone => "undone",
            Self::Withdrawn => "withdrawn",
            Self::Partly => "partly_undone",
            Self::NotUndoable => "not_undoable",
            Self::NotUndone => "not_undone",
            Self::InDoubt => "in_doubt",
        }
    }

    /// Whether nothing of the act is left.
    pub const fn is_whole(self) -> bool {
        match self {
            Self::Undone | Self::Withdrawn => true,
            Self::Possible | Self::Partly | Self::NotUndoable | Self::NotUndone | Self::InDoubt => {
                false
            }
        }
    }
}

/// Whether so many of the last acts are meant, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Last,
    All,
}

/// An act of a report, with what decides beside whom it can be taken back.
struct Act {
    call: CallId,
    record: Record,
    report: ActReport,
    /// The paths that its undo touches; none where nobody can say.
    paths: Option<Vec<String>>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// What taking these acts back would do, newest first. Changes and records nothing.
    ///
    /// # Errors
    /// An unknown call or run; a person who may not operate.
    pub async fn undo_plan(&self, by: &Operator, ask: UndoAsk) -> Result<Vec<ActReport>, Refusal> {
        needs(by, Right::Operate)?;
        let acts = self.acts(by, &ask).await?;
        Ok(acts.into_iter().map(|act| act.report).collect())
    }

    /// Takes these acts back, newest first, past those that cannot be.
    ///
    /// # Errors
    /// As for [`Self::undo_plan`].
    pub async fn undo_all(
        &self,
        by: &Operator,
        ask: UndoAsk,
        order: UndoOrder,
    ) -> Result<Vec<ActReport>, Refusal> {
        needs(by, Right::Operate)?;
        let mut left = self.acts(by, &ask).await?;
        left.reverse();
        let mut reports = Vec::with_capacity(left.len());
        while let Some(first) = left.pop() {
            let mut wave = vec![first];
            while wave.len() < limits::UNDO_AT_ONCE_MAX
                && let Some(next) = left.pop_if(|next| apart(&wave, next))
            {
                wave.push(next);
            }
            let told = || if wave_of_one(&ask) { ask.told.clone() } else { Map::new() };
            let each = wave.into_iter().map(|act| {
                let undo = self.take_one(by, act, (order, told()));
                Box::pin(undo) as Pin<Box<dyn Future<Output = ActReport> + Send + '_>>
            });
            reports.extend(together(each.collect()).await);
        }
        Ok(reports)
    }

    async fn take_one(
        &self,
        by: &Operator,
        act: Act,
        order: (UndoOrder, Map<String, Value>),
    ) -> ActReport {
        let Act { call, record, mut report, .. } = act;
        let tell = !order.1.is_empty() && report.outcome == ActUndo::NotUndoable;
        if report.outcome != ActUndo::Possible && !tell {
            return report;
        }
        let queued = record.text("state") == CallState::Queued.word();
        let answer = self.take_back_told(by, call, order).await;
        (report.outcome, report.why) = became(&answer, queued);
        report.answer = Some(answer);
        report
    }

    /// The acts that are meant, newest first.
    async fn acts(&self, by: &Operator, ask: &UndoAsk) -> Result<Vec<Act>, Refusal> {
        let most = ask.last.and_then(|last| usize::try_from(last).ok());
        let counted = most.map_or(Counted::All, |_| Counted::Last);
        let most = most.unwrap_or(limits::UNDO_ACTS_MAX).min(limits::UNDO_ACTS_MAX);
        let most = (most, counted);
        let records = match &ask.scope {
            UndoScope::Call(call) => vec![self.act_of(by, *call).await?],
            UndoScope::Run(run) => {
                let run = self.run_of_tenant(by, *run).await?;
                self.latest_acts(by, ("run", run.run.id.to_string()), most).await?
            }
            UndoScope::Agent(agent) => {
                self.latest_acts(by, ("agent_name", agent.to_string()), most).await?
            }
        };
        let mut acts = Vec::with_capacity(records.len());
        for record in records {
            acts.extend(self.looked_at(record).await?);
        }
        Ok(acts)
    }

    /// Acts that happened or may have, and calls that wait in the outbox, newest first; undo calls are none.
    async fn latest_acts(
        &self,
        by: &Operator,
        (column, value): (crate::table::Column, String),
        (most, counted): (usize, Counted),
    ) -> Result<Vec<Record>, Refusal> {
        let of = || {
            let all = Query::all(Table::Calls).with(column, value.as_str());
            all.with("tenant", by.tenant.as_str())
        };
        let queued = of().with("state", CallState::Queued.word()).latest("received_ms", most);
        let mut found = self.journal.select(queued).await?;
        let mut query = of().latest("admitted_ms", limits::PAGE_ROWS_MAX);
        while found.len() < most {
            let page = self.journal.select(query.clone()).await?;
            query.after = page.last().map(|record| record.key.clone());
            let over = page.len() < query.limit
                || page.last().is_some_and(|last| last.integer("admitted_ms").is_none());
            // What was taken back before is no act of the last ones any more.
            let done = |record: &Record| {
                counted == Counted::Last && record.text("undo") == UndoState::Undone.word()
            };
            found.extend(page.into_iter().filter(|one| is_act(one) && !done(one)));
            if over {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }

    async fn looked_at(&self, record: Record) -> Result<Option<Act>, Refusal> {
        let Ok(call) = record.key.parse::<CallId>() else { return Ok(None) };
        let (outcome, why, paths) = match stands(&record, self.world.now()) {
            Ok(None) => self.prospect(call, &record).await?,
            Ok(Some(why)) => (ActUndo::Possible, why, None),
            Err((outcome, why)) => (outcome, why, Some(Vec::new())),
        };
        let moment = |column| {
            let millis = record.integer(column).and_then(|at| u64::try_from(at).ok());
            millis.map(Timestamp::from_millis)
        };
        let queued = record.text("state") == CallState::Queued.word();
        let report = ActReport {
            call,
            run: record.text("run").to_owned(),
            tool: record.text("tool").to_owned(),
            resource: record.text("resource").to_owned(),
            admitted: moment("admitted_ms"),
            outcome,
            why,
            until: moment(if queued { "leaves_ms" } else { "undo_until_ms" }),
            answer: None,
        };
        Ok(Some(Act { call, record, report, paths }))
    }

    /// How an armed act would be taken back, from what was kept of it.
    async fn prospect(
        &self,
        call: CallId,
        record: &Record,
    ) -> Result<(ActUndo, String, Option<Vec<String>>), Refusal> {
        match self.kept_undo(call, record, Map::new()).await {
            Ok(Kept::Plan(plan)) => {
                let paths = plan.changes.iter().map(|change| change.path.clone()).collect();
                let why = format!("restores {} paths as they were before", plan.changes.len());
                Ok((ActUndo::Possible, why, Some(paths)))
            }
            Ok(Kept::Call(inverse)) => {
                let (arguments, _) = self.masker.mask_value(&inverse.arguments());
                let shown: String =
                    arguments.to_string().chars().take(limits::REASON_CHARS_MAX).collect();
                Ok((ActUndo::Possible, format!("calls `{}` with {shown}", inverse.tool), None))
            }
            Err(refusal) if refusal.code == Code::UndoImpossible => {
                Ok((ActUndo::NotUndoable, refusal.message, Some(Vec::new())))
            }
            Err(refusal) => Err(refusal),
        }
    }
}

fn wave_of_one(ask: &UndoAsk) -> bool {
    matches!(ask.scope, UndoScope::Call(_))
}

fn is_act(record: &Record) -> bool {
    let changes = EffectClass::from_word(record.text("effect_class"));
    let may_have = match Executed::from_word(record.text("executed")) {
        Some(Executed::Yes | Executed::Partly | Executed::Unknown) => true,
        Some(Executed::No) => false,
        // It was admitted, and its end is not recorded.
        None => true,
    };
    record.integer("admitted_ms").is_some()
        && record.text("undoes").is_empty()
        && may_have
        && changes.is_none_or(EffectClass::changes)
}

/// What can be said of an act from its record alone: nothing yet if its undo is armed.
fn stands(record: &Record, now: Timestamp) -> Result<Option<String>, (ActUndo, String)> {
    let not_undoable = |why: String| Err((ActUndo::NotUndoable, why));
    match CallState::from_word(record.text("state")) {
        Some(CallState::Queued) => {
            return Ok(Some("waits in the outbox and would be withdrawn".to_owned()));
        }
        Some(CallState::Admitted | CallState::Dispatched) => {
            return Err((ActUndo::InDoubt, "it runs right now".to_owned()));
        }
        Some(CallState::InDoubt) => {
            let why =
                "it is not known whether it happened; settle it with `checkrein calls resolve`";
            return Err((ActUndo::InDoubt, why.to_owned()));
        }
        Some(
            CallState::Received
            | CallState::Denied
            | CallState::Held
            | CallState::Superseded
            | CallState::Cancelled,
        )
        | None => return not_undoable("it did not happen".to_owned()),
        Some(CallState::Succeeded | CallState::Partial | CallState::Failed) => {}
    }
    match UndoState::from_word(record.text("undo")) {
        Some(UndoState::Armed) if record.count("undo_until_ms") > now.millis() => Ok(None),
        Some(UndoState::Armed | UndoState::Expired) => {
            not_undoable("its window is over, and what was kept for it is erased".to_owned())
        }
        Some(UndoState::Released) => not_undoable("it did not happen".to_owned()),
        Some(UndoState::Due) => Err((ActUndo::InDoubt, "an undo of it is under way".to_owned())),
        Some(UndoState::Undone) => Err((ActUndo::Undone, "it was taken back before".to_owned())),
        Some(UndoState::Partial) => {
            Err((ActUndo::Partly, "a part of it was taken back before".to_owned()))
        }
        Some(UndoState::Impossible) => {
            not_undoable("it was tried, and found impossible".to_owned())
        }
        Some(UndoState::InDoubt) => {
            let why = "it is not known whether its undo happened; settle that call first";
            Err((ActUndo::InDoubt, why.to_owned()))
        }
        None => not_undoable(without_undo(record)),
    }
}

/// Why an act that happened has no undo.
fn without_undo(record: &Record) -> String {
    let why = match EffectClass::from_word(record.text("effect_class")) {
        Some(EffectClass::Pure) => "it changed nothing",
        Some(EffectClass::Irreversible) => "irreversible: nothing counters it",
        Some(EffectClass::Unknown) | None => "nobody said what counters it",
        Some(EffectClass::Restorable) => "nothing was kept that could restore it",
        Some(EffectClass::Compensable) => "its contract names no inverse, or none could be armed",
        Some(EffectClass::Delayed) => "it was sent, and its contract names no inverse",
    };
    why.to_owned()
}

/// What an undo came to, by its answer.
fn became(answer: &Answer, queued: bool) -> (ActUndo, String) {
    let error = answer.error.as_ref();
    let why = error.map_or_else(String::new, |error| error.message.clone());
    let code = error.map(|error| error.code);
    let outcome = match (answer.status, answer.executed, code) {
        (_, _, Some(Code::Withdrawn)) if queued => ActUndo::Withdrawn,
        (Status::Succeeded, ..) | (_, Executed::Yes, _) => ActUndo::Undone,
        (Status::InDoubt, ..) | (_, Executed::Unknown, _) => ActUndo::InDoubt,
        (_, Executed::Partly, _) => ActUndo::Partly,
        // Somebody else changed it since, or what is needed is gone: trying again changes nothing.
        (
            _,
            Executed::No,
            Some(
                Code::Stale
                | Code::UndoImpossible
                | Code::PreviewFailed
                | Code::PathEscape
                | Code::OutOfScope
                | Code::UnknownTool
                | Code::InvalidArguments,
            ),
        ) => ActUndo::NotUndoable,
        (_, Executed::No, _) => ActUndo::NotUndone,
    };
    (outcome, why)
}

/// Whether taking one more act back touches nothing that those of the wave touch.
fn apart(wave: &[Act], next: &Act) -> bool {
    let Some(paths) = &next.paths else { return false };
    let near = |one: &str, other: &str| {
        let below = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        below(one, other) || below(other, one)
    };
    wave.iter().all(|act| {
        act.paths.as_ref().is_some_and(|taken| {
            taken.iter().all(|one| paths.iter().all(|other| !near(one, other)))
        })
    })
}

/// Every future to its end, all at the same time; results in their order.
async fn together<T>(futures: Vec<Pin<Box<dyn Future<Output = T> + Send + '_>>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Some(future), None)).collect();
    std::future::poll_fn(move |context| {
        let mut waits = false;
        for (future, done) in &mut running {
            let Some(pending) = future else { continue };
            match pending.as_mut().poll(context) {
                Poll::Ready(value) => {
                    *done = Some(value);
                    *future = None;
                }
                Poll::Pending => waits = true,
            }
        }
        if waits {
            return Poll::Pending;
        }
        Poll::Ready(running.iter_mut().filter_map(|(_, done)| done.take()).collect())
    })
    .await
}
