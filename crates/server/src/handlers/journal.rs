//! The journal: entries in pages, the signed head, and verification.
//! Entries of other tenants are left out. Contents of calls are no part of entries; exports are in `exports.rs`, the
//! stream in `events.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{CallId, Name, RunId};
use gate::Direction;
use journal::{EntryFilter, EntryPage, StoredEntry};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::convert::parsed;
use crate::http::body::{Params, Strict};
use crate::http::who::OperatorCaller;
use crate::listing::limit;
use crate::rescue::{Refused, Result};
use crate::wire;

/// Which entries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only of this run.
    run: Option<String>,
    /// Only of this call.
    call: Option<String>,
    /// Only of this kind, such as `call_settled`.
    kind: Option<String>,
    /// Only with this text. Contents of calls are never searched.
    text: Option<String>,
    /// `oldest` or `newest` first; `oldest` if not given.
    first: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before, or the position of an entry.
    after: Option<u64>,
}

/// Lists entries. Those of other tenants are left out; an empty page with `next` is not the end.
#[utoipa::path(
    get, path = "/v1/journal/entries", tag = "journal", params(Which),
    responses((status = 200, description = "entries", body = wire::Page<wire::Entry>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn entries(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Entry>>> {
    let direction = match which.first.as_deref() {
        None | Some("oldest") => Direction::Ascending,
        Some("newest") => Direction::Descending,
        Some(_) => return Err(Refused::invalid("first: expected `oldest` or `newest`")),
    };
    let filter = EntryFilter {
        run: which.run.map(|run| parsed::<RunId>("run", &run)).transpose()?,
        call: which.call.map(|call| parsed::<CallId>("call", &call)).transpose()?,
        kind: which.kind,
        text: which.text,
        ..EntryFilter::default()
    };
    let page = EntryPage { after: which.after, direction, limit: limit(which.limit)? };
    let found = app.journal().entries(filter, page).await?;
    let seen = found.entries.iter().filter(|entry| concerns(entry, &operator.tenant));
    let items = seen.map(shown).collect::<Result<_>>()?;
    Ok(Json(wire::Page { items, next: found.next.map(|next| next.to_string()) }))
}

/// Whether people of this tenant may see an entry: their own, and those of nobody.
pub(crate) fn concerns(entry: &StoredEntry, tenant: &Name) -> bool {
    entry.record.entry.tenant.as_ref().is_none_or(|of| of == tenant)
}

pub(crate) fn shown(entry: &StoredEntry) -> Result<wire::Entry> {
    let record = &entry.record;
    Ok(wire::Entry {
        position: entry.position,
        writer: record.writer.to_string(),
        seq: record.seq,
        hash: entry.hash.to_string(),
        at_ms: record.entry.at.millis(),
        tenant: record.entry.tenant.as_ref().map(ToString::to_string),
        run: record.entry.run.map(|run| run.to_string()),
        call: record.entry.call.map(|call| call.to_string()),
        kind: entry.kind.clone(),
        entry: serde_json::from_str(&entry.body).map_err(Refused::internal)?,
    })
}

/// The head of the journal, signed now.
#[utoipa::path(
    get, path = "/v1/journal/head", tag = "journal",
    responses((status = 200, description = "the head", body = wire::Head), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn head(
    State(app): State<Arc<App>>,
    _operator: OperatorCaller,
) -> Result<Json<wire::Head>> {
    let signed = app.journal().head().await?;
    let head = signed.head;
    Ok(Json(wire::Head {
        origin: head.origin,
        position: head.position,
        writer: head.writer.to_string(),
        seq: head.seq,
        hash: head.hash.to_string(),
        at_ms: head.at.millis(),
        note: signed.note,
        public_key: app.journal().public_key().text(),
    }))
}

/// Verifies the whole journal, and against a head that was kept elsewhere if one is given.
#[utoipa::path(
    post, path = "/v1/journal/verify", tag = "journal", request_body = wire::Verify,
    responses((status = 200, description = "what was found", body = wire::Verification), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn verify(
    State(app): State<Arc<App>>,
    _operator: OperatorCaller,
    Strict(body): Strict<wire::Verify>,
) -> Result<Json<wire::Verification>> {
    let found = app.journal().verify(body.head).await?;
    Ok(Json(wire::Verification {
        verified: found.is_good(),
        entries: found.entries,
        chains: found.chains,
        heads: found.heads,
        payloads: found.payloads,
        erased: found.erased,
        first_problem: found.finding.map(|finding| finding.to_string()),
    }))
}
