//! Logging in and out in a browser: one-time links, recovery codes, passkeys, issuers.
//!
//! Whatever proves who it is ends in `logged_in`: a fresh session whose secret goes into a cookie that no script reads.
//! What fails is told to nobody in detail, and counted. Tests: `tests/it/sessions.rs`, `passkeys.rs`, `oidc.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::{Code, KeyId, limits};
use gate::{Identity, LoginProof, OpenedSession, Secret};
use serde::Deserialize;

use crate::app::App;
use crate::auth::openid;
use crate::config::DEFAULT_TENANT;
use crate::convert::{self, parsed};
use crate::http::body::{Params, Strict};
use crate::http::site::Cookie;
use crate::http::who::{self, SessionCaller};
use crate::key_text::{self, For};
use crate::logins::{Pending, random};
use crate::passkey::{self, Assertion};
use crate::rescue::{Refused, Result};
use crate::wire;

/// Says who is logged in in this browser.
#[utoipa::path(
    get, path = "/v1/session", tag = "session",
    responses((status = 200, description = "the session", body = wire::Session), (status = "4XX", description = "nobody is", body = wire::Problem)),
)]
pub(crate) async fn present(
    State(app): State<Arc<App>>,
    SessionCaller { operator, csrf }: SessionCaller,
) -> Result<Json<wire::Session>> {
    session(&app, &operator, csrf).map(Json)
}

/// Logs out.
#[utoipa::path(
    delete, path = "/v1/session", tag = "session",
    responses((status = 200, description = "logged out", body = wire::LoggedOut), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    SessionCaller { operator, .. }: SessionCaller,
    headers: HeaderMap,
) -> Result<Response> {
    app.gate.end_session(operator.key).await?;
    let gone = app.site.set_cookie(&headers, (Cookie::Session, ""), 0);
    let body = Json(wire::LoggedOut { person: operator.name.to_string() });
    Ok(([(SET_COOKIE, gone)], body).into_response())
}

