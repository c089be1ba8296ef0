//! Commands as tools: `command.run`, the `git` tools, and whatever a contract describes as a command.
//!
//! ```text
//! Permit<Preview> -> run in a jail on an overlay, no network   -> upper layer -> Plan with its execution
//! Permit<Act>     -> apply exactly that plan (files machinery); without one: run with the hosts of the contract,
//!                    or, on a machine that has no preview, on the workspace itself
//! Permit<Read>    -> run on the workspace, which can only be read
//! Unfinished      -> finish or revert the plan; without one nobody can tell
//! ```
//! A changing command runs once. What was shown is what is applied, and the command's output travels with the plan.
//! The jail is `runner`'s; what a command line is comes from `contract`; deciding and recording are the gate's.
//! Tests are in `commands/tests/`, with the real jail.

mod caches;
mod copied;
mod draft;
mod git;
mod layer;
mod live;
mod lower;
mod output;
mod place;
mod problem;
mod remote;
mod run;
#[cfg(test)]
mod tests;
mod upper;

use std::sync::Arc;
use std::time::Duration;

use domain::{Plan, limits};
use gate::{
    Act, Invocation, Later, Permit, Preview, Read, Recovered, Reply, StopSignal, Tool, ToolError,
    Unfinished,
};
use runner::{Jailer, Ladder, Rung};
use tokio::sync::Semaphore;

pub use caches::{CacheError, CacheHome};
use place::Mode;
use problem::Trouble;
use run::{Allowed, Attempt};

use crate::files::act::standing_differs;
use crate::files::problem::Problem;
use crate::workspaces::{Root, Workspaces, on_a_thread};

/// What an operator allows each command, and how many at once. Beside it hold the runner's own bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes that it may write.
    pub upper_bytes: u64,
    /// Memory of its processes together.
    pub memory_bytes: u64,
    /// Its processes and threads at once.
    pub processes: u64,
    /// Processor time of its processes together.
    pub cpu: Duration,
    /// Commands at once; others wait.
    pub at_once: usize,
}

/// The command tools of all workspaces.
#[derive(Debug)]
pub struct Commands {
    workspaces: Arc<Workspaces>,
    jailer: Jailer,
    ladder: Ladder,
    home: Arc<CacheHome>,
    /// Room for commands at the same time, until their plans are made; first come, first served.
    room: Arc<Semaphore>,
    /// The operator's, if there are any.
    bounds: Option<Bounds>,
}

impl Commands {
    /// On workspaces that other tools use too. `ladder` is what the jailer found on this machine.
    pub fn new(
        workspaces: Arc<Workspaces>,
        jailer: Jailer,
        ladder: Ladder,
        home: CacheHome,
    ) -> Self {
        let room = Arc::new(Semaphore::new(limits::COMMANDS_AT_ONCE_MAX));
        Self { workspaces, jailer, ladder, home: Arc::new(home), room, bounds: None }
    }

    /// With the operator's bounds.
    pub fn bounded(self, bounds: Bounds) -> Self {
        Self { room: Arc::new(Semaphore::new(bounds.at_once)), bounds: Some(bounds), ..self }
    }

    /// The plan of a changing command.
    async fn plan(&self, attempt: &Attempt<'_>, approved: Option<&Plan>) -> Result<Plan, Trouble> {
        match self.ladder.rung {
            Rung::Overlay | Rung::Copy => {}
            Rung::Landlock => return Err(Trouble::NoPreview(self.why_not())),
            Rung::Refuse => return Err(self.no_jail()),
        }
        let root = self.root(attempt)?;
        if let Some(approved) = approved
            && still_stands(&root, approved).await?
        {
            return Ok(approved.clone());
        }
        let ran = self.run(attempt, &root, Mode::Preview).await?;
        self.changes(&root, ran).await
    }

    async fn answer(&self, attempt: &Attempt<'_>) -> Result<Reply, Trouble> {
        let root = self.root(attempt)?;
        let ran = self.run(attempt, &root, Mode::Read).await?;
        Ok(output::reply(&ran.execution, Vec::new(), Some(0)))
    }

