//! Who listens to a server while one call runs: the client that proposed it, through the call's conversation.
//!
//! ```text
//! progress, log messages -- the client's own token, cleaned --> Conversation::tell
//! a question -- offered? a client that can be asked? not too often? --> Conversation::ask --> answer or error
//! ```
//! Nothing is passed on that the client did not ask for. Cancelling is heard here too. Tests: `tests/questions.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::limits;
use mcp::{Conversation, Era, Notification, Params, Request, RpcCode, RpcError, bridge, meta};
use serde_json::Value;
use tokio::time::timeout;

use super::clean;
use super::spec::{Offers, Part};

/// The client of one call.
#[derive(Debug)]
pub(super) struct Listener {
    conversation: Arc<Conversation>,
    questions: Questions,
    rounds: AtomicUsize,
}

/// Whether the server may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Questions {
    /// An operator lets it.
    Offered,
    /// Nobody said so.
    NotOffered,
}

impl Questions {
    pub(super) fn of(offers: &Offers) -> Self {
        match offers.contains(&Part::Questions) {
            true => Self::Offered,
            false => Self::NotOffered,
        }
    }
}

impl Listener {
    pub(super) fn new(conversation: Arc<Conversation>, questions: Questions) -> Self {
        Self { conversation, questions, rounds: AtomicUsize::new(0) }
    }

    pub(super) fn client(&self) -> &mcp::Client {
        &self.conversation.client
    }

    /// Leaves the server's own state of a question for the endpoint.
    pub(super) fn keep_state(&self, state: &str) {
        self.conversation.keep_state(state.to_owned());
    }

    /// Resolves when the client cancels or goes away.
    pub(super) async fn cancelled(&self) {
        self.conversation.cancelled().await;
    }

    /// Tells the client what belongs to its call, under its own token. Gives back what does not belong to the call.
    pub(super) fn hear(&self, token: i64, notification: Notification) -> Option<Notification> {
        let client = self.client();
        match notification.method.as_str() {
            "notifications/progress" => {
                if notification.params.get(meta::PROGRESS_TOKEN) != Some(&Value::from(token)) {
                    return Some(notification);
                }
                if let Some(wanted) = client.progress_token.clone() {
                    let mut notification = notification;
                    notification.params.insert(meta::PROGRESS_TOKEN.to_owned(), wanted);
                    self.tell(notification);
                }
                None
            }
            "notifications/message" => {
                if bridge::passes(&notification, client) {
                    self.tell(notification);
                }
                None
            }
            _ => Some(notification),
        }
    }

    fn tell(&self, notification: Notification) {
        let params = cleaned(notification.params);
        self.conversation.tell(Notification::new(notification.method, params));
    }

    /// Asks the client what the server asks.
    pub(super) async fn asked(&self, request: Request) -> Result<Params, RpcError> {
        let refuse = |why: &str| Err(RpcError::new(RpcCode::MethodNotFound, why));
        let Some(capability) = capability_of(&request.method) else {
            return refuse("this gateway does not know the method");
        };
        if self.questions == Questions::NotOffered {
            return refuse("questions of this server are not let through");
        }
        if self.client().revision.era() == Era::Modern {
            return refuse("the client cannot be asked within a call in its revision");
        }
        if !self.client().capabilities.contains_key(capability) {
            return refuse("the client did not declare that it can be asked this");
        }
        if self.rounds.fetch_add(1, Ordering::Relaxed) >= limits::QUESTION_ROUNDS_MAX {
            return refuse("this call asked too often");
        }
        let request = Request { params: cleaned(request.params), ..request };
        let asking = timeout(limits::QUESTION_ANSWERED_WITHIN, self.conversation.ask(request));
        let late = |_| RpcError::new(RpcCode::InternalError, "the client did not answer in time");
        asking.await.map_err(late)?
    }
}

/// What a client must declare to be asked this.
pub(super) fn capability_of(method: &str) -> Option<&'static str> {
    match method {
        "elicitation/create" => Some("elicitation"),
        "sampling/createMessage" => Some("sampling"),
        "roots/list" => Some("roots"),
        _ => None,
    }
}

fn cleaned(params: Params) -> Params {
    match clean::value(Value::Object(params)).0 {
        Value::Object(params) => params,
        // INVARIANT (cleaning keeps the kind): an object stays one.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Params::new()
        }
    }
}
