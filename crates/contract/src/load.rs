//! Contract files to contracts.
//!
//! In: the text of TOML files and whose files they are. Out: compiled contracts, or every error found, each with file,
//! line, column and what would be right. The format is described in `docs/guides/contracts.md`.
//!
//! ```text
//! text -> places (TOML with positions) -> twin (fields) -> convert (values) -> judge (sense) -> Compiled
//! ```
//!
//! Left out: reading directories (`server`, `checkrein`). Tests: `tests/it/load.rs`, with the texts as snapshots.

mod across;
mod attach;
mod convert;
mod fields;
mod findings;
mod judge;
mod twin;

use std::collections::BTreeSet;
use std::fmt;

use crate::catalogue::Catalogue;
use crate::command::Installation;
use crate::compiled::Compiled;
use domain::{Contract, limits};
use findings::Findings;

pub(crate) use convert::inverse;
pub(crate) use judge::possible_without_change;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The project's: whoever can change the project wrote it, so its classes are only declared.
    Project,
    /// The operator's configuration directory, which no tool reaches: may say `confirmed`.
    Operator,
    /// Part of the program.
    BuiltIn,
    /// The journal, which kept what was in force: complete as [`crate::contract_json`] wrote it, and confirmed then.
    Recorded,
}

/// One contract file.
#[derive(Debug, Clone, Copy)]
pub struct ContractFile<'a> {
    /// Its name, as errors show it.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whose it is.
    pub origin: Origin,
}

/// One error in a contract file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The tool, where it is known.
    pub tool: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub fix: String,
}

/// Every error found, sorted by file and place, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadErrors(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = self.tool.as_ref().map(|tool| format!("`{tool}`: ")).unwrap_or_default();
        let then = if self.what.ends_with('?') { " " } else { "; " };
        let Self { file, line, column, what, fix, .. } = self;
        write!(out, "{file}:{line}:{column}: {tool}{what}{then}{fix}")
    }
}

impl fmt::Display for LoadErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Diagnostic::to_string).collect();
        out.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for LoadErrors {}

