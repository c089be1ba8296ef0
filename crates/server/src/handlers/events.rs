//! The event stream: every durable entry, in order, from where the client left off (server-sent events).
//!
//! The journal is read, never a queue: `Last-Event-ID` is a position in it, so nothing is lost however far a client
//! falls behind. The broadcast of new entries is only the hint to read on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::{Code, Name, limits};
use gate::Direction;
use journal::{EntryFilter, EntryPage, Tail};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use super::journal::{concerns, shown};
use crate::app::App;
use crate::http::body::Params;
use crate::http::listen::asked;
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};

/// Entries read at once, and waiting for one slow client.
const AT_ONCE: usize = 100;
/// A comment is sent after this time without an event, so that dead connections are found.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where to begin.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// Behind this position; behind the last entry if not given. `Last-Event-ID` counts more.
    after: Option<u64>,
}

/// Streams entries as they become durable: `id` is the position, `event` the kind, `data` the entry as JSON.
#[utoipa::path(
    get, path = "/v1/events", tag = "journal",
    params(From, ("Last-Event-ID" = Option<u64>, Header, description = "the last position that was seen")),
    responses((status = 200, description = "events", body = String, content_type = "text/event-stream"), (status = "4XX", description = "refused", body = crate::wire::Problem)),
)]
pub(crate) async fn events(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(from): Params<From>,
    headers: HeaderMap,
) -> Result<Response> {
    let place = Arc::clone(&app.streams).try_acquire_owned().map_err(|_| {
        let message = format!("{} event streams are open", limits::EVENT_STREAMS_MAX);
        Refused::new(Code::TooManyWaiting, message, "close one, or read `/v1/journal/entries`")
    })?;
    // Before the position is looked up: an entry in between is then read, not lost.
    let news = app.journal().tail();
    let after = match last_event(&headers)?.or(from.after) {
        Some(after) => after,
        None => newest(&app).await?,
    };
    let (sender, receiver) = mpsc::channel(AT_ONCE);
    tokio::spawn(async move {
        let reader = Reader { app, tenant: operator.tenant, after, sender };
        reader.follow(news).await;
        drop(place);
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(keep_alive).into_response())
}

fn last_event(headers: &HeaderMap) -> Result<Option<u64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let position = value.to_str().ok().and_then(|text| text.parse().ok());
    position.map(Some).ok_or_else(|| Refused::invalid("Last-Event-ID: expected a position"))
}

async fn newest(app: &App) -> Result<u64> {
    let page = EntryPage { after: None, direction: Direction::Descending, limit: 1 };
    let found = app.journal().entries(EntryFilter::default(), page).await?;
    Ok(found.entries.first().map_or(0, |entry| entry.position))
}

struct Reader {
    app: Arc<App>,
    tenant: Name,
    after: u64,
    sender: Sender<std::result::Result<Event, Infallible>>,
}

impl Reader {
    /// Until the client goes away, the server stops or the journal cannot be read.
    async fn follow(mut self, mut news: Receiver<Tail>) {
        let mut stopping = self.app.stopping.clone();
        loop {
            if !self.catch_up().await {
                return;
            }
            tokio::select! {
                () = self.sender.closed() => return,
                () = asked(&mut stopping) => return,
                next = news.recv() => match next {
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    /// Sends everything that is durable by now. Waits for a slow client; says whether to go on.
    async fn catch_up(&mut self) -> bool {
        loop {
            let after = Some(self.after);
            let page = EntryPage { after, direction: Direction::Ascending, limit: AT_ONCE };
            let found = match self.app.journal().entries(EntryFilter::default(), page).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, "an event stream ends: the journal cannot be read");
                    return false;
                }
            };
            for entry in &found.entries {
                self.after = entry.position;
                if !concerns(entry, &self.tenant) {
                    continue;
                }
                let Ok(data) = shown(entry) else { return false };
                let event = Event::default().id(entry.position.to_string()).event(&entry.kind);
                let Ok(event) = event.json_data(data) else { return false };
                if self.sender.send(Ok(event)).await.is_err() {
                    return false;
                }
            }
            if found.next.is_none() {
                return true;
            }
        }
    }
}
