//! Tool servers: which of them run without a jail, which are not there, and which of their tools somebody should look at.
//!
//! In: the configuration, and what a running server says to an operator. Out: a check for each server and one for tools whose
//! class nobody but their own server vouches for. Without a running server or a key only the configuration is looked at.

use server::Config;
use server::config::{Jailed, McpServer, ServerWay};
use server::wire;

use super::Check;
use crate::context::{As, Context};
use crate::failure::Result;

const NAME: &str = "tool servers";

pub(super) async fn look(context: &Context, config: &Config, is_up: bool) -> Vec<Check> {
    if config.servers.is_empty() {
        return vec![Check::ok(NAME, "none are configured")];
    }
    let mut checks: Vec<Check> = config.servers.iter().filter_map(without_jail).collect();
    if !is_up {
        let found = format!(
            "{} configured; how they stand is known while the server runs",
            config.servers.len()
        );
        checks.push(Check::ok(NAME, found));
        return checks;
    }
    match told(context).await {
        Ok((servers, tools)) => {
            checks.extend(servers.iter().map(stands));
            checks.extend(unconfirmed(&tools));
        }
        Err(failure) => checks.push(Check::warning(
            NAME,
            format!("how they stand cannot be asked: {}", failure.happened),
            "give an operator's key with `CHECKREIN_KEY` or `--key-file`",
        )),
    }
    checks
}

async fn told(context: &Context) -> Result<(Vec<wire::Server>, Vec<wire::Tool>)> {
    let client = context.client(As::Operator)?;
    let servers: wire::Page<wire::Server> = client.get("/v1/servers", &[]).await?;
    let tools: wire::Page<wire::Tool> = client.get("/v1/tools", &[]).await?;
    Ok((servers.items, tools.items))
}

fn without_jail(server: &McpServer) -> Option<Check> {
    let off = matches!(server.way, ServerWay::Stdio { jailed: Jailed::Off, .. });
    off.then(|| {
        Check::warning(
            NAME,
            format!("`{}` runs without a jail: it can do whatever this user can", server.name),
            "take `jail = \"off\"` out, and name what it needs in `reads`, `writes` and `hosts`",
        )
    })
}

fn stands(server: &wire::Server) -> Check {
    let name = &server.server;
    if server.standing != "ready" {
        let why = server.why.as_deref().unwrap_or("no reason is known yet");
        let fix =
            format!("`checkrein servers show {name}` shows its faults and what it wrote last");
        return Check::warning(NAME, format!("`{name}` is {}: {why}", server.standing), fix);
    }
    let look = crate::command::servers::to_look_at(server);
    if look.is_empty() {
        return Check::ok(NAME, format!("`{name}` is ready, with {} tools", server.tools));
    }
    let fix = match server.drifted {
        0 => format!("see `checkrein tools ls --server {name}`"),
        _ => {
            "see what changed with `checkrein tools diff TOOL`, then accept or refuse it".to_owned()
        }
    };
    Check::warning(NAME, format!("`{name}` is ready, with {} tools: {look}", server.tools), fix)
}

/// Tools whose class comes from their own server, or from a guess.
fn unconfirmed(tools: &[wire::Tool]) -> Option<Check> {
    let of_servers = tools.iter().filter(|tool| tool.server.is_some());
    let unsure = of_servers
        .clone()
        .filter(|tool| matches!(tool.provenance.as_str(), "annotated" | "inferred"));
    let (all, unsure) = (of_servers.count(), unsure.count());
    (unsure > 0).then(|| {
        Check::warning(
            "classes of tools",
            format!("{unsure} of {all} tools of servers are classed by their own words or by a guess alone"),
            "name a `pack` for a known server (`checkrein tools packs`), or look and `checkrein tools classify TOOL`",
        )
    })
}
