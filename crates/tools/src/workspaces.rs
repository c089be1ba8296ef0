//! The workspaces of all tenants and spaces, opened once and shared by every way to change files.
//!
//! Directories go in, named by tenant and space; out comes a root: the open workspace, its turn and the log of what
//! acts touched. Files and commands share one `Workspaces`, so that their acts take turns and a preview which runs
//! for minutes learns what others changed meanwhile. What may be done with a path is not decided here: see
//! `files/workspace.rs`. That no root holds the data directory is the server's to check. Tests: `touched.rs`, and
//! `files/tests/escapes.rs` for what is refused as a workspace.

mod touched;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{CallId, Effect, Executed, Name, Plan};
use gate::{Act, Invocation, Permit, Recovered, Reply, StopSignal, ToolError, Unfinished};
use tokio::sync::RwLock;

use crate::files::act;
use crate::files::problem::Problem;
use crate::files::recover;
use crate::files::workspace::{OpenError, Workspace};
pub(crate) use touched::Touched;

const OTHERS_WRITE: u32 = 0o002;

/// Why a workspace cannot be used. The operator's to repair.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Missing, no directory, or not readable.
    #[error("the workspace `{path}` cannot be opened: {why}; expected an existing directory")]
    Open {
        /// As configured.
        path: String,
        /// The reason.
        why: String,
    },
    /// The kernel or the file system lacks what exact path rules need.
    #[error("the workspace `{path}` cannot be kept apart safely: {why}")]
    Unsafe {
        /// As configured.
        path: String,
        /// The reason.
        why: String,
    },
    /// A tenant's space has two workspaces.
    #[error("tenant `{tenant}` has two workspaces in space `{space}`; expected one")]
    Twice {
        /// The tenant.
        tenant: Name,
        /// The space.
        space: Name,
    },
    /// One workspace lies inside another, so that its files could be reached under two rules.
    #[error(
        "the workspace `{inner}` lies inside the workspace `{outer}`; expected separate directories"
    )]
    Nested {
        /// The inner one.
        inner: String,
        /// The outer one.
        outer: String,
    },
}

/// All workspaces, by tenant and space.
#[derive(Debug)]
pub struct Workspaces {
    roots: HashMap<(Name, Name), Arc<Root>>,
}

/// One workspace with what its users share.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) workspace: Workspace,
    /// Where it really is: absolute, without links.
    pub(crate) path: PathBuf,
    /// Acts alone, looks together: no preview sees an act's middle. Not held while a command runs.
    pub(crate) turn: Arc<RwLock<()>>,
    /// What acts touched, for previews that ran meanwhile.
    pub(crate) touched: Touched,
}

impl Workspaces {
    /// Opens the workspaces, each an existing directory, named by tenant and space. The same directory may serve
    /// several; one inside another is refused.
    pub fn open(roots: impl IntoIterator<Item = (Name, Name, PathBuf)>) -> Result<Self, Error> {
        let mut opened: HashMap<(Name, Name), Arc<Root>> = HashMap::new();
        for (tenant, space, path) in roots {
            let root = match known(opened.values(), &path)? {
                Some(root) => root,
                None => Arc::new(Root::open(&path)?),
            };
            let key = (tenant.clone(), space.clone());
            if opened.insert(key, root).is_some() {
                return Err(Error::Twice { tenant, space });
            }
        }
        Ok(Self { roots: opened })
    }

    /// The root of a tenant's space.
    pub(crate) fn root(&self, tenant: &Name, space: &Name) -> Result<Arc<Root>, ToolError> {
        self.roots.get(&(tenant.clone(), space.clone())).cloned().ok_or_else(|| {
            let (tenant, space) = (tenant.to_string(), space.to_string());
            Problem::NoWorkspace { tenant, space }.not_executed()
        })
    }
}

