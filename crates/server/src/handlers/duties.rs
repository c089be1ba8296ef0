//! Duties: notices to see and reviews to make after calls that ran.
//! A duty never holds anything up: it is listed until a person has done it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use domain::{DutyKind, ReviewVerdict, limits};
use gate::{Direction, Done, Table};
use journal::Browse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::http::body::{Params, Strict};
use crate::http::who::OperatorCaller;
use crate::listing::{self, Part};
use crate::rescue::{Refused, Result};
use crate::{convert, rows, wire};

/// Which duties.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `open` or `done`.
    state: Option<String>,
    /// `notice` or `review`.
    kind: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists notices and reviews, the latest first.
#[utoipa::path(
    get, path = "/v1/duties", tag = "duties", params(Which),
    responses((status = 200, description = "duties", body = wire::Page<wire::DutyRecord>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::DutyRecord>>> {
    let mut browse = Browse::all(Table::Duties).with("tenant", operator.tenant.as_str());
    if let Some(state) = which.state {
        if !["open", "done"].contains(&state.as_str()) {
            return Err(Refused::invalid("state: expected `open` or `done`"));
        }
        browse = browse.with("state", state);
    }
    if let Some(kind) = &which.kind {
        browse = browse.with("kind", convert::word("kind", kind, DutyKind::from_word)?.word());
    }
    let part = Part { limit: which.limit, after: which.after };
    let direction = Direction::Descending;
    let browse = Browse { order_by: Some("at_ms"), direction, ..browse };
    Ok(Json(listing::browse(&app, browse, part, rows::duty).await?))
}

/// Which incidents.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichIncidents {
    /// `open` or `closed`.
    state: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists incidents, the latest first: acts that were rejected afterwards and could not be taken back.
#[utoipa::path(
    get, path = "/v1/incidents", tag = "duties", params(WhichIncidents),
    responses((status = 200, description = "incidents", body = wire::Page<wire::Incident>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn incidents(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<WhichIncidents>,
) -> Result<Json<wire::Page<wire::Incident>>> {
    let mut browse = Browse::all(Table::Incidents).with("tenant", operator.tenant.as_str());
    if let Some(state) = which.state {
        if !["open", "closed"].contains(&state.as_str()) {
            return Err(Refused::invalid("state: expected `open` or `closed`"));
        }
        browse = browse.with("state", state);
    }
    let part = Part { limit: which.limit, after: which.after };
    let direction = Direction::Descending;
    let browse = Browse { order_by: Some("at_ms"), direction, ..browse };
    Ok(Json(listing::browse(&app, browse, part, rows::incident).await?))
}

/// Closes an incident: says what became of it. What its review said stays as it is.
#[utoipa::path(
    post, path = "/v1/duties/{call}/{kind}/{policy}/close", tag = "duties",
    params(
        ("call" = String, Path, description = "the call's id"),
        ("kind" = String, Path, description = "`review`"),
        ("policy" = String, Path, description = "the policy that asked for it"),
    ),
    request_body = wire::CloseIncident,
    responses((status = 200, description = "closed", body = wire::Incident), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Path((call, kind, policy)): Path<(String, String, String)>,
    Strict(body): Strict<wire::CloseIncident>,
) -> Result<Json<wire::Incident>> {
    let reason = convert::reason(body.reason)?;
    let (key, tenant) = (format!("{call}/{kind}/{policy}"), operator.tenant.as_str());
    app.gate.close_incident(&operator, key.clone(), &reason).await?;
    Ok(Json(rows::incident(&listing::one(&app, Table::Incidents, &key, tenant).await?)))
}

/// Marks a notice as seen or a review as made.
#[utoipa::path(
    post, path = "/v1/duties/{call}/{kind}/{policy}/done", tag = "duties",
    params(
        ("call" = String, Path, description = "the call's id"),
        ("kind" = String, Path, description = "`notice` or `review`"),
        ("policy" = String, Path, description = "the policy that asks for it"),
    ),
    request_body = wire::Done,
    responses((status = 200, description = "done", body = wire::DutyRecord), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn done(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Path((call, kind, policy)): Path<(String, String, String)>,
    Strict(body): Strict<wire::Done>,
) -> Result<Json<wire::DutyRecord>> {
    if let Some(note) = &body.note {
        convert::at_most("note", note, limits::REASON_CHARS_MAX)?;
    }
    let (key, tenant) = (format!("{call}/{kind}/{policy}"), operator.tenant.as_str());
    listing::one(&app, Table::Duties, &key, tenant).await?;
    let verdict = body.verdict.as_deref();
    let verdict =
        verdict.map(|word| convert::word("verdict", word, ReviewVerdict::from_word)).transpose()?;
    let done = Done { note: body.note, verdict };
    // A rejected act is taken back: a lost connection must not leave that half said.
    let (gate, duty) = (Arc::clone(&app), key.clone());
    let by = operator.clone();
    let task = tokio::spawn(async move { gate.gate.done(&by, duty, done).await });
    task.await.map_err(Refused::internal)??;
    Ok(Json(rows::duty(&listing::one(&app, Table::Duties, &key, tenant).await?)))
}
