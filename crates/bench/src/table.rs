//! The table of results, and its place in `docs/benchmarks.md`.
//!
//! Rows with a target say whether it is met. The text between the two marks is replaced as a whole; everything
//! around it is written by people.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::Outcome;
use crate::statistics::shown;

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

/// All results so far.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    target: Option<Target>,
}

impl Target {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most}"),
            Self::AtLeast(least) => format!("at least {least}"),
        }
    }
}

impl Table {
    /// Adds a number that is only told.
    pub(crate) fn tell(&mut self, what: impl Into<String>, (value, unit): (f64, &'static str)) {
        self.push(Row { what: what.into(), value, unit, target: None });
    }

    /// Adds a number that has a target.
    pub(crate) fn hold(
        &mut self,
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        target: Target,
    ) {
        self.push(Row { what: what.into(), value, unit, target: Some(target) });
    }

    /// Shows a row at once: the whole takes minutes.
    fn push(&mut self, row: Row) {
        eprintln!("{}: {} {}", row.what, shown(row.value), row.unit);
        self.rows.push(row);
    }

    /// As Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("| measured | value | target | |\n|---|---:|---|---|\n");
        for Row { what, value, unit, target } in &self.rows {
            let value_shown = format!("{} {unit}", shown(*value));
            let (wanted, met) = match target {
                Some(target) if target.is_met(*value) => (target.text(), "met"),
                Some(target) => (target.text(), "**missed**"),
                None => (String::new(), ""),
            };
            // Writing to a string cannot fail.
            _ = writeln!(text, "| {what} | {} | {wanted} | {met} |", value_shown.trim_end());
        }
        text
    }

    /// What has missed its target.
    pub(crate) fn missed(&self) -> Vec<String> {
        let missed =
            self.rows.iter().filter(|row| row.target.is_some_and(|t| !t.is_met(row.value)));
        missed.map(|row| format!("{} ({})", row.what, shown(row.value))).collect()
    }
}

/// Puts a text between the marks of `docs/benchmarks.md`.
pub(crate) fn write(text: &str) -> Outcome<()> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "..", "docs", "benchmarks.md"].iter().collect();
    let page = std::fs::read_to_string(&path)?;
    let replaced = replaced(&page, text).ok_or_else(|| {
        format!("`docs/benchmarks.md` has no `{BEGIN}` and `{END}` to write between")
    })?;
    Ok(std::fs::write(&path, replaced)?)
}

fn replaced(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}\n{END}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_between_the_marks_is_replaced() {
        let page = format!("# Title\n{BEGIN}\nold\n{END}\nbehind\n");
        let expect = format!("# Title\n{BEGIN}\nnew\n{END}\nbehind\n");
        assert_eq!(replaced(&page, "new\n"), Some(expect));
        assert_eq!(replaced("no marks", "new"), None);
    }

    #[test]
    fn missed_target_is_told() {
        let mut table = Table::default();
        table.hold("fast", (1.0, ""), Target::AtMost(1.5));
        table.hold("small", (70.0, "MB"), Target::AtMost(60.0));
        table.tell("calls", (5.0, "/s"));
        assert_eq!(table.missed(), ["small (70)"]);
        assert!(table.markdown().contains("| small | 70 MB | at most 60 | **missed** |"));
    }
}
