//! Kills: what one would do, its confirmation; and rehearsals.
//!
//! The gate decides and keeps what was shown; a token is good for exactly that, once. What a rehearsal tries outside of
//! the gate is in `drill.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::StopScope;
use gate::{Drill, KillAct, KillAsk};

use super::stops::{levers, ordered, reached, reaches};
use crate::app::App;
use crate::http::body::Strict;
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};
use crate::{convert, drill as rehearsal, wire};

/// Says what a kill would reach and take back, with a token that confirms exactly that.
#[utoipa::path(
    post, path = "/v1/stops/kill/plan", tag = "kills", request_body = wire::PlanKill,
    responses((status = 200, description = "the plan", body = wire::KillPlan), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn plan(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Strict(body): Strict<wire::PlanKill>,
) -> Result<Json<wire::KillPlan>> {
    let scope: StopScope = convert::parsed("scope", &body.scope)?;
    reaches(&app, &caller, &scope)?;
    let plan = app.gate.plan_kill(&caller.0, (scope, body.rollback)).await?;
    Ok(Json(wire::KillPlan {
        reach: reached(&plan.scope, &plan.reach),
        acts: plan.acts.into_iter().map(act).collect(),
        token: plan.token,
        until_ms: plan.until.millis(),
    }))
}

fn act(act: KillAct) -> wire::KillAct {
    wire::KillAct {
        call: act.call.to_string(),
        run: act.run.map(|run| run.to_string()),
        tool: act.tool,
        resource: act.resource,
        at_ms: act.at.millis(),
        cannot: act.cannot,
    }
}

/// Kills what was planned. Once this has answered, no new effect starts in the scope; `GET /v1/stops/{stop}/receipt` tells
/// what became of everything else.
#[utoipa::path(
    post, path = "/v1/stops/kill", tag = "kills", request_body = wire::OrderKill,
    responses((status = 201, description = "in force", body = wire::StopReceipt), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn order(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Strict(body): Strict<wire::OrderKill>,
) -> Result<(axum::http::StatusCode, Json<wire::StopReceipt>)> {
    let ask = KillAsk {
        scope: convert::parsed("scope", &body.scope)?,
        reason: convert::reason(body.reason)?,
        rollback: body.rollback,
        token: body.token,
    };
    reaches(&app, &caller, &ask.scope)?;
    let receipt = app.gate.kill(&caller.0, ask).await?;
    Ok((axum::http::StatusCode::CREATED, Json(ordered(&app, receipt))))
}

/// The last rehearsal.
#[utoipa::path(
    get, path = "/v1/stops/drill", tag = "kills",
    responses((status = 200, description = "the last rehearsal", body = wire::Drill), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn last_drill(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
) -> Result<Json<wire::Drill>> {
    let last = app.gate.last_drill(&operator).await?;
    last.map(|drill| Json(shown(&drill))).ok_or_else(|| Refused::not_found("a rehearsal"))
}

/// Rehearses a stop: every lever is tried on something made for it, and nothing else is stopped.
#[utoipa::path(
    post, path = "/v1/stops/drill", tag = "kills", request_body = wire::OrderDrill,
    responses((status = 200, description = "how every lever answered", body = wire::Drill), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn drill(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Strict(body): Strict<wire::OrderDrill>,
) -> Result<Json<wire::Drill>> {
    let scope: StopScope = convert::parsed("scope", &body.scope)?;
    reaches(&app, &caller, &scope)?;
    let fence = app.gate.drill_fence(&caller.0).await?;
    let mut tried = vec![fence];
    tried.extend(rehearsal::levers(&app).await);
    app.gate.record_drill(&caller.0, (scope, tried)).await?;
    let last = app.gate.last_drill(&caller.0).await?;
    last.map(|drill| Json(shown(&drill))).ok_or_else(|| Refused::not_found("a rehearsal"))
}

fn shown(drill: &Drill) -> wire::Drill {
    wire::Drill {
        scope: drill.scope.to_string(),
        by: drill.by.clone(),
        at_ms: drill.at.millis(),
        levers: levers(&drill.levers),
    }
}
