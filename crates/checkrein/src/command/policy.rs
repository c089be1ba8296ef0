//! `checkrein policy`: checking policies, running the tables beside them, and why a call was decided as it was.
//!
//! In: the configured policies, or files and directories of the line; for `explain` a call's id and a server. Out:
//! rules with their places, every problem with file, line and fix (exit 78), or every table case that failed (exit 1).
//! What was called makes a policy in `policy/suggest.rs`; whether policies hold is set in `policy/mode.rs`.

mod mode;
mod suggest;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use contract::{Catalogue, Origin};
use domain::{Code, Contract};
use policy::table::{self, Report};
use policy::{LoadErrors, PolicySet, RuleSummary, Source};
use serde_json::{Value, json};
use server::Config;

use super::contracts::{files, is_table, listed, of_files};
use crate::context::{Context, read_text};
use crate::failure::{ERROR, Failure, OK, Result};
use crate::output::Table;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Check the configured policies, or these, against the tools of this installation
    Check {
        /// Policy files, or directories with them
        paths: Vec<PathBuf>,
    },
    /// Run the table tests beside the configured policies, or beside these
    Test {
        /// Directories with policies and `*.tests.toml`
        paths: Vec<PathBuf>,
    },
    /// Say why a call was decided as it was, from the recorded facts
    Explain {
        /// The call's id
        call: String,
    },
    /// Make a policy of what was called, to read and change
    Suggest(suggest::Suggest),
    /// Let policies hold in a space
    Enforce(mode::Enforce),
    /// Only record what policies say in a space
    Shadow(mode::Shadow),
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Check { paths } => check(context, &paths),
        Verb::Test { paths } => test(context, &paths),
        Verb::Explain { call } => super::calls::explain(context, &call).await,
        Verb::Suggest(given) => suggest::run(context, given).await,
        Verb::Enforce(given) => mode::enforce(context, given).await,
        Verb::Shadow(given) => mode::shadow(context, given).await,
    }
}

fn check(context: &Context, paths: &[PathBuf]) -> Result {
    let config = context.config()?;
    let (sources, from) = sources(&config, paths)?;
    let catalogue = server::rules::catalogue(&config)?;
    let set = match load(&sources, &catalogue) {
        Ok(set) => set,
        Err(errors) => {
            context.out.only_json(&problems(&errors))?;
            return Err(bad(&errors));
        }
    };
    let rules: Vec<RuleSummary> = set.rules().collect();
    let quarantined = set.quarantined();
    let quarantine: Value = quarantined
        .iter()
        .map(|(tool, why)| (tool.to_string(), Value::from(why.as_str())))
        .collect();
    let found = json!({
        "version": set.version().to_string(), "from": from, "problems": [],
        "rules": rules.iter().map(rule).collect::<Vec<_>>(), "quarantined": quarantine,
    });
    context.out.show(&found, |_| rules_table(&rules).text(&context.out.paint))?;
    for (tool, why) in quarantined {
        context.out.talk(&format!("warning: `{tool}` cannot be called: {why}"));
    }
    context.out.talk(&format!(
        "{} policies are in order ({from}); version {}",
        rules.len(),
        set.version()
    ));
    Ok(OK)
}

fn rule(rule: &RuleSummary) -> Value {
    json!({
        "id": rule.id, "kind": rule.kind.word(), "file": rule.place.file, "line": rule.place.line,
        "reason": rule.reason, "dormant": rule.dormant, "provable": rule.provable,
        "absent": rule.absent.iter().map(|(name, _)| name).collect::<Vec<_>>(),
    })
}

fn rules_table(rules: &[RuleSummary]) -> Table {
    let mut table = Table::new(&["RULE", "KIND", "STATE", "PLACE", "SAYS"]);
    for rule in rules {
        let place = format!("{}:{}", rule.place.file, rule.place.line);
        let state = if rule.dormant { "dormant" } else { "in force" };
        table.row([&rule.id, rule.kind.word(), state, &place, &rule.reason]);
    }
    table
}

fn problems(errors: &LoadErrors) -> Value {
    let each = errors.0.iter().map(|error| {
        json!({
            "file": error.file, "line": error.line, "column": error.column,
            "message": error.what, "fix": error.fix,
        })
    });
    json!({ "version": null, "problems": each.collect::<Vec<_>>() })
}

fn bad(errors: &LoadErrors) -> Failure {
    Failure::coded(Code::BadPolicy, errors.to_string())
        .fix("correct them; docs/guides/policies.md explains how policies are written")
}

