//! Rehearsals of stops: the fence is raised for a call that does not exist, and lifted again; nothing is stopped by it.
//!
//! In: who rehearses. Out: how long the fence took, and an entry with how every lever answered, those outside of the gate
//! too, which the server tries (`server/src/drill.rs`).

use domain::{
    CallId, Event, Lever, LeverReceipt, Operator, Right, StopLevel, StopScope, StopState, Timestamp,
};

use super::needs;
use super::stopping::StopAsk;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::table::Table;

/// The last rehearsal of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// The scope whose stop was rehearsed.
    pub scope: StopScope,
    /// Who did.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How every lever answered.
    pub levers: Vec<LeverReceipt>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Orders a stop that reaches nothing, waits for its receipt, and lifts it.
    ///
    /// # Errors
    /// A role below operator; a store that fails.
    pub async fn drill_fence(&self, by: &Operator) -> Result<LeverReceipt, Refusal> {
        needs(by, Right::Operate)?;
        let scope = StopScope::Call(CallId::new(self.world.fresh()));
        let reason = "a rehearsal: it reaches nothing".to_owned();
        let ask = StopAsk { scope, level: StopLevel::Suspend, reason: reason.clone() };
        let (stop, _) = self.order_stop(&by.name, ask).await?;
        let took_ms = self.since(&stop);
        self.settle_stop(stop.id).await?;
        let guard = state_is(Table::Stops, stop.id.to_string(), StopState::InForce.word());
        let event = Event::StopLifted { stop: stop.id, by: by.name.clone(), reason };
        self.commit_one((None, event), vec![guard]).await?;
        self.stops.lift(stop.id);
        Ok(LeverReceipt::all(Lever::Fence, 1, took_ms))
    }

    /// Records a rehearsal.
    ///
    /// # Errors
    /// As for a stop of this scope.
    pub async fn record_drill(
        &self,
        by: &Operator,
        (scope, levers): (StopScope, Vec<LeverReceipt>),
    ) -> Result<(), Refusal> {
        self.may_stop(by, &scope).await?;
        let event = Event::StopDrilled { by: by.name.clone(), scope, levers };
        Ok(self.commit_one((None, event), Vec::new()).await?)
    }

    /// The last rehearsal, of any scope that the operator may know of.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_drill(&self, by: &Operator) -> Result<Option<Drill>, Refusal> {
        let latest =
            crate::commit::Query::all(Table::Drills).latest("at_ms", domain::limits::PAGE_ROWS_MAX);
        for record in self.journal.select(latest).await? {
            let Ok(scope) = record.key.parse::<StopScope>() else { continue };
            if self.may_know(by, &scope).await? {
                return Ok(Some(Drill {
                    scope,
                    by: record.text("drilled_by").to_owned(),
                    at: Timestamp::from_millis(record.count("at_ms")),
                    levers: super::receipts::lines(&record, "levers"),
                }));
            }
        }
        Ok(None)
    }
}
