//! Messages that outside services send: decisions by signed webhook, and clicks in Slack.
//!
//! ```text
//! raw bytes -> signature, moment -> person of the configuration or of a link -> taken before? -> shown whole? -> gate
//! ```
//! In: a request that nobody but the holder of a secret can make. Out: what the gate said. A message counts once, whatever
//! came of it, and what it may do is what its person may do. Tests: `tests/it/outlets/`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use domain::{ApprovalId, Code, Digest, Operator, Surface, limits};
use gate::{Message, No, World as _, Yes};
use serde_json::Value;

use super::approvals;
use crate::app::App;
use crate::clock::Clock;
use crate::convert::{self, parsed};
use crate::http::body;
use crate::outlets::signature::Signed;
use crate::outlets::slack::clicks::{self, Ack};
use crate::outlets::{Hook, fits};
use crate::rescue::{Refused, Result};
use crate::wire;

/// Decides in the name of the person whose way in this is. Signed as Standard Webhooks say: `webhook-id`,
/// `webhook-timestamp`, `webhook-signature`.
#[utoipa::path(
    post, path = "/v1/hooks/{name}", tag = "outlets",
    params(
        ("name" = String, Path, description = "the way in, as the configuration names it"),
        ("webhook-id" = String, Header, description = "the message's own id; the same id counts once"),
        ("webhook-timestamp" = String, Header, description = "seconds since 1970, within five minutes of now"),
        ("webhook-signature" = String, Header, description = "`v1,` and base64 of HMAC-SHA256 over id, timestamp and body, joined with dots"),
    ),
    request_body = wire::SignedDecision, security(()),
    responses((status = 200, description = "decided", body = wire::Approval), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<wire::Approval>> {
    let headers = request.headers().clone();
    let bytes = signed_bytes(request).await?;
    // An unknown way in is refused like a wrong signature: nobody learns which there are.
    let hook = app.outlets.hook(&name).ok_or_else(not_signed)?;
    let id = header(&headers, "webhook-id")?;
    let (timestamp, signature) =
        (header(&headers, "webhook-timestamp")?, header(&headers, "webhook-signature")?);
    if !hook.secrets.hold(Signed { id, timestamp, body: &bytes }, signature, Clock.now()) {
        return Err(not_signed());
    }
    let by = person(&app, hook)?;
    let digest = contract::digest(format!("hook\n{name}\n{id}").as_bytes());
    let message = Message { outlet: hook.name.clone(), digest, surface: Surface::Webhook };
    if let Some(outcome) = app.gate.message_taken(&message).await? {
        let text = format!("this message was taken before: {}", contract::visible::short(&outcome));
        let fix = "send a new message with an id of its own if it is to count again";
        return Err(Refused::new(Code::Conflict, text, fix));
    }
    let decided = decided(&app, (&by, &message), &bytes).await;
    if let Err(refused) = &decided {
        refuse(&app, (&by, &message), &refused.0).await;
    }
    decided.map(Json)
}

/// Takes what people click in Slack, and what Slack's dialogs send. Signed by Slack (`x-slack-signature`).
#[utoipa::path(
    post, path = "/v1/slack/interactions", tag = "outlets", security(()),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "taken", body = String), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn slack(State(app): State<Arc<App>>, request: Request) -> Result<Response> {
    let headers = request.headers().clone();
    let bytes = signed_bytes(request).await?;
    let timestamp = header(&headers, "x-slack-request-timestamp")?;
    let signature = header(&headers, "x-slack-signature")?;
    let now = Clock.now();
    let by = app.outlets.slacks().map(|(_, slack)| slack).find(|slack| {
        slack.signing().is_some_and(|secret| secret.holds((timestamp, signature), &bytes, now))
    });
    let slack = Arc::clone(by.ok_or_else(not_signed)?);
    let payload = url::form_urlencoded::parse(&bytes).find(|(name, _)| name == "payload");
    let Some((_, payload)) = payload else {
        return Err(Refused::invalid("expected a form with `payload`"));
    };
    let payload: Value = serde_json::from_str(&payload).map_err(Refused::invalid)?;
    let ack = clicks::take(&app, &slack, payload).await;
    if ack == Ack::Busy {
        let message = "too much arrives at once";
        return Err(Refused::new(Code::TooManyWaiting, message, "click again shortly"));
    }
    Ok(match ack.body() {
        None => ().into_response(),
        Some(body) => ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response(),
    })
}

