//! Calls: what is known of them, and what operators do with them.
//! An agent sees its own calls, an operator those of the tenant; to everybody else they do not exist. Proposing and
//! waiting is in `proposals.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{CallId, CallState, Code, Executed, PayloadKind, Status, Strength};
use gate::{Column, Direction, Identity, Journal as _, Query, Record, Table, UndoOrder};
use journal::Browse;
use serde::Deserialize;
use utoipa::IntoParams;

use super::proposals::{respond, work};
use crate::app::App;
use crate::http::body::{Id, Params, Strict};
use crate::http::who::{AgentCaller, AnyCaller, OperatorCaller};
use crate::listing::{self, Narrowed, Part};
use crate::rescue::{Refused, Result};
use crate::{convert, explain, plans, rows, wire};

/// Where a text is looked for, beside the id.
const SEARCHED: [Column; 5] = ["tool", "resource", "agent", "code", "run"];

/// Which calls.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only of this run.
    run: Option<String>,
    /// Only in this state, such as `held`.
    state: Option<String>,
    /// Only of this tool.
    tool: Option<String>,
    /// Only of this agent: its name, or `name@version`.
    agent: Option<String>,
    /// Only with this verdict of the policies: `allow`, `notify`, `hold` or `deny`.
    verdict: Option<String>,
    /// Only with this status of the answer, such as `failed`.
    outcome: Option<String>,
    /// Only with this text in tool, resource, agent, code, run or id.
    text: Option<String>,
    /// Only received at or after this moment, in milliseconds since 1970.
    since_ms: Option<u64>,
    /// Only received before this moment.
    until_ms: Option<u64>,
    /// `oldest` or `newest` first; `newest` if not given.
    first: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists calls, the latest first if nothing else is asked for: an agent sees its own, an operator those of the tenant.
