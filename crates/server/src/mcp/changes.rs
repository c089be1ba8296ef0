//! What changes while clients are connected: tools under new rules, prompts and resources of servers.
//!
//! ```text
//! Upstreams::changes --follow-> Listeners            gate.set_rules --changed--> which servers' tools differ? -> Listeners
//! ```
//! Tools change for clients when the rules do, not when a server says so: before that they are not accepted. What clients are
//! told of is what they would be offered: a tool that goes, drifts or comes back is news although its contract is the same. Tests:
//! `tests/it/mcp/changes.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{Digest, Name};
use gate::Rules;
use tokio::sync::broadcast::error::RecvError;
use tools::mcp::Change;

use super::Endpoint;
use super::entrance::Entrance;
use super::listen::News;
use super::servers::PATIENCE;
use crate::app::App;
use crate::catalogue::{Built, Described};
use crate::config::Part;
use crate::http::listen::asked;

/// What the tools of each server that can be offered were under the last rules; of our own under none.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<BTreeMap<Option<Name>, Digest>>);

impl Endpoint {
    /// New rules are in force, made after these servers were looked at: tells whoever hears of tools that differ.
    pub(crate) fn changed(&self, now: (&Rules, &Built), looked_at: BTreeSet<Name>) {
        let now = by_server(now);
        let mut known = self.known.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *known, now.clone());
        drop(known);
        let differs = |server: &&Option<Name>| before.get(*server) != now.get(*server);
        let servers: Vec<&Option<Name>> = before
            .keys()
            .chain(now.keys().filter(|key| !before.contains_key(*key)))
            .filter(differs)
            .collect();
        for server in servers {
            self.listeners.tell(server.as_ref(), &News::Tools);
        }
        self.looked.send_replace(looked_at);
    }
}

impl Endpoint {
    /// Waits until every server of an entrance was looked at once, or is not about to be: a client often asks for tools right
    /// after the start, and only once.
    pub(super) async fn looked_at(&self, entrance: &Entrance) {
        let names = self.servers.names();
        let here: Vec<Name> = names.into_iter().filter(|name| entrance.leads_to(name)).collect();
        let mut looked = self.looked.subscribe();
        let waits = || {
            let looked = self.looked.borrow().clone();
            let mut unseen = here.iter().filter(|name| !looked.contains(*name));
            unseen.any(|name| self.servers.is_connecting(name))
        };
        let seen = async {
            while waits() {
                // Connections that fail are no news here, so they are asked about again.
                let _ = tokio::time::timeout(ASKED_AGAIN, looked.changed()).await;
            }
        };
        let _late = tokio::time::timeout(PATIENCE, seen).await;
    }
}

/// How often it is asked whether a server still connects.
const ASKED_AGAIN: Duration = Duration::from_millis(200);

/// A digest over the tools of each server that can be offered now. What each caller may see of them is not asked here.
fn by_server((rules, built): (&Rules, &Built)) -> BTreeMap<Option<Name>, Digest> {
    let mut texts: BTreeMap<Option<Name>, String> = BTreeMap::new();
    for compiled in rules.catalogue.iter() {
        let contract = &compiled.contract;
        let server = contract.upstream.as_ref().map(|upstream| upstream.server.clone());
        let text = texts.entry(server).or_default();
        let held = rules.held_back.contains_key(&contract.name);
        let offered = built.tools.get(&contract.name).is_none_or(Described::is_offered);
        if offered && !held {
            text.push_str(&format!("{} {}\n", contract.name, contract.digest));
        }
    }
    let digest =
        |(server, text): (Option<Name>, String)| (server, contract::digest(text.as_bytes()));
    texts.into_iter().map(digest).collect()
}

/// Passes on what servers say of their prompts and resources, until the server stops.
pub(crate) async fn follow(app: Arc<App>) {
    let mut stopping = app.stopping.clone();
    let Some(upstreams) = app.mcp.servers.upstreams() else { return asked(&mut stopping).await };
    let mut changes = upstreams.changes();
    let mut away = BTreeSet::new();
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            () = asked(&mut stopping) => return,
        };
        match change {
            Ok(change) => told(&app, change, &mut away),
            // Nobody knows what was missed.
            Err(RecvError::Lagged(_)) => app.mcp.listeners.tell_all(),
            Err(RecvError::Closed) => return asked(&mut stopping).await,
        }
    }
}

fn told(app: &App, change: Change, away: &mut BTreeSet<Name>) {
    let listeners = &app.mcp.listeners;
    match change {
        Change::ResourceUpdated { server, uri } => {
            listeners.tell(Some(&server), &News::Resource(server.clone(), uri));
        }
        Change::ResourcesChanged(server) => listeners.tell(Some(&server), &News::Resources),
        Change::PromptsChanged(server) => listeners.tell(Some(&server), &News::Prompts),
        // What its tools come to is told by the rules.
        Change::Offer(server) => {
            if away.remove(&server) {
                parts_changed(app, &server);
            }
        }
        Change::Gone(server) => {
            parts_changed(app, &server);
            away.insert(server);
        }
    }
}

/// Prompts and resources are listed as far as their server is there.
fn parts_changed(app: &App, server: &Name) {
    let known = app.config.servers.iter().find(|one| one.name == *server);
    for part in known.iter().flat_map(|known| &known.offers) {
        match part {
            Part::Prompts => app.mcp.listeners.tell(Some(server), &News::Prompts),
            Part::Resources => app.mcp.listeners.tell(Some(server), &News::Resources),
            Part::Questions | Part::Instructions => {}
        }
    }
}
