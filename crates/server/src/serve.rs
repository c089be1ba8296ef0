//! Wiring: from checked configuration to a running server, and its orderly end.
//!
//! ```text
//! rules -> socket -> jail (tried) -> journal -> tools -> gate (recovers) -> first keys -> tasks: accept, tick, store, signals
//! ```
//! The process stops when it is asked to, by a signal, or when the store fails (fail-stop): what was under way is then
//! found out at the next start. Printing is the caller's business.

mod first_keys;
mod parts;
mod tasks;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use domain::{CallId, Code, limits};
use gate::{RecoveryReport, Refusal};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use first_keys::{FirstKeys, read as read_first_keys};

use crate::app::{App, Gate, Parts};
use crate::auth::Auth;
use crate::auth::openid::OpenId;
use crate::catalogue;
use crate::config::{self, Config};
use crate::handlers::stops::close_stopped;
use crate::http::control;
use crate::http::listen;
use crate::http::site::Site;
use crate::http::tls::Certificates;
use crate::jail;
use crate::logins::Logins;
use crate::mcp;
use crate::outlets::{self, Outlets};
use crate::routes;
use crate::rules::{self, PoliciesFrom};
use crate::stop_file;
use tasks::Tasks;

/// How long calls in work may go on after the server was told to stop.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// Where first keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShowKeys {
    /// Somebody sees a terminal: they are handed back to be shown once.
    Once,
    /// Nobody does: they are put into `Config::first_keys_file`.
    InFile,
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    url: String,
    /// What became of calls that were open when the last process ended.
    pub recovery: RecoveryReport,
    /// Where the policies came from.
    pub policies_from: PoliciesFrom,
    /// What jail this machine gives.
    pub jail: jail::Found,
    /// The keys that were made because there were none.
    pub first_keys: Option<FirstKeys>,
    /// A file with first keys of an earlier start that nobody has taken away.
    pub keys_left_in: Option<PathBuf>,
    stop: watch::Sender<bool>,
    ended: JoinHandle<Ended>,
}

/// Why a server ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Somebody asked it to, or a signal did.
    Asked,
    /// The store failed: it is not known what the last commits became. The next start finds out.
    StoreFailed(String),
    /// A task that must run ended by itself.
    TaskEnded(&'static str),
}

impl Running {
    /// The address as people type it.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Asks the server to stop. `ended` tells when it has.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// The same for somebody who waits for the end meanwhile.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let stop = self.stop.clone();
        move || {
            stop.send_replace(true);
        }
    }

    /// Waits for the end.
    pub async fn ended(self) -> Ended {
        self.ended.await.unwrap_or(Ended::TaskEnded("main"))
    }
}

/// Starts everything. Needs a tokio runtime with several threads.
///
/// # Errors
/// Errors in contracts, policies and secrets; a store that is locked, corrupted or without its key; a port that is
/// taken. Each is the operator's, with a code and a fix.
pub async fn serve(config: Config, keys: ShowKeys) -> Result<Running, Refusal> {
    let texts = rules::read(&config).map_err(parts::rules)?;
    let policies_from = texts.policies_from;
    // The port first: whoever finds it taken has not touched the store.
    let (door, address) = door(&config).await?;
    if let Err(error) = config::check::remember(&config) {
        tracing::warn!(%error, "the list of served workspaces could not be written");
    }
    let ladder = jail::jailer(&config).probe().await;
    let (jail, rung) = (jail::shown(&ladder), ladder.rung);
    jail.log();
    let parts::Made { setup, masker, tools, upstreams, conversations, known } =
        parts::setup(&config, texts, ladder).await?;
    let (gate, recovery) = Gate::open(setup).await?;
    // Before anybody can reach it.
    stop_file::look(&gate, &config).await?;
    let gate = Arc::new(gate);
    parts::mask_what_is_learned(&known, [masker.clone(), gate.masker()]);
    let first_keys = first_keys::make(&gate, &config, keys).await?;
    let keys_left_in = keys_left(&config, first_keys.as_ref());
    let (stop, stopping) = watch::channel(false);
    let (port, tls, public) = (address.port(), door.1.is_some(), config.public_url.clone());
    let site = Site { port, tls, public };
    first_person(&gate).await?;
    let url = config.url_at(address);
    let mcp = mcp::Endpoint::new(conversations, Some(upstreams.clone()))?;
    mcp.changed((&gate.rules(), &tools.shown()), BTreeSet::new());
    let auth = Auth::new(&config.issuers)?;
    let openid = OpenId::new(&config.login_issuers)?;
    let outlets = Outlets::new(&config)?;
    let parts = Parts {
        gate,
        config,
        policies_from,
        masker,
        auth,
        openid,
        logins: Logins::new().map_err(|refused| refused.0)?,
        mcp,
        upstreams,
        rung,
        tools,
        outlets,
        stopping,
        site,
    };
    let app = Arc::new(App::new(parts));
    let router = routes::router(Arc::clone(&app)).map_err(|error| {
        Refusal::new(Code::Internal, error.to_string(), "this is a fault of Checkrein")
    })?;
    close_stopped(&app);
    let mut tasks = Tasks::default();
    doors(&mut tasks, &app, (door, router));
    tasks.spawn("tick", tick(Arc::clone(&app)));
    tasks.spawn("stop file", stop_file::follow(Arc::clone(&app)));
    tasks.spawn("signals", signals(stop.clone()));
    followers(&mut tasks, &app);
    tracing::info!(%address, %recovery, "serving");
    let ended = tokio::spawn(run(app, tasks, stop.clone()));
    Ok(Running {
        address,
        url,
        recovery,
        policies_from,
        jail,
        first_keys,
        keys_left_in,
        stop,
        ended,
    })
}

