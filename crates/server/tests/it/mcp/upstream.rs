//! A scripted tool server behind the endpoint, in either era, over HTTP on loopback. It does what a test tells it to by the
//! name of the tool, and remembers every request.
//!
//! In: an era. Out: an address for the configuration, and what the server was sent. It ends with the test.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

use super::peer::Modern;
use crate::world::{Place, Server};

/// Which revisions it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Modern,
    Legacy,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    speaks: Speaks,
    requests: Mutex<Vec<Value>>,
    /// Answers that its own questions got, by id.
    answers: Mutex<HashMap<String, mpsc::Sender<Value>>>,
    tools: watch::Sender<Vec<Value>>,
    /// The resource that changed last.
    touched: watch::Sender<String>,
    cancelled: watch::Sender<u32>,
}

impl Upstream {
    pub(crate) async fn start(speaks: Speaks) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            speaks,
            requests: Mutex::default(),
            answers: Mutex::default(),
            tools: watch::Sender::new(tools()),
            touched: watch::Sender::default(),
            cancelled: watch::Sender::new(0),
        });
        let router = Router::new().route("/mcp", post(serve)).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// A place whose configuration has this server as `up`, and whose policy permits everything.
    pub(crate) fn place(&self, more: &str) -> Place {
        let server = format!(
            "{}\n[[mcp_server]]\nname = \"up\"\nurl = \"{}\"\n{more}\n",
            crate::world::PLAIN,
            self.url
        );
        let place = Place::new(&server);
        place.write("policies/all.cedar", "@id(\"all\") permit (principal, action, resource);\n");
        place
    }

    /// A running server in front of this one, whose operator says that all its tools but `dies` change nothing.
    pub(crate) async fn fronted(&self, more: &str) -> Server {
        let server = Server::at(self.place(more)).await;
        let listed = Modern::new(&server, "/mcp/up").ask("tools/list", json!({})).await;
        for tool in listed.result()["tools"].as_array().unwrap() {
            let name = tool["name"].as_str().unwrap();
            if name != "dies" {
                let body = json!({ "effect_class": "pure", "reason": "a test" });
                server.does(&format!("/v1/tools/up.{name}/classify"), body).await;
            }
        }
        server
    }

    /// Every request with this method that it was sent.
    pub(crate) fn sent(&self, method: &str) -> Vec<Value> {
        let all = self.inner.requests.lock().unwrap();
        all.iter().filter(|request| request["method"] == method).cloned().collect()
    }

    /// Resolves when so many requests were cancelled.
    pub(crate) async fn cancelled(&self, times: u32) {
        let mut cancelled = self.inner.cancelled.subscribe();
        cancelled.wait_for(|count| *count >= times).await.unwrap();
    }

    /// From now on these are its tools.
    pub(crate) fn offers(&self, tools: Vec<Value>) {
        self.inner.tools.send_replace(tools);
    }

    /// A resource of it changes.
    pub(crate) fn touch(&self, uri: &str) {
        self.inner.touched.send_replace(uri.to_owned());
    }

    /// From now on it has one more tool.
    pub(crate) fn grow(&self, name: &str) {
        self.inner.tools.send_modify(|tools| tools.push(tool(name)));
    }
}

fn tool(name: &str) -> Value {
    json!({
        "name": name, "description": format!("{name}, for tests"), "x-unknown": { "kept": [1, 2.5] },
        "inputSchema": { "type": "object", "additionalProperties": true, "properties": {} },
    })
}

fn tools() -> Vec<Value> {
    let names = [
        "echo",
        "fails",
        "asks",
        "asks_on",
        "needs_sampling",
        "tells",
        "waits",
        "floods",
        "dies",
        "refuses",
    ];
    let mut tools: Vec<Value> = names.into_iter().map(tool).collect();
    let mut routed = tool("routed");
    routed["inputSchema"]["properties"] =
        json!({ "region": { "type": "string", "x-mcp-header": "Region" } });
    tools.push(routed);
    tools
}

fn text(text: impl Into<String>) -> Value {
    json!({ "resultType": "complete", "content": [{ "type": "text", "text": text.into() }] })
}

