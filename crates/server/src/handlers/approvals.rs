//! Approvals: what people are asked, and their answers. No agent key opens any of these routes.
//! What is shown before a decision (arguments, input, intent, diff) is what the approval is bound to, masked.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{ApprovalId, ApprovalState, Assurance, CallId, Digest, Operator, Surface, limits};
use gate::{Column, Direction, Journal as _, Table, Yes};
use journal::{Browse, Condition};
use serde::Deserialize;
use utoipa::IntoParams;

use super::calls::kept_answer;
use crate::app::App;
use crate::http::body::{Id, Params, Strict};
use crate::http::who::OperatorCaller;
use crate::listing::{self, Part};
use crate::rescue::{Refused, Result};
use crate::{briefs, convert, plans, rows, wire};

/// Where a text is looked for, beside the id.
const SEARCHED: [Column; 6] = ["tool", "resource", "agent", "requirement", "reason", "call"];

/// Which requests.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only in this state, such as `pending`; `decided` for those that a person answered, also when they were used.
    state: Option<String>,
    /// Only asked by this agent.
    agent: Option<String>,
    /// Only asked of this group, such as `oncall`, also by escalation.
    group: Option<String>,
    /// `true` for those asked of a group that whoever asks stands in.
    mine: Option<bool>,
    /// Only with this text in tool, resource, agent, rule, reason, call or id.
    text: Option<String>,
    /// Only asked at or after this moment, in milliseconds since 1970.
    since_ms: Option<u64>,
    /// Only asked before this moment.
    until_ms: Option<u64>,
    /// `oldest` or `newest` first; `oldest` if not given.
    first: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists requests for decisions, the oldest first if nothing else is asked for.
