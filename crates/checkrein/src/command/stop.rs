//! `checkrein stop`: pause, suspend or kill a scope, let it go on, see what holds and how it answered, and rehearse.
//!
//! In: a scope such as `everything`, `agent:local/agent`, `tool:files.delete`, a run or a call. Out: the receipt. It is
//! printed only after the server has stopped in memory: from then on nothing new starts in the scope. The control socket
//! of the local installation is tried first.

mod kill;
mod receipt;

use clap::{Args, Subcommand};
use domain::{Code, StopScope};
use server::wire;

use crate::client::{Client, path};
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Facts, Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// No new run starts in the scope; open ones may finish
    Pause(Ordered),
    /// No new effect starts in the scope; work under way is cancelled, and its outcome still observed
    Suspend(Ordered),
    /// As suspend; open runs and held calls end, and the last acts are taken back
    Kill(kill::Arguments),
    /// Lift the stops of a scope, or one stop
    Resume(Ordered),
    /// Show the stops in force; with a scope also what a stop would reach
    Status {
        /// The scope that is asked about
        scope: Option<String>,
        /// With lifted stops
        #[arg(long)]
        all: bool,
    },
    /// Show how every lever of a stop answered; waits until all have
    Receipt {
        /// The stop's id
        stop: String,
    },
    /// Rehearse a stop: every lever is tried on something made for it, and nothing else is stopped
    Drill {
        /// The scope whose stop is rehearsed
        #[arg(default_value = "everything")]
        scope: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Ordered {
    /// `everything`, `tenant:T`, `workflow:T/W`, `agent:T/A`, `tool:NAME`, `server:NAME`, a run or a call; for resume also a stop's id
    scope: String,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    let client = context.stop_client(As::Operator).await?;
    match verb {
        Verb::Pause(ordered) => order(context, &client, ("pause", ordered)).await,
        Verb::Suspend(ordered) => order(context, &client, ("suspend", ordered)).await,
        Verb::Resume(ordered) => resume(context, &client, ordered).await,
        Verb::Kill(arguments) => kill::run(context, &client, arguments).await,
        Verb::Status { scope, all } => status(context, &client, (scope, all)).await,
        Verb::Receipt { stop } => receipt::run(context, &client, &stop).await,
        Verb::Drill { scope } => receipt::drill(context, &client, scope).await,
    }
}

async fn order(context: &Context, client: &Client, ordered: (&str, Ordered)) -> Result {
    let (level, Ordered { scope, reason }) = ordered;
    scope.parse::<StopScope>().map_err(|error| Failure::usage(error.to_string()))?;
    let body = wire::OrderStop { scope, level: level.to_owned(), reason: context.reason(reason)? };
    let receipt: wire::StopReceipt = client.post("/v1/stops", &body).await?;
    context.out.show(&receipt, |receipt| {
        let mut facts = Facts::new();
        facts
            .fact("stop", &receipt.stop.stop)
            .fact("scope", &receipt.stop.scope)
            .fact("level", &receipt.stop.level)
            .fact("state", &receipt.stop.state)
            .fact("held calls", receipt.held.to_string())
            .fact("fence", receipt.epoch.to_string());
        for call in &receipt.in_work {
            facts.fact("sent before", call);
        }
        facts.text(&context.out.paint)
    })?;
    let scope = contract::visible::line(&receipt.stop.scope).into_owned();
    context.out.talk(&format!(
        "from now on nothing new starts there; `checkrein stop resume {scope}` lifts it"
    ));
    Ok(OK)
}

async fn resume(context: &Context, client: &Client, ordered: Ordered) -> Result {
    let Ordered { scope, reason } = ordered;
    let held = in_force(client, "in_force").await?;
    let wanted = held.items.iter().filter(|stop| stop.stop == scope || stop.scope == scope);
    let wanted: Vec<String> = wanted.map(|stop| stop.stop.clone()).collect();
    if wanted.is_empty() {
        let shown = contract::visible::short(&scope);
        return Err(Failure::coded(Code::NotFound, format!("no stop of `{shown}` is in force"))
            .expected("the scope or the id of a stop in force")
            .fix("see them with `checkrein stop status`"));
    }
    let body = wire::Lift { reason: context.reason(reason)? };
    let mut lifted = Vec::new();
    for stop in wanted {
        let one: wire::Stop = client.post(&path("/v1/stops", &stop, "/lift")?, &body).await?;
        lifted.push(one);
    }
    let page = wire::Page { items: lifted, next: None };
    context.out.page(&page, "", table)?;
    Ok(OK)
}

async fn in_force(client: &Client, state: &str) -> Result<wire::Page<wire::Stop>> {
    let state = (state != "all").then(|| state.to_owned());
    client.get("/v1/stops", &[("state", state), ("limit", Some("1000".to_owned()))]).await
}

async fn status(context: &Context, client: &Client, asked: (Option<String>, bool)) -> Result {
    let (scope, all) = asked;
    if let Some(scope) = scope {
        let reach: wire::Reach = client.get("/v1/stops/reach", &[("scope", Some(scope))]).await?;
        context.out.show(&reach, |reach| {
            let more = if reach.more { " or more" } else { "" };
            let mut facts = Facts::new();
            facts
                .fact("a stop of", &reach.scope)
                .fact("open runs", format!("{}{more}", reach.open_runs))
                .fact("calls in work", format!("{}{more}", reach.in_work))
                .fact("held calls", format!("{}{more}", reach.held));
            facts.text(&context.out.paint)
        })?;
        return Ok(OK);
    }
    let page = in_force(client, if all { "all" } else { "in_force" }).await?;
    context.out.page(&page, "no stop is in force", table)?;
    if let Ok(drill) = client.get::<wire::Drill>("/v1/stops/drill", &[]).await {
        context.out.talk(&format!("last rehearsal: {} of {}", moment(drill.at_ms), drill.scope));
    } else {
        context.out.talk("stopping was never rehearsed here; `checkrein stop drill` does");
    }
    Ok(OK)
}

fn table(stops: &[wire::Stop]) -> Table {
    let mut table = Table::new(&["STOP", "STATE", "LEVEL", "SCOPE", "SINCE", "BY", "REASON"]);
    for stop in stops {
        let since = moment(stop.at_ms);
        table.row([
            &stop.stop,
            &stop.state,
            &stop.level,
            &stop.scope,
            &since,
            &stop.by,
            &stop.reason,
        ]);
    }
    table
}
