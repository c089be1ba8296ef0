//! What a client reads to learn who issues tokens for this resource (RFC 9728), and how a refusal points to it.
//!
//! In: the address that a client used, which the guard has checked. Out: metadata of the endpoint or of one of its entrances.
//! Anybody may read it: it says nothing that a refusal does not. Tests: `tests/it/tokens.rs`.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::{Code, Name};
use serde_json::{Value, json};

use crate::app::App;
use crate::http::site::Site;
use crate::rescue::Refused;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The routes of the metadata.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(WELL_KNOWN, get(of_all))
        .route(&format!("{WELL_KNOWN}/mcp"), get(of_all))
        .route(&format!("{WELL_KNOWN}/mcp/{{server}}"), get(of_one))
}

/// A refusal of somebody unknown, with where to learn more. `path` is that of the resource.
pub(crate) fn challenge(
    refused: Refused,
    (site, headers): (&Site, &HeaderMap),
    path: &str,
) -> Response {
    let code = refused.0.code;
    let mut response = refused.into_response();
    if code == Code::NotAuthenticated {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_');
        let path = if path.bytes().all(plain) { path } else { "/mcp" };
        let metadata = format!("{}{WELL_KNOWN}{path}", base(site, headers));
        let token = headers.contains_key(axum::http::header::AUTHORIZATION);
        // RFC 6750, section 3.1: no error code where nothing was sent.
        let error = if token { "error=\"invalid_token\", " } else { "" };
        let text = format!("Bearer {error}resource_metadata=\"{metadata}\"");
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
    }
    response
}

async fn of_all(State(app): State<Arc<App>>, headers: HeaderMap) -> Json<Value> {
    Json(document(&app, &headers, "/mcp"))
}

async fn of_one(
    State(app): State<Arc<App>>,
    Path(server): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    // Any name: which servers there are is nobody's business.
    let name: Name = server.parse().map_err(|_| Refused::not_found("such resource"))?;
    Ok(Json(document(&app, &headers, &format!("/mcp/{name}"))))
}

fn document(app: &App, headers: &HeaderMap, path: &str) -> Value {
    let issuers: Vec<&str> = app.auth.issuers().collect();
    let mut document = json!({
        "resource": format!("{}{path}", base(&app.site, headers)),
        "resource_name": "Checkrein",
        "bearer_methods_supported": ["header"],
    });
    // Left out where there is none (RFC 9728, section 3.2).
    if let (false, Some(document)) = (issuers.is_empty(), document.as_object_mut()) {
        document.insert("authorization_servers".to_owned(), issuers.into());
    }
    document
}

/// The address as the client wrote it: one of ours, by the guard.
fn base(site: &Site, headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("{}://{host}", site.scheme(host).unwrap_or("http"))
}
