//! Calls in the outbox, by the clock and by operators: sent when their time came, withdrawn until then.
//!
//! Sending is no second way to a tool: what is due is handed to whoever runs calls that nobody waits for, and walks the
//! journey again. What could not leave for long (a stop, a pause, a grant that no longer holds) never leaves.
//! Tests: `sim/tests/it/outbox.rs`.

use domain::{Answer, CallState, Code, Operator, Timestamp, limits};

use super::deciding::HeldCall;
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::table::Table;

impl<J: Journal, W: World> Gate<J, W> {
    /// Hands over the calls whose time came, the longest due first, and ends those whose time is long over. Goes on past a
    /// failure and tells the first one.
    pub(crate) async fn send_due(&self, now: Timestamp) -> Result<(), Refusal> {
        let mut query = Query::all(Table::Calls).with("state", CallState::Queued.word());
        query.order_by = Some("leaves_ms");
        query.limit = limits::DUE_PER_TICK_MAX;
        let mut done = Ok(());
        loop {
            // By pages, so that calls which a stop keeps here do not keep others behind them.
            let page = self.journal.select(query.clone()).await?;
            for record in &page {
                let leaves = Timestamp::from_millis(record.count("leaves_ms"));
                if leaves > now {
                    return done;
                }
                if leaves.plus(limits::OUTBOX_OVERDUE_MAX) <= now {
                    done = done.and(self.never_leaves(record).await);
                } else if let Ok(call) = record.key.parse() {
                    self.put_back_detached(call);
                }
            }
            if page.len() < query.limit {
                return done;
            }
            query.after = page.last().map(|record| record.key.clone());
        }
    }

    async fn never_leaves(&self, record: &Record) -> Result<(), Refusal> {
        let Some(call) = HeldCall::of(record) else { return Ok(()) };
        let refusal = Refusal::new(
            Code::Expired,
            "NOT EXECUTED: it could not leave the outbox in time",
            "propose it again if it is still wanted",
        );
        match self.end_held(&call, (refusal, "time"), (Vec::new(), Vec::new())).await {
            // It left in the meantime, or was withdrawn.
            Err(refusal) if refusal.code == Code::Conflict => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Withdraws a call from the outbox for an operator who was found to have the right.
    pub(super) async fn withdraw_queued(
        &self,
        by: &Operator,
        record: &Record,
    ) -> Result<Answer, Refusal> {
        let call = HeldCall::of(record).ok_or_else(|| Refusal::not_found(&record.key))?;
        let refusal = Refusal::new(
            Code::Withdrawn,
            format!("withdrawn by `{}` before it was sent", by.name),
            "propose it again if it is wanted",
        );
        self.end_held(&call, (refusal, by.name.as_str()), (Vec::new(), Vec::new())).await
    }
}
