//! What a tool is on the server that offers it: which server, which of its parts, and which definition was accepted.
//!
//! A contract of such a tool carries it, so that its digest, and with it every approval, covers the definition. Talking to
//! servers is the business of the `tools` crate, comparing definitions that of `contract` and `gate`.

use crate::contract::words;
use crate::{Digest, Name};

/// A tool of an upstream server, as one definition of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UpstreamTool {
    /// The server, by the operator's name for it; at most `limits::SERVER_NAME_CHARS_MAX` characters.
    pub server: Name,
    /// The name that the server knows it by, exactly.
    pub wire: String,
    /// Which kind of request reaches it.
    pub part: UpstreamPart,
    /// SHA-256 over the canonical JSON of the definition that was accepted.
    pub definition: Digest,
}

/// What of a server a call reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UpstreamPart {
    /// One of its tools.
    Tool,
    /// One of its resources, by URI.
    Resource,
    /// One of its prompts, by name.
    Prompt,
    /// What it proposes to complete an argument with.
    Completion,
}

words! {
    UpstreamPart { Tool = "tool", Resource = "resource", Prompt = "prompt", Completion = "completion" }
}
