//! Why policies cannot be loaded: file, line, column, what is wrong and what would be right.
//!
//! Loading never stops at the first problem: everything that can be said at once is said at once, in the
//! order of the files and lines. These errors are the policy author's; a request can never cause one.

use std::fmt;

/// One problem in a policy file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadError {
    /// The file as named by its [`crate::Source`].
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub fix: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}: {}; {}", self.file, self.line, self.column, self.what, self.fix)
    }
}

/// Every problem found while loading, in the order of files and lines. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadErrors(pub Vec<LoadError>);

impl fmt::Display for LoadErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(out, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadErrors {}

/// What is wrong and what would be right, before it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) what: String,
    pub(crate) fix: String,
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: one_line(&what.into()), fix: one_line(&fix.into()) }
    }

    pub(crate) fn at(self, place: &Place) -> LoadError {
        LoadError {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            what: self.what,
            fix: self.fix,
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    /// The place of a byte offset into `text`; the end of the text if the offset is beyond it.
    pub(crate) fn of(file: &str, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let from_one = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
        Self { file: file.to_owned(), line: from_one(line), column: from_one(column) }
    }
}

/// One line with nothing in it that a terminal would hide or obey.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    contract::visible::line(&words.join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_from_one_in_characters() {
        for (text, offset, expect) in
            [("ab", 0, (1, 1)), ("a\nbc", 3, (2, 2)), ("é\né!", 5, (2, 2)), ("a", 9, (1, 2))]
        {
            let place = Place::of("f", text, offset);
            assert_eq!((place.line, place.column), expect, "{text:?} at {offset}");
        }
    }
}
