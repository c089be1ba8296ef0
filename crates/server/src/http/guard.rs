//! What every request passes first: is it really for this server, and not from a page of somebody else?
//!
//! A browser can be led to send requests to loopback (DNS rebinding, forms of foreign pages). So the host must be one
//! of ours (`site`), and an origin, if there is one, must be that very host (RFC 6454). Also counts
//! every request by route and status, and refusals by code.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, ORIGIN, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Code;

use super::site::Site;
use crate::app::App;
use crate::rescue::Refused;

/// Checks, passes on, counts.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let mut response = match is_for_us(request.uri(), request.headers(), &app.site) {
        Ok(()) => to_its_end(request, next).await,
        Err(refused) => refused.into_response(),
    };
    app.metrics.requested(&route, response.status().as_u16());
    if let Some(code) = response.extensions().get::<Code>().copied() {
        app.metrics.refused(code);
        if matches!(code, Code::NotAuthenticated | Code::NotAllowed | Code::WrongHost) {
            app.flood.refused(code);
        }
    }
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Runs a request in a task of its own, so that a caller who goes away does not leave it half done: what a
/// commit changed in the store is changed in memory too.
async fn to_its_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => Refused::internal(error).into_response(),
    }
}

fn is_for_us(uri: &Uri, headers: &HeaderMap, site: &Site) -> Result<(), Refused> {
    let wrong = |message: String| {
        let fix = format!("use `{}`", site.base());
        Refused::new(Code::WrongHost, message, fix)
    };
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(wrong("expected exactly one `Host` header".to_owned()));
    };
    let host = host.to_str().unwrap_or_default();
    let authority = uri.authority().map_or(host, |authority| authority.as_str());
    let (Some(scheme), Some(_)) = (site.scheme(host), site.scheme(authority)) else {
        return Err(wrong("the request is for another host".to_owned()));
    };
    for origin in headers.get_all(ORIGIN) {
        let own = format!("{scheme}://{host}");
        if origin.to_str().ok() != Some(&*own) {
            return Err(wrong("the request comes from another origin".to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &[&str], origin: Option<&str>, expect: bool) {
        let mut headers = HeaderMap::new();
        for host in host {
            headers.append(HOST, host.parse().unwrap());
        }
        origin.map(|origin| headers.insert(ORIGIN, origin.parse().unwrap()));
        let site = Site { port: 7420, tls: false, public: None };
        let found = is_for_us(&Uri::from_static("/v1/calls"), &headers, &site);
        assert_eq!(found.is_ok(), expect, "{host:?} {origin:?}");
    }

    #[test]
    fn only_names_of_loopback_with_our_port_are_served() {
        for host in ["localhost:7420", "127.0.0.1:7420", "[::1]:7420", "LocalHost:7420"] {
            check(&[host], None, true);
        }
        for host in [
            "localhost",
            "localhost:80",
            "localhost:74200",
            "evil.example:7420",
            "localhost.evil.example:7420",
            "127.0.0.1.evil.example:7420",
            "127.0.0.1:7420@evil.example",
            "localhost:07420",
            "",
        ] {
            check(&[host], None, false);
        }
        check(&[], None, false);
        check(&["localhost:7420", "localhost:7420"], None, false);
    }

    #[test]
    fn only_our_own_pages_may_ask() {
        check(&["localhost:7420"], Some("http://localhost:7420"), true);
        for origin in [
            "null",
            "http://evil.example",
            "https://localhost:7420",
            "http://localhost:7421",
            "http://127.0.0.1:7420",
        ] {
            check(&["localhost:7420"], Some(origin), false);
        }
    }
}
