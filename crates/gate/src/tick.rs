//! What happens by time alone: requests, undo windows and idle runs end; approved detached calls run.
//!
//! The server calls it about once a second. Nothing here is needed for safety: what is due is also looked at
//! where it is used.

use domain::{CallId, CallState, Outcome, OutcomeStatus, Status};

use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::state::lock;
use crate::table::Table;

impl<J: Journal, W: World> Gate<J, W> {
    /// Does what is due: moves the clocks, then runs approved detached calls and looks at calls in doubt, one after the other. For callers
    /// with a thread of their own for it; a server calls the parts, so that no call holds up the clocks.
    ///
    /// # Errors
    /// As for `move_clocks`.
    pub async fn tick(&self) -> Result<(), Refusal> {
        let moved = self.move_clocks().await;
        for call in self.take_detached() {
            self.run_detached(call).await;
        }
        for call in self.take_probes() {
            self.probe_due(call).await;
        }
        moved
    }

    /// Ends requests, undo windows and idle runs whose time is over, and calls people to calls that are in doubt too long. Called about once a second; what fails
    /// holds up nothing else and is tried again at the next call.
    ///
    /// # Errors
    /// The first failure to read or write the store.
    pub async fn move_clocks(&self) -> Result<(), Refusal> {
        let now = self.world.now();
        let mut done = self.expire(now).await;
        done = done.and(self.escalate(now).await);
        done = done.and(self.expire_undo(now).await);
        done = done.and(self.send_due(now).await);
        done = done.and(self.move_sessions(now).await);
        done = done.and(self.letter_doubts(now).await);
        for live in self.directory.idle_ambient(now) {
            let outcome = Outcome {
                status: OutcomeStatus::Idle,
                reason: "no call for the idle time of an ambient run".to_owned(),
                metric: None,
                evidence: Vec::new(),
            };
            done = done.and(self.end(&live, outcome).await);
        }
        done
    }

    /// The approved detached calls that are to be run now; whoever takes them runs each or puts it back.
    pub fn take_detached(&self) -> Vec<CallId> {
        std::mem::take(&mut *lock(&self.detached))
    }

    /// Keeps a detached call for a later `take_detached`. Held calls are bounded per grant, and so are these.
    pub fn put_back_detached(&self, call: CallId) {
        let mut detached = lock(&self.detached);
        if !detached.contains(&call) {
            detached.push(call);
        }
    }

    /// Runs a detached call; its answer is journalled. One that could not be taken up, and is approved and
    /// held all the same, is tried again later, until its approval ends.
    pub async fn run_detached(&self, call: CallId) {
        let ended = self.resume(call).await.is_some_and(|answer| answer.status != Status::Held);
        if !ended && self.waits_approved(call).await.unwrap_or(true) {
            self.put_back_detached(call);
        }
    }

    async fn waits_approved(&self, call: CallId) -> Result<bool, Refusal> {
        let record = self.journal.read(Table::Calls, &call.to_string()).await?;
        let held = record.is_some_and(|record| record.text("state") == CallState::Held.word());
        Ok(held && self.all_decided(call).await?)
    }
}
