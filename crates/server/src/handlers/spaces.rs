//! Workflows and spaces, and switching a space's mode.
//! Workflows and spaces come from configuration. A mode set here is journalled and holds over restarts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Mode, Name};
use gate::{Journal as _, Table};

use crate::app::App;
use crate::http::body::{Id, Strict};
use crate::http::who::{AnyCaller, OperatorCaller};
use crate::rescue::{Refused, Result};
use crate::{convert, rows, wire};

/// Lists the kinds of work of this installation.
#[utoipa::path(
    get, path = "/v1/workflows", tag = "workflows",
    responses((status = 200, description = "workflows", body = wire::Page<wire::Workflow>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn workflows(
    State(app): State<Arc<App>>,
    _caller: AnyCaller,
) -> Result<Json<wire::Page<wire::Workflow>>> {
    let shown = |workflow: &domain::Workflow| wire::Workflow {
        workflow: workflow.name.to_string(),
        owner: workflow.owner.to_string(),
        space: workflow.space.to_string(),
        budget: rows::limits(workflow.budget),
        on_exceeded: workflow.on_exceeded.word().to_owned(),
    };
    let items = app.config.workflows.iter().map(shown).collect();
    Ok(Json(wire::Page { items, next: None }))
}

/// Lists spaces with their present mode.
#[utoipa::path(
    get, path = "/v1/spaces", tag = "spaces",
    responses((status = 200, description = "spaces", body = wire::Page<wire::Space>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _caller: AnyCaller,
) -> Result<Json<wire::Page<wire::Space>>> {
    let mut items = Vec::new();
    for space in &app.config.spaces {
        items.push(shown(&app, space).await?);
    }
    Ok(Json(wire::Page { items, next: None }))
}

async fn shown(app: &App, space: &domain::Space) -> Result<wire::Space> {
    let set = app.journal().read(Table::Modes, space.name.as_str()).await?;
    let configured = space.mode.word().to_owned();
    Ok(wire::Space {
        space: space.name.to_string(),
        mode: set.as_ref().map_or(configured, |set| set.text("mode").to_owned()),
        reason: set.as_ref().map(|set| set.text("reason").to_owned()).filter(|why| !why.is_empty()),
        set_by: set.as_ref().map(|set| set.text("set_by").to_owned()),
        set_ms: set.map(|set| set.count("at_ms")),
    })
}

/// Switches the mode of a space. A right of its own, and journalled.
#[utoipa::path(
    post, path = "/v1/spaces/{space}/mode", tag = "spaces", params(("space" = String, Path, description = "the space's name")),
    request_body = wire::SetMode,
    responses((status = 200, description = "the space now", body = wire::Space), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn set_mode(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(name): Id<Name>,
    Strict(body): Strict<wire::SetMode>,
) -> Result<Json<wire::Space>> {
    // Spaces are everybody's.
    caller.of_installation()?;
    let mode = convert::word("mode", &body.mode, Mode::from_word)?;
    let known = app.config.spaces.iter().find(|space| space.name == name);
    let space = known.ok_or_else(|| Refused::not_found(format!("space `{name}`")))?;
    app.gate.set_mode(&caller.0, (name, mode), body.reason.as_deref()).await?;
    shown(&app, space).await.map(Json)
}
