//! `subscriptions/listen`: a stream that tells a modern client of changes until one of the two ends it.
//!
//! In: which kinds of news it wants. Out: a stream: first what was agreed to, then news, each with the id of the request; at the
//! end of the server a result. Who may see nothing of a kind is not told of it. A resource is subscribed to by whoever may read
//! it: it is read first, as by `resources/read`, and the subscription ends when that is suspended. Tests:
//! `tests/it/mcp/changes.rs`.

use axum::http::StatusCode;
use axum::response::Response;
use domain::{Code, Name, UpstreamPart, limits};
use mcp::{Id, Message, Notification, Params, Request, Revision, RpcCode, RpcError, meta};
use serde_json::{Value, json};

use super::answer::{self, Of};
use super::bounds::{Kind, Place};
use super::listen::{Listening, News, Wanted};
use super::rescue::{self, invalid};
use super::stream::{self, Last, ToClient, queue};
use super::visit::{self, Visit};
use super::{call, flow, list, wire};
use crate::http::listen::asked;

/// Correlates what is told with the request that asked for it.
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// Opens a stream of changes.
pub(super) async fn listen(visit: Visit, id: Id, params: &Params) -> Response {
    let refuse =
        |error: &RpcError| visit::error(rescue::status(error, Revision::NEWEST), Some(&id), error);
    if !visit.accepts.events() {
        let error = RpcError::new(RpcCode::InvalidRequest, "expected `Accept: text/event-stream`");
        return visit::error(StatusCode::NOT_ACCEPTABLE, Some(&id), &error);
    }
    let Some(Value::Object(wants)) = params.get("notifications") else {
        return refuse(&invalid("expected `notifications` as an object"));
    };
    let grant = visit.agent.caller.grant;
    let place = match visit.app.mcp.bounds.take(Kind::Stream, grant) {
        Ok(place) => place,
        Err(refused) => return refuse(&rescue::refused(&refused)),
    };
    let listening = visit.app.mcp.listeners.listen(visit.entrance.clone());
    let agreed = match agree(&visit, wants, &listening).await {
        Ok(agreed) => agreed,
        Err(error) => return refuse(&error),
    };
    let (mut to_client, pieces) = queue();
    let first = Params::from_iter([("notifications".to_owned(), Value::Object(agreed))]);
    let first = Notification::new("notifications/subscriptions/acknowledged", first);
    to_client.tell(bytes(first, &id));
    tokio::spawn(tell(visit, (id, listening), (to_client, place)));
    stream::events(None, pieces, None)
}

/// What of its wishes the client hears; subscribes to resources.
async fn agree(visit: &Visit, wants: &Params, listening: &Listening) -> Result<Params, RpcError> {
    let mut agreed = Params::new();
    let prompts = !list::allowed(visit, UpstreamPart::Prompt).is_empty();
    let resources = !list::allowed(visit, UpstreamPart::Resource).is_empty();
    for (key, news, there) in [
        ("toolsListChanged", News::Tools, true),
        ("promptsListChanged", News::Prompts, prompts),
        ("resourcesListChanged", News::Resources, resources),
    ] {
        match wants.get(key) {
            Some(Value::Bool(true)) if there && listening.want(news) != Wanted::TooMuch => {
                agreed.insert(key.to_owned(), true.into());
            }
            None | Some(Value::Bool(_)) => {}
            Some(_) => return Err(invalid(format!("expected `notifications.{key}` as a boolean"))),
        }
    }
    let uris = match wants.get("resourceSubscriptions") {
        None => return Ok(agreed),
        Some(Value::Array(uris)) if uris.len() <= limits::MCP_SUBSCRIPTIONS_MAX => uris,
        Some(_) => {
            let most = limits::MCP_SUBSCRIPTIONS_MAX;
            return Err(invalid(format!(
                "expected `notifications.resourceSubscriptions` as a list of at most {most} addresses"
            )));
        }
    };
    let mut heard = Vec::new();
    for uri in uris {
        let Some(uri) = uri.as_str().filter(|uri| uri.len() <= limits::MCP_URI_BYTES_MAX) else {
            return Err(invalid("expected each address as a text"));
        };
        // What cannot be heard of is left out of what was agreed to.
        if subscribe(visit, listening, uri).await.is_ok() {
            heard.push(uri);
        }
    }
    agreed.insert("resourceSubscriptions".to_owned(), json!(heard));
    Ok(agreed)
}