/// Where connections come in, with TLS where that is asked for.
type Door = (TcpListener, Option<Certificates>);

/// Binds the address of the configuration; gives it with the port that it got.
async fn door(config: &Config) -> Result<(Door, SocketAddr), Refusal> {
    let listener = listen::bind(config).await?;
    let tls = config.tls.as_ref().map(Certificates::read).transpose()?;
    let unknown = |error: std::io::Error| {
        Refusal::new(Code::Internal, error.to_string(), "see the server's log")
    };
    let address = listener.local_addr().map_err(unknown)?;
    Ok(((listener, tls), address))
}

/// The file of first keys, where an earlier start left one.
fn keys_left(config: &Config, first_keys: Option<&FirstKeys>) -> Option<PathBuf> {
    let left = config.first_keys_file();
    (first_keys.is_none() && left.exists()).then_some(left)
}

/// The two ways in: the address, and the socket in the data directory.
fn doors(tasks: &mut Tasks, app: &Arc<App>, (door, router): (Door, Router)) {
    let socket = control::bind(&app.config);
    tasks.spawn("control", control::accept(socket, Arc::clone(app), router.clone()));
    tasks.spawn("accept", listen::accept(door, Arc::clone(app), router));
}

/// What follows servers of tools and the journal.
fn followers(tasks: &mut Tasks, app: &Arc<App>) {
    tasks.spawn("servers", mcp::follow(Arc::clone(app)));
    tasks.spawn("catalogue", catalogue::follow(Arc::clone(app)));
    tasks.spawn("outlets", outlets::follow(Arc::clone(app)));
    tasks.spawn("sockets", outlets::slack::socket::follow(Arc::clone(app)));
}

/// Gives an installation without any account its first: an admin of the name that the first key has, so that
/// `checkrein console` has somebody to log in.
async fn first_person(gate: &Gate) -> Result<(), Refusal> {
    if gate.has_people() {
        return Ok(());
    }
    let (tenant, name) = (config::DEFAULT_TENANT, first_keys::PERSON);
    gate.first_person(first_keys::name(tenant)?, first_keys::name(name)?).await.map(drop)
}

/// Runs until something ends it, then lets go in order.
async fn run(app: Arc<App>, mut tasks: Tasks, stop: watch::Sender<bool>) -> Ended {
    let mut stopping = app.stopping.clone();
    let ended = tokio::select! {
        failure = app.journal().failed() => Ended::StoreFailed(failure.0),
        () = listen::asked(&mut stopping) => Ended::Asked,
        name = tasks.one_ended() => Ended::TaskEnded(name),
    };
    // Tasks end by themselves once the server is asked to stop, and may be seen first.
    let ended = match ended {
        Ended::TaskEnded(_) if *stop.borrow() => Ended::Asked,
        Ended::Asked | Ended::StoreFailed(_) | Ended::TaskEnded(_) => ended,
    };
    stop.send_replace(true);
    match &ended {
        Ended::Asked => {
            let all = u32::try_from(limits::CALLS_IN_WORK_MAX).unwrap_or(u32::MAX);
            let calls = app.in_work.acquire_many(all);
            let finished = async { (tasks.ended("accept").await, calls.await.is_ok()) };
            if tokio::time::timeout(FINISH_WITHIN, finished).await.is_err() {
                tracing::warn!("calls were still in work; the next start settles them");
            }
        }
        // Nothing more can be written, so nothing is worth waiting for.
        Ended::StoreFailed(failure) => tracing::error!(failure, "the store failed"),
        Ended::TaskEnded(name) => tracing::error!(name, "a task ended by itself"),
    }
    tasks.abort().await;
    // Last: a call that was in work may still have waited for its server.
    app.upstreams.stop().await;
    ended
}

/// Clocks of approvals, idle runs and undo windows, about once a second.
async fn tick(app: Arc<App>) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(refusal) = app.gate.move_clocks().await {
            tracing::warn!(code = refusal.code.shown(), %refusal, "the clocks could not be moved on");
        }
        for call in app.gate.take_detached() {
            run_detached(&app, call);
        }
        for call in app.gate.take_probes() {
            probe(&app, call);
        }
    }
}

/// Runs an approved detached call in a task of its own, with a place among the calls in work; later if there is none.
fn run_detached(app: &Arc<App>, call: CallId) {
    let Ok(place) = Arc::clone(&app.in_work).try_acquire_owned() else {
        return app.gate.put_back_detached(call);
    };
    let gate = Arc::clone(&app.gate);
    // Not waited for: a stopping server waits for the places of all calls in work.
    tokio::spawn(async move {
        gate.run_detached(call).await;
        drop(place);
    });
}

/// Looks whether a call in doubt happened, in a task of its own; at its next turn if there is no place.
fn probe(app: &Arc<App>, call: CallId) {
    let Ok(place) = Arc::clone(&app.in_work).try_acquire_owned() else { return };
    let gate = Arc::clone(&app.gate);
    tokio::spawn(async move {
        gate.probe_due(call).await;
        drop(place);
    });
}

/// Stops the server on SIGINT and SIGTERM.
async fn signals(stop: watch::Sender<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            stop.send_replace(true);
        }
        (Err(error), _) | (_, Err(error)) => tracing::warn!(%error, "signals are not heard"),
    }
    // The end comes from the stop, not from this task.
    std::future::pending::<()>().await;
}
