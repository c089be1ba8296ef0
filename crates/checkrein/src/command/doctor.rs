//! `checkrein doctor`: looks at everything that an installation stands on and says how to mend what is wrong.
//!
//! In: the configuration and this machine. Out: one line for each check, `ok`, `warning` or `error`, with a fix; exit 1
//! if there is an error. In the workspace it makes two small files of its own and takes them away again.

mod jail;
mod kernel;
mod outlets;
mod people;
mod servers;
mod stops;
mod store;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use clap::Args;
use serde::Serialize;
use server::Config;

use crate::client::{Client, Key};
use crate::context::Context;
use crate::failure::{ERROR, Failure, OK, Result};
use crate::output::{Paint, Tone};

/// The first user id of people; system users have smaller ones (Debian policy 9.2.2, and others alike).
const PEOPLE_FROM: u32 = 1_000;

#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// As it should be.
    Ok,
    /// It works, and somebody should know.
    Warning,
    /// It does not work.
    Error,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    name: &'static str,
    level: Level,
    found: String,
    fix: String,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, level: Level::Ok, found: found.into(), fix: String::new() }
    }

    fn warning(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, level: Level::Warning, found: found.into(), fix: fix.into() }
    }

    fn error(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, level: Level::Error, found: found.into(), fix: fix.into() }
    }
}

pub(crate) async fn run(context: &Context, Arguments {}: Arguments) -> Result {
    let mut checks = Vec::new();
    match context.config() {
        Ok(config) => look(context, &config, &mut checks).await?,
        Err(failure) => checks.push(Check::error("configuration", failure.happened, failure.fix)),
    }
    context.out.show(&checks, |checks| text(checks, context.out.paint))?;
    let errors = checks.iter().filter(|check| check.level == Level::Error).count();
    Ok(if errors == 0 { OK } else { ERROR })
}

async fn look(context: &Context, config: &Config, checks: &mut Vec<Check>) -> Result<()> {
    let file = config.file.as_ref().map(|file| file.display().to_string());
    checks.push(Check::ok(
        "configuration",
        file.unwrap_or_else(|| "the defaults (no file)".to_owned()),
    ));
    for warning in &config.warnings {
        checks.push(Check::warning("configuration", warning, "see `checkrein config show`"));
    }
    checks.push(rules(config));
    let is_up = Client::new(&config.url(), Key::new(""))?.is_up().await;
    checks.push(port(config, is_up).await);
    checks.push(user());
    checks.push(private_directory("data directory", &config.data_dir));
    if let Some(place) = config.master_key_file.parent() {
        checks.push(private_directory("directory of the master key", place));
    }
    checks.push(store::master_key(config));
    checks.push(first_keys(config));
    checks.push(store::disk(config));
    checks.push(store::clock(config));
    for workspace in &config.workspaces {
        checks.push(kernel::workspace(&workspace.root));
        checks.extend(jail::owner(&workspace.root));
    }
    checks.push(jail::rung(config).await);
    checks.extend(store::credentials(config));
    checks.extend(servers::look(context, config, is_up).await);
    checks.push(people::look(context, config, is_up).await);
    checks.push(stops::look(context, is_up).await);
    checks.extend(outlets::look(context, config, is_up).await);
    checks.push(store::journal(config, is_up));
    Ok(())
}

fn rules(config: &Config) -> Check {
    match server::rules::load(config) {
        Ok(loaded) => {
            let (tools, rules) =
                (loaded.rules.catalogue.len(), loaded.rules.policies.rules().count());
            Check::ok("contracts and policies", format!("{tools} contracts, {rules} policies"))
        }
        Err(error) => {
            let failure = Failure::from(error);
            Check::error("contracts and policies", failure.happened, failure.fix)
        }
    }
}

async fn port(config: &Config, is_up: bool) -> Check {
    let name = "address";
    if is_up {
        return Check::ok(name, format!("a server answers at {}", config.url()));
    }
    match tokio::net::TcpListener::bind(config.listen).await {
        Ok(_) => Check::ok(
            name,
            format!("{} is free; start the server with `checkrein up`", config.listen),
        ),
        Err(error) => Check::error(
            name,
            format!("`{}` cannot be used: {error}", config.listen),
            "stop the program that listens there, or set `server.listen` to a free port",
        ),
    }
}

/// With the operator's own user id and a shell an agent is the operator.
fn user() -> Check {
    let id = rustix::process::geteuid().as_raw();
    if id != 0 && id < PEOPLE_FROM {
        return Check::ok("user", format!("runs as the system user {id}; run agents as another"));
    }
    let who = if id == 0 { "root".to_owned() } else { format!("user {id}, a person's") };
    Check::warning(
        "user",
        format!(
            "runs as {who}: an agent with a shell under the same user can do what you can, so Checkrein is cooperative there"
        ),
        "run `checkrein up` as a system user of its own, and agents as another user",
    )
}

fn private_directory(name: &'static str, path: &Path) -> Check {
    let shown = path.display();
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Check::ok(name, format!("`{shown}` is made on the first start"))
        }
        Err(error) => Check::error(
            name,
            format!("`{shown}` cannot be used: {error}"),
            "make it usable for this user",
        ),
        Ok(found) if !found.is_dir() => {
            Check::error(name, format!("`{shown}` is no directory"), "choose another")
        }
        Ok(found) if found.uid() != rustix::process::geteuid().as_raw() => Check::error(
            name,
            format!("`{shown}` belongs to user {}", found.uid()),
            "run as that user, or choose another directory",
        ),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            let mode = found.permissions().mode() & 0o777;
            Check::error(
                name,
                format!("`{shown}` can be used by others (mode {mode:04o})"),
                format!("`chmod 700 {shown}`"),
            )
        }
        Ok(_) => Check::ok(name, format!("`{shown}` is private")),
    }
}

fn first_keys(config: &Config) -> Check {
    let (name, file) = ("first keys", config.first_keys_file());
    if !file.exists() {
        return Check::ok(name, "not lying about");
    }
    Check::warning(
        name,
        format!("still in `{}`", file.display()),
        "put them into a safe and remove the file; then use `CHECKREIN_KEY` or `--key-file`",
    )
}

fn text(checks: &[Check], paint: Paint) -> String {
    let mut out = String::new();
    for check in checks {
        let (word, tone) = match check.level {
            Level::Ok => ("ok     ", Tone::Good),
            Level::Warning => ("warning", Tone::Care),
            Level::Error => ("error  ", Tone::Bad),
        };
        let found = contract::visible::visible(&check.found, contract::visible::Breaks::Kept);
        let found = found.replace('\n', "\n         ");
        out.push_str(&format!("{}  {}: {found}\n", paint.tone(tone, word), check.name));
        if !check.fix.is_empty() {
            out.push_str(&format!("         to do: {}\n", contract::visible::line(&check.fix)));
        }
    }
    out
}
