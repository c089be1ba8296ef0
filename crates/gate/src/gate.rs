//! The gate itself: what it is made of, and how it is opened.
//!
//! Everything it holds in memory is a cache of the journal or dies with the process without harm.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, RwLock};

use contract::{Catalogue, Masker};
use domain::{Amounts, CallId, Code, Name, OnExceeded, Space, ToolName, Workflow};
use policy::PolicySet;

use crate::journey::OPERATOR_WORKFLOW;
use crate::people::ApprovalRules;
use crate::port::{Journal, Tool, World};
use crate::refusal::Refusal;
use crate::state::asks::Asks;
use crate::state::directory::Directory;
use crate::state::live::Live;
use crate::state::people::People;
use crate::state::pins::Pins;
use crate::state::purse::Purse;
use crate::state::receipts::{Kills, Receipts};
use crate::state::stops::Stops;
use crate::watch::Outputs;
use crate::{RecoveryReport, recovery, watch};

/// One version of contracts and policies: what a decision is made with. Never changes.
#[derive(Debug)]
pub struct Rules {
    /// The contracts.
    pub catalogue: Catalogue,
    /// The policies.
    pub policies: Arc<PolicySet>,
    /// Tools of the catalogue that may not be called, with what is said of them.
    pub held_back: BTreeMap<ToolName, HeldBack>,
}

impl Rules {
    /// Contracts and policies with nothing held back.
    pub fn new(catalogue: Catalogue, policies: impl Into<Arc<PolicySet>>) -> Self {
        Self { catalogue, policies: policies.into(), held_back: BTreeMap::new() }
    }
}

/// Why a tool is held back: what its caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The code.
    pub code: Code,
    /// What happened and what was expected. Safe to show.
    pub message: String,
    /// What to do next.
    pub fix: String,
}

/// What a gate is made of.
pub struct Setup<J, W> {
    /// The durable log.
    pub journal: J,
    /// The clock and fresh ids.
    pub world: W,
    /// Contracts and policies in force.
    pub rules: Rules,
    /// Tools by exact name, or by prefix where it ends in a dot (`files.`).
    pub tools: Vec<(String, Arc<dyn Tool>)>,
    /// Spaces with the mode they have until somebody switches it.
    pub spaces: Vec<Space>,
    /// Workflows; the first is the one of ambient runs.
    pub workflows: Vec<Workflow>,
    /// The budget of each grant and day.
    pub grant_day: (Amounts<Option<u64>>, OnExceeded),
    /// Known credential values, to be masked.
    pub secrets: Vec<String>,
    /// Absolute paths of workspaces by tenant and space, so that absolute arguments can be understood.
    pub workspace_roots: Vec<(Name, Name, String)>,
    /// How people decide.
    pub approvals: ApprovalRules,
}

/// The one way to a tool. See `journey.rs` for the path of a call.
pub struct Gate<J, W> {
    pub(crate) journal: J,
    pub(crate) world: W,
    pub(crate) rules: RwLock<Arc<Rules>>,
    /// Held while new rules are recorded and put into force: of two at once the later recorded ones stand.
    pub(crate) changing_rules: tokio::sync::Mutex<()>,
    pub(crate) tools: Vec<(String, Arc<dyn Tool>)>,
    pub(crate) spaces: RwLock<Vec<Space>>,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) grant_day: (Amounts<Option<u64>>, OnExceeded),
    pub(crate) masker: Masker,
    pub(crate) workspace_roots: Vec<(Name, Name, String)>,
    pub(crate) approvals: ApprovalRules,
    pub(crate) asks: Asks,
    pub(crate) stops: Arc<Stops>,
    /// Receipts of stops that are being made.
    pub(crate) receipts: Receipts,
    /// Kills that were planned and not confirmed.
    pub(crate) kills: Kills,
    pub(crate) pins: Pins,
    pub(crate) outputs: Arc<Outputs>,
    pub(crate) live: Live,
    pub(crate) purse: Purse,
    pub(crate) directory: Directory,
    pub(crate) people: People,
    /// Approved calls that run although nobody waits for them.
    pub(crate) detached: Mutex<Vec<CallId>>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Opens a gate: reads what is known and in force, records the rules' versions, and finds out what
    /// became of calls that were admitted when the last process ended.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn open(setup: Setup<J, W>) -> Result<(Self, RecoveryReport), Refusal> {
        let masker = watch::masker(&setup.secrets)?;
        let outputs = Outputs::new(masker.clone());
        if setup.workflows.iter().any(|workflow| workflow.name.as_str() == OPERATOR_WORKFLOW) {
            let message = format!(
                "a workflow is named `{OPERATOR_WORKFLOW}`, which stands for operators' own acts"
            );
            return Err(Refusal::configuration(message));
        }
        let gate = Self {
            journal: setup.journal,
            world: setup.world,
            rules: RwLock::new(Arc::new(setup.rules)),
            changing_rules: tokio::sync::Mutex::default(),
            tools: setup.tools,
            spaces: RwLock::new(setup.spaces),
            workflows: setup.workflows,
            grant_day: setup.grant_day,
            masker,
            workspace_roots: setup.workspace_roots,
            approvals: setup.approvals,
            asks: Asks::default(),
            stops: Arc::default(),
            receipts: Receipts::default(),
            kills: Kills::default(),
            pins: Pins::default(),
            outputs: Arc::new(outputs),
            live: Live::default(),
            purse: Purse::default(),
            directory: Directory::default(),
            people: People::default(),
            detached: Mutex::default(),
        };
        recovery::load(&gate).await?;
        gate.record_rules(&gate.rules()).await?;
        let report = recovery::recover(&gate).await?;
        Ok((gate, report))
    }

    /// The durable log, for reading.
    pub fn journal(&self) -> &J {
        &self.journal
    }

    /// What takes secrets out of everything that is kept and answered; a clone learns with it.
    pub fn masker(&self) -> Masker {
        self.masker.clone()
    }

    /// The contracts and policies in force.
    pub fn rules(&self) -> Arc<Rules> {
        let rules = self.rules.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(&rules)
    }

    pub(crate) fn tool(&self, name: &ToolName) -> Option<Arc<dyn Tool>> {
        let serves = |pattern: &str| {
            if pattern.ends_with('.') {
                name.as_str().starts_with(pattern)
            } else {
                name.as_str() == pattern
            }
        };
        self.tools.iter().find(|(pattern, _)| serves(pattern)).map(|(_, tool)| Arc::clone(tool))
    }

    pub(crate) fn space(&self, name: &Name) -> Option<Space> {
        let spaces = self.spaces.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        spaces.iter().find(|space| space.name == *name).cloned()
    }

    pub(crate) fn workflow(&self, name: &Name) -> Option<&Workflow> {
        self.workflows.iter().find(|workflow| workflow.name == *name)
    }

    pub(crate) fn workspace_root(&self, tenant: &Name, space: &Name) -> Option<&str> {
        let root = self
            .workspace_roots
            .iter()
            .find(|(owner, within, _)| owner == tenant && within == space);
        root.map(|(_, _, path)| path.as_str())
    }
}

impl<J, W> std::fmt::Debug for Gate<J, W> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Gate").field("stops", &self.stops).finish_non_exhaustive()
    }
}