/// Subscribes a listener to one resource, if the caller may read it: that is judged, recorded and done like any read.
pub(super) async fn subscribe(
    visit: &Visit,
    listening: &Listening,
    uri: &str,
) -> Result<(), RpcError> {
    let server = readable(visit, uri).await?;
    let servers = &visit.app.mcp.servers;
    let news = News::Resource(server.clone(), uri.to_owned());
    if listening.resources().contains(&news) {
        return Ok(());
    }
    read(visit, uri).await?;
    match listening.want(news.clone()) {
        Wanted::Now => {}
        Wanted::Already => return Ok(()),
        Wanted::TooMuch => {
            let most = limits::MCP_SUBSCRIPTIONS_MAX;
            return Err(invalid(format!("more than {most} subscriptions; leave one first")));
        }
    }
    let params = Params::from_iter([("uri".to_owned(), uri.into())]);
    let told = servers.ask(&server, "resources/subscribe", params).await;
    if told.is_err() {
        listening.leave(&news);
    }
    told.map(|_| ())
}

/// Reads a resource that somebody wants to hear of. What it says is not kept: whether the caller gets it is what is asked.
async fn read(visit: &Visit, uri: &str) -> Result<(), RpcError> {
    let params = Params::from_iter([("uri".to_owned(), uri.into())]);
    let request = Request::new(Id::Number(0), "resources/read", params);
    let part = UpstreamPart::Resource;
    let asked = call::asked(visit, request, part).await?;
    let answer = flow::unheard(visit, asked.proposal).await;
    let answer = answer.map_err(|refused| rescue::refused(&refused))?;
    match answer.error.as_ref().map(|failure| failure.code) {
        // It may be read, and is not there now: that may change.
        None | Some(Code::ToolFailed) => Ok(()),
        Some(_) => {
            let of = Of { part, server: asked.server.as_ref() };
            let refused = answer::said(answer, of).err();
            Err(refused.unwrap_or_else(|| invalid("this resource cannot be read")))
        }
    }
}

/// The next news that the caller may hear. Who may no longer read a resource hears of it no more.
pub(super) async fn next(visit: &Visit, listening: &Listening) -> News {
    loop {
        let news = listening.next().await;
        if may_hear(visit, &news) {
            return news;
        }
        if listening.leave(&news) {
            // In a task of its own, because whoever waits for news may stop waiting in its midst.
            let visit = visit.clone();
            tokio::spawn(async move { forget(&visit, &news).await });
        }
    }
}

fn may_hear(visit: &Visit, news: &News) -> bool {
    match news {
        News::Tools | News::Prompts | News::Resources => true,
        News::Resource(server, _) => {
            let names = call::names(visit);
            let tool = names.part(server, UpstreamPart::Resource);
            tool.is_some_and(|tool| visit.app.gate.may_hear(&visit.agent.caller, tool))
        }
    }
}

/// Takes a subscription back. The connection counts them, and tells its server when the last one is gone.
pub(super) async fn unsubscribe(
    visit: &Visit,
    listening: &Listening,
    uri: &str,
) -> Result<(), RpcError> {
    let server = readable(visit, uri).await?;
    let news = News::Resource(server, uri.to_owned());
    if listening.leave(&news) {
        forget(visit, &news).await;
    }
    Ok(())
}

/// Takes back what a listener subscribed to.
pub(super) async fn forget(visit: &Visit, news: &News) {
    let News::Resource(server, uri) = news else { return };
    let params = Params::from_iter([("uri".to_owned(), uri.as_str().into())]);
    // It may be away, and then it has forgotten by itself.
    let told = visit.app.mcp.servers.ask(server, "resources/unsubscribe", params).await;
    if let Err(error) = told {
        tracing::debug!(%server, %error, "a subscription was not taken back");
    }
}

async fn readable(visit: &Visit, uri: &str) -> Result<Name, RpcError> {
    let server = visit.app.mcp.servers.of_resource(&visit.entrance, uri).await?;
    match list::allowed(visit, UpstreamPart::Resource).contains(&server) {
        true => Ok(server),
        false => Err(invalid("there are no resources here")),
    }
}

/// Tells what changes until the client or the server ends.
async fn tell(
    visit: Visit,
    (id, listening): (Id, Listening),
    (to_client, place): (ToClient, Place),
) {
    let mut stopping = visit.app.stopping.clone();
    loop {
        tokio::select! {
            // What changes while a slow client reads waits as a set, and is told once.
            news = next(&visit, &listening) => if !to_client.put(bytes(news.notification(), &id)).await {
                break;
            },
            () = to_client.gone() => break,
            () = asked(&mut stopping) => {
                let mut result = Params::new();
                meta::put(&mut result, SUBSCRIPTION, id.to_value());
                let result = list::finished("subscriptions/listen", result, Revision::NEWEST);
                let last = Last { status: StatusCode::OK, bytes: wire::result(&id, &result), call: None };
                to_client.end(last).await;
                break;
            }
        }
    }
    drop(place);
    let resources = listening.resources();
    drop(listening);
    for news in &resources {
        forget(&visit, news).await;
    }
}

fn bytes(mut notification: Notification, id: &Id) -> axum::body::Bytes {
    meta::put(&mut notification.params, SUBSCRIPTION, id.to_value());
    Message::Notification(notification).to_bytes().into()
}
