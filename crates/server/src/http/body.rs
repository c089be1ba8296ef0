//! What a request carries: strict JSON bodies, ids in paths, and query parameters that know their names.
//! In: a request. Out: typed values, or a refusal with what would be right. Sizes and times are bounded here; the form
//! of JSON is `contract::strict`'s business.

use std::str::FromStr;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use domain::{Code, limits};
use serde::de::DeserializeOwned;
use tokio_stream::StreamExt as _;

use crate::rescue::Refused;

/// A body must have arrived after this time.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Bytes of a body that are read at most, to be thrown away.
const THROWN_AWAY_MAX: usize = 4 * limits::MESSAGE_BYTES_MAX;

/// A body of strict JSON. No body counts as an empty object.
#[derive(Debug, Clone)]
pub(crate) struct Strict<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Strict<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = kind.is_some_and(is_json);
        let bytes = read(request).await?;
        if bytes.is_empty() {
            return from_value(serde_json::json!({}));
        }
        // Also keeps out what a foreign page can send without asking first.
        if !is_json {
            return Err(Refused::invalid("expected a body with `Content-Type: application/json`"));
        }
        from_value(contract::strict::parse(&bytes, limits::MESSAGE_BYTES_MAX)?)
    }
}

pub(crate) fn is_json(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// The whole body, within bounds of size and time.
pub(crate) async fn read(request: Request) -> Result<Vec<u8>, Refused> {
    let body = request.into_body().into_data_stream();
    let read = tokio::time::timeout(BODY_WITHIN, collect(body)).await;
    let read = read.map_err(|_| Refused::invalid("the body did not arrive in time"))?;
    let most = limits::MESSAGE_BYTES_MAX;
    let bytes = read.map_err(|_| Refused::invalid("the body could not be read to its end"))?;
    bytes.ok_or_else(|| {
        let message = format!("the body has more than {most} bytes");
        Refused::new(Code::Oversized, message, "send less at once")
    })
}

/// The whole body; none if it is too large. A body that is too large is still taken in up to a bound and thrown away:
/// a client that is cut off while it sends does not see the answer.
async fn collect(mut body: BodyDataStream) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(piece) = body.next().await {
        let piece = piece?;
        length = length.saturating_add(piece.len());
        if length > limits::MESSAGE_BYTES_MAX {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&piece);
        }
        if length > THROWN_AWAY_MAX {
            break;
        }
    }
    Ok((length <= limits::MESSAGE_BYTES_MAX).then_some(bytes))
}

fn from_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<Strict<T>, Refused> {
    serde_json::from_value(value).map(Strict).map_err(Refused::invalid)
}

/// An id in the path. What is no id of its kind is something that is not there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: FromStr<Err: std::fmt::Display>,
    S: Send + Sync,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|error| Refused::invalid(error.body_text()))?;
        text.parse().map(Self).map_err(|error: T::Err| {
            let fix = "list what there is and use an id from there";
            Refused::new(Code::NotFound, error.to_string(), fix)
        })
    }
}

/// Query parameters.
#[derive(Debug, Clone)]
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let query = Query::try_from_uri(&parts.uri);
        query.map(|Query(found)| Self(found)).map_err(|error| Refused::invalid(error.body_text()))
    }
}
