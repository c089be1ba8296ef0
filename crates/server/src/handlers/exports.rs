//! A run's record for elsewhere: as one JSON document, or line by line. Both prove themselves.
//!
//! Taking a record out is recorded first. With the run's key whoever holds the record can read its payloads, so that
//! needs an admin.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use domain::{Code, Entry, Event, Exported, Operator, Right, RunId};
use gate::{Commit, Journal as _, Table, Urgency};
use journal::EntryFilter;
use serde::Deserialize;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use crate::app::App;
use crate::http::body::{Id, Params};
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};
use crate::{clock, convert, listing};

/// Bytes handed over at once, and pieces that may wait for a slow client.
const PIECE_BYTES: usize = 64 << 10;
const PIECES_MAX: usize = 4;

/// How a record is taken out.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// `json` (one document) or `jsonl` (line by line); `json` if not given.
    format: Option<String>,
    /// `entries_only`, or `with_key` (admin; only as `json`); `entries_only` if not given.
    payloads: Option<String>,
}

/// Takes a run's record out of the store, with what proves it.
#[utoipa::path(
    get, path = "/v1/runs/{run}/export", tag = "journal", params(("run" = String, Path, description = "the run's id"), How),
    responses((status = 200, description = "the record", body = Object), (status = "4XX", description = "refused", body = crate::wire::Problem)),
)]
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(run): Id<RunId>,
    Params(how): Params<How>,
) -> Result<Response> {
    listing::one(&app, Table::Runs, &run.to_string(), operator.tenant.as_str()).await?;
    let payloads = how.payloads.as_deref().unwrap_or("entries_only");
    let payloads = convert::word("payloads", payloads, Exported::from_word)?;
    if payloads == Exported::WithKey && !operator.roles.allow(Right::Administer) {
        let fix = "ask an admin, or take the entries only";
        return Err(Refused::new(Code::NotAllowed, "a run's key is for admins to give", fix));
    }
    match (how.format.as_deref().unwrap_or("json"), payloads) {
        ("json", payloads) => {
            record(&app, operator, (run, payloads)).await?;
            Ok(Json(app.journal().export_run(run, payloads).await?).into_response())
        }
        ("jsonl", Exported::EntriesOnly) => {
            record(&app, operator, (run, payloads)).await?;
            Ok(lines(app, run))
        }
        ("jsonl", Exported::WithKey) => Err(Refused::invalid("payloads: only `json` has the key")),
        _other_formats => Err(Refused::invalid("format: expected `json` or `jsonl`")),
    }
}

/// Before anything leaves.
async fn record(app: &App, by: Operator, (run, payloads): (RunId, Exported)) -> Result<()> {
    let entry = Entry {
        at: clock::now(),
        tenant: Some(by.tenant.clone()),
        run: Some(run),
        call: None,
        event: Event::RunExported { by, with_payloads: payloads },
    };
    let commit = Commit {
        guards: Vec::new(),
        entries: vec![entry],
        payloads: Vec::new(),
        sources: Vec::new(),
        urgency: Urgency::Outcome,
    };
    let recorded = app.journal().commit(commit).await;
    recorded.map(|_| ()).map_err(|error| Refused(error.into()))
}

fn lines(app: Arc<App>, run: RunId) -> Response {
    let (sender, receiver) = mpsc::channel(PIECES_MAX);
    tokio::spawn(async move {
        let out = BufWriter::with_capacity(PIECE_BYTES, ToClient(sender.clone()));
        let filter = EntryFilter { run: Some(run), ..EntryFilter::default() };
        if let Err(error) = app.journal().export_lines(filter, out).await {
            tracing::warn!(%error, "an export ended early");
            // The client sees a body that breaks off; the line `end` is missing too.
            let _ = sender.send(Err(std::io::Error::other("the export ended early"))).await;
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    ([(CONTENT_TYPE, "application/jsonl")], body).into_response()
}

/// Hands pieces to the connection; waits for a slow client on a thread that may wait.
struct ToClient(Sender<std::io::Result<Bytes>>);

impl Write for ToClient {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let gone = |_| std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
