//! `checkrein servers`: how the tool servers of this installation stand, starting one anew, and logging in at one.
//!
//! In: a server's name. Out: what the running server says of it: its revision, its tools, its faults and what it wrote last on
//! standard error. `login` is done here, by a person with a browser, and needs no running server: it leaves tokens that the
//! server reads. Tests: `tests/it/servers.rs`.

use clap::Subcommand;
use domain::Name;
use server::wire;

use crate::client::{Client, Key, path};
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Facts, Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List tool servers
    Ls,
    /// Show one: why it stands as it does, its faults, what it wrote last
    Show {
        /// The server's name
        server: String,
    },
    /// End it, if it runs, and connect anew
    Restart {
        /// The server's name
        server: String,
    },
    /// Log in at a server with `oauth`, in your browser
    Login {
        /// The server's name
        server: String,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls => list(context).await,
        Verb::Show { server } => {
            let client = context.client(As::Operator)?;
            let server: wire::Server = client.get(&path("/v1/servers", &server, "")?, &[]).await?;
            show(context, &server)
        }
        Verb::Restart { server } => {
            let client = context.client(As::Operator)?;
            let place = path("/v1/servers", &server, "/restart")?;
            let server: wire::Server = client.post(&place, &wire::RestartServer {}).await?;
            show(context, &server)
        }
        Verb::Login { server } => login(context, &server).await,
    }
}

async fn list(context: &Context) -> Result {
    let client = context.client(As::Operator)?;
    let page: wire::Page<wire::Server> = client.get("/v1/servers", &[]).await?;
    let nothing = "no tool servers; name one in the configuration (docs/guides/mcp.md), or `checkrein connect claude`";
    context.out.page(&page, nothing, |servers| {
        let mut table = Table::new(&[
            "SERVER",
            "STANDING",
            "WAY",
            "JAIL",
            "PACK",
            "REVISION",
            "TOOLS",
            "TO LOOK AT",
            "AT",
        ]);
        for server in servers {
            table.row([
                &server.server,
                &server.standing,
                &server.way,
                jail(server),
                server.pack.as_deref().unwrap_or_default(),
                server.revision.as_deref().unwrap_or_default(),
                &server.tools.to_string(),
                &to_look_at(server),
                &server.at,
            ]);
        }
        table
    })?;
    for server in page.items.iter().filter(|server| server.standing != "ready") {
        let why = server.why.as_deref().unwrap_or("no reason is known yet");
        context.out.talk(&format!("{} is {}: {why}", server.server, server.standing));
    }
    Ok(OK)
}

const fn jail(server: &wire::Server) -> &'static str {
    match server.jailed {
        Some(true) => "on",
        Some(false) => "OFF",
        None => "elsewhere",
    }
}

/// How many of its tools somebody should look at, and why.
pub(super) fn to_look_at(server: &wire::Server) -> String {
    let counts = [
        (server.drifted, "drifted"),
        (server.held_back, "held back"),
        (server.refused, "refused"),
        (server.left_out.len() as u64, "left out"),
    ];
    let some = counts.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

fn show(context: &Context, server: &wire::Server) -> Result {
    context.out.show(server, |server| {
        let mut facts = Facts::new();
        facts
            .fact("server", &server.server)
            .fact("standing", &server.standing)
            .shown("why", server.why.as_deref().unwrap_or_default())
            .maybe("since", server.since_ms.map(moment))
            .maybe("again at", server.again_at_ms.map(moment))
            .fact("way", &server.way)
            .fact("at", &server.at)
            .fact("jail", jail(server))
            .maybe("pack", server.pack.as_ref())
            .fact("offers", server.offers.join(" "))
            .maybe("revision", server.revision.as_ref())
            .maybe("says it is", server.info.as_ref().map(crate::output::json_line))
            .fact("tools", server.tools.to_string())
            .fact("to look at", to_look_at(server))
            .fact("starts", server.starts.to_string())
            .fact("faults", server.faults_all.to_string());
        for fault in &server.faults {
            facts.fact("fault", fault);
        }
        for left in &server.left_out {
            facts.shown("left out", format!("{}: {}", left.tool, left.why));
        }
        for finding in &server.findings {
            facts.shown(
                "finding",
                format!("{} at {}: {}", finding.code, finding.pointer, finding.text),
            );
        }
        for line in &server.stderr {
            facts.fact("stderr", line);
        }
        facts.text(&context.out.paint)
    })?;
    Ok(OK)
}

async fn login(context: &Context, server: &str) -> Result {
    let name: Name = server.parse().map_err(|error: domain::NameError| {
        Failure::usage(error.to_string()).fix("name a server of the configuration")
    })?;
    let config = context.config()?;
    let out = context.out;
    server::login::login(&config, &name, move |url| {
        out.talk(&format!("open this in your browser and come back:\n\n  {url}\n"));
    })
    .await?;
    out.talk(&format!(
        "logged in at `{name}`; the tokens are kept in the data directory, for this user alone"
    ));
    // A server that waits for a login need not wait for its next try.
    if Client::new(&config.url(), Key::new(""))?.is_up().await {
        let place = path("/v1/servers", server, "/restart")?;
        let client = context.client(As::Operator)?;
        let restarted: Result<wire::Server> = client.post(&place, &wire::RestartServer {}).await;
        match restarted {
            Ok(_) => out.talk("the server connects anew"),
            Err(failure) => {
                out.talk(&format!(
                    "it was not told to connect anew ({}); it will by itself",
                    failure.happened
                ));
            }
        }
    }
    Ok(OK)
}
