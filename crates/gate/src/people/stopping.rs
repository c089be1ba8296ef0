//! Stops, ordered and lifted by operators. In memory first, recorded second.
//!
//! Cancelling work that was sent is not done here: its outcome is still observed.

use domain::{
    CallId, CallState, Event, Fence, Name, Operator, Right, Stop, StopId, StopLevel, StopScope,
    StopState,
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

impl<J: Journal, W: World> Gate<J, W> {
    /// Orders a stop. Once this returns, no new effect starts in its scope (P5).
    ///
    /// # Errors
    /// A role below operator, or a scope outside the operator's tenant. If it could not be recorded it
    /// holds all the same, until the process ends.
    pub async fn stop(&self, by: &Operator, ask: StopAsk) -> Result<StopReceipt, Refusal> {
        let reason = self.said(&ask.reason)?;
        self.may_stop(by, &ask.scope).await?;
        let (stop, fence) = self.order_stop(&by.name, StopAsk { reason, ..ask }).await?;
        let in_work = self.of_these(by, &stop.scope, self.live.in_work()).await?;
        let held = self.inside(by, &stop.scope, CallState::Held).await?;
        Ok(StopReceipt { stop, fence, in_work, held })
    }

    /// Puts a stop into force and records it.
    pub(crate) async fn order_stop(
        &self,
        by: &Name,
        StopAsk { scope, level, reason }: StopAsk,
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
        let fence = self.stops.order(stop.clone());
        let event = Event::StopOrdered { stop: stop.clone(), epoch: fence.0 };
        self.commit_one((None, event), Vec::new()).await?;
        self.stops.record();
        Ok((stop, fence))
    }

    /// Whether an operator's rights reach a scope. Everything and tools are for admins: they cross tenants.
    async fn may_stop(&self, by: &Operator, scope: &StopScope) -> Result<(), Refusal> {
        match scope {
            StopScope::Everything | StopScope::Tool(_) => {
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
            StopScope::Everything | StopScope::Tool(_) | StopScope::Run(_) | StopScope::Call(_) => {
                scope.to_string()
            }
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
