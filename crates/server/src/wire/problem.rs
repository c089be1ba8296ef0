//! Problems as RFC 9457 describes them, with our codes.
//! Answers to proposals are never problems: they are envelopes, also when they say no.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request that is not a call was refused (`application/problem+json`, RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The page that explains the code, relative to the project, such as `docs/errors/CR-4001.md`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what was expected.
    pub detail: String,
    /// The stable code, such as `CR-4001`.
    pub code: String,
    /// What to do next.
    pub fix: String,
}
