//! Clients of revisions 2025-11-25 and 2025-06-18: a session opened by `initialize`, requests in it, a stream beside it.
//!
//! ```text
//! POST initialize -> session -> POST requests, notifications, answers to our questions; GET a stream; DELETE the end
//! ```
//! In: a message or a method of HTTP, with the session's id in a header. Out: its response. A session that is not the caller's
//! does not exist. That a client reads no more cancels nothing here; `notifications/cancelled` does. Tests:
//! `tests/it/mcp/legacy.rs`.

use std::sync::Arc;

use axum::http::header::ALLOW;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use domain::limits;
use mcp::{
    Client, Era, Id, Message, Notification, Params, Request, Revision, RpcCode, RpcError, headers,
    meta,
};
use serde_json::Value;

use super::bounds::Kind;
use super::flow::{self, Asker};
use super::list::{self, Listed};
use super::listen::News;
use super::rescue::{self, invalid};
use super::session::{Opened, Session};
use super::stream::{self, queue};
use super::visit::{self, Visit, bare};
use super::{call, greet, subscriptions, wire};
use crate::http::listen::asked;

/// Levels of log messages, the least first.
const LEVELS: [&str; 8] =
    ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/// Serves one message.
pub(super) async fn serve(visit: Visit, message: Message) -> Response {
    if let Message::Request(request) = &message
        && request.method == "initialize"
    {
        return initialize(visit, request).await;
    }
    let session = match session(&visit) {
        Ok(session) => session,
        Err(response) => return response,
    };
    match message {
        Message::Request(request) => requested(visit, session, request).await,
        Message::Notification(notification) => {
            told(&session, &notification);
            bare(StatusCode::ACCEPTED)
        }
        Message::Response(response) => {
            let id = response.id;
            match id.is_some_and(|id| session.answered(&id, response.outcome)) {
                true => bare(StatusCode::ACCEPTED),
                false => {
                    refused(StatusCode::BAD_REQUEST, "nobody waits for a response with this id")
                }
            }
        }
    }
}

/// Opens a stream on which the client hears of changes. A newer one of the same session ends the older.
pub(super) async fn stream(visit: Visit) -> Response {
    let session = match session(&visit) {
        Ok(session) => session,
        Err(response) => return response,
    };
    if !visit.accepts.events() {
        return refused(StatusCode::NOT_ACCEPTABLE, "expected `Accept: text/event-stream`");
    }
    let place = match visit.app.mcp.bounds.take(Kind::Stream, visit.agent.caller.grant) {
        Ok(place) => place,
        Err(refused) => {
            return visit::error(StatusCode::SERVICE_UNAVAILABLE, None, &rescue::refused(&refused));
        }
    };
    let (to_client, pieces) = queue();
    session.stream.send_modify(|number| *number += 1);
    let mut newer = session.stream.subscribe();
    tokio::spawn(async move {
        let mut stopping = visit.app.stopping.clone();
        while !session.has_ended() {
            tokio::select! {
                biased;
                _ = newer.changed() => break,
                () = to_client.gone() => break,
                () = asked(&mut stopping) => break,
                // What changes while a slow client reads waits as a set, and is told once.
                news = subscriptions::next(&visit, &session.listening) => {
                    let message = Message::Notification(news.notification());
                    if !to_client.put(message.to_bytes().into()).await {
                        break;
                    }
                }
            }
        }
        drop(place);
    });
    stream::events(None, pieces, None)
}

/// Ends a session.
pub(super) async fn end(visit: Visit) -> Response {
    let session = match session(&visit) {
        Ok(session) => session,
        Err(response) => return response,
    };
    visit.app.mcp.sessions.close(&session);
    for news in session.listening.resources() {
        if session.listening.leave(&news) {
            subscriptions::forget(&visit, &news).await;
        }
    }
    bare(StatusCode::NO_CONTENT)
}

/// The session that a request names.
fn session(visit: &Visit) -> Result<Arc<Session>, Response> {
    let mut ids = visit.headers.get_all(headers::SESSION_ID).iter();
    let (id, None) = (ids.next(), ids.next()) else {
        return Err(refused(StatusCode::BAD_REQUEST, "expected one `Mcp-Session-Id`"));
    };
    let Some(id) = id.and_then(|id| id.to_str().ok()) else {
        let expected = "expected `initialize` first, and its `Mcp-Session-Id` with every further request; or, from \
                        revision 2026-07-28 on, `_meta` with version and capabilities in each request";
        return Err(refused(StatusCode::BAD_REQUEST, expected));
    };
    // A version that says something else than the session would be read by somebody between us.
    if let Some(version) = visit.header(headers::PROTOCOL_VERSION) {
        let served = version.parse::<Revision>().is_ok_and(|one| one.era() == Era::Legacy);
        if !served {
            let error = rescue::unserved(version);
            return Err(visit::error(StatusCode::BAD_REQUEST, None, &error));
        }
    }
    let found = visit.app.mcp.sessions.find(id, visit.agent.caller.grant, &visit.entrance);
    found.ok_or_else(|| {
        refused(StatusCode::NOT_FOUND, "there is no such session; begin with `initialize`")
    })
}

fn refused(status: StatusCode, message: &str) -> Response {
    visit::error(status, None, &RpcError::new(RpcCode::InvalidRequest, message))
}

