//! Socket Mode: clicks come over a connection that Checkrein opens, so that nobody has to reach it from outside.
//!
//! ```text
//! apps.connections.open -> wss address -> hello -> envelopes: take, then answer with envelope_id
//!                                              `-> disconnect, silence, fault: a new address, after a growing pause
//! ```
//! In: frames. Out: answers. The connection is one of the guarded HTTP client that was upgraded (RFC 6455, section 4), so that
//! its rules on addresses and its TLS hold here too; the address must be Slack's own. Frames are the business of
//! `tungstenite`. Source: Slack, "Socket Mode". Tests: `tests/it/outlets/socket.rs`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use domain::limits;
use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Message as Frame, Role, WebSocketConfig};
use tools::mcp::guarded::{Guarded, Request};
use url::Url;

use super::super::tending::{Tasks, tend};
use super::super::{Line, Trouble};
use super::{Slack, clicks};
use crate::app::App;

/// Slack sends a ping every few seconds: a connection that is silent for so long is gone.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// How long an answer may take to leave: a connection that takes none has nobody at its other end.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// A connection that lived so long was a good one: the pause begins anew.
const GOOD_AFTER: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<Connection>;

/// The connection below.
type Connection = tools::mcp::guarded::Upgraded;

/// Keeps a connection for each channel that has a token for it, until the server stops.
pub(crate) async fn follow(app: Arc<App>) {
    let slacks = app.outlets.slacks().filter(|(_, slack)| slack.methods.has_socket());
    let all = slacks.map(|(line, slack)| (Arc::clone(line), Arc::clone(slack))).collect();
    let begin = |(line, slack): (Arc<Line>, Arc<Slack>)| keep(Arc::clone(&app), line, slack);
    let ended = |(line, _): &(Arc<Line>, Arc<Slack>), why: &str, _: Duration| {
        let why = app.masker.mask_text(why).into_owned();
        tracing::error!(outlet = %line.name, reason = why, "the task of a connection to Slack ended");
        line.standing.connection(format!("a fault in Checkrein: {why}"));
    };
    let tasks = Tasks { begin, ended, pause: app.config.outlet_pause };
    tend(app.stopping.clone(), all, tasks).await;
}

/// One connection after the other.
async fn keep(app: Arc<App>, line: Arc<Line>, slack: Arc<Slack>) {
    let mut tries = 0_u32;
    loop {
        line.standing.connection("connecting");
        let begun = tokio::time::Instant::now();
        let ended = match open(&slack).await {
            Ok(socket) => {
                line.standing.connection("open");
                serve(&app, &slack, socket).await
            }
            Err(trouble) => Some(trouble),
        };
        let good = begun.elapsed() > GOOD_AFTER;
        tries = if good { 0 } else { tries.saturating_add(1) };
        let trouble = match ended {
            // Slack asked for it, and does so every few hours.
            None if good => continue,
            None => away("Slack asked for another connection at once"),
            Some(trouble) => trouble,
        };
        let text = app.masker.mask_text(&trouble.to_string()).into_owned();
        tracing::warn!(outlet = %line.name, reason = text, "the connection to Slack ended");
        line.standing.connection(format!("ended: {text}"));
        let pause = app.config.outlet_pause.saturating_mul(1 << tries.min(8));
        let pause = match trouble {
            Trouble::Slow(asked) => asked.max(pause),
            Trouble::Away(_) | Trouble::Refused(_) => pause,
        };
        tokio::time::sleep(pause.min(limits::OUTLET_PAUSE_MAX)).await;
    }
}

fn away(why: impl std::fmt::Display) -> Trouble {
    Trouble::Away(why.to_string())
}

