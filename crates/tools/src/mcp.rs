//! Upstream servers of the Model Context Protocol as tools: connections to them, what they offer, and calls.
//!
//! ```text
//! Permit -> Upstreams (gate::Tool) -> Server (one task, one connection) -> stdio child in a jail | Streamable HTTP
//! Offer, Change, Standing -> whoever makes contracts of tools, and people
//! ```
//! In: permits, and what an operator configured of servers. Out: their results, cleaned, or errors that say whether the act
//! can have happened. One server that is dead, slow or hostile harms no other. What may be called is decided elsewhere, and
//! nothing a server says of itself is believed here. Tests: `mcp/tests/`, and beside each part.

mod ask;
mod call;
mod clean;
pub mod credentials;
mod ear;
mod greeting;
pub mod guarded;
mod http;
mod link;
mod listener;
mod lists;
mod offer;
mod problem;
mod record;
mod server;
mod spec;
mod standing;
mod stdio;
mod subscribe;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Name, Plan, limits};
use gate::{
    Act, Later, Permit, Preview, Read, Recovered, Reply, Tool, ToolError, ToolErrorKind, Unfinished,
};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use call::Attempt;
pub use offer::{Change, Definition, Offer};
pub use problem::UpstreamError;
use problem::{Touch, not_executed};
use server::Server;
pub use spec::{Http, Jailed, Means, Offers, Part, ServerSpec, Stdio, Variable, Way};
pub use standing::{Standing, State};

/// All upstream servers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Upstreams(Arc<All>);

#[derive(Debug)]
struct All {
    servers: BTreeMap<Name, Arc<Server>>,
    news: broadcast::Sender<Change>,
    stop: watch::Sender<bool>,
    /// One for each server. Dropped, they are ended at once, and their children with them.
    lives: Mutex<JoinSet<()>>,
    means: Means,
}

impl Upstreams {
    /// Starts connecting to all of them, in the background. Of two with one name the later one counts. Must be called
    /// inside a runtime.
    pub fn start(specs: Vec<ServerSpec>, means: Means) -> Self {
        let news = broadcast::Sender::new(limits::SUBSCRIBER_QUEUE_MAX);
        let stop = watch::Sender::new(false);
        let made = specs.into_iter().map(|spec| {
            let name = spec.name.clone();
            (name, Arc::new(Server::new(spec, means.clone(), news.clone())))
        });
        let servers: BTreeMap<Name, Arc<Server>> = made.collect();
        let mut lives = JoinSet::new();
        for server in servers.values() {
            lives.spawn(Arc::clone(server).live(stop.subscribe()));
        }
        Self(Arc::new(All { servers, news, stop, lives: Mutex::new(lives), means }))
    }

    /// Their names, in order.
    pub fn names(&self) -> Vec<Name> {
        self.0.servers.keys().cloned().collect()
    }

    /// How a server stands, for people; without secrets that are known. None if there is no such server.
    pub fn standing(&self, server: &Name) -> Option<Standing> {
        let standing = self.0.servers.get(server)?.standing();
        Some(standing.masked(|text| self.0.means.known.mask_text(text)))
    }

    /// What a server offers now. Waits until it is connected, for at most `limits::SERVER_READY_WITHIN`.
    ///
    /// # Errors
    /// When there is no such server, or it is away.
    pub async fn offer(&self, server: &Name) -> Result<Arc<Offer>, UpstreamError> {
        let deadline = Instant::now() + limits::SERVER_READY_WITHIN;
        let ready = self.server(server)?.ready(deadline).await?;
        Ok(Arc::clone(&ready.offer))
    }

    /// What happens to offers from now on. Who is too slow misses some and should ask for all offers again.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.news.subscribe()
    }

    /// Makes the connection to a server anew, at once.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn restart(&self, server: &Name) -> Result<(), UpstreamError> {
        self.server(server).map(Server::restart)
    }

    /// Ends the connection to a server and makes no other until [`Upstreams::restart`].
    ///
    /// # Errors
    /// When there is no such server.
    pub fn set_aside(&self, server: &Name, why: impl Into<String>) -> Result<(), UpstreamError> {
        self.server(server).map(|server| server.set_aside(why.into()))
    }

    /// Whether a server is set aside.
    pub fn is_set_aside(&self, server: &Name) -> bool {
        self.server(server).is_ok_and(Server::is_set_aside)
    }

    /// Ends all connections in order, and waits until they are gone, for a bounded time.
    pub async fn stop(&self) {
        self.0.stop.send_replace(true);
        let mut lives = {
            let mut lives = self.0.lives.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *lives)
        };
        let all = async { while lives.join_next().await.is_some() {} };
        // A child is asked, then killed: twice the time. Whatever is left then ends with its task.
        if timeout(limits::SERVER_STOPPED_WITHIN * 3, all).await.is_err() {
            lives.shutdown().await;
        }
    }

    fn server(&self, name: &Name) -> Result<&Server, UpstreamError> {
        let found = self.0.servers.get(name);
        found.map(Arc::as_ref).ok_or_else(|| UpstreamError::Unknown(name.clone()))
    }
}

impl Tool for Upstreams {
    fn preview(&self, permit: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async move {
            let tool = &permit.invocation().tool;
            let why = format!("the server of `{tool}` cannot show what a call would change");
            Err(not_executed(ToolErrorKind::NoPreview, why))
        })
    }

    fn read(&self, permit: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(self.permitted(permit, Touch::Nothing))
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            if permit.plan().is_some() {
                let why = "a plan cannot be applied through an upstream server";
                return Err(not_executed(ToolErrorKind::Impossible, why));
            }
            self.permitted(permit, Touch::Something).await
        })
    }

    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async move {
            let tool = unfinished.invocation.tool;
            let reason = format!("nobody can tell whether the server carried out `{tool}`");
            Recovered::Unknown { reason }
        })
    }
}

impl Upstreams {
    async fn permitted<Kind: Send + Sync>(
        &self,
        permit: Permit<Kind>,
        touch: Touch,
    ) -> Result<Reply, ToolError> {
        let allowed = || permit.still_allowed();
        let (invocation, timeout) = (permit.invocation(), permit.timeout());
        let signal = permit.signal();
        self.carry_out(&Attempt { invocation, timeout, allowed: &allowed, signal, touch }).await
    }
}
