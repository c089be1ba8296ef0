//! The endpoint for clients of the Model Context Protocol: `/mcp` and `/mcp/{server}` over Streamable HTTP, in two eras.
//!
//! ```text
//! route -> modern | legacy -> call (Proposal) -> flow (gate.handle_told, line to the tool) -> answer -> stream (JSON | SSE)
//!                                                             held: parking -> tasks | link | waiting
//!                          -> list, greet, subscriptions
//! ```
//! In: requests of known agents. Out: what the protocol says. Every call becomes a proposal: nothing is decided here, and there
//! is no second way to a tool. What a server says is labelled, never believed. `rescue` holds the table of errors. Tests:
//! `tests/it/mcp`.

mod answer;
mod bounds;
mod call;
mod changes;
mod entrance;
mod flow;
mod greet;
mod legacy;
mod link;
mod list;
mod listen;
mod modern;
mod parking;
mod questions;
mod rescue;
mod route;
mod seal;
mod servers;
mod session;
mod stream;
mod subscriptions;
mod tasks;
mod trace;
mod visit;
mod wire;

use std::collections::BTreeSet;

use domain::{Code, Name};
use gate::Refusal;
use mcp::Conversations;
use tokio::sync::watch;
use tools::mcp::Upstreams;

pub(crate) use changes::follow;
pub(crate) use route::routes;

/// What all requests of the endpoint share.
pub(crate) struct Endpoint {
    conversations: Conversations,
    servers: servers::Servers,
    sessions: session::Sessions,
    listeners: listen::Listeners,
    lists: list::Lists,
    bounds: bounds::Bounds,
    seal: seal::Seal,
    known: changes::Known,
    /// Which questions of tasks were answered.
    asked: tasks::Asked,
    /// The servers whose tools the rules know of, as far as they were looked at.
    looked: watch::Sender<BTreeSet<Name>>,
}

impl Endpoint {
    /// `conversations` are those that the upstream servers' calls find their clients by.
    ///
    /// # Errors
    /// When this machine gives no random numbers.
    pub(crate) fn new(
        conversations: Conversations,
        upstreams: Option<Upstreams>,
    ) -> Result<Self, Refusal> {
        let seal = seal::Seal::new().ok_or_else(|| {
            let message = "this machine gives no random numbers";
            Refusal::new(Code::Internal, message, "see the server's log")
        })?;
        Ok(Self {
            conversations,
            servers: servers::Servers::new(upstreams),
            sessions: session::Sessions::default(),
            listeners: listen::Listeners::default(),
            lists: list::Lists::default(),
            bounds: bounds::Bounds::default(),
            seal,
            known: changes::Known::default(),
            asked: tasks::Asked::default(),
            looked: watch::Sender::default(),
        })
    }
}
