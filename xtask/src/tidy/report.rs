//! Findings, and the table that shows them.
//!
//! In: per rule what was measured and what was found. Out: one row per rule, each finding below it, and an error when a
//! finding is left after the ratchet took out what it forgives. Tests are at the end.

use anyhow::bail;

use super::ratchet::Ratchet;

/// One break of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Where: a crate, a file, a file and line, or a file and function. The ratchet names it.
    pub(crate) place: String,
    /// What is wrong and what would be right.
    pub(crate) text: String,
    /// The measured number, where the rule is a bound.
    pub(crate) measured: Option<usize>,
}

impl Finding {
    /// A break without a number.
    pub(crate) fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { place: place.into(), text: text.into(), measured: None }
    }

    /// The same break with the number that broke the bound.
    pub(crate) fn measured(mut self, measured: usize) -> Self {
        self.measured = Some(measured);
        self
    }
}

/// One rule with what was found.
#[derive(Debug)]
pub(crate) struct Row {
    /// The rule's name; the ratchet names it.
    pub(crate) rule: &'static str,
    shown: String,
    /// What breaks the rule.
    pub(crate) findings: Vec<Finding>,
    forgiven: usize,
}

/// All rules in the order they were checked.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a rule that either holds or does not.
    pub(crate) fn add(&mut self, rule: &'static str, findings: Vec<Finding>) {
        self.add_measured(rule, String::new(), findings);
    }

    /// Adds a rule with what was measured, as text.
    pub(crate) fn add_measured(
        &mut self,
        rule: &'static str,
        shown: String,
        findings: Vec<Finding>,
    ) {
        self.rows.push(Row { rule, shown, findings, forgiven: 0 });
    }

    /// Takes out what the ratchet forgives, and adds a row for ratchet entries that forgive nothing.
    pub(crate) fn settle(&mut self, ratchet: &Ratchet) {
        let idle = ratchet.idle(&self.rows);
        for row in &mut self.rows {
            let before = row.findings.len();
            row.findings.retain(|finding| !ratchet.forgives(row.rule, finding));
            row.forgiven = before - row.findings.len();
        }
        self.add("ratchet only shrinks", idle);
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        print!("{}", self.table());
    }

    /// An error when a finding is left.
    pub(crate) fn verdict(&self) -> anyhow::Result<()> {
        match self.rows.iter().map(|row| row.findings.len()).sum::<usize>() {
            0 => Ok(()),
            left => bail!("tidy found {left} breaks of the rules, listed above"),
        }
    }

    fn table(&self) -> String {
        let mut table = String::new();
        for row in &self.rows {
            let mark = if row.findings.is_empty() { "ok  " } else { "FAIL" };
            let mut line = format!("{mark} {:<34} {}", row.rule, row.shown);
            if row.forgiven > 0 {
                line.push_str(&format!(" ({} in the ratchet)", row.forgiven));
            }
            table.push_str(line.trim_end());
            table.push('\n');
            for finding in &row.findings {
                table.push_str(&format!("     {}: {}\n", finding.place, finding.text));
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_lists_each_finding_below_its_rule() {
        let mut report = Report::default();
        report.add_measured("lines", "median 3".into(), vec![]);
        report.add("edges", vec![Finding::new("domain", "must not see `gate`")]);
        report.settle(&Ratchet::default());
        assert_eq!(
            report.table(),
            "ok   lines                              median 3\n\
             FAIL edges\n     domain: must not see `gate`\n\
             ok   ratchet only shrinks\n"
        );
        report.verdict().unwrap_err();
    }

    #[test]
    fn report_without_findings_passes() {
        let mut report = Report::default();
        report.add("edges", vec![]);
        report.verdict().unwrap();
    }
}
