//! Workflows and spaces.
//! Both come from configuration; only the mode of a space changes at run time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Limits;

/// A named kind of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Workflow {
    /// Its name.
    pub workflow: String,
    /// Who answers for it.
    pub owner: String,
    /// Where its runs live.
    pub space: String,
    /// Limits of one run.
    pub budget: Limits,
    /// What happens at a limit.
    pub on_exceeded: String,
}

/// Where runs live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Space {
    /// Its name.
    pub space: String,
    /// `enforce` or `shadow`.
    pub mode: String,
    /// Who set the mode; none where it is the configured one.
    pub set_by: Option<String>,
    /// Why, in that person's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// When, in milliseconds since 1970.
    #[serde(default)]
    pub set_ms: Option<u64>,
}

/// Switches the mode of a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMode {
    /// `enforce` or `shadow`.
    pub mode: String,
    /// Why; `shadow` needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
