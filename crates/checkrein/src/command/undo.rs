//! `checkrein undo`: what taking acts back would do, doing it, and how it stands.
//!
//! In: a call, a run, or an agent and a number. Out: a report with one line per act, the newest first, or the answer of the
//! one undo call, or the acts with the state of their undo. What is not taken back is said with why, with an exit code that
//! is not 0.

use std::time::Duration;

use clap::{Args, Subcommand};
use domain::{Code, RunId};
use serde_json::Value;
use server::wire;

use super::calls;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Printed, Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show what taking acts back would do, the newest first; changes nothing
    Plan(Which),
    /// Take acts back, the newest first, past those that cannot be
    Apply(Which),
    /// Show how the undo of an act, of a run's acts, or of the latest acts stands
    Status {
        /// The act's call id
        call: Option<String>,
        /// The acts of this run
        #[arg(long, conflicts_with = "call")]
        run: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// A call id, or a run id for its acts
    #[arg(required_unless_present_any = ["run", "agent"], conflicts_with_all = ["run", "agent"])]
    what: Option<String>,
    /// Of this run
    #[arg(long, requires = "last", conflicts_with = "agent")]
    run: Option<String>,
    /// Of this agent, across its runs
    #[arg(long, requires = "last")]
    agent: Option<String>,
    /// How many of the last acts
    #[arg(long, value_name = "N")]
    last: Option<u32>,
    /// An argument of the inverse call that the act's answer did not tell, as JSON or text
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Plan(which) => plan(context, asked(which)?).await,
        Verb::Apply(which) => apply(context, asked(which)?).await,
        Verb::Status { call, run } => status(context, call, run).await,
    }
}

/// What is asked of the server.
fn asked(which: Which) -> std::result::Result<wire::UndoAsk, Failure> {
    let Which { what, mut run, agent, last, set } = which;
    let mut call = None;
    match what {
        Some(what) if what.parse::<RunId>().is_ok() => run = Some(what),
        other => call = other,
    }
    if call.is_some() && last.is_some() {
        return Err(Failure::usage(
            "`--last` counts the acts of a run or an agent, not of one call",
        ));
    }
    let set = set.iter().map(|text| argument(text)).collect::<std::result::Result<_, _>>()?;
    Ok(wire::UndoAsk { call, run, agent, last, set })
}

/// `name=value`: the value as JSON if it is some, else as text.
fn argument(text: &str) -> std::result::Result<(String, Value), Failure> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Failure::usage(format!("`{text}` has no `=`")).expected("`NAME=VALUE`"));
    };
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((name.to_owned(), value))
}

async fn plan(context: &Context, ask: wire::UndoAsk) -> Result {
    let client = context.client(As::Operator)?;
    let report: wire::UndoReport = client.post("/v1/undo/plan", &ask).await?;
    context.out.show(&report, |report| table(report).text(&context.out.paint))?;
    let planned = report.acts.first().filter(|_| ask.call.is_some() && context.out.is_for_people());
    if let Some(act) = planned.filter(|act| act.outcome == "can_be_undone")
        && let Ok(plan) = calls::plan(&client, &act.call).await
    {
        context.out.talk("the act changed this; undo restores what stood there:");
        context.out.show(&plan, |plan| calls::plan_text(plan, &context.out.paint))?;
    }
    Ok(OK)
}

async fn apply(context: &Context, ask: wire::UndoAsk) -> Result {
    match &ask.call {
        Some(call) if ask.set.is_empty() => one(context, call).await,
        Some(_) | None => several(context, &ask).await,
    }
}

async fn one(context: &Context, call: &str) -> Result {
    let client = context.client(As::Operator)?;
    let path = path("/v1/calls", call, "/undo")?;
    let answer = client.answer(&path, &serde_json::json!({}), Duration::ZERO).await?;
    let withdrawn =
        answer.error.as_ref().is_some_and(|error| error.code == Code::Withdrawn.shown());
    let ended = context.out.answer(&answer, Printed::Unseen)?;
    // The act is refused, the withdrawal is not.
    Ok(if withdrawn { OK } else { ended })
}

async fn several(context: &Context, ask: &wire::UndoAsk) -> Result {
    let client = context.client(As::Operator)?;
    let report: wire::UndoReport = client.post_long("/v1/undo/apply", ask).await?;
    context.out.show(&report, |report| table(report).text(&context.out.paint))?;
    if report.acts.is_empty() {
        return Err(Failure::new("there is no act that can be taken back")
            .fix("look with `checkrein calls ls`"));
    }
    if report.whole {
        return Ok(OK);
    }
    let left = report.acts.iter().filter(|act| !matches!(&*act.outcome, "undone" | "withdrawn"));
    let error = left.clone().find_map(|act| act.answer.as_ref()?.error.as_ref());
    match error {
        // The first that was tried in vain says how this ends; the table names all.
        Some(error) => Err(Failure::from(error)),
        None => Err(Failure::coded(
            Code::UndoImpossible,
            format!("{} of {} acts are not taken back", left.count(), report.acts.len()),
        )
        .fix("the last column says why of each")),
    }
}

fn table(report: &wire::UndoReport) -> Table {
    let mut table = Table::new(&["ACT", "TOOL", "RESOURCE", "OUTCOME", "UNDO CALL", "WHY"]);
    for act in &report.acts {
        let by = act.answer.as_ref().and_then(|answer| answer.call.as_deref()).unwrap_or_default();
        table.row([&*act.call, &act.tool, &act.resource, &act.outcome, by, &act.why]);
    }
    table
}

async fn status(context: &Context, call: Option<String>, run: Option<String>) -> Result {
    let client = context.client(As::Operator)?;
    let mut page: wire::Page<wire::Call> = match call {
        Some(call) => {
            let details: wire::CallDetails =
                client.get(&path("/v1/calls", &call, "")?, &[]).await?;
            wire::Page { items: vec![details.call], next: None }
        }
        None => client.get("/v1/calls", &[("run", run)]).await?,
    };
    page.items.retain(|call| call.undo.is_some());
    context.out.page(&page, "no act here has an undo", |calls| {
        let mut table = Table::new(&["ACT", "TOOL", "RESOURCE", "UNDO", "UNTIL"]);
        for call in calls {
            let until = call.undo_until_ms.map(moment).unwrap_or_default();
            let undo = call.undo.as_deref().unwrap_or_default();
            table.row([&call.call, &call.tool, &call.resource, undo, &until]);
        }
        table
    })?;
    Ok(OK)
}
