//! One attempt to reach a server: started or opened, greeted, within one bounded time.
//!
//! In: what the operator configured, and the era that the server had before. Out: a connection, or whether it is worth trying
//! again soon. Secrets are told to the mask before the child that holds them starts.

use std::sync::Arc;

use domain::limits;
use mcp::Era;
use tokio::time::{Instant, timeout_at};

use super::Server;
use crate::mcp::credentials::{Around, Credentials};
use crate::mcp::ear::Ear;
use crate::mcp::guarded::Guarded;
use crate::mcp::http::{Door, Manner};
use crate::mcp::link::Connection;
use crate::mcp::listener::Questions;
use crate::mcp::spec::{Http, Stdio, Variable, Way};
use crate::mcp::stdio::{Child, Unmet};

impl Server {
    /// Makes a connection. `known` is the era that the server had before.
    pub(super) async fn connect(&self, known: Option<Era>) -> Result<Connection, Unmet> {
        self.record.started();
        let ear = self.ear();
        let deadline = Instant::now() + limits::SERVER_STARTED_WITHIN;
        let questions = Questions::of(&self.spec.offers);
        let manner = Manner { known, questions, deadline };
        let connecting = async {
            match &self.spec.way {
                Way::Stdio(stdio) => self.start(stdio, ear, manner).await,
                Way::Http(http) => self.open(http, ear, manner).await,
            }
        };
        let slow = |_| {
            let within = limits::SERVER_STARTED_WITHIN.as_secs();
            Unmet::Failed(format!("it was not there within {within} s"))
        };
        timeout_at(deadline, connecting).await.map_err(slow)?
    }

    fn ear(&self) -> Arc<Ear> {
        let (name, record) = (self.spec.name.clone(), Arc::clone(&self.record));
        Arc::new(Ear::new(name, record, self.news.clone(), self.means.known.clone()))
    }

    async fn start(
        &self,
        stdio: &Stdio,
        ear: Arc<Ear>,
        manner: Manner,
    ) -> Result<Connection, Unmet> {
        for (_, value) in &stdio.environment {
            match value {
                Variable::Secret(secret) => self.means.known.learn(&self.spec.name, secret),
                Variable::Plain(_) => {}
            }
        }
        match self.greet(stdio, Arc::clone(&ear), manner).await {
            // Some end when they are asked what they do not know: they are not asked that again.
            Err(Unmet::Failed(_)) if manner.known.is_none() && ear.has_ended().is_some() => {
                let manner = Manner { known: Some(Era::Legacy), ..manner };
                self.greet(stdio, self.ear(), manner).await
            }
            met => met,
        }
    }

    async fn greet(
        &self,
        stdio: &Stdio,
        ear: Arc<Ear>,
        manner: Manner,
    ) -> Result<Connection, Unmet> {
        let child = Child::start(stdio, &self.means, ear, Arc::clone(&self.record)).await;
        let child = child.map_err(Unmet::Failed)?;
        let Manner { known, questions, deadline } = manner;
        match child.link.greet(known, questions, deadline).await {
            Ok(greeting) => Ok(Connection::to_child(child, greeting)),
            Err(unmet) => {
                // Why it ended says more than that it did not answer.
                let ended = child.link.ear.has_ended();
                child.end("it was not greeted").await;
                Err(match (unmet, ended) {
                    (Unmet::Failed(_), Some(why)) => Unmet::Failed(why),
                    (unmet, _) => unmet,
                })
            }
        }
    }

    async fn open(&self, http: &Http, ear: Arc<Ear>, manner: Manner) -> Result<Connection, Unmet> {
        let door = self.door(http)?;
        let met = door.greet(&ear, manner).await?;
        Ok(Connection::to_endpoint(door, met, ear))
    }

    fn door(&self, http: &Http) -> Result<Door, Unmet> {
        let mut made = self.door.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(door) = &*made {
            return Ok(door.clone());
        }
        let refused = |why: String| Unmet::Refused(why);
        let guarded = Guarded::new(&http.url).map_err(|error| refused(error.to_string()))?;
        let around = Around {
            url: http.url.clone(),
            http: guarded.clone(),
            known: self.means.known.clone(),
            tokens: self.means.tokens.clone(),
            browser: self.means.browser.clone(),
        };
        let (name, source) = (self.spec.name.clone(), http.credentials.clone());
        let credentials = Credentials::new(name, source, around);
        let credentials = credentials.map_err(|error| refused(error.to_string()))?;
        let door = Door { guarded, credentials, url: http.url.clone() };
        Ok(made.insert(door).clone())
    }
}
