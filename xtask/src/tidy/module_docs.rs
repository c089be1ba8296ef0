//! Every Rust file opens with `//!` lines that say what it is for.
//!
//! In: sources, tests included. Out: files whose first line is none, or whose opening is shorter or longer than the
//! bounds. Fenced pictures and examples are not counted. Whether the words are good is for people. Tests are at the end.

use std::ops::RangeInclusive;

use super::report::Finding;
use super::source::Source;

/// How many lines the opening may have.
const LINES: RangeInclusive<usize> = 2..=12;

/// Every file that opens otherwise.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter_map(finding).collect()
}

fn finding(source: &Source) -> Option<Finding> {
    let lines = opening(&source.text);
    if LINES.contains(&lines) {
        return None;
    }
    let (least, most) = (LINES.start(), LINES.end());
    let text = format!("opens with {lines} lines of `//!`, {least} to {most} are right");
    Some(Finding::new(&source.path, text).measured(lines))
}

/// The lines of the opening outside fences.
fn opening(text: &str) -> usize {
    let mut fenced = false;
    let mut lines = 0;
    for line in text.lines().map_while(|line| line.strip_prefix("//!")) {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        lines += usize::from(!fenced && !fence);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{places, sample};

    fn check(opening: &str, found: bool) {
        let source = sample("src/a.rs", &format!("{opening}fn f() {{}}\n"));
        assert_eq!(!places(&super::check(&[source])).is_empty(), found, "{opening}");
    }

    #[test]
    fn opening_of_two_to_twelve_lines_is_right() {
        check("//! What.\n//! In, out.\n", false);
        check(&"//! Line.\n".repeat(12), false);
    }

    #[test]
    fn fenced_pictures_do_not_count() {
        let picture = format!("//! ```text\n{}//! ```\n", "//! a -> b\n".repeat(20));
        check(&format!("//! What.\n{picture}//! In, out.\n"), false);
        check(&format!("//! What.\n{picture}"), true);
    }

    #[test]
    fn file_without_an_opening_or_with_an_essay_is_found() {
        check("", true);
        check("//! What.\n", true);
        check("\n//! What.\n//! In, out.\n", true);
        check(&"//! Line.\n".repeat(13), true);
    }
}
