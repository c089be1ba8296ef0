//! Servers of tools: how each stands, and making a connection anew. For operators of the installation: servers are everybody's.
//! And the packs of contracts that configuration can name.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use domain::{Code, Name, Right};
use tools::mcp::State as Phase;

use super::tools::finding;
use crate::app::App;
use crate::catalogue::{Built, Standing};
use crate::config::{Jailed, McpServer, ServerWay};
use crate::http::body::{Id, Strict};
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};
use crate::wire;

/// Lists the configured servers of tools by name.
#[utoipa::path(
    get, path = "/v1/servers", tag = "servers",
    responses((status = 200, description = "servers", body = wire::Page<wire::Server>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
) -> Result<Json<wire::Page<wire::Server>>> {
    caller.of_installation()?;
    let built = app.tools.in_force().await;
    let servers = app.config.servers.iter();
    let mut items: Vec<wire::Server> = servers.map(|one| shown((&app, &built), one)).collect();
    items.sort_by(|one, other| one.server.cmp(&other.server));
    Ok(Json(wire::Page { items, next: None }))
}

/// One server.
#[utoipa::path(
    get, path = "/v1/servers/{server}", tag = "servers", params(("server" = String, Path, description = "the server's name")),
    responses((status = 200, description = "the server", body = wire::Server), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(name): Id<Name>,
) -> Result<Json<wire::Server>> {
    caller.of_installation()?;
    let built = app.tools.in_force().await;
    Ok(Json(shown((&app, &built), known(&app, &name)?)))
}

/// Makes the connection to a server anew, at once; a child is ended and started again.
#[utoipa::path(
    post, path = "/v1/servers/{server}/restart", tag = "servers", params(("server" = String, Path, description = "the server's name")),
    request_body = wire::RestartServer,
    responses((status = 200, description = "the server now", body = wire::Server), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn restart(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(name): Id<Name>,
    _body: Strict<wire::RestartServer>,
) -> Result<Json<wire::Server>> {
    caller.of_installation()?;
    if !caller.0.roles.allow(Right::Operate) {
        let message = format!("the role `{}` cannot restart servers", caller.0.roles);
        return Err(Refused::new(Code::NotAllowed, message, "ask an operator or an admin"));
    }
    let server = known(&app, &name)?;
    if let Some(stop) = app.gate.stop_of_server(&name) {
        let message = format!("the server `{name}` is stopped ({}): {}", stop.level, stop.reason);
        return Err(Refused::new(Code::Stopped, message, "lift the stop: `checkrein stop resume`"));
    }
    tracing::info!(server = %name, by = %caller.0.name, "a server is connected to anew");
    app.upstreams.restart(&name).map_err(Refused::not_found)?;
    let built = app.tools.in_force().await;
    Ok(Json(shown((&app, &built), server)))
}

fn known<'a>(app: &'a App, name: &Name) -> Result<&'a McpServer> {
    let found = app.config.servers.iter().find(|server| server.name == *name);
    found.ok_or_else(|| Refused::not_found(format!("server `{name}`")))
}

fn shown((app, built): (&App, &Built), server: &McpServer) -> wire::Server {
    let (way, at, jailed) = reached(app, &server.way);
    let tools = || built.tools.values().filter(|one| one.pin.server == server.name);
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let standing = |which| count(tools().filter(|one| one.standing() == which).count());
    let sight = app.tools.sight_of(&server.name);
    let left_out = sight.iter().flat_map(|sight| &sight.left_out);
    let findings = sight.iter().flat_map(|sight| &sight.findings).map(finding).collect();
    let trouble = sight.as_ref().and_then(|sight| sight.trouble.clone());
    let known = app.upstreams.standing(&server.name);
    let phase = phase(known.as_ref().map(|known| &known.state));
    wire::Server {
        server: server.name.to_string(),
        way: way.to_owned(),
        at,
        jailed,
        pack: server.pack.clone(),
        offers: server.offers.iter().map(|part| part.word().to_owned()).collect(),
        tools: count(tools().count()),
        drifted: standing(Standing::Drifted),
        refused: standing(Standing::Refused),
        held_back: standing(Standing::HeldBack),
        starts: known.as_ref().map_or(0, |known| known.starts),
        faults: known.as_ref().map(|known| known.faults.clone()).unwrap_or_default(),
        faults_all: known.as_ref().map_or(0, |known| known.faults_all),
        stderr: known.map(|known| known.stderr).unwrap_or_default(),
        left_out: left_out
            .map(|(tool, why)| wire::LeftOut { tool: tool.clone(), why: why.clone() })
            .collect(),
        findings,
        why: phase.why.clone().or(trouble),
        ..phase
    }
}

