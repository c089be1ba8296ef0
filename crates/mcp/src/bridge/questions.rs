//! Questions of a server, as a client can be asked them.
//!
//! ```text
//! modern server: inputRequests { key: { method, params } } --question_to_legacy--> request to a legacy client
//! ```
//! A client is asked only what it declared that it answers (2026-07-28, "Multi Round-Trip Requests", server requirements).
//! Answers have one form in both eras. Tests are in `bridge/tests.rs`.

use serde_json::{Value, json};

use super::capabilities::{elicits, is_object};
use super::tools::tool_to_client;
use crate::conversation::Client;
use crate::message::Params;
use crate::revision::Revision;
use crate::rpc::{RpcCode, RpcError};

/// Why a client cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAskable {
    /// No question that we know.
    #[error(
        "`{0}` is no question, expected `elicitation/create`, `sampling/createMessage` or `roots/list`"
    )]
    Method(String),
    /// A mode that the client's revision does not have.
    #[error("questions of mode `{0}` are not part of the client's revision")]
    Mode(String),
    /// The client did not declare that it answers this.
    #[error("the client did not declare `{0}`")]
    Capability(&'static str),
    /// Not a question at all.
    #[error("the question has no method, or parameters that are no object")]
    Form,
}

impl NotAskable {
    /// As the error that the asking server gets.
    pub fn to_rpc(&self) -> RpcError {
        let code = match self {
            Self::Method(_) | Self::Capability(_) => RpcCode::MethodNotFound,
            Self::Mode(_) | Self::Form => RpcCode::InvalidParams,
        };
        RpcError::new(code, self.to_string())
    }

    /// The capabilities that would be needed, for -32021 (2026-07-28, `MissingRequiredClientCapabilityError`).
    pub fn required(&self) -> Option<Value> {
        match self {
            Self::Capability("elicitation.url") => Some(json!({ "elicitation": { "url": {} } })),
            Self::Capability("sampling.tools") => Some(json!({ "sampling": { "tools": {} } })),
            Self::Capability(name) => Some(json!({ *name: {} })),
            Self::Method(_) | Self::Mode(_) | Self::Form => None,
        }
    }
}

/// Whether a client can be asked something.
///
/// # Errors
/// When it did not declare so, or its revision has no such question.
pub fn may_be_asked(method: &str, params: &Params, client: &Client) -> Result<(), NotAskable> {
    let declared = &client.capabilities;
    let need = |fits: bool, name| if fits { Ok(()) } else { Err(NotAskable::Capability(name)) };
    match method {
        "roots/list" => need(is_object(declared.get("roots")), "roots"),
        "sampling/createMessage" => {
            need(is_object(declared.get("sampling")), "sampling")?;
            let with_tools = params.contains_key("tools") || params.contains_key("toolChoice");
            need(!with_tools || is_object(sampling(declared, "tools")), "sampling.tools")
        }
        "elicitation/create" => match params.get("mode").map_or(Some("form"), Value::as_str) {
            Some("form") => need(elicits(declared, "form"), "elicitation"),
            // 2025-11-25, "Key Changes": questions by address are new in it.
            Some("url") if client.revision >= Revision::V2025November => {
                need(elicits(declared, "url"), "elicitation.url")
            }
            mode => Err(NotAskable::Mode(contract::visible::short(mode.unwrap_or("?")))),
        },
        other => Err(NotAskable::Method(contract::visible::short(other))),
    }
}

/// One entry of `inputRequests` as a request's method and parameters for a legacy client. `id` becomes the `elicitationId`
/// that 2025-11-25 needs for questions by address.
///
/// # Errors
/// When it is no question, or the client cannot be asked it.
pub fn question_to_legacy(
    input: &Value,
    client: &Client,
    id: &str,
) -> Result<(String, Params), NotAskable> {
    let method = input.get("method").and_then(Value::as_str).ok_or(NotAskable::Form)?;
    let mut params = match input.get("params") {
        None => Params::new(),
        Some(Value::Object(params)) => params.clone(),
        Some(_) => return Err(NotAskable::Form),
    };
    may_be_asked(method, &params, client)?;
    if params.get("mode") == Some(&"url".into()) {
        params.insert("elicitationId".to_owned(), id.into());
    }
    if method == "sampling/createMessage" {
        sampling_to_legacy(&mut params, client);
    }
    Ok((method.to_owned(), params))
}

fn sampling_to_legacy(params: &mut Params, client: &Client) {
    // Both revisions, "Sampling": context only for clients that declare it; none is what is meant without the key.
    if !is_object(sampling(&client.capabilities, "context")) {
        params.remove("includeContext");
    }
    if let Some(Value::Array(tools)) = params.get_mut("tools") {
        let tools = tools.iter_mut().filter_map(Value::as_object_mut);
        tools.for_each(|tool| tool_to_client(tool, client.revision));
    }
}

fn sampling<'a>(declared: &'a Params, part: &str) -> Option<&'a Value> {
    declared.get("sampling")?.get(part)
}
