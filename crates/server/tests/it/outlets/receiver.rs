//! A receiver of signed webhooks: checks each as Standard Webhooks say, and answers as a test asks.
//! In: requests on a socket of its own. Out: what came, once its signature held.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{SECRET, SOON, seconds, serve, signature};

/// What arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) id: String,
    pub(super) status: u16,
    pub(super) body: Value,
}

pub(super) struct Receiver {
    pub(super) url: String,
    pub(super) answers: Arc<Mutex<VecDeque<u16>>>,
    /// What it has a fault with: a kind of message.
    pub(super) faulty: Arc<Mutex<Option<&'static str>>>,
    arrived: UnboundedReceiver<Arrived>,
}

#[derive(Clone)]
struct Of {
    answers: Arc<Mutex<VecDeque<u16>>>,
    faulty: Arc<Mutex<Option<&'static str>>>,
    arrived: UnboundedSender<Arrived>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let (sender, arrived) = unbounded_channel();
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let faulty = Arc::default();
        let of = Of { answers: Arc::clone(&answers), faulty: Arc::clone(&faulty), arrived: sender };
        let router = Router::new().route("/in", post(take)).with_state(of);
        Self { url: format!("{}/in", serve(router).await), answers, faulty, arrived }
    }

    /// The next statuses; 204 after those.
    pub(super) fn answers(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// What arrives next.
    pub(super) async fn next(&mut self) -> Arrived {
        let next = tokio::time::timeout(SOON, self.arrived.recv()).await;
        next.unwrap().unwrap()
    }

    /// What is taken next, of this kind; what was refused before it is left out.
    pub(super) async fn told(&mut self, kind: &str) -> Arrived {
        loop {
            let next = self.next().await;
            if next.status < 300 {
                assert_eq!(next.body["type"], kind, "{}", next.body);
                return next;
            }
        }
    }

    pub(super) fn nothing_more(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }
}

async fn take(State(of): State<Of>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    assert!(at.parse::<u64>().unwrap().abs_diff(seconds()) < 300);
    assert_eq!(header("webhook-signature"), signature(SECRET, (id, at), &body));
    assert_eq!(header("content-type"), "application/json");
    assert!(body.len() <= 256 * 1024);
    let body: Value = serde_json::from_slice(&body).unwrap();
    let fault = of.faulty.lock().unwrap().is_some_and(|kind| body["type"] == kind);
    let next = || of.answers.lock().unwrap().pop_front().unwrap_or(204);
    let status = if fault { 500 } else { next() };
    // A test that is over wants nothing more.
    let _over = of.arrived.send(Arrived { id: id.to_owned(), status, body });
    StatusCode::from_u16(status).unwrap()
}
