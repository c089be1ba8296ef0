//! Clients of the older revisions: one session, opened by `initialize`, with a stream beside it.
//!
//! ```text
//! initialize -> session id, revision -> headers of everything after it; `notifications/initialized` -> the stream is opened
//! ```
//! In: messages of the client. Out: headers, and what comes on the stream. A session that the server no longer knows, because it
//! was started anew, is opened again as the client opened it, once for each request that finds it gone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mcp::{Message, Notification, Params, headers};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::endpoint::{Endpoint, Headers, Messages, Trouble};
use super::writer::ToClient;

/// How long after a stream broke the next one is opened.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The client's session, if it has one.
#[derive(Debug, Default)]
pub(super) struct Session {
    open: Mutex<Option<Open>>,
    opening: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone)]
struct Open {
    id: String,
    revision: Option<String>,
    /// How the client opened it.
    initialize: Vec<u8>,
}

impl Session {
    /// What every message of the session carries; nothing before there is one.
    pub(super) fn headers(&self) -> Headers {
        let open = self.lock();
        let Some(open) = open.as_ref() else { return Headers::new() };
        let mut all = vec![(headers::SESSION_ID.to_owned(), open.id.clone())];
        all.extend(
            open.revision
                .iter()
                .map(|revision| (headers::PROTOCOL_VERSION.to_owned(), revision.clone())),
        );
        all
    }

    /// Takes note of a session that a response opened.
    pub(super) fn opened(&self, response: &Response, initialize: &[u8]) {
        let id = response.headers().get(headers::SESSION_ID).and_then(|id| id.to_str().ok());
        if let Some(id) = id {
            *self.lock() =
                Some(Open { id: id.to_owned(), revision: None, initialize: initialize.to_vec() });
        }
    }

    /// Takes note of the revision that was agreed on.
    pub(super) fn agreed(&self, answer: &Value) {
        if let (Some(revision), Some(open)) = (
            answer.pointer("/result/protocolVersion").and_then(Value::as_str),
            self.lock().as_mut(),
        ) {
            open.revision = Some(revision.to_owned());
        }
    }

    /// Sends a message in the session; where that is gone it is opened again first.
    pub(super) async fn post(&self, endpoint: &Endpoint, body: &[u8]) -> Result<Response, Trouble> {
        let headers = self.headers();
        let response = endpoint.post(&headers, body.to_vec()).await?;
        if headers.is_empty() || response.status() != StatusCode::NOT_FOUND {
            return Ok(response);
        }
        // Not found: nothing was carried out.
        self.reopen(endpoint, &headers).await?;
        endpoint.post(&self.headers(), body.to_vec()).await
    }

    async fn reopen(&self, endpoint: &Endpoint, gone: &Headers) -> Result<(), Trouble> {
        let _alone = self.opening.lock().await;
        // Somebody else found it gone and was faster.
        if self.headers() != *gone {
            return Ok(());
        }
        let Some(initialize) = self.lock().as_ref().map(|open| open.initialize.clone()) else {
            return Ok(());
        };
        let response = endpoint.post(&Headers::new(), initialize.clone()).await?;
        self.opened(&response, &initialize);
        let mut messages = Messages::of(response).await?;
        while let Some(message) = messages.next().await? {
            self.agreed(&serde_json::from_slice(&message).unwrap_or_default());
        }
        let told =
            Message::Notification(Notification::new("notifications/initialized", Params::new()));
        endpoint.tell(&self.headers(), told.to_bytes()).await
    }

    /// Passes on what the session hears, until the client goes away or the server has no such stream.
    pub(super) async fn hear(&self, endpoint: &Endpoint, to_client: &ToClient) {
        loop {
            let Some(after) = self.hear_once(endpoint, to_client).await else { return };
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = to_client.gone() => return,
            }
        }
    }

    /// Gives after which time to try again.
    async fn hear_once(&self, endpoint: &Endpoint, to_client: &ToClient) -> Option<Duration> {
        let headers = self.headers();
        let Ok(response) = endpoint.stream(&headers).await else { return Some(AGAIN_AFTER) };
        match response.status() {
            StatusCode::NOT_FOUND => {
                // Started anew: the session is opened again, here or by the next request.
                _ = self.reopen(endpoint, &headers).await;
                return Some(AGAIN_AFTER);
            }
            status if !status.is_success() => return None,
            _success => {}
        }
        let Ok(mut messages) = Messages::of(response).await else { return Some(AGAIN_AFTER) };
        while let Ok(Some(message)) = messages.next().await {
            if to_client.put(message).await.is_err() {
                return None;
            }
        }
        Some(AGAIN_AFTER)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
