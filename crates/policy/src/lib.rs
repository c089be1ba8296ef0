//! Policy text to verdicts with reasons. The only user of Cedar.
//!
//! ```text
//! sources, contracts -> PolicySet::load -> one immutable version
//! Facts              -> PolicySet::judge -> Verdict
//! ```
//! Pure: no clock, file, log or randomness; the same facts under the same version give the same verdict
//! (P12). How policies are written is in `docs/guides/policies.md`; `table` runs the tests beside them.
//! Left out: where sources come from, recording, asking people, and enforcing what a verdict says.

pub mod table;

mod annotation;
mod argument;
mod check;
mod context;
mod entity;
mod error;
mod explain;
mod index;
mod needs;
mod premise;
mod prospects;
mod reads;
mod rule;
mod schema;
mod set;
mod source;
mod suggest;
mod tally;
mod verdict;

#[cfg(test)]
extern crate self as checkrein_policy;
#[cfg(test)]
mod tests;

pub use error::{LoadError, LoadErrors};
pub use explain::{Explained, Explanation, RuleOutcome};
pub use prospects::Prospects;
pub use rule::{RuleKind, RuleSummary};
pub use set::PolicySet;
pub use source::{BuiltIn, STARTER, STARTER_FIXTURES, STARTER_TESTS, Source, starter};
