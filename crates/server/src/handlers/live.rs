//! A call whose caller listens: what it prints as it comes, then its answer (server-sent events).
//!
//! ```text
//! call {call} -> output {call, stream, text} ... -> answer (the envelope)
//! ```
//! The call never waits for its listener: a slow one gets a `missed` event instead of output, and one that goes away
//! ends nothing. Only the answer is waited for. A request that is refused before it is a call is a problem, no stream.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::{Answer, CallId, limits};
use gate::{Heard, Listener};
use serde::Serialize;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;

use super::proposals::{place, work_at};
use crate::app::App;
use crate::http::delivery::{Outbox, Streamed};
use crate::rescue::{Refused, Result, problem};
use crate::wire;

/// Events that wait for one slow client; further output is missed.
const WAITING_MAX: usize = 256;
/// A comment is sent after this time without an event, so that dead connections are found.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type Item = std::result::Result<Event, Infallible>;

/// Answers with a stream of what `job` prints and its answer. The job tells whom to listen to.
pub(super) fn respond<F>(
    app: &Arc<App>,
    outbox: Option<Outbox>,
    job: impl FnOnce(Arc<App>, oneshot::Sender<(CallId, Listener)>) -> F + Send + 'static,
) -> Result<Response>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let place = place(app)?;
    let (events, receiver) = mpsc::channel(WAITING_MAX);
    let answers = Arc::new(OnceLock::new());
    let slot = Arc::clone(&answers);
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let teller = Teller { events: events.clone(), missed: 0 };
        let told = work_at(&app, place, |app| tells(app, job, teller)).await;
        let event = told.and_then(|answer| {
            answer.call.map(|call| slot.set(call));
            let event = Event::default().event("answer");
            event.json_data(gate::payload::answer(&answer)).map_err(Refused::internal)
        });
        let event = event
            .or_else(|refused| Event::default().event("problem").json_data(problem(&refused.0)));
        if let Ok(event) = event {
            // A client that went away needs no answer: it is in the journal.
            let _gone = events.send(Ok(event)).await;
        }
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let response = Sse::new(ReceiverStream::new(receiver)).keep_alive(keep_alive).into_response();
    Ok(response.map(|body| Streamed::body(body, answers, outbox)))
}

/// Runs a job and forwards what it prints.
async fn tells<F: Future<Output = Answer>>(
    app: Arc<App>,
    job: impl FnOnce(Arc<App>, oneshot::Sender<(CallId, Listener)>) -> F,
    mut teller: Teller,
) -> Answer {
    let (sender, mut begun) = oneshot::channel();
    let mut answered = pin!(job(app, sender));
    let mut listener = tokio::select! {
        biased;
        begun = &mut begun => begun.ok().map(|(call, listener)| {
            teller.tell("call", &wire::Begun { call: call.to_string() });
            listener
        }),
        answer = &mut answered => return answer,
    };
    let answer = loop {
        tokio::select! {
            biased;
            heard = next(&mut listener) => teller.heard(heard),
            answer = &mut answered => break answer,
        }
    };
    // What was printed last stands before the answer.
    while let Some(heard) = listener.as_mut().and_then(Listener::next_ready) {
        teller.heard(heard);
    }
    teller.tell_missed();
    answer
}

async fn next(listener: &mut Option<Listener>) -> Heard {
    match listener {
        Some(listener) => match listener.next().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

/// Sends events, and keeps count of those for which there was no room.
struct Teller {
    events: mpsc::Sender<Item>,
    missed: u64,
}

impl Teller {
    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Output(output) => {
                self.tell_missed();
                self.tell("output", &super::events::output(&output));
            }
            Heard::Missed(count) => self.missed += count,
        }
    }

    fn tell_missed(&mut self) {
        let count = std::mem::take(&mut self.missed);
        if count > 0 && !self.tell("missed", &wire::Missed { count }) {
            // There was no room for this one either, which is counted already.
            self.missed = count;
        }
    }

    /// Sends it if there is room; says whether it was sent or nobody wants it any more.
    fn tell(&mut self, name: &str, what: &impl Serialize) -> bool {
        let Ok(event) = Event::default().event(name).json_data(what) else { return false };
        match self.events.try_send(Ok(event)) {
            Ok(()) | Err(TrySendError::Closed(_)) => true,
            Err(TrySendError::Full(_)) => {
                self.missed += 1;
                false
            }
        }
    }
}

const _: () = assert!(WAITING_MAX < limits::OUTPUT_QUEUE_MAX);
