//! The outlet `webhook`: a signed request for each bulletin, by the Standard Webhooks scheme.
//!
//! ```text
//! POST url   webhook-id: 4711-0-1a2b3c4d   webhook-timestamp: 1763000000   webhook-signature: v1,<base64>
//! {"type": "approval.asked", "timestamp": "2026-11-22T03:00:00.000Z", "data": {…}}
//! ```
//! In: a bulletin. Out: one request through the guarded client; any answer 2xx means that it arrived. The form of what is
//! sent stands in `docs/schemas/webhook.schema.json`. It follows no redirect and keeps nothing. Tests:
//! `tests/it/outlets/webhook.rs`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use domain::{CallId, Name, Operator, limits};
use gate::{Journal as _, Later, Place, Refusal, Table, World as _};
use serde_json::{Map, Value, json};
use tools::mcp::guarded::{Bound, FetchError, Guarded, Request};
use url::{Position, Url};

use super::bulletin::Kind;
use super::signature::{Secrets, Signed};
use super::{About, Bulletin, Outlet, Trouble, follow, request, wrong};
use crate::app::App;
use crate::clock::Clock;
use crate::config::WebhookSettings;
use crate::handlers::calls;
use crate::rows;

/// An address that is told.
#[derive(Debug)]
pub(crate) struct Webhook {
    reader: Operator,
    url: Url,
    http: Guarded,
    secrets: Secrets,
    callers: bool,
}

impl Webhook {
    pub(super) fn new(
        (name, reader): (&Name, Operator),
        settings: &WebhookSettings,
        secrets: Secrets,
    ) -> Result<Self, Refusal> {
        let http = Guarded::new(&settings.url).map_err(|error| wrong(("webhook", name), error))?;
        Ok(Self { reader, url: settings.url.clone(), http, secrets, callers: settings.callers })
    }

    pub(super) const fn callers(&self) -> bool {
        self.callers
    }

    /// Its origin: path and query may carry a secret.
    pub(super) fn place(&self) -> String {
        self.url[..Position::AfterPort].to_owned()
    }

    async fn told(&self, app: &App, bulletin: &Bulletin) -> Result<Option<Place>, Trouble> {
        let data = self.data(app, bulletin).await?;
        let at =
            jiff::Timestamp::from_millisecond(i64::try_from(bulletin.at.millis()).unwrap_or(0));
        let at = at.map(|at| format!("{at:.3}")).unwrap_or_default();
        let body = json!({ "type": bulletin.kind.word(), "timestamp": at, "data": data });
        self.send(&bulletin.id, body.to_string()).await?;
        Ok(match (bulletin.kind, &bulletin.about) {
            (Kind::Ended, About::Call(call)) => {
                Some(Place { about: follow::callback(*call), place: None, shown: None })
            }
            _ => None,
        })
    }

    async fn data(&self, app: &App, bulletin: &Bulletin) -> Result<Value, Trouble> {
        let mut data = Map::new();
        let mut put = |name: &str, value: Value| {
            data.insert(name.to_owned(), value);
        };
        put("id", json!(bulletin.id));
        put("outlet", json!(self.reader.name.as_str()));
        put("tenant", json!(self.reader.tenant.as_str()));
        put("position", json!(bulletin.part.position));
        put("by", json!(bulletin.by));
        put("reason", json!(bulletin.reason));
        match &bulletin.about {
            About::Approval { approval, .. } => {
                let details = request::details(app, &self.reader, *approval).await;
                let details = details.map_err(|refused| Trouble::from(refused.0))?;
                let request = request::json(&details);
                put("request", request.map_err(|error| Trouble::Refused(error.to_string()))?);
                put("url", json!(format!("{}/approvals/{approval}", app.site.base())));
            }
            About::Call(call) => {
                put("call", self.call(app, *call).await?);
                let url = request::link(app, *call).await.map_err(Refusal::from)?;
                put("url", json!(url));
                if self.callers {
                    let first = app.gate.wants_callback(*call, &self.reader.name).await?;
                    put("proposed_as", json!(first.map(|first| first.to_string())));
                }
            }
            About::Duty { duty, call, .. } => {
                let record = app.journal().read(Table::Duties, duty).await;
                let record = record.map_err(Refusal::from)?;
                put("duty", json!(record.as_ref().map(rows::duty)));
                if let Some(call) = call {
                    put("call", self.call(app, *call).await?);
                }
            }
            About::Stop { stop, scope } => put("stop", json!({ "stop": stop, "scope": scope })),
            About::Nothing => {}
        }
        Ok(Value::Object(data))
    }

