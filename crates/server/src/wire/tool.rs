//! Tools and their contracts.
//! Schemas travel as they stand in the contract, so that an agent's framework can use them as they are.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A tool in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tool {
    /// Its name.
    pub tool: String,
    /// Version of its contract.
    pub version: u32,
    /// What it does.
    pub what: String,
    /// What can be taken back.
    pub effect_class: String,
    /// Who is hit.
    pub consequences: Vec<String>,
    /// `declared` or `confirmed`.
    pub provenance: String,
    /// Digest of its contract: what decisions pin.
    pub digest: String,
}

/// A tool with its whole contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolDetails {
    /// In short.
    pub tool: Tool,
    /// When an agent should use it.
    pub when_to_use: String,
    /// Its side effects in words.
    pub side_effects: String,
    /// JSON Schema of the arguments.
    #[schema(value_type = Object)]
    pub input: Value,
    /// JSON Schema of the output.
    #[schema(value_type = Object)]
    pub output: Value,
    /// Everything in it, a fact a line, for people.
    pub text: String,
}
