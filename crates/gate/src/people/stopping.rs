//! Stops, ordered and lifted by operators. In memory first, recorded second.
//!
//! Cancelling work that was sent is not done here: its outcome is still observed.

use domain::{
    CallId, Event, Fence, Name, Operator, Role, Stop, StopId, StopLevel, StopScope, StopState,
};

use super::{needs, reason_fits, runs_installation};
use crate::commit::Query;
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
    /// Calls whose journey was under way when it was ordered; those that were sent are still observed.
    pub in_work: Vec<CallId>,
    /// Held calls of the tenant that wait; they cannot run while the stop holds.
    pub held: u64,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Orders a stop. Once this returns, no new effect starts in its scope (P5).
    ///
    /// # Errors
    /// A role below operator, or a scope outside the operator's tenant. If it could not be recorded it
    /// holds all the same, until the process ends.
    pub async fn stop(&self, by: &Operator, ask: StopAsk) -> Result<StopReceipt, Refusal> {
        reason_fits(&ask.reason)?;
        self.may_stop(by, &ask.scope).await?;
        let StopAsk { scope, level, reason } = ask;
        let stop = Stop {
            id: StopId::new(self.world.fresh()),
            scope,
            level,
            reason,
            by: by.name.clone(),
            at: self.world.now(),
            state: StopState::InForce,
        };
        let fence = self.stops.order(stop.clone());
        let event = Event::StopOrdered { stop: stop.clone(), epoch: fence.0 };
        self.commit_one((None, event), Vec::new()).await?;
        self.stops.record();
        let held = Query::all(Table::Calls).with("state", "held");
        let held = self.journal.select(held).await?;
        let in_work = self.live.in_work();
        Ok(StopReceipt {
            stop,
            fence,
            in_work,
            held: u64::try_from(held.len()).unwrap_or(u64::MAX),
        })
    }

    /// Whether an operator's rights reach a scope. Everything and tools are for admins: they cross tenants.
    async fn may_stop(&self, by: &Operator, scope: &StopScope) -> Result<(), Refusal> {
        let own = |tenant: &Name| {
            if *tenant == by.tenant {
                Ok(())
            } else {
                Err(Refusal::not_found(format!("tenant `{tenant}`")))
            }
        };
        match scope {
            StopScope::Everything | StopScope::Tool(_) => runs_installation(by),
            StopScope::Tenant(tenant)
            | StopScope::Workflow(tenant, _)
            | StopScope::Agent(tenant, _) => needs(by, Role::Operator).and_then(|()| own(tenant)),
            StopScope::Run(run) => {
                needs(by, Role::Operator)?;
                self.run_of_tenant(by, *run).await.map(|_| ())
            }
            StopScope::Call(call) => {
                needs(by, Role::Operator)?;
                let record = self.journal.read(Table::Calls, &call.to_string()).await?;
                let own = record.filter(|record| record.text("tenant") == by.tenant.as_str());
                own.map(|_| ()).ok_or_else(|| Refusal::not_found(call))
            }
        }
    }

    /// Lifts a stop.
    ///
    /// # Errors
    /// A stop that is not in force, or outside the operator's reach.
    pub async fn lift(&self, by: &Operator, stop: StopId, reason: String) -> Result<(), Refusal> {
        reason_fits(&reason)?;
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