#[utoipa::path(
    get, path = "/v1/approvals", tag = "approvals", params(Which),
    responses((status = 200, description = "requests", body = wire::Page<wire::Approval>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Approval>>> {
    let mut browse = Browse::all(Table::Approvals).with("tenant", operator.tenant.as_str());
    browse = match which.state.as_deref() {
        None => browse,
        Some("decided") => browse.only(Condition::Present("decided_ms")),
        Some(state) => {
            browse.with("state", convert::word("state", state, ApprovalState::from_word)?.word())
        }
    };
    browse = which.agent.into_iter().fold(browse, |browse, agent| browse.with("agent", agent));
    if let Some(group) = which.group {
        let name = group.strip_prefix("group:").unwrap_or(&group);
        browse = browse.only(asked_of(vec![format!("group:{name}")]));
    }
    if let (Some(true), Some(groups)) = (which.mine, operator.groups.named()) {
        browse = browse.only(asked_of(groups.iter().map(|name| format!("group:{name}")).collect()));
    }
    let direction = listing::direction(which.first.as_deref(), Direction::Ascending)?;
    let (from, until) = (which.since_ms, which.until_ms);
    let browse = Browse { order_by: Some("asked_ms"), direction, from, until, ..browse };
    let browse = listing::searching(browse, which.text, &SEARCHED)?;
    let part = Part { limit: which.limit, after: which.after };
    Ok(Json(listing::browse(&app, browse, part, rows::approval).await?))
}

/// Asked of one of these groups, from the beginning or since it escalated.
fn asked_of(groups: Vec<String>) -> Condition {
    let later = Condition::Among("escalate_to", groups.clone());
    let escalated = Condition::All(vec![Condition::Present("escalated_ms"), later]);
    Condition::Any(vec![Condition::Among("asked_of", groups), escalated])
}

/// One request with everything that a person needs to decide it.
#[utoipa::path(
    get, path = "/v1/approvals/{approval}", tag = "approvals", params(("approval" = String, Path, description = "the request's id")),
    responses((status = 200, description = "the request", body = wire::ApprovalDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(approval): Id<ApprovalId>,
) -> Result<Json<wire::ApprovalDetails>> {
    details(&app, &operator, approval).await.map(Json)
}

/// A request with everything that somebody needs to decide it.
pub(crate) async fn details(
    app: &App,
    operator: &Operator,
    approval: ApprovalId,
) -> Result<wire::ApprovalDetails> {
    let brief = app.gate.brief(operator, approval).await?;
    let approval = shown(app, operator, approval).await?;
    let call: CallId = approval.call.parse().map_err(Refused::internal)?;
    let record = app.journal().read(Table::Calls, &approval.call).await?;
    let plan = plans::of(app, call).await?;
    // The agent may not have been shown the diff; a person decides about it.
    let answer = kept_answer(app, call).await?.map(|answer| wire::Answer {
        diff: answer.diff.or_else(|| plan.as_ref().map(|plan| plan.diff.clone())),
        ..answer
    });
    Ok(briefs::details(approval, (record.as_ref().map(rows::call), answer, plan), brief))
}

pub(super) async fn shown(
    app: &App,
    operator: &Operator,
    approval: ApprovalId,
) -> Result<wire::Approval> {
    let (key, tenant) = (approval.to_string(), operator.tenant.as_str());
    Ok(rows::approval(&listing::one(app, Table::Approvals, &key, tenant).await?))
}

/// Says yes: the call runs once, as it was shown, when somebody waits for it.
#[utoipa::path(
    post, path = "/v1/approvals/{approval}/approve", tag = "approvals", params(("approval" = String, Path, description = "the request's id")),
    request_body = wire::Approve,
    responses((status = 200, description = "approved", body = wire::Approval), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn approve(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(approval): Id<ApprovalId>,
    Strict(body): Strict<wire::Approve>,
) -> Result<Json<wire::Approval>> {
    if let Some(reason) = &body.reason {
        convert::at_most("reason", reason, limits::REASON_CHARS_MAX)?;
    }
    let shown_to = body.shown.as_deref().map(digest).transpose()?;
    let surface = surface(&operator, body.surface.as_deref())?;
    let message = None;
    let yes = Yes { reason: body.reason, confirm: body.confirm, shown: shown_to, surface, message };
    app.gate.approve(&operator, approval, yes).await?;
    shown(&app, &operator, approval).await.map(Json)
}

/// Says no: the call is denied, and its agent told why.
#[utoipa::path(
    post, path = "/v1/approvals/{approval}/reject", tag = "approvals", params(("approval" = String, Path, description = "the request's id")),
    request_body = wire::Reject,
    responses((status = 200, description = "rejected", body = wire::Approval), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn reject(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(approval): Id<ApprovalId>,
    Strict(body): Strict<wire::Reject>,
) -> Result<Json<wire::Approval>> {
    app.gate.reject(&operator, approval, convert::reason(body.reason)?).await?;
    shown(&app, &operator, approval).await.map(Json)
}

fn digest(text: &str) -> Result<Digest> {
    let wrong = |_| Refused::invalid("shown: expected the `shown.digest` of the request");
    text.parse().map_err(wrong)
}

/// Where a person decides. Who is logged in is in the console, whatever the body says.
fn surface(operator: &Operator, said: Option<&str>) -> Result<Surface> {
    match (operator.assurance, said) {
        (Assurance::Session | Assurance::Passkey, _) => Ok(Surface::Console),
        (Assurance::Key, None | Some("api")) => Ok(Surface::Api),
        (Assurance::Key, Some("cli")) => Ok(Surface::Cli),
        (Assurance::Key, Some(_)) => Err(Refused::invalid("surface: expected `api` or `cli`")),
    }
}

/// Proposes other arguments: a new call, judged from the beginning, takes the place of the held one.
///
/// The answer is the new call's. It may be held again, or denied, or run at once if no rule asks for it.
#[utoipa::path(
    post, path = "/v1/approvals/{approval}/edit", tag = "approvals", params(("approval" = String, Path, description = "the request's id")),
    request_body = wire::EditCall,
    responses((status = 200, description = "the new call's answer", body = wire::Answer), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn edit(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(approval): Id<ApprovalId>,
    Strict(body): Strict<wire::EditCall>,
) -> Result<Json<wire::Answer>> {
    let edit = (body.arguments, convert::reason(body.reason)?);
    // A lost connection must not leave the old call ended and the new one unfinished.
    let gate = Arc::clone(&app);
    let task = tokio::spawn(async move { gate.gate.edit(&operator, approval, edit).await });
    let answer = task.await.map_err(Refused::internal)??;
    convert::answer(&answer).map(Json)
}

/// Asks the agent something before it is decided: told in the held call's answer.
#[utoipa::path(
    post, path = "/v1/approvals/{approval}/ask", tag = "approvals", params(("approval" = String, Path, description = "the request's id")),
    request_body = wire::AskAgent,
    responses((status = 200, description = "asked", body = wire::Approval), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(approval): Id<ApprovalId>,
    Strict(body): Strict<wire::AskAgent>,
) -> Result<Json<wire::Approval>> {
    convert::at_most("question", &body.question, limits::REASON_CHARS_MAX)?;
    if body.question.trim().is_empty() {
        return Err(Refused::invalid("question: expected a few words"));
    }
    app.gate.ask(&operator, approval, body.question).await?;
    shown(&app, &operator, approval).await.map(Json)
}
