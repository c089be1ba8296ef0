//! A receipt says that something is durable, so only what makes things durable may say it.
//!
//! In: sources. Out: every use of `Receipt::assertion` outside the journal and the sim, as a call or as a value, in tests
//! too. The definition itself is no use. That a permit needs a receipt is held by types in `gate`. Tests are at the end.

use super::report::Finding;
use super::source::Source;

/// Where stores are.
const STORES: &[&str] = &["crates/journal/", "crates/sim/"];

/// Every use outside the stores.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let outside = |source: &&Source| !STORES.iter().any(|store| source.path.starts_with(store));
    sources.iter().filter(outside).flat_map(uses).collect()
}

fn uses(source: &Source) -> Vec<Finding> {
    let pairs = source.tokens.iter().zip(source.tokens.iter().skip(1));
    let used = pairs.filter(|(before, token)| {
        // `Receipt::assertion` ends in two colons and the name, `receipt.assertion()` in a dot and the name.
        token.text == "assertion" && matches!(before.text.as_str(), ":" | ".")
    });
    used.map(|(_, token)| finding(source, token.line)).collect()
}

fn finding(source: &Source, line: usize) -> Finding {
    let place = format!("{}:{line}", source.path);
    Finding::new(place, "`Receipt::assertion` is for the journal and the sim alone")
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
    fn definition_and_mentions_are_no_use() {
        let text = "// Receipt::assertion( is for stores.\npub fn assertion(at: u64) {}\n";
        check("crates/gate/src/receipt.rs", text, &[]);
    }
}
