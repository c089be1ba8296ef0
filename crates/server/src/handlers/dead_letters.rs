//! Dead letters: calls that wait for a person because no attempt is left, or because nobody knows what became of them.
//! What may be done with one is decided by the gate; here it is listed, shown with its evidence, and asked for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::{CallId, CallState, DeadLetterState, DeadReason, Executed, limits};
use gate::{Column, Direction, Record, Refusal, Table};
use journal::{Browse, EntryFilter, EntryPage};
use serde::Deserialize;
use utoipa::IntoParams;

use super::proposals::{place, respond};
use super::{calls, journal as entries};
use crate::app::App;
use crate::http::body::{Id, Params, Strict};
use crate::http::who::OperatorCaller;
use crate::listing::{self, Part};
use crate::rescue::{Refused, Result};
use crate::{convert, plans, rows, wire};

/// Where a text is looked for, beside the id.
const SEARCHED: [Column; 4] = ["tool", "resource", "agent", "run"];

/// Which dead letters.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only in this state: `open`, `redriven`, `resolved` or `discarded`.
    state: Option<String>,
    /// Only for this reason: `used_up`, `interrupted` or `in_doubt`.
    why: Option<String>,
    /// Only of this agent, by name.
    agent: Option<String>,
    /// Only of this tool.
    tool: Option<String>,
    /// Only of this run.
    run: Option<String>,
    /// Only with this text in tool, resource, agent, run or id.
    text: Option<String>,
    /// `oldest` or `newest` first; `newest` if not given.
    first: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists dead letters, the latest first if nothing else is asked for.
