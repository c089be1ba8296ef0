//! Keys: making and revoking them. Texts of keys are answered once and kept nowhere.
//! An admin makes keys of the own tenant; those of other tenants are made by admins of the installation's tenant.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{GrantId, Groups, KeyHolder, KeyId};
use gate::{Identity, Secret, Table};
use journal::Browse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::convert::{self, parsed};
use crate::http::body::{Id, Params, Strict};
use crate::http::who::{AnyCaller, OperatorCaller};
use crate::key_text::{self, For};
use crate::listing::{self, Part};
use crate::rescue::{Refused, Result};
use crate::{rows, wire};

/// Says whose the key of this request is.
#[utoipa::path(
    get, path = "/v1/whoami", tag = "keys",
    responses((status = 200, description = "who asks", body = wire::WhoAmI), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn who_am_i(AnyCaller(identity): AnyCaller) -> Json<wire::WhoAmI> {
    Json(match identity {
        Identity::Agent(caller) => wire::WhoAmI {
            kind: "agent".to_owned(),
            tenant: caller.chain.tenant.to_string(),
            name: caller.chain.agent.to_string(),
            roles: Vec::new(),
            grant: Some(caller.grant.to_string()),
            key: caller.key.to_string(),
        },
        Identity::Operator(operator) => wire::WhoAmI {
            kind: "operator".to_owned(),
            tenant: operator.tenant.to_string(),
            name: operator.name.to_string(),
            roles: convert::role_names(operator.roles),
            grant: None,
            key: operator.key.to_string(),
        },
    })
}

/// Which keys.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only of this grant.
    grant: Option<String>,
    /// Only of this kind of holder: `agent` or `operator`.
    holder: Option<String>,
    /// Only in this state: `active` or `revoked`.
    state: Option<String>,
    /// How many at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists keys of the tenant, without their texts.
#[utoipa::path(
    get, path = "/v1/keys", tag = "keys", params(Which),
    responses((status = 200, description = "keys", body = wire::Page<wire::Key>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Params(which): Params<Which>,
) -> Result<Json<wire::Page<wire::Key>>> {
    let mut browse = Browse::all(Table::Keys).with("tenant", operator.tenant.as_str());
    if let Some(grant) = &which.grant {
        browse = browse.with("grant_id", parsed::<GrantId>("grant", grant)?.to_string());
    }
    for (column, value, known) in [
        ("holder", which.holder, ["agent", "operator"]),
        ("state", which.state, ["active", "revoked"]),
    ] {
        let Some(value) = value else { continue };
        if !known.contains(&value.as_str()) {
            let [one, other] = known;
            return Err(Refused::invalid(format!("{column}: expected `{one}` or `{other}`")));
        }
        browse = browse.with(column, value);
    }
    let part = Part { limit: which.limit, after: which.after };
    Ok(Json(listing::browse(&app, browse, part, rows::key).await?))
}

/// Makes a key for a grant or an operator. Its text is shown once.
#[utoipa::path(
    post, path = "/v1/keys", tag = "keys", request_body = wire::NewKey,
    responses((status = 201, description = "the key", body = wire::MadeKey), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn make(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Strict(body): Strict<wire::NewKey>,
) -> Result<(StatusCode, Json<wire::MadeKey>)> {
    let operator = &caller.0;
    let (holder, whom) = match body {
        wire::NewKey::Agent { grant } => {
            let grant: GrantId = parsed("grant", &grant)?;
            let (key, tenant) = (grant.to_string(), operator.tenant.clone());
            listing::one(&app, Table::Grants, &key, tenant.as_str()).await?;
            (KeyHolder::Grant { tenant, grant }, For::Agent)
        }
        wire::NewKey::Operator { name, roles, groups, tenant } => {
            let tenant = match tenant {
                Some(text) => parsed("tenant", &text)?,
                None => operator.tenant.clone(),
            };
            caller.may_act_for(&tenant)?;
            let name = parsed("name", &name)?;
            let roles = convert::roles(&roles)?;
            let groups = match groups {
                Some(names) => convert::groups(&names)?,
                None => Groups::All,
            };
            (KeyHolder::Operator { tenant, name, roles, groups }, For::Operator)
        }
    };
    let secret = key_text::fresh(whom)?;
    let key = app.gate.make_key(operator, holder, &Secret::new(secret.clone())).await?;
    Ok((StatusCode::CREATED, Json(wire::MadeKey { key: key.to_string(), secret })))
}

/// Revokes a key for good.
#[utoipa::path(
    post, path = "/v1/keys/{key}/revoke", tag = "keys", params(("key" = String, Path, description = "the key's id")),
    request_body = wire::Revoke,
    responses((status = 200, description = "revoked", body = wire::Key), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Id(key): Id<KeyId>,
    Strict(body): Strict<wire::Revoke>,
) -> Result<Json<wire::Key>> {
    let (id, tenant) = (key.to_string(), operator.tenant.as_str());
    listing::one(&app, Table::Keys, &id, tenant).await?;
    app.gate.revoke_key(&operator, key, convert::reason(body.reason)?).await?;
    Ok(Json(rows::key(&listing::one(&app, Table::Keys, &id, tenant).await?)))
}
