//! One request to a server, whatever it is reached by, and its answer.
//!
//! In: method, parameters, a deadline, who listens to what the server tells meanwhile, and the last look at the stops, which
//! is taken right before the first byte leaves. Out: the result, with how large it was.

use mcp::headers::Mirrors;
use mcp::{Params, Request};
use serde_json::Value;
use std::sync::Arc;
use tokio::time::Instant;

use super::listener::Listener;

/// A last look at the stops.
pub(super) type Allowed<'a> = dyn Fn() -> Result<(), gate::ToolError> + Send + Sync + 'a;

/// What is asked.
pub(super) struct Asked<'a> {
    pub(super) method: &'static str,
    pub(super) params: Params,
    pub(super) deadline: Instant,
    pub(super) behalf: Behalf,
    pub(super) allowed: &'a Allowed<'a>,
    /// Says when a stop ends it; none for requests of our own.
    pub(super) signal: Option<gate::StopSignal>,
    /// Which arguments travel in headers.
    pub(super) mirrors: Option<&'a Mirrors>,
}

/// On whose behalf something is asked.
#[derive(Debug, Clone)]
pub(super) enum Behalf {
    /// Ours: lists and the like. Nobody is told or asked.
    Ours,
    /// A call's, with the client that is told and asked meanwhile, if there is one.
    Call(Option<Arc<Listener>>),
}

impl Behalf {
    pub(super) fn listener(&self) -> Option<&Arc<Listener>> {
        match self {
            Self::Ours => None,
            Self::Call(listener) => listener.as_ref(),
        }
    }

    /// Whether the client of this call wants progress.
    pub(super) fn wants_progress(&self) -> bool {
        self.listener().is_some_and(|listener| listener.client().progress_token.is_some())
    }
}

/// Resolves when a stop ends a request.
pub(super) async fn stopped(signal: Option<&gate::StopSignal>) -> gate::ToolError {
    match signal {
        Some(signal) => signal.arrived().await,
        None => std::future::pending().await,
    }
}

impl Asked<'_> {
    /// A request of our own, which no stop concerns: it changes nothing.
    pub(super) fn own(method: &'static str, params: Params, deadline: Instant) -> Self {
        let (behalf, allowed) = (Behalf::Ours, &|| Ok(()));
        Self { method, params, deadline, behalf, allowed, signal: None, mirrors: None }
    }
}

/// A result, with every field that it came with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) result: Params,
    /// Bytes of the message that it came in.
    pub(super) bytes: usize,
}

/// A request's bytes, without copying its parameters first.
pub(super) fn bytes_of(request: &Request) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    put(&mut bytes, &request.id.to_value());
    bytes.extend_from_slice(br#","method":"#);
    put(&mut bytes, &Value::from(request.method.as_str()));
    bytes.extend_from_slice(br#","params":"#);
    // INVARIANT (values are JSON): writing JSON into memory cannot fail.
    let _ = serde_json::to_writer(&mut bytes, &request.params);
    bytes.push(b'}');
    bytes
}

fn put(bytes: &mut Vec<u8>, value: &Value) {
    let _ = serde_json::to_writer(bytes, value);
}