async fn open(slack: &Slack) -> Result<Socket, Trouble> {
    let answer = slack.methods.call_as_app("apps.connections.open").await?;
    let url = answer
        .get("url")
        .and_then(Value::as_str)
        .ok_or_else(|| away("no address to connect to"))?;
    let url = address(url, slack.methods.base())?;
    let http = Guarded::new(&url).map_err(away)?;
    let key = generate_key();
    let value = |text: &str| HeaderValue::from_str(text).map_err(away);
    let headers = HeaderMap::from_iter([
        (CONNECTION, value("Upgrade")?),
        (UPGRADE, value("websocket")?),
        (HeaderName::from_static("sec-websocket-version"), value("13")?),
        (HeaderName::from_static("sec-websocket-key"), value(&key)?),
    ]);
    let request = Request::get(url).with(headers).head_within(limits::OUTLET_WITHIN);
    let response = http.send_once(request).await.map_err(away)?;
    let accept = response.headers.get("sec-websocket-accept").and_then(|value| value.to_str().ok());
    let agreed = accept == Some(&derive_accept_key(key.as_bytes()));
    if response.status != StatusCode::SWITCHING_PROTOCOLS || !agreed {
        return Err(away(format!("no WebSocket: it answered {}", response.status.as_u16())));
    }
    let connection = response.upgraded().await.map_err(away)?;
    let bounds = WebSocketConfig::default()
        .max_message_size(Some(limits::SIGNED_BYTES_MAX))
        .max_frame_size(Some(limits::SIGNED_BYTES_MAX));
    Ok(WebSocketStream::from_raw_socket(connection, Role::Client, Some(bounds)).await)
}

/// The address as one of HTTP. It is Slack's own: the host of the methods or a part of its domain.
fn address(text: &str, base: &Url) -> Result<Url, Trouble> {
    let foreign = || Trouble::Refused("the address to connect to is not Slack's own".to_owned());
    let (scheme, rest) = text.split_once("://").ok_or_else(foreign)?;
    let scheme = match (scheme, base.scheme()) {
        ("wss", _) => "https",
        // A Slack for tests on this machine.
        ("ws", "http") => "http",
        (_, _) => return Err(foreign()),
    };
    let url = Url::parse(&format!("{scheme}://{rest}")).map_err(|_| foreign())?;
    let (Some(host), Some(own)) = (url.host_str(), base.host_str()) else { return Err(foreign()) };
    let part =
        host.strip_suffix(own).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    if part { Ok(url) } else { Err(foreign()) }
}

/// Answers envelopes until the connection ends: with trouble, or because Slack asks for another one.
async fn serve(app: &Arc<App>, slack: &Arc<Slack>, mut socket: Socket) -> Option<Trouble> {
    loop {
        let frame = match timeout(SILENT_MAX, socket.next()).await {
            Err(_) => return Some(away("nothing was heard for a minute")),
            Ok(None) => return Some(away("it was closed")),
            Ok(Some(Err(error))) => return Some(away(error)),
            Ok(Some(Ok(frame))) => frame,
        };
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Close(_) => return Some(away("it was closed")),
            // Pings are answered below; nothing else is sent by Slack.
            Frame::Binary(_) | Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => continue,
        };
        let Ok(mut said) = serde_json::from_str::<Value>(&text) else { continue };
        let kind = said.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind == "disconnect" {
            let disabled = said.get("reason").and_then(Value::as_str) == Some("link_disabled");
            return disabled.then(|| away("Socket Mode is switched off in the app"));
        }
        let Some(envelope) = said.get("envelope_id").cloned() else { continue };
        let payload = (kind == "interactive").then(|| said.get_mut("payload").map(Value::take));
        let ack = match payload.flatten() {
            Some(payload) => clicks::take(app, slack, payload).await,
            None => clicks::Ack::Arrived,
        };
        if ack == clicks::Ack::Busy {
            // What is not answered was not taken: Slack says so to who clicked, or sends it again.
            continue;
        }
        let answer = match ack.body() {
            Some(body) => json!({ "envelope_id": envelope, "payload": body }),
            None => json!({ "envelope_id": envelope }),
        };
        match timeout(SEND_WITHIN, socket.send(Frame::text(answer.to_string()))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Some(away(error)),
            Err(_) => return Some(away("it takes no answers")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_slack_is_connected_to() {
        let check = |text: &str, base: &str| {
            address(text, &Url::parse(base).unwrap()).map(String::from).ok()
        };
        let slack = "https://slack.com/api/";
        let fine = "https://wss-primary.slack.com/link/?ticket=1";
        assert_eq!(
            check("wss://wss-primary.slack.com/link/?ticket=1", slack).as_deref(),
            Some(fine)
        );
        for foreign in [
            "wss://evil.example/link",
            "wss://evilslack.com/link",
            "wss://slack.com.evil.example/",
            "ws://wss-primary.slack.com/",
            "https://slack.com/",
            "nothing",
        ] {
            assert_eq!(check(foreign, slack), None, "{foreign}");
        }
        let here = "http://127.0.0.1:4000/api/";
        assert!(check("ws://127.0.0.1:4001/link", here).is_some());
        assert!(check("ws://127.0.0.2:4001/link", here).is_none());
    }
}
