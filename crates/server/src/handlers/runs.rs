//! Runs: opened by agents, ended by either side, resumed and undone by operators.
//! A run belongs to the grant that opened it; another agent's run does not exist for anybody but its operators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{Outcome, OutcomeStatus, RunId, RunState, limits};
use gate::{Column, Direction, Identity, Journal as _, Record, RunAsk, Table};
use journal::Browse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::convert::{self, at_most, parsed};
use crate::http::body::{Id, Params, Strict};
use crate::http::who::{AgentCaller, AnyCaller, OperatorCaller};
use crate::listing::{self, Narrowed, Part};
use crate::rescue::{Refused, Result};
use crate::{rows, wire};

/// Where a text is looked for, beside the id.
const SEARCHED: [Column; 6] = ["purpose", "workflow", "agent", "human", "reason", "metric"];

/// Which runs.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only in this state: `open`, `paused` or `ended`.
    state: Option<String>,
    /// Only of this workflow.
    workflow: Option<String>,
    /// Only of this agent: its name, or `name@version`.
    agent: Option<String>,
    /// Only on behalf of this person.
    human: Option<String>,
    /// Only with this text in purpose, workflow, agent, person, reason, metric or id.
    text: Option<String>,
    /// Only opened at or after this moment, in milliseconds since 1970.
    since_ms: Option<u64>,
    /// Only opened before this moment.
    until_ms: Option<u64>,
    /// `oldest` or `newest` first; `newest` if not given.
    first: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Opens a run for a workflow. Limits can only be stricter than the workflow's.
#[utoipa::path(
    post, path = "/v1/runs", tag = "runs", request_body = wire::OpenRun,
    responses((status = 201, description = "the run", body = wire::Run), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    agent: AgentCaller,
    Strict(body): Strict<wire::OpenRun>,
) -> Result<(StatusCode, Json<wire::Run>)> {
    at_most("purpose", &body.purpose, limits::PURPOSE_CHARS_MAX)?;
    let ask = RunAsk {
        workflow: parsed("workflow", &body.workflow)?,
        purpose: body.purpose,
        limit: convert::limits_of(&body.limit)?,
    };
    let run = app.gate.open_run(&agent.caller, ask).await?;
    let record = visible(&app, &AnyCaller(Identity::Agent(agent.caller)), run.id).await?;
    Ok((StatusCode::CREATED, Json(rows::run(&record))))
}

