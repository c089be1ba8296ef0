//! Agents: giving rights with a key, and taking them away.
//! A new agent is a root grant and a key in one step. Making and revoking is for admins; the gate checks the role.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{
    Agent, GrantId, GrantState, Human, KeyHolder, Name, Operator, PrincipalChain, Rights, Timestamp,
};
use gate::{GrantAsk, Secret, Table};
use journal::Browse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::convert::{self, parsed};
use crate::http::body::{Id, Params, Strict};
use crate::http::who::OperatorCaller;
use crate::key_text::{self, For};
use crate::listing::{self, Part};
use crate::rescue::{Refused, Result};
use crate::{rows, wire};

/// The longest version of an agent, as `domain::Agent` says.
const VERSION_CHARS_MAX: usize = 64;

/// Which grants.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only in this state: `active` or `revoked`.
    state: Option<String>,
    /// Only with this text in agent, person, giver or id.
    text: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists grants of the tenant.
#[utoipa::path(
    get, path = "/v1/agents", tag = "agents", params(Which),
    responses((status = 200, description = "grants", body = wire::Page<wire::Grant>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Grant>>> {
    let mut browse = Browse::all(Table::Grants).with("tenant", operator.tenant.as_str());
    if let Some(state) = &which.state {
        browse = browse.with("state", convert::word("state", state, GrantState::from_word)?.word());
    }
    let browse = listing::searching(browse, which.text, &["agent", "human", "given_by"])?;
    let part = Part { limit: which.limit, after: which.after };
    Ok(Json(listing::browse(&app, browse, part, rows::grant).await?))
}

/// Makes an agent: gives it rights and a key. The key's text is shown once.
#[utoipa::path(
    post, path = "/v1/agents", tag = "agents", request_body = wire::NewAgent,
    responses((status = 201, description = "the agent with its key", body = wire::MadeAgent), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn make(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Strict(body): Strict<wire::NewAgent>,
) -> Result<(StatusCode, Json<wire::MadeAgent>)> {
    let ask = ask(&app, &caller.0, body)?;
    caller.may_act_for(&ask.chain.tenant)?;
    let OperatorCaller(operator) = caller;
    let grant = app.gate.give_grant(&operator, ask).await?;
    let secret = key_text::fresh(For::Agent)?;
    let tenant = grant.chain.tenant.clone();
    let holder = KeyHolder::Grant { tenant: tenant.clone(), grant: grant.id };
    let key = app.gate.make_key(&operator, holder, &Secret::new(secret.clone())).await?;
    let record = listing::one(&app, Table::Grants, &grant.id.to_string(), tenant.as_str()).await?;
    let made = wire::MadeAgent { grant: rows::grant(&record), key: key.to_string(), secret };
    Ok((StatusCode::CREATED, Json(made)))
}

fn ask(app: &App, operator: &Operator, body: wire::NewAgent) -> Result<GrantAsk> {
    let version = body.version.unwrap_or_else(|| "1".to_owned());
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    if version.is_empty() || version.len() > VERSION_CHARS_MAX || !version.bytes().all(plain) {
        return Err(Refused::invalid(
            "version: expected 1 to 64 of letters, digits, `.`, `-`, `_`, `+`",
        ));
    }
    if body.tools.is_empty() {
        return Err(Refused::invalid("tools: expected at least one, or `*` for all"));
    }
    body.tools.iter().try_for_each(|tool| pattern(tool))?;
    let name = |what: &'static str| move |text: &String| parsed::<Name>(what, text);
    let spaces = match &body.spaces {
        Some(spaces) => spaces.iter().map(name("spaces")).collect::<Result<_>>()?,
        None => app.config.spaces.iter().map(|space| space.name.clone()).collect(),
    };
    let own = |given: &Option<String>, what, default: &Name| match given {
        Some(text) => parsed(what, text),
        None => Ok(default.clone()),
    };
    Ok(GrantAsk {
        chain: PrincipalChain {
            tenant: own(&body.tenant, "tenant", &operator.tenant)?,
            human: Human(own(&body.human, "human", &operator.name)?),
            agent: Agent { name: parsed("name", &body.name)?, version },
            parents: Vec::new(),
        },
        rights: Rights {
            tools: body.tools,
            spaces,
            workflows: body.workflows.iter().map(name("workflows")).collect::<Result<_>>()?,
        },
        expires: body.expires_ms.map(Timestamp::from_millis),
    })
}

/// A tool's name, a prefix that ends in `.*`, or `*`.
fn pattern(text: &str) -> Result<()> {
    let name = if text == "*" { return Ok(()) } else { text.strip_suffix(".*").unwrap_or(text) };
    parsed::<domain::ToolName>("tools", name).map(|_| ())
}

/// Takes a grant away for good, with every key of it.
#[utoipa::path(
    post, path = "/v1/agents/{grant}/revoke", tag = "agents", params(("grant" = String, Path, description = "the grant's id")),
    request_body = wire::Revoke,
    responses((status = 200, description = "revoked", body = wire::Grant), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(grant): Id<GrantId>,
    Strict(body): Strict<wire::Revoke>,
) -> Result<Json<wire::Grant>> {
    let (key, tenant) = (grant.to_string(), operator.tenant.as_str());
    listing::one(&app, Table::Grants, &key, tenant).await?;
    app.gate.revoke_grant(&operator, grant, convert::reason(body.reason)?).await?;
    Ok(Json(rows::grant(&listing::one(&app, Table::Grants, &key, tenant).await?)))
}
