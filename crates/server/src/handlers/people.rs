//! Accounts of people: listed, made, changed, invited.
//! An admin acts in the own tenant; those of the installation's tenant for other tenants too.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{Code, Digest, Name, Operator, PersonState, Right, limits};
use gate::{PersonAsk, PersonChange, Secret};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::convert::{self, parsed};
use crate::http::body::{Id, Params, Strict};
use crate::http::who::OperatorCaller;
use crate::key_text::{self, For};
use crate::outlets::slack::clicks;
use crate::rescue::{Refused, Result};
use crate::wire;

/// Whose.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// The tenant; the asking person's own if not given. Another one is an admin's business.
    tenant: Option<String>,
}

/// Lists everybody with an account in a tenant.
#[utoipa::path(
    get, path = "/v1/people", tag = "people", params(Whose),
    responses((status = 200, description = "people", body = wire::Page<wire::Person>), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Params(whose): Params<Whose>,
) -> Result<Json<wire::Page<wire::Person>>> {
    let tenant = tenant(&caller, whose.tenant.as_deref())?;
    if tenant != caller.0.tenant && !caller.0.roles.allow(Right::Administer) {
        let message = "people of another tenant are listed for an admin only";
        return Err(Refused::new(Code::NotAllowed, message, "leave out `tenant`"));
    }
    let items = app.gate.people(&tenant).iter().map(|person| shown(&app, person)).collect();
    Ok(Json(wire::Page { items, next: None }))
}

