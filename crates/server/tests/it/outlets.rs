//! Outside services that are told, and decisions that come back, over a real server on loopback.
//!
//! `receiver.rs` is a receiver of signed webhooks and `slack_stand_in.rs` a Slack: both check what they are sent as the real ones
//! document it, and fail in the ways that a test asks for. The other files ask one question each.

mod hooks;
mod receiver;
mod slack;
mod slack_stand_in;
mod snippets;
mod socket;
mod webhook;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::{PLAIN, Place, Server, writes};

/// Two secrets of 24 bytes.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const OTHER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// How long a test waits for what must come.
pub(crate) const SOON: Duration = Duration::from_secs(20);

const POLICY: &str = r#"
@id("all")
permit (principal, action, resource);

@id("ask-prod")
@owner("group:platform")
@hold("group:oncall")
@reason("this changes production")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("prod") }
unless { context.approvals.contains("ask-prod") };

@id("ask-two")
@hold("group:oncall")
@quorum("2")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("both") }
unless { context.approvals.contains("ask-two") };

@id("ask-both-ways")
@hold("group:oncall")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("both/ways") }
unless { context.approvals.contains("ask-both-ways") };

@id("ask-sure")
@hold("group:oncall")
@assurance("passkey")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("sure") }
unless { context.approvals.contains("ask-sure") };

@id("note-logs")
@notify("group:oncall")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("logs") };

@id("look-staging")
@review("group:oncall")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("staging") };
"#;

/// A server with this beside its plain configuration.
pub(crate) async fn start(toml: &str) -> Server {
    let place = Place::new(&format!("{PLAIN}\n{toml}"));
    place.write("policies/own.cedar", POLICY);
    place.write("secrets/webhook", SECRET);
    place.write("secrets/hook", OTHER_SECRET);
    place.write("secrets/bot", slack_stand_in::BOT_TOKEN);
    place.write("secrets/app", slack_stand_in::APP_TOKEN);
    place.write("secrets/signing", slack_stand_in::SIGNING);
    Server::at(place).await
}

/// A person with an account in `oncall`.
pub(crate) async fn person(server: &Server, name: &str, groups: &[&str]) {
    let body = json!({ "name": name, "roles": ["approver"], "groups": groups });
    server.does("/v1/people", body).await;
}

/// A held call: its id and that of its request.
pub(crate) async fn held(server: &Server, body: Value) -> (String, String) {
    let (_, answer) = server.proposes(body).await;
    assert_eq!(answer.status, "held", "{answer:?}");
    let call = answer.call.unwrap();
    let pending = server.sees("/v1/approvals?state=pending").await;
    let own = pending["items"].as_array().unwrap().iter().find(|one| one["call"] == *call);
    let approval = own.unwrap()["approval"].as_str().unwrap().to_owned();
    (call, approval)
}

pub(crate) async fn held_in_prod(server: &Server, text: &str) -> (String, String) {
    held(server, writes("prod/a.txt", text)).await
}

/// The agent waits for its call, which runs it once it is approved.
pub(crate) async fn ran(server: &Server, call: &str) -> String {
    let path = format!("/v1/calls/{call}/wait?wait_ms=10000");
    server.get(&path, &server.keys.agent).await.envelope().status
}

pub(crate) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The signature that a receiver computes itself.
pub(crate) fn signature(secret: &str, (id, at): (&str, &str), body: &[u8]) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let content = [id.as_bytes(), b".", at.as_bytes(), b".", body].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &content);
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

/// Serves a router on a port of its own; its address.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper_util::service::TowerToHyperService::new(router.clone());
            let stream = hyper_util::rt::TokioIo::new(stream);
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(stream, service);
            tokio::spawn(connection);
        }
    });
    base
}

/// Asks until something holds: what happens in the background is seen by its effect.
pub(crate) async fn until<F: Future<Output = Option<T>>, T>(mut look: impl FnMut() -> F) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, looking).await.unwrap()
}

/// One outlet as people see it.
pub(crate) async fn outlet(server: &Server, name: &str) -> Value {
    let all = server.sees("/v1/outlets").await;
    let one = all["items"].as_array().unwrap().iter().find(|one| one["outlet"] == name);
    one.unwrap().clone()
}
