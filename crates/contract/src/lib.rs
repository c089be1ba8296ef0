//! Contract text to contract values, and everything pure that is decided by a contract alone.
//!
//! In: text (contract files, JSON arguments, tool outputs). Out: [`Compiled`] contracts, [`Resolved`] arguments
//! with their resource and digests, typed arguments for policy, masked and visible text. No I/O, no clock.
//!
//! ```text
//! contract file -> load -> Catalogue of Compiled        strict JSON -> Compiled::resolve -> Resolved
//!                                                       tool output -> Compiled::check_output
//! ```
//!
//! Left out: Cedar (`policy`), following links and looking at files (`tools`), and when to do what (`gate`).

pub mod attempts;
pub mod builtin;
pub mod canonical;
pub mod command;
pub mod definition_diff;
pub mod discovered;
pub mod finding;
pub mod kinds;
pub mod load;
pub mod mask;
pub mod outside;
pub mod packs;
pub mod path;
pub mod programs;
pub mod safeguards;
pub mod schema;
pub mod strict;
pub mod types;
pub mod visible;

mod braces;
mod catalogue;
mod classify;
mod compiled;
mod consequences;
mod contract_form;
mod pointer;
mod problem;
mod render;
mod resource_template;
mod scaffold;
mod suggest;
mod unicode;
mod witness;

pub use canonical::{Canonical, canonical, digest, digest_of, keyed};
pub use catalogue::Catalogue;
pub use classify::Class;
pub use command::{Installation, Unfit};
pub use compiled::{CompileError, Compiled, OutputError, Resolved};
pub use consequences::{consequences_of, consequences_of_change};
pub use contract_form::{contract_digest, contract_json};
pub use finding::{Finding, FindingCode, Severity};
pub use load::{ContractFile, Diagnostic, LoadErrors, Origin};
pub use mask::Masker;
pub use path::{PathError, WorkspacePath};
pub use problem::{ArgumentError, Problem, ProblemKind};
pub use render::render;
pub use scaffold::template;
pub use strict::{StrictError, StrictProblem};
pub use suggest::closest;
pub use types::{ArgumentType, ArgumentTypes, Presence, argument_types};
pub use witness::{plan_digest, state_digest, witnesses};
