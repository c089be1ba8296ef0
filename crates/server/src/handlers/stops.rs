//! Stops: ordering, lifting, and what one would reach.
//! The gate acts first and records second; what `reach` says is counted from projections and can be a moment old.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Code, LeverReceipt, Stop, StopId, StopLevel, StopScope, StopState};
use gate::{Direction, Journal as _, StopAsk, Table};
use journal::Browse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::http::body::{Id, Params, Strict};
use crate::http::who::OperatorCaller;
use crate::listing::{self, Part};
use crate::rescue::{Refused, Result};
use crate::{convert, rows, stop_file, wire};

/// Which stops.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `in_force` or `lifted`.
    state: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists stops, the latest first. Those of other tenants are not shown.
#[utoipa::path(
    get, path = "/v1/stops", tag = "stops", params(Which),
    responses((status = 200, description = "stops", body = wire::Page<wire::Stop>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Stop>>> {
    let mut browse = Browse::all(Table::Stops);
    if let Some(state) = &which.state {
        let state = convert::word("state", state, StopState::from_word)?;
        browse = browse.with("state", state.word());
    }
    let part = Part { limit: which.limit, after: which.after };
    let direction = Direction::Descending;
    let browse = Browse { order_by: Some("at_ms"), direction, ..browse };
    let page = listing::browse(&app, browse, part, rows::stop).await?;
    let mut items = Vec::new();
    for stop in page.items {
        // A scope that cannot be read may be of another tenant.
        let Ok(scope) = stop.scope.parse() else { continue };
        if app.gate.may_know(&operator, &scope).await? {
            items.push(stop);
        }
    }
    Ok(Json(wire::Page { items, next: page.next }))
}

/// Orders a stop. Once this has answered, no new effect starts in its scope.
#[utoipa::path(
    post, path = "/v1/stops", tag = "stops", request_body = wire::OrderStop,
    responses((status = 201, description = "in force", body = wire::StopReceipt), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn order(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Strict(body): Strict<wire::OrderStop>,
) -> Result<(axum::http::StatusCode, Json<wire::StopReceipt>)> {
    let ask = StopAsk {
        scope: convert::parsed("scope", &body.scope)?,
        level: convert::word("level", &body.level, StopLevel::from_word)?,
        reason: convert::reason(body.reason)?,
    };
    reaches(&app, &caller, &ask.scope)?;
    let receipt = app.gate.stop(&caller.0, ask).await?;
    Ok((axum::http::StatusCode::CREATED, Json(ordered(&app, receipt))))
}

/// Pulls the levers outside of the gate, has the receipt followed, and says what holds.
pub(super) fn ordered(app: &Arc<App>, receipt: gate::StopReceipt) -> wire::StopReceipt {
    follow(app, receipt.stop.id);
    let stop = receipt.stop;
    let shown = wire::Stop {
        stop: stop.id.to_string(),
        scope: stop.scope.to_string(),
        level: stop.level.word().to_owned(),
        reason: stop.reason,
        by: stop.by.to_string(),
        at_ms: stop.at.millis(),
        state: stop.state.word().to_owned(),
        lifted_by: None,
        lifted_reason: None,
    };
    wire::StopReceipt {
        stop: shown,
        epoch: receipt.fence.0,
        in_work: receipt.in_work.iter().map(ToString::to_string).collect(),
        held: receipt.held,
    }
}

/// Follows the levers of a stop to their answers, in a task of its own.
pub(crate) fn follow(app: &Arc<App>, stop: StopId) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let close = || {
            let known = app.gate.stops().into_iter().find(|known| known.id == stop);
            known.map_or(0, |known| close_server(&app, &known))
        };
        if let Err(refusal) = app.gate.settle_stop_closing(stop, close).await {
            // The next tick tries again.
            tracing::warn!(%stop, code = refusal.code.shown(), %refusal, "the receipt of a stop waits");
        }
    });
}

/// Closes the connection to a server that is stopped as a whole. Gives how many were closed.
fn close_server(app: &App, stop: &Stop) -> u64 {
    let StopScope::Server(server) = &stop.scope else { return 0 };
    if !stop.level.cancels() {
        return 0;
    }
    match app.upstreams.set_aside(server, stopped_by(stop)) {
        Ok(()) => 1,
        Err(error) => {
            tracing::error!(%server, %error, "a stopped server is still connected");
            0
        }
    }
}

/// What is said of a server that a stop keeps closed.
fn stopped_by(stop: &Stop) -> String {
    format!("stopped by {}: {}", stop.id, stop.reason)
}

/// Closes the connections to all servers that are stopped: after a start, stops of an earlier life hold.
pub(crate) fn close_stopped(app: &App) {
    for stop in app.gate.stops() {
        close_server(app, &stop);
    }
}

