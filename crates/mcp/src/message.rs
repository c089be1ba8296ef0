//! Messages: one request, notification or response, with every field it came with.
//!
//! In: bytes, read as strict JSON (a key named twice, too deep, too large or too many values is refused, because the next
//! reader might see another value), or an object. Out: a [`Message`], and its bytes again. Batches are refused: no served
//! revision has them. Tests are at the end.

use std::fmt;

use domain::limits;
use serde_json::{Map, Value};

use crate::rpc::{RpcCode, RpcError};

/// The parameters of a message.
pub type Params = Map<String, Value>;

/// A request's id: a text or an integer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl Id {
    /// As JSON.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
        }
    }

    /// From JSON; none for anything but a text or an integer. Strict JSON reads `1.0` as `1`, which is the same number.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_i64().map(Self::Number),
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Text(text) => text.fmt(out),
        }
    }
}

/// Something that one end asks the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its id.
    pub id: Id,
    /// What is asked.
    pub method: String,
    /// With what.
    pub params: Params,
    /// Whatever else stood in the message.
    pub rest: Params,
}

/// Something that one end tells the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// What is told.
    pub method: String,
    /// With what.
    pub params: Params,
    /// Whatever else stood in the message.
    pub rest: Params,
}

/// What is answered to a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The id of the request; none where it could not be read.
    pub id: Option<Id>,
    /// The result, or why there is none.
    pub outcome: Result<Params, RpcError>,
}

/// Any message.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A notification.
    Notification(Notification),
    /// A response.
    Response(Response),
}

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not strict JSON.
    #[error("{0}")]
    Json(contract::StrictError),
    /// A batch.
    #[error("batches are not part of this protocol; expected one message")]
    Batch,
    /// JSON, but no message.
    #[error("this is not a message: {0}")]
    Form(&'static str),
}

impl MessageError {
    /// As the error that the sender gets.
    pub fn to_rpc(&self) -> RpcError {
        let code = match self {
            Self::Json(_) => RpcCode::ParseError,
            Self::Batch | Self::Form(_) => RpcCode::InvalidRequest,
        };
        RpcError::new(code, self.to_string())
    }
}

impl Request {
    /// A request of ours.
    pub fn new(id: Id, method: impl Into<String>, params: Params) -> Self {
        Self { id, method: method.into(), params, rest: Params::new() }
    }
}

impl Notification {
    /// A notification of ours.
    pub fn new(method: impl Into<String>, params: Params) -> Self {
        Self { method: method.into(), params, rest: Params::new() }
    }
}

impl Response {
    /// What answers a request.
    pub const fn to(id: Id, outcome: Result<Params, RpcError>) -> Self {
        Self { id: Some(id), outcome }
    }
}

impl Message {
    /// Reads one message of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// When it is not strict JSON, a batch, or no message.
    pub fn read(bytes: &[u8], bytes_max: usize) -> Result<Self, MessageError> {
        Self::from_value(contract::strict::parse(bytes, bytes_max).map_err(MessageError::Json)?)
    }

    /// From JSON that was read strictly.
    ///
    /// # Errors
    /// When it is a batch, or no message.
    pub fn from_value(value: Value) -> Result<Self, MessageError> {
        match value {
            Value::Object(object) => Self::from_object(object),
            Value::Array(_) => Err(MessageError::Batch),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Err(MessageError::Form("expected an object"))
            }
        }
    }

    fn from_object(mut object: Params) -> Result<Self, MessageError> {
        if object.remove("jsonrpc") != Some(Value::from("2.0")) {
            return Err(MessageError::Form("expected `\"jsonrpc\": \"2.0\"`"));
        }
        let id = object.remove("id");
        // Whoever looks for `result` first and whoever looks for `method` first must see the same message.
        let answers = object.contains_key("result") || object.contains_key("error");
        match object.remove("method") {
            Some(_) if answers => {
                Err(MessageError::Form("expected `method`, or one of `result` and `error`"))
            }
            Some(Value::String(method)) if method.len() <= limits::METHOD_BYTES_MAX => {
                let params = params(object.remove("params"))?;
                Ok(match id {
                    None => Self::Notification(Notification { method, params, rest: object }),
                    Some(id) => {
                        Self::Request(Request { id: self::id(&id)?, method, params, rest: object })
                    }
                })
            }
            Some(_) => Err(MessageError::Form("expected `method` as a short text")),
            None => response(id, object).map(Self::Response),
        }
    }

    /// Its bytes, on one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_string().into_bytes()
    }

    /// As JSON.
    pub fn to_value(&self) -> Value {
        let mut object = Params::new();
        object.insert("jsonrpc".to_owned(), "2.0".into());
        match self {
            Self::Request(request) => {
                object.insert("id".to_owned(), request.id.to_value());
                asked(&mut object, (&request.method, &request.params), &request.rest);
            }
            Self::Notification(told) => {
                asked(&mut object, (&told.method, &told.params), &told.rest);
            }
            Self::Response(response) => {
                object.extend(response.id.as_ref().map(|id| ("id".to_owned(), id.to_value())));
                match &response.outcome {
                    Ok(result) => object.insert("result".to_owned(), Value::Object(result.clone())),
                    Err(error) => object.insert("error".to_owned(), error.to_value()),
                };
            }
        }
        Value::Object(object)
    }
}

