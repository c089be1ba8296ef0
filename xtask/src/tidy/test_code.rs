//! What tests must not do: be switched off, or sleep.
//!
//! In: sources. Out: every `#[ignore]`, and every call of a function named `sleep` in test code, inside macros too.
//! A test waits for what it wants to see, with a deadline, or moves a clock of its own. Tests are at the end.

use super::report::Finding;
use super::source::{Source, Token};

/// Every break.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let each = sources
        .iter()
        .flat_map(|source| source.tokens.windows(3).filter_map(|three| finding(source, three)));
    each.collect()
}

fn finding(source: &Source, three: &[Token]) -> Option<Finding> {
    let [before, token, after] = three else { return None };
    let text = match (before.text.as_str(), token.text.as_str(), after.text.as_str()) {
        ("#", "[", "ignore") => "is never run, make it pass or take it out",
        // A definition, or a method of a clock that tests move by hand.
        ("fn" | ".", "sleep", "(") => return None,
        (_, "sleep", "(") if source.is_test(token.line) => {
            "sleeps, wait for what it wants to see instead"
        }
        _ => return None,
    };
    Some(Finding::new(format!("{}:{}", source.path, token.line), text))
}

#[cfg(test)]
mod tests {
    use super::super::{places, sample};

    fn check(path: &str, text: &str, expect: &[&str]) {
        assert_eq!(places(&super::check(&[sample(path, text)])), expect);
    }

    #[test]
    fn product_code_may_sleep() {
        check("src/a.rs", "fn f() { std::thread::sleep(d); }\n", &[]);
    }

    #[test]
    fn sleeping_test_is_found_where_it_sleeps() {
        check(
            "crates/a/tests/it/main.rs",
            "fn f() { thread::sleep(d); }\n",
            &["crates/a/tests/it/main.rs:1"],
        );
        let text = "fn f() {}\n#[cfg(test)]\nmod tests {\n    async fn g() {\n        select!(() = sleep(d) => 1);\n    }\n}\n";
        check("src/a.rs", text, &["src/a.rs:5"]);
        check(
            "src/a.rs",
            "#[tokio::test]\nasync fn f() { time::sleep(d).await; }\n",
            &["src/a.rs:2"],
        );
    }

    #[test]
    fn clock_moved_by_hand_is_fine() {
        check("tests/a.rs", "fn sleep(d: u8) {}\nfn f() { world.sleep(1); }\n", &[]);
    }

    #[test]
    fn test_switched_off_is_found() {
        check("src/a.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}\n", &["src/a.rs:2"]);
    }

    #[test]
    fn words_in_text_are_no_code() {
        check(
            "crates/a/tests/it.rs",
            "// sleep(1) #[ignore]\nconst A: &str = \"sleep(1)\";\n",
            &[],
        );
    }
}
