//! Tests of upstream servers, below the permits: that a permit is needed is shown in `gate`.
//!
//! Children are the program `checkrein-tools-server` of this package, which misbehaves as it is told; endpoints are sockets of
//! the tests themselves (`http/endpoint.rs`). Each test has servers of its own. Real servers from npm and PyPI are in
//! `real.rs`.

mod calls;
mod http;
mod lists;
mod questions;
mod real;
mod secrets;
mod stdio;
mod stopping;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{CallId, Digest, Executed, Name, RunId, UpstreamPart, UpstreamTool};
use gate::{Invocation, Reply, ToolError, ToolErrorKind};
use mcp::{Client, Conversations, Params, Revision};
use runner::{Finding, Jailer, Ladder, Limits, Rung};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ask::Allowed;
use super::call::Attempt;
use super::credentials::KnownSecrets;
use super::problem::Touch;
use super::*;

/// Far beyond what any call of a test takes.
const TIMEOUT: Duration = Duration::from_secs(30);
/// For calls that are never answered.
const SHORT: Duration = Duration::from_millis(300);

/// Servers, and what stands around them.
struct World {
    upstreams: Upstreams,
    conversations: Conversations,
}

/// A program of this package; built with the integration tests.
fn program(name: &str) -> PathBuf {
    let harness = std::env::current_exe().unwrap();
    let built = harness.ancestors().nth(2).unwrap().join(name);
    assert!(built.exists(), "`{}` is missing; run the tests of the whole package", built.display());
    built
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn evil() -> Name {
    name("evil")
}

/// The misbehaving server, as its words say.
fn child(words: &[&str]) -> Stdio {
    let program = program("checkrein-tools-server").to_str().unwrap().to_owned();
    let words = words.iter().map(|word| (*word).to_owned());
    Stdio {
        command: std::iter::once(program).chain(words).collect(),
        environment: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        hosts: Vec::new(),
        jailed: Jailed::No,
        directory: None,
    }
}

fn spec(of: &str, way: Way) -> ServerSpec {
    ServerSpec { name: name(of), way, offers: Offers::new(), timeout: TIMEOUT }
}

fn offering(spec: ServerSpec, parts: &[Part]) -> ServerSpec {
    ServerSpec { offers: parts.iter().copied().collect(), ..spec }
}

impl World {
    fn with(specs: Vec<ServerSpec>) -> Self {
        let conversations = Conversations::default();
        let finding = Finding { step: "test".to_owned(), works: true, why: String::new() };
        let means = Means {
            jailer: Jailer::new(program("checkrein-tools-jail")),
            ladder: Ladder { rung: Rung::Overlay, findings: vec![finding] },
            limits: Limits::default(),
            conversations: conversations.clone(),
            known: KnownSecrets::new(),
            tokens: None,
            browser: None,
        };
        Self { upstreams: Upstreams::start(specs, means), conversations }
    }

    /// The misbehaving child alone.
    fn evil(words: &[&str]) -> Self {
        Self::with(vec![spec("evil", Way::Stdio(child(words)))])
    }

    async fn offer(&self) -> Arc<Offer> {
        self.upstreams.offer(&evil()).await.unwrap()
    }

    /// What is accepted of a tool: what the server offers now.
    async fn accepted(&self, wire: &str) -> Invocation {
        let offer = self.offer().await;
        let definition = offer.tool(wire).map(|tool| tool.digest);
        call(UpstreamPart::Tool, wire, definition.unwrap_or_default(), json!({ "text": "hello" }))
    }

    /// Calls a changing tool as it is now.
    async fn call(&self, wire: &str) -> Result<Reply, ToolError> {
        let invocation = self.accepted(wire).await;
        self.carry_out(&invocation, TIMEOUT).await
    }

    /// Calls a changing tool that is not waited for long.
    async fn call_shortly(&self, wire: &str) -> Result<Reply, ToolError> {
        let invocation = self.accepted(wire).await;
        self.carry_out(&invocation, SHORT).await
    }

    async fn carry_out(
        &self,
        invocation: &Invocation,
        timeout: Duration,
    ) -> Result<Reply, ToolError> {
        let attempt = attempt(invocation, timeout, Touch::Something);
        self.upstreams.carry_out(&attempt).await
    }

    fn standing(&self) -> Standing {
        self.upstreams.standing(&evil()).unwrap()
    }

    /// Waits until the server has written such a line to its standard error.
    async fn assert_complains(&self, begin: &str) {
        let heard = async {
            while !self.standing().stderr.iter().any(|line| line.starts_with(begin)) {
                tokio::task::yield_now().await;
            }
        };
        let heard = tokio::time::timeout(TIMEOUT, heard).await;
        assert!(heard.is_ok(), "{:?}", self.standing().stderr);
    }

    /// Another caller is answered as ever.
    async fn assert_serves(&self) {
        let reply = self.call("echo").await.unwrap();
        assert_eq!(reply.output["structuredContent"], json!({ "text": "hello" }));
    }
}

fn attempt(invocation: &Invocation, timeout: Duration, touch: Touch) -> Attempt<'_> {
    let allowed: &Allowed<'_> = &|| Ok(());
    Attempt { invocation, timeout, allowed, signal: gate::StopSignal::never(), touch }
}

fn call(part: UpstreamPart, wire: &str, definition: Digest, arguments: Value) -> Invocation {
    static NUMBER: Mutex<u128> = Mutex::new(1);
    let number = {
        let mut number = NUMBER.lock().unwrap();
        *number += 1;
        *number
    };
    Invocation {
        tool: "evil.tool".parse().unwrap(),
        arguments,
        tenant: name("t"),
        space: name("s"),
        agent: name("a"),
        run: RunId::new(Uuid::from_u128(7)),
        call: CallId::new(Uuid::from_u128(number)),
        basis: None,
        scopes: Vec::new(),
        command: None,
        upstream: Some(UpstreamTool { server: evil(), wire: wire.to_owned(), part, definition }),
        input: None,
        over: Vec::new(),
    }
}

/// A client that can be told and asked everything.
fn client(revision: Revision) -> Client {
    let Value::Object(capabilities) =
        json!({ "elicitation": {}, "sampling": {}, "roots": {}, "extensions": { "x/y": {} } })
    else {
        panic!("expected an object")
    };
    Client {
        revision,
        capabilities,
        info: None,
        progress_token: Some(json!("the client's")),
        log_level: Some("info".to_owned()),
        trace: vec![("traceparent", "00-1-2-01".to_owned())],
    }
}

/// What a failed call says: whether it happened, what kind of trouble, and a part of its words.
fn assert_failed(
    outcome: Result<Reply, ToolError>,
    (executed, kind): (Executed, ToolErrorKind),
    part: &str,
) -> ToolError {
    let error = outcome.expect_err("expected an error");
    assert_eq!((error.executed, error.kind), (executed, kind), "{error}");
    assert!(error.message.contains(part), "{error}");
    error
}

fn empty() -> Params {
    Params::new()
}
