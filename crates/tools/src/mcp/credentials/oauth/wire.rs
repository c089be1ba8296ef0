//! The requests of an authorization: documents, forms and registrations, all through the guarded client.
//!
//! In: an address that a server or an authorization server named. Out: strict JSON, or that there is nothing, or why it is
//! not used. Bodies are bounded, redirects of anything but reads are refused, and what a refusal says is cut to its
//! error word, because descriptions may repeat what was sent. Tests: `tests/` beside the credentials.

use bytes::Bytes;
use contract::strict;
use domain::{Name, limits};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::super::problem::{CredentialError, error_word};
use crate::mcp::guarded::{Bound, Guarded, Request, Response};

/// The way to authorization servers, for one server.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) server: Name,
    pub(super) http: Guarded,
}

impl Wire {
    /// A document; none if there is none at this address.
    pub(super) async fn document(&self, url: Url) -> Result<Option<Value>, CredentialError> {
        let response = self.send(Request::get(url)).await?;
        if response.status != StatusCode::OK {
            return Ok(None);
        }
        Ok(Some(self.json(response).await?))
    }

    /// The answer to a form (`application/x-www-form-urlencoded`).
    pub(super) async fn form(
        &self,
        step: &'static str,
        url: Url,
        (headers, fields): (HeaderMap, String),
    ) -> Result<Value, CredentialError> {
        let request = Request::post(url, "application/x-www-form-urlencoded", fields);
        self.answer(step, request.with(headers)).await
    }

    /// The answer to a JSON document.
    pub(super) async fn register(&self, url: Url, body: &Value) -> Result<Value, CredentialError> {
        let body = Bytes::from(body.to_string());
        self.answer("the registration", Request::post(url, "application/json", body)).await
    }

    /// A URL from a document of somebody else's that Checkrein, or a person, would open.
    pub(super) fn url(&self, text: &str) -> Result<Url, CredentialError> {
        let url = Url::parse(text).map_err(|error| {
            self.rule(format!("a document names `{}`: {error}", crate::mcp::credentials::cut(text)))
        })?;
        self.http.check(&url).map_err(|problem| self.fetch(problem))?;
        Ok(url)
    }

    pub(super) fn rule(&self, detail: impl Into<String>) -> CredentialError {
        CredentialError::Rule { server: self.server.clone(), detail: detail.into() }
    }

    pub(super) fn denied(&self, step: &'static str, error: impl Into<String>) -> CredentialError {
        CredentialError::Denied { server: self.server.clone(), step, error: error.into() }
    }

    fn fetch(&self, problem: crate::mcp::guarded::FetchError) -> CredentialError {
        CredentialError::Fetch { server: self.server.clone(), problem }
    }

    async fn answer(&self, step: &'static str, request: Request) -> Result<Value, CredentialError> {
        let response = self.send(request).await?;
        let status = response.status;
        if status == StatusCode::OK || status == StatusCode::CREATED {
            return self.json(response).await;
        }
        // RFC 6749, section 5.2: the error is JSON; without one the status must do.
        let body = self.json(response).await.unwrap_or(Value::Null);
        let word = body.get("error").and_then(Value::as_str).and_then(error_word);
        let said = word.map_or_else(|| format!("status {}", status.as_u16()), str::to_owned);
        Err(self.denied(step, said))
    }

    async fn send(&self, request: Request) -> Result<Response, CredentialError> {
        let mut accept = HeaderMap::new();
        accept.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let request = request.with(accept).head_within(limits::OAUTH_REQUEST_WITHIN);
        self.http.send(request).await.map_err(|problem| self.fetch(problem))
    }

    async fn json(&self, response: Response) -> Result<Value, CredentialError> {
        let max = limits::OAUTH_DOCUMENT_BYTES_MAX;
        let bound = Bound { bytes: max, within: limits::OAUTH_REQUEST_WITHIN };
        let body = response.read(bound).await.map_err(|problem| self.fetch(problem))?;
        strict::parse(&body, max)
            .map_err(|_| self.rule("an answer on the way is no strict JSON (RFC 8259)"))
    }
}
