//! The order for one command: where it runs, what it sees, and what the ground was when it began.
//!
//! In: a call with its command line, and how it may run. Out: the runner's order, with the layer it stands on and the
//! moment from which changes by others count. Made on a thread that may wait, under the workspace's turn, so that no
//! act is half done when a command begins. Running it is `run.rs`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use contract::path::ROOT;
use domain::{CommandLine, Node, Plan, Profile, limits};
use gate::Invocation;
use runner::{Access, Cache, Limits, Network, Order, Rung};

use super::Bounds;
use super::caches::CacheHome;
use super::git::{GitParts, Locks};
use super::layer::Layer;
use super::lower::{Moment, Over};
use super::problem::Trouble;
use super::remote::RemoteParts;
use crate::files::look::{Allowance, Seen};
use crate::files::problem::{Problem, While};
use crate::files::workspace::checked;
use crate::workspaces::Root;

/// How a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// On the workspace, which it can only read.
    Read,
    /// On an overlay or a copy, without network.
    Preview,
    /// On an overlay or a copy, with the network that its contract names.
    Live,
    /// On the workspace itself, without network: there is no overlay and no copy.
    Direct,
}

/// Everything that is known before a command starts.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) order: Order,
    pub(super) ground: Ground,
    /// Held as long as the command runs on it.
    _layer: Option<Layer>,
}

/// What a command began on.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) over: Over,
    pub(super) since: Moment,
    /// Acts before it began.
    pub(super) sequence: u64,
    /// Paths in the workspace on which caches are mounted.
    pub(super) mounted: Vec<String>,
}

/// What is asked for.
#[derive(Debug)]
pub(super) struct Request<'r> {
    pub(super) root: &'r Arc<Root>,
    pub(super) home: &'r CacheHome,
    pub(super) invocation: &'r Invocation,
    pub(super) command: &'r CommandLine,
    pub(super) mode: Mode,
    pub(super) rung: Rung,
    pub(super) wall: Duration,
    pub(super) bounds: Option<Bounds>,
}

