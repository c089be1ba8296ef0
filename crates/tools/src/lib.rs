//! Ways to reach a tool. Here: files in a workspace.
//!
//! Each way is a `gate::Tool`: it takes a permit by value and does exactly what the permit says. What goes in
//! are checked arguments and, for an act, the plan that was committed; what comes out are plans, replies,
//! observed effects and, after a crash, what became of an unfinished act. All ways share one `Workspaces`.
//!
//! Left out on purpose: deciding (policy, gate), recording (journal), and any second way to change a file
//! without a permit: the functions that do it are private to this crate.

pub mod commands;
pub mod files;
pub mod mcp;
pub mod workspaces;