/// Loads all files as one set, without named commands and remotes. See [`installed`].
///
/// # Errors
/// Everything that is wrong with the files, the operator's or the project's fault.
pub fn all(files: &[ContractFile<'_>]) -> Result<Catalogue, LoadErrors> {
    installed(files, &Installation::default())
}

/// Loads all files of an installation as one set. Include [`crate::builtin::FILES`] for the tools that come with the
/// program; no other file may describe those again. What the installation names is put into those tools alone.
///
/// # Errors
/// Everything that is wrong with the files, the operator's or the project's fault.
pub fn installed(
    files: &[ContractFile<'_>],
    installation: &Installation,
) -> Result<Catalogue, LoadErrors> {
    let mut diagnostics = Vec::new();
    let mut loaded = Vec::new();
    let mut places = Vec::new();
    let mut read = Vec::new();
    let mut taken = BTreeSet::new();
    let mut attached = Vec::new();
    let known: BTreeSet<String> = files.iter().flat_map(|file| fields::names(file.text)).collect();
    for file in files {
        let mut findings = Findings::new(file);
        let (tools, safeguards) = tools((file, installation), &known, &mut findings);
        for (index, compiled) in tools {
            if taken.insert(compiled.name().clone()) {
                places.push((read.len(), index));
                loaded.push(compiled);
            } else {
                findings.in_tool(index).add(
                    &["name"],
                    format!("`{}` is described before, here or in another file", compiled.name()),
                    "choose another name, or keep one description",
                );
            }
        }
        read.push(findings);
        attached.push(safeguards);
    }
    for (safeguards, findings) in attached.into_iter().zip(&mut read) {
        attach::attach(&mut loaded, safeguards, findings);
    }
    let of_undo =
        across::misfits(&loaded).into_iter().map(|(tool, what, fix)| (tool, "undo", what, fix));
    let of_probe = probes(&loaded).into_iter().map(|(tool, what, fix)| (tool, "probe", what, fix));
    let misfits: Vec<_> = of_undo.chain(of_probe).collect();
    for (tool, field, what, fix) in misfits {
        if let Some((file, index)) = places.get(tool)
            && let Some(findings) = read.get_mut(*file)
        {
            findings.in_tool(*index).add(&[field], what, fix);
        }
    }
    diagnostics.extend(read.into_iter().flat_map(Findings::into_diagnostics));
    if loaded.len() > limits::CONTRACTS_MAX {
        diagnostics.push(too_many(files, loaded.len()));
    }
    if !diagnostics.is_empty() {
        diagnostics.sort();
        return Err(LoadErrors(diagnostics));
    }
    Catalogue::new(loaded).map_err(|_| LoadErrors(Vec::new()))
}

/// Probes whose tool could change something: looking must be harmless.
fn probes(loaded: &[Compiled]) -> Vec<(usize, String, String)> {
    let harmful = |(place, compiled): (usize, &Compiled)| {
        let probe = compiled.contract.attempts.probe.as_ref()?;
        let tool = loaded.iter().find(|other| *other.name() == probe.tool)?;
        let what = crate::attempts::probe_of(&tool.contract)?;
        let fix = "let an operator confirm that tool as `pure` in the configuration directory, or remove the `probe`";
        Some((place, what, fix.to_owned()))
    };
    loaded.iter().enumerate().filter_map(harmful).collect()
}

/// Loads one file on its own.
pub fn file(file: &ContractFile<'_>) -> Result<Vec<Compiled>, LoadErrors> {
    let known = fields::names(file.text).into_iter().collect();
    let mut findings = Findings::new(file);
    let (tools, safeguards) = tools((file, &Installation::default()), &known, &mut findings);
    let (places, mut loaded): (Vec<usize>, Vec<Compiled>) = tools.into_iter().unzip();
    attach::attach(&mut loaded, safeguards, &mut findings);
    for (tool, what, fix) in across::misfits(&loaded) {
        if let Some(index) = places.get(tool) {
            findings.in_tool(*index).add(&["undo"], what, fix);
        }
    }
    let mut diagnostics = findings.into_diagnostics();
    if diagnostics.is_empty() {
        return Ok(loaded);
    }
    diagnostics.sort();
    Err(LoadErrors(diagnostics))
}

/// What is wrong with a contract that no file describes, if anything is: the rules of contract files but those about how its input
/// must be written, which is another's to say.
pub(crate) fn nonsense(contract: &Contract) -> Option<String> {
    let mut findings = Findings::new(&ContractFile { name: "", text: "", origin: Origin::BuiltIn });
    judge::discovered(contract, &mut findings.in_tool(0));
    findings.into_diagnostics().first().map(|first| format!("{}; {}", first.what, first.fix))
}

/// What stands in a file by its place there: tools, and safeguards of tools of other files.
type Written = (Vec<(usize, Compiled)>, Vec<(usize, twin::Safeguards)>);

fn tools<'a>(
    (file, installation): (&ContractFile<'a>, &Installation),
    known: &BTreeSet<String>,
    findings: &mut Findings<'a>,
) -> Written {
    let bytes = u64::try_from(file.text.len()).unwrap_or(u64::MAX);
    if bytes > limits::SOURCE_FILE_BYTES_MAX {
        findings.add_at(
            0,
            format!(
                "the file has {bytes} bytes, at most {} are allowed",
                limits::SOURCE_FILE_BYTES_MAX
            ),
            "split it into several files".to_owned(),
        );
        return (Vec::new(), Vec::new());
    }
    let Some(read) = twin::read(file, findings) else { return (Vec::new(), Vec::new()) };
    let mut loaded = Vec::new();
    for (index, twin) in read.tools {
        let mut findings = findings.in_tool(index);
        let Some(contract) = convert::contract(twin, file.origin, known, &mut findings) else {
            continue;
        };
        let contract = match file.origin {
            Origin::BuiltIn => installation.fill(contract),
            Origin::Operator | Origin::Project | Origin::Recorded => contract,
        };
        judge::judge(&contract, &mut findings);
        if findings.is_clean() {
            match Compiled::new(contract) {
                Ok(compiled) => loaded.push((index, compiled)),
                Err(error) => findings.add(&["name"], error.to_string(), "correct it"),
            }
        }
    }
    (loaded, read.safeguards)
}

fn too_many(files: &[ContractFile<'_>], count: usize) -> Diagnostic {
    Diagnostic {
        file: files.last().map(|file| file.name.to_owned()).unwrap_or_default(),
        line: 1,
        column: 1,
        tool: None,
        what: format!("{count} contracts, at most {} are allowed", limits::CONTRACTS_MAX),
        fix: "remove those that no agent needs".to_owned(),
    }
}
