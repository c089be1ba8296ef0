//! The edges between our own crates, exactly as the architecture draws them.
//!
//! ```text
//! domain <- contract <- policy <- gate <- { journal, tools, sim } ; server sees all but sim ; checkrein is outermost
//! runner <- { tools, server } ; mcp sees domain and contract, and is seen by tools, server and checkrein
//! ```
//! In: declared dependencies. Out: every edge that is not in the table, and every crate the table does not know.
//! The sim may be seen by tests only. A new edge needs a decision record first. Tests are at the end.

use super::crates::{Crates, Dependency};
use super::report::Finding;

/// What a crate may see of ours. The last two hold measurements and crash rounds; nothing may see them.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    // It runs one program in one place and knows nothing of calls.
    ("runner", &[]),
    ("contract", &["domain"]),
    // The protocol as values: no connection, no gate.
    ("mcp", &["domain", "contract"]),
    ("policy", &["domain", "contract"]),
    ("gate", &["domain", "contract", "policy"]),
    ("journal", &["domain", "contract", "policy", "gate"]),
    ("tools", &["domain", "contract", "policy", "gate", "runner", "mcp"]),
    ("sim", &["domain", "contract", "policy", "gate"]),
    ("server", &["domain", "contract", "policy", "gate", "journal", "tools", "runner", "mcp"]),
    ("checkrein", &["domain", "contract", "policy", "server", "mcp"]),
    ("xtask", &[]),
    // A server for tests that knows nothing of ours, so that our protocol code meets somebody else's.
    ("fixture", &[]),
    (
        "bench",
        &[
            "domain", "contract", "policy", "gate", "journal", "tools", "sim", "server", "runner",
            "mcp",
        ],
    ),
    (
        "crash",
        &[
            "domain", "contract", "policy", "gate", "journal", "tools", "sim", "server", "runner",
            "mcp",
        ],
    ),
];

/// Crates whose tests may use the simulated world.
const SIMULATED_IN_TESTS: &[&str] = &["gate", "journal", "tools", "server"];

/// Every edge that the table does not allow.
pub(crate) fn check(crates: &Crates) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in crates.iter() {
        let name = package.short();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            findings
                .push(Finding::new(name, "not in the table of crate edges, add what it may see"));
            continue;
        };
        for edge in package.ours().filter(|edge| !may_see(name, allowed, edge)) {
            let list =
                if allowed.is_empty() { "nothing of ours".into() } else { allowed.join(", ") };
            let text = format!("must not depend on `{}`, it may see {list}", edge.short());
            findings.push(Finding::new(name, text));
        }
    }
    findings
}

fn may_see(name: &str, allowed: &[&str], edge: &Dependency) -> bool {
    let simulated =
        edge.short() == "sim" && edge.tests_only() && SIMULATED_IN_TESTS.contains(&name);
    simulated || allowed.contains(&edge.short())
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    fn check(lines: &str, expect: &[&str]) {
        assert_eq!(places(&super::check(&Crates::from_lines(lines))), expect, "{lines}");
    }

    #[test]
    fn drawn_edges_are_allowed() {
        check(
            "checkrein-policy -> checkrein-domain, checkrein-contract, cedar-policy!\n\
             checkrein-server -> checkrein-journal, checkrein-tools, dev:checkrein-sim\n\
             checkrein -> checkrein-server, checkrein-policy, clap!",
            &[],
        );
    }

    #[test]
    fn edge_against_the_direction_is_found() {
        check("checkrein-domain -> checkrein-contract", &["domain"]);
        check("checkrein-journal -> checkrein-tools", &["journal"]);
        check("checkrein -> checkrein-gate", &["checkrein"]);
    }

    #[test]
    fn simulated_world_is_seen_by_tests_only() {
        check("checkrein-journal -> dev:checkrein-sim", &[]);
        check("checkrein-journal -> checkrein-sim", &["journal"]);
    }

    #[test]
    fn crate_without_a_row_is_found() {
        check("checkrein-extra -> ", &["extra"]);
    }
}
