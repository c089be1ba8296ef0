//! What every handler shares: the gate, the configuration it runs with, and the process' own limits.
//! Made once by `serve`. Its limits (calls in work, event streams) are semaphores, so that a place is given back
//! however a request ends.

use std::sync::Arc;

use contract::Masker;
use domain::limits;
use tokio::sync::{Semaphore, watch};
use tools::mcp::Upstreams;

use crate::auth::Auth;
use crate::auth::openid::OpenId;
use crate::catalogue::Tools;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::flood::Flood;
use crate::http::site::Site;
use crate::logins::Logins;
use crate::mcp::Endpoint;
use crate::metrics::Metrics;
use crate::outlets::Outlets;
use crate::rules::PoliciesFrom;

/// The gate of a running server.
pub(crate) type Gate = gate::Gate<journal::Sqlite, Clock>;

/// Shared by all handlers.
pub(crate) struct App {
    pub(crate) gate: Arc<Gate>,
    pub(crate) config: Config,
    pub(crate) policies_from: PoliciesFrom,
    pub(crate) metrics: Metrics,
    pub(crate) flood: Flood,
    /// Takes secrets out of what is shown of stored contents.
    pub(crate) masker: Masker,
    /// Whose tokens are believed.
    pub(crate) auth: Auth,
    /// Where people log in elsewhere.
    pub(crate) openid: OpenId,
    /// Logins that are under way in browsers.
    pub(crate) logins: Logins,
    /// What clients of the Model Context Protocol share.
    pub(crate) mcp: Endpoint,
    /// Connections to tool servers.
    pub(crate) upstreams: Upstreams,
    /// What jail this machine gives.
    pub(crate) rung: runner::Rung,
    /// What is known of their tools.
    pub(crate) tools: Arc<Tools>,
    /// Services that are told, and ways in.
    pub(crate) outlets: Outlets,
    /// One permit for each message of an outside service in work.
    pub(crate) messages: Arc<Semaphore>,
    /// One permit for each call in work.
    pub(crate) in_work: Arc<Semaphore>,
    /// One permit for each event stream.
    pub(crate) streams: Arc<Semaphore>,
    /// True once the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Under which addresses it is reached.
    pub(crate) site: Site,
}

/// What the app is made of beside its own limits.
pub(crate) struct Parts {
    pub(crate) gate: Arc<Gate>,
    pub(crate) config: Config,
    pub(crate) policies_from: PoliciesFrom,
    pub(crate) masker: Masker,
    pub(crate) auth: Auth,
    pub(crate) openid: OpenId,
    pub(crate) logins: Logins,
    pub(crate) mcp: Endpoint,
    pub(crate) upstreams: Upstreams,
    pub(crate) rung: runner::Rung,
    pub(crate) tools: Arc<Tools>,
    pub(crate) outlets: Outlets,
    pub(crate) stopping: watch::Receiver<bool>,
    pub(crate) site: Site,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            gate: parts.gate,
            config: parts.config,
            policies_from: parts.policies_from,
            metrics: Metrics::new(),
            flood: Flood::default(),
            masker: parts.masker,
            auth: parts.auth,
            openid: parts.openid,
            logins: parts.logins,
            mcp: parts.mcp,
            upstreams: parts.upstreams,
            rung: parts.rung,
            tools: parts.tools,
            outlets: parts.outlets,
            messages: Arc::new(Semaphore::new(limits::SIGNED_IN_WORK_MAX)),
            in_work: Arc::new(Semaphore::new(limits::CALLS_IN_WORK_MAX)),
            streams: Arc::new(Semaphore::new(limits::EVENT_STREAMS_MAX)),
            stopping: parts.stopping,
            site: parts.site,
        }
    }

    pub(crate) fn journal(&self) -> &journal::Sqlite {
        self.gate.journal()
    }
}