#[utoipa::path(
    get, path = "/v1/calls", tag = "calls", params(Which),
    responses((status = 200, description = "calls", body = wire::Page<wire::Call>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Call>>> {
    let mut browse = Browse::all(Table::Calls).with("tenant", caller.tenant().as_str());
    let mut agent = which.agent;
    if let Identity::Agent(own) = &caller.0 {
        browse = browse.with("grant_id", own.grant.to_string());
        // Its index; what is of another agent is none of its.
        agent = agent.or_else(|| Some(own.chain.agent.name.to_string()));
    }
    let word = |what, word: Option<String>, known: fn(&str) -> bool| match word {
        Some(word) if known(&word) => Ok(Some(word)),
        Some(word) => convert::word(what, &word, |_| None),
        None => Ok(None),
    };
    for (column, value) in [
        ("run", which.run),
        ("state", word("state", which.state, |word| CallState::from_word(word).is_some())?),
        ("status", word("outcome", which.outcome, |word| Status::from_word(word).is_some())?),
        ("verdict", word("verdict", which.verdict, |word| Strength::from_word(word).is_some())?),
        ("tool", which.tool),
    ] {
        browse = value.into_iter().fold(browse, |browse, value| browse.with(column, value));
    }
    let direction = listing::direction(which.first.as_deref(), Direction::Descending)?;
    let browse = Browse { order_by: Some("received_ms"), direction, ..browse };
    let (since_ms, until_ms) = (which.since_ms, which.until_ms);
    let narrowed = Narrowed { agent, text: which.text, since_ms, until_ms };
    let browse = narrowed.of(browse, &SEARCHED)?;
    let part = Part { limit: which.limit, after: which.after };
    Ok(Json(listing::browse(&app, browse, part, rows::call).await?))
}

/// One call with its answer and what people were asked.
#[utoipa::path(
    get, path = "/v1/calls/{call}", tag = "calls", params(("call" = String, Path, description = "the call's id")),
    responses((status = 200, description = "the call", body = wire::CallDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Id(call): Id<CallId>,
) -> Result<Json<wire::CallDetails>> {
    let record = visible(&app, &caller, call).await?;
    let query = Query::all(Table::Approvals).with("call", call.to_string());
    let approvals = app.journal().select(query).await?;
    Ok(Json(wire::CallDetails {
        call: rows::call(&record),
        answer: kept_answer(&app, call).await?,
        approvals: approvals.iter().map(rows::approval).collect(),
    }))
}

async fn visible(app: &App, caller: &AnyCaller, call: CallId) -> Result<Record> {
    let record = app.journal().read(Table::Calls, &call.to_string()).await?;
    let seen = record.filter(|one| caller.may_see(one.text("tenant"), one.text("grant_id")));
    seen.ok_or_else(|| Refused::not_found(call))
}

/// The last answer that was given for a call.
pub(crate) async fn kept_answer(app: &App, call: CallId) -> Result<Option<wire::Answer>> {
    let Some(bytes) = app.journal().payload(call, PayloadKind::Answer).await? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes).map_err(Refused::internal)?;
    let answer = gate::payload::read_answer(&value).map_err(Refused::internal)?;
    convert::answer(&answer).map(Some)
}

/// The plan of a changing call: what it would do or did.
#[utoipa::path(
    get, path = "/v1/calls/{call}/plan", tag = "calls", params(("call" = String, Path, description = "the call's id")),
    responses((status = 200, description = "the plan", body = wire::PlanView), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn plan(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
) -> Result<Json<wire::PlanView>> {
    listing::one(&app, Table::Calls, &call.to_string(), operator.tenant.as_str()).await?;
    let plan = plans::of(&app, call).await?;
    plan.map(Json).ok_or_else(|| Refused::not_found(format!("plan of {call}")))
}

/// Takes a held call of this agent back.
#[utoipa::path(
    post, path = "/v1/calls/{call}/withdraw", tag = "calls", params(("call" = String, Path, description = "the call's id")),
    request_body = wire::Withdraw,
    responses((status = 200, description = "withdrawn", body = wire::Answer), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn withdraw(
    State(app): State<Arc<App>>,
    agent: AgentCaller,
    Id(call): Id<CallId>,
    Strict(body): Strict<wire::Withdraw>,
) -> Result<Response> {
    let reason = convert::reason(body.reason)?;
    let answer = app.gate.withdraw(&agent.caller, call, reason).await?;
    let mut response = respond(&answer, None)?;
    // The call is refused, the withdrawal is not.
    if answer.error.is_some_and(|failure| failure.code == Code::Withdrawn) {
        *response.status_mut() = StatusCode::OK;
    }
    Ok(response)
}

/// Says what became of a call in doubt.
#[utoipa::path(
    post, path = "/v1/calls/{call}/resolve", tag = "calls", params(("call" = String, Path, description = "the call's id")),
    request_body = wire::Resolve,
    responses((status = 200, description = "the call", body = wire::Call), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn resolve(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
    Strict(body): Strict<wire::Resolve>,
) -> Result<Json<wire::Call>> {
    let found = convert::word("executed", &body.executed, Executed::from_word)?;
    if found == Executed::Unknown {
        return Err(Refused::invalid("executed: expected `yes`, `partly` or `no`"));
    }
    let reason = convert::reason(body.reason)?;
    app.gate.resolve_doubt(&operator, call, (found, reason)).await?;
    let tenant = operator.tenant.as_str();
    let record = listing::one(&app, Table::Calls, &call.to_string(), tenant).await?;
    Ok(Json(rows::call(&record)))
}

/// Takes an act back: a call of its own, whose answer this is.
#[utoipa::path(
    post, path = "/v1/calls/{call}/undo", tag = "calls", params(("call" = String, Path, description = "the act's id")),
    responses(
        (status = 200, description = "taken back", body = wire::Answer),
        (status = "4XX", description = "refused", body = wire::Answer),
        (status = "5XX", description = "failed", body = wire::Answer),
    ),
)]
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
) -> Result<Response> {
    let answer =
        work(
            &app,
            move |app| async move { app.gate.undo(&operator, call, UndoOrder::Asked).await },
        );
    respond(&answer.await?, None)
}

/// Why a call was decided as it was, from the recorded facts.
#[utoipa::path(
    get, path = "/v1/calls/{call}/explain", tag = "calls", params(("call" = String, Path, description = "the call's id")),
    responses((status = 200, description = "why", body = wire::Explanation), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn explain(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(call): Id<CallId>,
) -> Result<Json<wire::Explanation>> {
    let tenant = operator.tenant.as_str();
    let record = listing::one(&app, Table::Calls, &call.to_string(), tenant).await?;
    let facts = app.journal().payload(call, PayloadKind::Facts).await?;
    let gone = || {
        let message = format!("the facts of {call} are not kept");
        Refused::new(Code::NotReplayable, message, "a call that was refused before policy has none")
    };
    let facts = gate::payload::read_facts(&facts.ok_or_else(gone)?).map_err(Refused::internal)?;
    explain::explain(&app, (call, record.text("policy")), &facts).await.map(Json)
}
