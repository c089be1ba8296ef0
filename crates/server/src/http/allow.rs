//! Whether whoever asks may call this route: the table of rights, asked once, before any handler.
//!
//! ```text
//! matched path -> row of the table -> who asks (key, token, session) -> right -> handler, which finds who it was
//! ```
//! In: a request with its matched path. Out: the same with `Known` beside it, or a refusal. A path without a row is refused.
//! A session counts for more than reading only with the token that its own pages have. Tests: `tests/it/rights.rs`.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::{Code, Operator, Right};
use gate::Identity;

use super::who::{self, Known, Proof};
use crate::app::App;
use crate::auth::metadata;
use crate::rescue::Refused;
use crate::rights::{self, Who};

/// What a page of ours sends with everything that changes something.
pub(crate) const CSRF: &str = "x-checkrein-csrf";

/// Lets through whom the table lets through.
pub(crate) async fn allow(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // Nothing is here, which the fallback says; or a page of the console, which tells nothing of anybody's work.
    let Some(route) = route else { return next.run(request).await };
    let Some(row) = rights::row(request.method().as_str(), &route) else {
        return Refused::invalid("this path has no such method").into_response();
    };
    let (mut parts, body) = request.into_parts();
    match admitted(&app, row.who, &mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refused) if route.starts_with("/mcp") => {
            let path = parts.uri.path().trim_end_matches('/');
            metadata::challenge(refused, (&app.site, &parts.headers), path)
        }
        Err(refused) => refused.into_response(),
    }
}

async fn admitted(app: &App, who: Who, parts: &mut Parts) -> Result<(), Refused> {
    if matches!(who, Who::Anybody | Who::Signed) {
        return Ok(());
    }
    let known = who::identify(parts, app).await?;
    if let (Proof::Session(session), false) = (&known.proof, reads(&parts.method)) {
        from_our_page(&parts.headers, &session.csrf)?;
    }
    may(&known, who)?;
    parts.extensions.insert(known);
    Ok(())
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn may(known: &Known, who: Who) -> Result<(), Refused> {
    match (&known.identity, who) {
        (_, Who::Anybody | Who::Signed) | (Identity::Agent(_), Who::Agents | Who::AgentsAnd(_)) => {
            Ok(())
        }
        (Identity::Operator(by), Who::People(right) | Who::AgentsAnd(right)) => has(by, right),
        (Identity::Operator(_), Who::LoggedIn) => match known.proof {
            Proof::Session(_) => Ok(()),
            Proof::Key(_) | Proof::Token(_) => Err(not_logged_in()),
        },
        // The gate has the words for these.
        (Identity::Agent(_), Who::People(_) | Who::LoggedIn) => {
            Ok(known.identity.clone().operator().map(drop)?)
        }
        (Identity::Operator(_), Who::Agents) => Ok(known.identity.clone().agent().map(drop)?),
    }
}

fn has(by: &Operator, right: Right) -> Result<(), Refused> {
    if by.roles.allow(right) {
        return Ok(());
    }
    let message = format!("the role `{}` may not do this; it needs `{}`", by.roles, right.role());
    Err(Refused::new(Code::NotAllowed, message, "ask somebody with that role"))
}

fn not_logged_in() -> Refused {
    let message = "this is about a login in a browser, and a key is none";
    Refused::new(Code::NotAllowed, message, "open the console with `checkrein console`")
}

/// A page of somebody else's can make a browser send a request, but cannot read the token.
fn from_our_page(headers: &HeaderMap, expected: &str) -> Result<(), Refused> {
    let mut sent = headers.get_all(CSRF).iter();
    let held = match (sent.next(), sent.next()) {
        (Some(sent), None) => {
            let (sent, expected) = (sent.as_bytes(), expected.as_bytes());
            aws_lc_rs::constant_time::verify_slices_are_equal(sent, expected).is_ok()
        }
        (Some(_), Some(_)) | (None, _) => false,
    };
    match held {
        true => Ok(()),
        false => Err(Refused::new(
            Code::NotAllowed,
            format!("a session needs its token in `{CSRF}` for everything but reading"),
            "read it from `GET /v1/session`",
        )),
    }
}
