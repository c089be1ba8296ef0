//! The stops in force. A stop acts here first and is recorded second, so that once its command returned no
//! call of this process starts an effect in its scope (P5). Work under way in its scope is told at the same moment
//! (`stops/under_way.rs`).

mod under_way;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::{
    CallId, Executed, Fence, Name, PrincipalChain, RunId, Stop, StopId, StopLevel, StopScope,
    ToolName,
};

use super::lock;
use crate::port::{ToolError, ToolErrorKind};
pub(crate) use under_way::{Counts, Ordered, Reached, UnderWay};
pub use under_way::{StopSignal, Teller};
use under_way::{Told, Working};

#[derive(Debug, Default)]
pub(crate) struct Stops {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    in_force: Vec<Stop>,
    fence: Fence,
    /// Stops that are known to be recorded. Behind the fence while a record is under way or has failed.
    recorded: u64,
    /// Permits that are out, each until it is dropped.
    under_way: BTreeMap<u64, Working>,
    /// Permits given out since the process began.
    permits: u64,
}

/// What a stop could be meant for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) chain: &'a PrincipalChain,
    pub(crate) workflow: &'a Name,
    pub(crate) tool: &'a ToolName,
    /// The server that the tool is reached through.
    pub(crate) server: Option<&'a Name>,
    pub(crate) run: RunId,
    pub(crate) ambient: bool,
    pub(crate) call: CallId,
}

/// Whom a permit is for: what stops are compared with as long as it is out.
#[derive(Debug)]
pub(crate) struct Whom {
    pub(crate) chain: PrincipalChain,
    pub(crate) workflow: Name,
    pub(crate) tool: ToolName,
    pub(crate) server: Option<Name>,
    pub(crate) run: RunId,
    pub(crate) ambient: bool,
    pub(crate) call: CallId,
    /// The stop that ordered this very act.
    pub(crate) but: Option<StopId>,
}

impl Whom {
    fn target(&self) -> Target<'_> {
        let Self { chain, workflow, tool, server, run, ambient, call, but: _ } = self;
        let (server, run, ambient, call) = (server.as_ref(), *run, *ambient, *call);
        Target { chain, workflow, tool, server, run, ambient, call }
    }
}

/// What a permit needs to look at the stops once more.
#[derive(Debug, Clone)]
pub(crate) struct Leave {
    pub(crate) stops: Arc<Stops>,
    pub(crate) whom: Arc<Whom>,
}

impl Leave {
    pub(crate) fn look(&self) -> Result<(), ToolError> {
        let Some(stop) = self.stops.forbids_effect(self.whom.target(), self.whom.but) else {
            return Ok(());
        };
        Err(stopped(&stop))
    }

    /// From here on the permit is out: a stop that covers it tells it so.
    pub(crate) fn begin(&self) -> UnderWay {
        UnderWay::begin(&self.stops, &self.whom)
    }
}

