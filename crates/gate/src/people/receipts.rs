//! Receipts: how every lever of a stop answered, followed until all have or their time is over.
//!
//! ```text
//! order -> (kill: runs end, held calls end) -> work under way ends, journeys settle -> (kill: rollback) -> one entry
//! ```
//! In: a stop that is in force and recorded. Out: its receipt, shown while it is made and kept when it is complete. Whoever
//! runs the gate calls `settle_stop` for every stop in `unsettled_stops`; a later life of the process goes on with a kill
//! where this one ended. Nothing here makes a stop hold: that was done by the order. Tests: `sim/tests/it/kills.rs`.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use domain::{
    CallId, CallState, Event, Executed, Lever, LeverReceipt, Name, Operator, RolledBack, Stop,
    StopId, StopLevel, StopScope, Stopped, StoppedCall, limits,
};

use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::recovery;
use crate::refusal::Refusal;
use crate::state::live::News;
use crate::state::receipts::Following;
use crate::state::stops::Reached;
use crate::table::Table;

/// The receipt of a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopReport {
    /// Every lever, as far as it has answered.
    pub levers: Vec<LeverReceipt>,
    /// Calls of the reader's reach that were in work when the stop came.
    pub calls: Vec<StoppedCall>,
    /// Acts that were ordered to be taken back with it.
    pub rollback: Vec<RolledBack>,
    /// Whether every lever has answered or was given up, and that is recorded.
    pub complete: bool,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Stops whose receipt nobody makes yet.
    pub fn unsettled_stops(&self) -> Vec<StopId> {
        self.receipts.waiting()
    }

    /// Follows a stop until its levers have answered, carries a kill out, and records the receipt. Does nothing if another
    /// does. What fails is tried again by whoever asks next.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn settle_stop(&self, stop: StopId) -> Result<(), Refusal> {
        self.settle_stop_closing(stop, || 0).await
    }

    /// The same; when no work under way can answer over them any more, `close` closes connections and says how many.
    ///
    /// # Errors
    /// As for `settle_stop`.
    pub async fn settle_stop_closing(
        &self,
        stop: StopId,
        close: impl FnOnce() -> u64 + Send,
    ) -> Result<(), Refusal> {
        let Some(following) = self.receipts.take_up(stop) else { return Ok(()) };
        let settled = self.follow(&following, close).await;
        match settled {
            Ok(()) => self.receipts.close(stop),
            Err(_) => self.receipts.put_back(stop),
        }
        settled
    }

    async fn follow(
        &self,
        following: &Following,
        close: impl FnOnce() -> u64 + Send,
    ) -> Result<(), Refusal> {
        let stop = &following.stop;
        if stop.level == StopLevel::Kill {
            self.lift_weaker(stop).await?;
            self.end_with(stop).await?;
        }
        let calls = self.work_ended(following).await?;
        let most = calls.iter().map(|call| call.took_ms).max().unwrap_or(0);
        let (processes, requests) = following.counts.now();
        let closed = (Lever::Server, close());
        let by_tools = [(Lever::Processes, processes), (Lever::Requests, requests), closed];
        let by_tools = by_tools.into_iter().filter(|(_, count)| *count > 0);
        self.receipts.show(stop.id, |shown| {
            shown.levers.extend(of_calls(&calls));
            let all = |(lever, count)| LeverReceipt::all(lever, count, most);
            shown.levers.extend(by_tools.map(all));
        });
        if stop.level == StopLevel::Kill {
            self.roll_back(stop).await?;
        }
        let shown = self.receipts.shown(stop.id).unwrap_or_default();
        let mut calls = calls;
        calls.truncate(limits::STOPPED_CALLS_NAMED_MAX);
        let event = Event::StopReceipted { stop: stop.id, levers: shown.levers, calls };
        Ok(self.commit_one((None, event), Vec::new()).await?)
    }

    /// Waits until nothing runs of what the stop reached, and says what became of each call.
    async fn work_ended(&self, following: &Following) -> Result<Vec<StoppedCall>, Refusal> {
        let Following { stop, reached, .. } = following;
        let running =
            |of: &Reached| StoppedCall { call: of.call, became: Stopped::Running, took_ms: 0 };
        self.receipts.show(stop.id, |shown| shown.calls = reached.iter().map(running).collect());
        let mut took: Vec<Option<u64>> = vec![None; reached.len()];
        let ends = self.all_ended(stop, reached, &mut took);
        tokio::select! {
            biased;
            () = ends => {}
            () = self.world.sleep(limits::STOP_ANSWERED_WITHIN) => {}
        }
        let late = self.since(stop);
        let mut calls = Vec::with_capacity(reached.len());
        for (of, took) in reached.iter().zip(took) {
            let record = self.journal.read(Table::Calls, &of.call.to_string()).await?;
            let became = took.map_or(Stopped::Running, |_| became(record.as_ref()));
            calls.push(StoppedCall { call: of.call, became, took_ms: took.unwrap_or(late) });
        }
        self.receipts.show(stop.id, |shown| shown.calls.clone_from(&calls));
        Ok(calls)
    }

    /// Notes for each when it ended.
    async fn all_ended(&self, stop: &Stop, reached: &[Reached], took: &mut [Option<u64>]) {
        type End<'e> = (usize, Pin<Box<dyn Future<Output = ()> + Send + 'e>>);
        let mut ends: Vec<End<'_>> = Vec::with_capacity(reached.len());
        for (place, of) in reached.iter().enumerate() {
            ends.push((place, Box::pin(self.answered(of))));
        }
        poll_fn(|context| {
            ends.retain_mut(|(place, end)| match end.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(()) => {
                    let now = self.since(stop);
                    took.get_mut(*place).into_iter().for_each(|took| *took = Some(now));
                    false
                }
            });
            if ends.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Resolves when nothing of a call's work runs any more and its journey has settled what became of it.
    async fn answered(&self, of: &Reached) {
        of.ended().await;
        let Some(mut news) = self.live.subscribe(of.call) else { return };
        while *news.borrow_and_update() == News::Working {
            if news.changed().await.is_err() {
                return;
            }
        }
    }

    /// Milliseconds since a stop was ordered.
    pub(super) fn since(&self, stop: &Stop) -> u64 {
        u64::try_from(self.world.now().since(stop.at).as_millis()).unwrap_or(u64::MAX)
    }

    /// The receipt of a stop, as far as it is made.
    ///
    /// # Errors
    /// An unknown stop, or one whose scope the operator may not know of.
    pub async fn stop_report(&self, by: &Operator, stop: StopId) -> Result<StopReport, Refusal> {
        let key = stop.to_string();
        let record = self.journal.read(Table::Stops, &key).await?;
        let unknown = || Refusal::not_found(stop);
        let scope: StopScope =
            record.and_then(|record| record.text("scope").parse().ok()).ok_or_else(unknown)?;
        if !self.may_know(by, &scope).await? {
            return Err(unknown());
        }
        let kept = self.journal.read(Table::Receipts, &key).await?;
        let rollback = self.journal.read(Table::Rollbacks, &key).await?;
        let mut report = match (&kept, self.receipts.shown(stop)) {
            (Some(kept), _) => StopReport {
                levers: lines(kept, "levers"),
                calls: lines(kept, "calls"),
                rollback: Vec::new(),
                complete: true,
            },
            (None, shown) => {
                let shown = shown.unwrap_or_default();
                let (levers, calls) = (shown.levers, shown.calls);
                StopReport { levers, calls, rollback: shown.rollback, complete: false }
            }
        };
        if let Some(ended) = rollback.filter(|_| report.rollback.is_empty()) {
            report.rollback = lines(&ended, "ended");
        }
        // What crosses tenants names calls to whoever runs the installation alone.
        let crosses =
            matches!(scope, StopScope::Everything | StopScope::Tool(_) | StopScope::Server(_));
        if crosses && !by.runs_installation() {
            let own =
                self.of_these(by, &scope, report.calls.iter().map(|call| call.call).collect());
            let own = own.await?;
            report.calls.retain(|call| own.contains(&call.call));
            report.rollback.clear();
        }
        Ok(report)
    }

    /// Ends the open runs and the held calls in the scope of a kill, of all tenants that it covers.
    async fn end_with(&self, stop: &Stop) -> Result<(), Refusal> {
        let (mut runs, mut held) = (0, 0);
        for state in [domain::RunState::Open, domain::RunState::Paused] {
            let query = Query::all(Table::Runs).with("state", state.word());
            for record in recovery::all(self, within(query, &stop.scope)).await? {
                if self.has_run(&stop.scope, &record) {
                    runs += u64::from(self.kill_run(stop, &record).await?);
                }
            }
        }
        let runs_ms = self.since(stop);
        let mut workflows = super::reach::Workflows::new();
        // What waits for people, and what waits in the outbox.
        for state in [CallState::Held, CallState::Queued] {
            let query = Query::all(Table::Calls).with("state", state.word());
            for record in recovery::all(self, within(query, &stop.scope)).await? {
                if self.has_call(&stop.scope, &record, &mut workflows).await? {
                    held += u64::from(self.kill_held(stop, &record).await?);
                }
            }
        }
        let held = LeverReceipt::all(Lever::Held, held, self.since(stop));
        let levers = [LeverReceipt::all(Lever::Runs, runs, runs_ms), held];
        self.receipts.show(stop.id, |shown| shown.levers.extend(levers));
        Ok(())
    }
}

