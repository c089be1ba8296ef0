//! From every refusal to the problem that an HTTP client is told (RFC 9457). Only here do errors become HTTP.
//! Messages are safe to show; details of our own faults and of the store go to the log.

use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::{StrictError, StrictProblem};
use domain::Code;
use gate::{Refusal, StoreError};

use crate::wire;

/// Why a request that is not a call was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub(crate) Refusal);

/// What handlers return.
pub(crate) type Result<T> = std::result::Result<T, Refused>;

impl Refused {
    /// Joins a code with its words.
    pub(crate) fn new(code: Code, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self(Refusal::new(code, message, fix))
    }

    /// A value in a request that is not what it should be.
    pub(crate) fn invalid(message: impl std::fmt::Display) -> Self {
        Self::new(
            Code::InvalidRequest,
            message.to_string(),
            "correct the request; see /v1/openapi.json",
        )
    }

    /// Nothing with this id, as far as this caller may know.
    pub(crate) fn not_found(what: impl std::fmt::Display) -> Self {
        Self(Refusal::not_found(what))
    }

    /// An error of ours. The details go to the log.
    pub(crate) fn internal(details: impl std::fmt::Display) -> Self {
        tracing::error!(%details, "an error in Checkrein");
        Self::new(Code::Internal, "an error in Checkrein", "see the server's log")
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store could not be read");
        Self(error.into())
    }
}

impl From<journal::Error> for Refused {
    fn from(error: journal::Error) -> Self {
        let code = error.code();
        tracing::error!(code = code.shown(), %error, "the journal refused");
        Self::new(code, error.to_string(), "see the server's log")
    }
}

impl From<StrictError> for Refused {
    fn from(error: StrictError) -> Self {
        let code = match error.problem {
            StrictProblem::TooLarge { .. }
            | StrictProblem::TooDeep
            | StrictProblem::TooManyValues => Code::Oversized,
            StrictProblem::DuplicateKey(_) => Code::DuplicateKey,
            StrictProblem::Number { .. }
            | StrictProblem::NotUtf8 { .. }
            | StrictProblem::Syntax { .. } => Code::MalformedJson,
        };
        Self::new(code, error.to_string(), "send one strict JSON value (RFC 8259)")
    }
}

/// The problem of a refusal.
pub(crate) fn problem(refusal: &Refusal) -> wire::Problem {
    let row = refusal.code.row();
    wire::Problem {
        kind: format!("docs/errors/{}.md", row.shown),
        title: row.title.to_owned(),
        status: row.http,
        detail: refusal.message.clone(),
        code: row.shown.to_owned(),
        fix: refusal.fix.clone(),
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = problem(&self.0);
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The guard counts refusals by code without reading the body again.
        response.extensions_mut().insert(self.0.code);
        response
    }
}
