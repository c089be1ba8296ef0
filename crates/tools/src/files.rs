//! Files in workspaces: `files.{read,list,search,write,edit,move,delete}` and `checkrein.undo`.
//!
//! ```text
//! Permit<Preview> -> plan.rs   looks only, and says exactly what would change
//! Permit<Read>    -> reading.rs, search.rs
//! Permit<Act>     -> act.rs -> apply.rs   exactly the committed plan, or nothing of it
//! Unfinished      -> recover.rs   finishes or reverts by digest
//! ```
//! One workspace for each tenant and space. Acts of one workspace take turns; file work runs on threads that may
//! wait, and a dropped call does not leave an act half done: its thread goes on to the end. Deciding and
//! recording are the gate's. The guide is `docs/guides/files.md`; tests are in `files/tests/`.

mod act;
mod apply;
mod arguments;
mod attributes;
mod diff;
mod look;
mod plan;
mod problem;
mod reading;
mod recover;
mod search;
#[cfg(test)]
mod tests;
mod workspace;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Executed, Name, Plan};
use gate::{
    Act, Invocation, Later, Permit, Preview, Read, Recovered, Reply, Tool, ToolError,
    ToolErrorKind, Unfinished,
};
use tokio::sync::RwLock;

use problem::Problem;
use workspace::{OpenError, Workspace};

/// Kept back from a read's time, so that its answer arrives before the gate gives up.
const ANSWER_TIME: Duration = Duration::from_millis(500);
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

/// The files tools of all workspaces.
#[derive(Debug)]
pub struct Files {
    roots: HashMap<(Name, Name), Arc<Root>>,
}

#[derive(Debug)]
struct Root {
    workspace: Workspace,
    path: PathBuf,
    /// Acts alone, previews together: no preview sees an act's middle.
    turn: Arc<RwLock<()>>,
}

impl Files {
    /// Opens the workspaces, each an existing directory, named by tenant and space. The same directory may serve
    /// several; one inside another is refused. That none holds the data directory is the server's to check.
    pub fn new(roots: impl IntoIterator<Item = (Name, Name, PathBuf)>) -> Result<Self, Error> {
        let mut opened: HashMap<(Name, Name), Arc<Root>> = HashMap::new();
        for (tenant, space, path) in roots {
            let root = match known(opened.values(), &path)? {
                Some(root) => root,
                None => Arc::new(open(&path)?),
            };
            let key = (tenant.clone(), space.clone());
            if opened.insert(key, root).is_some() {
                return Err(Error::Twice { tenant, space });
            }
        }
        Ok(Self { roots: opened })
    }

    fn root(&self, invocation: &Invocation) -> Result<Arc<Root>, ToolError> {
        let key = (invocation.tenant.clone(), invocation.space.clone());
        self.roots.get(&key).cloned().ok_or_else(|| {
            let (tenant, space) = (key.0.to_string(), key.1.to_string());
            Problem::NoWorkspace { tenant, space }.not_executed()
        })
    }
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

fn open(path: &Path) -> Result<Root, Error> {
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
    Ok(Root { workspace, path: real, turn: Arc::default() })
}

impl Tool for Files {
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        let root = self.root(permit.invocation());
        Box::pin(async move {
            let root = root?;
            let turn = Arc::clone(&root.turn).read_owned().await;
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
            let root = root?;
            let turn = Arc::clone(&root.turn).write_owned().await;
            let acted = on_a_thread(move || {
                let _turn = turn;
                let Some(plan) = permit.plan() else {
                    return Err(Problem::PlanInvalid("there is none".to_owned()).not_executed());
                };
                // Others had their turn before: a stop may have come meanwhile.
                permit.still_allowed()?;
                act::act(&root.workspace, permit.invocation(), plan)
            });
            acted.await.unwrap_or_else(|lost| Err(sight_lost(lost)))
        })
    }

    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered> {
        let root = self.root(&unfinished.invocation);
        Box::pin(async move {
            let root = match root {
                Ok(root) => root,
                Err(error) => return Recovered::Unknown { reason: error.message },
            };
            // An act whose caller went away may still be at work: it ends first.
            let turn = Arc::clone(&root.turn).write_owned().await;
            let recovered = on_a_thread(move || {
                let _turn = turn;
                recover::recover(&root.workspace, &unfinished)
            });
            recovered.await.unwrap_or_else(|reason| Recovered::Unknown { reason })
        })
    }
}

/// Runs file work where waiting hurts nobody. The error says that the work broke off.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| "the work on files broke off inside checkrein; see its log".to_owned())
}

fn sight_lost(message: String) -> ToolError {
    ToolError {
        kind: ToolErrorKind::Failed,
        executed: Executed::Unknown,
        message,
        own_code: None,
        effects: Vec::new(),
    }
}
