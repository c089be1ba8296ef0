//! What each route does: one file per resource.
//!
//! A handler takes who asks, what is asked, and calls the gate or reads a projection. Decisions are never made
//! here. Every handler stands in the OpenAPI document by its own annotation (`routes.rs` joins them).

pub(crate) mod account;
pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod attention;
pub(crate) mod budgets;
pub(crate) mod calls;
pub(crate) mod dead_letters;
pub(crate) mod duties;
pub(crate) mod events;
pub(crate) mod exports;
pub(crate) mod hooks;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod kills;
pub(crate) mod live;
pub(crate) mod machine;
pub(crate) mod outlets;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod proposals;
pub(crate) mod replay;
pub(crate) mod runs;
pub(crate) mod scores;
pub(crate) mod servers;
pub(crate) mod session;
pub(crate) mod spaces;
pub(crate) mod stops;
pub(crate) mod suggestions;
pub(crate) mod tools;
pub(crate) mod undo;