/// Makes an account. The person logs in with an invitation first.
#[utoipa::path(
    post, path = "/v1/people", tag = "people", request_body = wire::NewPerson,
    responses((status = 201, description = "the account", body = wire::Person), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn make(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Strict(body): Strict<wire::NewPerson>,
) -> Result<(StatusCode, Json<wire::Person>)> {
    let ask = PersonAsk {
        tenant: tenant(&caller, body.tenant.as_deref())?,
        name: parsed("name", &body.name)?,
        roles: convert::roles(&body.roles)?,
        groups: convert::groups(&body.groups)?,
    };
    let person = app.gate.make_person(&caller.0, ask).await?;
    Ok((StatusCode::CREATED, Json(shown(&app, &person))))
}

/// Changes an account: roles, groups, or whether it can be used.
#[utoipa::path(
    post, path = "/v1/people/{name}", tag = "people", params(("name" = String, Path, description = "the person's name")),
    request_body = wire::ChangePerson,
    responses((status = 200, description = "the account", body = wire::Person), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(name): Id<Name>,
    Strict(body): Strict<wire::ChangePerson>,
) -> Result<Json<wire::Person>> {
    let tenant = tenant(&caller, body.tenant.as_deref())?;
    let change = PersonChange {
        roles: body.roles.as_deref().map(convert::roles).transpose()?,
        groups: body.groups.as_deref().map(convert::groups).transpose()?,
        state: body.disabled.map(|disabled| match disabled {
            true => PersonState::Disabled,
            false => PersonState::Active,
        }),
    };
    let reason = body.reason.unwrap_or_default();
    convert::at_most("reason", &reason, limits::REASON_CHARS_MAX)?;
    let person = app.gate.change_person(&caller.0, (&tenant, &name), (change, reason)).await?;
    Ok(Json(shown(&app, &person)))
}

/// Makes a one-time link with which a person logs in. It takes the place of an earlier one.
#[utoipa::path(
    post, path = "/v1/people/{name}/invite", tag = "people", params(("name" = String, Path, description = "the person's name")),
    request_body = wire::Invite,
    responses((status = 201, description = "the link", body = wire::Invitation), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn invite(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(name): Id<Name>,
    Strict(body): Strict<wire::Invite>,
) -> Result<(StatusCode, Json<wire::Invitation>)> {
    let tenant = tenant(&caller, body.tenant.as_deref())?;
    let secret = key_text::fresh(For::Link)?;
    let within = match is_self(&caller.0, (&tenant, &name)) {
        true => limits::LINK_WITHIN,
        false => limits::INVITATION_WITHIN,
    };
    let ticket = Secret::new(secret.clone());
    let until = app.gate.make_link(&caller.0, (&tenant, &name), (&ticket, within)).await?;
    let invitation = wire::Invitation {
        person: name.to_string(),
        url: format!("{}/login#ticket={secret}", app.site.base()),
        expires_ms: until.millis(),
    };
    Ok((StatusCode::CREATED, Json(invitation)))
}

/// Links an account with somebody in Slack, whose clicks are this person's from then on. Nothing proves whose account there it
/// is: an admin says so.
#[utoipa::path(
    post, path = "/v1/people/{name}/link", tag = "people", params(("name" = String, Path, description = "the person's name")),
    request_body = wire::LinkPerson,
    responses((status = 200, description = "the account", body = wire::Person), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn link(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(name): Id<Name>,
    Strict(body): Strict<wire::LinkPerson>,
) -> Result<Json<wire::Person>> {
    let tenant = tenant(&caller, body.tenant.as_deref())?;
    let whose = (&tenant, &name);
    app.gate.link_person(&caller.0, whose, in_slack(&tenant, &body.slack)?).await?;
    one(&app, whose)
}

/// Takes such a link away: one's own, or by an admin.
#[utoipa::path(
    post, path = "/v1/people/{name}/unlink", tag = "people", params(("name" = String, Path, description = "the person's name")),
    request_body = wire::LinkPerson,
    responses((status = 200, description = "the account", body = wire::Person), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn unlink(
    State(app): State<Arc<App>>,
    caller: OperatorCaller,
    Id(name): Id<Name>,
    Strict(body): Strict<wire::LinkPerson>,
) -> Result<Json<wire::Person>> {
    let tenant = tenant(&caller, body.tenant.as_deref())?;
    let whose = (&tenant, &name);
    app.gate.unlink_person(&caller.0, whose, in_slack(&tenant, &body.slack)?).await?;
    one(&app, whose)
}

fn one(app: &App, (tenant, name): (&Name, &Name)) -> Result<Json<wire::Person>> {
    let person = app.gate.person(tenant, name);
    let person = person.ok_or_else(|| Refused::not_found(format!("person `{name}`")))?;
    Ok(Json(shown(app, &person)))
}

/// `T…/U…`: a team or an organisation, and somebody in it.
fn in_slack(tenant: &Name, text: &str) -> Result<(Name, Digest)> {
    let is_id = |id: &str, first: &[char]| {
        (2..=40).contains(&id.len())
            && id.starts_with(first)
            && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let parts = text.split_once('/');
    let parts = parts.filter(|(team, user)| is_id(team, &['T', 'E']) && is_id(user, &['U', 'W']));
    let (team, user) = parts.ok_or_else(|| {
        Refused::invalid("slack: expected a team and a person, such as `T0123456/U0123456`")
    })?;
    Ok((parsed("issuer", "slack")?, clicks::identity(tenant, (team, user))))
}

fn is_self(by: &Operator, (tenant, name): (&Name, &Name)) -> bool {
    by.tenant == *tenant && by.name == *name
}

fn tenant(caller: &OperatorCaller, given: Option<&str>) -> Result<Name> {
    let tenant = match given {
        Some(text) => parsed("tenant", text)?,
        None => caller.0.tenant.clone(),
    };
    caller.may_act_for(&tenant)?;
    Ok(tenant)
}

fn shown(app: &App, person: &domain::Person) -> wire::Person {
    let (tenant, name) = (&person.tenant, &person.name);
    wire::Person {
        name: name.to_string(),
        tenant: tenant.to_string(),
        roles: convert::role_names(person.roles),
        groups: convert::group_names(&person.groups),
        state: person.state.word().to_owned(),
        passkeys: app.gate.passkeys(tenant, name).len(),
        recovery_codes: app.gate.recovery_codes_left(tenant, name),
    }
}