    /// A call as lists show it, with what its caller was told of its end. Outputs are not sent.
    async fn call(&self, app: &App, call: CallId) -> Result<Value, Trouble> {
        let record = app.journal().read(Table::Calls, &call.to_string()).await;
        let record = record.map_err(Refusal::from)?;
        let mut value = json!(record.as_ref().map(rows::call));
        let answer =
            calls::kept_answer(app, call).await.map_err(|refused| Trouble::from(refused.0))?;
        if let (Some(fields), Some(answer)) = (value.as_object_mut(), answer) {
            fields.insert("error".to_owned(), json!(answer.error));
            fields.insert("effects".to_owned(), json!(answer.effects));
        }
        Ok(value)
    }

    async fn send(&self, id: &str, body: String) -> Result<(), Trouble> {
        if body.len() > limits::OUTLET_MESSAGE_BYTES_MAX {
            return Err(Trouble::Refused("the message would be too large".to_owned()));
        }
        let timestamp = (Clock.now().millis() / 1_000).to_string();
        let signed = Signed { id, timestamp: &timestamp, body: body.as_bytes() };
        let signature = self.secrets.sign(signed);
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", &timestamp),
            ("webhook-signature", &signature),
        ];
        let headers: Result<HeaderMap, _> = headers
            .into_iter()
            .map(|(name, value)| Ok((HeaderName::from_static(name), HeaderValue::from_str(value)?)))
            .collect::<Result<_, axum::http::header::InvalidHeaderValue>>();
        let headers = headers.map_err(|error| Trouble::Refused(error.to_string()))?;
        let request = Request::post(self.url.clone(), "application/json", body).with(headers);
        let response = self.http.send_once(request.head_within(limits::OUTLET_WITHIN)).await;
        let response = response.map_err(away)?;
        let (status, answered) = (response.status, response.headers.clone());
        // Read to its end, so that the connection can be used again; what it says is not kept.
        let bound = Bound { bytes: limits::OUTLET_ANSWER_BYTES_MAX, within: limits::OUTLET_WITHIN };
        let _said = response.read(bound).await;
        came_out(status, &answered)
    }
}

impl Outlet for Webhook {
    fn tell<'a>(
        &'a self,
        app: &'a Arc<App>,
        bulletin: &'a Bulletin,
    ) -> Later<'a, Result<Option<Place>, Trouble>> {
        Box::pin(self.told(app, bulletin))
    }
}

/// An error of the guarded client, as it may be shown.
pub(super) fn away(error: FetchError) -> Trouble {
    Trouble::Away(error.to_string())
}

/// What a status says of a message.
pub(super) fn came_out(status: StatusCode, headers: &HeaderMap) -> Result<(), Trouble> {
    if status.is_success() {
        return Ok(());
    }
    let says = format!("it answered {}", status.as_u16());
    match status.as_u16() {
        429 | 503 => Err(retry_after(headers).map_or(Trouble::Away(says), Trouble::Slow)),
        408 | 425 | 500..=599 => Err(Trouble::Away(says)),
        _ => Err(Trouble::Refused(says)),
    }
}

/// `Retry-After` in seconds (RFC 9110, section 10.2.3); a date is not understood, and the usual pause taken.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