/// Logs in with a one-time link.
#[utoipa::path(
    post, path = "/v1/session/link", tag = "session", request_body = wire::UseLink,
    responses((status = 200, description = "the session", body = wire::Session), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn by_link(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Strict(body): Strict<wire::UseLink>,
) -> Result<Response> {
    logged_in(&app, &headers, LoginProof::Link(Secret::new(body.ticket))).await
}

/// Logs in with a recovery code, which holds once.
#[utoipa::path(
    post, path = "/v1/session/recovery", tag = "session", request_body = wire::UseRecoveryCode,
    responses((status = 200, description = "the session", body = wire::Session), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn by_recovery_code(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Strict(body): Strict<wire::UseRecoveryCode>,
) -> Result<Response> {
    let proof = LoginProof::RecoveryCode {
        tenant: parsed("tenant", body.tenant.as_deref().unwrap_or(DEFAULT_TENANT))?,
        person: parsed("name", &body.name)?,
        code: Secret::new(key_text::as_made(&body.code)),
    };
    logged_in(&app, &headers, proof).await
}

/// Begins a login with a passkey: what the browser is to be asked.
#[utoipa::path(
    post, path = "/v1/session/passkey/begin", tag = "session", request_body = wire::BeginPasskey,
    responses((status = 200, description = "the question", body = wire::PasskeyOptions), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn begin_passkey(
    State(app): State<Arc<App>>,
    _body: Strict<wire::BeginPasskey>,
) -> Result<Json<wire::PasskeyOptions>> {
    let challenge = app.logins.challenge()?;
    // No names: who asks must not learn who has an account here.
    let public_key = passkey::request(&app.site.passkeys(), &challenge, &[]);
    Ok(Json(wire::PasskeyOptions { public_key }))
}

/// Logs in with a passkey.
#[utoipa::path(
    post, path = "/v1/session/passkey/finish", tag = "session", request_body = wire::UsePasskey,
    responses((status = 200, description = "the session", body = wire::Session), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn finish_passkey(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Strict(body): Strict<wire::UsePasskey>,
) -> Result<Response> {
    match used(&app, &body.credential) {
        Ok(used) => logged_in(&app, &headers, LoginProof::Passkey(used)).await,
        Err(wrong) => {
            tracing::debug!(%wrong, "a passkey was not believed");
            app.gate.login_failed();
            Err(not_believed())
        }
    }
}

fn used(
    app: &App,
    credential: &serde_json::Value,
) -> std::result::Result<domain::PasskeyUse, passkey::Wrong> {
    let challenge = passkey::challenge_of(credential).ok_or(passkey::Wrong("no challenge"))?;
    if !app.logins.is_ours(&challenge) {
        return Err(passkey::Wrong("a challenge that nobody waits for"));
    }
    let assertion = Assertion::read(credential)?;
    let known = app.gate.passkey(&assertion.id).ok_or(passkey::Wrong("an unknown passkey"))?;
    let handle = passkey::handle(known.tenant.as_str(), known.person.as_str());
    let site = app.site.passkeys();
    let counter = assertion.verified(&site, &challenge, (&known.public_key, &handle))?;
    if !app.logins.answer(&challenge) {
        return Err(passkey::Wrong("a challenge that was answered"));
    }
    Ok(domain::PasskeyUse { passkey: known.id, counter })
}

fn not_believed() -> Refused {
    let message = "this passkey logs nobody in here";
    let fix = "use one that was added under `Settings`, or ask for a link: `checkrein console`";
    Refused::new(Code::NotAuthenticated, message, fix)
}

/// Lists issuers where people may log in.
#[utoipa::path(
    get, path = "/v1/session/issuers", tag = "session",
    responses((status = 200, description = "issuers", body = Vec<wire::LoginIssuer>)),
)]
pub(crate) async fn issuers(State(app): State<Arc<App>>) -> Json<Vec<wire::LoginIssuer>> {
    let shown = |issuer: &crate::config::LoginIssuer| wire::LoginIssuer {
        name: issuer.name.to_string(),
        title: issuer.title.clone(),
    };
    Json(app.config.login_issuers.iter().map(shown).collect())
}

/// Sends the browser to an issuer to log in.
#[utoipa::path(
    get, path = "/v1/session/oidc/{issuer}", tag = "session", params(("issuer" = String, Path, description = "the issuer's name")),
    responses((status = 303, description = "to the issuer", body = String), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn to_issuer(
    State(app): State<Arc<App>>,
    Path(issuer): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let (url, cookie) = sent_to_issuer(&app, (&headers, &issuer), None).await?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, url), (SET_COOKIE, cookie)]).into_response())
}

/// Where a browser goes to log in at an issuer, and the cookie by which it is known when it comes back.
pub(crate) async fn sent_to_issuer(
    app: &App,
    (headers, issuer): (&HeaderMap, &str),
    links: Option<KeyId>,
) -> Result<(String, String)> {
    let issuer = app.openid.issuer(issuer)?;
    let browser = random()?;
    let redirect = format!("{}/v1/session/oidc/{}/callback", app.site.base(), issuer.name());
    let url = issuer.begin(&app.logins, (&browser, redirect), links).await?;
    let seconds = limits::LOGIN_WITHIN.as_secs();
    Ok((url, app.site.set_cookie(headers, (Cookie::Login, &browser), seconds)))
}

/// What an issuer sends a person back with.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Returned {
    /// What the issuer gives tokens for.
    code: Option<String>,
    /// Which login it is.
    state: Option<String>,
    /// Why the issuer logged nobody in.
    error: Option<String>,
    /// Which issuer says so (RFC 9207).
    iss: Option<String>,
}

