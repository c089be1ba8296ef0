//! `checkrein contracts`: checking, showing and beginning contract files. Needs no server.
//!
//! In: the configured contracts, or files and directories of the line. Out: every error with file, line and fix (exit
//! 78), what a contract says, or a file to begin with.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use contract::{Catalogue, ContractFile, Origin};
use domain::{Code, ToolName};
use serde_json::{Value, json};

use crate::context::{Context, read_text};
use crate::failure::{Failure, OK, Result};
use crate::output::Table;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Check the configured contracts, or these files and directories
    Check {
        /// Contract files, or directories with them
        paths: Vec<PathBuf>,
        /// The files are the operator's own, so they may say `confirmed`
        #[arg(long)]
        operator: bool,
    },
    /// Show what a contract says
    Show {
        /// The tool
        tool: String,
    },
    /// Print a contract to begin with
    New {
        /// The tool, such as `tickets.comment`
        tool: String,
    },
}

pub(crate) fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Check { paths, operator } => {
            let origin = if operator { Origin::Operator } else { Origin::Project };
            check(context, &paths, origin)?;
        }
        Verb::Show { tool } => show(context, &tool)?,
        Verb::New { tool } => {
            let tool: ToolName = tool.parse().map_err(|error: domain::NameError| {
                Failure::usage(error.to_string()).fix("write one such as `tickets.comment`")
            })?;
            context.out.data(&contract::template(tool.as_str()));
        }
    }
    Ok(OK)
}

fn check(context: &Context, paths: &[PathBuf], origin: Origin) -> Result<()> {
    let catalogue = match paths.is_empty() {
        true => server::rules::catalogue(&context.config()?)?,
        false => of_files(&files(paths, "toml")?, origin)?,
    };
    let each = catalogue.iter().map(|compiled| {
        let contract = &compiled.contract;
        json!({
            "tool": contract.name.as_str(), "version": contract.version,
            "effect_class": contract.effect_class.word(), "provenance": contract.provenance.word(),
            "digest": contract.digest.to_string(),
        })
    });
    let found = json!({ "contracts": each.collect::<Vec<Value>>(), "digest": catalogue.digest().to_string() });
    context.out.show(&found, |_| {
        let mut table = Table::new(&["TOOL", "VERSION", "EFFECT", "DIGEST"]);
        for compiled in catalogue.iter() {
            let contract = &compiled.contract;
            let effect = format!("{} ({})", contract.effect_class, contract.provenance);
            let (version, digest) = (contract.version.to_string(), contract.digest.to_string());
            table.row([contract.name.as_str(), &version, &effect, &digest]);
        }
        table.text(&context.out.paint)
    })?;
    context.out.talk(&format!("{} contracts are in order", catalogue.len()));
    Ok(())
}

/// These contracts with those of the program.
pub(super) fn of_files(paths: &[PathBuf], origin: Origin) -> Result<Catalogue> {
    let texts: Vec<(String, String)> = paths
        .iter()
        .map(|path| Ok((path.display().to_string(), read_text(path)?)))
        .collect::<Result<_>>()?;
    let files = texts.iter().map(|(name, text)| ContractFile { name, text, origin });
    let all: Vec<ContractFile<'_>> = contract::builtin::FILES.into_iter().chain(files).collect();
    contract::load::all(&all).map_err(|errors| {
        Failure::coded(Code::BadContract, errors.to_string())
            .fix("correct them; docs/guides/contracts.md explains every field")
    })
}

/// Files as named, and those of named directories with this extension; table tests are left out.
pub(super) fn files(paths: &[PathBuf], extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let listed = listed(path)?;
        found.extend(listed.into_iter().filter(|file| {
            file.extension().is_some_and(|found| found == extension) && !is_table(file)
        }));
    }
    if found.is_empty() {
        let named: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::new(format!("no `*.{extension}` in `{}`", named.join("`, `")))
            .expected("at least one file")
            .fix("name a file, or a directory with such files"));
    }
    Ok(found)
}

/// A file of table tests.
pub(super) fn is_table(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".tests.toml"))
}

/// The files of a directory, by name.
pub(super) fn listed(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| Failure::file(directory, &error);
    let entries = std::fs::read_dir(directory).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<std::io::Result<_>>().map_err(failed)?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

fn show(context: &Context, tool: &str) -> Result<()> {
    let catalogue = server::rules::catalogue(&context.config()?)?;
    let Some(compiled) = catalogue.find(tool) else {
        let near = catalogue.suggest(tool).map(|near| format!(", did you mean `{near}`?"));
        let shown = contract::visible::short(tool);
        let message = format!("no contract for `{shown}`{}", near.unwrap_or_default());
        return Err(Failure::coded(Code::UnknownTool, message)
            .expected("a tool that a contract describes")
            .fix(format!("see them with `checkrein contracts check`, or begin one: `checkrein contracts new {shown}`")));
    };
    let contract = &compiled.contract;
    context.out.show(&contract::contract_json(contract), |_| contract::render(contract))
}
