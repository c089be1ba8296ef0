//! What a server offers at one moment: complete lists, with every object as the server sent it, but for secrets that are masked.
//!
//! A definition's digest covers the whole tool object, unknown fields and `_meta` included: whatever part of it changes, it
//! is another definition. Comparing with what was accepted, and making contracts, is done elsewhere.

use domain::{Digest, Name};
use mcp::headers::Mirrors;
use mcp::{Params, Revision};
use serde_json::Value;
use std::collections::HashMap;

/// What a server offers.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The revision that it is spoken with.
    pub revision: Revision,
    /// Who it says it is.
    pub info: Option<Value>,
    /// What it tells models; none unless the operator lets it.
    pub instructions: Option<String>,
    /// What it says it can do.
    pub capabilities: Params,
    /// Its tools, in its order.
    pub tools: Vec<Definition>,
    /// Its resources; none unless the operator lets it.
    pub resources: Vec<Value>,
    /// Its templates of resources, likewise.
    pub templates: Vec<Value>,
    /// Its prompts, likewise.
    pub prompts: Vec<Value>,
    /// Tools that are left out, by wire name, and why.
    pub left_out: Vec<(String, String)>,
    /// Where each tool stands.
    pub(super) by_wire: HashMap<String, usize>,
}

/// A tool as the server describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The name that the server knows it by, exactly.
    pub wire: String,
    /// The whole object; a known secret in it is masked.
    pub raw: Value,
    /// SHA-256 over its canonical JSON.
    pub digest: Digest,
    /// Which arguments travel in headers, over modern HTTP.
    pub(super) mirrors: Mirrors,
}

/// What happened to what a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It offers something else than before, or offers something at last.
    Offer(Name),
    /// A resource that is subscribed to changed.
    ResourceUpdated {
        /// The server.
        server: Name,
        /// Which resource.
        uri: String,
    },
    /// Its list of resources or templates changed.
    ResourcesChanged(Name),
    /// Its list of prompts changed.
    PromptsChanged(Name),
    /// It is away.
    Gone(Name),
}

impl Offer {
    /// The definition of a tool.
    pub fn tool(&self, wire: &str) -> Option<&Definition> {
        self.tools.get(*self.by_wire.get(wire)?)
    }

    /// Whether the same things are offered in the same way.
    pub(super) fn same_tools(&self, other: &Self) -> bool {
        let names = |offer: &Self| -> Vec<(String, Digest)> {
            offer.tools.iter().map(|tool| (tool.wire.clone(), tool.digest)).collect()
        };
        names(self) == names(other)
            && self.instructions == other.instructions
            && self.capabilities == other.capabilities
            && self.left_out == other.left_out
    }
}
