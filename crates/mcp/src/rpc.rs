//! Errors of the protocol: JSON-RPC's own codes and those that MCP adds (specification 2026-07-28, "Error Codes").
//!
//! In and out: the `error` object of a response, with whatever else it carries. Errors that a peer sends are kept as they are.

use serde_json::{Map, Value, json};

/// Codes that we send or look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RpcCode {
    /// The bytes are not JSON.
    ParseError,
    /// Not a message of the protocol.
    InvalidRequest,
    /// No such method.
    MethodNotFound,
    /// Parameters that do not fit.
    InvalidParams,
    /// Our own fault, or a server's.
    InternalError,
    /// There is no such resource; legacy revisions only.
    ResourceNotFound,
    /// A header says something else than the body.
    HeaderMismatch,
    /// The client did not declare what this needs.
    MissingRequiredClientCapability,
    /// The revision is not served.
    UnsupportedProtocolVersion,
}

impl RpcCode {
    /// The number on the wire.
    pub const fn number(self) -> i64 {
        match self {
            Self::ParseError => -32_700,
            Self::InvalidRequest => -32_600,
            Self::MethodNotFound => -32_601,
            Self::InvalidParams => -32_602,
            Self::InternalError => -32_603,
            Self::ResourceNotFound => -32_002,
            Self::HeaderMismatch => -32_020,
            Self::MissingRequiredClientCapability => -32_021,
            Self::UnsupportedProtocolVersion => -32_022,
        }
    }
}

/// An error as it is sent, or as a peer sent it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct RpcError {
    /// The number on the wire; a peer may send any.
    pub code: i64,
    /// What happened.
    pub message: String,
    /// More, if there is more.
    pub data: Option<Value>,
}

impl RpcError {
    /// An error of ours.
    pub fn new(code: RpcCode, message: impl Into<String>) -> Self {
        Self { code: code.number(), message: message.into(), data: None }
    }

    /// With details.
    #[must_use]
    pub fn with(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    /// Whether it has this code.
    pub const fn is(&self, code: RpcCode) -> bool {
        self.code == code.number()
    }

    /// As the `error` object of a response.
    pub fn to_value(&self) -> Value {
        let mut object = Map::new();
        object.insert("code".to_owned(), self.code.into());
        object.insert("message".to_owned(), self.message.as_str().into());
        object.extend(self.data.clone().map(|data| ("data".to_owned(), data)));
        Value::Object(object)
    }

    /// From an `error` object; what has no code or text becomes an internal error that says so.
    pub fn from_value(value: &Value) -> Self {
        let code = value.get("code").and_then(Value::as_i64);
        let message = value.get("message").and_then(Value::as_str);
        match (code, message) {
            (Some(code), Some(message)) => {
                Self { code, message: message.to_owned(), data: value.get("data").cloned() }
            }
            _ => {
                Self::new(RpcCode::InternalError, "the peer sent an error without code or message")
                    .with(json!({ "sent": value }))
            }
        }
    }
}
