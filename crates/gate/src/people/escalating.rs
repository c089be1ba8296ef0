//! What time alone brings to requests and reviews: a second group is asked, a review is overdue.
//!
//! Time never approves. A request that escalates can be decided by both groups until its time is over; a review that
//! nobody made in time counts against the agent, and everybody who may decide may make it. Tests:
//! `crates/sim/tests/it/voting.rs`, `reviews.rs`.

use domain::{ApprovalId, ApprovalState, Entry, Event, Timestamp, limits};

use crate::commit::{CommitError, Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::projection::WAITING;
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::table::{Column, Table};

impl<J: Journal, W: World> Gate<J, W> {
    /// Asks second groups, and tells of overdue reviews. Goes on past a failure and tells the first one.
    pub(crate) async fn escalate(&self, now: Timestamp) -> Result<(), Refusal> {
        let mut done = Ok(());
        for record in self.due((Table::Approvals, "escalation", "escalates_ms"), now).await? {
            let Ok(approval) = record.key.parse::<ApprovalId>() else { continue };
            let group = record.text("escalate_to").to_owned();
            let event = Event::ApprovalEscalated { approval, group };
            let pending = ApprovalState::Pending.word();
            done = done.and(self.passed(&record, event, (Table::Approvals, pending)).await);
        }
        for record in self.due((Table::Duties, "review", "review_by_ms"), now).await? {
            let event = Event::DutyOverdue { duty: record.key.clone() };
            done = done.and(self.passed(&record, event, (Table::Duties, "open")).await);
        }
        done
    }

    /// Records whose clock ran out, that nothing was said of yet.
    async fn due(
        &self,
        (table, waits, clock): (Table, Column, Column),
        now: Timestamp,
    ) -> Result<Vec<Record>, Refusal> {
        let mut query = Query::all(table).with(waits, WAITING);
        query.order_by = Some(clock);
        query.limit = limits::DUE_PER_TICK_MAX;
        let mut due = self.journal.select(query).await?;
        due.retain(|record| record.count(clock) <= now.millis());
        Ok(due)
    }

    async fn passed(
        &self,
        record: &Record,
        event: Event,
        (table, state): (Table, &str),
    ) -> Result<(), Refusal> {
        let entry = Entry {
            at: self.world.now(),
            tenant: record.text("tenant").parse().ok(),
            run: record.text("run").parse().ok(),
            call: record.text("call").parse().ok(),
            event,
        };
        match self.commit_all(vec![entry], vec![state_is(table, record.key.clone(), state)]).await {
            // Somebody decided in the meantime.
            Ok(()) | Err(CommitError::Guard { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
