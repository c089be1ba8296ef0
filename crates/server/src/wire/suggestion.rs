//! Policies that are suggested from what was seen.
//! Twins of what `suggest` makes; nothing is decided here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A policy file that would permit what was seen, and ask people about what cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// A name for the file.
    pub file: String,
    /// Its text. It fits the tools of this installation.
    pub text: String,
    /// From when on calls were looked at.
    pub since_ms: u64,
    /// Until when.
    pub until_ms: u64,
    /// Calls that were looked at.
    pub calls: u64,
    /// Whether there were more calls than are looked at; the oldest are left out.
    pub more: bool,
    /// Rules in the text.
    pub rules: u64,
    /// What to know of it.
    pub notes: Vec<String>,
}
