//! Requests of revision 2026-07-28: each stands for itself, and HTTP repeats in headers what routes by it.
//!
//! In: a request with its revision in `_meta`. Out: its headers. Which arguments of a tool travel in headers is said by its
//! definition: it is learned from lists that pass by, and asked for when the endpoint misses one.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::limits;
use mcp::headers::{self, Mirrors};
use mcp::meta::META;
use mcp::{Id, Message, Params, Request, RpcCode, RpcError, meta};
use serde_json::Value;

use super::endpoint::{Endpoint, Headers, Messages, Trouble};

/// What tools want mirrored, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Learned(Mutex<HashMap<String, Mirrors>>);

/// Whether a message is one of this revision.
pub(super) fn is_modern(params: &Params) -> bool {
    meta::get(params, meta::PROTOCOL_VERSION).is_some()
}

impl Learned {
    /// The headers of a request.
    ///
    /// # Errors
    /// When an argument has no form in a header; nothing was sent.
    pub(super) fn headers(&self, request: &Request) -> Result<Headers, RpcError> {
        let name = request.params.get("name").and_then(Value::as_str);
        let mirrors = match (request.method.as_str(), name) {
            ("tools/call", Some(name)) => self.lock().get(name).cloned().unwrap_or_default(),
            _other => Mirrors::default(),
        };
        headers::sent(request, &mirrors)
            .map_err(|error| RpcError::new(RpcCode::InvalidParams, error.to_string()))
    }

    /// Learns from a list of tools. Gives where it goes on.
    pub(super) fn learn(&self, result: &Value) -> Option<Value> {
        let mut known = self.lock();
        for tool in result["tools"].as_array().into_iter().flatten() {
            let Some(name) = tool["name"].as_str() else { continue };
            let mirrors = Mirrors::of(&tool["inputSchema"]).unwrap_or_default();
            match mirrors.is_empty() {
                true => drop(known.remove(name)),
                false if known.len() < limits::SERVER_TOOLS_MAX => {
                    drop(known.insert(name.to_owned(), mirrors))
                }
                false => {}
            }
        }
        result.get("nextCursor").filter(|cursor| cursor.is_string()).cloned()
    }

    /// Asks for the whole list, in the name of a request whose headers were not enough.
    pub(super) async fn ask(&self, endpoint: &Endpoint, of: &Request) -> Result<(), Trouble> {
        let mut cursor = None;
        for page in 0..limits::SERVER_PAGES_MAX {
            let mut params = Params::new();
            params
                .extend(of.params.get(META).map(|meta| (META.to_owned(), without_progress(meta))));
            params.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor)));
            let request =
                Request::new(Id::Text(format!("checkrein-wrap-{page}")), "tools/list", params);
            let Ok(headers) = headers::sent(&request, &Mirrors::default()) else { return Ok(()) };
            let body = Message::Request(request).to_bytes();
            let mut messages = Messages::of(endpoint.post(&headers, body).await?).await?;
            let mut next = None;
            while let Some(message) = messages.next().await? {
                let message: Value = serde_json::from_slice(&message).unwrap_or_default();
                next = message.get("result").and_then(|result| self.learn(result));
            }
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Mirrors>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_progress(given: &Value) -> Value {
    let mut given = given.clone();
    if let Value::Object(members) = &mut given {
        members.remove(meta::PROGRESS_TOKEN);
    }
    given
}

/// Whether an answer says that a header is missing or wrong: then nothing was carried out.
pub(super) fn misses_header(message: &Value) -> bool {
    message.pointer("/error/code").and_then(Value::as_i64) == Some(RpcCode::HeaderMismatch.number())
}