/// Narrows to the tenant of a scope, if it has one.
fn within(query: Query, scope: &StopScope) -> Query {
    match tenant_of(scope) {
        Some(tenant) => query.with("tenant", tenant.as_str()),
        None => query,
    }
}

/// The tenant that a scope names. Of a run or a call its own record says it.
pub(super) const fn tenant_of(scope: &StopScope) -> Option<&Name> {
    match scope {
        StopScope::Tenant(tenant)
        | StopScope::Workflow(tenant, _)
        | StopScope::Agent(tenant, _) => Some(tenant),
        StopScope::Everything
        | StopScope::Tool(_)
        | StopScope::Server(_)
        | StopScope::Run(_)
        | StopScope::Call(_) => None,
    }
}

/// What became of a call whose work has ended. One without a record never had a permit.
fn became(record: Option<&Record>) -> Stopped {
    let Some(record) = record else { return Stopped::NotStarted };
    match CallState::from_word(record.text("state")) {
        Some(CallState::Admitted | CallState::Dispatched) | None => Stopped::Running,
        Some(CallState::InDoubt) => Stopped::Unknown,
        Some(
            CallState::Received
            | CallState::Held
            | CallState::Queued
            | CallState::Denied
            | CallState::Superseded
            | CallState::Cancelled
            | CallState::Succeeded
            | CallState::Partial
            | CallState::Failed,
        ) => match Executed::from_word(record.text("executed")) {
            Some(Executed::No) | None => Stopped::NotStarted,
            Some(Executed::Unknown) => Stopped::Unknown,
            Some(Executed::Yes | Executed::Partly) => Stopped::Acknowledged,
        },
    }
}

