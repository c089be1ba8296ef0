//! Outside crates that only named crates of ours may declare.
//!
//! In: declared dependencies, for the build or for tests. Out: every declaration outside the fence. `deny.toml` holds
//! the same fences against dependencies of dependencies. Tests are at the end.

use super::crates::Crates;
use super::report::Finding;

/// An outside crate and the crates of ours that may declare it.
const FENCES: &[(&str, &[&str])] = &[
    ("axum", &["server"]),
    ("utoipa", &["server"]),
    ("utoipa-axum", &["server"]),
    ("tower-http", &["server"]),
    ("tokio-rustls", &["server"]),
    ("rust-embed", &["server"]),
    ("rusqlite", &["journal"]),
    // The bench compares the policy crate with bare Cedar.
    ("cedar-policy", &["policy", "bench"]),
    ("clap", &["checkrein", "xtask"]),
    ("anyhow", &["xtask"]),
    ("jsonschema", &["contract"]),
    ("rustix", &["journal", "tools", "server", "checkrein", "crash", "bench", "runner"]),
    ("syn", &["xtask"]),
    // The peer in tests and benches: what it says is not to become our own idea of the protocol.
    ("rmcp", &["fixture", "server", "checkrein", "bench"]),
    // Whoever needs these needs unsafe code, or restricts its own process.
    ("landlock", &["runner"]),
    ("seccompiler", &["runner"]),
    ("libc", &["runner"]),
];

/// Every declaration outside its fence.
pub(crate) fn check(crates: &Crates) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in crates.iter() {
        for outside in package.outside() {
            let fence = FENCES.iter().find(|(fenced, _)| *fenced == outside);
            let Some((fenced, inside)) = fence else { continue };
            if !inside.contains(&package.short()) {
                let text = format!("must not use `{fenced}`, only {} may", inside.join(", "));
                findings.push(Finding::new(package.short(), text));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    fn check(lines: &str, expect: &[&str]) {
        assert_eq!(places(&super::check(&Crates::from_lines(lines))), expect, "{lines}");
    }

    #[test]
    fn crate_inside_its_fence_is_fine() {
        check("checkrein-server -> axum!, serde!\ncheckrein-journal -> rusqlite!", &[]);
    }

    #[test]
    fn crate_outside_its_fence_is_found_in_tests_too() {
        check("checkrein-gate -> axum!, serde!", &["gate"]);
        check("checkrein-server -> dev:rusqlite!", &["server"]);
    }
}
