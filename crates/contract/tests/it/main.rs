//! Contracts as others use them: one binary, one module per subject.
//!
//! In the order in which a contract is used: loaded, arguments resolved, outputs checked, secrets masked.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

extern crate checkrein_contract as contract;

mod attempts;
mod bfcl;
mod builtin;
mod classify;
mod command;
mod definition_diff;
mod discovered;
mod finding;
mod git;
mod json_schema_suite;
mod load;
mod mask;
mod outputs;
mod outside;
mod packages;
mod packs;
mod path;
mod properties;
mod resolve;
mod safeguards;
mod strict;
mod support;
mod types;
