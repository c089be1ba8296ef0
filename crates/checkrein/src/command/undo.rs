//! `checkrein undo`: what taking an act back would do, doing it, and how it stands.
//!
//! In: a call, or a run and a number. Out: the plan, the answers of the undo calls in the order in which they were
//! tried, or the acts with the state of their undo. What cannot be taken back is said, with an exit code that is not 0.

use std::time::Duration;

use clap::{Args, Subcommand};
use server::wire;

use super::calls;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Printed, Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show what an act changed, and so what taking it back would restore
    Plan {
        /// The act's call id
        call: String,
    },
    /// Take back one act, or the last acts of a run, the last one first
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
    /// The act's call id
    #[arg(required_unless_present = "run", conflicts_with = "run")]
    call: Option<String>,
    /// Of this run
    #[arg(long, requires = "last")]
    run: Option<String>,
    /// How many of its last acts
    #[arg(long, value_name = "N", requires = "run")]
    last: Option<u32>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Plan { call } => plan(context, &call).await,
        Verb::Apply(Which { call: Some(call), .. }) => one(context, &call).await,
        Verb::Apply(Which { run: Some(run), last: Some(last), .. }) => {
            several(context, &run, last).await
        }
        Verb::Apply(_) => Err(Failure::usage("give a call, or `--run RUN --last N`")),
        Verb::Status { call, run } => status(context, call, run).await,
    }
}

async fn plan(context: &Context, call: &str) -> Result {
    let client = context.client(As::Operator)?;
    let details: wire::CallDetails = client.get(&path("/v1/calls", call, "")?, &[]).await?;
    let plan = calls::plan(&client, call).await?;
    let undo = details.call.undo.as_deref().unwrap_or("none");
    let until = details.call.undo_until_ms.map(|until| format!(", until {}", moment(until)));
    let exact = if plan.restorable { "exactly" } else { "not exactly" };
    context.out.talk(&format!(
        "undo: {undo}{}; the inverse of this plan restores {exact} what stood there:",
        until.unwrap_or_default()
    ));
    context.out.show(&plan, |plan| calls::plan_text(plan, &context.out.paint))?;
    Ok(OK)
}

async fn one(context: &Context, call: &str) -> Result {
    let client = context.client(As::Operator)?;
    let path = path("/v1/calls", call, "/undo")?;
    let answer = client.answer(&path, &serde_json::json!({}), Duration::ZERO).await?;
    context.out.answer(&answer, Printed::Unseen)
}

async fn several(context: &Context, run: &str, last: u32) -> Result {
    let client = context.client(As::Operator)?;
    let undone: wire::Undone =
        client.post(&path("/v1/runs", run, "/undo")?, &wire::UndoLast { last }).await?;
    context.out.show(&undone, |undone| {
        let mut table = Table::new(&["ACT", "STATUS", "EXECUTED", "UNDO CALL", "WHY"]);
        for act in &undone.acts {
            let answer = &act.answer;
            let by = answer.call.as_deref().unwrap_or_default();
            let why = answer.error.as_ref().map_or("", |error| error.message.as_str());
            table.row([&act.of, &answer.status, &answer.executed, by, why]);
        }
        table.text(&context.out.paint)
    })?;
    match undone.acts.iter().find_map(|act| act.answer.error.as_ref()) {
        // The first that could not be taken back says how this ends; the table names all.
        Some(error) => Err(Failure::from(error)),
        None if undone.acts.is_empty() => {
            Err(Failure::new(format!("{run} has no act that can be taken back"))
                .fix(format!("look with `checkrein calls ls --run {run}`")))
        }
        None => Ok(OK),
    }
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