#[utoipa::path(
    get, path = "/v1/dead-letters", tag = "dead_letters", params(Which),
    responses((status = 200, description = "dead letters", body = wire::Page<wire::DeadLetter>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::DeadLetter>>> {
    let mut browse = Browse::all(Table::DeadLetters).with("tenant", operator.tenant.as_str());
    if let Some(state) = &which.state {
        let state = convert::word("state", state, DeadLetterState::from_word)?;
        browse = browse.with("state", state.word());
    }
    if let Some(why) = &which.why {
        let why = convert::word("why", why, DeadReason::from_word)?;
        browse = browse.with("why", why.word());
    }
    for (column, value) in [("agent", which.agent), ("tool", which.tool), ("run", which.run)] {
        browse = value.into_iter().fold(browse, |browse, value| browse.with(column, value));
    }
    let direction = listing::direction(which.first.as_deref(), Direction::Descending)?;
    let browse = Browse { order_by: Some("at_ms"), direction, ..browse };
    let browse = listing::searching(browse, which.text, &SEARCHED)?;
    let part = Part { limit: which.limit, after: which.after };
    Ok(Json(listing::browse(&app, browse, part, rows::dead_letter).await?))
}

/// One dead letter with all that is known of its call.
#[utoipa::path(
    get, path = "/v1/dead-letters/{call}", tag = "dead_letters", params(("call" = String, Path, description = "the call's id")),
    responses((status = 200, description = "the letter", body = wire::DeadLetterDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
) -> Result<Json<wire::DeadLetterDetails>> {
    let (key, tenant) = (call.to_string(), operator.tenant.as_str());
    let letter = listing::one(&app, Table::DeadLetters, &key, tenant).await?;
    let record = listing::one(&app, Table::Calls, &key, tenant).await?;
    let filter = EntryFilter { call: Some(call), ..EntryFilter::default() };
    let direction = Direction::Ascending;
    let page = EntryPage { after: None, direction, limit: limits::PAGE_ROWS_MAX };
    let found = app.journal().entries(filter, page).await?;
    Ok(Json(wire::DeadLetterDetails {
        may: may(&letter, &record),
        letter: rows::dead_letter(&letter),
        call: rows::call(&record),
        answer: calls::kept_answer(&app, call).await?,
        plan: plans::of(&app, call).await?,
        entries: found.entries.iter().map(entries::shown).collect::<Result<_>>()?,
    }))
}

/// What the gate would let be done with it now.
fn may(letter: &Record, record: &Record) -> Vec<String> {
    if letter.text("state") != DeadLetterState::Open.word() {
        return Vec::new();
    }
    let in_doubt = record.text("state") == CallState::InDoubt.word();
    let nothing = record.text("executed") == Executed::No.word();
    let all = [("redrive", nothing && !in_doubt), ("resolve", true), ("discard", true)];
    all.into_iter().filter(|(_, may)| *may).map(|(verb, _)| verb.to_owned()).collect()
}

/// Makes the call of a dead letter again, as a new call of the same agent. Only if the first certainly did not happen.
#[utoipa::path(
    post, path = "/v1/dead-letters/{call}/redrive", tag = "dead_letters",
    params(("call" = String, Path, description = "the call's id")), request_body = wire::SettleLetter,
    responses(
        (status = 200, description = "the new call's answer", body = wire::Answer),
        (status = "4XX", description = "refused", body = wire::Answer),
        (status = "5XX", description = "failed", body = wire::Answer),
    ),
)]
pub(crate) async fn redrive(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
    Strict(body): Strict<wire::SettleLetter>,
) -> Result<Response> {
    let reason = convert::reason(body.reason)?;
    let redriven =
        apart(&app, move |app| async move { app.gate.redrive(&operator, call, &reason).await });
    respond(&redriven.await?, None)
}

/// Says what became of the call of a dead letter.
#[utoipa::path(
    post, path = "/v1/dead-letters/{call}/resolve", tag = "dead_letters",
    params(("call" = String, Path, description = "the call's id")), request_body = wire::Resolve,
    responses((status = 200, description = "the letter", body = wire::DeadLetter), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn resolve(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
    Strict(body): Strict<wire::Resolve>,
) -> Result<Json<wire::DeadLetter>> {
    let found = convert::word("executed", &body.executed, Executed::from_word)?;
    if found == Executed::Unknown {
        return Err(Refused::invalid("executed: expected `yes`, `partly` or `no`"));
    }
    let reason = convert::reason(body.reason)?;
    app.gate.resolve_letter(&operator, call, (found, reason)).await?;
    letter(&app, (call, operator.tenant.as_str())).await
}

/// Puts a dead letter away.
#[utoipa::path(
    post, path = "/v1/dead-letters/{call}/discard", tag = "dead_letters",
    params(("call" = String, Path, description = "the call's id")), request_body = wire::SettleLetter,
    responses((status = 200, description = "the letter", body = wire::DeadLetter), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn discard(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
    Strict(body): Strict<wire::SettleLetter>,
) -> Result<Json<wire::DeadLetter>> {
    let reason = convert::reason(body.reason)?;
    app.gate.discard_letter(&operator, call, &reason).await?;
    letter(&app, (call, operator.tenant.as_str())).await
}

/// Does a job in a task of its own, at a place among calls in work: it goes on if whoever asked goes away.
async fn apart<T, F>(app: &Arc<App>, job: impl FnOnce(Arc<App>) -> F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = std::result::Result<T, Refusal>> + Send + 'static,
{
    let place = place(app)?;
    let job = job(Arc::clone(app));
    let task = tokio::spawn(async move {
        let done = job.await;
        drop(place);
        done
    });
    Ok(task.await.map_err(Refused::internal)??)
}

async fn letter(app: &App, (call, tenant): (CallId, &str)) -> Result<Json<wire::DeadLetter>> {
    let record = listing::one(app, Table::DeadLetters, &call.to_string(), tenant).await?;
    Ok(Json(rows::dead_letter(&record)))
}

/// Looks whether a call in doubt happened, by the read that its contract names. Nothing is sent again.
#[utoipa::path(
    post, path = "/v1/calls/{call}/probe", tag = "calls", params(("call" = String, Path, description = "the call's id")),
    responses((status = 200, description = "what was found", body = wire::Probed), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn probe(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
) -> Result<Json<wire::Probed>> {
    let found = apart(&app, move |app| async move { app.gate.probe(&operator, call).await });
    let found = found.await?;
    Ok(Json(wire::Probed {
        probe: found.probe.to_string(),
        found: found.found.word().to_owned(),
        reason: found.reason,
    }))
}
