//! `checkrein approvals`: what waits for a person, everything needed to decide it, and deciding.
//!
//! In: an operator's key. Out: requests, with intent, arguments, reasons and the diff of the plan, all made visible
//! and never cut. One request is decided at a time, by its id: no key press in a list can be taken for a yes.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Subcommand;
use server::wire;

use super::calls;
use crate::cli::Part;
use crate::client::{Client, path};
use crate::context::{As, Context};
use crate::failure::{OK, Result};
use crate::output::{Facts, Paint, Printed, Table, Tone, answer, json, moment};

/// How often `watch` looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List requests that wait, the oldest first
    Ls {
        /// In this state instead: `approved`, `rejected`, `expired`, …
        #[arg(long, default_value = "pending")]
        state: String,
        /// In every state
        #[arg(long, conflicts_with = "state")]
        all: bool,
        #[command(flatten)]
        part: Part,
    },
    /// Show one request with everything needed to decide it
    Show {
        /// The request's id
        approval: String,
    },
    /// Say yes: the call runs once, as it was shown, when somebody waits for it
    Approve {
        /// The request's id
        approval: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Say no: the call is denied and its agent told why
    Reject {
        /// The request's id
        approval: String,
        /// Why; the agent is told
        #[arg(long)]
        reason: Option<String>,
    },
    /// Show requests as they come, until Ctrl-C
    Watch,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    let client = context.client(As::Operator)?;
    match verb {
        Verb::Ls { state, all, part } => {
            list(context, &client, (!all).then_some(state), part).await
        }
        Verb::Show { approval } => {
            let details = details(&client, &approval).await?;
            context.out.show(&details, |details| text(details, &context.out.paint))?;
            Ok(OK)
        }
        Verb::Approve { approval, reason } => {
            let body = wire::Approve { reason };
            let path = path("/v1/approvals", &approval, "/approve")?;
            decided(context, &client.post(&path, &body).await?)
        }
        Verb::Reject { approval, reason } => {
            let body = wire::Reject { reason: context.reason(reason)? };
            let path = path("/v1/approvals", &approval, "/reject")?;
            decided(context, &client.post(&path, &body).await?)
        }
        Verb::Watch => watch(context, &client).await,
    }
}

async fn page(
    client: &Client,
    state: Option<String>,
    part: Part,
) -> Result<wire::Page<wire::Approval>> {
    let limit = part.limit.map(|limit| limit.to_string());
    let query = [("state", state), ("limit", limit), ("after", part.after)];
    client.get("/v1/approvals", &query).await
}

async fn list(context: &Context, client: &Client, state: Option<String>, part: Part) -> Result {
    let page = page(client, state, part).await?;
    context.out.page(&page, "nothing waits for a person", |approvals| {
        let mut table =
            Table::new(&["APPROVAL", "STATE", "ASKED", "DECIDE BY", "REQUIREMENT", "CALL"]);
        for one in approvals {
            let (asked, by) = (moment(one.asked_ms), moment(one.decide_by_ms));
            table.row([&one.approval, &one.state, &asked, &by, &one.requirement, &one.call]);
        }
        table
    })?;
    Ok(OK)
}

async fn details(client: &Client, approval: &str) -> Result<wire::ApprovalDetails> {
    client.get(&path("/v1/approvals", approval, "")?, &[]).await
}

fn decided(context: &Context, approval: &wire::Approval) -> Result {
    context.out.show(approval, |approval| facts(approval).text(&context.out.paint))?;
    Ok(OK)
}

/// What is known of a request.
pub(super) fn facts(approval: &wire::Approval) -> Facts {
    let mut facts = Facts::new();
    facts
        .fact("approval", &approval.approval)
        .fact("state", &approval.state)
        .fact("for call", &approval.call)
        .fact("asked of", &approval.asked_of)
        .fact("because of", &approval.requirement)
        .fact("asked", moment(approval.asked_ms))
        .fact("decide by", moment(approval.decide_by_ms))
        .maybe("use by", approval.execute_by_ms.map(moment))
        .maybe("decided by", approval.decided_by.as_ref())
        .maybe("decided", approval.decided_ms.map(moment))
        .maybe("reason", approval.reason.as_ref())
        .fact("binding", &approval.binding);
    facts
}

/// Everything that a person needs to decide.
pub(crate) fn text(details: &wire::ApprovalDetails, paint: &Paint) -> String {
    let mut out = facts(&details.approval).text(paint);
    let mut facts = Facts::new();
    facts.maybe("agent says", details.intent.as_ref());
    facts.maybe("stands on", details.after.as_ref());
    if let Some(call) = &details.call {
        facts.fact("agent", &call.agent).fact("tool", &call.tool).fact("resource", &call.resource);
    }
    out.push_str(&facts.text(paint));
    if let Some(arguments) = &details.arguments {
        out.push_str(&format!("{}\n", json(arguments).unwrap_or_default()));
    }
    if let Some(input) = &details.input {
        let whose = match &details.input_answers {
            Some(call) => format!("answers to what {call} asked"),
            None => "answers that nobody asked for".to_owned(),
        };
        out.push_str(&format!("{whose}:\n{}\n", json(input).unwrap_or_default()));
    }
    if let Some(plan) = &details.plan {
        // The diff stands in the envelope.
        out.push_str(&format!("{}{}", calls::changes(plan, paint), calls::execution(plan, paint)));
    }
    if let Some(envelope) = &details.answer {
        out.push_str(&answer(envelope, Printed::Unseen, paint));
    }
    out
}

async fn watch(context: &Context, client: &Client) -> Result {
    let out = &context.out;
    let mut seen = BTreeSet::new();
    out.talk("watching; Ctrl-C ends it");
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let part = Part { limit: None, after: None };
        let page = page(client, Some("pending".to_owned()), part).await?;
        // Those that were decided meanwhile need not be remembered.
        let waiting: BTreeSet<String> = page.items.iter().map(|one| one.approval.clone()).collect();
        for id in waiting.difference(&seen) {
            let details = details(client, id).await?;
            out.show(&details, |details| text(details, &out.paint))?;
            out.talk(&out.paint.tone(
                Tone::Strong,
                &format!("`checkrein approvals approve {id}` or `checkrein approvals reject {id} --reason …`\n"),
            ));
        }
        seen = waiting;
    }
}
