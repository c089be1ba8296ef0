//! One's own account: passkeys, recovery codes, and being known at an issuer. Asked for in a browser, soon after logging in.
//!
//! Whoever took a session that is left open must not be able to stay: the gate refuses all of it once the login is some
//! minutes old. Tests: `tests/it/passkeys.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::{Code, limits};
use gate::Secret;

use super::session::sent_to_issuer;
use crate::app::App;
use crate::http::body::Strict;
use crate::http::who::SessionCaller;
use crate::key_text;
use crate::logins::Pending;
use crate::passkey;
use crate::rescue::{Refused, Result};
use crate::wire;

/// Begins to add a passkey: what the browser is to be asked.
#[utoipa::path(
    post, path = "/v1/account/passkeys/begin", tag = "account", request_body = wire::BeginNewPasskey,
    responses((status = 200, description = "the question", body = wire::PasskeyOptions), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn begin_passkey(
    State(app): State<Arc<App>>,
    SessionCaller { operator, .. }: SessionCaller,
    Strict(body): Strict<wire::BeginNewPasskey>,
) -> Result<Json<wire::PasskeyOptions>> {
    app.gate.may_add_passkey(&operator, &body.name)?;
    let challenge = app.logins.begin(Pending::MakePasskey(operator.key, body.name))?;
    let known = app.gate.passkeys(&operator.tenant, &operator.name);
    let known: Vec<String> = known.into_iter().map(|passkey| passkey.id).collect();
    let whose = (operator.tenant.as_str(), operator.name.as_str(), &*known);
    let public_key = passkey::creation(&app.site.passkeys(), &challenge, whose);
    Ok(Json(wire::PasskeyOptions { public_key }))
}

/// Adds a passkey.
#[utoipa::path(
    post, path = "/v1/account/passkeys/finish", tag = "account", request_body = wire::AddPasskey,
    responses((status = 201, description = "the passkey", body = wire::Passkey), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn finish_passkey(
    State(app): State<Arc<App>>,
    SessionCaller { operator, .. }: SessionCaller,
    Strict(body): Strict<wire::AddPasskey>,
) -> Result<(StatusCode, Json<wire::Passkey>)> {
    let wrong = |wrong: passkey::Wrong| {
        let message = format!("this passkey cannot be added: {wrong}");
        Refused::new(Code::InvalidRequest, message, "begin again")
    };
    let stale = || wrong(passkey::Wrong("a challenge that nobody waits for"));
    let challenge = passkey::challenge_of(&body.credential).ok_or_else(stale)?;
    let title = match app.logins.take(&challenge) {
        Some(Pending::MakePasskey(session, title)) if session == operator.key => title,
        Some(Pending::MakePasskey(..) | Pending::AtIssuer(_)) | None => {
            return Err(stale());
        }
    };
    let made =
        passkey::registered(&app.site.passkeys(), &challenge, &body.credential).map_err(wrong)?;
    let (named, key) = ((made.id, &*title), (made.public_key, made.counter));
    let passkey = app.gate.add_passkey(&operator, named, key).await?;
    let shown = wire::Passkey { id: passkey.id, title: passkey.title };
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Takes a passkey away.
#[utoipa::path(
    delete, path = "/v1/account/passkeys/{id}", tag = "account", params(("id" = String, Path, description = "the passkey's id")),
    responses((status = 200, description = "the passkey that is gone", body = wire::Passkey), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn remove_passkey(
    State(app): State<Arc<App>>,
    SessionCaller { operator, .. }: SessionCaller,
    Path(id): Path<String>,
) -> Result<Json<wire::Passkey>> {
    let known = app.gate.passkey(&id);
    app.gate.remove_passkey(&operator, &id).await?;
    let title = known.map(|passkey| passkey.title).unwrap_or_default();
    Ok(Json(wire::Passkey { id, title }))
}

/// Makes new recovery codes in place of the earlier ones. They are shown once.
#[utoipa::path(
    post, path = "/v1/account/recovery-codes", tag = "account",
    responses((status = 201, description = "the codes", body = wire::RecoveryCodes), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn make_recovery_codes(
    State(app): State<Arc<App>>,
    SessionCaller { operator, .. }: SessionCaller,
) -> Result<(StatusCode, Json<wire::RecoveryCodes>)> {
    let codes = (0..limits::RECOVERY_CODES).map(|_| key_text::recovery_code());
    let codes = codes.collect::<std::result::Result<Vec<String>, _>>()?;
    let secrets: Vec<Secret> =
        codes.iter().map(|code| Secret::new(key_text::as_made(code))).collect();
    app.gate.make_recovery_codes(&operator, &secrets).await?;
    Ok((StatusCode::CREATED, Json(wire::RecoveryCodes { codes })))
}

/// Begins to link the account with somebody at an issuer: where the browser goes next.
#[utoipa::path(
    post, path = "/v1/account/identities", tag = "account", request_body = wire::LinkIdentity,
    responses((status = 200, description = "the address", body = wire::GoTo), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn link_identity(
    State(app): State<Arc<App>>,
    SessionCaller { operator, .. }: SessionCaller,
    headers: HeaderMap,
    Strict(body): Strict<wire::LinkIdentity>,
) -> Result<Response> {
    let links = Some(operator.key);
    let (url, cookie) = sent_to_issuer(&app, (&headers, &body.issuer), links).await?;
    Ok(([(SET_COOKIE, cookie)], Json(wire::GoTo { url })).into_response())
}
