//! From what servers offer to contracts in force.
//!
//! ```text
//! tools::mcp::Change -> offer -> sight -> kept definitions, gate.sighted (pins) -> build (contracts, findings) -> fit -> gate.set_rules
//! person: accept, refuse, classify -> gate (pins) -------------------------------^
//! ```
//! In: offers of servers and decisions of people. Out: one version of rules after the other, and what people are shown of
//! each tool. What a server offers is only looked at here: the gate says how its tools stand, and holds back what drifted.
//! Definitions are kept by their digest (`kept`), so that contracts are there at the next start before any server is.
//! Tests: `tests/it/catalogue.rs`.

mod build;
mod fit;
mod kept;
mod pace;
mod sight;
mod specs;
mod task;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contract::Catalogue;
use domain::{Code, Digest, Name, Pin, ToolName, limits};
use gate::{Refusal, Rules};
use serde_json::Value;
use tools::mcp::Offer;

use crate::app::{App, Gate};
use crate::config::{Config, McpServer};

pub(crate) use build::{Built, Described, Standing};
pub(crate) use sight::Sight;
pub(crate) use specs::{means, specs, tokens};
pub(crate) use task::follow;

use fit::Fitted;
use kept::Kept;

/// The contracts that come without a server, and everything that is known of servers' tools.
pub(crate) struct Tools {
    own: Catalogue,
    sources: Vec<policy::Source>,
    servers: Vec<McpServer>,
    kept: Kept,
    /// What is shown of each tool, as of the rules in force.
    shown: Mutex<Arc<Built>>,
    /// What each server offered last, by the name that the tool has here.
    offered: Mutex<BTreeMap<Name, Arc<Sight>>>,
    /// Policies over the contracts that were last in force. Loading them costs as much as there are contracts, and most of what
    /// servers do changes none.
    fitted: Mutex<Option<(Digest, Arc<Fitted>)>>,
    /// Held while rules are made and put into force.
    building: tokio::sync::Mutex<()>,
    /// Held while what is shown is not yet in force.
    swapping: tokio::sync::RwLock<()>,
}

/// Contracts and policies that hold without any server.
pub(crate) struct Own {
    pub(crate) catalogue: Catalogue,
    pub(crate) sources: Vec<policy::Source>,
}

/// What came of a look at a server.
#[derive(Debug, Clone, Copy)]
struct Looked {
    pins_changed: usize,
    /// Whether anything is to be shown or held back that was not before.
    differs: bool,
    /// Whether it is known how its tools stand.
    recorded: bool,
}

/// Rules, with what people are shown of them.
struct Made {
    built: Built,
    rules: Rules,
}

impl Tools {
    /// Opens what is kept of servers' tools, and makes the first rules of it.
    ///
    /// # Errors
    /// Policies that do not fit our own contracts; a directory that cannot be used.
    pub(crate) fn open(
        config: &Config,
        own: Own,
        pins: &[Pin],
    ) -> Result<(Arc<Self>, Rules), Refusal> {
        let directory = config.data_dir.join("definitions");
        let kept = Kept::open(&directory, &in_use(pins)).map_err(|error| {
            let fix = "make the data directory usable for this user";
            Refusal::new(Code::BadConfiguration, error.to_string(), fix)
        })?;
        let tools = Self {
            own: own.catalogue,
            sources: own.sources,
            servers: config.servers.clone(),
            kept,
            shown: Mutex::default(),
            offered: Mutex::default(),
            fitted: Mutex::default(),
            building: tokio::sync::Mutex::default(),
            swapping: tokio::sync::RwLock::default(),
        };
        let Made { built, rules } = tools.made(pins).map_err(|error| bad_policy(&error))?;
        tools.show(built);
        Ok((Arc::new(tools), rules))
    }

    /// Takes note of what a server offers now; rules follow with [`renew`].
    async fn look(self: &Arc<Self>, gate: &Gate, (server, offer): (&Name, Arc<Offer>)) -> Looked {
        let (tools, name) = (Arc::clone(self), server.clone());
        // Reading texts and writing files is work for a thread of its own.
        let seen = tokio::task::spawn_blocking(move || Sight::of(&name, &offer, &tools.kept)).await;
        let mut sight = seen.unwrap_or_else(|error| Sight::troubled(&error.to_string()));
        let mut pins_changed = 0;
        if sight.trouble.is_none() {
            match self.pinned(gate, server, &sight).await {
                Ok(count) => pins_changed = count,
                Err(refusal) => sight.trouble = Some(refusal.message),
            }
        }
        if let Some(trouble) = &sight.trouble {
            tracing::error!(%server, trouble, "nobody knows how the tools of a server stand: none can be called");
        }
        let recorded = sight.trouble.is_none();
        let sight = Arc::new(sight);
        let before = self.lock_offered().insert(server.clone(), Arc::clone(&sight));
        // Nothing else is kept meanwhile: only this task looks at servers.
        self.kept.forget_all_but(&in_use(&gate.pins()));
        let differs = pins_changed > 0 || before.is_none_or(|before| before != sight);
        Looked { pins_changed, differs, recorded }
    }

    /// From now on nobody knows how the tools of a server stand; rules follow with [`renew`].
    fn set_aside(&self, server: &Name, why: &str) {
        self.lock_offered().insert(server.clone(), Arc::new(Sight::troubled(why)));
    }

