//! The pages in `docs/errors/` say what the table of codes says.
//!
//! In: `Code::TABLE`, the list `docs/errors/README.md` and one page for each code. The list is rendered from the
//! table and compared whole; of a page its title, its line of the table and its parts are. That there is no page
//! without a code is checked by `cargo xtask tidy`.

#![expect(clippy::panic, reason = "a test fails by a panic")]

extern crate checkrein_domain as domain;

use domain::{Code, CodeRow, Executed};

const LIST: &str = include_str!("../../../../docs/errors/README.md");
const BEGIN: &str = "<!-- codes: begin -->\n";
const END: &str = "<!-- codes: end -->";

fn yes_or_no(retryable: bool) -> &'static str {
    if retryable { "yes" } else { "no" }
}

/// The line of one code in the list.
fn listed(row: &CodeRow) -> String {
    let CodeRow { shown, title, status, executed, fault, http, exit, .. } = row;
    let retryable = yes_or_no(row.retryable);
    format!(
        "| [{shown}]({shown}.md) | {title} | `{status}` | `{executed}` | `{fault}` | {retryable} | {http} | {exit} |\n"
    )
}

/// The line of the table on a code's own page.
fn on_page(row: &CodeRow) -> String {
    let CodeRow { status, executed, fault, http, exit, .. } = row;
    let retryable = yes_or_no(row.retryable);
    format!("| `{status}` | `{executed}` | `{fault}` | {retryable} | {http} | {exit} |\n")
}

fn page(row: &CodeRow) -> String {
    let path = format!("{}/../../docs/errors/{}.md", env!("CARGO_MANIFEST_DIR"), row.shown);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_list_of_codes_is_the_table() {
    let head = "| code | title | status | executed | fault | retryable | HTTP | exit code |\n\
                |---|---|---|---|---|---|---|---|\n";
    let expect: String =
        std::iter::once(head.to_owned()).chain(Code::TABLE.iter().map(listed)).collect();
    let (_, rest) = LIST.split_once(BEGIN).expect("the list has a begin mark");
    let (found, _) = rest.split_once(END).expect("the list has an end mark");
    assert_eq!(found, expect, "write this into docs/errors/README.md:\n{expect}");
}

#[test]
fn every_page_says_what_the_table_says() {
    for row in Code::TABLE {
        let text = page(row);
        let title = format!("# {}: {}\n", row.shown, row.title);
        assert!(text.starts_with(&title), "{} begins with `{}`", row.shown, title.trim());
        let line = on_page(row);
        assert_eq!(text.matches(&line).count(), 1, "{} has the line {line}", row.shown);
    }
}

#[test]
fn every_page_says_why_and_what_to_do_and_shows_an_example() {
    for row in Code::TABLE {
        let text = page(row);
        for part in ["\n**Why**\n\n- ", "\n**What to do**\n\n- ", "\n```"] {
            assert!(text.contains(part), "{} lacks `{}`", row.shown, part.trim());
        }
    }
}

#[test]
fn an_act_that_may_have_happened_is_not_called_retryable() {
    let tempting = Code::TABLE
        .iter()
        .filter(|row| row.retryable && matches!(row.executed, Executed::Yes | Executed::Partly));
    assert_eq!(tempting.map(|row| row.shown).collect::<Vec<_>>(), Vec::<&str>::new());
}
