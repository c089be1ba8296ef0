//! How the machine is doing: health, readiness, numbers, and what this API is. No key is needed, nothing is told
//! of anybody's work.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use domain::limits;
use gate::Journal as _;

use crate::app::App;
use crate::metrics::Now;
use crate::rescue::{Refused, Result};

/// Says that the process lives.
#[utoipa::path(get, path = "/healthz", tag = "machine", responses((status = 200, description = "it lives", body = String)))]
pub(crate) async fn health() -> &'static str {
    "ok\n"
}

/// Says whether new calls are taken: the store can be written, and nobody stops the process.
#[utoipa::path(
    get, path = "/readyz", tag = "machine",
    responses((status = 200, description = "ready", body = String), (status = 503, description = "not ready", body = String)),
)]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if *app.stopping.borrow() {
        (StatusCode::SERVICE_UNAVAILABLE, "the process stops\n")
    } else if !app.journal().takes_permits() {
        (StatusCode::SERVICE_UNAVAILABLE, "the store takes no new permits\n")
    } else if app.in_work.available_permits() == 0 {
        (StatusCode::SERVICE_UNAVAILABLE, "too many calls are in work\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// Numbers in the form that Prometheus reads.
#[utoipa::path(get, path = "/metrics", tag = "machine", responses((status = 200, description = "numbers", body = String)))]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Result<impl IntoResponse> {
    let counters = app.journal().counters();
    let letters = app.gate.dead_letters().await?;
    let waits = letters.oldest.map(|since| app.gate.now().since(since).as_secs());
    let now = Now {
        in_work: limits::CALLS_IN_WORK_MAX.saturating_sub(app.in_work.available_permits()),
        streams: limits::EVENT_STREAMS_MAX.saturating_sub(app.streams.available_permits()),
        entries: counters.entries.load(Ordering::Relaxed),
        commits: counters.transactions.load(Ordering::Relaxed),
        log_bytes: counters.log_bytes.load(Ordering::Relaxed),
        dead_letters: letters.open,
        oldest_dead_letter: waits.unwrap_or_default(),
        broken: app.gate.broken().len(),
    };
    let text = app.metrics.text(now).map_err(Refused::internal)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text))
}
