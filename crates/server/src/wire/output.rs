//! What a command prints while it runs, as events of a stream. Nothing of it is journalled.
//! Events: `call` first, `output` and `missed` while it runs, `answer` (the envelope) last.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A piece of output: the `output` event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Output {
    /// The call that prints.
    pub call: String,
    /// `stdout` or `stderr`.
    pub stream: String,
    /// Whole lines, masked.
    pub text: String,
}

/// The `missed` event: whoever listens was too slow, and some output was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missed {
    /// Pieces at most.
    pub count: u64,
}

/// The `call` event: the first of a proposal's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Begun {
    /// The call's id.
    pub call: String,
}
