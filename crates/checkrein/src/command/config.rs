//! `checkrein config`: whether the configuration is right, and what is in force with all defaults.
//!
//! In: the configuration file and the environment. Out: problems with file, line and fix (exit 78), or every value in
//! force. Values of secrets are never read here; only where they stand is shown. Needs no server.

use clap::Subcommand;
use domain::{Amounts, CredentialSource, Money, NamedCommand, Remote};
use serde_json::{Value, json};
use server::Config;
use server::config::{Jail, KEYS};
use server::wire;

use crate::context::Context;
use crate::failure::{OK, Result};
use crate::output::{Facts, Table};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Check the configuration, with contracts and policies
    Check,
    /// Show what is in force
    Show,
    /// List every key with its meaning and default
    Keys,
}

pub(crate) fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Check => check(context)?,
        Verb::Show => show(context)?,
        Verb::Keys => keys(context)?,
    }
    Ok(OK)
}

fn check(context: &Context) -> Result<()> {
    let config = context.config()?;
    let loaded = server::rules::load(&config)?;
    let (contracts, policies) =
        (loaded.rules.catalogue.len(), loaded.rules.policies.rules().count());
    let file = config.file.as_ref().map(|file| file.display().to_string());
    let found = json!({
        "file": file,
        "contracts": contracts,
        "policies": policies,
        "warnings": config.warnings,
    });
    for warning in &config.warnings {
        context.out.talk(&format!("warning: {warning}"));
    }
    context.out.show(&found, |_| {
        let file = file.unwrap_or_else(|| "the defaults (no file)".to_owned());
        format!("{file}: in order, with {contracts} contracts and {policies} policies")
    })
}

fn show(context: &Context) -> Result<()> {
    let config = context.config()?;
    context.out.show(&value(&config), |_| facts(&config).text(&context.out.paint))
}

fn keys(context: &Context) -> Result<()> {
    let all: Vec<Value> = KEYS
        .iter()
        .map(|key| {
            json!({
                "name": key.name, "title": key.title, "meaning": key.meaning, "default": key.default,
                "unit": key.unit, "since": key.since, "variable": key.variable,
            })
        })
        .collect();
    context.out.show(&all, |_| {
        let mut table = Table::new(&["KEY", "DEFAULT", "UNIT", "VARIABLE", "WHAT IT IS"]);
        for key in KEYS {
            table.row([key.name, key.default, key.unit, key.variable, key.title]);
        }
        table.text(&context.out.paint)
    })
}

fn paths(paths: &[std::path::PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

fn limits(amounts: &Amounts<Option<u64>>) -> Value {
    let limits = wire::Limits {
        calls: amounts.calls,
        money: amounts.money_micros.map(|micros| Money::from_micros(micros).to_string()),
        irreversible: amounts.irreversible,
        read_bytes: amounts.read_bytes,
        wall_ms: amounts.wall_ms,
    };
    serde_json::to_value(limits).unwrap_or_default()
}

/// Everything, for programs. Secrets are named, never shown.
fn value(config: &Config) -> Value {
    let workspaces = config.workspaces.iter().map(|one| {
        json!({ "tenant": one.tenant.as_str(), "space": one.space.as_str(), "root": one.root.display().to_string() })
    });
    let spaces = config
        .spaces
        .iter()
        .map(|one| json!({ "name": one.name.as_str(), "mode": one.mode.word() }));
    let workflows = config.workflows.iter().map(|one| {
        json!({
            "name": one.name.as_str(), "owner": one.owner.to_string(), "space": one.space.as_str(),
            "budget": limits(&one.budget), "on_exceeded": one.on_exceeded.word(),
        })
    });
    let (day, on_exceeded) = &config.grant_day;
    json!({
        "file": config.file.as_ref().map(|file| file.display().to_string()),
        "url": config.url(),
        "data_dir": config.data_dir.display().to_string(),
        "config_dir": config.config_dir.display().to_string(),
        "master_key_file": config.master_key_file.display().to_string(),
        "first_keys_file": config.first_keys_file().display().to_string(),
        "contracts": paths(&config.contracts),
        "policies": paths(&config.policies),
        "currency": config.currency,
        "workspaces": workspaces.collect::<Vec<_>>(),
        "spaces": spaces.collect::<Vec<_>>(),
        "workflows": workflows.collect::<Vec<_>>(),
        "grant_day": { "limit": limits(day), "on_exceeded": on_exceeded.word() },
        "secrets": { "env": config.secrets.env, "files": paths(&config.secrets.files) },
        "commands": config.commands.iter().map(command).collect::<Vec<_>>(),
        "git_remotes": config.remotes.iter().map(remote).collect::<Vec<_>>(),
        "jail": jail(&config.jail),
        "warnings": config.warnings,
    })
}

fn command(command: &NamedCommand) -> Value {
    json!({
        "program": command.program, "arguments": command.arguments, "role": command.role.map(|role| role.word()),
        "reads": command.needs.reads, "caches": command.needs.caches, "environment": command.needs.environment,
    })
}

/// Where the credential is read from; never what it is.
fn remote(remote: &Remote) -> Value {
    let (env, file) = match &remote.credential {
        Some(CredentialSource::Environment(name)) => (Some(name), None),
        Some(CredentialSource::File(path)) => (None, Some(path)),
        None => (None, None),
    };
    json!({ "name": remote.name, "url": remote.url, "credential_env": env, "credential_file": file })
}

fn jail(jail: &Jail) -> Value {
    json!({
        "upper_bytes": jail.upper_bytes, "memory_bytes": jail.memory_bytes, "processes": jail.processes,
        "cpu_ms": u64::try_from(jail.cpu.as_millis()).unwrap_or(u64::MAX), "jails_max": jail.jails_max,
    })
}

fn facts(config: &Config) -> Facts {
    let mut facts = Facts::new();
    let none = || "none: everything is a default".to_owned();
    facts
        .fact("file", config.file.as_ref().map_or_else(none, |file| file.display().to_string()))
        .fact("url", config.url())
        .fact("data directory", config.data_dir.display().to_string())
        .fact("operator's directory", config.config_dir.display().to_string())
        .fact("master key", config.master_key_file.display().to_string())
        .fact("first keys", config.first_keys_file().display().to_string())
        .fact("currency", &config.currency);
    for path in paths(&config.contracts) {
        facts.fact("contracts", path);
    }
    for path in paths(&config.policies) {
        facts.fact("policies", path);
    }
    for one in &config.workspaces {
        let root = one.root.display();
        facts.fact("workspace", format!("{root} (tenant {}, space {})", one.tenant, one.space));
    }
    for one in &config.spaces {
        facts.fact("space", format!("{} ({})", one.name, one.mode.word()));
    }
    for one in &config.workflows {
        let budget = limits(&one.budget);
        let word = one.on_exceeded.word();
        facts.fact("workflow", format!("{} in {}: {budget}, then {word}", one.name, one.space));
    }
    for one in &config.commands {
        let words = one.arguments.iter().map(String::as_str);
        let line: Vec<&str> = std::iter::once(one.program.as_str()).chain(words).collect();
        let role = one.role.map(|role| format!(" ({})", role.word())).unwrap_or_default();
        facts.fact("command", format!("{}{role}", line.join(" ")));
    }
    for one in &config.remotes {
        facts.fact("git remote", format!("{} at {}", one.name, one.url));
    }
    facts.fact("jail", jail(&config.jail).to_string());
    for warning in &config.warnings {
        facts.fact("warning", warning);
    }
    facts
}