/// Lists runs, the latest first if nothing else is asked for: an agent sees its own, an operator those of the tenant.
#[utoipa::path(
    get, path = "/v1/runs", tag = "runs", params(Which),
    responses((status = 200, description = "runs", body = wire::Page<wire::Run>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Run>>> {
    let mut browse = Browse::all(Table::Runs).with("tenant", caller.tenant().as_str());
    let mut agent = which.agent;
    if let Identity::Agent(own) = &caller.0 {
        browse = browse.with("grant_id", own.grant.to_string());
        // Its index; what is of another agent is none of its.
        agent = agent.or_else(|| Some(own.chain.agent.name.to_string()));
    }
    if let Some(state) = &which.state {
        browse = browse.with("state", convert::word("state", state, RunState::from_word)?.word());
    }
    for (column, value) in [("workflow", which.workflow), ("human", which.human)] {
        browse = value.into_iter().fold(browse, |browse, value| browse.with(column, value));
    }
    let direction = listing::direction(which.first.as_deref(), Direction::Descending)?;
    let browse = Browse { order_by: Some("opened_ms"), direction, ..browse };
    let (since_ms, until_ms) = (which.since_ms, which.until_ms);
    let narrowed = Narrowed { agent, text: which.text, since_ms, until_ms };
    let browse = narrowed.of(browse, &SEARCHED)?;
    let part = Part { limit: which.limit, after: which.after };
    Ok(Json(listing::browse(&app, browse, part, rows::run).await?))
}

/// One run.
#[utoipa::path(
    get, path = "/v1/runs/{run}", tag = "runs", params(("run" = String, Path, description = "the run's id")),
    responses((status = 200, description = "the run", body = wire::Run), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Id(run): Id<RunId>,
) -> Result<Json<wire::Run>> {
    Ok(Json(rows::run(&visible(&app, &caller, run).await?)))
}

pub(crate) async fn visible(app: &App, caller: &AnyCaller, run: RunId) -> Result<Record> {
    let record = app.journal().read(Table::Runs, &run.to_string()).await?;
    let seen = record.filter(|one| caller.may_see(one.text("tenant"), one.text("grant_id")));
    seen.ok_or_else(|| Refused::not_found(run))
}

/// Ends a run: by its agent, or by an operator of its tenant.
#[utoipa::path(
    post, path = "/v1/runs/{run}/end", tag = "runs", params(("run" = String, Path, description = "the run's id")),
    request_body = wire::EndRun,
    responses((status = 200, description = "the run", body = wire::Run), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Id(run): Id<RunId>,
    Strict(body): Strict<wire::EndRun>,
) -> Result<Json<wire::Run>> {
    let status = convert::word("outcome", &body.outcome, OutcomeStatus::from_word)?;
    if status == OutcomeStatus::Idle {
        return Err(Refused::invalid("outcome: expected `succeeded`, `failed` or `abandoned`"));
    }
    at_most("reason", &body.reason, limits::REASON_CHARS_MAX)?;
    let metric = body.metric.as_deref().unwrap_or_default();
    at_most("metric", metric, limits::KEY_CHARS_MAX)?;
    if body.evidence.len() > limits::EVIDENCE_MAX {
        return Err(Refused::invalid(format!("evidence: more than {}", limits::EVIDENCE_MAX)));
    }
    body.evidence
        .iter()
        .try_for_each(|text| at_most("evidence", text, limits::REASON_CHARS_MAX))?;
    let outcome =
        Outcome { status, reason: body.reason, metric: body.metric, evidence: body.evidence };
    visible(&app, &caller, run).await?;
    app.gate.end_run(&caller.0, run, outcome).await?;
    Ok(Json(rows::run(&visible(&app, &caller, run).await?)))
}

/// Lets a paused run go on.
#[utoipa::path(
    post, path = "/v1/runs/{run}/resume", tag = "runs", params(("run" = String, Path, description = "the run's id")),
    request_body = wire::ResumeRun,
    responses((status = 200, description = "the run", body = wire::Run), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(run): Id<RunId>,
    Strict(body): Strict<wire::ResumeRun>,
) -> Result<Json<wire::Run>> {
    app.gate.resume_run(&operator, run, convert::reason(body.reason)?).await?;
    let key = run.to_string();
    let record = listing::one(&app, Table::Runs, &key, operator.tenant.as_str()).await?;
    Ok(Json(rows::run(&record)))
}

/// Takes the last acts of a run back, the last one first, past those that cannot be.
#[utoipa::path(
    post, path = "/v1/runs/{run}/undo", tag = "runs", params(("run" = String, Path, description = "the run's id")),
    request_body = wire::UndoLast,
    responses((status = 200, description = "what became of each", body = wire::Undone), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(run): Id<RunId>,
    Strict(body): Strict<wire::UndoLast>,
) -> Result<Json<wire::Undone>> {
    if body.last == 0 {
        return Err(Refused::invalid("last: expected at least 1"));
    }
    // In a task of its own: a lost connection must not leave half of it undone.
    let gate = Arc::clone(&app.gate);
    let task = tokio::spawn(async move { gate.undo_last(&operator, run, body.last).await });
    let acts = task.await.map_err(Refused::internal)??;
    let shown = |(of, answer): &(domain::CallId, domain::Answer)| {
        Ok(wire::UndoneCall { of: of.to_string(), answer: convert::answer(answer)? })
    };
    Ok(Json(wire::Undone { acts: acts.iter().map(shown).collect::<Result<_>>()? }))
}
