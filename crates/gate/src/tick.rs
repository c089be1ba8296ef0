//! What happens by time alone: requests, undo windows and idle runs end; approved detached calls run.
//!
//! The server calls it about once a second. Nothing here is needed for safety: what is due is also looked at
//! where it is used.

use domain::{Outcome, OutcomeStatus};

use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::state::lock;

impl<J: Journal, W: World> Gate<J, W> {
    /// Does what is due. Called about once a second; what fails is tried again at the next call.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn tick(&self) -> Result<(), Refusal> {
        let now = self.world.now();
        self.expire(now).await?;
        self.expire_undo(now).await?;
        for live in self.directory.idle_ambient(now) {
            let outcome = Outcome {
                status: OutcomeStatus::Idle,
                reason: "no call for the idle time of an ambient run".to_owned(),
                metric: None,
                evidence: Vec::new(),
            };
            self.end(&live, outcome).await?;
        }
        let detached = std::mem::take(&mut *lock(&self.detached));
        for call in detached {
            // The answer is journalled; nobody waits for it.
            let _answer = self.resume(call).await;
        }
        Ok(())
    }
}
