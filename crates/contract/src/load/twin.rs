//! The fields of a contract file as they are written. Their meaning is found in `convert.rs`.
//!
//! The twin is private: no other code depends on how a file is written. Unknown fields are refused here.

mod command;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::ContractFile;
use super::fields;
use super::findings::Findings;
use crate::attempts::{ProbeField, ProviderKeyField, RetryField};

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

/// Reads the tools of a file. `None` if the file as a whole cannot be read.
pub(super) fn read<'a>(
    file: &ContractFile<'a>,
    findings: &mut Findings<'a>,
) -> Option<Vec<(usize, Tool)>> {
    let table = match DeTable::parse(file.text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let message = crate::visible::line(error.message()).into_owned();
            let byte = error.span().map_or(0, |span| span.start);
            findings.add_at(byte, format!("not TOML: {message}"), "correct the syntax".to_owned());
            return None;
        }
    };
    let tools = top(&table, findings)?;
    findings.set_table(table);
    let mut read = Vec::new();
    for (index, tool) in tools.into_iter().enumerate() {
        match Tool::deserialize(ValueDeserializer::from(tool)) {
            Ok(tool) => read.push((index, tool)),
            Err(error) => refuse(index, &error, findings),
        }
    }
    Some(read)
}

/// The tools, if the file has nothing else at its top.
fn top<'t>(table: &DeTable<'t>, findings: &mut Findings<'_>) -> Option<Vec<Spanned<DeValue<'t>>>> {
    let mut tools = None;
    for (key, value) in table {
        let array = value.get_ref().as_array().filter(|_| key.get_ref() == "tool");
        let Some(array) = array else {
            let (what, _) = fields::explain(&format!("unknown field `{}`", key.get_ref()));
            findings.add_at(
                key.span().start,
                what,
                "a contract file has `[[tool]]` tables only".to_owned(),
            );
            return None;
        };
        tools = Some(array.iter().cloned().collect());
    }
    if tools.is_none() {
        findings.add_at(
            0,
            "the file describes no tool".to_owned(),
            "begin with `[[tool]]`".to_owned(),
        );
    }
    tools
}

fn refuse(index: usize, error: &Error, findings: &mut Findings<'_>) {
    let (what, fix) = fields::explain(error.message());
    let mut tool = findings.in_tool(index);
    // Positions are those of the file: the tables were read from its text.
    let byte = error.span().map_or_else(|| tool.start(), |span| span.start);
    tool.add_at(byte, what, fix);
}
