//! `checkrein wrap`: governs one tool server in place, for a client that starts it over standard input and output.
//!
//! ```text
//! client --stdin/stdout--> pump --HTTP, loopback--> a Checkrein in this process (or `--to` a running one) --> CMD in a jail
//! ```
//! In: the command of a server, and what its jail may have. Out: the protocol on standard output, nothing else; talk on standard
//! error. It ends with its client. Everything it records lies in a directory of its own for each name. It begins in shadow
//! mode: `--enforce` lets policies hold. Nothing is decided here. Tests: `tests/it/wrap.rs`.

mod endpoint;
mod legacy;
mod modern;
mod place;
mod pump;
mod writer;

use std::path::PathBuf;

use clap::Args;
use server::{Ended, Running, ShowKeys};

use crate::cli::Global;
use crate::client::{Client, Key};
use crate::context::{As, Context};
use crate::failure::{Failure, INTERRUPTED, OK, Result};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What its tools and its directory are called; else taken from the command
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Pass on to a running Checkrein: `http://localhost:7420/mcp`, or `…/mcp/NAME`
    #[arg(long, value_name = "URL", conflicts_with_all = ["name", "command", "enforce", "reads", "writes", "hosts", "no_jail", "pack", "offers", "env", "data_dir"])]
    to: Option<String>,
    /// Let policies hold, instead of only recording what they say
    #[arg(long)]
    enforce: bool,
    /// A path that it may read, beside its program
    #[arg(long, value_name = "PATH")]
    reads: Vec<PathBuf>,
    /// A path that it may change, beside those that its arguments name
    #[arg(long, value_name = "PATH")]
    writes: Vec<PathBuf>,
    /// What it may connect to
    #[arg(long, value_name = "HOST:PORT")]
    hosts: Vec<String>,
    /// Run it with all rights of this user
    #[arg(long)]
    no_jail: bool,
    /// The contract pack that holds for it; else the one made for its package
    #[arg(long, value_name = "NAME")]
    pack: Option<String>,
    /// What agents may see beside its tools: `prompts`, `resources`, `questions`, `instructions`
    #[arg(long, value_name = "WORD")]
    offers: Vec<String>,
    /// A variable that it gets from this environment; its value is a secret wherever it would be shown
    #[arg(long, value_name = "NAME")]
    env: Vec<String>,
    /// Where everything is kept; else a directory for each name
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    /// What is logged on standard error, such as `info`
    #[arg(long, value_name = "FILTER", env = "CHECKREIN_LOG", default_value = "warn")]
    log: String,
    /// The server's program and arguments
    #[arg(last = true, required_unless_present = "to", value_name = "CMD")]
    command: Vec<String>,
}

pub(crate) async fn run(context: &Context, given: Arguments) -> Result {
    server::logs::start(&given.log);
    match &given.to {
        Some(url) => elsewhere(context, url).await,
        None => here(context, &given).await,
    }
}

/// Passes on to a server that runs already.
async fn elsewhere(context: &Context, url: &str) -> Result {
    let (base, entrance) = split(url)?;
    let global = Global { url: Some(base), ..context.global.clone() };
    let client = Context { out: context.out, global }.client(As::Agent)?;
    let mut interrupts = crate::command::interrupts()?;
    tokio::select! {
        ended = pump::run(endpoint::Endpoint::new(client, entrance)) => ended.map(|()| OK),
        _ = interrupts.recv() => Ok(INTERRUPTED),
    }
}

/// An address of a server, and the path of its entrance.
fn split(url: &str) -> Result<(String, String)> {
    let wrong = || {
        Failure::usage(format!("`{}` is no entrance", contract::visible::short(url)))
            .expected("`http://localhost:7420/mcp` or `http://localhost:7420/mcp/NAME`")
    };
    let (base, path) = url.split_once("/mcp").ok_or_else(wrong)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let name = match path.strip_prefix('/') {
        Some(name) => name,
        None if path.is_empty() => "",
        None => return Err(wrong()),
    };
    if !name.bytes().all(plain) {
        return Err(wrong());
    }
    let entrance = if name.is_empty() { "/mcp".to_owned() } else { format!("/mcp/{name}") };
    Ok((base.to_owned(), entrance))
}

/// Runs a Checkrein of its own in this process.
async fn here(context: &Context, given: &Arguments) -> Result {
    let place = place::Place::make(given)?;
    let config = place.config()?;
    let keys_file = config.first_keys_file();
    let running = server::serve(config, ShowKeys::InFile).await.map_err(|refusal| {
        let failure = Failure::from(refusal);
        let to_do = format!(
            "{}; if another wrap of `{}` runs, give this one another `--name`, or run one `checkrein up` for both",
            failure.fix, place.name
        );
        failure.fix(to_do)
    })?;
    let keys = server::serve::read_first_keys(&keys_file)
        .map_err(|error| Failure::file(&keys_file, &error))?;
    let client = Client::new(&running.url(), Key::new(keys.agent))?;
    tell(context, (&place, given), (&running, &keys_file));
    let endpoint = endpoint::Endpoint::new(client, format!("/mcp/{}", place.name));
    until_the_end(running, endpoint).await
}

/// Until the client goes away or the server ends by itself.
async fn until_the_end(running: Running, endpoint: endpoint::Endpoint) -> Result {
    let stop = running.stopper();
    let mut ended = Box::pin(running.ended());
    let pumped = tokio::select! {
        pumped = pump::run(endpoint) => pumped.map(|()| OK),
        ended = &mut ended => return Ok(match ended {
            Ended::Asked => OK,
            Ended::StoreFailed(why) => return Err(Failure::new(why).expected("a store that can be written")),
            Ended::TaskEnded(task) => return Err(Failure::new(format!("the task `{task}` ended by itself"))),
        }),
    };
    stop();
    // The server's program ends with it, in order.
    ended.await;
    pumped
}

fn tell(
    context: &Context,
    (place, given): (&place::Place, &Arguments),
    (running, keys): (&Running, &std::path::Path),
) {
    let out = &context.out;
    out.talk(&format!("checkrein {}: governs `{}`", env!("CARGO_PKG_VERSION"), place.name));
    for note in &place.notes {
        out.talk(&format!("  note      {note}"));
    }
    out.talk(&format!("  records   {}", place.root.display()));
    out.talk(match given.enforce {
        true => "  MODE: ENFORCE: what policies deny is refused, what they hold waits for people",
        false => "  MODE: SHADOW: policies are judged and recorded, and stop nothing yet",
    });
    let look = format!("--url {} --key-file {}", running.url(), keys.display());
    out.talk(&format!("  look      checkrein tools ls {look}"));
    out.talk(&format!("            checkrein approvals ls {look}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entrances_are_taken_apart() {
        for (url, expect) in [
            ("http://localhost:7420/mcp", Some("/mcp")),
            ("http://localhost:7420/mcp/", Some("/mcp")),
            ("http://localhost:7420/mcp/github", Some("/mcp/github")),
            ("http://localhost:7420/mcpx", None),
            ("http://localhost:7420/mcp/a/b", None),
            ("http://localhost:7420", None),
        ] {
            let found = split(url).ok();
            assert_eq!(found.as_ref().map(|(_, entrance)| entrance.as_str()), expect, "{url}");
            if let Some((base, _)) = found {
                assert_eq!(base, "http://localhost:7420");
            }
        }
    }
}