/// The bytes as they came, within bounds.
async fn signed_bytes(request: Request) -> Result<Vec<u8>> {
    let bytes = body::read(request).await?;
    if bytes.len() > limits::SIGNED_BYTES_MAX {
        let message = format!("the message has more than {} bytes", limits::SIGNED_BYTES_MAX);
        return Err(Refused::new(Code::Oversized, message, "send less at once"));
    }
    Ok(bytes)
}

/// The one value of a header.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str> {
    let mut all = headers.get_all(name).iter();
    match (all.next().and_then(|value| value.to_str().ok()), all.next()) {
        (Some(value), None) => Ok(value),
        (_, _) => Err(not_signed()),
    }
}

fn not_signed() -> Refused {
    Refused::new(
        Code::NotAuthenticated,
        "the message is not signed with this secret, or not of now",
        "sign the bytes that are sent with the secret of the configuration, and check the clock",
    )
}

fn person(app: &App, hook: &Hook) -> Result<Operator> {
    app.gate.acting(&hook.tenant, &hook.person).ok_or_else(|| {
        let message = format!("`{}` has no account, or it is disabled", hook.person);
        Refused::new(Code::NotAllowed, message, "ask an admin; see `checkrein people ls`")
    })
}

async fn decided(
    app: &Arc<App>,
    (by, message): (&Operator, &Message),
    bytes: &[u8],
) -> Result<wire::Approval> {
    let value = contract::strict::parse(bytes, limits::SIGNED_BYTES_MAX)?;
    let given: wire::SignedDecision = serde_json::from_value(value).map_err(Refused::invalid)?;
    let approval: ApprovalId = parsed("approval", &given.approval)?;
    let message = Some(message.clone());
    match given.decision.as_str() {
        "approve" => {
            if let Some(reason) = &given.reason {
                convert::at_most("reason", reason, limits::REASON_CHARS_MAX)?;
            }
            let shown = given.shown.as_deref().ok_or_else(|| {
                Refused::invalid(
                    "shown: expected the `shown.digest` of the request that was decided",
                )
            })?;
            let shown: Digest = parsed("shown", shown)?;
            let details = approvals::details(app, by, approval).await?;
            if !fits(&details) {
                let text = "not all of this request can be shown in a message, so that it cannot be approved by one";
                let fix = format!("open {}/approvals/{approval}", app.site.base());
                return Err(Refused::new(Code::NotConfirmed, text, fix));
            }
            let (reason, confirm, surface) = (given.reason, given.confirm, Surface::Webhook);
            let yes = Yes { reason, confirm, shown: Some(shown), surface, message };
            app.gate.approve(by, approval, yes).await?;
        }
        "reject" => {
            let reason = convert::reason(given.reason.unwrap_or_default())?;
            app.gate.say_no(by, approval, No { reason, message }).await?;
        }
        _ => return Err(Refused::invalid("decision: expected `approve` or `reject`")),
    }
    approvals::shown(app, by, approval).await
}

/// A message that was refused for what it says counts for nothing later; one that met a fault of ours, or what passes, may come
/// again.
async fn refuse(app: &App, (by, message): (&Operator, &Message), refusal: &gate::Refusal) {
    let row = refusal.code.row();
    if row.http >= 500 || row.retryable {
        return;
    }
    let outcome = (None, refusal.code.shown());
    if let Err(error) = app.gate.refuse_message(by, message, outcome).await {
        tracing::warn!(%error, "a refused message could not be recorded");
    }
}