/// Named files, else those of the configuration, else the starter policy; and which of these.
fn sources(config: &Config, paths: &[PathBuf]) -> Result<(Vec<Source>, &'static str)> {
    if !paths.is_empty() {
        return Ok((read(&files(paths, "cedar")?)?, "files"));
    }
    let written: Vec<PathBuf> = directories(config)
        .iter()
        .map(|directory| listed(directory))
        .collect::<Result<Vec<_>>>()?
        .concat();
    let written: Vec<PathBuf> = written
        .into_iter()
        .filter(|path| path.extension().is_some_and(|one| one == "cedar"))
        .collect();
    match written.is_empty() {
        true => Ok((policy::starter(), "starter")),
        false => Ok((read(&written)?, "files")),
    }
}

/// The directories that the server reads policies from.
fn directories(config: &Config) -> Vec<PathBuf> {
    let own = std::iter::once(config.config_dir.join("policies"));
    own.chain(config.policies.iter().cloned()).filter(|path| path.is_dir()).collect()
}

fn read(paths: &[PathBuf]) -> Result<Vec<Source>> {
    let source =
        |path: &PathBuf| Ok(Source { file: path.display().to_string(), text: read_text(path)? });
    paths.iter().map(source).collect()
}

fn load(sources: &[Source], catalogue: &Catalogue) -> std::result::Result<PolicySet, LoadErrors> {
    let contracts: Vec<&Contract> = catalogue.iter().map(|compiled| &compiled.contract).collect();
    PolicySet::load(sources, &contracts)
}

fn test(context: &Context, paths: &[PathBuf]) -> Result {
    let config = context.config()?;
    let (sources, from) = sources(&config, paths)?;
    let mut reports = Vec::new();
    for path in tables(&config, paths)? {
        reports.push(run_table(&sources, &config, &path)?);
    }
    if from == "starter" {
        reports.push(starter()?);
    }
    if reports.is_empty() {
        return Err(Failure::new("there are no table tests")
            .expected("a file `*.tests.toml` beside the policies")
            .fix("see docs/guides/policies.md for its form"));
    }
    let passed = reports.iter().all(Report::passed);
    let all: Vec<Value> = reports.iter().map(report).collect();
    context.out.show(&all, |_| {
        reports.iter().map(|report| format!("{}\n", visible(&report.to_string()))).collect()
    })?;
    Ok(if passed { OK } else { ERROR })
}

fn visible(text: &str) -> String {
    contract::visible::visible(text, contract::visible::Breaks::Kept).into_owned()
}

fn report(report: &Report) -> Value {
    let cases = report.cases.iter().map(
        |case| json!({ "name": case.name, "line": case.line, "differences": case.differences }),
    );
    json!({
        "file": report.file, "passed": report.passed(), "problem": report.problem,
        "cases": cases.collect::<Vec<_>>(),
    })
}

/// Files of table tests: named ones, and those beside policies.
fn tables(config: &Config, paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let places = if paths.is_empty() { directories(config) } else { paths.to_vec() };
    let mut found = Vec::new();
    for path in places {
        let files = if path.is_dir() { listed(&path)? } else { vec![path] };
        found.extend(files.into_iter().filter(|file| is_table(file)));
    }
    Ok(found)
}

/// Over the contracts that the table names, else over those of this installation.
fn run_table(sources: &[Source], config: &Config, path: &Path) -> Result<Report> {
    let (text, file) = (read_text(path)?, path.display().to_string());
    let named = table::contracts(&text, &file).map_err(|problem| {
        Failure::coded(Code::BadPolicy, format!("{file}: {problem}"))
            .fix("see docs/guides/policies.md for the form of table tests")
    })?;
    let beside = path.parent().unwrap_or(Path::new("."));
    let fixtures: Vec<PathBuf> = named.iter().map(|name| beside.join(name)).collect();
    let catalogue = match fixtures.is_empty() {
        true => server::rules::catalogue(config)?,
        false => of_files(&fixtures, Origin::Operator)?,
    };
    let set = load(sources, &catalogue).map_err(|errors| bad(&errors))?;
    Ok(table::run(&set, &text, &file))
}

/// The starter policy against its own tables and fixtures, all built in.
fn starter() -> Result<Report> {
    let fixtures = policy::STARTER_FIXTURES;
    let fixtures = contract::ContractFile {
        name: fixtures.file,
        text: fixtures.text,
        origin: Origin::Operator,
    };
    let files: Vec<contract::ContractFile<'_>> =
        contract::builtin::FILES.into_iter().chain([fixtures]).collect();
    let catalogue = contract::load::all(&files)
        .map_err(|errors| Failure::coded(Code::BadContract, errors.to_string()))?;
    let set = load(&policy::starter(), &catalogue).map_err(|errors| bad(&errors))?;
    Ok(table::run(&set, policy::STARTER_TESTS.text, policy::STARTER_TESTS.file))
}
