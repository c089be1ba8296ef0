//! A new contract to begin with: `checkrein contracts new`.
//!
//! The text is `scaffold/contract.toml`; a test loads it, so it never goes out of date.

/// The text of a contract file for a tool of this name. It loads as it stands, as the most careful contract there
/// is, and says with each field what it means.
pub fn template(name: &str) -> String {
    include_str!("scaffold/contract.toml").replace("TOOL_NAME", name)
}
