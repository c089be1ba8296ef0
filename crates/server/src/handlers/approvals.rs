//! Approvals: what people are asked, and their answers. No agent key opens any of these routes.
//! What is shown before a decision (arguments, input, intent, diff) is what the approval is bound to, masked.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{ApprovalId, ApprovalState, CallId, Operator, PayloadKind, limits};
use gate::{Journal as _, Query, Table};
use serde::Deserialize;
use utoipa::IntoParams;

use super::calls::kept_answer;
use crate::app::App;
use crate::http::body::{Id, Params, Strict};
use crate::http::who::OperatorCaller;
use crate::listing::{self, Part};
use crate::rescue::{Refused, Result};
use crate::{convert, plans, rows, wire};

/// Which requests.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only in this state, such as `pending`.
    state: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists requests for decisions, the oldest first.
#[utoipa::path(
    get, path = "/v1/approvals", tag = "approvals", params(Which),
    responses((status = 200, description = "requests", body = wire::Page<wire::Approval>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Approval>>> {
    let mut query = Query::all(Table::Approvals).with("tenant", operator.tenant.as_str());
    if let Some(state) = &which.state {
        let state = convert::word("state", state, ApprovalState::from_word)?;
        query = query.with("state", state.word());
    }
    query.order_by = Some("asked_ms");
    let part = Part { limit: which.limit, after: which.after };
    Ok(Json(listing::page(&app, query, part, |record| Some(rows::approval(record))).await?))
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
    let approval = shown(&app, &operator, approval).await?;
    let call: CallId = approval.call.parse().map_err(Refused::internal)?;
    let record = app.journal().read(Table::Calls, &approval.call).await?;
    let facts = app.journal().payload(call, PayloadKind::Facts).await?;
    let facts = facts.and_then(|bytes| gate::payload::read_facts(&bytes).ok());
    let proposal = app.journal().payload(call, PayloadKind::Proposal).await?;
    let proposal = proposal.and_then(|bytes| gate::payload::read_proposal(&bytes).ok());
    let masker = &app.masker;
    // The tool's own state, which stands beside the answers, says nothing to people.
    let given =
        proposal.as_ref().and_then(|proposal| proposal.input.as_ref()?.given.get("inputResponses"));
    let input = given.map(|given| masker.mask_value(given).0);
    let asked = facts.as_ref().and_then(|facts| facts.input?.answers);
    let arguments = facts.map(|facts| {
        let rules = app.gate.rules();
        let known = rules.catalogue.get(&facts.tool.name);
        let hidden = known.map(|contract| contract.mask_secrets(&facts.arguments));
        masker.mask_value(&hidden.unwrap_or(facts.arguments)).0
    });
    let plan = plans::of(&app, call).await?;
    // The agent may not have been shown the diff; a person decides about it.
    let answer = kept_answer(&app, call).await?.map(|answer| wire::Answer {
        diff: answer.diff.or_else(|| plan.as_ref().map(|plan| plan.diff.clone())),
        ..answer
    });
    let after = proposal.as_ref().and_then(|proposal| proposal.after);
    let intent = proposal.and_then(|proposal| proposal.intent);
    Ok(Json(wire::ApprovalDetails {
        call: record.as_ref().map(rows::call),
        arguments,
        input,
        input_answers: asked.map(|call| call.to_string()),
        intent: intent.map(|intent| masker.mask_text(&intent).into_owned()),
        answer,
        plan,
        after: after.map(|after| after.to_string()),
        approval,
    }))
}

async fn shown(app: &App, operator: &Operator, approval: ApprovalId) -> Result<wire::Approval> {
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
    app.gate.approve(&operator, approval, body.reason).await?;
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
