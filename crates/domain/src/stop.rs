//! Stops: pause, suspend and kill, by scope, with a fence that nothing admitted earlier can pass.
//!
//! *Pause* lets open work finish and starts nothing new. *Suspend* lets no new effect start at all and cancels work
//! under way. *Kill* also ends runs and held calls, and can take back acts. Each
//! stop raises the epoch of the fence; a permit carries the epoch at which it was admitted, and dispatch
//! looks again right before the tool is reached (P5).

use crate::contract::words;
use crate::{CallId, Name, RunId, StopId, Timestamp, ToolName};

/// How hard a stop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopLevel {
    /// No new run starts; runs that are open may finish. For an ambient run, a tool or a call: no new call.
    Pause,
    /// No new effect starts; work under way is cancelled, and its outcome still observed; state is kept.
    Suspend,
    /// As suspend; open runs end, held calls are cancelled, and acts are taken back if that was ordered with it.
    Kill,
}

/// What a stop is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopScope {
    /// Everything.
    Everything,
    /// One tenant.
    Tenant(Name),
    /// One workflow of a tenant.
    Workflow(Name, Name),
    /// One agent of a tenant, all versions.
    Agent(Name, Name),
    /// One tool, for everybody.
    Tool(ToolName),
    /// All tools of one tool server, for everybody.
    Server(Name),
    /// One run.
    Run(RunId),
    /// One call.
    Call(CallId),
}

/// One stop order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its id.
    pub id: StopId,
    /// What it stops.
    pub scope: StopScope,
    /// How hard.
    pub level: StopLevel,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// Whether it holds.
    pub state: StopState,
}

/// Life of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopState {
    /// Holds.
    InForce,
    /// A person lifted it.
    Lifted,
}

/// What can happen to a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopEvent {
    /// A person lifted it.
    Lifted,
}

impl StopLevel {
    /// Whether it ends work that is under way, and not only what would be new.
    pub const fn cancels(self) -> bool {
        match self {
            Self::Pause => false,
            Self::Suspend | Self::Kill => true,
        }
    }
}

impl StopState {
    /// The state after `event`; none where the event cannot happen.
    pub const fn apply(self, event: StopEvent) -> Option<Self> {
        match (self, event) {
            (Self::InForce, StopEvent::Lifted) => Some(Self::Lifted),
            (Self::Lifted, StopEvent::Lifted) => None,
        }
    }
}

/// The epoch of the stops: raised by every stop. A permit from an earlier epoch is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fence(pub u64);

impl Fence {
    /// The next epoch.
    #[must_use]
    pub const fn raised(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl std::fmt::Display for StopScope {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Everything => out.write_str("everything"),
            Self::Tenant(tenant) => write!(out, "tenant:{tenant}"),
            Self::Workflow(tenant, workflow) => write!(out, "workflow:{tenant}/{workflow}"),
            Self::Agent(tenant, agent) => write!(out, "agent:{tenant}/{agent}"),
            Self::Tool(tool) => write!(out, "tool:{tool}"),
            Self::Server(server) => write!(out, "server:{server}"),
            Self::Run(run) => write!(out, "{run}"),
            Self::Call(call) => write!(out, "{call}"),
        }
    }
}

/// Why a text is not a scope of a stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a scope; expected `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, `server:NAME`, a run id or a call id"
)]
pub struct StopScopeError(String);

impl std::str::FromStr for StopScope {
    type Err = StopScopeError;

    fn from_str(text: &str) -> Result<Self, StopScopeError> {
        let wrong = || StopScopeError(text.chars().take(200).collect());
        let pair = |rest: &str| {
            let (tenant, name) = rest.split_once('/').ok_or_else(wrong)?;
            Ok((tenant.parse().map_err(|_| wrong())?, name.parse().map_err(|_| wrong())?))
        };
        if text == "everything" {
            return Ok(Self::Everything);
        }
        match text.split_once(':') {
            Some(("tenant", rest)) => rest.parse().map(Self::Tenant).map_err(|_| wrong()),
            Some(("workflow", rest)) => {
                pair(rest).map(|(tenant, name)| Self::Workflow(tenant, name))
            }
            Some(("agent", rest)) => pair(rest).map(|(tenant, name)| Self::Agent(tenant, name)),
            Some(("tool", rest)) => rest.parse().map(Self::Tool).map_err(|_| wrong()),
            Some(("server", rest)) => rest.parse().map(Self::Server).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
            None => {
                let run = text.parse().map(Self::Run);
                run.or_else(|_| text.parse().map(Self::Call)).map_err(|_| wrong())
            }
        }
    }
}

words! {
    StopLevel { Pause = "pause", Suspend = "suspend", Kill = "kill" }
    StopState { InForce = "in_force", Lifted = "lifted" }
}