impl Request<'_> {
    /// Makes the order. The caller holds the turn.
    pub(super) fn prepare(&self) -> Result<Prepared, Trouble> {
        let workspace = &self.root.workspace;
        // Before anything is looked at: what changes from here on counts.
        let (since, sequence) = (Moment::now(), self.root.touched.sequence());
        let over = match self.mode {
            Mode::Preview => self.stacked()?,
            Mode::Read | Mode::Live | Mode::Direct => Over::default(),
        };
        let layer = match over.is_empty() {
            true => None,
            false => Some(Layer::make(self.home.layer(), &over, workspace)?),
        };
        let git = self.git()?;
        let remote = match self.mode {
            Mode::Live => Some(RemoteParts::of(self.command)?),
            Mode::Read | Mode::Preview | Mode::Direct => None,
        };
        let (mut mounts, mut network, mut credential) = (Vec::new(), Network::None, Vec::new());
        if let Some(remote) = remote {
            (mounts, network, credential) = (remote.mounts, remote.network, remote.environment);
        }
        let (caches, mounted) = self.caches()?;
        let needs = &self.command.needs;
        let named = needs.environment.iter().map(|(name, value)| (name.clone(), value.clone()));
        let (arguments, variables, covers) = match git {
            Some(git) => (git.arguments(&self.command.arguments), git.environment, git.covers),
            None => (self.command.arguments.clone(), Vec::new(), Vec::new()),
        };
        let order = Order {
            program: PathBuf::from(&self.command.program),
            arguments,
            // The profile's come last: nothing that is named overrides them.
            environment: named.chain(variables).chain(credential).collect(),
            workspace: self.root.path.clone(),
            directory: self.directory(&over)?,
            access: self.access(layer.as_ref()),
            reads: needs.reads.iter().map(PathBuf::from).collect(),
            caches,
            mounts,
            covers,
            network,
            limits: self.limits(),
            rung: self.rung,
        };
        Ok(Prepared { order, ground: Ground { over, since, sequence, mounted }, _layer: layer })
    }

    /// The held plans that the command stands on. Their own ground must not have moved.
    fn stacked(&self) -> Result<Over, Trouble> {
        let plans: &[Plan] = &self.invocation.over;
        if plans.is_empty() {
            return Ok(Over::default());
        }
        match self.rung {
            Rung::Overlay => {}
            Rung::Copy | Rung::Landlock | Rung::Refuse => {
                let why =
                    format!("a jail of the kind `{}` cannot stand on held calls", self.rung.word());
                return Err(Trouble::NoPreview(why));
            }
        }
        let over = Over::of(plans);
        for (path, before) in Over::grounds(plans) {
            if !self.root.workspace.stands(path, before)? {
                return Err(Trouble::File(Problem::ChangedSince(format!(
                    "`{path}` is not as the held call found it, so nothing can be previewed on top of that call"
                ))));
            }
        }
        Ok(over)
    }

    fn git(&self) -> Result<Option<GitParts>, Trouble> {
        match self.command.profile {
            Profile::Plain => Ok(None),
            Profile::Git => {
                match self.rung {
                    Rung::Overlay | Rung::Copy => {}
                    // Its configuration could not be covered.
                    Rung::Landlock | Rung::Refuse => {
                        return Err(Trouble::NoJail(
                            "git needs a jail with namespaces of its own".to_owned(),
                        ));
                    }
                }
                let locks = if self.mode == Mode::Read { Locks::Left } else { Locks::Taken };
                GitParts::of(&self.root.workspace, &self.root.path, self.invocation, locks)
                    .map(Some)
            }
        }
    }

    fn caches(&self) -> Result<(Vec<Cache>, Vec<String>), Trouble> {
        let (mut caches, mut mounted) = (Vec::new(), Vec::new());
        let invocation = self.invocation;
        match self.mode {
            Mode::Preview | Mode::Live => {}
            // What only reads has none, and without mounts there is no place for them.
            Mode::Read | Mode::Direct => return Ok((caches, mounted)),
        }
        for named in &self.command.needs.caches {
            let system = |errno| Problem::system(named, errno, While::Changing);
            let inside = self.root.path.join(named);
            if let Ok(relative) = inside.strip_prefix(&self.root.path) {
                let relative = relative.to_string_lossy();
                mounted.push(checked(&relative)?.as_str().to_owned());
            }
            let owner = self.root.workspace.stat().map_err(system)?;
            let whose = (&invocation.tenant, &invocation.space);
            let outside = self.home.cache(whose, &inside, &owner).map_err(system)?;
            caches.push(Cache { inside, outside });
        }
        Ok((caches, mounted))
    }

    /// Where it starts. Only commands that an operator names say so.
    fn directory(&self, over: &Over) -> Result<PathBuf, Trouble> {
        let named = self.invocation.arguments.get("directory").and_then(serde_json::Value::as_str);
        let named = match self.command.profile {
            Profile::Plain => named.unwrap_or(ROOT),
            Profile::Git => ROOT,
        };
        let path = checked(named)?;
        if path.is_root() {
            return Ok(PathBuf::new());
        }
        let missing = || Problem::NotFound { path: named.to_owned(), hint: String::new() };
        let is_directory = match over.state(path.as_str()) {
            Some(state) => state.is_some_and(|state| matches!(state.node, Node::Directory)),
            None => match self.root.workspace.look(path.as_str(), &mut Allowance::hashes())? {
                Seen::Nothing => return Err(missing().into()),
                Seen::Plain(looked) => matches!(looked.state.node, Node::Directory),
                Seen::Special(_) => false,
            },
        };
        match is_directory {
            true => Ok(Path::new(path.as_str()).to_owned()),
            false => {
                let what = "no directory";
                Err(Problem::NotADirectory { path: named.to_owned(), what }.into())
            }
        }
    }

    fn access(&self, layer: Option<&Layer>) -> Access {
        match (self.mode, self.rung) {
            (Mode::Read, _) => Access::Read,
            (Mode::Direct, _) => Access::Direct,
            (Mode::Preview | Mode::Live, Rung::Copy) => Access::Copy,
            (Mode::Preview | Mode::Live, Rung::Overlay | Rung::Landlock | Rung::Refuse) => {
                let layers = layer.iter().map(|layer| layer.path().to_owned()).collect();
                Access::Overlay { layers }
            }
        }
    }

    fn limits(&self) -> Limits {
        let limits = Limits {
            wall: self.wall,
            // Builds and tests use every processor; a loop on all of them still ends by the wall clock.
            cpu: self.wall.saturating_mul(limits::COMMAND_PROCESSORS_MAX),
            output_bytes: limits::COMMAND_PRINTED_BYTES_MAX,
            upper_bytes: limits::PREVIEW_BYTES_MAX,
            ..Limits::default()
        };
        let Some(bounds) = self.bounds else { return limits };
        let Bounds { upper_bytes, memory_bytes, processes, cpu, .. } = bounds;
        Limits { upper_bytes, memory_bytes, processes, cpu: cpu.min(limits.cpu), ..limits }
    }
}
