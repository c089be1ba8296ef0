//! A call's line to the client that proposed it, while the call runs.
//!
//! ```text
//! endpoint: Conversations::open(call) -> Line (from_tool)      tool: Conversations::of(call) -> Conversation
//!           Line <-- Notification, Ask ------------------------------ tell, ask
//!           Line::cancel --------------------------------------------> cancelled
//! ```
//! The gate knows nothing of sessions: the endpoint opens a line under the call's id before the call runs, and the tool finds
//! it by that id. No line means that nobody can be told or asked. A line is closed when its end is dropped. Tests are at the end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{CallId, limits};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use crate::message::{Notification, Params, Request};
use crate::revision::Revision;
use crate::rpc::{RpcCode, RpcError};

/// What is known of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// The revision it speaks.
    pub revision: Revision,
    /// What it says it can do.
    pub capabilities: Params,
    /// Who it says it is.
    pub info: Option<Value>,
    /// The token under which it wants progress; none if it wants none.
    pub progress_token: Option<Value>,
    /// From which level on it wants log messages; none if it wants none.
    pub log_level: Option<String>,
    /// Its trace context.
    pub trace: Trace,
}

/// Trace context as it arrived, by key.
pub type Trace = Vec<(&'static str, String)>;

/// All lines that are open.
#[derive(Debug, Clone, Default)]
pub struct Conversations(Arc<Mutex<HashMap<CallId, Arc<Conversation>>>>);

/// The tool's end of a line.
#[derive(Debug)]
pub struct Conversation {
    /// Who is at the other end.
    pub client: Client,
    to_client: mpsc::Sender<FromTool>,
    cancelled: watch::Receiver<bool>,
    dropped: AtomicU64,
    state: State,
}

/// A server's own `requestState`, which the gate does not carry: nobody but the server and the endpoint may see it.
type State = Arc<Mutex<Option<String>>>;

/// What a tool sends.
#[derive(Debug)]
pub enum FromTool {
    /// It tells something.
    Notification(Notification),
    /// It asks something.
    Ask {
        /// What.
        request: Request,
        /// Where the answer goes; dropped, it counts as refused.
        answer: oneshot::Sender<Result<Params, RpcError>>,
    },
}

/// The endpoint's end of a line. Closes it when dropped.
#[derive(Debug)]
pub struct Line {
    /// What the tool sends.
    pub from_tool: mpsc::Receiver<FromTool>,
    call: CallId,
    all: Conversations,
    cancel: watch::Sender<bool>,
    state: State,
}

impl Conversations {
    /// Opens a line for a call that is about to run. An earlier line of the same call is closed.
    pub fn open(&self, call: CallId, client: Client) -> Line {
        let (to_client, from_tool) = mpsc::channel(limits::CALL_NOTIFICATIONS_QUEUE_MAX);
        let (cancel, cancelled) = watch::channel(false);
        let state = State::default();
        let (dropped, kept) = (AtomicU64::new(0), Arc::clone(&state));
        let conversation = Conversation { client, to_client, cancelled, dropped, state: kept };
        self.lock().insert(call, Arc::new(conversation));
        Line { from_tool, call, all: self.clone(), cancel, state }
    }

    /// The line of a call.
    pub fn of(&self, call: CallId) -> Option<Arc<Conversation>> {
        self.lock().get(&call).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CallId, Arc<Conversation>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Conversation {
    /// Tells the client something. Never waits: what is too large or finds no room is counted and dropped.
    pub fn tell(&self, notification: Notification) {
        let fits = size(&notification.params) <= limits::CALL_NOTIFICATION_BYTES_MAX;
        let told = || self.to_client.try_send(FromTool::Notification(notification)).is_ok();
        if !(fits && told()) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Leaves the server's own state of a question for the endpoint, which seals it.
    pub fn keep_state(&self, state: String) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }

    /// How many notifications were too large or found no room.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Asks the client something and waits for its answer, and before that for room among what it was told already. The
    /// caller bounds the time.
    ///
    /// # Errors
    /// What the client answered, or that it is gone or cannot be asked.
    pub async fn ask(&self, request: Request) -> Result<Params, RpcError> {
        let (answer, answered) = oneshot::channel();
        let gone = || RpcError::new(RpcCode::InternalError, "the client cannot be asked");
        self.to_client.send(FromTool::Ask { request, answer }).await.map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Resolves when the client cancels the call or goes away.
    pub async fn cancelled(&self) {
        let mut cancelled = self.cancelled.clone();
        // A sender that is gone means that nobody listens any more.
        let _ = cancelled.wait_for(|cancelled| *cancelled).await.map(|_| ());
    }
}

impl Line {
    /// The state that the server left with its questions.
    pub fn state(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many notifications were too large or found no room.
    pub fn dropped(&self) -> u64 {
        let all = self.all.lock();
        all.get(&self.call).filter(|open| self.is(open)).map_or(0, |open| open.dropped())
    }

    /// Says that the client cancelled the call.
    pub fn cancel(&self) {
        self.cancel.send_replace(true);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        // A newer line of the same call stays.
        if all.get(&self.call).is_some_and(|open| open.to_client.is_closed() || self.is(open)) {
            all.remove(&self.call);
        }
    }
}

impl Line {
    fn is(&self, open: &Conversation) -> bool {
        open.cancelled.same_channel(&self.cancel.subscribe())
    }
}

/// About how many bytes parameters take as JSON.
fn size(params: &Params) -> usize {
    let each = |(key, value): (&String, &Value)| key.len() + value_size(value);
    params.iter().map(each).sum()
}

fn value_size(value: &Value) -> usize {
    // Some bytes for each value, so that many small ones count too.
    8 + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(value_size).sum(),
        Value::Object(fields) => size(fields),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client {
            revision: Revision::V2025November,
            capabilities: Params::new(),
            info: None,
            progress_token: None,
            log_level: None,
            trace: Vec::new(),
        }
    }

    fn call(number: u128) -> CallId {
        CallId::new(uuid::Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn a_tool_asks_tells_and_hears_of_a_cancellation() {
        let all = Conversations::default();
        let mut line = all.open(call(1), client());
        let tool = all.of(call(1)).unwrap();
        tool.tell(Notification::new("notifications/progress", Params::new()));
        let endpoint = async {
            assert!(matches!(line.from_tool.recv().await, Some(FromTool::Notification(_))));
            let Some(FromTool::Ask { answer, .. }) = line.from_tool.recv().await else {
                panic!("expected a question")
            };
            answer.send(Ok(Params::new())).unwrap();
            line.cancel();
            line
        };
        let id = crate::Id::Number(1);
        let asks = tool.ask(Request::new(id, "elicitation/create", Params::new()));
        let (line, answered) = tokio::join!(endpoint, asks);
        assert_eq!(answered, Ok(Params::new()));
        tool.cancelled().await;
        drop(line);
        assert!(all.of(call(1)).is_none());
        let id = crate::Id::Number(2);
        assert!(tool.ask(Request::new(id, "elicitation/create", Params::new())).await.is_err());
    }

    #[tokio::test]
    async fn a_flood_of_notifications_is_dropped_and_counted_not_kept() {
        let all = Conversations::default();
        let _line = all.open(call(1), client());
        let tool = all.of(call(1)).unwrap();
        for _ in 0..limits::CALL_NOTIFICATIONS_QUEUE_MAX + 10 {
            tool.tell(Notification::new("notifications/message", Params::new()));
        }
        assert_eq!(tool.dropped(), 10);
    }

    #[tokio::test]
    async fn a_question_waits_for_room_behind_notifications() {
        // A tool that told much right before it asked got the answer that its client cannot be asked.
        let all = Conversations::default();
        let mut line = all.open(call(1), client());
        let tool = all.of(call(1)).unwrap();
        for _ in 0..limits::CALL_NOTIFICATIONS_QUEUE_MAX {
            tool.tell(Notification::new("notifications/message", Params::new()));
        }
        let asks = tool.ask(Request::new(crate::Id::Number(1), "roots/list", Params::new()));
        let endpoint = async {
            while let Some(said) = line.from_tool.recv().await {
                if let FromTool::Ask { answer, .. } = said {
                    answer.send(Ok(Params::new())).unwrap();
                    break;
                }
            }
        };
        assert_eq!(tokio::join!(asks, endpoint).0, Ok(Params::new()));
    }

    #[tokio::test]
    async fn a_notification_that_is_too_large_is_dropped_and_counted() {
        let all = Conversations::default();
        let _line = all.open(call(1), client());
        let tool = all.of(call(1)).unwrap();
        let told = |value: Value| {
            let params = Params::from_iter([("data".to_owned(), value)]);
            tool.tell(Notification::new("notifications/message", params));
            tool.dropped()
        };
        let most = limits::CALL_NOTIFICATION_BYTES_MAX;
        assert_eq!(told("x".repeat(most - 100).into()), 0);
        assert_eq!(told("x".repeat(most).into()), 1);
        assert_eq!(told(vec![Value::Null; most].into()), 2);
    }

    #[test]
    fn a_newer_line_of_the_same_call_outlives_the_older_one() {
        let all = Conversations::default();
        let first = all.open(call(1), client());
        let second = all.open(call(1), client());
        drop(first);
        assert!(all.of(call(1)).is_some());
        drop(second);
        assert!(all.of(call(1)).is_none());
    }
}
