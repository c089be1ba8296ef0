//! The fields of a contract file as they are written. Their meaning is found in `convert.rs`.
//!
//! The twin is private: no other code depends on how a file is written. Unknown fields are refused here.

mod command;
mod safeguards;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::ContractFile;
use super::fields;
use super::findings::Findings;
use crate::attempts::{ProbeField, ProviderKeyField, RetryField};

pub(super) use safeguards::{Check, Expect, Invariants, Safeguards, Step, Verifier, Window};

pub(super) use command::{Command, Credential, Named, Remote as GitRemote, Word};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) description: Description,
    pub(super) input: Value,
    /// Absent for a command only: see `convert/command.rs`.
    pub(super) output: Option<Value>,
    #[serde(default)]
    pub(super) output_rules: Vec<Rule>,
    #[serde(default)]
    pub(super) errors: Vec<ErrorCase>,
    pub(super) effect_class: String,
    #[serde(default)]
    pub(super) consequences: Vec<String>,
    pub(super) provenance: Option<String>,
    pub(super) scope: Vec<String>,
    #[serde(default)]
    pub(super) arguments: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) bound: BTreeMap<String, String>,
    pub(super) resource: String,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) preview: Option<String>,
    pub(super) undo: Option<Undo>,
    pub(super) outbox: Option<Outbox>,
    pub(super) verify: Option<String>,
    pub(super) command: Option<Command>,
    /// Only in what the journal recorded.
    pub(super) upstream: Option<Upstream>,
    pub(super) retry: Option<RetryField>,
    pub(super) provider_key: Option<ProviderKeyField>,
    pub(super) probe: Option<ProbeField>,
    pub(super) doubt_horizon_ms: Option<u64>,
    pub(super) failover: Option<String>,
    pub(super) timeout_ms: u64,
    pub(super) rate: Option<Rate>,
    pub(super) cost_max: Value,
    pub(super) maturity: String,
    pub(super) output_labels: Option<Vec<String>>,
    pub(super) output_bytes_max: Option<u64>,
    pub(super) invariants: Option<Invariants>,
    pub(super) window: Option<Window>,
    #[serde(default)]
    pub(super) precondition: Vec<Check>,
    pub(super) verifier: Option<Verifier>,
    #[serde(default)]
    pub(super) postcondition: Vec<Check>,
    pub(super) step: Option<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    pub(super) what: String,
    pub(super) when_to_use: String,
    pub(super) side_effects: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum Rule {
    EqualsArgument { output: String, argument: String },
    LengthMax { output: String, max: u64 },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorCase {
    pub(super) code: String,
    pub(super) meaning: String,
    pub(super) executed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum Idempotency {
    CallerKey,
    Natural(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum Undo {
    None,
    InversePlan { window_ms: u64 },
    Call(InverseCall),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InverseCall {
    pub(super) tool: String,
    #[serde(default)]
    pub(super) arguments: BTreeMap<String, Value>,
    pub(super) window_ms: u64,
    pub(super) partial: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outbox {
    pub(super) hold_ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upstream {
    pub(super) server: String,
    pub(super) wire: String,
    pub(super) part: String,
    pub(super) definition: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rate {
    pub(super) calls: u32,
    pub(super) per_ms: u64,
}

/// What a file says, each with its place in its list.
pub(super) struct Read {
    pub(super) tools: Vec<(usize, Tool)>,
    pub(super) safeguards: Vec<(usize, Safeguards)>,
}

/// Reads the tables of a file. `None` if the file as a whole cannot be read.
pub(super) fn read<'a>(file: &ContractFile<'a>, findings: &mut Findings<'a>) -> Option<Read> {
    let table = match DeTable::parse(file.text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let message = crate::visible::line(error.message()).into_owned();
            let byte = error.span().map_or(0, |span| span.start);
            findings.add_at(byte, format!("not TOML: {message}"), "correct the syntax".to_owned());
            return None;
        }
    };
    let [tools, safeguards] = top(&table, findings)?;
    findings.set_table(table);
    Some(Read {
        tools: each(TOOL, tools, findings),
        safeguards: each(SAFEGUARDS, safeguards, findings),
    })
}

/// Every table of a list that can be read.
fn each<'t, T: Deserialize<'t>>(
    list: &'static str,
    tables: Vec<Spanned<DeValue<'t>>>,
    findings: &mut Findings<'_>,
) -> Vec<(usize, T)> {
    let mut read = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        match T::deserialize(ValueDeserializer::from(table)) {
            Ok(value) => read.push((index, value)),
            Err(error) => refuse((list, index), &error, findings),
        }
    }
    read
}

/// The list of tools in a file.
const TOOL: &str = "tool";
/// The list of safeguards of other tools.
pub(super) const SAFEGUARDS: &str = "safeguards";

/// The tools and the safeguards, if the file has nothing else at its top.
fn top<'t>(
    table: &DeTable<'t>,
    findings: &mut Findings<'_>,
) -> Option<[Vec<Spanned<DeValue<'t>>>; 2]> {
    let (mut tools, mut safeguards) = (None, None);
    for (key, value) in table {
        let list = match &**key.get_ref() {
            TOOL => Some(&mut tools),
            SAFEGUARDS => Some(&mut safeguards),
            _ => None,
        };
        let both = list.zip(value.get_ref().as_array());
        let Some((list, array)) = both else {
            let (what, _) = fields::explain(&format!("unknown field `{}`", key.get_ref()));
            findings.add_at(
                key.span().start,
                what,
                "a contract file has `[[tool]]` and `[[safeguards]]` tables only".to_owned(),
            );
            return None;
        };
        *list = Some(array.iter().cloned().collect());
    }
    if tools.is_none() && safeguards.is_none() {
        findings.add_at(
            0,
            "the file describes no tool".to_owned(),
            "begin with `[[tool]]`".to_owned(),
        );
    }
    Some([tools.unwrap_or_default(), safeguards.unwrap_or_default()])
}

fn refuse((list, index): (&'static str, usize), error: &Error, findings: &mut Findings<'_>) {
    let (what, fix) = fields::explain(error.message());
    let mut tool = findings.in_list(list, index);
    // Positions are those of the file: the tables were read from its text.
    let byte = error.span().map_or_else(|| tool.start(), |span| span.start);
    tool.add_at(byte, what, fix);
}