async fn serve(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let message: Value = serde_json::from_slice(&body).unwrap();
    if message.get("method").is_none() {
        let id = message["id"].to_string();
        let waits = inner.answers.lock().unwrap().remove(&id);
        if let Some(waits) = waits {
            waits.send(message).await.unwrap();
        }
        return status(StatusCode::ACCEPTED);
    }
    if message["method"] != "subscriptions/listen" {
        inner.requests.lock().unwrap().push(message.clone());
    }
    if message.get("id").is_none() {
        if message["method"] == "notifications/cancelled" {
            inner.cancelled.send_modify(|count| *count += 1);
        }
        return status(StatusCode::ACCEPTED);
    }
    let modern = headers.get("mcp-protocol-version").is_some_and(|version| version == "2026-07-28");
    if modern != (inner.speaks == Speaks::Modern) {
        return status(StatusCode::BAD_REQUEST);
    }
    match message["method"].as_str().unwrap() {
        "tools/call" => called(inner, message).await,
        "subscriptions/listen" => listens(inner, message),
        other => {
            let answer = plain(&inner, other, &message["params"]);
            json_response(&message["id"], answer)
        }
    }
}

fn plain(inner: &Inner, method: &str, params: &Value) -> Result<Value, Value> {
    let capabilities = json!({
        "tools": { "listChanged": true }, "prompts": { "listChanged": true }, "logging": {}, "completions": {},
        "resources": { "subscribe": true, "listChanged": true },
    });
    let result = match method {
        "server/discover" => {
            json!({ "supportedVersions": ["2026-07-28"], "capabilities": capabilities, "instructions": "be kind" })
        }
        "initialize" => {
            json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": { "name": "up", "version": "1" } })
        }
        "tools/list" => json!({ "tools": *inner.tools.borrow() }),
        "prompts/list" => {
            json!({ "prompts": [{ "name": "greet", "description": "hidden\u{202e}text" }] })
        }
        "resources/list" => json!({ "resources": [{ "uri": "test://one", "name": "one" }] }),
        "resources/templates/list" => {
            json!({ "resourceTemplates": [{ "uriTemplate": "test://t/{id}", "name": "t" }] })
        }
        "resources/read" if params["uri"] == "test://one" => {
            json!({ "contents": [{ "uri": "test://one", "text": "first" }] })
        }
        "resources/read" => {
            return Err(
                json!({ "code": -32602, "message": "no such resource", "data": { "uri": params["uri"] } }),
            );
        }
        "prompts/get" => {
            json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": params["arguments"].to_string() } }] })
        }
        "completion/complete" => json!({ "completion": { "values": ["a", "b"] } }),
        "ping" | "logging/setLevel" | "resources/subscribe" | "resources/unsubscribe" => json!({}),
        _ => return Err(json!({ "code": -32601, "message": "no such method" })),
    };
    Ok(with_type(result))
}

fn with_type(mut result: Value) -> Value {
    let cacheable = json!({ "resultType": "complete", "ttlMs": 0, "cacheScope": "private" });
    for (key, value) in cacheable.as_object().unwrap() {
        result[key] = value.clone();
    }
    result
}

async fn called(inner: Arc<Inner>, message: Value) -> Response {
    let (id, params) = (message["id"].clone(), message["params"].clone());
    let modern = inner.speaks == Speaks::Modern;
    let answers = &params["inputResponses"];
    let answer = match params["name"].as_str().unwrap() {
        "echo" => Ok(text(params["arguments"]["text"].as_str().unwrap_or("nothing"))),
        "routed" => Ok(text("routed")),
        "fails" => {
            Ok(json!({ "isError": true, "content": [{ "type": "text", "text": "disk full" }] }))
        }
        "refuses" => Err(json!({ "code": -32602, "message": "not like this" })),
        "needs_sampling" => Err(
            json!({ "code": -32021, "message": "sampling", "data": { "requiredCapabilities": { "sampling": {} } } }),
        ),
        "asks" if modern && answers.is_object() => Ok(text(format!(
            "{} {}",
            answers["who"]["content"]["name"].as_str().unwrap_or("?"),
            params["requestState"].as_str().unwrap_or("-")
        ))),
        "asks" | "asks_on" if modern => Ok(question(&params)),
        "asks" | "asks_on" => return asks_legacy(inner, id).await,
        "tells" | "floods" | "waits" => return streams(inner, message).await,
        "dies" => return status(StatusCode::BAD_GATEWAY),
        other => Err(json!({ "code": -32602, "message": format!("unknown {other}") })),
    };
    json_response(&id, answer)
}

