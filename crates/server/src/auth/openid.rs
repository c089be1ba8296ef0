//! People who log in at an issuer: OpenID Connect with the authorization code and PKCE (OpenID Connect Core 1.0; RFC 7636;
//! RFC 9207; RFC 9700).
//!
//! ```text
//! begin: discovery -> address with state, nonce, challenge -> browser -> issuer -> browser -> redeem: code -> ID token -> claims
//! ```
//! In: configuration, and what a browser came back with. Out: whom the issuer named, and which roles its claims give. Every
//! fetch goes through the guarded client. A login belongs to the browser that began it. Tests: `tests/it/oidc.rs` with a
//! provider of their own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Code, Groups, KeyId, Name, Roles, limits};
use gate::{Outside, Refusal};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tools::mcp::guarded::{Bound, Guarded, Request};
use url::Url;

use super::id_token::{self, Expected};
use super::keys::Keys;
use crate::config::LoginIssuer;
use crate::logins::{AtIssuer, Logins, Pending, random};
use crate::passkey::encode;
use crate::rescue::{Refused, Result};

/// After this time what an issuer says of itself is read again.
const FRESH: Duration = Duration::from_secs(3_600);
/// An issuer that could not be asked is not asked again for this time: nobody waits behind others for what failed just now.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// How long one step at an issuer may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Every issuer where people may log in.
#[derive(Debug, Default)]
pub(crate) struct OpenId(Vec<Issuer>);

/// One of them.
#[derive(Debug)]
pub(crate) struct Issuer {
    known: LoginIssuer,
    secret: Option<ClientSecret>,
    http: Guarded,
    /// What it said of itself and when; none in it if it could not be asked.
    said: Mutex<Option<(Instant, Option<Arc<Said>>)>>,
}

/// A client's secret. Prints as `[redacted]`.
struct ClientSecret(String);

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[redacted]")
    }
}

/// What an issuer says of itself (OpenID Connect Discovery 1.0).
#[derive(Debug)]
struct Said {
    authorization: Url,
    token: Url,
    keys: Keys,
    /// Whether it takes the client's secret in the form only, not in a header.
    secret_in_form: bool,
    /// Whether it always says who it is when it sends a browser back.
    says_issuer: bool,
}

impl OpenId {
    /// # Errors
    /// An address that may not be fetched from, or a secret that cannot be read.
    pub(crate) fn new(issuers: &[LoginIssuer]) -> std::result::Result<Self, Refusal> {
        issuers.iter().map(Issuer::new).collect::<std::result::Result<_, _>>().map(Self)
    }

    /// The issuer of a name.
    pub(crate) fn issuer(&self, name: &str) -> Result<&Issuer> {
        let found = self.0.iter().find(|issuer| issuer.known.name.as_str() == name);
        found.ok_or_else(|| Refused::not_found("such login issuer"))
    }
}

impl Issuer {
    fn new(known: &LoginIssuer) -> std::result::Result<Self, Refusal> {
        let wrong = |what: String| {
            let message = format!("login issuer `{}`: {what}", known.name);
            Refusal::new(Code::BadConfiguration, message, "correct `login_issuer`")
        };
        let url = Url::parse(&known.issuer).map_err(|error| wrong(error.to_string()))?;
        let http = Guarded::new(&url).map_err(|error| wrong(error.to_string()))?;
        let read = |path: &std::path::PathBuf| -> std::result::Result<ClientSecret, Refusal> {
            let text = std::fs::read_to_string(path);
            let shown = Path::display(path);
            let text = text.map_err(|error| wrong(format!("`{shown}`: {error}")))?;
            Ok(ClientSecret(text.trim().to_owned()))
        };
        let secret = known.client_secret_file.as_ref().map(read).transpose()?;
        Ok(Self { known: known.clone(), secret, http, said: Mutex::default() })
    }

    /// What it is called here.
    pub(crate) fn name(&self) -> &Name {
        &self.known.name
    }

    /// Where the browser is sent. `browser` is the secret of its cookie.
    pub(crate) async fn begin(
        &self,
        logins: &Logins,
        (browser, redirect): (&str, String),
        links: Option<KeyId>,
    ) -> Result<String> {
        let said = self.said().await?;
        let (nonce, verifier) = (random()?, random()?);
        let challenge = contract::digest(verifier.as_bytes());
        let pending = AtIssuer {
            issuer: self.known.name.clone(),
            nonce: nonce.clone(),
            verifier,
            browser: contract::digest(browser.as_bytes()),
            redirect: redirect.clone(),
            links,
        };
        let state = logins.begin(Pending::AtIssuer(pending))?;
        let mut url = said.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.known.client_id)
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", "openid profile")
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("max_age", &id_token::MAX_AGE.to_string())
            .append_pair("code_challenge", &encode(challenge.bytes()))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Whom the issuer names for a code.
    pub(crate) async fn redeem(
        &self,
        (code, named): (&str, Option<&str>),
        begun: &AtIssuer,
    ) -> Result<Outside> {
        let said = self.said().await?;
        // Somebody else's answer, sent here to mix two issuers up.
        let other = named.map_or(said.says_issuer, |named| named != self.known.issuer);
        if other {
            return Err(refused());
        }
        let answer = self.token(&said, code, begun).await?;
        let token = answer.get("id_token").and_then(Value::as_str).ok_or_else(refused)?;
        let expected = Expected {
            issuer: &self.known.issuer,
            client_id: &self.known.client_id,
            nonce: &begun.nonce,
        };
        let claims = id_token::claims(token, &said.keys, expected).await.ok_or_else(refused)?;
        self.outside(&claims).ok_or_else(refused)
    }

