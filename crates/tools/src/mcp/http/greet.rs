//! The first words with an endpoint: which era does it belong to, and which session does it give?
//!
//! ```text
//! POST server/discover --a modern answer or error--> modern | refused
//!                      --anything else------------> POST initialize -> session, revision -> notifications/initialized
//! ```
//! (Specification 2026-07-28, "Streamable HTTP", "Backward Compatibility".) A server that cannot be reached, or that refuses who we
//! are, is asked nothing else. Tests: `tests/http/`.

use std::sync::Arc;

use bytes::Bytes;
use mcp::{Era, Id, Message, Notification, Params, Request, Revision, RpcError};
use reqwest::header::{HeaderMap, HeaderName};
use tokio::time::Instant;

use super::course::Course;
use super::door::{Door, Sending};
use super::{ACCEPTED, Link, Opened, accepting, modern_headers};
use crate::mcp::ask::{Behalf, bytes_of};
use crate::mcp::ear::Ear;
use crate::mcp::greeting::{
    Discovered, Greeting, contradicts_itself, discovered, initialize_params, initialized,
    modern_params,
};
use crate::mcp::listener::Questions;
use crate::mcp::problem::Trouble;
use crate::mcp::stdio::Unmet;

/// A request before there is a connection, and what came with its answer.
struct Said {
    outcome: Result<Params, RpcError>,
    headers: HeaderMap,
}

/// How an endpoint is greeted.
#[derive(Debug, Clone, Copy)]
pub(in crate::mcp) struct Manner {
    /// The era that it had before, if it is not the first time.
    pub(in crate::mcp) known: Option<Era>,
    pub(in crate::mcp) questions: Questions,
    pub(in crate::mcp) deadline: Instant,
}

impl Door {
    /// Greets the endpoint.
    pub(in crate::mcp) async fn greet(
        &self,
        ear: &Arc<Ear>,
        manner: Manner,
    ) -> Result<(Greeting, Opened), Unmet> {
        if manner.known != Some(Era::Legacy) {
            match self.discover(ear, manner.deadline).await? {
                Discovered::Modern(greeting) => {
                    let opened = Opened { revision: greeting.revision, session: None };
                    return Ok((*greeting, opened));
                }
                Discovered::Refused(why) => return Err(Unmet::Refused(why)),
                Discovered::Legacy => {}
            }
        }
        self.initialize(ear, manner).await
    }

    async fn discover(&self, ear: &Arc<Ear>, deadline: Instant) -> Result<Discovered, Unmet> {
        let params = modern_params(Params::new());
        let request = Request::new(Id::Number(0), "server/discover", params);
        let headers = modern_headers(&request, None).map_err(failed)?;
        let asked = (request, headers, Revision::NEWEST);
        let mut said = self.say(asked.clone(), ear, deadline).await;
        if said.as_ref().is_ok_and(|said| contradicts_itself(&said.outcome)) {
            said = self.say(asked, ear, deadline).await;
        }
        match said {
            Ok(said) => Ok(discovered(said.outcome)),
            // It answered, but nothing that a modern server answers.
            Err(Trouble::Lost(_) | Trouble::Refused(_) | Trouble::Unsent(_)) => {
                Ok(Discovered::Legacy)
            }
            Err(trouble) => Err(failed(trouble)),
        }
    }

    async fn initialize(
        &self,
        ear: &Arc<Ear>,
        manner: Manner,
    ) -> Result<(Greeting, Opened), Unmet> {
        let params = initialize_params(manner.questions);
        let request = Request::new(Id::Number(0), "initialize", params);
        let asked = (request, accepting(ACCEPTED), Revision::NEWEST_LEGACY);
        let said = self.say(asked, ear, manner.deadline).await.map_err(failed)?;
        let greeting = initialized(said.outcome).map_err(Unmet::Refused)?;
        let session = said.headers.get(HeaderName::from_static("mcp-session-id")).cloned();
        let opened = Opened { revision: greeting.revision, session };
        let (link, _chores) = Link::new(self.clone(), opened.clone(), Arc::clone(ear));
        let done = Notification::new("notifications/initialized", Params::new());
        link.tell(&Message::Notification(done), manner.deadline).await.map_err(failed)?;
        Ok((greeting, opened))
    }

    async fn say(
        &self,
        (request, headers, revision): (Request, HeaderMap, Revision),
        ear: &Arc<Ear>,
        deadline: Instant,
    ) -> Result<Said, Trouble> {
        let sending = Sending::post(Bytes::from(bytes_of(&request)), headers, deadline);
        let response = self.fetch(sending).await?;
        let headers = response.headers.clone();
        let opened = Opened { revision, session: None };
        let (link, _chores) = Link::new(self.clone(), opened, Arc::clone(ear));
        let outcome = match Course::new(&link, 0, Behalf::Ours).run(response, deadline).await {
            Ok(answer) => Ok(answer.result),
            Err(Trouble::Rpc(error)) => Err(error),
            Err(trouble) => return Err(trouble),
        };
        Ok(Said { outcome, headers })
    }
}

fn failed(trouble: Trouble) -> Unmet {
    match &trouble {
        Trouble::Credential(error) | Trouble::Rejected(error) if error.needs_login() => {
            Unmet::Refused(error.to_string())
        }
        Trouble::Credential(_)
        | Trouble::Rejected(_)
        | Trouble::Refused(_)
        | Trouble::Stopped(_)
        | Trouble::Unsent(_)
        | Trouble::Unreached(_)
        | Trouble::SessionGone
        | Trouble::Lost(_)
        | Trouble::TimedOut { .. }
        | Trouble::Cancelled
        | Trouble::StoppedWhile(_)
        | Trouble::Rpc(_) => Unmet::Failed(trouble.to_string()),
    }
}
