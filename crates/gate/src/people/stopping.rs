//! Stops, ordered and lifted by operators. In memory first, recorded second.
//!
//! The order tells work under way that it ends (`state/stops/under_way.rs`); its outcome is still observed. How the
//! levers answer is followed in `receipts.rs`; kills are planned and ordered in `killing.rs`.

use domain::{
    CallId, Code, Event, Fence, Lever, LeverReceipt, Name, Operator, Right, Stop, StopId,
    StopLevel, StopScope, StopState,
};

use super::{needs, runs_installation};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::table::Table;

/// What is asked for with a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopAsk {
    /// What to stop.
    pub scope: StopScope,
    /// How hard.
    pub level: StopLevel,
    /// Why.
    pub reason: String,
}

/// What a stop did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopReceipt {
    /// The stop.
    pub stop: Stop,
    /// The epoch from which on it holds.
    pub fence: Fence,
    /// Calls of the operator's tenant in its scope that were under way when it was ordered; those that were
    /// sent are still observed.
    pub in_work: Vec<CallId>,
    /// Held calls of the operator's tenant in its scope; they cannot run while the stop holds.
    pub held: u64,
}

/// The name in which the stop file stops.
const STOP_FILE: &str = "stop-file";

/// Whether the stop file ordered it: it is lifted only when the file is gone.
pub fn is_by_file(stop: &Stop) -> bool {
    stop.by.as_str() == STOP_FILE
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Orders a stop. Once this returns, no new effect starts in its scope (P5).
    ///
    /// # Errors
    /// A role below operator, a scope outside the operator's tenant, or a kill, which is planned before. If it could not
    /// be recorded it holds all the same, until the process ends.
    pub async fn stop(&self, by: &Operator, ask: StopAsk) -> Result<StopReceipt, Refusal> {
        let reason = self.said(&ask.reason)?;
        self.may_stop(by, &ask.scope).await?;
        if ask.level == StopLevel::Kill {
            let message =
                "a kill is confirmed with the token of its plan; expected `pause` or `suspend`";
            return Err(Refusal::new(
                Code::InvalidRequest,
                message,
                "plan it: `checkrein stop kill`",
            ));
        }
        let (stop, fence) = self.order_stop(&by.name, StopAsk { reason, ..ask }).await?;
        self.told_of(by, stop, fence).await
    }

    /// What whoever ordered a stop is told at once.
    pub(super) async fn told_of(
        &self,
        by: &Operator,
        stop: Stop,
        fence: Fence,
    ) -> Result<StopReceipt, Refusal> {
        let in_work = self.of_these(by, &stop.scope, self.live.in_work()).await?;
        let held = self.waiting(by, &stop.scope).await?;
        Ok(StopReceipt { stop, fence, in_work, held })
    }

    /// Suspends everything because the stop file is there, unless that was done. True if it was done now.
    ///
    /// # Errors
    /// When it could not be recorded; it holds all the same, until the process ends.
    pub async fn stop_by_file(&self, reason: &str) -> Result<bool, Refusal> {
        if self.stops.all().iter().any(is_by_file) {
            return Ok(false);
        }
        let cut: String = reason.chars().take(domain::limits::REASON_CHARS_MAX).collect();
        let reason = self.said(&cut)?;
        let file = STOP_FILE.parse().map_err(|_| Refusal::not_found(STOP_FILE))?;
        let ask = StopAsk { scope: StopScope::Everything, level: StopLevel::Suspend, reason };
        self.order_stop(&file, ask).await?;
        Ok(true)
    }

    /// The stop that holds for a whole tool server, if any.
    pub fn stop_of_server(&self, server: &Name) -> Option<Stop> {
        self.stops.of_server(server)
    }

    /// Puts a stop into force and records it.
    pub(crate) async fn order_stop(
        &self,
        by: &Name,
        ask: StopAsk,
    ) -> Result<(Stop, Fence), Refusal> {
        self.order_with(by, ask, |_| None).await
    }

    /// The same, with what else is recorded in its commit.
    pub(super) async fn order_with(
        &self,
        by: &Name,
        StopAsk { scope, level, reason }: StopAsk,
        with: impl FnOnce(StopId) -> Option<Event> + Send,
    ) -> Result<(Stop, Fence), Refusal> {
        let stop = Stop {
            id: StopId::new(self.world.fresh()),
            scope,
            level,
            reason,
            by: by.clone(),
            at: self.world.now(),
            state: StopState::InForce,
        };
        let ordered = self.stops.order(stop.clone());
        let fence = ordered.fence;
        self.receipts.order(stop.clone(), ordered);
        let event = Event::StopOrdered { stop: stop.clone(), epoch: fence.0 };
        let events = std::iter::once(event).chain(with(stop.id));
        let entries = events.map(|event| self.entry_of(None, event)).collect();
        self.commit_all(entries, Vec::new()).await?;
        self.stops.record();
        let took_ms = self.since(&stop);
        self.receipts.recorded(stop.id, LeverReceipt::all(Lever::Fence, 1, took_ms));
        Ok((stop, fence))
    }

    /// Whether an operator's rights reach a scope. Everything, tools and servers are for admins: they cross tenants.
    pub(super) async fn may_stop(&self, by: &Operator, scope: &StopScope) -> Result<(), Refusal> {
        match scope {
            StopScope::Everything | StopScope::Tool(_) | StopScope::Server(_) => {
                return runs_installation(by, Right::Administer);
            }
            StopScope::Tenant(_)
            | StopScope::Workflow(..)
            | StopScope::Agent(..)
            | StopScope::Run(_)
            | StopScope::Call(_) => needs(by, Right::Operate)?,
        }
        if self.may_know(by, scope).await? {
            return Ok(());
        }
        Err(Refusal::not_found(match scope {
            StopScope::Tenant(tenant)
            | StopScope::Workflow(tenant, _)
            | StopScope::Agent(tenant, _) => format!("tenant `{tenant}`"),
            StopScope::Everything
            | StopScope::Tool(_)
            | StopScope::Server(_)
            | StopScope::Run(_)
            | StopScope::Call(_) => scope.to_string(),
        }))
    }

    /// Lifts a stop.
    ///
    /// # Errors
    /// A stop that is not in force, or outside the operator's reach.
    pub async fn lift(&self, by: &Operator, stop: StopId, reason: String) -> Result<(), Refusal> {
        let reason = self.said(&reason)?;
        let known = self.stops.all().into_iter().find(|known| known.id == stop);
        let known = known.ok_or_else(|| Refusal::not_found(stop))?;
        self.may_stop(by, &known.scope).await?;
        let guard = state_is(Table::Stops, stop.to_string(), StopState::InForce.word());
        let event = Event::StopLifted { stop, by: by.name.clone(), reason };
        // Recorded first: a stop that could not be lifted durably stays in force.
        self.commit_one((None, event), vec![guard]).await?;
        self.stops.lift(stop);
        Ok(())
    }

    /// The stops in force.
    pub fn stops(&self) -> Vec<Stop> {
        self.stops.all()
    }
}
