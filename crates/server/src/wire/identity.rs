//! Agents with their grants, and keys. The text of a key travels once, in the answer that made it.
//! What is listed never holds a key's text or its digest.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who a key belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoAmI {
    /// `agent` or `operator`.
    pub kind: String,
    /// The tenant.
    pub tenant: String,
    /// The agent's or operator's name.
    pub name: String,
    /// The operator's roles; none for agents.
    pub roles: Vec<String>,
    /// The agent's grant; none for operators.
    pub grant: Option<String>,
    /// The key's id.
    pub key: String,
}

/// An agent's name and version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Rights given to an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Grant {
    /// Its id.
    pub grant: String,
    /// The tenant.
    pub tenant: String,
    /// The agent.
    pub agent: Agent,
    /// On whose behalf.
    pub human: String,
    /// Tool names, prefixes that end in `.*`, or `*`.
    pub tools: Vec<String>,
    /// Spaces it may work in.
    pub spaces: Vec<String>,
    /// Workflows it may work on; empty for all.
    pub workflows: Vec<String>,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
    /// `active` or `revoked`.
    pub state: String,
    /// Who gave it.
    pub given_by: String,
    /// When.
    pub given_ms: u64,
}

/// Makes an agent: gives a grant and makes a key for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgent {
    /// The agent's name.
    pub name: String,
    /// Its version; `1` if not given.
    #[serde(default)]
    pub version: Option<String>,
    /// The tenant; the operator's own if not given.
    #[serde(default)]
    pub tenant: Option<String>,
    /// On whose behalf; the operator if not given.
    #[serde(default)]
    pub human: Option<String>,
    /// What it may use: tool names, prefixes that end in `.*`, or `*`.
    pub tools: Vec<String>,
    /// Spaces it may work in; all that are configured if not given.
    #[serde(default)]
    pub spaces: Option<Vec<String>>,
    /// Workflows it may work on; all if empty.
    #[serde(default)]
    pub workflows: Vec<String>,
    /// When it ends by itself, in milliseconds since 1970.
    #[serde(default)]
    pub expires_ms: Option<u64>,
}

/// A new agent with its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeAgent {
    /// The rights.
    pub grant: Grant,
    /// The key's id.
    pub key: String,
    /// The key's text. It is not kept and cannot be shown again.
    pub secret: String,
}

/// A key without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// Its id.
    pub key: String,
    /// `agent` or `operator`.
    pub holder: String,
    /// The tenant.
    pub tenant: String,
    /// The agent's grant.
    pub grant: Option<String>,
    /// The operator's name.
    pub name: Option<String>,
    /// The operator's roles.
    pub roles: Vec<String>,
    /// The groups of approvers that the operator stands in; `*` alone for every group. None for agents.
    pub groups: Vec<String>,
    /// `active` or `revoked`.
    pub state: String,
    /// Who made it.
    pub made_by: String,
    /// When, in milliseconds since 1970.
    pub made_ms: u64,
}

/// Makes a key: for a grant, or for an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "holder")]
pub enum NewKey {
    /// Another key for an agent.
    Agent {
        /// Its grant.
        grant: String,
    },
    /// A key for a person.
    Operator {
        /// The person's name.
        name: String,
        /// What the person may do: `viewer`, `operator`, `approver`, `policy_author`, `auditor`, `admin`.
        roles: Vec<String>,
        /// The groups of approvers that the person stands in; every group (`*`) if not given.
        #[serde(default)]
        groups: Option<Vec<String>>,
        /// The tenant; the operator's own if not given.
        #[serde(default)]
        tenant: Option<String>,
    },
}

/// A new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeKey {
    /// Its id.
    pub key: String,
    /// Its text. It is not kept and cannot be shown again.
    pub secret: String,
}

/// Takes a key or grant away for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Why.
    pub reason: String,
}