/// What a tool says when a stop was faster.
fn stopped(stop: &Stop) -> ToolError {
    ToolError {
        kind: ToolErrorKind::Stopped,
        executed: Executed::No,
        message: format!("{} is stopped ({}): {}", stop.scope, stop.level, stop.reason),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

impl Stops {
    pub(crate) fn load(&self, in_force: Vec<Stop>, fence: Fence) {
        let mut inner = lock(&self.inner);
        (inner.in_force, inner.fence, inner.recorded) = (in_force, fence, fence.0);
    }

    /// What the stored epoch must be for a commit, asked before looking at the stops: one that is ordered
    /// after the look is recorded after it too, and then the guard does not hold.
    pub(crate) fn recorded(&self) -> u64 {
        lock(&self.inner).recorded
    }

    /// A stop's record is durable.
    pub(crate) fn record(&self) {
        lock(&self.inner).recorded += 1;
    }

    pub(crate) fn fence(&self) -> Fence {
        lock(&self.inner).fence
    }

    /// Puts a stop into force, raises the fence, and tells all work under way that it ends.
    pub(crate) fn order(&self, stop: Stop) -> Ordered {
        let mut inner = lock(&self.inner);
        inner.in_force.push(stop.clone());
        inner.fence = inner.fence.raised();
        let counts = Arc::new(Counts::default());
        let mut reached = Vec::new();
        if stop.level.cancels() {
            let told = Told { stop: stop.clone(), counts: Arc::clone(&counts) };
            let meant = inner.under_way.values().filter(|working| working.is_meant(&stop));
            reached.extend(meant.map(|working| working.tell(told.clone())));
        }
        Ordered { fence: inner.fence, reached, counts }
    }

    /// Takes a stop out of force. The fence stays where it is.
    pub(crate) fn lift(&self, id: StopId) -> Option<Stop> {
        let mut inner = lock(&self.inner);
        let place = inner.in_force.iter().position(|stop| stop.id == id)?;
        Some(inner.in_force.swap_remove(place))
    }

    pub(crate) fn all(&self) -> Vec<Stop> {
        lock(&self.inner).in_force.clone()
    }

    /// The stop that forbids a new effect of this target, if any. A stop named in `but` does not count:
    /// it ordered the very act.
    pub(crate) fn forbids_effect(&self, target: Target<'_>, but: Option<StopId>) -> Option<Stop> {
        let inner = lock(&self.inner);
        let forbids = |stop: &&Stop| {
            Some(stop.id) != but
                && covers(&stop.scope, target)
                && match stop.level {
                    StopLevel::Suspend | StopLevel::Kill => true,
                    // A pause lets open runs finish, but nothing new starts where there is no run to finish or
                    // the run itself is meant.
                    StopLevel::Pause => {
                        target.ambient
                            || matches!(
                                stop.scope,
                                StopScope::Tool(_)
                                    | StopScope::Server(_)
                                    | StopScope::Run(_)
                                    | StopScope::Call(_)
                            )
                    }
                }
        };
        inner.in_force.iter().find(forbids).cloned()
    }

    /// Whether nobody may go on telling this principal what it reads with a tool: a suspension of either. Runs and
    /// workflows are stopped call by call.
    pub(crate) fn silences(
        &self,
        chain: &PrincipalChain,
        (tool, server): (&ToolName, Option<&Name>),
    ) -> bool {
        let meant = |scope: &StopScope| match scope {
            StopScope::Everything => true,
            StopScope::Tenant(tenant) => *tenant == chain.tenant,
            StopScope::Agent(tenant, name) => *tenant == chain.tenant && in_chain(chain, name),
            StopScope::Tool(name) => name == tool,
            StopScope::Server(name) => Some(name) == server,
            StopScope::Workflow(..) | StopScope::Run(_) | StopScope::Call(_) => false,
        };
        let silences = |stop: &Stop| stop.level.cancels() && meant(&stop.scope);
        lock(&self.inner).in_force.iter().any(silences)
    }

    /// The stop that holds for a whole tool server, if any: nobody talks with it then.
    pub(crate) fn of_server(&self, server: &Name) -> Option<Stop> {
        let meant = |stop: &&Stop| {
            stop.level.cancels() && matches!(&stop.scope, StopScope::Server(name) if name == server)
        };
        lock(&self.inner).in_force.iter().find(meant).cloned()
    }

    /// The stop that forbids a new run, if any.
    pub(crate) fn forbids_run(&self, chain: &PrincipalChain, workflow: &Name) -> Option<Stop> {
        let forbids = |stop: &&Stop| match &stop.scope {
            StopScope::Everything => true,
            StopScope::Tenant(tenant) => *tenant == chain.tenant,
            StopScope::Workflow(tenant, name) => *tenant == chain.tenant && name == workflow,
            StopScope::Agent(tenant, name) => *tenant == chain.tenant && *name == chain.agent.name,
            StopScope::Tool(_) | StopScope::Server(_) | StopScope::Run(_) | StopScope::Call(_) => {
                false
            }
        };
        lock(&self.inner).in_force.iter().find(forbids).cloned()
    }
}

fn in_chain(chain: &PrincipalChain, name: &Name) -> bool {
    chain.agent.name == *name || chain.parents.iter().any(|parent| parent.name == *name)
}

/// Whether a scope covers a target. An agent's scope covers its children too.
pub(crate) fn covers(scope: &StopScope, target: Target<'_>) -> bool {
    let Target { chain, workflow, tool, server, run, call, .. } = target;
    match scope {
        StopScope::Everything => true,
        StopScope::Tenant(tenant) => *tenant == chain.tenant,
        StopScope::Workflow(tenant, name) => *tenant == chain.tenant && name == workflow,
        StopScope::Agent(tenant, name) => *tenant == chain.tenant && in_chain(chain, name),
        StopScope::Tool(name) => name == tool,
        StopScope::Server(name) => Some(name) == server,
        StopScope::Run(id) => *id == run,
        StopScope::Call(id) => *id == call,
    }
}