    async fn token(&self, said: &Said, code: &str, begun: &AtIssuer) -> Result<Value> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let (Some(ClientSecret(secret)), false) = (&self.secret, said.secret_in_form) {
            headers.insert(AUTHORIZATION, basic(&self.known.client_id, secret)?);
        }
        let kind = "application/x-www-form-urlencoded";
        let form = self.form(said, code, begun);
        self.json(Request::post(said.token.clone(), kind, form).with(headers)).await
    }

    /// What is sent for a token. The client's secret is in it only where the issuer takes it in no header.
    fn form(&self, said: &Said, code: &str, begun: &AtIssuer) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &begun.redirect)
            .append_pair("code_verifier", &begun.verifier);
        match &self.secret {
            Some(_) if !said.secret_in_form => {}
            Some(ClientSecret(secret)) => {
                form.append_pair("client_id", &self.known.client_id);
                form.append_pair("client_secret", secret);
            }
            None => {
                form.append_pair("client_id", &self.known.client_id);
            }
        }
        form.finish()
    }

    /// Somebody in words that the gate knows. A name that is none here is left out.
    fn outside(&self, claims: &Value) -> Option<Outside> {
        let subject = claims.get("sub")?.as_str().filter(|subject| !subject.is_empty())?;
        let identity = format!("{}\n{subject}", self.known.issuer);
        let name = claims.get(&self.known.name_claim).and_then(Value::as_str);
        let values = values(claims.get(&self.known.claim));
        let roles = values.iter().filter_map(|value| self.known.roles.get(*value));
        let roles: Roles = roles.flat_map(|roles| roles.iter()).collect();
        let groups = values.iter().filter_map(|value| self.known.groups.get(*value));
        let groups = Groups::Named(groups.flatten().cloned().collect());
        Some(Outside {
            issuer: self.known.name.clone(),
            identity: contract::digest(identity.as_bytes()),
            tenant: self.known.tenant.clone(),
            name: name.map(str::to_ascii_lowercase).and_then(|name| name.parse().ok()),
            roles: (!self.known.roles.is_empty()).then_some(roles),
            groups: (!self.known.groups.is_empty()).then_some(groups),
        })
    }

    /// What the issuer says of itself, kept for a while.
    async fn said(&self) -> Result<Arc<Said>> {
        let mut kept = self.said.lock().await;
        match &*kept {
            Some((at, Some(said))) if at.elapsed() < FRESH => return Ok(Arc::clone(said)),
            Some((at, None)) if at.elapsed() < AGAIN_AFTER => return Err(away()),
            Some((_, Some(_) | None)) | None => {}
        }
        let said = self.discover().await.map(Arc::new);
        *kept = Some((Instant::now(), said.as_ref().ok().map(Arc::clone)));
        said
    }

    async fn discover(&self) -> Result<Said> {
        let base = self.known.issuer.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let url = Url::parse(&url).map_err(Refused::internal)?;
        let document = self.json(Request::get(url)).await?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        if text("issuer") != Some(&*self.known.issuer) {
            tracing::warn!(issuer = %self.known.name, "an issuer calls itself by another address");
            return Err(away());
        }
        let address = |name: &str| -> Result<Url> {
            let url = text(name).and_then(|text| Url::parse(text).ok()).ok_or_else(away)?;
            self.http.check(&url).map_err(|_| away())?;
            Ok(url)
        };
        let methods = values(document.get("token_endpoint_auth_methods_supported"));
        let basic = methods.is_empty() || methods.contains(&"client_secret_basic");
        let says = "authorization_response_iss_parameter_supported";
        Ok(Said {
            authorization: address("authorization_endpoint")?,
            token: address("token_endpoint")?,
            keys: Keys::discovered(self.http.clone(), address("jwks_uri")?),
            secret_in_form: !basic,
            says_issuer: document.get(says).and_then(Value::as_bool).unwrap_or(false),
        })
    }

    async fn json(&self, request: Request) -> Result<Value> {
        let failed = |error: String| {
            tracing::warn!(issuer = %self.known.name, error, "an issuer could not be asked");
            away()
        };
        let response = self.http.send(request.head_within(WITHIN)).await;
        let response = response.map_err(|error| failed(error.to_string()))?;
        let status = response.status;
        if status != StatusCode::OK {
            return Err(failed(format!("status {}", status.as_u16())));
        }
        let bound = Bound { bytes: limits::OAUTH_DOCUMENT_BYTES_MAX, within: WITHIN };
        let body = response.read(bound).await.map_err(|error| failed(error.to_string()))?;
        contract::strict::parse(&body, limits::OAUTH_DOCUMENT_BYTES_MAX)
            .map_err(|error| failed(error.to_string()))
    }
}

/// The texts of a claim: one, or a list of them.
fn values(claim: Option<&Value>) -> Vec<&str> {
    match claim {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
            Vec::new()
        }
    }
}

/// Name and secret are encoded as in a form before they are joined (RFC 6749, section 2.3.1).
fn basic(client_id: &str, secret: &str) -> Result<HeaderValue> {
    let encoded =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(secret));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
        .map_err(Refused::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What the issuer or the browser said does not hold.
pub(crate) fn refused() -> Refused {
    let message = "this login at the issuer does not hold: it is unknown, of another browser, or its time is over";
    Refused::new(Code::NotAuthenticated, message, "begin again from the login page")
}

fn away() -> Refused {
    let fix = "try again, or log in another way; the server's log says more";
    Refused::new(Code::ToolMissing, "the issuer cannot be reached or is not what it should be", fix)
}
