//! Ports: what the gate needs from the world. A trait exists only where two real implementations do.
//!
//! `Journal` is the durable log with its projections (SQLite, simulated), `Tool` a way to act (files, a
//! scripted one, later MCP and others), `World` the clock and fresh ids. Everything that decides is not
//! here: policy, budgets, approvals and stops are values and functions of our own.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use domain::{
    CallId, CommandLine, Digest, Effect, Executed, KeyPlace, Money, Name, PayloadKind, Plan, RunId,
    Scope, Timestamp, ToolName, UpstreamTool,
};
use serde_json::Value;
use uuid::Uuid;

use crate::commit::{Commit, CommitError, Query, Receipt, Record, StoreError};
use crate::permit::{Act, Permit, Preview, Read};
use crate::table::Table;

/// The clock and fresh ids.
pub trait World: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// A fresh UUIDv7, larger than those before it.
    fn fresh(&self) -> Uuid;
    /// Resolves after `wait`.
    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send;
}

/// Whose key a digest is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope<'a> {
    /// The tenant's: equal values of different runs can be compared.
    Tenant(&'a Name),
    /// The run's: erased with the run.
    Run(RunId),
}

/// The durable log, its projections and its payloads.
pub trait Journal: Send + Sync + 'static {
    /// Checks every guard and writes entries, rows and payloads in one durable transaction, or nothing.
    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Receipt, CommitError>> + Send;

    /// One record of a projection.
    fn read(
        &self,
        table: Table,
        key: &str,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Records of a projection that match, in the query's order.
    fn select(&self, query: Query) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// The bytes of one payload; none if it was never there or is erased.
    fn payload(
        &self,
        call: CallId,
        kind: PayloadKind,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// HMAC-SHA-256 of `bytes` under the key of a tenant or an open run. Makes the tenant's key if there is
    /// none; a run's key is made by the commit that opens the run.
    fn keyed(&self, scope: KeyScope<'_>, bytes: &[u8]) -> Result<Digest, StoreError>;

    /// Whether there is room for new permits. Outcomes and stops are still written when there is not.
    fn takes_permits(&self) -> bool;
}

/// A boxed future, so that tools of different kinds stand in one registry.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is asked of a tool: resolved, checked and decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The tool.
    pub tool: ToolName,
    /// The arguments, resolved.
    pub arguments: Value,
    /// Whose workspace.
    pub tenant: Name,
    /// In which space.
    pub space: Name,
    /// Which agent proposed it.
    pub agent: Name,
    /// For which run.
    pub run: RunId,
    /// The call.
    pub call: CallId,
    /// For an undo: the inverse of the plan that it takes back.
    pub basis: Option<Plan>,
    /// Where its contract lets it change something, for calls that have no plan.
    pub scopes: Vec<Scope>,
    /// For a tool that is a command: what runs.
    pub command: Option<CommandLine>,
    /// For a tool of an upstream server: which one, by the definition that was accepted.
    pub upstream: Option<UpstreamTool>,
    /// What the caller answered to the tool's questions.
    pub input: Option<Value>,
    /// Plans of held calls on which the preview stands, the first one first.
    pub over: Vec<Plan>,
    /// By what its provider tells that two attempts are one act; none where it takes no key.
    pub key: Option<PassedKey>,
}

/// A key that is passed on to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedKey {
    /// Where it travels.
    pub place: KeyPlace,
    /// The key: the same for all attempts of one call, and no other's.
    pub key: String,
}

/// A way to reach tools. Takes permits by value: each is good for one attempt.
pub trait Tool: Send + Sync + 'static {
    /// The exact plan of a changing call, without effect.
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>>;
    /// Does a call that changes nothing.
    fn read(&self, permit: Permit<Read>) -> Later<'_, Result<Reply, ToolError>>;
    /// Does a changing call: exactly the permit's plan, if it has one.
    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>>;
    /// After a crash: finishes or reverts an admitted call by the tool's own log or by the plan, and says
    /// what became of it. Must not send anything that the call had not sent.
    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered>;
}

/// What a tool says after a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Its output, not yet checked.
    pub output: Value,
    /// What it changed, with how each was observed.
    pub effects: Vec<Effect>,
    /// What it says it cost.
    pub cost: Money,
    /// Bytes it read.
    pub read_bytes: u64,
    /// What its caller should know beside the output, such as what was cleaned out of it. At most
    /// `limits::TOOL_WARNINGS_MAX` are told, each cut to `limits::TOOL_WARNING_BYTES_MAX`.
    pub warnings: Vec<String>,
}

/// Why a tool did not do what was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ToolError {
    /// What kind of trouble.
    pub kind: ToolErrorKind,
    /// Whether the act happened.
    pub executed: Executed,
    /// What happened, safe to show.
    pub message: String,
    /// The tool's own code, if it declared one.
    pub own_code: Option<String>,
    /// What changed although it failed.
    pub effects: Vec<Effect>,
    /// What it said instead of a result: what it asks, for [`ToolErrorKind::InputRequired`], or its own error. The answer's
    /// output, masked.
    pub asks: Option<Value>,
}

/// Kinds of trouble that a caller must tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolErrorKind {
    /// The tool's own error.
    Failed,
    /// A touched resource is not in the state that the plan says.
    Stale,
    /// The path leaves the workspace or is refused.
    Refused,
    /// The change cannot be shown or made as asked (no such file, already there, too large, …).
    Impossible,
    /// The tool is not there.
    Missing,
    /// The deadline passed.
    TimedOut,
    /// This machine cannot show what the call would change, though its contract counts on it.
    NoPreview,
    /// It asks for input before it goes on; nothing was done.
    InputRequired,
    /// The server that offers it may not do this until an operator says so; nothing was done.
    Unconfirmed,
    /// A stop was faster: `Permit::still_allowed` said no, and nothing was done.
    Stopped,
}

/// An admitted call without an outcome, found at start-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Unfinished {
    /// What was asked.
    pub invocation: Invocation,
    /// The plan that its permit carried.
    pub plan: Option<Plan>,
}

/// What became of an unfinished call.
#[derive(Debug, Clone, PartialEq)]
pub enum Recovered {
    /// It happened, now at the latest.
    Happened(Reply),
    /// It did not happen, or was reverted.
    DidNotHappen {
        /// What was found.
        reason: String,
    },
    /// A part happened and could be neither finished nor reverted.
    Partly {
        /// What was found.
        reason: String,
        /// What changed.
        effects: Vec<Effect>,
    },
    /// The tool cannot tell.
    Unknown {
        /// Why not.
        reason: String,
    },
}
