//! The forms that an export is read in.
//! Unknown keys are errors. Hashes and records stay text until it is known whose they are, so that a finding
//! can name the entry.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// An exported entry. The record stays text until it is known which one it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryIn {
    pub(super) hash: String,
    pub(super) position: u64,
    pub(super) record: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StartIn {
    pub(super) hash: String,
    pub(super) seq: u64,
    pub(super) writer: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkIn {
    pub(super) digest: String,
    pub(super) seq: u64,
    pub(super) writer: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JournalIn {
    pub(super) format: String,
    pub(super) public_key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndIn {
    pub(super) entries: u64,
    pub(super) links: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Journal(JournalIn),
    Start(StartIn),
    Entry(EntryIn),
    Link(LinkIn),
    Head(String),
    End(EndIn),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChainStartIn {
    pub(super) hash: String,
    pub(super) seq: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChainIn {
    pub(super) writer: String,
    pub(super) start: ChainStartIn,
    pub(super) links: Vec<(u64, String)>,
    pub(super) head: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PayloadIn {
    pub(super) call: String,
    pub(super) kind: String,
    pub(super) nonce: String,
    pub(super) bytes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunKeyIn {
    pub(super) tenant: String,
    pub(super) key: String,
    pub(super) payloads: Vec<PayloadIn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunIn {
    pub(super) format: String,
    pub(super) run: Value,
    pub(super) calls: Value,
    pub(super) approvals: Value,
    pub(super) entries: Vec<EntryIn>,
    pub(super) chains: Vec<ChainIn>,
    pub(super) public_key: String,
    pub(super) run_key: Option<RunKeyIn>,
}
