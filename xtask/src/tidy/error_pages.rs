//! Every error code that can be seen outside has a page, and every page has a code.
//!
//! In: `crates/domain/src/code.rs`, whose table has codes like `CR-1001` as text, and the file names in `docs/errors`.
//! Out: codes without a page and pages without a code. `README.md` there is the list, no page. What a page says is for
//! people. Tests are at the end.

use std::collections::BTreeSet;

use anyhow::Context;

use super::report::Finding;
use crate::workspace::Workspace;

const CODES: &str = "crates/domain/src/code.rs";
const PAGES: &str = "docs/errors/";
const PREFIX: &str = "CR-";
const DIGITS: usize = 4;

/// Codes in the table, and pages by name.
#[derive(Debug)]
pub(crate) struct Pages {
    codes: BTreeSet<String>,
    pages: BTreeSet<String>,
}

impl Pages {
    /// Reads the table of codes and the names of the pages.
    pub(crate) fn read(workspace: &Workspace, files: &[String]) -> anyhow::Result<Self> {
        let table = match files.iter().any(|path| path == CODES) {
            true => std::fs::read_to_string(workspace.root().join(CODES)).context(CODES)?,
            false => String::new(),
        };
        Ok(Self::of(&table, files))
    }

    fn of(table: &str, files: &[String]) -> Self {
        let names = files.iter().filter_map(|path| path.strip_prefix(PAGES)?.strip_suffix(".md"));
        let pages = names.filter(|name| *name != "README").map(String::from).collect();
        Self { codes: codes(table), pages }
    }

    /// How many there are, or why nothing was compared.
    pub(crate) fn shown(&self) -> String {
        if self.codes.is_empty() {
            return format!("NOT COMPARED: no code in {CODES}");
        }
        format!("{} codes, {} pages", self.codes.len(), self.pages.len())
    }

    /// Codes without a page, pages without a code.
    pub(crate) fn check(&self) -> Vec<Finding> {
        if self.codes.is_empty() {
            return Vec::new();
        }
        let bare = self.codes.difference(&self.pages);
        let bare =
            bare.map(|code| Finding::new(code, format!("has no page, write {PAGES}{code}.md")));
        let stray = self.pages.difference(&self.codes);
        let stray = stray.map(|page| {
            Finding::new(format!("{PAGES}{page}.md"), format!("has no code in {CODES}"))
        });
        bare.chain(stray).collect()
    }
}

/// Every `CR-` with exactly four digits.
fn codes(table: &str) -> BTreeSet<String> {
    let after = table.split(PREFIX).skip(1);
    let codes = after.filter_map(|rest| {
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let number = rest.get(..DIGITS).filter(|_| digits == DIGITS)?;
        Some(format!("{PREFIX}{number}"))
    });
    codes.collect()
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    fn check(table: &str, files: &[&str], expect: &[&str]) {
        let files: Vec<String> = files.iter().map(|path| format!("docs/errors/{path}")).collect();
        assert_eq!(places(&Pages::of(table, &files).check()), expect);
    }

    const TABLE: &str = "(\"CR-1001\", Caller),\n(\"CR-1002\", Us), // CR-12 is no code\n";

    #[test]
    fn code_with_its_page_is_fine() {
        check(TABLE, &["CR-1001.md", "CR-1002.md", "README.md"], &[]);
    }

    #[test]
    fn code_without_a_page_and_page_without_a_code_are_found() {
        check(TABLE, &["CR-1001.md", "CR-9.md"], &["CR-1002", "docs/errors/CR-9.md"]);
    }

    #[test]
    fn without_codes_it_says_that_nothing_was_compared() {
        assert!(Pages::of("", &[]).shown().starts_with("NOT COMPARED"));
    }
}
