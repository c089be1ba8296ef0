//! Clients of both eras, spoken by hand, so that a test can also say what no client should.
//! In: a server under test. Out: what it said: the status, headers and each message, the response last.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::world::Server;

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const LEGACY: &str = "2025-11-25";
pub(crate) const BOTH: &str = "application/json, text/event-stream";
pub(crate) const SESSION: &str = "mcp-session-id";

/// What was said.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) messages: Vec<Value>,
}

impl Heard {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let mut stream = Stream::open(request).await;
        let (status, headers) = (stream.status(), stream.response.headers().clone());
        let mut messages = Vec::new();
        while let Some(message) = stream.next().await {
            messages.push(message);
        }
        Self { status, headers, messages }
    }

    /// The response.
    pub(crate) fn last(&self) -> &Value {
        self.messages.last().unwrap_or(&Value::Null)
    }

    pub(crate) fn result(&self) -> &Value {
        let last = self.last();
        assert!(last.get("result").is_some() && self.status == 200, "{self:?}");
        &last["result"]
    }

    /// The status and number of an error.
    pub(crate) fn error(&self) -> (u16, i64) {
        let code = self.last()["error"]["code"].as_i64();
        (self.status.as_u16(), code.unwrap_or_else(|| panic!("no error: {self:?}")))
    }
}

/// A response as it comes.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) response: Response,
    text: String,
    whole: bool,
}

impl Stream {
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap());
        let whole = kind != Some("text/event-stream");
        Self { response, text: String::new(), whole }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The next message; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(at) = self.text.find("\n\n").filter(|_| !self.whole) {
                let event: String = self.text.drain(..at + 2).collect();
                let data: Vec<&str> =
                    event.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
                if data.is_empty() {
                    continue;
                }
                return Some(serde_json::from_str(&data.join("\n")).unwrap());
            }
            match self.response.chunk().await.unwrap() {
                Some(chunk) => self.text.push_str(std::str::from_utf8(&chunk).unwrap()),
                None if self.text.is_empty() => return None,
                None => {
                    let text = std::mem::take(&mut self.text);
                    return Some(serde_json::from_str(&text).unwrap_or(Value::String(text)));
                }
            }
        }
    }
}

/// A modern client.
#[derive(Clone)]
pub(crate) struct Modern<'a> {
    pub(crate) server: &'a Server,
    pub(crate) path: &'static str,
    pub(crate) key: String,
    pub(crate) capabilities: Value,
    /// What else stands in `_meta`.
    pub(crate) meta: Map<String, Value>,
}

impl<'a> Modern<'a> {
    pub(crate) fn new(server: &'a Server, path: &'static str) -> Self {
        let key = server.keys.agent.clone();
        Self { server, path, key, capabilities: json!({}), meta: Map::new() }
    }

    pub(crate) fn saying(mut self, key: &str, value: Value) -> Self {
        self.meta.insert(key.to_owned(), value);
        self
    }

    /// The body of a request.
    pub(crate) fn body(&self, method: &str, mut params: Value) -> Value {
        let mut meta = self.meta.clone();
        meta.insert("io.modelcontextprotocol/protocolVersion".to_owned(), MODERN.into());
        meta.insert(
            "io.modelcontextprotocol/clientInfo".to_owned(),
            json!({ "name": "test", "version": "1" }),
        );
        let capabilities = self.capabilities.clone();
        meta.insert("io.modelcontextprotocol/clientCapabilities".to_owned(), capabilities);
        params["_meta"] = Value::Object(meta);
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
    }

    /// A request with the headers that belong to its body.
    pub(crate) fn request(&self, body: &Value) -> RequestBuilder {
        let params = &body["params"];
        let name = ["name", "uri", "taskId"].iter().find_map(|key| params.get(*key)?.as_str());
        let request = self.bare(body).header("Mcp-Protocol-Version", MODERN);
        let request = request.header("Mcp-Method", body["method"].as_str().unwrap_or_default());
        match name {
            Some(name) => request.header("Mcp-Name", name),
            None => request,
        }
    }

    /// A request without them.
    pub(crate) fn bare(&self, body: &Value) -> RequestBuilder {
        self.server.ask(Method::POST, self.path, &self.key).header("accept", BOTH).json(body)
    }

    pub(crate) async fn ask(&self, method: &str, params: Value) -> Heard {
        Heard::of(self.request(&self.body(method, params))).await
    }

    pub(crate) async fn call(&self, name: &str, arguments: Value) -> Heard {
        self.ask("tools/call", json!({ "name": name, "arguments": arguments })).await
    }
}

/// A legacy client with its session.
#[derive(Clone)]
pub(crate) struct Legacy<'a> {
    pub(crate) server: &'a Server,
    pub(crate) path: &'static str,
    pub(crate) key: String,
    pub(crate) session: String,
    pub(crate) opened: Value,
}

impl<'a> Legacy<'a> {
    pub(crate) async fn open(server: &'a Server, path: &'static str) -> Self {
        Self::able(server, path, json!({})).await
    }

    pub(crate) async fn able(server: &'a Server, path: &'static str, capabilities: Value) -> Self {
        let mut client = Self {
            server,
            path,
            key: server.keys.agent.clone(),
            session: String::new(),
            opened: Value::Null,
        };
        let body = initialize(LEGACY, capabilities);
        let request = server.ask(Method::POST, path, &client.key).header("accept", BOTH);
        let heard = Heard::of(request.json(&body)).await;
        client.session = heard.headers[SESSION].to_str().unwrap().to_owned();
        client.opened = heard.result().clone();
        let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(Heard::of(client.post(&told)).await.status, 202);
        client
    }

    pub(crate) fn with(&self, method: Method) -> RequestBuilder {
        let request = self.server.ask(method, self.path, &self.key).header("accept", BOTH);
        request.header(SESSION, &self.session).header("mcp-protocol-version", LEGACY)
    }

    pub(crate) fn post(&self, body: &Value) -> RequestBuilder {
        self.with(Method::POST).json(body)
    }

    pub(crate) async fn ask(&self, id: impl Into<Value>, method: &str, params: Value) -> Heard {
        let body = json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params });
        Heard::of(self.post(&body)).await
    }

    pub(crate) async fn call(&self, name: &str, arguments: Value) -> Heard {
        self.ask(7, "tools/call", json!({ "name": name, "arguments": arguments })).await
    }
}

pub(crate) fn initialize(version: &str, capabilities: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": capabilities, "clientInfo": { "name": "test", "version": "1" },
    } })
}

/// Names of a list's tools.
pub(crate) fn names(result: &Value) -> Vec<&str> {
    let tools = result["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}
