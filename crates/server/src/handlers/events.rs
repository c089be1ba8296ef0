//! The event stream: every durable entry, in order, from where the client left off (server-sent events).
//!
//! The journal is read, never a queue: `Last-Event-ID` is a position in it, so nothing is lost however far a client
//! falls behind. The broadcast of new entries is only the hint to read on. What commands print while they run is sent
//! between entries, without an `id`: it is not in the journal, and a client that is too slow misses some of it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::{Code, Name, Right, limits};
use gate::{Direction, Heard, Listener};
use journal::{EntryFilter, EntryPage, Tail};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::MissedTickBehavior;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use super::journal::{concerns, shown};
use crate::app::App;
use crate::http::body::Params;
use crate::http::listen::asked;
use crate::http::who::{OperatorCaller, Standing};
use crate::rescue::{Refused, Result};
use crate::wire;

/// Entries read at once, and waiting for one slow client.
const AT_ONCE: usize = 100;
/// How often it is looked whether the client may still see, beside every time that something happens.
const LOOK_EVERY: Duration = Duration::from_secs(2);
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
///
/// Events `output` (`call`, `stream`, `text`) and `missed` (`count`) stand between them, without an `id`: what commands
/// print while they run.
#[utoipa::path(
    get, path = "/v1/events", tag = "journal",
    params(From, ("Last-Event-ID" = Option<u64>, Header, description = "the last position that was seen")),
    responses((status = 200, description = "events", body = String, content_type = "text/event-stream"), (status = "4XX", description = "refused", body = crate::wire::Problem)),
)]
pub(crate) async fn events(
    State(app): State<Arc<App>>,
    caller: (OperatorCaller, Standing),
    Params(from): Params<From>,
    headers: HeaderMap,
) -> Result<Response> {
    let (OperatorCaller(operator), standing) = caller;
    let place = Arc::clone(&app.streams).try_acquire_owned().map_err(|_| {
        let message = format!("{} event streams are open", limits::EVENT_STREAMS_MAX);
        Refused::new(Code::TooManyWaiting, message, "close one, or read `/v1/journal/entries`")
    })?;
    // Before the position is looked up: an entry in between is then read, not lost.
    let news = app.journal().tail();
    let outputs = app.gate.listen_to_calls(&operator);
    let after = match last_event(&headers)?.or(from.after) {
        Some(after) => after,
        None => newest(&app).await?,
    };
    let (sender, receiver) = mpsc::channel(AT_ONCE);
    tokio::spawn(async move {
        let reader = Reader { app, tenant: operator.tenant, standing, after, sender };
        reader.follow(news, outputs).await;
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

/// A piece of output as clients read it.
pub(super) fn output(output: &gate::Output) -> wire::Output {
    wire::Output {
        call: output.call.to_string(),
        stream: output.stream.word().to_owned(),
        text: output.text.clone(),
    }
}

struct Reader {
    app: Arc<App>,
    tenant: Name,
    standing: Standing,
    after: u64,
    sender: Sender<std::result::Result<Event, Infallible>>,
}

impl Reader {
    /// Until the client goes away or may see no more, the server stops or the journal cannot be read.
    async fn follow(mut self, mut news: Receiver<Tail>, mut outputs: Listener) {
        let mut stopping = self.app.stopping.clone();
        let mut behind = true;
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // The entry that ends a session wakes this too: whoever logged out is told nothing after it.
            if !self.standing.may(Right::See, &self.app).await {
                return;
            }
            if behind && !self.catch_up().await {
                return;
            }
            tokio::select! {
                () = self.sender.closed() => return,
                () = asked(&mut stopping) => return,
                _ = look.tick() => behind = false,
                next = news.recv() => match next {
                    Ok(_) | Err(RecvError::Lagged(_)) => behind = true,
                    Err(RecvError::Closed) => return,
                },
                heard = outputs.next() => {
                    behind = false;
                    let Some(heard) = heard else { return };
                    if !self.tell(&heard).await {
                        return;
                    }
                }
            }
        }
    }

    /// Sends what a command printed. Waits for a slow client, who misses what is printed meanwhile.
    async fn tell(&self, heard: &Heard) -> bool {
        let event = match heard {
            Heard::Output(printed) => Event::default().event("output").json_data(output(printed)),
            Heard::Missed(count) => {
                Event::default().event("missed").json_data(wire::Missed { count: *count })
            }
        };
        let Ok(event) = event else { return false };
        self.sender.send(Ok(event)).await.is_ok()
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