    fn root(&self, attempt: &Attempt<'_>) -> Result<Arc<Root>, Trouble> {
        let invocation = attempt.invocation;
        self.workspaces.root(&invocation.tenant, &invocation.space).map_err(Trouble::Stopped)
    }
}

/// Whether a plan that people decided on can still be applied as it is.
async fn still_stands(root: &Arc<Root>, approved: &Plan) -> Result<bool, Trouble> {
    if approved.execution.is_none() {
        return Ok(false);
    }
    let (root, approved) = (Arc::clone(root), approved.clone());
    let turn = Arc::clone(&root.turn).read_owned().await;
    let looked = on_a_thread(move || {
        let _turn = turn;
        standing_differs(&root.workspace, &approved)
    });
    Ok(looked.await.map_err(|_| Trouble::Lost)??.is_empty())
}

impl Tool for Commands {
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async move {
            let allowed = || permit.still_allowed();
            let attempt = attempt_of(&permit, &allowed);
            let plan = self.plan(&attempt, permit.approved_plan()).await;
            plan.map_err(Trouble::not_executed)
        })
    }

    fn read(&self, permit: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            let allowed = || permit.still_allowed();
            let attempt = attempt_of(&permit, &allowed);
            self.answer(&attempt).await.map_err(Trouble::not_executed)
        })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            if permit.plan().is_some() {
                return self.apply(permit).await;
            }
            let allowed = || permit.still_allowed();
            let attempt = attempt_of(&permit, &allowed);
            self.without_plan(&attempt).await
        })
    }

    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async move { self.recovered(unfinished).await })
    }
}

impl Commands {
    /// Applies the committed plan, and nothing else.
    async fn apply(&self, permit: Permit<Act>) -> Result<Reply, ToolError> {
        let invocation = permit.invocation();
        let root = self.workspaces.root(&invocation.tenant, &invocation.space)?;
        root.in_turn(permit, |root, permit, plan| {
            apply(root, permit.invocation().call, (plan, &permit.signal()))
        })
        .await
    }

    async fn recovered(&self, unfinished: Unfinished) -> Recovered {
        let Some(plan) = unfinished.plan.as_ref() else {
            // It may have talked to the network, or worked on the workspace itself.
            let reason = "the command ran without a plan, so nobody can tell how far it came";
            return Recovered::Unknown { reason: reason.to_owned() };
        };
        let Some(execution) = plan.execution.clone() else {
            return Recovered::Unknown {
                reason: "its plan tells nothing of the command".to_owned(),
            };
        };
        if plan.changes.is_empty() {
            return Recovered::Happened(output::reply(&execution, Vec::new(), Some(0)));
        }
        let invocation = &unfinished.invocation;
        let root = match self.workspaces.root(&invocation.tenant, &invocation.space) {
            Ok(root) => root,
            Err(error) => return Recovered::Unknown { reason: error.message },
        };
        let reply = move |_: &Invocation, plan: &Plan, effects| {
            output::reply(&execution, effects, Some(plan.changes.len()))
        };
        root.recover_in_turn(unfinished, reply).await
    }
}

/// Applies a plan of a command. One that changes nothing is applied by doing nothing.
fn apply(
    root: &Root,
    call: domain::CallId,
    (plan, signal): (&Plan, &StopSignal),
) -> Result<Reply, ToolError> {
    let execution = plan.execution.as_ref().ok_or_else(|| {
        Problem::PlanInvalid("it tells nothing of the command".to_owned()).not_executed()
    })?;
    let effects = match plan.changes.is_empty() {
        true => Vec::new(),
        false => root.act(call, plan, signal)?,
    };
    Ok(output::reply(execution, effects, Some(plan.changes.len())))
}

fn attempt_of<'p, Kind>(permit: &'p Permit<Kind>, allowed: &'p Allowed<'p>) -> Attempt<'p> {
    let watch = Some(permit.watch());
    let (invocation, timeout, signal) = (permit.invocation(), permit.timeout(), permit.signal());
    Attempt { invocation, timeout, allowed, signal, watch }
}
