//! `checkrein dead`: calls that wait for a person, because no attempt is left or nobody knows what became of them.
//!
//! In: ids, filters, and what a person found. Out: listings, one letter with all its evidence, or the answer of the call
//! that was made again. All of it needs an operator's key.

use std::time::Duration;

use clap::{Args, Subcommand};
use server::wire;

use super::calls::{self, Found};
use crate::cli::Part;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{OK, Result};
use crate::output::{Facts, Paint, Printed, Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List dead letters that are open, the latest first
    Ls(Which),
    /// Show one with its evidence: every attempt, every probe, the plan, the answer
    Show {
        /// The call's id
        call: String,
    },
    /// Make its call again, as a new one of the same agent; only if the first certainly did not happen
    Redrive {
        /// The call's id
        call: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Say what became of its call
    Resolve {
        /// The call's id
        call: String,
        /// What was found
        #[arg(long, value_enum)]
        executed: Found,
        /// How it was found
        #[arg(long)]
        reason: Option<String>,
    },
    /// Put it away; nobody wants its call any more
    Discard {
        /// The call's id
        call: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Those that are settled too
    #[arg(long)]
    all: bool,
    /// Only for this reason: `used_up`, `interrupted` or `in_doubt`
    #[arg(long)]
    why: Option<String>,
    /// Only of this agent
    #[arg(long)]
    agent: Option<String>,
    /// Only of this tool
    #[arg(long)]
    tool: Option<String>,
    /// Only of this run
    #[arg(long)]
    run: Option<String>,
    /// Only with this text
    #[arg(long)]
    text: Option<String>,
    #[command(flatten)]
    part: Part,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls(which) => list(context, which).await,
        Verb::Show { call } => show(context, &call).await,
        Verb::Redrive { call, reason } => {
            let body = wire::SettleLetter { reason: context.reason(reason)? };
            let client = context.client(As::Operator)?;
            let route = path("/v1/dead-letters", &call, "/redrive")?;
            let answer = client.answer(&route, &body, Duration::ZERO).await?;
            context.out.answer(&answer, Printed::Unseen)
        }
        Verb::Resolve { call, executed, reason } => {
            let executed = executed.word().to_owned();
            let body = wire::Resolve { executed, reason: context.reason(reason)? };
            settle(context, &path("/v1/dead-letters", &call, "/resolve")?, &body).await
        }
        Verb::Discard { call, reason } => {
            let body = wire::SettleLetter { reason: context.reason(reason)? };
            settle(context, &path("/v1/dead-letters", &call, "/discard")?, &body).await
        }
    }
}

async fn list(context: &Context, which: Which) -> Result {
    let client = context.client(As::Operator)?;
    let own = [
        ("state", (!which.all).then(|| "open".to_owned())),
        ("why", which.why),
        ("agent", which.agent),
        ("tool", which.tool),
        ("run", which.run),
        ("text", which.text),
    ];
    let query: Vec<_> = own.into_iter().chain(which.part.query()).collect();
    let page: wire::Page<wire::DeadLetter> = client.get("/v1/dead-letters", &query).await?;
    context.out.page(&page, "no dead letters wait", table)?;
    Ok(OK)
}

fn table(letters: &[wire::DeadLetter]) -> Table {
    let mut table = Table::new(&["CALL", "SINCE", "STATE", "WHY", "TRIES", "TOOL", "RESOURCE"]);
    for one in letters {
        let (since, tries) = (moment(one.at_ms), one.attempts.to_string());
        table.row([&one.call, &since, &one.state, &one.why, &tries, &one.tool, &one.resource]);
    }
    table
}

async fn show(context: &Context, call: &str) -> Result {
    let client = context.client(As::Operator)?;
    let details: wire::DeadLetterDetails =
        client.get(&path("/v1/dead-letters", call, "")?, &[]).await?;
    context.out.show(&details, |details| text(details, &context.out.paint))?;
    Ok(OK)
}

fn text(details: &wire::DeadLetterDetails, paint: &Paint) -> String {
    let mut text = facts(&details.letter, &details.may).text(paint);
    text.push_str(&calls::facts(&details.call).text(paint));
    if let Some(plan) = &details.plan {
        text.push_str(&calls::plan_text(plan, paint));
    }
    let mut table = Table::new(&["AT", "ENTRY", "WHAT"]);
    for entry in &details.entries {
        table.row([&moment(entry.at_ms), &entry.kind, &said(entry)]);
    }
    text.push_str(&table.text(paint));
    if let Some(answer) = &details.answer {
        text.push('\n');
        text.push_str(&crate::output::answer(answer, Printed::Unseen, paint));
    }
    text
}

fn facts(letter: &wire::DeadLetter, may: &[String]) -> Facts {
    let mut facts = Facts::new();
    facts
        .fact("dead letter", &letter.state)
        .fact("why", letter.why.replace('_', " "))
        .fact("since", moment(letter.at_ms))
        .fact("attempts", letter.attempts.to_string())
        .maybe("settled by", letter.settled_by.as_ref())
        .maybe("with the words", letter.reason.as_ref())
        .maybe("made again as", letter.redriven_as.as_ref());
    if !may.is_empty() {
        facts.fact("may be done", may.join(", "));
    }
    facts
}

/// What an entry about attempts, probes and ends says in one line.
fn said(entry: &wire::Entry) -> String {
    let event = entry.entry.pointer(&format!("/event/{}", entry.kind));
    let text = |name: &str| {
        let value = event.and_then(|event| event.get(name));
        value.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let parts = [text("code"), text("executed"), text("found"), text("reason")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

async fn settle<T: serde::Serialize + Sync>(context: &Context, route: &str, body: &T) -> Result {
    let client = context.client(As::Operator)?;
    let letter: wire::DeadLetter = client.post(route, body).await?;
    context.out.show(&letter, |letter| facts(letter, &[]).text(&context.out.paint))?;
    Ok(OK)
}