/// Everything, tools and servers are everybody's; the rest is checked by the gate against the operator's tenant.
pub(super) fn reaches(app: &App, caller: &OperatorCaller, scope: &StopScope) -> Result<()> {
    match scope {
        // A name that nobody has would stop nothing, and look as if it did.
        StopScope::Server(server) if !app.upstreams.names().contains(server) => {
            Err(Refused::not_found(format!("server `{server}`")))
        }
        StopScope::Everything | StopScope::Tool(_) | StopScope::Server(_) => {
            caller.of_installation()
        }
        StopScope::Tenant(_)
        | StopScope::Workflow(..)
        | StopScope::Agent(..)
        | StopScope::Run(_)
        | StopScope::Call(_) => Ok(()),
    }
}

/// Lifts a stop.
#[utoipa::path(
    post, path = "/v1/stops/{stop}/lift", tag = "stops", params(("stop" = String, Path, description = "the stop's id")),
    request_body = wire::Lift,
    responses((status = 200, description = "lifted", body = wire::Stop), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn lift(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(stop): Id<StopId>,
    Strict(body): Strict<wire::Lift>,
) -> Result<Json<wire::Stop>> {
    if let Some(known) = app.gate.stops().into_iter().find(|known| known.id == stop) {
        reaches(&app, &caller, &known.scope)?;
        if gate::is_by_file(&known) && stop_file::is_there(&app.config) {
            let path = stop_file::path(&app.config);
            let message = format!("the stop file `{}` is still there", path.display());
            return Err(Refused::new(Code::Conflict, message, "remove it, then lift the stop"));
        }
    }
    let scope = app.gate.stops().into_iter().find(|known| known.id == stop).map(|it| it.scope);
    app.gate.lift(&caller.0, stop, convert::reason(body.reason)?).await?;
    if let Some(StopScope::Server(server)) = scope
        && app.gate.stop_of_server(&server).is_none()
    {
        // Connected anew; a server that is no longer configured needs no connection.
        let _gone = app.upstreams.restart(&server);
    }
    let record = app.journal().read(Table::Stops, &stop.to_string()).await?;
    record.map(|record| Json(rows::stop(&record))).ok_or_else(|| Refused::not_found(stop))
}

/// The scope that is asked about.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Scope {
    /// `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, `server:NAME`, a run or a call.
    scope: String,
}

/// What a stop would reach, without ordering it.
#[utoipa::path(
    get, path = "/v1/stops/reach", tag = "stops", params(Scope),
    responses((status = 200, description = "its reach", body = wire::Reach), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn reach(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(asked): Params<Scope>,
) -> Result<Json<wire::Reach>> {
    let scope: StopScope = convert::parsed("scope", &asked.scope)?;
    let reach = app.gate.reach(&operator, &scope).await?;
    Ok(Json(reached(&scope, &reach)))
}

pub(super) fn reached(scope: &StopScope, reach: &gate::Reach) -> wire::Reach {
    wire::Reach {
        scope: scope.to_string(),
        open_runs: reach.open_runs,
        in_work: reach.in_work,
        held: reach.held,
        more: false,
    }
}

/// How every lever of a stop answered; while some have not, as far as they have.
#[utoipa::path(
    get, path = "/v1/stops/{stop}/receipt", tag = "stops", params(("stop" = String, Path, description = "the stop's id")),
    responses((status = 200, description = "its receipt", body = wire::StopReport), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn receipt(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(stop): Id<StopId>,
) -> Result<Json<wire::StopReport>> {
    let report = app.gate.stop_report(&operator, stop).await?;
    let calls = report.calls.iter().map(|call| wire::StoppedCall {
        call: call.call.to_string(),
        became: call.became.word().to_owned(),
        took_ms: call.took_ms,
    });
    let rollback = report.rollback.into_iter().map(|act| wire::RolledBack {
        act: act.act.to_string(),
        became: act.became.map(|state| state.word().to_owned()),
        reason: act.reason,
    });
    Ok(Json(wire::StopReport {
        stop: stop.to_string(),
        levers: levers(&report.levers),
        calls: calls.collect(),
        rollback: rollback.collect(),
        complete: report.complete,
    }))
}

pub(super) fn levers(levers: &[LeverReceipt]) -> Vec<wire::Lever> {
    let shown = |lever: &LeverReceipt| wire::Lever {
        lever: lever.lever.word().to_owned(),
        reached: lever.reached,
        acknowledged: lever.acknowledged,
        unknown: lever.unknown,
        missing: lever.missing,
        took_ms: lever.took_ms,
    };
    levers.iter().map(shown).collect()
}
