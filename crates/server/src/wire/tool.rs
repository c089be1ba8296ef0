//! Tools and their contracts, and how the tools of servers stand.
//! Schemas travel as they stand in the contract, so that an agent's framework can use them as they are. Definitions of servers
//! travel as the servers sent them, to operators only; texts beside them have everything invisible made visible.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A tool in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tool {
    /// Its name.
    pub tool: String,
    /// Version of its contract; 0 where none could be made.
    pub version: u32,
    /// What it does.
    pub what: String,
    /// What can be taken back.
    pub effect_class: String,
    /// Who is hit.
    pub consequences: Vec<String>,
    /// `inferred`, `annotated`, `declared` or `confirmed`.
    pub provenance: String,
    /// Digest of its contract: what decisions pin. Empty where none could be made.
    pub digest: String,
    /// The server that offers it; none for a tool of Checkrein's own.
    #[serde(default)]
    pub server: Option<String>,
    /// The name that the server knows it by.
    #[serde(default)]
    pub wire: Option<String>,
    /// `pinned`, `drifted`, `refused` or `held_back`; none for a tool of Checkrein's own.
    #[serde(default)]
    pub standing: Option<String>,
    /// Whether its server lists it now; none for a tool of Checkrein's own, and before its server was looked at.
    #[serde(default)]
    pub offered: Option<bool>,
    /// What a person should know of it. Told to operators only.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// One thing that a person should know of a tool or a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What kind of thing.
    pub code: String,
    /// `shown`, or `held_back` where it keeps the tool from being called.
    pub severity: String,
    /// JSON pointer into the definition; empty for the whole.
    pub pointer: String,
    /// What was found.
    pub text: String,
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
    /// How it stands; none for a tool of Checkrein's own.
    #[serde(default)]
    pub upstream: Option<UpstreamTool>,
}

/// How a tool of a server stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpstreamTool {
    /// The server.
    pub server: String,
    /// The name that the server knows it by.
    pub wire: String,
    /// The accepted definition, by digest.
    pub definition: String,
    /// What is offered or was refused instead.
    pub seen: Option<String>,
    /// Who decided last; none for the first sight.
    pub by: Option<String>,
    /// Since when it stands so.
    pub at_ms: u64,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Why it has its class.
    pub class_reasons: Vec<String>,
    /// Words of sensitive matters in it.
    pub sensitive: Vec<String>,
    /// What a person said that it does.
    pub classified: Option<Classified>,
    /// Why it cannot be called.
    pub held_back: Option<HeldBack>,
    /// The accepted definition as the server sent it. Told to operators only.
    #[schema(value_type = Option<Object>)]
    pub raw: Option<Value>,
}

/// What a person said that a tool does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Classified {
    /// What can be taken back.
    pub effect_class: String,
    /// Who is hit.
    pub consequences: Vec<String>,
    /// What it acts on.
    pub resource: Option<String>,
    /// The definition that was looked at.
    pub definition: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at_ms: u64,
    /// Why.
    pub reason: String,
}

/// Why a tool cannot be called, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldBack {
    /// Why.
    pub message: String,
    /// What to do next.
    pub fix: String,
}

/// What is offered now, against what was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToolDiff {
    /// The tool.
    pub tool: String,
    /// Its server.
    pub server: String,
    /// How it stands.
    pub standing: String,
    /// The accepted definition, by digest.
    pub pinned: String,
    /// The offered one: what a decision names.
    pub offered: String,
    /// The differences; none where both are the same.
    pub lines: Vec<DiffLine>,
    /// What a person should know of the offered one.
    pub findings: Vec<Finding>,
    /// The class by the accepted definition.
    pub before: ClassView,
    /// The class by the offered one, if it is accepted.
    pub after: ClassView,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiffLine {
    /// JSON pointer into the definition; empty for the whole.
    pub pointer: String,
    /// As it was; none if it was not there.
    pub before: Option<String>,
    /// As it is; none if it is not there.
    pub after: Option<String>,
    /// For two texts: kept words, `[-words that went-]` and `{+words that came+}`.
    pub words: Option<String>,
    /// All of it in one line.
    pub text: String,
}

/// What a tool does, and why that is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClassView {
    /// What can be taken back.
    pub effect_class: String,
    /// Who is hit.
    pub consequences: Vec<String>,
    /// `inferred`, `annotated`, `declared` or `confirmed`.
    pub provenance: String,
    /// Why.
    pub reasons: Vec<String>,
}

/// Accepts what a server offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptTool {
    /// The definition that was looked at, by digest.
    pub definition: String,
}

/// Refuses what a server offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseTool {
    /// The definition that was looked at, by digest.
    pub definition: String,
    /// Why.
    pub reason: String,
}

/// Says what a tool does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyTool {
    /// `pure`, `compensable`, `irreversible` or `unknown`.
    pub effect_class: String,
    /// Who is hit.
    #[serde(default)]
    pub consequences: Vec<String>,
    /// What it acts on, as a contract's template, such as `mcp:{server}/issues/{number}`.
    #[serde(default)]
    pub resource: Option<String>,
    /// Why.
    pub reason: String,
}
