//! A Slack: takes tokens, checks what it is sent by the published limits of Block Kit, keeps messages, answers as the real one
//! documents it, and refuses or delays where a test asks for it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{SOON, serve};

pub(crate) const BOT_TOKEN: &str = "xoxb-0123456789-bot";
pub(crate) const APP_TOKEN: &str = "xapp-1-A012-app-token";
pub(crate) const SIGNING: &str = "8f742231b10e8888abcd99yyyzzz85a5";
pub(crate) const CHANNEL: &str = "C0123456789";

/// A call of a method.
#[derive(Debug, Clone)]
pub(super) struct Called {
    pub(super) method: String,
    pub(super) body: Value,
}

/// What is answered instead of the usual.
#[derive(Debug, Clone)]
pub(super) enum Instead {
    /// A status, with `Retry-After`.
    Status(u16, Option<u64>),
    /// `ok: false` with this error.
    Error(&'static str),
    /// The usual after all.
    Usual,
}

pub(super) struct Slack {
    pub(super) url: String,
    pub(super) shared: Arc<Shared>,
    called: UnboundedReceiver<Called>,
}

pub(super) struct Shared {
    /// By method, what is answered next.
    pub(super) instead: Mutex<BTreeMap<String, VecDeque<Instead>>>,
    /// The channel's messages by `ts`.
    pub(super) messages: Mutex<BTreeMap<String, Value>>,
    /// Where sockets are opened.
    pub(super) socket: Mutex<Option<String>>,
    called: UnboundedSender<Called>,
}

impl Slack {
    pub(super) async fn start() -> Self {
        let (sender, called) = unbounded_channel();
        let shared = Arc::new(Shared {
            instead: Mutex::default(),
            messages: Mutex::default(),
            socket: Mutex::default(),
            called: sender,
        });
        let router =
            Router::new().route("/api/{method}", post(method)).with_state(Arc::clone(&shared));
        Self { url: format!("{}/api/", serve(router).await), shared, called }
    }

    /// The configuration of this channel.
    pub(super) fn toml(&self, more: &str) -> String {
        let url = &self.url;
        format!(
            "[[slack]]\nname = \"slack\"\nchannel = \"{CHANNEL}\"\napi_url = \"{url}\"\n\
             token_file = \"secrets/bot\"\n{more}\n"
        )
    }

    pub(super) fn instead(&self, method: &str, answers: impl IntoIterator<Item = Instead>) {
        let mut all = self.shared.instead.lock().unwrap();
        all.entry(method.to_owned()).or_default().extend(answers);
    }

    /// What is called next, which must be this.
    pub(super) async fn next(&mut self, method: &str) -> Value {
        let called = self.any().await;
        assert_eq!(called.method, method, "{}", called.body);
        called.body
    }

    /// The next call of this method; others are left out.
    pub(super) async fn until(&mut self, method: &str) -> Value {
        loop {
            let called = self.any().await;
            if called.method == method {
                return called.body;
            }
        }
    }

    pub(super) async fn any(&mut self) -> Called {
        let next = tokio::time::timeout(SOON, self.called.recv()).await;
        next.unwrap().unwrap()
    }

    pub(super) fn nothing_more(&mut self) -> bool {
        self.called.try_recv().is_err()
    }

    /// The only message that is no reply, with its `ts`.
    pub(super) fn message(&self) -> (String, Value) {
        let messages = self.shared.messages.lock().unwrap();
        let mut own = messages.iter().filter(|(_, message)| message.get("thread_ts").is_none());
        let (ts, message) = own.next().unwrap();
        assert!(own.next().is_none(), "one message only");
        (ts.clone(), message.clone())
    }
}

async fn method(
    State(shared): State<Arc<Shared>>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    let token = if method == "apps.connections.open" { APP_TOKEN } else { BOT_TOKEN };
    if header("authorization") != Some(&format!("Bearer {token}")) {
        return error("invalid_auth");
    }
    if header("content-type") != Some("application/json; charset=utf-8") {
        return error("invalid_post_type");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return error("invalid_json") };
    let answer = match next(&shared, &method) {
        Some(Instead::Error(word)) => error(word),
        Some(Instead::Status(status, after)) => {
            let status = StatusCode::from_u16(status).unwrap();
            match after {
                Some(after) => (status, [("retry-after", after.to_string())]).into_response(),
                None => status.into_response(),
            }
        }
        Some(Instead::Usual) | None => match carry_out(&shared, &method, &body) {
            Ok(answer) => Json(answer).into_response(),
            Err(word) => error(word),
        },
    };
    // A test that is over wants nothing more.
    let _over = shared.called.send(Called { method, body });
    answer
}

fn next(shared: &Shared, method: &str) -> Option<Instead> {
    shared.instead.lock().unwrap().get_mut(method)?.pop_front()
}

fn error(word: &str) -> Response {
    Json(json!({ "ok": false, "error": word })).into_response()
}

fn carry_out(shared: &Shared, method: &str, body: &Value) -> Result<Value, &'static str> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let mut messages = shared.messages.lock().unwrap();
    match method {
        "apps.connections.open" => {
            let socket = shared.socket.lock().unwrap().clone();
            Ok(json!({ "ok": true, "url": socket.ok_or("internal_error")? }))
        }
        "chat.postMessage" => {
            is_message(body)?;
            if text("channel") != Some(CHANNEL) {
                return Err("channel_not_found");
            }
            if body["link_names"] != false || body["unfurl_links"] != false {
                return Err("invalid_arguments");
            }
            if text("thread_ts").is_some_and(|of| !messages.contains_key(of)) {
                return Err("thread_not_found");
            }
            let ts = format!("1763780000.{:06}", messages.len() + 1);
            messages.insert(ts.clone(), body.clone());
            Ok(json!({ "ok": true, "channel": CHANNEL, "ts": ts, "message": body }))
        }
        "chat.update" => {
            is_message(body)?;
            let ts = text("ts").ok_or("message_not_found")?;
            let known = messages.get_mut(ts).ok_or("message_not_found")?;
            *known = body.clone();
            Ok(json!({ "ok": true, "channel": CHANNEL, "ts": ts, "text": body["text"] }))
        }
        "chat.postEphemeral" => {
            is_message(body)?;
            text("user").ok_or("user_not_in_channel")?;
            Ok(json!({ "ok": true, "message_ts": "1763780001.000001" }))
        }
        "views.open" => {
            text("trigger_id").filter(|id| !id.is_empty()).ok_or("invalid_trigger_id")?;
            is_view(&body["view"])?;
            Ok(json!({ "ok": true, "view": { "id": "V1" } }))
        }
        _ => Err("unknown_method"),
    }
}

