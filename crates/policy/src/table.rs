//! Table tests: what a policy must say of calls, in files beside the policies.
//!
//! ```toml
//! contracts = ["fixtures/tools.toml"]     # loaded by the caller, into the catalogue of the version
//! [defaults]                              # facts of every case that does not say otherwise
//! confidence = "0.97"
//! [[case]]
//! name = "reads run alone"
//! tool = "files.read"
//! resource = "workspace:src/a.rs"
//! expect = { verdict = "allow", tier = 1 }
//! ```
//! A version and such text go in, a [`Report`] comes out; no files are read here. The facts a case may give
//! are the fields of [`form::Given`]; what it may expect those of [`form::Expect`].

use std::collections::BTreeSet;
use std::fmt;

use domain::{DutyKind, Verdict};

use crate::PolicySet;
use crate::error::Place;

mod facts;
pub mod form;

use form::{Expect, File};

/// What came of one file of table tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file, as named by the caller.
    pub file: String,
    /// Why the file cannot be used at all.
    pub problem: Option<String>,
    /// Every case, in order.
    pub cases: Vec<Case>,
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Its line, from 1.
    pub line: u32,
    /// What is not as expected; empty if it passed.
    pub differences: Vec<String>,
}

impl Report {
    /// Whether every case passed and there was at least one.
    pub fn passed(&self) -> bool {
        self.problem.is_none()
            && !self.cases.is_empty()
            && self.cases.iter().all(|case| case.differences.is_empty())
    }
}

impl fmt::Display for Report {
    /// Every failure with its place, then one line with the counts.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = &self.problem {
            return write!(out, "{}: {problem}", self.file);
        }
        for case in &self.cases {
            for difference in &case.differences {
                writeln!(out, "{}:{}: {}: {difference}", self.file, case.line, case.name)?;
            }
        }
        let failed = self.cases.iter().filter(|case| !case.differences.is_empty()).count();
        write!(
            out,
            "{}: {} of {} cases passed",
            self.file,
            self.cases.len() - failed,
            self.cases.len()
        )
    }
}

/// The contract files that a file of table tests names, relative to itself.
///
/// # Errors
/// What is wrong with the file, with its line.
pub fn contracts(text: &str, file: &str) -> Result<Vec<String>, String> {
    parse(text, file).map(|parsed| parsed.contracts)
}

/// Runs every case against a version of the policies.
pub fn run(set: &PolicySet, text: &str, file: &str) -> Report {
    let parsed = match parse(text, file) {
        Ok(parsed) => parsed,
        Err(problem) => {
            return Report { file: file.to_owned(), problem: Some(problem), cases: Vec::new() };
        }
    };
    let cases = parsed.case.iter().map(|case| Case {
        name: case.name.get_ref().clone(),
        line: Place::of(file, text, case.name.span().start).line,
        differences: match facts::facts(set, case, &parsed.defaults) {
            Ok(facts) => differences(&set.judge(&facts), &case.expect),
            Err(problem) => vec![problem],
        },
    });
    Report { file: file.to_owned(), problem: None, cases: cases.collect() }
}

fn parse(text: &str, file: &str) -> Result<File, String> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| Place::of(file, text, span.start).line);
        format!("line {line}: {}", error.message())
    })
}

fn differences(verdict: &Verdict, expect: &Expect) -> Vec<String> {
    let mut found = Vec::new();
    let said: Vec<String> = verdict.reasons.iter().map(|reason| reason.text.clone()).collect();
    if verdict.strength.word() != expect.verdict {
        found.push(format!(
            "expected {}, got {} because {}",
            expect.verdict,
            verdict.strength,
            if said.is_empty() { "of nothing".to_owned() } else { said.join("; ") }
        ));
    }
    if let Some(tier) = expect.tier
        && verdict.tier.word() != tier.to_string()
    {
        found.push(format!("expected tier {tier}, got tier {}", verdict.tier));
    }
    let policies: BTreeSet<&str> = verdict
        .reasons
        .iter()
        .filter_map(|reason| reason.policy.as_ref().map(|policy| policy.id.as_str()))
        .collect();
    for id in expect.policies.iter().flatten().filter(|id| !policies.contains(id.as_str())) {
        found.push(format!("expected `{id}` among the reasons, got {policies:?}"));
    }
    let requirements = verdict.requirements.iter().map(|requirement| requirement.id.as_str());
    same("requirements", expect.requirements.as_deref(), requirements, &mut found);
    let duties = |kind| {
        verdict.duties.iter().filter(move |duty| duty.kind == kind).map(|duty| duty.id.as_str())
    };
    same("notices", expect.notices.as_deref(), duties(DutyKind::Notice), &mut found);
    same("reviews", expect.reviews.as_deref(), duties(DutyKind::Review), &mut found);
    found
}

/// Ids must be exactly the expected ones, where any are expected.
fn same<'a>(
    what: &str,
    expect: Option<&[String]>,
    got: impl Iterator<Item = &'a str>,
    found: &mut Vec<String>,
) {
    let Some(expect) = expect else { return };
    let expect: BTreeSet<&str> = expect.iter().map(String::as_str).collect();
    let got: BTreeSet<&str> = got.collect();
    if got != expect {
        found.push(format!("expected {what} {expect:?}, got {got:?}"));
    }
}
