//! The console's files, which the binary carries: pages, scripts, styles, as the build in `console/` made them.
//!
//! In: a path that no route of the API has. Out: the file, the packed form of it that the browser takes, or the page that
//! every screen of the console begins with. A build of Checkrein without the console says how to make it. Nothing here is
//! secret; what is shown comes through the API. Tests: `tests/it/console.rs`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::Code;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::app::App;
use crate::passkey::encode;
use crate::rescue::Refused;

/// What `npm run build` left.
#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Files;

/// The first part of each path that is a screen.
const SCREENS: [&str; 14] = [
    "",
    "login",
    "now",
    "approvals",
    "runs",
    "agents",
    "tools",
    "policies",
    "journal",
    "settings",
    "stops",
    "undo",
    "dead-letters",
    "incident",
];
/// Where the build puts files whose names change with their content.
const HASHED: &str = "assets/";
/// Scripts and styles from here alone, none in the page; shown in no other page.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; \
                      img-src 'self' data:; connect-src 'self'";
/// For those who run a binary without the console.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Checkrein</title>\
    <h1>Checkrein runs</h1><p>This build has no console. Make it with <code>npm ci</code> and \
    <code>npm run build</code> in the project's directory, then build Checkrein again.</p>\
    <p>Everything that the console does, <code>checkrein --help</code> does too.</p></html>\n";

/// A way of packing that the build made files of, the preferred one first.
const PACKED: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Answers a path that no route has.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let ours = ["v1", "mcp", ".well-known"].contains(&first);
    let mut response = match (reads && !ours, Files::get(path)) {
        (true, Some(file)) if !path.is_empty() => given(path, file, request.headers()),
        (true, _) if SCREENS.contains(&first) => match Files::get("index.html") {
            Some(page) => given("index.html", page, request.headers()),
            None => page(NOT_BUILT),
        },
        (true | false, _) => {
            let fix = "see /v1/openapi.json";
            return Refused::new(Code::NotFound, "there is no such path", fix).into_response();
        }
    };
    let https = app.site.base().starts_with("https://");
    protect(response.headers_mut(), https);
    response
}

/// What a browser may do with a page of ours.
fn protect(headers: &mut HeaderMap, https: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    if https {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

fn page(text: &'static str) -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

fn given(path: &str, plain: EmbeddedFile, asked: &HeaderMap) -> Response {
    let (file, packed) = packed(path, asked).map_or((plain, None), |(file, how)| (file, Some(how)));
    let tag = format!("\"{}\"", encode(&file.metadata.sha256_hash()));
    let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|value| value.split(',')).any(|one| one.trim() == tag);
    let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let body = if known { Body::empty() } else { Body::from(file.data) };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    // A file's name says what it holds; the page that names them is asked for anew each time.
    let kept = match path.starts_with(HASHED) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = tag.parse() {
        headers.insert(ETAG, tag);
    }
    if let Some(how) = packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(how));
    }
    response
}

/// The packed form of a file that this browser takes, if the build made one.
fn packed(path: &str, asked: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let taken = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let taken: Vec<&str> = taken.flat_map(|value| value.split(',')).filter_map(accepted).collect();
    let fits = PACKED.iter().filter(|(how, _)| taken.contains(how));
    fits.filter_map(|(how, end)| Some((Files::get(&format!("{path}{end}"))?, *how))).next()
}

/// One coding of `Accept-Encoding` without its weight; none if that is zero (RFC 9110, section 12.5.3).
fn accepted(one: &str) -> Option<&str> {
    let (name, weight) = one.split_once(';').unwrap_or((one, ""));
    let weight = weight.trim().strip_prefix("q=").map(str::trim);
    let refused =
        weight.is_some_and(|weight| weight.parse().is_ok_and(|weight: f32| weight <= 0.0));
    (!refused).then(|| name.trim())
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_that_is_refused_is_not_taken() {
        assert_eq!(accepted(" br"), Some("br"));
        assert_eq!(accepted("gzip;q=0.5"), Some("gzip"));
        assert_eq!(accepted("br;q=0"), None);
        assert_eq!(accepted("br; q=0.000"), None);
    }

    #[test]
    fn pages_have_no_script_of_their_own_and_stand_in_no_other() {
        let mut headers = HeaderMap::new();
        protect(&mut headers, true);
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(headers.contains_key(STRICT_TRANSPORT_SECURITY));
    }
}