const INVALID: &str = "invalid_blocks";

fn is_message(body: &Value) -> Result<(), &'static str> {
    let text = body["text"].as_str().ok_or("no_text")?;
    if text.is_empty() || text.chars().count() > 4_000 {
        return Err("msg_too_long");
    }
    let blocks = body["blocks"].as_array().ok_or(INVALID)?;
    if blocks.is_empty() || blocks.len() > 50 {
        return Err(INVALID);
    }
    let whole = body["blocks"].to_string();
    // Nothing that Slack would make a mention of: the only markup is the form of a date.
    for part in whole.split('<').skip(1) {
        if !part.starts_with("!date^") {
            return Err("a_mention");
        }
    }
    blocks.iter().try_for_each(is_block)
}

fn is_block(block: &Value) -> Result<(), &'static str> {
    let fine = match block["type"].as_str().ok_or(INVALID)? {
        "header" => is_text(&block["text"], 150) && block["text"]["type"] == "plain_text",
        "section" => match (block.get("text"), block.get("fields")) {
            (Some(text), None) => is_text(text, 3_000),
            (None, Some(fields)) => {
                let fields = fields.as_array().ok_or(INVALID)?;
                (1..=10).contains(&fields.len()) && fields.iter().all(|one| is_text(one, 2_000))
            }
            _ => false,
        },
        "context" => {
            let elements = block["elements"].as_array().ok_or(INVALID)?;
            (1..=10).contains(&elements.len()) && elements.iter().all(|one| is_text(one, 2_000))
        }
        "actions" => {
            let elements = block["elements"].as_array().ok_or(INVALID)?;
            (1..=25).contains(&elements.len()) && elements.iter().all(is_button)
        }
        "input" => is_text(&block["label"], 2_000) && block["block_id"].is_string(),
        _ => false,
    };
    if fine { Ok(()) } else { Err(INVALID) }
}

fn is_text(text: &Value, most: usize) -> bool {
    let kind = text["type"].as_str();
    let plain = kind == Some("plain_text") && text.get("verbatim").is_none();
    let marked = kind == Some("mrkdwn") && text.get("emoji").is_none();
    let length = text["text"].as_str().map_or(0, |text| text.chars().count());
    (plain || marked) && (1..=most).contains(&length)
}

fn is_button(button: &Value) -> bool {
    let id = button["action_id"].as_str().map_or(0, str::len);
    let value = button.get("value").map_or(0, |value| value.as_str().unwrap().len());
    let url = button.get("url").map_or(0, |url| url.as_str().unwrap().len());
    button["type"] == "button"
        && button["text"]["type"] == "plain_text"
        && is_text(&button["text"], 75)
        && (1..=255).contains(&id)
        && value <= 2_000
        && url <= 3_000
        // Nothing here is the button to press.
        && button.get("style").is_none()
}

fn is_view(view: &Value) -> Result<(), &'static str> {
    let short = |name: &str| is_text(&view[name], 24);
    let blocks = view["blocks"].as_array().ok_or("invalid_arguments")?;
    let fine = view["type"] == "modal"
        && ["title", "submit", "close"].into_iter().all(short)
        && view["callback_id"].as_str().is_some_and(|id| id.len() <= 255)
        && view["private_metadata"].as_str().is_some_and(|text| text.len() <= 3_000)
        && (1..=100).contains(&blocks.len())
        && blocks.iter().all(|block| {
            let element = &block["element"];
            let most = element["max_length"].as_u64().unwrap_or(0);
            is_block(block).is_ok() && element["type"] == "plain_text_input" && most <= 3_000
        });
    if fine { Ok(()) } else { Err("invalid_arguments") }
}