/// Takes a person back from an issuer, and logs in.
#[utoipa::path(
    get, path = "/v1/session/oidc/{issuer}/callback", tag = "session",
    params(("issuer" = String, Path, description = "the issuer's name"), Returned),
    responses((status = 303, description = "to the console", body = String)),
)]
pub(crate) async fn from_issuer(
    State(app): State<Arc<App>>,
    Path(issuer): Path<String>,
    headers: HeaderMap,
    Params(returned): Params<Returned>,
) -> Response {
    let gone = app.site.set_cookie(&headers, (Cookie::Login, ""), 0);
    let mut response = match believed(&app, (&headers, &issuer), returned).await {
        Ok(mut response) => {
            *response.status_mut() = StatusCode::SEE_OTHER;
            response
        }
        Err(refused) => {
            app.gate.login_failed();
            // A page, not a problem: a person looks at it.
            let to = format!("/login#error={}", refused.0.code.shown());
            (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
        }
    };
    if let Ok(gone) = gone.parse() {
        response.headers_mut().append(SET_COOKIE, gone);
    }
    response
}

async fn believed(
    app: &App,
    (headers, issuer): (&HeaderMap, &str),
    returned: Returned,
) -> Result<Response> {
    let issuer = app.openid.issuer(issuer)?;
    let begun = returned.state.as_deref().and_then(|state| app.logins.take(state));
    let Some(Pending::AtIssuer(begun)) = begun else { return Err(openid::refused()) };
    let browser = app.site.cookie(headers, Cookie::Login).unwrap_or_default();
    let same_browser = contract::digest(browser.as_bytes()) == begun.browser;
    if !same_browser || begun.issuer != *issuer.name() || returned.error.is_some() {
        return Err(openid::refused());
    }
    let code = returned.code.ok_or_else(openid::refused)?;
    let outside = issuer.redeem((&code, returned.iss.as_deref()), &begun).await?;
    if let Some(session) = begun.links {
        // The session that asked for the link: its cookie does not come along from the issuer's page.
        let by = app.gate.operator_of_session(session).ok_or_else(openid::refused)?;
        app.gate.link_identity(&by, outside).await?;
        return Ok([(LOCATION, "/settings".to_owned())].into_response());
    }
    let person = app.gate.person_from_outside(outside).await?;
    let mut response = logged_in(app, headers, LoginProof::Issuer(person)).await?;
    if let Ok(home) = "/".parse() {
        response.headers_mut().insert(LOCATION, home);
    }
    Ok(response)
}

/// Opens a session and gives the browser its cookie. A session that the browser had before ends.
async fn logged_in(app: &App, headers: &HeaderMap, proof: LoginProof) -> Result<Response> {
    let secret = key_text::fresh(For::Session)?;
    let before = before(app, headers).await;
    let opened = app.gate.open_session(proof, &Secret::new(secret.clone()), before).await?;
    let OpenedSession { id, .. } = opened;
    let by = app.gate.operator_of_session(id).ok_or_else(not_believed)?;
    let session = session(app, &by, who::Session::of(&secret).csrf)?;
    let seconds = limits::SESSION_MAX.as_secs();
    let cookie = app.site.set_cookie(headers, (Cookie::Session, &secret), seconds);
    Ok(([(SET_COOKIE, cookie)], Json(session)).into_response())
}

/// The session that this browser has, if it has one that holds.
async fn before(app: &App, headers: &HeaderMap) -> Option<KeyId> {
    let text = app.site.cookie(headers, Cookie::Session)?;
    let known = app.gate.identify(&Secret::new(text)).await.ok()?;
    match known {
        Identity::Operator(by) => app.gate.session(&by).map(|_| by.key),
        Identity::Agent(_) => None,
    }
}

fn session(app: &App, by: &domain::Operator, csrf: String) -> Result<wire::Session> {
    let view = app.gate.session(by).ok_or_else(not_believed)?;
    let passkeys = app.gate.passkeys(&by.tenant, &by.name).into_iter();
    Ok(wire::Session {
        person: by.name.to_string(),
        tenant: by.tenant.to_string(),
        roles: convert::role_names(by.roles),
        rights: by.roles.rights().map(|right| right.word().to_owned()).collect(),
        groups: convert::group_names(&by.groups),
        assurance: by.assurance.word().to_owned(),
        login: view.login.word().to_owned(),
        csrf,
        expires_ms: view.until.millis(),
        passkeys: passkeys
            .map(|passkey| wire::Passkey { id: passkey.id, title: passkey.title })
            .collect(),
        recovery_codes: app.gate.recovery_codes_left(&by.tenant, &by.name),
    })
}
