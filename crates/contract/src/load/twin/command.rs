//! The fields of `[tool.command]` as they are written. Their meaning is found in `convert/command.rs`.
//!
//! One table for both forms, so that an error can say which of two that exclude each other to keep. Unknown fields are
//! refused here.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Command {
    pub(in crate::load) program: Option<String>,
    pub(in crate::load) words: Option<Vec<Word>>,
    pub(in crate::load) named: Option<Vec<Named>>,
    pub(in crate::load) profile: Option<String>,
    #[serde(default)]
    pub(in crate::load) reads: Vec<String>,
    #[serde(default)]
    pub(in crate::load) caches: Vec<String>,
    #[serde(default)]
    pub(in crate::load) hosts: Vec<String>,
    #[serde(default)]
    pub(in crate::load) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(in crate::load) remotes: Vec<Remote>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected text, or a table of `text` with `when` or `each`"
)]
pub(in crate::load) enum Word {
    Text(String),
    Table { text: String, when: Option<String>, each: Option<String> },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Named {
    pub(in crate::load) program: String,
    #[serde(default)]
    pub(in crate::load) arguments: Vec<String>,
    pub(in crate::load) role: Option<String>,
    #[serde(default)]
    pub(in crate::load) reads: Vec<String>,
    #[serde(default)]
    pub(in crate::load) caches: Vec<String>,
    #[serde(default)]
    pub(in crate::load) environment: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct Remote {
    pub(in crate::load) name: String,
    pub(in crate::load) url: String,
    pub(in crate::load) credential: Option<Credential>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(in crate::load) enum Credential {
    Environment(String),
    File(String),
}
