//! Spaces: where runs live, with their own mode. The space comes from configuration, never from an agent.
//!
//! A mode changes only what is done with a verdict, never how it is reached.

use crate::Name;
use crate::contract::words;

/// One space, such as `experiment`, `staging` or `production`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// Its name.
    pub name: Name,
    /// Whether decisions are enforced.
    pub mode: Mode,
}

/// Whether policy, approvals and budgets are enforced or only recorded. Identity, strict arguments, limits,
/// stops, pins, idempotency and the journal hold in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// What is decided happens.
    Enforce,
    /// What would have been decided is recorded and told, and the call goes on.
    Shadow,
}

words! { Mode { Enforce = "enforce", Shadow = "shadow" } }
