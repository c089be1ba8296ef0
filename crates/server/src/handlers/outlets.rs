//! Outlets: how each stands, and a try whether it can be told.
//! What they are is configuration; what they told is in the journal.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use domain::{Name, limits};
use gate::World as _;

use crate::app::App;
use crate::clock::Clock;
use crate::http::body::{Id, Strict};
use crate::http::who::OperatorCaller;
use crate::outlets::{Line, newest, test as bulletin};
use crate::rescue::{Refused, Result};
use crate::wire;

/// Lists outlets and how they stand.
#[utoipa::path(
    get, path = "/v1/outlets", tag = "outlets",
    responses((status = 200, description = "outlets", body = wire::Page<wire::Outlet>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
) -> Result<Json<wire::Page<wire::Outlet>>> {
    let mut items = Vec::new();
    for line in app.outlets.lines.iter().filter(|line| line.tenant == operator.tenant) {
        items.push(shown(&app, line).await?);
    }
    Ok(Json(wire::Page { items, next: None }))
}

/// Sends a message that says that it is a test, once, and tells what came back.
#[utoipa::path(
    post, path = "/v1/outlets/{name}/test", tag = "outlets", params(("name" = String, Path, description = "the outlet's name")),
    request_body = wire::TestOutlet,
    responses((status = 200, description = "what came back", body = wire::OutletTest), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn test(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(name): Id<Name>,
    Strict(wire::TestOutlet {}): Strict<wire::TestOutlet>,
) -> Result<Json<wire::OutletTest>> {
    let line = app.outlets.line(&operator.tenant, name.as_str());
    let line = line.ok_or_else(|| Refused::not_found(format!("outlet `{name}`")))?;
    let bulletin = bulletin(operator.name.as_str(), Clock.now());
    let begun = Instant::now();
    let telling = line.way.outlet().tell(&app, &bulletin);
    let told = tokio::time::timeout(3 * limits::OUTLET_WITHIN, telling).await;
    let why = match told {
        Ok(Ok(_)) => None,
        Ok(Err(trouble)) => Some(app.masker.mask_text(&trouble.to_string()).into_owned()),
        Err(_) => Some("it took too long".to_owned()),
    };
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(wire::OutletTest { outlet: name.to_string(), arrived: why.is_none(), why, took_ms }))
}

async fn shown(app: &App, line: &Line) -> Result<wire::Outlet> {
    let kept = app.gate.outlet(&line.name).await?;
    let now = line.standing.now();
    let position = kept.as_ref().map_or(0, |kept| kept.position).max(now.position);
    let head = newest(app).await?;
    Ok(wire::Outlet {
        outlet: line.name.to_string(),
        way: line.way.word().to_owned(),
        at: line.way.place(),
        tells: line.tells.kinds.clone(),
        groups: line.tells.groups.clone(),
        standing: if now.trouble.is_none() { "well" } else { "away" }.to_owned(),
        why: now.trouble,
        away_since_ms: now.since.map(domain::Timestamp::millis),
        again_at_ms: now.again_at.map(domain::Timestamp::millis),
        tries: now.tries,
        told: kept.as_ref().map_or(0, |kept| kept.told),
        told_ms: kept.as_ref().and_then(|kept| kept.told_at).map(domain::Timestamp::millis),
        gave_up: kept.as_ref().map_or(0, |kept| kept.gave_up),
        gave_up_ms: kept.as_ref().and_then(|kept| kept.gave_up_at).map(domain::Timestamp::millis),
        gave_up_why: kept.and_then(|kept| kept.reason),
        behind: head.saturating_sub(position),
        connection: now.connection,
    })
}
