//! `checkrein up`: the whole server in this process, until somebody asks it to end.
//!
//! In: the configuration, with an address or data directory of the line above it. Out: where it listens, what recovery
//! found, and, on the first start, the keys: once on a terminal, else in a file with mode 0600. Never in a log.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use domain::Code;
use server::config::{Config, Source};
use server::rules::PoliciesFrom;
use server::{Ended, Running, ShowKeys};

use crate::context::Context;
use crate::failure::{Failure, OK, Result};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where to listen; loopback only
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where the store is
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    /// What is logged, such as `info` or `checkrein_server=debug`
    #[arg(long, value_name = "FILTER", env = "CHECKREIN_LOG", default_value = "warn")]
    log: String,
}

pub(crate) async fn run(context: &Context, given: Arguments) -> Result {
    server::logs::start(&given.log);
    let config = config(context.source()?, &given)?;
    for warning in &config.warnings {
        context.out.talk(&format!("warning: {warning}"));
    }
    let workspaces: Vec<String> =
        config.workspaces.iter().map(|one| one.root.display().to_string()).collect();
    let data = config.data_dir.display().to_string();
    // A key is shown only where a person sees it and no file keeps it.
    let seen = std::io::stderr().is_terminal() && !context.global.no_input;
    let running =
        server::serve(config, if seen { ShowKeys::Once } else { ShowKeys::InFile }).await?;
    tell(context, &running, (&workspaces, &data));
    match running.ended().await {
        Ended::Asked => {
            context.out.talk("stopped");
            Ok(OK)
        }
        Ended::StoreFailed(why) => {
            Err(Failure::coded(Code::StoreFailed, why).expected("a store that can be written").fix(
                "look at the disk, then start again: recovery finds out what became of open calls",
            ))
        }
        Ended::TaskEnded(name) => {
            Err(Failure::coded(Code::Internal, format!("the task `{name}` ended by itself"))
                .fix("see the log above and start again"))
        }
    }
}

/// The line counts more than the environment, and that more than the file.
fn config(mut source: Source, given: &Arguments) -> Result<Config> {
    if let Some(listen) = given.listen {
        source.environment.insert("CHECKREIN_LISTEN".to_owned(), listen.to_string());
    }
    if let Some(directory) = &given.data_dir {
        let directory = directory.display().to_string();
        source.environment.insert("CHECKREIN_DATA_DIR".to_owned(), directory);
    }
    Ok(Config::load(&source)?)
}

fn tell(context: &Context, running: &Running, (workspaces, data): (&[String], &str)) {
    let out = &context.out;
    out.talk(&format!("checkrein {} serves at {}", env!("CARGO_PKG_VERSION"), running.url()));
    out.talk(&format!("  data      {data}"));
    for workspace in workspaces {
        out.talk(&format!("  workspace {workspace}"));
    }
    out.talk(match running.policies_from {
        PoliciesFrom::Starter => "  policies  the starter policy; see `checkrein policy check`",
        PoliciesFrom::Files => "  policies  from files",
    });
    out.talk(&format!("  jail      {}", jail(&running.jail)));
    out.talk(&format!("  recovery  {}", running.recovery));
    if let Some(keys) = &running.first_keys {
        match &keys.file {
            Some(file) => out.talk(&format!("  keys      in `{}` (mode 0600)", file.display())),
            None => shown_once(context, (&keys.operator, &keys.agent)),
        }
    }
    if let Some(file) = &running.keys_left_in {
        let file = file.display();
        out.talk(&format!(
            "  keys      still in `{file}`; put them into a safe and remove the file"
        ));
    }
}

fn jail(found: &server::jail::Found) -> String {
    match (found.previews, found.runs) {
        (true, _) => format!("{}: commands are previewed", found.rung),
        (false, true) => {
            format!(
                "{}: changing commands have no preview and are held; see `checkrein doctor`",
                found.rung
            )
        }
        (false, false) => format!("{}: commands are refused; see `checkrein doctor`", found.rung),
    }
}

fn shown_once(context: &Context, (operator, agent): (&str, &str)) {
    let out = &context.out;
    out.talk("\nThese keys are shown this once and kept nowhere:");
    out.talk(&format!("  operator  {operator}"));
    out.talk(&format!("  agent     {agent}"));
    out.talk("In another terminal: `export CHECKREIN_KEY=…`, then `checkrein tools ls`.");
    out.talk(
        "As the same user, an agent with a shell can read what you can: see `checkrein doctor`.",
    );
}
