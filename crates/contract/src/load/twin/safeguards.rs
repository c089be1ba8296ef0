//! The fields of safeguards as they are written. Their meaning is found in `convert/safeguards.rs`.
//!
//! Unknown fields are refused here.

use serde::Deserialize;
use serde_json::Value;

/// Safeguards of a tool that another file describes, or that comes with the program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Safeguards {
    pub(in crate::load) tool: String,
    pub(in crate::load) invariants: Option<Invariants>,
    pub(in crate::load) window: Option<Window>,
    #[serde(default)]
    pub(in crate::load) precondition: Vec<Check>,
    pub(in crate::load) verifier: Option<Verifier>,
    #[serde(default)]
    pub(in crate::load) postcondition: Vec<Check>,
    pub(in crate::load) step: Option<Step>,
}

impl Safeguards {
    /// The same fields where they stand in a tool itself.
    pub(in crate::load) fn of(tool: &mut super::Tool) -> Self {
        Self {
            tool: tool.name.clone(),
            invariants: tool.invariants.take(),
            window: tool.window.take(),
            precondition: std::mem::take(&mut tool.precondition),
            verifier: tool.verifier.take(),
            postcondition: std::mem::take(&mut tool.postcondition),
            step: tool.step.take(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Invariants {
    pub(in crate::load) files_max: Option<u64>,
    pub(in crate::load) bytes_max: Option<u64>,
    pub(in crate::load) hosts_max: Option<u64>,
    pub(in crate::load) rows_max: Option<RowsMax>,
    #[serde(default)]
    pub(in crate::load) only: Vec<String>,
    #[serde(default)]
    pub(in crate::load) never: Vec<String>,
    #[serde(default)]
    pub(in crate::load) no_delete: bool,
    pub(in crate::load) amount_max: Option<AmountMax>,
    pub(in crate::load) shape: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct RowsMax {
    pub(in crate::load) argument: String,
    pub(in crate::load) most: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct AmountMax {
    pub(in crate::load) argument: String,
    pub(in crate::load) most: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Window {
    pub(in crate::load) days: Vec<String>,
    pub(in crate::load) from: String,
    pub(in crate::load) to: String,
    pub(in crate::load) zone: String,
}

/// One table for both kinds of checks, so that an error can say which fields belong to which.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Check {
    pub(in crate::load) name: String,
    pub(in crate::load) tool: String,
    pub(in crate::load) arguments: Option<Value>,
    pub(in crate::load) expect: Vec<Expect>,
    pub(in crate::load) fresh_ms: Option<u64>,
    pub(in crate::load) within_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Expect {
    pub(in crate::load) pointer: String,
    pub(in crate::load) equals: Option<Value>,
    pub(in crate::load) exists: Option<bool>,
    pub(in crate::load) at_most: Option<i64>,
    pub(in crate::load) at_least: Option<i64>,
    pub(in crate::load) contains: Option<String>,
    pub(in crate::load) lacks: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Verifier {
    pub(in crate::load) tool: String,
    pub(in crate::load) arguments: Option<Value>,
    pub(in crate::load) otherwise: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Step {
    pub(in crate::load) procedure: String,
    pub(in crate::load) resource: String,
    #[serde(default)]
    pub(in crate::load) after: Vec<String>,
    pub(in crate::load) approved: Option<String>,
    pub(in crate::load) makes: String,
    pub(in crate::load) verified: Option<String>,
    pub(in crate::load) failed: Option<String>,
    pub(in crate::load) lasts_ms: Option<u64>,
}