fn question(params: &Value) -> Value {
    let round = params["requestState"].as_str().map_or(1, |state| state.len());
    json!({ "resultType": "input_required", "requestState": "s".repeat(round), "inputRequests": { "who": {
        "method": "elicitation/create", "params": { "message": "who?", "requestedSchema": {
            "type": "object", "properties": { "name": { "type": "string", "default": "x" } } } } } } })
}

/// A stream whose end is a response, or which nobody ends.
async fn streams(inner: Arc<Inner>, message: Value) -> Response {
    let (sender, response) = stream();
    tokio::spawn(async move {
        let params = &message["params"];
        let token = &params["_meta"]["progressToken"];
        let times = if params["name"] == "floods" { 5_000 } else { 3 };
        for step in 0..times {
            let progress = json!({ "jsonrpc": "2.0", "method": "notifications/progress",
                "params": { "progressToken": token, "progress": step, "message": "x".repeat(200) } });
            if token.is_null() || sender.send(frame(&progress)).await.is_err() {
                break;
            }
        }
        if params["name"] == "waits" {
            sender.closed().await;
            inner.cancelled.send_modify(|count| *count += 1);
            return;
        }
        let done = json!({ "jsonrpc": "2.0", "id": message["id"], "result": text("done") });
        let _gone = sender.send(frame(&done)).await;
    });
    response
}

/// A legacy server asks on the call's own stream, and ends the call with the answer.
async fn asks_legacy(inner: Arc<Inner>, id: Value) -> Response {
    let (sender, response) = stream();
    let (answers, mut answered) = mpsc::channel(1);
    inner.answers.lock().unwrap().insert("\"q-1\"".to_owned(), answers);
    tokio::spawn(async move {
        let question = json!({ "jsonrpc": "2.0", "id": "q-1", "method": "elicitation/create", "params": {
            "message": "who?", "requestedSchema": { "type": "object", "properties": { "name": { "type": "string", "default": "x" } } } } });
        sender.send(frame(&question)).await.unwrap();
        let answer: Value = answered.recv().await.unwrap();
        let said = match answer["result"]["content"]["name"].as_str() {
            Some(name) => name.to_owned(),
            None => format!("refused: {}", answer["error"]["code"]),
        };
        let done = json!({ "jsonrpc": "2.0", "id": id, "result": { "content": [{ "type": "text", "text": said }] } });
        sender.send(frame(&done)).await.unwrap();
    });
    response
}

/// Tells of every change of its tools, once it has agreed to.
fn listens(inner: Arc<Inner>, message: Value) -> Response {
    let (sender, response) = stream();
    let (mut tools, mut touched) = (inner.tools.subscribe(), inner.touched.subscribe());
    // From here on nothing that changes is missed.
    inner.requests.lock().unwrap().push(message.clone());
    tokio::spawn(async move {
        let id = &message["id"];
        let meta = json!({ "io.modelcontextprotocol/subscriptionId": id });
        let ack = json!({ "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
            "params": { "_meta": meta, "notifications": message["params"]["notifications"] } });
        let mut next = ack;
        while sender.send(frame(&next)).await.is_ok() {
            next = tokio::select! {
                _ = tools.changed() => json!({ "jsonrpc": "2.0",
                    "method": "notifications/tools/list_changed", "params": { "_meta": meta } }),
                _ = touched.changed() => {
                    let uri = touched.borrow_and_update().clone();
                    json!({ "jsonrpc": "2.0", "method": "notifications/resources/updated",
                        "params": { "_meta": meta, "uri": uri } })
                }
                () = sender.closed() => break,
            };
        }
    });
    response
}

fn stream() -> (mpsc::Sender<Bytes>, Response) {
    let (sender, receiver) = mpsc::channel(8);
    let body = Body::from_stream(ReceiverStream::new(receiver).map(Ok::<Bytes, Infallible>));
    let response =
        Response::builder().header("content-type", "text/event-stream").body(body).unwrap();
    (sender, response)
}

fn frame(message: &Value) -> Bytes {
    format!("data: {message}\n\n").into()
}

fn json_response(id: &Value, answer: Result<Value, Value>) -> Response {
    let message = match answer {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    };
    let response = Response::builder().header("content-type", "application/json");
    response.body(Body::from(message.to_string())).unwrap()
}

fn status(status: StatusCode) -> Response {
    Response::builder().status(status).body(Body::empty()).unwrap()
}
