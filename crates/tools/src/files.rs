//! Files in workspaces: `files.{read,list,search,write,edit,move,delete}` and `checkrein.undo`.
//!
//! ```text
//! Permit<Preview> -> plan.rs   looks only, and says exactly what would change
//! Permit<Read>    -> reading.rs, search.rs
//! Permit<Act>     -> act.rs -> apply.rs   exactly the committed plan, or nothing of it
//! Unfinished      -> recover.rs   finishes or reverts by digest
//! ```
//! One workspace for each tenant and space (`workspaces.rs`). Acts of one workspace take turns; file work runs on
//! threads that may wait, and a dropped call does not leave an act half done: its thread goes on to the end.
//! Deciding and recording are the gate's. The guide is `docs/guides/files.md`; tests are in `files/tests/`.

pub(crate) mod act;
mod answer;
mod apply;
mod arguments;
mod attributes;
mod cut;
pub(crate) mod diff;
pub(crate) mod look;
pub(crate) mod order;
mod plan;
pub(crate) mod problem;
mod reading;
pub(crate) mod recover;
mod search;
#[cfg(test)]
mod tests;
pub(crate) mod view;
pub(crate) mod workspace;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Name, Plan};
use gate::{
    Act, Invocation, Later, Permit, Preview, Read, Recovered, Reply, Tool, ToolError, Unfinished,
};

use crate::workspaces::{Error, Root, Workspaces, on_a_thread};
use problem::Problem;

/// Kept back from a read's time, so that its answer arrives before the gate gives up.
const ANSWER_TIME: Duration = Duration::from_millis(500);

/// The files tools of all workspaces.
#[derive(Debug)]
pub struct Files {
    workspaces: Arc<Workspaces>,
}

impl Files {
    /// On workspaces of their own, opened as `Workspaces::open` says.
    pub fn new(roots: impl IntoIterator<Item = (Name, Name, PathBuf)>) -> Result<Self, Error> {
        Workspaces::open(roots).map(|opened| Self::of(Arc::new(opened)))
    }

    /// On workspaces that other tools use too.
    pub const fn of(workspaces: Arc<Workspaces>) -> Self {
        Self { workspaces }
    }

    fn root(&self, invocation: &Invocation) -> Result<Arc<Root>, ToolError> {
        self.workspaces.root(&invocation.tenant, &invocation.space)
    }
}

impl Tool for Files {
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        let root = self.root(permit.invocation());
        Box::pin(async move {
            let root = root?;
            let signal = permit.signal();
            let turn = tokio::select! {
                biased;
                turn = Arc::clone(&root.turn).read_owned() => turn,
                stopped = signal.arrived() => return Err(stopped),
            };
            drop(signal);
            let planned = on_a_thread(move || {
                let _turn = turn;
                plan::preview(&root.workspace, permit.invocation())
            });
            planned
                .await
                .unwrap_or_else(|lost| Err(Problem::System { path: ".".to_owned(), why: lost }))
                .map_err(Problem::not_executed)
        })
    }

    fn read(&self, permit: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        let root = self.root(permit.invocation());
        Box::pin(async move {
            let root = root?;
            let deadline = Instant::now() + permit.timeout().saturating_sub(ANSWER_TIME);
            let answered =
                on_a_thread(move || reading::read(&root.workspace, permit.invocation(), deadline));
            answered
                .await
                .unwrap_or_else(|lost| Err(Problem::System { path: ".".to_owned(), why: lost }))
                .map_err(Problem::not_executed)
        })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        let root = self.root(permit.invocation());
        Box::pin(async move {
            let act = |root: &Root, permit: &Permit<Act>, plan: &Plan| {
                let invocation = permit.invocation();
                let effects = root.act(invocation.call, plan, &permit.signal())?;
                Ok(answer::reply(invocation, plan, effects))
            };
            root?.in_turn(permit, act).await
        })
    }

    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered> {
        let root = self.root(&unfinished.invocation);
        Box::pin(async move {
            match root {
                Ok(root) => root.recover_in_turn(unfinished, answer::reply).await,
                Err(error) => Recovered::Unknown { reason: error.message },
            }
        })
    }
}
