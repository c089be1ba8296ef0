//! Commands that have no plan: those that reach the network, and all on a machine without a preview.
//!
//! ```text
//! hosts or a remote -> overlay with network and credential -> upper layer -> inside the scope? -> applied at once
//! landlock rung     -> on the workspace itself, after a person said so; no undo
//! ```
//! Here a command that was killed leaves doubt: nobody knows what it sent before. What it changed in the workspace is
//! applied whole or not at all, except on the Landlock rung, where it works on the files themselves.
//! Tests: `tests/git.rs` and `tests/rungs.rs`.

use std::sync::Arc;

use domain::{Executed, Plan};
use gate::{Reply, ToolError};
use runner::Rung;

use super::Commands;
use super::output;
use super::place::Mode;
use super::problem::Trouble;
use super::run::{Attempt, Ran};
use crate::files::problem::Problem;
use crate::workspaces::{Root, on_a_thread, sight_lost};

impl Commands {
    /// Does a changing call that nobody could preview.
    pub(super) async fn without_plan(&self, attempt: &Attempt<'_>) -> Result<Reply, ToolError> {
        let command = attempt.command().map_err(Trouble::not_executed)?;
        let reaches = !command.needs.hosts.is_empty() || command.remote.is_some();
        match (self.ladder.rung, reaches) {
            (Rung::Overlay | Rung::Copy, true) => self.live(attempt).await,
            (Rung::Landlock, false) => self.direct(attempt).await,
            (Rung::Overlay | Rung::Copy, false) => {
                Err(Problem::PlanInvalid("there is none".to_owned()).not_executed())
            }
            (Rung::Landlock, true) => Err(Trouble::NoNetwork(Rung::Landlock.word()).not_executed()),
            (Rung::Refuse, _) => Err(self.no_jail().not_executed()),
        }
    }

    async fn live(&self, attempt: &Attempt<'_>) -> Result<Reply, ToolError> {
        let root = self.root(attempt).map_err(Trouble::not_executed)?;
        let ran = self.run(attempt, &root, Mode::Live).await.map_err(Trouble::in_doubt)?;
        let execution = ran.execution.clone();
        // From here on it has happened elsewhere; what it leaves in the workspace is a part of it.
        let partly = |error: ToolError| ToolError {
            executed: Executed::Partly,
            message: format!(
                "the command ran and ended with {}, but nothing of it was applied to the workspace: {}",
                execution.exit_code, error.message
            ),
            effects: output::contacts(&execution),
            ..error
        };
        let plan = self
            .left(attempt, &root, ran)
            .await
            .map_err(|trouble| partly(trouble.not_executed()))?;
        (attempt.allowed)().map_err(partly)?;
        let turn = Arc::clone(&root.turn).write_owned().await;
        let (call, signal) = (attempt.invocation.call, attempt.signal.clone());
        let applied = on_a_thread(move || {
            let _turn = turn;
            super::apply(&root, call, (&plan, &signal))
        });
        match applied.await {
            Ok(Err(error)) if error.executed == Executed::No => Err(partly(error)),
            Ok(answered) => answered,
            Err(lost) => Err(sight_lost(lost)),
        }
    }

    /// What a command left in the workspace, if its contract lets it.
    async fn left(
        &self,
        attempt: &Attempt<'_>,
        root: &Arc<Root>,
        ran: Ran,
    ) -> Result<Plan, Trouble> {
        let plan = self.changes(root, ran).await?;
        let outside = plan.outside(&attempt.invocation.scopes).next();
        match outside.map(|change| change.path.clone()) {
            Some(path) => Err(Trouble::OutOfScope(path)),
            None => Ok(plan),
        }
    }

    async fn direct(&self, attempt: &Attempt<'_>) -> Result<Reply, ToolError> {
        let root = self.root(attempt).map_err(Trouble::not_executed)?;
        let ran = self.run(attempt, &root, Mode::Direct).await.map_err(Trouble::in_doubt)?;
        Ok(output::reply(&ran.execution, Vec::new(), None))
    }
}
