//! Calls of Slack's methods: one request each, with the token in a header.
//!
//! In: a method's name and its arguments. Out: what it answered, or what to make of its error: a pause (429 with
//! `Retry-After`), another try, or none. Source: Slack's pages on its Web API, on rate limits, and on each method's errors.
//! Tests: `tests/it/outlets/slack.rs`.

use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use domain::limits;
use serde_json::Value;
use tools::mcp::guarded::{Bound, FetchError, Guarded, Request};
use url::Url;

use super::super::Trouble;
use super::super::webhook::{away, came_out, retry_after};

/// Slack's own kind of body.
const JSON: &str = "application/json; charset=utf-8";
/// Errors of Slack that may be gone when it is asked again.
const PASSING: [&str; 7] = [
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "accesslimited",
    "unknown_error",
];
/// How long Slack is left alone when it says that there were too many calls, and not for how long.
const PAUSE: Duration = Duration::from_secs(30);

/// The methods of one workspace.
pub(super) struct Methods {
    base: Url,
    http: Guarded,
    token: HeaderValue,
    app_token: Option<HeaderValue>,
}

impl std::fmt::Debug for Methods {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Methods").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Methods {
    pub(super) fn new(
        base: &Url,
        (token, app_token): (String, Option<String>),
    ) -> Result<Self, String> {
        let http = Guarded::new(base).map_err(|error| error.to_string())?;
        let bearer = |token: &str| {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| "a token has characters that no header takes".to_owned())?;
            value.set_sensitive(true);
            Ok::<_, String>(value)
        };
        let (token, app_token) = (bearer(&token)?, app_token.as_deref().map(bearer).transpose()?);
        Ok(Self { base: base.clone(), http, token, app_token })
    }

    /// Where the methods are.
    pub(super) const fn base(&self) -> &Url {
        &self.base
    }

    /// Whether there is a token for Socket Mode.
    pub(super) const fn has_socket(&self) -> bool {
        self.app_token.is_some()
    }

    /// Calls a method as the bot.
    pub(super) async fn call(&self, method: &str, body: &Value) -> Result<Value, Trouble> {
        self.with(&self.token, method, body.to_string()).await
    }

    /// Calls a method as the app.
    pub(super) async fn call_as_app(&self, method: &str) -> Result<Value, Trouble> {
        let none = || Trouble::Refused("there is no app-level token".to_owned());
        self.with(self.app_token.as_ref().ok_or_else(none)?, method, "{}".to_owned()).await
    }

    async fn with(
        &self,
        token: &HeaderValue,
        method: &str,
        body: String,
    ) -> Result<Value, Trouble> {
        let url = self.base.join(method).map_err(|error| Trouble::Refused(error.to_string()))?;
        let headers = HeaderMap::from_iter([(AUTHORIZATION, token.clone())]);
        let request = Request::post(url, JSON, body).with(headers);
        let response = self.http.send_once(request.head_within(limits::OUTLET_WITHIN)).await;
        let response = response.map_err(away)?;
        came_out(response.status, &response.headers)?;
        let pause = retry_after(&response.headers);
        let bound = Bound { bytes: limits::OUTLET_ANSWER_BYTES_MAX, within: limits::OUTLET_WITHIN };
        let answer = match response.read(bound).await {
            Ok(bytes) => serde_json::from_slice::<Value>(&bytes).ok(),
            // It was done; what it says is only too long to be read.
            Err(FetchError::TooLarge { .. }) => None,
            Err(error) => return Err(away(error)),
        };
        let unreadable = || Trouble::Away(format!("Slack's answer to {method} cannot be read"));
        judged(method, answer.ok_or_else(unreadable)?, pause)
    }
}

/// What an answer of Slack is: it says itself whether it is good.
fn judged(method: &str, answer: Value, pause: Option<Duration>) -> Result<Value, Trouble> {
    if answer.get("ok").and_then(Value::as_bool) == Some(true) {
        return Ok(answer);
    }
    let error = answer.get("error").and_then(Value::as_str).unwrap_or("no error");
    let error = contract::visible::short(error);
    match error.as_str() {
        "ratelimited" | "rate_limited" => Err(Trouble::Slow(pause.unwrap_or(PAUSE))),
        passing if PASSING.contains(&passing) => Err(Trouble::Away(format!("{method}: {error}"))),
        _ => Err(Trouble::Refused(format!("{method}: {error}"))),
    }
}

/// Whether the message that was to be edited is there no more.
pub(super) fn is_gone(why: &str) -> bool {
    ["message_not_found", "cant_update_message", "edit_window_closed"]
        .iter()
        .any(|error| why.ends_with(error))
}
