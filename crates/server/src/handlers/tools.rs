//! Tools: what an agent may know before it proposes, and the contracts that decisions pin.
//! Everybody with a key may read contracts: an agent that knows them makes better proposals.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Contract, ToolName};

use crate::app::App;
use crate::http::body::Id;
use crate::http::who::AnyCaller;
use crate::rescue::{Refused, Result};
use crate::wire;

/// Lists all tools by name.
#[utoipa::path(
    get, path = "/v1/tools", tag = "tools",
    responses((status = 200, description = "tools", body = wire::Page<wire::Tool>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _caller: AnyCaller,
) -> Result<Json<wire::Page<wire::Tool>>> {
    let rules = app.gate.rules();
    let items = rules.catalogue.iter().map(|compiled| short(&compiled.contract)).collect();
    Ok(Json(wire::Page { items, next: None }))
}

/// One tool with its whole contract.
#[utoipa::path(
    get, path = "/v1/tools/{tool}", tag = "tools", params(("tool" = String, Path, description = "the tool's name")),
    responses((status = 200, description = "the tool", body = wire::ToolDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    _caller: AnyCaller,
    Id(tool): Id<ToolName>,
) -> Result<Json<wire::ToolDetails>> {
    let rules = app.gate.rules();
    let compiled = rules.catalogue.get(&tool).ok_or_else(|| {
        let near = rules.catalogue.suggest(tool.as_str());
        let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
        let message = format!("unknown tool `{tool}`{near}");
        Refused::new(domain::Code::UnknownTool, message, "list them with `GET /v1/tools`")
    })?;
    let contract = &compiled.contract;
    Ok(Json(wire::ToolDetails {
        tool: short(contract),
        when_to_use: contract.when_to_use.clone(),
        side_effects: contract.side_effects.clone(),
        input: contract.input.clone(),
        output: contract.output.clone(),
        text: contract::render(contract),
    }))
}

fn short(contract: &Contract) -> wire::Tool {
    wire::Tool {
        tool: contract.name.to_string(),
        version: contract.version,
        what: contract.what.clone(),
        effect_class: contract.effect_class.word().to_owned(),
        consequences: contract.consequences.iter().map(|one| one.word().to_owned()).collect(),
        provenance: contract.provenance.word().to_owned(),
        digest: contract.digest.to_string(),
    }
}
