//! Contracts as others use them: one binary, one module per subject.
//!
//! In the order in which a contract is used: loaded, arguments resolved, outputs checked, secrets masked.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

extern crate checkrein_contract as contract;

mod bfcl;
mod builtin;
mod command;
mod git;
mod json_schema_suite;
mod load;
mod mask;
mod outputs;
mod path;
mod properties;
mod resolve;
mod strict;
mod support;
mod types;
