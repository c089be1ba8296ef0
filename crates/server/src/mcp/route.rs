//! The routes `/mcp` and `/mcp/{server}`: POST for messages, GET and DELETE for sessions of legacy clients.
//!
//! ```text
//! key or token -> entrance -> body (bounded, strict JSON, one message) -> which era does it open with? -> modern, legacy
//! ```
//! Whoever is not known, and whatever is no entrance, is told so by a problem like on every other route; what is no message by
//! an error of the protocol. Tests: `tests/it/mcp`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::{Code, limits};
use mcp::{Message, RpcCode, RpcError, headers};

use super::entrance::Entrance;
use super::visit::{self, Accepts, Visit};
use super::{legacy, modern, rescue};
use crate::app::App;
use crate::http::body;
use crate::http::listen::Presence;
use crate::http::who::AgentCaller;
use crate::rescue::Refused;

/// The endpoint's routes.
pub(crate) fn routes() -> Router<Arc<App>> {
    let methods = || get(stream).post(message).delete(end);
    Router::new().route("/mcp", methods()).route("/mcp/{server}", methods())
}

type At = Option<Path<String>>;

async fn message(State(app): State<Arc<App>>, at: At, request: Request) -> Response {
    let (visit, request) = match visit(app, at, request).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let kind = visit.header(CONTENT_TYPE.as_str());
    if !kind.is_some_and(body::is_json) {
        let error =
            RpcError::new(RpcCode::InvalidRequest, "expected `Content-Type: application/json`");
        return visit::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, None, &error);
    }
    let bytes = match body::read(request).await {
        Ok(bytes) => bytes,
        Err(refused) => {
            let status = match refused.0.code == Code::Oversized {
                true => StatusCode::PAYLOAD_TOO_LARGE,
                false => StatusCode::BAD_REQUEST,
            };
            let error = RpcError::new(RpcCode::InvalidRequest, refused.0.message);
            return visit::error(status, None, &error);
        }
    };
    // Boxed: what routes a request moves its handler's state several times, also for requests that end above.
    match Message::read(&bytes, limits::MESSAGE_BYTES_MAX) {
        Ok(message) if modern::opened(&visit, &message) => {
            Box::pin(modern::serve(visit, message)).await
        }
        Ok(message) => Box::pin(legacy::serve(visit, message)).await,
        Err(error) => visit::error(rescue::unread(&error), None, &error.to_rpc()),
    }
}

async fn stream(State(app): State<Arc<App>>, at: At, request: Request) -> Response {
    match visit(app, at, request).await {
        Ok((visit, _)) if has_session(&visit) => legacy::stream(visit).await,
        Ok(_) => legacy::no_stream(),
        Err(response) => response,
    }
}

async fn end(State(app): State<Arc<App>>, at: At, request: Request) -> Response {
    match visit(app, at, request).await {
        Ok((visit, _)) if has_session(&visit) => legacy::end(visit).await,
        Ok(_) => legacy::no_stream(),
        Err(response) => response,
    }
}

fn has_session(visit: &Visit) -> bool {
    visit.headers.contains_key(headers::SESSION_ID)
}

/// Who asks, where, and for what kind of answer.
async fn visit(app: Arc<App>, at: At, request: Request) -> Result<(Visit, Request), Response> {
    let (mut parts, body) = request.into_parts();
    let agent = AgentCaller::from_request_parts(&mut parts, &app).await;
    let agent = agent.map_err(|refused| refused.into_response())?;
    let segment = at.as_ref().map(|Path(segment)| segment.as_str());
    let entrance = Entrance::of(segment, |name| app.mcp.servers.has(name));
    let entrance = entrance.ok_or_else(|| nowhere(segment).into_response())?;
    let accepts = Accepts::of(&parts.headers).ok_or_else(|| {
        let expected = "expected `Accept: application/json, text/event-stream`";
        let error = RpcError::new(RpcCode::InvalidRequest, expected);
        visit::error(StatusCode::NOT_ACCEPTABLE, None, &error)
    })?;
    let presence = parts.extensions.get::<Presence>().cloned();
    // Nobody asks the request for them any more: what is left of it is its body.
    let headers = Arc::new(std::mem::take(&mut parts.headers));
    let visit = Visit { app, agent, entrance, headers, accepts, presence };
    Ok((visit, Request::from_parts(parts, body)))
}

fn nowhere(segment: Option<&str>) -> Refused {
    let shown = contract::visible::short(segment.unwrap_or_default());
    let message = format!("there is no server `{shown}`");
    Refused::new(Code::NotFound, message, "use `/mcp` for all, or a name from the configuration")
}