/// The levers of calls that were in work.
fn of_calls(calls: &[StoppedCall]) -> Vec<LeverReceipt> {
    let count = |became: Stopped| {
        let these = calls.iter().filter(|call| call.became == became);
        u64::try_from(these.count()).unwrap_or(u64::MAX)
    };
    let most = |of: &dyn Fn(Stopped) -> bool| {
        calls.iter().filter(|call| of(call.became)).map(|call| call.took_ms).max().unwrap_or(0)
    };
    let not_started = count(Stopped::NotStarted);
    let (acknowledged, unknown, missing) =
        (count(Stopped::Acknowledged), count(Stopped::Unknown), count(Stopped::Running));
    vec![
        LeverReceipt::all(
            Lever::NotStarted,
            not_started,
            most(&|became| became == Stopped::NotStarted),
        ),
        LeverReceipt {
            lever: Lever::Cancelled,
            reached: acknowledged + unknown + missing,
            acknowledged,
            unknown,
            missing,
            took_ms: most(&|became| became != Stopped::NotStarted),
        },
    ]
}

/// The lines of a kept receipt; one that cannot be read is left out, the entry still has it.
pub(super) fn lines<T: std::str::FromStr>(record: &Record, column: crate::Column) -> Vec<T> {
    record.text(column).lines().filter_map(|line| line.parse().ok()).collect()
}

/// Calls of a rollback as its record has them.
pub(super) fn acts_of(record: &Record) -> Vec<CallId> {
    record.text("acts").split_whitespace().filter_map(|act| act.parse().ok()).collect()
}
