//! `xtask/ratchet.toml`: the breaks of the rules that are known and may only get fewer.
//!
//! In: entries `{rule, place, measured?, reason}`. Out: whether a finding is forgiven, and the entries that forgive
//! nothing or more than is there, each a finding of its own. An entry never forgives a number above its own.
//! Tests are at the end.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use super::report::{Finding, Row};

/// The list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ratchet {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    place: String,
    measured: Option<usize>,
    reason: String,
}

impl Ratchet {
    /// Reads the list.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path);
        Self::parse(&text.with_context(|| format!("`{}`", path.display()))?)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let ratchet: Self = toml::from_str(text).context("`xtask/ratchet.toml`")?;
        for entry in &ratchet.entry {
            anyhow::ensure!(!entry.reason.trim().is_empty(), "`{}` has no reason", entry.place);
        }
        Ok(ratchet)
    }

    /// Whether an entry takes the finding out.
    pub(crate) fn forgives(&self, rule: &str, finding: &Finding) -> bool {
        self.entry.iter().any(|entry| entry.covers(rule, finding))
    }

    /// The entries that no finding needs as they are.
    pub(crate) fn idle(&self, rows: &[Row]) -> Vec<Finding> {
        self.entry.iter().filter_map(|entry| entry.idle(rows)).collect()
    }
}

impl Entry {
    fn covers(&self, rule: &str, finding: &Finding) -> bool {
        self.rule == rule && self.place == finding.place && finding.measured <= self.measured
    }

    fn idle(&self, rows: &[Row]) -> Option<Finding> {
        let row = rows.iter().find(|row| row.rule == self.rule);
        let findings = row.map_or(&[][..], |row| row.findings.as_slice());
        match findings.iter().find(|finding| self.covers(&self.rule, finding)) {
            None => Some(Finding::new(&self.place, "nothing to forgive, take the entry out")),
            Some(finding) if finding.measured < self.measured => {
                let text = format!("lower `measured` to {}", finding.measured.unwrap_or_default());
                Some(Finding::new(&self.place, text))
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::super::report::Report;
    use super::*;

    const ENTRY: &str =
        "[[entry]]\nrule = \"lines\"\nplace = \"a.rs\"\nmeasured = 80\nreason = \"a table\"\n";

    fn left(measured: Option<usize>) -> usize {
        let mut report = Report::default();
        let found = measured.map(|lines| Finding::new("a.rs", "too long").measured(lines));
        report.add("lines", found.into_iter().collect());
        report.settle(&Ratchet::parse(ENTRY).unwrap());
        match report.verdict() {
            Ok(()) => 0,
            Err(_) => 1,
        }
    }

    #[test]
    fn known_break_is_forgiven_at_its_number_only() {
        assert_eq!(left(Some(80)), 0);
        assert_eq!(left(Some(81)), 1);
    }

    #[test]
    fn entry_that_forgives_too_much_or_nothing_is_a_break() {
        assert_eq!(left(Some(79)), 1);
        assert_eq!(left(None), 1);
        let idle = Ratchet::parse(ENTRY).unwrap().idle(&[]);
        assert_eq!(places(&idle), ["a.rs"]);
    }

    #[test]
    fn entry_needs_a_reason() {
        let text = ENTRY.replace("a table", " ");
        assert_eq!(Ratchet::parse(&text).unwrap_err().to_string(), "`a.rs` has no reason");
    }
}