fn asked(object: &mut Params, (method, params): (&str, &Params), rest: &Params) {
    object.insert("method".to_owned(), method.into());
    if !params.is_empty() {
        object.insert("params".to_owned(), Value::Object(params.clone()));
    }
    object.extend(rest.clone());
}

fn id(value: &Value) -> Result<Id, MessageError> {
    let id = Id::from_value(value);
    let id = id.filter(|id| !matches!(id, Id::Text(text) if text.len() > limits::RPC_ID_BYTES_MAX));
    id.ok_or(MessageError::Form("expected `id` as a short text or an integer"))
}

fn params(value: Option<Value>) -> Result<Params, MessageError> {
    match value {
        None => Ok(Params::new()),
        Some(Value::Object(params)) => Ok(params),
        Some(_) => Err(MessageError::Form("expected `params` as an object")),
    }
}

fn response(id: Option<Value>, mut object: Params) -> Result<Response, MessageError> {
    let id = match id {
        None | Some(Value::Null) => None,
        Some(value) => Some(self::id(&value)?),
    };
    let outcome = match (object.remove("result"), object.remove("error")) {
        (Some(Value::Object(result)), None) => Ok(result),
        (None, Some(error @ Value::Object(_))) => Err(RpcError::from_value(&error)),
        _ => return Err(MessageError::Form("expected `method`, or one of `result` and `error`")),
    };
    if id.is_none() && outcome.is_ok() {
        return Err(MessageError::Form("a result needs the `id` of its request"));
    }
    Ok(Response { id, outcome })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        let read = Message::read(text.as_bytes(), 1_000);
        let shown =
            read.map(|message| message.to_value().to_string()).map_err(|error| error.to_string());
        match expect {
            Ok("same") => assert_eq!(shown.as_deref(), Ok(text)),
            Ok(other) => assert_eq!(shown.as_deref(), Ok(other)),
            Err(part) => {
                assert!(shown.as_ref().is_err_and(|error| error.contains(part)), "{shown:?}")
            }
        }
    }

    #[test]
    fn every_field_of_a_message_survives() {
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","extra":{"deep":[1,2.5]}},"more":true}"#,
            r#"{"jsonrpc":"2.0","id":"x","method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"unknown":null}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no","data":{"a":1}}}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}}"#,
        ] {
            check(text, Ok("same"));
        }
    }

    #[test]
    fn what_is_no_message_is_refused_by_name() {
        check(r#"[{"jsonrpc":"2.0","method":"a"}]"#, Err("batches"));
        check(r#"{"id":1,"method":"a"}"#, Err("jsonrpc"));
        check(r#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#, Err("`id`"));
        check(r#"{"jsonrpc":"2.0","id":null,"method":"a"}"#, Err("`id`"));
        check(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}"#, Err("`params`"));
        check(r#"{"jsonrpc":"2.0","id":1}"#, Err("`method`"));
        check(r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, Err("one of"));
        check(r#"{"jsonrpc":"2.0","id":1,"method":"a","result":{}}"#, Err("one of"));
        check(r#"{"jsonrpc":"2.0","method":"a","error":{"code":1,"message":""}}"#, Err("one of"));
        check(r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#, Err("method"));
        check(r#"{"jsonrpc":"2.0","result":{}}"#, Err("needs the `id`"));
    }
}