/// A method of HTTP that means nothing here.
pub(super) fn no_stream() -> Response {
    let mut response =
        refused(StatusCode::METHOD_NOT_ALLOWED, "expected POST, or GET with a session");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn initialize(visit: Visit, request: &Request) -> Response {
    let params = &request.params;
    let refuse = |error: &RpcError| visit::error(StatusCode::OK, Some(&request.id), error);
    let Some(asked) = params.get("protocolVersion").and_then(Value::as_str) else {
        return refuse(&invalid("expected `protocolVersion` as a text"));
    };
    let Some(Value::Object(capabilities)) = params.get("capabilities") else {
        return refuse(&invalid("expected `capabilities` as an object"));
    };
    let bytes: usize = ["capabilities", "clientInfo"]
        .iter()
        .filter_map(|key| params.get(*key))
        .map(|value| value.to_string().len())
        .sum();
    if bytes > limits::MCP_CLIENT_BYTES_MAX {
        let most = limits::MCP_CLIENT_BYTES_MAX;
        return refuse(&invalid(format!(
            "expected `capabilities` and `clientInfo` of at most {most} bytes together"
        )));
    }
    let served = asked.parse::<Revision>().ok();
    let served = served.filter(|revision| revision.era() == Era::Legacy);
    let revision = served.unwrap_or(Revision::NEWEST_LEGACY);
    let opened = Opened {
        grant: visit.agent.caller.grant,
        entrance: visit.entrance.clone(),
        revision,
        capabilities: capabilities.clone(),
        info: params.get("clientInfo").filter(|info| info.is_object()).cloned(),
    };
    let listening = visit.app.mcp.listeners.listen(visit.entrance.clone());
    for news in [News::Tools, News::Prompts, News::Resources] {
        listening.want(news);
    }
    let session = match visit.app.mcp.sessions.open(opened, listening) {
        Ok(session) => session,
        Err(refused) => return refuse(&rescue::refused(&refused)),
    };
    let result = greet::initialized(&visit, revision).await;
    let mut response = visit::json(StatusCode::OK, wire::result(&request.id, &result));
    if let Ok(id) = HeaderValue::from_str(&session.id) {
        let name = HeaderName::from_static("mcp-session-id");
        response.headers_mut().insert(name, id);
    }
    response
}

fn told(session: &Session, notification: &Notification) {
    if notification.method == "notifications/cancelled"
        && let Some(id) = notification.params.get("requestId").and_then(Id::from_value)
    {
        session.cancel(&id);
    }
}

async fn requested(visit: Visit, session: Arc<Session>, request: Request) -> Response {
    let id = request.id.clone();
    let Some(under_way) = session.begin(&id) else {
        let error = RpcError::new(RpcCode::InvalidRequest, "a request with this `id` is under way");
        return visit::error(StatusCode::OK, Some(&id), &error);
    };
    let revision = session.opened.revision;
    if let Some(part) = call::part_of(&request.method) {
        let client = Client {
            capabilities: session.opened.capabilities.clone(),
            info: session.opened.info.clone(),
            log_level: session.log_level(),
            ..flow::client(revision, &visit, &request.params)
        };
        return match call::asked(&visit, request, part).await {
            Ok(asked) => {
                let asker = Asker::Legacy(session, under_way);
                stream::respond(visit.clone(), flow::start(visit, (asked, client), asker)).await
            }
            Err(error) => visit::error(StatusCode::OK, Some(&id), &error),
        };
    }
    let answered = answered(&visit, &session, request).await;
    // Free before the client can know that it is.
    drop(under_way);
    match answered {
        Ok(Listed::Values(result)) => visit::json(StatusCode::OK, wire::result(&id, &result)),
        Ok(Listed::Text(text)) => visit::json(StatusCode::OK, wire::ready(&id, &text)),
        Err(error) => visit::error(StatusCode::OK, Some(&id), &error),
    }
}

/// Requests that are no calls.
async fn answered(visit: &Visit, session: &Session, request: Request) -> Result<Listed, RpcError> {
    let Request { method, mut params, .. } = request;
    params.shift_remove(meta::META);
    let revision = session.opened.revision;
    match method.as_str() {
        "ping" => {}
        "tools/list" => return list::tools(visit, &params, revision).await,
        "prompts/list" => return list::prompts(visit, &params, revision).await,
        "resources/list" => return list::resources(visit, &params, revision).await,
        "resources/templates/list" => return list::templates(visit, &params, revision).await,
        "logging/setLevel" => set_level(session, &mut params)?,
        "resources/subscribe" => {
            let uri = call::text(&mut params, "uri")?;
            subscriptions::subscribe(visit, &session.listening, &uri).await?;
        }
        "resources/unsubscribe" => {
            let uri = call::text(&mut params, "uri")?;
            subscriptions::unsubscribe(visit, &session.listening, &uri).await?;
        }
        other => return Err(rescue::no_method(other)),
    }
    Ok(Listed::Values(Params::new()))
}

/// Sets from which level on a session hears log messages. It is ours alone: a legacy server has one level for everybody who
/// is behind this connection, so what one of them wants would change what the others get. What servers say by themselves is
/// left out below a session's level.
fn set_level(session: &Session, params: &mut Params) -> Result<(), RpcError> {
    let level = call::text(params, "level")?;
    if !LEVELS.contains(&level.as_str()) {
        return Err(invalid(format!("expected `level` as one of {}", LEVELS.join(", "))));
    }
    session.set_log_level(level);
    Ok(())
}
