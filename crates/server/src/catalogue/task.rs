//! Follows what servers offer for as long as the process lives.
//!
//! ```text
//! change -> due -> (pace) -> asked, all servers at once -> look, one server after the other -> renew, once for all of them
//! ```
//! In: changes that connections tell. Out: sights and new rules. Several changes of one server are one look; a server that cannot be
//! looked at now keeps no other waiting and is looked at when it is there. Making rules takes at most half of the time. A server
//! that changes too often is set aside until a person says otherwise. Nothing here ends the process. Tests:
//! `tests/it/catalogue.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::Name;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tools::mcp::{Change, Offer, UpstreamError, Upstreams};

use super::pace::{Found, Pace};
use super::{Looked, renew};
use crate::app::App;
use crate::http::listen::asked;

/// Why a server is set aside.
const TOO_OFTEN: &str = "it changes what it offers too often; look at it, then `checkrein servers restart` takes it in again";

/// A server with what it offers, or why it cannot be asked.
type Asked = (Name, Result<Arc<Offer>, UpstreamError>);

/// What is to be done.
struct Work {
    upstreams: Upstreams,
    /// Servers that changed and are not asked yet.
    due: BTreeSet<Name>,
    /// Servers that are being asked.
    asking: JoinSet<Asked>,
    paces: BTreeMap<Name, Pace>,
    /// What was looked at last: the same need not be looked at again.
    known: BTreeMap<Name, Arc<Offer>>,
    /// Rules are not made again before this moment.
    rest_until: Instant,
}

/// Looks at every server that changes, until the process stops.
pub(crate) async fn follow(app: Arc<App>) {
    let mut stopping = app.stopping.clone();
    let mut changes = app.upstreams.changes();
    let mut work = Work::new(app.upstreams.clone());
    loop {
        work.ask();
        let (waits, next_at) = (!work.due.is_empty(), work.next_at());
        tokio::select! {
            biased;
            () = asked(&mut stopping) => return,
            change = changes.recv() => match change {
                Ok(change) => work.due.extend(changed(change)),
                // Nobody knows which ones were missed.
                Err(RecvError::Lagged(_)) => work.due.extend(work.upstreams.names()),
                Err(RecvError::Closed) => return asked(&mut stopping).await,
            },
            Some(answer) = work.asking.join_next() => match answer {
                Ok(answer) => work.take(&app, answer).await,
                Err(error) => tracing::error!(%error, "asking a server what it offers ended by a panic"),
            },
            () = sleep_until(next_at), if waits => {}
        }
    }
}

/// The server whose tools may be others now.
fn changed(change: Change) -> Option<Name> {
    match change {
        Change::Offer(server) => Some(server),
        Change::ResourceUpdated { .. }
        | Change::ResourcesChanged(_)
        | Change::PromptsChanged(_)
        | Change::Gone(_) => None,
    }
}

impl Work {
    fn new(upstreams: Upstreams) -> Self {
        let due = upstreams.names().into_iter().collect();
        let (paces, known) = (BTreeMap::new(), BTreeMap::new());
        Self { upstreams, due, asking: JoinSet::new(), paces, known, rest_until: Instant::now() }
    }

    /// Asks every server that is due and may be asked.
    fn ask(&mut self) {
        let now = Instant::now();
        let ready: Vec<Name> =
            self.due.iter().filter(|server| self.may_at(server) <= now).cloned().collect();
        for server in ready {
            self.due.remove(&server);
            let upstreams = self.upstreams.clone();
            self.asking.spawn(async move {
                let offer = upstreams.offer(&server).await;
                (server, offer)
            });
        }
    }

    /// When the next server that is due may be asked.
    fn next_at(&self) -> Instant {
        let each = self.due.iter().map(|server| self.may_at(server));
        each.min().unwrap_or(self.rest_until)
    }

    fn may_at(&self, server: &Name) -> Instant {
        let pace = self.paces.get(server).map(Pace::again_at);
        pace.map_or(self.rest_until, |at| at.max(self.rest_until))
    }

    /// Looks at what a server answered, and at the others that have answered by now; then makes rules once for all of them.
    async fn take(&mut self, app: &App, first: Asked) {
        let mut any = self.look(app, first).await;
        while let Some(answer) = self.asking.try_join_next() {
            if let Ok(answer) = answer {
                any |= self.look(app, answer).await;
            }
        }
        if !any {
            return;
        }
        let begun = Instant::now();
        if let Err(refusal) = renew(app).await {
            tracing::error!(error = %refusal.message, "what servers offer could not be put into force");
        }
        self.rest_until = Instant::now() + begun.elapsed();
    }

    async fn look(&mut self, app: &App, (server, answer): Asked) -> bool {
        let offer = match answer {
            Ok(offer) => offer,
            Err(error) => {
                // When it is there, that is a change.
                tracing::debug!(%server, %error, "a server cannot be looked at now");
                return false;
            }
        };
        if self.known.get(&server).is_some_and(|known| Arc::ptr_eq(known, &offer)) {
            return false;
        }
        // It was asked before it was set aside.
        if self.upstreams.is_set_aside(&server) {
            return false;
        }
        let looked = app.tools.look(&app.gate, (&server, Arc::clone(&offer))).await;
        let now = Instant::now();
        let pace = self.paces.entry(server.clone()).or_insert_with(|| Pace::new(now));
        if !looked.recorded {
            pace.failed(now);
            self.due.insert(server);
            return looked.differs;
        }
        let (tools, Looked { pins_changed, differs, .. }) = (offer.tools.len(), looked);
        pace.looked(Found { tools, pins_changed, differs }, now);
        if pace.changes_too_often(now) {
            self.set_aside(app, &server);
            return true;
        }
        self.known.insert(server, offer);
        differs
    }

    /// No connection, no look and no tool of it until a person wants it connected anew; then all begins from the start.
    fn set_aside(&mut self, app: &App, server: &Name) {
        tracing::error!(%server, "a server is set aside: {TOO_OFTEN}");
        if let Err(error) = self.upstreams.set_aside(server, TOO_OFTEN) {
            tracing::error!(%server, %error, "a server cannot be set aside");
        }
        app.tools.set_aside(server, TOO_OFTEN);
        self.paces.remove(server);
        self.known.remove(server);
        self.due.remove(server);
    }
}