/// What its connection says; everything else is empty.
fn phase(state: Option<&Phase>) -> wire::Server {
    let mut shown = wire::Server { standing: "ended".to_owned(), ..empty() };
    match state {
        None | Some(Phase::Ended) => {}
        Some(Phase::Connecting) => shown.standing = "connecting".to_owned(),
        Some(Phase::Ready { revision, info, since, .. }) => {
            shown.standing = "ready".to_owned();
            shown.since_ms = Some(millis(*since));
            shown.revision = Some(revision.to_string());
            shown.info = info.clone().map(|info| contract::outside::clean(info).0);
        }
        Some(Phase::Waiting { why, again_at }) => {
            shown.standing = "waiting".to_owned();
            (shown.why, shown.again_at_ms) = (Some(why.clone()), Some(millis(*again_at)));
        }
        Some(Phase::Refused { why, again_at }) => {
            shown.standing = "refused".to_owned();
            (shown.why, shown.again_at_ms) = (Some(why.clone()), Some(millis(*again_at)));
        }
        // The catalogue sets servers aside for one reason, and stops for theirs.
        Some(Phase::SetAside { why }) => {
            let stopped = why.starts_with("stopped by ");
            shown.standing = if stopped { "stopped" } else { "changes_too_often" }.to_owned();
            shown.why = Some(why.clone());
        }
    }
    shown
}

fn empty() -> wire::Server {
    wire::Server {
        server: String::new(),
        way: String::new(),
        at: String::new(),
        jailed: None,
        pack: None,
        offers: Vec::new(),
        standing: String::new(),
        why: None,
        since_ms: None,
        again_at_ms: None,
        revision: None,
        info: None,
        tools: 0,
        drifted: 0,
        refused: 0,
        held_back: 0,
        starts: 0,
        faults: Vec::new(),
        faults_all: 0,
        stderr: Vec::new(),
        left_out: Vec::new(),
        findings: Vec::new(),
    }
}

/// How it is reached, where, and whether it is kept apart.
fn reached(app: &App, way: &ServerWay) -> (&'static str, String, Option<bool>) {
    let masked = |text: String| app.masker.mask_text(&text).into_owned();
    match way {
        ServerWay::Stdio { command, jailed, .. } => {
            let jailed = match jailed {
                Jailed::On => true,
                Jailed::Off => false,
            };
            ("stdio", masked(command.join(" ")), Some(jailed))
        }
        ServerWay::Http { url, .. } => {
            // A query of an address can be a credential.
            let mut url = url.clone();
            url.set_query(None);
            ("http", masked(url.to_string()), None)
        }
    }
}

fn millis(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Lists the packs of contracts for known servers.
#[utoipa::path(
    get, path = "/v1/packs", tag = "servers",
    responses((status = 200, description = "packs", body = wire::Page<wire::Pack>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn packs(
    State(app): State<Arc<App>>,
    _operator: OperatorCaller,
) -> Result<Json<wire::Page<wire::Pack>>> {
    let items = contract::packs::all().iter().map(|one| pack(&app, one)).collect();
    Ok(Json(wire::Page { items, next: None }))
}

fn pack(app: &App, pack: &contract::packs::Pack) -> wire::Pack {
    let tool = |tool: &contract::packs::PackTool| wire::PackTool {
        tool: tool.name.clone(),
        effect_class: tool.effect_class.word().to_owned(),
        consequences: tool.consequences.iter().map(|one| one.word().to_owned()).collect(),
        resource: tool.resource.clone(),
    };
    let with_it = app.config.servers.iter().filter(|one| one.pack.as_ref() == Some(&pack.name));
    wire::Pack {
        pack: pack.name.clone(),
        package: pack.package.clone(),
        registry: pack.registry.clone(),
        version: pack.version.clone(),
        homepage: pack.homepage.clone(),
        tools: pack.tools.iter().map(tool).collect(),
        servers: with_it.map(|server| server.name.to_string()).collect(),
    }
}
