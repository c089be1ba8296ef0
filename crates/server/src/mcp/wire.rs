//! Messages as bytes, written without copying what they carry.
//!
//! In: ids, results, errors. Out: one line of JSON each. `mcp::Message` does the same for messages that are at hand as a
//! whole; results can be large, and a list of tools is kept as text.

use axum::body::Bytes;
use mcp::{Id, RpcError};
use serde::Serialize;

/// A response with its result.
pub(super) fn result(id: &Id, result: &impl Serialize) -> Bytes {
    response(Some(id), "result", result)
}

/// A response with an error. Without an id where the request could not be read.
pub(super) fn error(id: Option<&Id>, error: &RpcError) -> Bytes {
    response(id, "error", &error.to_value())
}

/// A response whose result is text already.
pub(super) fn ready(id: &Id, result: &str) -> Bytes {
    let id = id.to_value().to_string();
    let mut bytes = Vec::with_capacity(result.len() + id.len() + 40);
    for piece in ["{\"jsonrpc\":\"2.0\",\"id\":", &id, ",\"result\":", result, "}"] {
        bytes.extend_from_slice(piece.as_bytes());
    }
    bytes.into()
}

fn response(id: Option<&Id>, name: &str, value: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("\"id\":{},", id.to_value())).unwrap_or_default();
    let mut bytes = format!("{{\"jsonrpc\":\"2.0\",{id}\"{name}\":").into_bytes();
    // Maps with text for keys can always be written.
    if serde_json::to_writer(&mut bytes, value).is_err() {
        bytes.extend_from_slice(b"null");
    }
    bytes.push(b'}');
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp::RpcCode;
    use serde_json::json;

    #[test]
    fn responses_are_written_as_the_protocol_has_them() {
        let id = Id::Text("a\"b".to_owned());
        assert_eq!(
            &result(&id, &json!({ "a": 1 }))[..],
            br#"{"jsonrpc":"2.0","id":"a\"b","result":{"a":1}}"#
        );
        assert_eq!(&ready(&Id::Number(7), "{}")[..], br#"{"jsonrpc":"2.0","id":7,"result":{}}"#);
        let wrong = RpcError::new(RpcCode::ParseError, "no");
        assert_eq!(
            &error(None, &wrong)[..],
            br#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}}"#
        );
    }
}
