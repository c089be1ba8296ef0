//! A receipt says that something is durable, so only what makes things durable may say it; and that a token names an agent
//! is said only by what checks tokens.
//!
//! In: sources. Out: every use of `Receipt::assertion` outside the journal and the sim, and of `VerifiedAgent::by_token`
//! outside the server's `auth` and the sim, as a call or as a value, in tests too. The definition itself is no use. That a
//! permit needs a receipt is held by types in `gate`. Tests are at the end.

use super::report::Finding;
use super::source::Source;

/// A function that says what nobody else can check, and who may call it.
struct Saying {
    name: &'static str,
    by: &'static [&'static str],
    rule: &'static str,
}

const SAYINGS: &[Saying] = &[
    Saying {
        name: "assertion",
        by: &["crates/journal/", "crates/sim/"],
        rule: "`Receipt::assertion` is for the journal and the sim alone",
    },
    Saying {
        name: "by_token",
        by: &["crates/server/src/auth", "crates/sim/"],
        rule: "`VerifiedAgent::by_token` is for the server's check of tokens and the sim alone",
    },
];

/// Every use outside of where it is said.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let of = |saying: &'static Saying| {
        let outside = |source: &&Source| !saying.by.iter().any(|by| source.path.starts_with(by));
        sources.iter().filter(outside).flat_map(|source| uses(source, saying))
    };
    SAYINGS.iter().flat_map(of).collect()
}

fn uses(source: &Source, saying: &Saying) -> Vec<Finding> {
    let pairs = source.tokens.iter().zip(source.tokens.iter().skip(1));
    let used = pairs.filter(|(before, token)| {
        // `Receipt::assertion` ends in two colons and the name, `receipt.assertion()` in a dot and the name.
        token.text == saying.name && matches!(before.text.as_str(), ":" | ".")
    });
    used.map(|(_, token)| finding(source, (token.line, saying.rule))).collect()
}

fn finding(source: &Source, (line, rule): (usize, &str)) -> Finding {
    Finding::new(format!("{}:{line}", source.path), rule)
}

#[cfg(test)]
mod tests {
    use super::super::{places, sample};

    const USE: &str =
        "fn f() {\n    let r = Receipt::assertion(1);\n    g().map(Receipt::assertion);\n}\n";

    fn check(path: &str, text: &str, expect: &[&str]) {
        assert_eq!(places(&super::check(&[sample(path, text)])), expect);
    }

    #[test]
    fn stores_may_assert() {
        check("crates/journal/src/writer.rs", USE, &[]);
        check("crates/sim/src/journal.rs", USE, &[]);
    }

    #[test]
    fn use_elsewhere_is_found_in_every_form() {
        check("crates/gate/src/a.rs", USE, &["crates/gate/src/a.rs:2", "crates/gate/src/a.rs:3"]);
        check(
            "crates/server/src/a.rs",
            "fn f() { r.assertion(1); }\n",
            &["crates/server/src/a.rs:1"],
        );
        check(
            "crates/gate/src/a.rs",
            "#[test]\nfn f() { Receipt::assertion(1); }\n",
            &["crates/gate/src/a.rs:2"],
        );
    }

    #[test]
    fn only_the_check_of_tokens_names_agents() {
        let text = "fn f() {\n    let a = VerifiedAgent::by_token(t, a, u);\n}\n";
        check("crates/server/src/auth/tokens.rs", text, &[]);
        check("crates/sim/tests/it/tokens.rs", text, &[]);
        check("crates/server/src/mcp.rs", text, &["crates/server/src/mcp.rs:2"]);
        check("crates/checkrein/src/main.rs", text, &["crates/checkrein/src/main.rs:2"]);
    }

    #[test]
    fn definition_and_mentions_are_no_use() {
        let text = "// Receipt::assertion( is for stores.\npub fn assertion(at: u64) {}\n";
        check("crates/gate/src/receipt.rs", text, &[]);
    }
}