    async fn pinned(&self, gate: &Gate, server: &Name, sight: &Sight) -> Result<usize, Refusal> {
        let before = gate.pins();
        let before: BTreeMap<&ToolName, &Pin> =
            before.iter().filter(|pin| pin.server == *server).map(|pin| (&pin.tool, pin)).collect();
        let new = sight.tools.keys().filter(|tool| !before.contains_key(tool)).count();
        // A server that makes up names without end would take the room that others need.
        if before.len() + new > limits::SERVER_PINS_MAX {
            let most = limits::SERVER_PINS_MAX;
            let message = format!("the server has offered more than {most} different tools");
            return Err(Refusal::new(
                Code::Oversized,
                message,
                "give it another name in the configuration",
            ));
        }
        let offered: Vec<(ToolName, Digest)> =
            sight.tools.iter().map(|(name, digest)| (name.clone(), *digest)).collect();
        let after = gate.sighted(server, &offered).await?;
        Ok(after.iter().filter(|pin| before.get(&pin.tool) != Some(pin)).count())
    }

    /// As [`Self::shown`], when nothing is on its way into force: what people are told holds for the next call.
    pub(crate) async fn in_force(&self) -> Arc<Built> {
        let _settled = self.swapping.read().await;
        self.shown()
    }

    /// What is known of servers' tools, as of the rules in force, or of those that are being put into force.
    pub(crate) fn shown(&self) -> Arc<Built> {
        Arc::clone(&self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A definition by its digest.
    pub(crate) fn definition(&self, digest: Digest) -> Option<Arc<Value>> {
        self.kept.of(digest)
    }

    /// Whether a server was looked at in this life of the process.
    pub(crate) fn has_seen(&self, server: &Name) -> bool {
        self.lock_offered().contains_key(server)
    }

    /// The servers that were looked at in this life of the process.
    pub(crate) fn seen(&self) -> BTreeSet<Name> {
        self.lock_offered().keys().cloned().collect()
    }

    /// What a server offered last.
    pub(crate) fn sight_of(&self, server: &Name) -> Option<Arc<Sight>> {
        self.lock_offered().get(server).cloned()
    }

    /// A definition of a tool, made into a contract that is in force nowhere.
    pub(crate) fn would_be(&self, pin: &Pin, digest: Digest) -> Option<build::Made> {
        let server = self.servers.iter().find(|server| server.name == pin.server)?;
        let raw = self.kept.of(digest)?;
        Some(build::made(server, &Pin { definition: digest, ..pin.clone() }, &raw))
    }

    fn made(&self, pins: &[Pin]) -> Result<Made, policy::LoadErrors> {
        let before = self.shown();
        let offered = self.lock_offered().clone();
        let (servers, kept) = (&self.servers, &self.kept);
        let mut built =
            build::build(&build::From { servers, pins, kept, offered: &offered, before: &before });
        let catalogue = built.catalogue(&self.own);
        let fitted = self.fitted(&catalogue)?;
        built.hold_back(&fitted.unfit);
        let policies = Arc::clone(&fitted.policies);
        let rules = Rules { catalogue, policies, held_back: built.held_back() };
        Ok(Made { built, rules })
    }

    fn fitted(&self, catalogue: &Catalogue) -> Result<Arc<Fitted>, policy::LoadErrors> {
        let digest = catalogue.digest();
        let known = self.fitted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, fitted)) = known
            && of == digest
        {
            return Ok(fitted);
        }
        let fitted = Arc::new(fit::fit(&self.sources, (&self.own, catalogue))?);
        for (tool, why) in &fitted.unfit {
            tracing::warn!(%tool, why, "a tool is held back: the policies do not fit it");
        }
        let known = Some((digest, Arc::clone(&fitted)));
        *self.fitted.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(fitted)
    }

    fn show(&self, built: Built) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(built);
    }

    fn lock_offered(&self) -> MutexGuard<'_, BTreeMap<Name, Arc<Sight>>> {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the rules again from the pins as they stand, puts them into force, and tells whoever listens.
///
/// # Errors
/// When the store fails; the rules before stay in force then.
pub(crate) async fn renew(app: &App) -> Result<(), Refusal> {
    let _alone = app.tools.building.lock().await;
    let (tools, pins) = (Arc::clone(&app.tools), app.gate.pins());
    // Before the rules are made: these are in them.
    let seen = app.tools.seen();
    let made = tokio::task::spawn_blocking(move || tools.made(&pins)).await;
    let made = made.map_err(|error| {
        let fix = "this is a fault of Checkrein; see the server's log";
        Refusal::new(Code::Internal, error.to_string(), fix)
    })?;
    let Made { built, rules } = made.map_err(|error| bad_policy(&error))?;
    let _unsettled = app.tools.swapping.write().await;
    // Shown first: whoever sees these rules must not be shown what belonged to those before.
    app.tools.show(built);
    app.gate.set_rules(rules).await?;
    app.mcp.changed((&app.gate.rules(), &app.tools.shown()), seen);
    Ok(())
}

/// Definitions that somebody may still want to see or call.
fn in_use(pins: &[Pin]) -> BTreeSet<Digest> {
    let of = |pin: &Pin| [Some(pin.definition), pin.seen];
    pins.iter().flat_map(of).flatten().collect()
}

fn bad_policy(error: &policy::LoadErrors) -> Refusal {
    Refusal::new(
        Code::BadPolicy,
        error.to_string(),
        "correct the policies; `checkrein policy check` shows the same",
    )
}
