//! From everything that can go wrong to what a client of the protocol is told. Only here does it become an error or a result.
//!
//! In: errors of messages, refusals, the ends of calls. Out: errors of the protocol with their numbers, and the status of the
//! response that carries one. The whole table stands at [`status`]. Refusals before a message is read (key, host) are problems
//! as everywhere. Tests: at the end, and `tests/it/mcp`.

use axum::http::StatusCode;
use domain::Code;
use mcp::{Era, MessageError, Revision, RpcCode, RpcError};
use serde_json::{Value, json};

use crate::rescue::Refused;

/// A parameter that is not what it should be.
pub(super) fn invalid(message: impl Into<String>) -> RpcError {
    RpcError::new(RpcCode::InvalidParams, message)
}

/// A method that is not served.
pub(super) fn no_method(method: &str) -> RpcError {
    let shown = contract::visible::short(method);
    RpcError::new(RpcCode::MethodNotFound, format!("there is no method `{shown}` here"))
}

/// A revision that is not served.
pub(super) fn unserved(requested: &str) -> RpcError {
    let supported: Vec<&str> = Revision::ALL.iter().map(|revision| revision.as_str()).collect();
    let shown = contract::visible::short(requested);
    let message = format!("revision `{shown}` is not served");
    RpcError::new(RpcCode::UnsupportedProtocolVersion, message)
        .with(json!({ "supported": supported, "requested": shown }))
}

/// A refusal of ours that is not the end of a call.
pub(super) fn refused(refused: &Refused) -> RpcError {
    let problem = crate::rescue::problem(&refused.0);
    let message = format!("{} ({}); {}", problem.detail, problem.code, problem.fix);
    let data = json!({ "code": problem.code, "fix": problem.fix, "docs": problem.kind });
    RpcError { code: number(refused.0.code), message, data: Some(data) }
}

/// The end of a call as an error of the protocol.
pub(super) fn ended(code: Code, message: String, envelope: Value) -> RpcError {
    RpcError { code: number(code), message, data: Some(envelope) }
}

/// Codes that are the caller's wrong parameters have the protocol's own number, all others theirs: outside of what JSON-RPC
/// reserves.
fn number(code: Code) -> i64 {
    if matches!(code, Code::InvalidRequest | Code::InvalidArguments | Code::UnknownTool) {
        return RpcCode::InvalidParams.number();
    }
    let digits = code.shown().trim_start_matches(|first: char| !first.is_ascii_digit());
    let own = digits.parse().ok().filter(|_| code != Code::Internal);
    own.unwrap_or_else(|| RpcCode::InternalError.number())
}

/// The status of a response that is one error.
///
/// | what | `tools/call` | `resources/read`, `prompts/get`, `completion/complete` | HTTP, modern clients |
/// |---|---|---|---|
/// | not JSON, no message, a batch | -32700, -32600 | the same | 400 |
/// | header and body differ; revision not served | -32020; -32022 | the same | 400 |
/// | `_meta` incomplete | -32602 | the same | 400 |
/// | no such method | -32601 | the same | 404 |
/// | parameters that do not fit, no such tool | -32602 | the same | 200 |
/// | the client cannot what the server needs | -32021 with the server's `data` | the same | 400 |
/// | another error of the server | a result with `isError` | the server's error | 200 |
/// | arguments that do not fit | a result with `isError` | -32602 | 200 |
/// | anything else that a call can end with | a result with `isError` | the number of its code, such as 2001, with the envelope as `data` | 200 |
///
/// Legacy clients get 200 for all but what cannot be read, and for sessions 400 and 404.
pub(super) fn status(error: &RpcError, revision: Revision) -> StatusCode {
    let modern = revision.era() == Era::Modern;
    if modern && error.is(RpcCode::MethodNotFound) {
        return StatusCode::NOT_FOUND;
    }
    let of_the_request = [
        RpcCode::ParseError,
        RpcCode::InvalidRequest,
        RpcCode::HeaderMismatch,
        RpcCode::MissingRequiredClientCapability,
        RpcCode::UnsupportedProtocolVersion,
    ];
    match modern && of_the_request.into_iter().any(|code| error.is(code)) {
        true => StatusCode::BAD_REQUEST,
        false => StatusCode::OK,
    }
}

/// The status of a body that is no message.
pub(super) const fn unread(error: &MessageError) -> StatusCode {
    match error {
        MessageError::Json(_) | MessageError::Batch | MessageError::Form(_) => {
            StatusCode::BAD_REQUEST
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_number_that_json_rpc_does_not_reserve_for_others() {
        for code in Code::TABLE.iter().map(|row| row.code) {
            let number = number(code);
            let own = [RpcCode::InvalidParams.number(), RpcCode::InternalError.number()];
            assert!(
                own.contains(&number) || (1_000..10_000).contains(&number),
                "{code:?} {number}"
            );
        }
    }

    #[test]
    fn only_modern_clients_are_told_by_status() {
        let mismatch = RpcError::new(RpcCode::HeaderMismatch, "no");
        assert_eq!(status(&mismatch, Revision::V2026July), StatusCode::BAD_REQUEST);
        assert_eq!(status(&no_method("x"), Revision::V2026July), StatusCode::NOT_FOUND);
        assert_eq!(status(&no_method("x"), Revision::V2025November), StatusCode::OK);
        assert_eq!(status(&invalid("x"), Revision::V2026July), StatusCode::OK);
    }
}
