//! Servers of tools, and packs of contracts for known ones.
//! What a server says of itself travels as it was said, cut and masked; nothing of it is believed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Finding;

/// A server of tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Server {
    /// Its name.
    pub server: String,
    /// `stdio` or `http`.
    pub way: String,
    /// Its command line or its address, without credentials.
    pub at: String,
    /// Whether it runs in a jail; none where it is reached over HTTP.
    pub jailed: Option<bool>,
    /// The pack whose contracts hold for it.
    pub pack: Option<String>,
    /// What agents may see of it beside its tools.
    pub offers: Vec<String>,
    /// `connecting`, `ready`, `waiting`, `refused`, `changes_too_often` or `ended`.
    pub standing: String,
    /// Why it waits or is refused.
    pub why: Option<String>,
    /// Since when it is ready.
    pub since_ms: Option<u64>,
    /// When it is tried again.
    pub again_at_ms: Option<u64>,
    /// The revision of the protocol that it is spoken with.
    pub revision: Option<String>,
    /// Who it says it is.
    #[schema(value_type = Option<Object>)]
    pub info: Option<Value>,
    /// Tools that were ever seen of it.
    pub tools: u64,
    /// Tools that are offered otherwise than they were accepted.
    pub drifted: u64,
    /// Tools that a person refused.
    pub refused: u64,
    /// Tools that something else keeps back.
    pub held_back: u64,
    /// How often it was started, or reached anew.
    pub starts: u64,
    /// What it did that it should not, the last ones.
    pub faults: Vec<String>,
    /// How often in all.
    pub faults_all: u64,
    /// The last lines of its standard error.
    pub stderr: Vec<String>,
    /// Tools that it lists and that cannot be used.
    pub left_out: Vec<LeftOut>,
    /// What a person should know of its instructions, prompts and resources.
    pub findings: Vec<Finding>,
}

/// A tool that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// The name that the server knows it by.
    pub tool: String,
    /// Why not.
    pub why: String,
}

/// Makes the connection to a server anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestartServer {}

/// Contracts for the tools of one known server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pack {
    /// The name that configuration uses.
    pub pack: String,
    /// The package in its registry.
    pub package: String,
    /// The registry.
    pub registry: String,
    /// The version that it was made from.
    pub version: String,
    /// Where the project lives.
    pub homepage: String,
    /// What it says of each tool.
    pub tools: Vec<PackTool>,
    /// Servers that are configured with it.
    pub servers: Vec<String>,
}

/// What a pack says of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackTool {
    /// The name that the server knows it by.
    pub tool: String,
    /// What can be taken back.
    pub effect_class: String,
    /// Who is hit.
    pub consequences: Vec<String>,
    /// What it acts on.
    pub resource: Option<String>,
}
