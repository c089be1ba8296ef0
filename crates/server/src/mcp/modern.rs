//! Clients of revision 2026-07-28: every request stands for itself, no session, one POST each.
//!
//! ```text
//! `_meta` names a revision? -> headers say the same? -> revision served? -> capabilities there? -> method
//! ```
//! In: a request. Out: its response: JSON, or a stream that ends with it. A call whose client closes the stream is cancelled.
//! Tests: `tests/it/mcp/modern.rs`.

use axum::http::StatusCode;
use axum::response::Response;
use domain::UpstreamPart;
use mcp::{Client, Message, Params, Request, Revision, RpcCode, RpcError, headers, meta};
use serde_json::Value;

use super::flow::{self, Asker};
use super::list::{self, Listed};
use super::rescue::{self, invalid};
use super::visit::{self, Visit, bare};
use super::{call, greet, questions, stream, subscriptions, tasks, wire};

/// Serves one message.
pub(super) async fn serve(visit: Visit, message: Message) -> Response {
    match message {
        Message::Request(request) => requested(visit, request).await,
        // The revision has none from clients over HTTP; there is nothing to do for one.
        Message::Notification(_) => bare(StatusCode::ACCEPTED),
        Message::Response(_) => {
            let error = RpcError::new(
                RpcCode::InvalidRequest,
                "clients of this revision send no responses",
            );
            visit::error(StatusCode::BAD_REQUEST, None, &error)
        }
    }
}

async fn requested(visit: Visit, mut request: Request) -> Response {
    let id = request.id.clone();
    let client = match checked(&visit, &request) {
        Ok(client) => client,
        Err(error) => {
            // What every request must carry is missing or wrong, whatever the code.
            return visit::error(StatusCode::BAD_REQUEST, Some(&id), &error);
        }
    };
    let revision = client.revision;
    if let Some(part) = call::part_of(&request.method) {
        return match called(visit, (request, part), client).await {
            Ok(response) => response,
            Err(error) => visit::error(rescue::status(&error, revision), Some(&id), &error),
        };
    }
    if tasks::is_one(&request.method) {
        return tasks::serve(visit, (request, client)).await;
    }
    let params = std::mem::take(&mut request.params);
    let of_tasks = params.get("notifications").is_some_and(|wants| wants.get("taskIds").is_some());
    if of_tasks && !tasks::are_known(&client) {
        let error = tasks::unknown_to_it();
        return visit::error(rescue::status(&error, revision), Some(&id), &error);
    }
    let listed = match request.method.as_str() {
        "server/discover" => Ok(Listed::Values(greet::discovered(&visit).await)),
        "tools/list" => list::tools(&visit, &params, revision).await,
        "prompts/list" => list::prompts(&visit, &params, revision).await,
        "resources/list" => list::resources(&visit, &params, revision).await,
        "resources/templates/list" => list::templates(&visit, &params, revision).await,
        "subscriptions/listen" => return subscriptions::listen(visit, id, &params).await,
        other => Err(rescue::no_method(other)),
    };
    match listed {
        Ok(Listed::Values(result)) => visit::json(StatusCode::OK, wire::result(&id, &result)),
        Ok(Listed::Text(text)) => visit::json(StatusCode::OK, wire::ready(&id, &text)),
        Err(error) => visit::error(rescue::status(&error, revision), Some(&id), &error),
    }
}

/// What every request must say, in the order in which a lie is told apart from a wrong revision.
fn checked(visit: &Visit, request: &Request) -> Result<Client, RpcError> {
    let params = &request.params;
    let told = |key| meta::get(params, key);
    let version = told(meta::PROTOCOL_VERSION).and_then(Value::as_str);
    let version = version.ok_or_else(|| needs(meta::PROTOCOL_VERSION, "a text"))?;
    headers::check(request, |name| visit.values(name))?;
    let served = version.parse::<Revision>().ok();
    let modern = served.filter(|revision| revision.era() == mcp::Era::Modern);
    let revision = modern.ok_or_else(|| rescue::unserved(version))?;
    let Some(Value::Object(capabilities)) = told(meta::CLIENT_CAPABILITIES) else {
        return Err(needs(meta::CLIENT_CAPABILITIES, "an object"));
    };
    let info = told(meta::CLIENT_INFO);
    if info.is_some_and(|info| !info.is_object()) {
        return Err(needs(meta::CLIENT_INFO, "an object, if it is there"));
    }
    Ok(Client {
        capabilities: capabilities.clone(),
        info: info.cloned(),
        log_level: questions::log_level(params),
        ..flow::client(revision, visit, params)
    })
}

fn needs(key: &str, what: &str) -> RpcError {
    invalid(format!("expected `_meta[\"{key}\"]` as {what}"))
}

async fn called(
    visit: Visit,
    (mut request, part): (Request, UpstreamPart),
    client: Client,
) -> Result<Response, RpcError> {
    if part == UpstreamPart::Tool {
        call::mirrored(&visit, &request)?;
    }
    let retried: (Option<Value>, Option<Value>) = questions::taken(&mut request.params);
    let mut asked = call::asked(&visit, request, part).await?;
    let nonce = questions::answered(&visit, retried, &mut asked)?;
    let pieces = flow::start(visit.clone(), (asked, client), Asker::Modern(nonce));
    Ok(stream::respond(visit, pieces).await)
}

/// Whether a message is one of a modern client: it says so in `_meta` or, if it lacks that, in its header.
pub(super) fn opened(visit: &Visit, message: &Message) -> bool {
    let params: Option<&Params> = match message {
        Message::Request(request) => Some(&request.params),
        Message::Notification(notification) => Some(&notification.params),
        Message::Response(_) => None,
    };
    if params.is_some_and(|params| meta::get(params, meta::PROTOCOL_VERSION).is_some()) {
        return true;
    }
    visit.header(headers::PROTOCOL_VERSION).is_some_and(|version| {
        version.parse::<Revision>().is_ok_and(|revision| revision.era() == mcp::Era::Modern)
    })
}
