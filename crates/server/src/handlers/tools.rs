//! Tools: what an agent may know before it proposes, how tools of servers stand, and what people decide about them.
//!
//! An agent sees what it could call; operators see everything, also what is held back. A decision is in force when its answer
//! leaves: the rules are made anew before. Turning catalogue entries into what travels is `shown`'s business.

mod shown;

pub(super) use shown::finding;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use contract::{Compiled, definition_diff};
use domain::{Classification, Code, Consequence, EffectClass, ToolName, UpstreamPart, limits};
use gate::{Identity, Refusal};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::catalogue::{self, Built};
use crate::convert;
use crate::http::body::{Id, Params, Strict};
use crate::http::who::{AnyCaller, OperatorCaller};
use crate::listing;
use crate::rescue::{Refused, Result};
use crate::wire;

/// Which tools.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only with this text in name, description or server.
    text: Option<String>,
    /// How many at most: 1 to 1,000; all if not given.
    limit: Option<usize>,
    /// The `next` of the page before, or the name of a tool.
    after: Option<String>,
}

/// Lists tools by name: those that an agent could call, or all for an operator.
#[utoipa::path(
    get, path = "/v1/tools", tag = "tools", params(Which),
    responses((status = 200, description = "tools", body = wire::Page<wire::Tool>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    AnyCaller(identity): AnyCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Tool>>> {
    let built = app.tools.in_force().await;
    let items: Vec<wire::Tool> = match &identity {
        Identity::Agent(caller) => {
            let visible = app.gate.visible_tools(caller);
            let tools = visible.tools.iter();
            tools.map(|compiled| shown::for_agents(compiled, &built)).collect()
        }
        Identity::Operator(_) => all(&app, &built),
    };
    part(items, which).map(Json)
}

/// A page of tools, which are in the order of their names.
fn part(mut items: Vec<wire::Tool>, which: Which) -> Result<wire::Page<wire::Tool>> {
    let limit = which.limit.map(|limit| listing::limit(Some(limit))).transpose()?;
    if let Some(after) = &which.after {
        items.retain(|one| one.tool > *after);
    }
    if let Some(text) = which.text.map(|text| text.to_lowercase()) {
        convert::at_most("text", &text, limits::SEARCH_CHARS_MAX)?;
        let holds = |known: &str| known.to_lowercase().contains(&text);
        items.retain(|one| {
            holds(&one.tool) || holds(&one.what) || one.server.as_deref().is_some_and(holds)
        });
    }
    let more = limit.is_some_and(|limit| items.len() > limit);
    items.truncate(limit.unwrap_or(usize::MAX));
    let next = items.last().filter(|_| more).map(|last| last.tool.clone());
    Ok(wire::Page { items, next })
}

/// Everything there is, by name.
fn all(app: &App, built: &Built) -> Vec<wire::Tool> {
    let rules = app.gate.rules();
    // What nobody let a server offer is known only so that whoever asks for it is told why.
    let offered = |compiled: &&Arc<Compiled>| !rules.held_back.contains_key(compiled.name());
    let ours = rules.catalogue.iter().filter(|compiled| !is_of_a_server(compiled)).filter(offered);
    let mut tools: Vec<wire::Tool> =
        ours.map(|compiled| shown::short(&compiled.contract)).collect();
    tools.extend(built.tools.values().map(|one| shown::of_server(app, one)));
    tools.sort_by(|one, other| one.tool.cmp(&other.tool));
    tools
}

/// Whether a tool is one that a server offers. What its parts are, such as reading a resource, is made here.
fn is_of_a_server(compiled: &Compiled) -> bool {
    let upstream = compiled.contract.upstream.as_ref();
    upstream.is_some_and(|upstream| upstream.part == UpstreamPart::Tool)
}

/// One tool with its whole contract.
#[utoipa::path(
    get, path = "/v1/tools/{tool}", tag = "tools", params(("tool" = String, Path, description = "the tool's name")),
    responses((status = 200, description = "the tool", body = wire::ToolDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    AnyCaller(identity): AnyCaller,
    Id(tool): Id<ToolName>,
) -> Result<Json<wire::ToolDetails>> {
    let built = app.tools.in_force().await;
    let details = match &identity {
        Identity::Agent(caller) => {
            let visible = app.gate.visible_tools(caller).tools;
            let found = visible.iter().find(|compiled| *compiled.name() == tool);
            found.map(|compiled| shown::details_for_agents(compiled, &built))
        }
        Identity::Operator(_) => details((&app, &built), &tool),
    };
    details.map(Json).ok_or_else(|| unknown(&app, (&identity, &tool)))
}

fn details((app, built): (&App, &Built), tool: &ToolName) -> Option<wire::ToolDetails> {
    if let Some(described) = built.tools.get(tool) {
        return Some(shown::details_of_server(app, described));
    }
    let rules = app.gate.rules();
    rules.catalogue.get(tool).map(|compiled| shown::details(&compiled.contract))
}

/// An agent is not told of names that it cannot see.
fn unknown(app: &App, (identity, tool): (&Identity, &ToolName)) -> Refused {
    let near = match identity {
        Identity::Agent(caller) => {
            let visible = app.gate.visible_tools(caller).tools;
            let names = visible.iter().map(|compiled| compiled.name().as_str());
            contract::closest(tool.as_str(), names).map(str::to_owned)
        }
        Identity::Operator(_) => {
            app.gate.rules().catalogue.suggest(tool.as_str()).map(|near| near.to_string())
        }
    };
    let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
    let message = format!("unknown tool `{tool}`{near}");
    Refused::new(Code::UnknownTool, message, "list them with `GET /v1/tools`")
}

/// How the definition that a server offers differs from the accepted one.
#[utoipa::path(
    get, path = "/v1/tools/{tool}/diff", tag = "tools", params(("tool" = String, Path, description = "the tool's name")),
    responses((status = 200, description = "the differences", body = wire::ToolDiff), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn diff(
    State(app): State<Arc<App>>,
    operator: OperatorCaller,
    Id(tool): Id<ToolName>,
) -> Result<Json<wire::ToolDiff>> {
    let missing = |digest| {
        let message = format!("the definition {digest} of `{tool}` is not at hand");
        let fix = "it is there again when the server offers it; see `checkrein servers ls`";
        Refused::new(Code::NotFound, message, fix)
    };
    let built = app.tools.in_force().await;
    let Some(described) = built.tools.get(&tool) else {
        return Err(unknown(&app, (&Identity::Operator(operator.0), &tool)));
    };
    let pin = app.gate.pin(&tool).unwrap_or_else(|| described.pin.clone());
    let (pinned, offered) = (pin.definition, pin.offered());
    let before = app.tools.definition(pinned).ok_or_else(|| missing(pinned))?;
    let after = app.tools.definition(offered).ok_or_else(|| missing(offered))?;
    let made = |digest| app.tools.would_be(&pin, digest).ok_or_else(|| missing(digest));
    let (was, would_be) = (made(pinned)?, made(offered)?);
    let lines = definition_diff::lines(&before, &after);
    Ok(Json(wire::ToolDiff {
        tool: tool.to_string(),
        server: pin.server.to_string(),
        standing: described.standing().word().to_owned(),
        pinned: pinned.to_string(),
        offered: offered.to_string(),
        lines: lines.into_iter().map(shown::line).collect(),
        findings: would_be.findings.iter().map(shown::finding).collect(),
        before: shown::class(&was.class),
        after: shown::class(&would_be.class),
    }))
}

/// Accepts the definition that a server offers.
#[utoipa::path(
    post, path = "/v1/tools/{tool}/accept", tag = "tools", params(("tool" = String, Path, description = "the tool's name")),
    request_body = wire::AcceptTool,
    responses((status = 200, description = "the tool now", body = wire::ToolDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn accept(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(tool): Id<ToolName>,
    Strict(body): Strict<wire::AcceptTool>,
) -> Result<Json<wire::ToolDetails>> {
    let seen = convert::parsed("definition", &body.definition)?;
    let (by, name, gate) = (operator, tool.clone(), Arc::clone(&app.gate));
    in_force(app, tool, async move { gate.accept_tool(&by, &name, seen).await.map(drop) }).await
}

/// Refuses the definition that a server offers.
#[utoipa::path(
    post, path = "/v1/tools/{tool}/refuse", tag = "tools", params(("tool" = String, Path, description = "the tool's name")),
    request_body = wire::RefuseTool,
    responses((status = 200, description = "the tool now", body = wire::ToolDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn refuse(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(tool): Id<ToolName>,
    Strict(body): Strict<wire::RefuseTool>,
) -> Result<Json<wire::ToolDetails>> {
    let seen = convert::parsed("definition", &body.definition)?;
    let reason = convert::reason(body.reason)?;
    let (by, name, gate) = (operator, tool.clone(), Arc::clone(&app.gate));
    let refused = async move { gate.refuse_tool(&by, (&name, seen), reason).await.map(drop) };
    in_force(app, tool, refused).await
}

/// Says what a tool does, as its accepted definition has it.
#[utoipa::path(
    post, path = "/v1/tools/{tool}/classify", tag = "tools", params(("tool" = String, Path, description = "the tool's name")),
    request_body = wire::ClassifyTool,
    responses((status = 200, description = "the tool now", body = wire::ToolDetails), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn classify(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(tool): Id<ToolName>,
    Strict(body): Strict<wire::ClassifyTool>,
) -> Result<Json<wire::ToolDetails>> {
    let reason = convert::reason(body.reason)?;
    let consequence = |word: &String| convert::word("consequences", word, Consequence::from_word);
    let classification = Classification {
        effect_class: convert::word("effect_class", &body.effect_class, EffectClass::from_word)?,
        consequences: body.consequences.iter().map(consequence).collect::<Result<_>>()?,
        resource: body.resource,
    };
    let judged = contract::discovered::Classification {
        effect_class: classification.effect_class,
        consequences: classification.consequences.clone(),
        resource: classification.resource.clone(),
        definition: None,
    };
    judged.judge().map_err(Refused::invalid)?;
    let (by, name, gate) = (operator, tool.clone(), Arc::clone(&app.gate));
    let said =
        async move { gate.classify_tool(&by, &name, (classification, reason)).await.map(drop) };
    in_force(app, tool, said).await
}

/// Does what a person decided, and makes rules of it. A client that goes away in between changes nothing about that.
async fn in_force(
    app: Arc<App>,
    tool: ToolName,
    decided: impl Future<Output = std::result::Result<(), Refusal>> + Send + 'static,
) -> Result<Json<wire::ToolDetails>> {
    let done = tokio::spawn(async move {
        decided.await?;
        catalogue::renew(&app).await?;
        let built = app.tools.in_force().await;
        Ok::<_, Refusal>(details((&app, &built), &tool))
    });
    let details = done.await.map_err(Refused::internal)??;
    // A pin of a server that is configured no more can be decided on, and has no tool.
    details.map(Json).ok_or_else(|| Refused::not_found("server of this tool in the configuration"))
}
