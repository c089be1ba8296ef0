//! `cargo xtask tidy`: the rules of architecture and style that a program can hold, as one table.
//!
//! ```text
//! cargo metadata -> edges, fences          .rs files -> sources -> module docs, measures, receipts, test code
//! all files -> words, error pages          findings - ratchet.toml -> table, and an error if any is left
//! ```
//! Each rule is a function from what it reads to findings, tested with a sample that breaks it and one that does not.
//! It changes no file; formatting and lints belong to cargo fmt and clippy.

mod crates;
mod edges;
mod error_pages;
mod fences;
mod measures;
mod module_docs;
mod ratchet;
mod receipts;
mod report;
mod source;
mod test_code;
mod words;

use anyhow::Context;

use self::crates::Crates;
use self::ratchet::Ratchet;
#[cfg(test)]
use self::report::Finding;
use self::report::Report;
use self::source::Source;
use crate::workspace::Workspace;

/// Checks every rule, prints the table and fails when a finding is left.
pub(crate) fn tidy(workspace: &Workspace) -> anyhow::Result<()> {
    let files = workspace.files()?;
    let sources = read_sources(workspace, &files)?;
    let crates = Crates::read(workspace)?;
    let pages = error_pages::Pages::read(workspace, &files)?;
    let mut report = Report::default();
    report.add("crate edges", edges::check(&crates));
    report.add("outside-crate fences", fences::check(&crates));
    report.add("module docs", module_docs::check(&sources));
    for (heading, measure) in measures::check(&sources) {
        report.add_measured(heading, measure.shown, measure.findings);
    }
    report.add("receipts asserted by stores only", receipts::check(&sources));
    report.add("words", words::check(&read_texts(workspace, &files)?));
    report.add_measured("error pages", pages.shown(), pages.check());
    report.add("test code", test_code::check(&sources));
    let ratchet = Ratchet::read(&workspace.root().join("xtask/ratchet.toml"))?;
    report.settle(&ratchet);
    report.print();
    report.verdict()
}

/// Parses every Rust file and marks the ones that a `#[cfg(test)] mod name;` brings in.
fn read_sources(workspace: &Workspace, files: &[String]) -> anyhow::Result<Vec<Source>> {
    let rust = files.iter().filter(|path| path.ends_with(".rs"));
    let mut sources = Vec::new();
    for path in rust {
        let text = std::fs::read_to_string(workspace.root().join(path));
        let text = text.with_context(|| format!("`{path}`"))?;
        sources.push(Source::parse(path, text).with_context(|| format!("`{path}`"))?);
    }
    source::mark_test_modules(&mut sources);
    Ok(sources)
}

/// Every file that is text, with its path.
fn read_texts(workspace: &Workspace, files: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for path in files {
        let bytes = std::fs::read(workspace.root().join(path));
        if let Ok(text) = String::from_utf8(bytes.with_context(|| format!("`{path}`"))?) {
            texts.push((path.clone(), text));
        }
    }
    Ok(texts)
}

/// A source made from text, for the rules' own tests.
#[cfg(test)]
fn sample(path: &str, text: &str) -> Source {
    Source::parse(path, text.to_owned()).unwrap()
}

/// Where the findings are, for the rules' own tests.
#[cfg(test)]
fn places(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.place.as_str()).collect()
}
