//! Errors of a server, as clients of either era understand them.
//!
//! In: an error that a server sent. Out: the same with a code that the client's revision has, or the questions that it
//! stands for. Text and details stay. Tests are in `bridge/tests.rs`.

use serde_json::{Value, json};

use crate::message::Params;
use crate::revision::{Era, Revision};
use crate::rpc::{RpcCode, RpcError};

/// Legacy: the person has to visit addresses first (2025-11-25, "URL Elicitation Required").
const URL_ELICITATION_REQUIRED: i64 = -32_042;
/// What the specification keeps for itself (2026-07-28, "Error Codes").
const RESERVED: std::ops::RangeInclusive<i64> = -32_099..=-32_020;

/// An error that a server sent, as a client of `to` gets it.
pub fn error_to_client(method: &str, error: RpcError, to: Revision) -> RpcError {
    let code = match to.era() {
        Era::Modern => modern(method, &error),
        Era::Legacy => legacy(method, &error),
    };
    RpcError { code: code.map_or(error.code, RpcCode::number), ..error }
}

fn modern(method: &str, error: &RpcError) -> Option<RpcCode> {
    // "Resources", error handling: -32002 became -32602. "Error Codes": neither it nor -32042 may be sent any more, and
    // reserved codes only with their meaning; that headers or revision do not fit is between us and the server.
    let resource = method.starts_with("resources/");
    if error.is(RpcCode::ResourceNotFound) {
        return Some(if resource { RpcCode::InvalidParams } else { RpcCode::InternalError });
    }
    let meant = error.is(RpcCode::MissingRequiredClientCapability);
    (RESERVED.contains(&error.code) && !meant).then_some(RpcCode::InternalError)
}

fn legacy(method: &str, error: &RpcError) -> Option<RpcCode> {
    // 2025-11-25, "Resources", error handling. Other parameters may be invalid too: only a named address was not found.
    let uri = error.data.as_ref().and_then(|data| data.get("uri"));
    let not_found = method == "resources/read" && error.is(RpcCode::InvalidParams) && uri.is_some();
    let ours = error.is(RpcCode::HeaderMismatch) || error.is(RpcCode::UnsupportedProtocolVersion);
    match (not_found, ours) {
        (true, _) => Some(RpcCode::ResourceNotFound),
        (false, true) => Some(RpcCode::InternalError),
        (false, false) => None,
    }
}

/// The questions for which a legacy server's -32042 stands, as a result that asks a modern client for input; none if the error
/// is another one or names no address.
pub fn questions_of(error: &RpcError) -> Option<Params> {
    let asked = error.data.as_ref().filter(|_| error.code == URL_ELICITATION_REQUIRED)?;
    let asked = asked.get("elicitations")?.as_array()?.iter().enumerate();
    let requests: Params =
        asked.filter_map(|(at, asked)| Some((format!("url-{at}"), question(asked)?))).collect();
    let kind = ("resultType".to_owned(), Value::from("input_required"));
    (!requests.is_empty())
        .then(|| Params::from_iter([kind, ("inputRequests".to_owned(), Value::Object(requests))]))
}

/// 2026-07-28, "Key Changes", minor 11: there is no `elicitationId` any more.
fn question(asked: &Value) -> Option<Value> {
    let (message, url) = (asked.get("message")?.as_str()?, asked.get("url")?.as_str()?);
    let params = json!({ "mode": "url", "message": message, "url": url });
    Some(json!({ "method": "elicitation/create", "params": params }))
}
