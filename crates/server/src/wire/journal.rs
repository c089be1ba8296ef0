//! The journal as it travels: entries, the signed head, and what verification found.
//! An entry travels as it is stored, with what people look for beside it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// One entry with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Its place among all entries, from 1: what `after` and `Last-Event-ID` count.
    pub position: u64,
    /// The writer whose chain it is in.
    pub writer: String,
    /// Its number in that chain, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Whose.
    pub tenant: Option<String>,
    /// In which run.
    pub run: Option<String>,
    /// Of which call.
    pub call: Option<String>,
    /// What kind of event, such as `call_settled`.
    pub kind: String,
    /// The whole entry as stored.
    #[schema(value_type = Object)]
    pub entry: Value,
}

/// The signed head of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Head {
    /// Which journal.
    pub origin: String,
    /// Entries in it.
    pub position: u64,
    /// The writer of the last one.
    pub writer: String,
    /// The last one's number in its writer's chain.
    pub seq: u64,
    /// The last one's hash.
    pub hash: String,
    /// When it was signed, in milliseconds since 1970.
    pub at_ms: u64,
    /// The signed note; keep it elsewhere to prove later that nothing before it changed.
    pub note: String,
    /// The key that it is checked with.
    pub public_key: String,
}

/// Verifies the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Verify {
    /// A head kept elsewhere to verify against.
    pub head: Option<String>,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Whether everything verifies.
    pub verified: bool,
    /// Entries that are as they were written.
    pub entries: u64,
    /// Chains that they stand in.
    pub chains: u64,
    /// Signed heads that fit.
    pub heads: u64,
    /// Payloads that open and are what their entries name.
    pub payloads: u64,
    /// Payloads that are erased.
    pub erased: u64,
    /// The first bad or missing entry, in words.
    pub first_problem: Option<String>,
}