impl Root {
    /// Opens an existing directory.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let real = resolved(path)?;
        let shown = path.display().to_string();
        let workspace = Workspace::open(&real).map_err(|error| match error {
            OpenError::System(errno) => Error::Open { path: shown.clone(), why: errno.to_string() },
            OpenError::NoOpenat2 | OpenError::CaseFolding => {
                Error::Unsafe { path: shown.clone(), why: error.to_string() }
            }
        })?;
        if workspace.stat().is_ok_and(|stat| stat.st_mode & OTHERS_WRITE != 0) {
            tracing::warn!(path = %shown, "every user of this machine may write to this workspace");
        }
        Ok(Self { workspace, path: real, turn: Arc::default(), touched: Touched::default() })
    }

    /// Does what a permit with a plan allows, when its turn has come.
    pub(crate) async fn in_turn(
        self: Arc<Self>,
        permit: Permit<Act>,
        work: impl FnOnce(&Self, &Permit<Act>, &Plan) -> Result<Reply, ToolError> + Send + 'static,
    ) -> Result<Reply, ToolError> {
        let signal = permit.signal();
        let turn = tokio::select! {
            biased;
            turn = Arc::clone(&self.turn).write_owned() => turn,
            stopped = signal.arrived() => return Err(stopped),
        };
        drop(signal);
        let acted = on_a_thread(move || {
            let _turn = turn;
            let Some(plan) = permit.plan() else {
                return Err(Problem::PlanInvalid("there is none".to_owned()).not_executed());
            };
            // Others had their turn before: a stop may have come meanwhile.
            permit.still_allowed()?;
            work(&self, &permit, plan)
        });
        acted.await.unwrap_or_else(|lost| Err(sight_lost(lost)))
    }

    /// Recovers in its turn: an act whose caller went away may still be at work, and ends first.
    pub(crate) async fn recover_in_turn(
        self: Arc<Self>,
        unfinished: Unfinished,
        reply: impl FnOnce(&Invocation, &Plan, Vec<Effect>) -> Reply + Send + 'static,
    ) -> Recovered {
        let turn = Arc::clone(&self.turn).write_owned().await;
        let recovered = on_a_thread(move || {
            let _turn = turn;
            let reply = |plan: &Plan, effects| reply(&unfinished.invocation, plan, effects);
            self.recover(&unfinished, reply)
        });
        recovered.await.unwrap_or_else(|reason| Recovered::Unknown { reason })
    }

    /// Applies a plan, or nothing of it, and says what changed. A stop that comes meanwhile takes back what was done. The
    /// caller holds the turn.
    pub(crate) fn act(
        &self,
        call: CallId,
        plan: &Plan,
        signal: &StopSignal,
    ) -> Result<Vec<Effect>, ToolError> {
        // Before the first change: also an act that is taken back was seen by a command that ran meanwhile.
        self.touched.note(plan);
        act::act_unless_stopped(&self.workspace, call, plan, signal)
    }

    /// After a crash: finishes or reverts a plan. `reply` makes the answer to an act that happened. The caller holds
    /// the turn.
    pub(crate) fn recover(
        &self,
        unfinished: &Unfinished,
        reply: impl FnOnce(&Plan, Vec<Effect>) -> Reply,
    ) -> Recovered {
        if let Some(plan) = &unfinished.plan {
            self.touched.note(plan);
        }
        recover::recover(&self.workspace, unfinished, reply)
    }
}

/// Work on files that broke off: nobody knows how far it came.
pub(crate) fn sight_lost(message: String) -> ToolError {
    ToolError {
        kind: gate::ToolErrorKind::Failed,
        executed: Executed::Unknown,
        message,
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

/// Runs file work where waiting hurts nobody. The error says that the work broke off.
pub(crate) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| "the work on files broke off inside checkrein; see its log".to_owned())
}

/// The root that is opened already at this very directory.
fn known<'a>(
    mut opened: impl Iterator<Item = &'a Arc<Root>>,
    path: &Path,
) -> Result<Option<Arc<Root>>, Error> {
    let real = resolved(path)?;
    let overlap = opened.find(|root| real.starts_with(&root.path) || root.path.starts_with(&real));
    let Some(root) = overlap else { return Ok(None) };
    if root.path == real {
        return Ok(Some(Arc::clone(root)));
    }
    let (mut inner, mut outer) = (real.display().to_string(), root.path.display().to_string());
    if inner.len() < outer.len() {
        std::mem::swap(&mut inner, &mut outer);
    }
    Err(Error::Nested { inner, outer })
}

fn resolved(path: &Path) -> Result<PathBuf, Error> {
    std::fs::canonicalize(path).map_err(|error| Error::Open {
        path: path.display().to_string(),
        why: error.kind().to_string(),
    })
}
