//! Budgets: what is left, and raising one.
//! An agent sees the budgets of its own runs and days; only operators raise.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::RunId;
use gate::{Identity, Journal as _, Query, Table};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::http::body::{Params, Strict};
use crate::http::who::{AnyCaller, OperatorCaller};
use crate::listing::{self, limit};
use crate::rescue::{Refused, Result};
use crate::{convert, rows, wire};

/// Whose budgets.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Of this run.
    run: Option<String>,
    /// Of this grant, a record for each day.
    grant: Option<String>,
    /// How many at most.
    limit: Option<usize>,
}

/// Lists the budget of a run, the budgets of a grant's days, or those of the latest runs.
#[utoipa::path(
    get, path = "/v1/budgets", tag = "budgets", params(Which),
    responses((status = 200, description = "budgets", body = wire::Page<wire::Budget>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Budget>>> {
    let limit = limit(which.limit)?;
    let mut items = Vec::new();
    for query in questions(&app, &caller, which).await? {
        let records = app.journal().select(query).await?;
        items.extend(records.iter().filter_map(|one| rows::budget(one, &app.config.currency)));
    }
    items.truncate(limit);
    Ok(Json(wire::Page { items, next: None }))
}

/// Which records to read: only of runs and grants that this caller may see.
async fn questions(app: &App, caller: &AnyCaller, which: Which) -> Result<Vec<Query>> {
    let tenant = caller.tenant().as_str();
    let of = |column, key: String| Query::all(Table::Budgets).with(column, key);
    if let Some(run) = which.run {
        let record = listing::one(app, Table::Runs, &run, tenant).await?;
        if !caller.may_see(tenant, record.text("grant_id")) {
            return Err(Refused::not_found(format!("`{run}`")));
        }
        return Ok(vec![of("run", run)]);
    }
    if let Some(grant) = which.grant {
        listing::one(app, Table::Grants, &grant, tenant).await?;
        if !caller.may_see(tenant, &grant) {
            return Err(Refused::not_found(format!("`{grant}`")));
        }
        return Ok(vec![of("grant_id", grant)]);
    }
    let mut query = Query::all(Table::Runs).with("tenant", tenant);
    if let Identity::Agent(agent) = &caller.0 {
        query = query.with("grant_id", agent.grant.to_string());
    }
    let runs = app.journal().select(query.latest("opened_ms", limit(which.limit)?)).await?;
    Ok(runs.into_iter().map(|run| of("run", run.key)).collect())
}

/// Raises the budget of a run, and lets the run go on if its budget paused it.
#[utoipa::path(
    post, path = "/v1/budgets/raise", tag = "budgets", request_body = wire::Raise,
    responses((status = 200, description = "the budget now", body = wire::Budget), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn raise(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Strict(body): Strict<wire::Raise>,
) -> Result<Json<wire::Budget>> {
    let run: RunId = convert::parsed("run", &body.run)?;
    let by = convert::amounts_of(&body.by)?;
    if by == domain::Amounts::ZERO {
        return Err(Refused::invalid("by: expected at least one amount above zero"));
    }
    app.gate.raise_budget(&operator, run, (by, convert::reason(body.reason)?)).await?;
    let record = app.journal().read(Table::Budgets, &run.to_string()).await?;
    let budget = record.and_then(|record| rows::budget(&record, &app.config.currency));
    budget.map(Json).ok_or_else(|| Refused::not_found(format!("budget of {run}")))
}
