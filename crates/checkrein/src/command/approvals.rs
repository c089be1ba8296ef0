//! `checkrein approvals`: what waits for a person, everything needed to decide it, and deciding.
//!
//! In: an operator's key. Out: requests, with intent, arguments, reasons and the diff of the plan, all made visible
//! and never cut. One request is decided at a time: by its id, or in `review`, where a yes takes two presses apart.

mod review;
mod watch;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use contract::visible::Breaks;
use server::wire;

use super::calls;
use crate::cli::{Narrowed, Part};
use crate::client::{Client, path};
use crate::context::{As, Context, read_input};
use crate::failure::{Failure, OK, Result};
use crate::output::{Facts, Paint, Printed, Table, answer, json, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List requests that wait, the oldest first
    Ls(Which),
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
        /// What has to be typed where the act cannot be undone; asked for at a terminal
        #[arg(long)]
        confirm: Option<String>,
    },
    /// Put a call with other arguments in place of the held one; it is judged from the beginning
    Edit {
        /// The request's id
        approval: String,
        /// All arguments of the new call, as a JSON object
        #[arg(long, conflicts_with = "file")]
        arguments: Option<String>,
        /// The same from a file, or `-` for standard input
        #[arg(long)]
        file: Option<PathBuf>,
        /// Why; the agent is told
        #[arg(long)]
        reason: Option<String>,
    },
    /// Ask the agent something before deciding
    Ask {
        /// The request's id
        approval: String,
        /// The question
        question: String,
    },
    /// Say no: the call is denied and its agent told why
    Reject {
        /// The request's id
        approval: String,
        /// Why; the agent is told
        #[arg(long)]
        reason: Option<String>,
    },
    /// Look at requests one after the other and decide them, in a full screen; `?` shows its keys
    Review {
        /// Begin with this request
        approval: Option<String>,
    },
    /// Tell each request that is asked, decided or over, a line each, until Ctrl-C
    Watch {
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
    },
}

/// Which requests.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// In this state instead: `approved`, `rejected`, `expired`, …; `decided` for those that a person answered
    #[arg(long, default_value = "pending")]
    state: String,
    /// In every state
    #[arg(long, conflicts_with = "state")]
    all: bool,
    /// Only asked by this agent
    #[arg(long)]
    agent: Option<String>,
    /// Only asked of this group
    #[arg(long)]
    group: Option<String>,
    /// Only asked of a group that you stand in
    #[arg(long)]
    mine: bool,
    #[command(flatten)]
    narrowed: Narrowed,
    #[command(flatten)]
    part: Part,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    let client = context.client(As::Operator)?;
    match verb {
        Verb::Ls(which) => list(context, &client, which).await,
        Verb::Show { approval } => {
            let details = details(&client, &approval).await?;
            context.out.show(&details, |details| text(details, &context.out.paint))?;
            Ok(OK)
        }
        Verb::Approve { approval, reason, confirm } => {
            approve(context, &client, (&approval, reason, confirm)).await
        }
        Verb::Edit { approval, arguments, file, reason } => {
            let arguments = given(arguments, file.as_deref())?;
            let body = wire::EditCall { arguments, reason: context.reason(reason)? };
            let path = path("/v1/approvals", &approval, "/edit")?;
            let new: wire::Answer = client.post(&path, &body).await?;
            context.out.show(&new, |new| answer(new, Printed::Unseen, &context.out.paint))?;
            Ok(OK)
        }
        Verb::Ask { approval, question } => {
            let path = path("/v1/approvals", &approval, "/ask")?;
            decided(context, &client.post(&path, &wire::AskAgent { question }).await?)
        }
        Verb::Reject { approval, reason } => {
            let body = wire::Reject { reason: context.reason(reason)? };
            let path = path("/v1/approvals", &approval, "/reject")?;
            decided(context, &client.post(&path, &body).await?)
        }
        Verb::Review { approval } => review::run(context, &client, approval).await,
        Verb::Watch { json } => watch::run(context, &client, json).await,
    }
}

/// Says yes, with what has to be typed if something has to.
async fn approve(
    context: &Context,
    client: &Client,
    (approval, reason, confirm): (&str, Option<String>, Option<String>),
) -> Result {
    let asked = details(client, approval).await?;
    let confirm = match &asked.confirm.text {
        Some(expected) if asked.may_decide.yes => {
            asked.risk.iter().for_each(|line| context.out.talk(&contract::visible::line(line)));
            Some(context.confirmation(confirm, expected)?)
        }
        Some(_) | None => confirm,
    };
    let surface = Some("cli".to_owned());
    let body = wire::Approve { reason, confirm, shown: None, surface };
    decided(context, &client.post(&path("/v1/approvals", approval, "/approve")?, &body).await?)
}

/// The arguments of an edit, read strictly.
fn given(arguments: Option<String>, file: Option<&Path>) -> Result<serde_json::Value> {
    let most = domain::limits::ARGUMENTS_BYTES_MAX;
    let bytes = match (arguments, file) {
        (Some(text), _) => text.into_bytes(),
        (None, Some(file)) => read_input(file, most)?,
        (None, None) => {
            return Err(Failure::usage("no arguments are given")
                .expected("all arguments of the new call")
                .fix("add `--arguments '{…}'` or `--file FILE`"));
        }
    };
    contract::strict::parse(&bytes, most).map_err(|error| {
        Failure::coded(domain::Code::MalformedJson, error.to_string())
            .expected("a JSON object")
            .fix("correct it")
    })
}

async fn list(context: &Context, client: &Client, which: Which) -> Result {
    let own = [
        ("state", (!which.all).then_some(which.state)),
        ("agent", which.agent),
        ("group", which.group),
        ("mine", which.mine.then(|| "true".to_owned())),
    ];
    let query: Vec<_> =
        own.into_iter().chain(which.narrowed.query()).chain(which.part.query()).collect();
    let page: wire::Page<wire::Approval> = client.get("/v1/approvals", &query).await?;
    context.out.page(&page, "nothing waits for a person", |approvals| {
        let mut table =
            Table::new(&["APPROVAL", "STATE", "DECIDE BY", "AGENT", "TOOL", "RESOURCE", "CALL"]);
        for one in approvals {
            let by = moment(one.decide_by_ms);
            let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
            let (agent, tool, resource) = (text(&one.agent), text(&one.tool), text(&one.resource));
            table.row([&one.approval, &one.state, &by, &agent, &tool, &resource, &one.call]);
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
        .fact("asked of", needed(approval))
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

/// Who is needed, in one line.
fn needed(approval: &wire::Approval) -> String {
    let mut text = approval.asked_of.clone();
    if approval.quorum > 1 {
        text = format!("{} people of {text}, {} said yes", approval.quorum, approval.votes);
    }
    if approval.assurance != "key" {
        text.push_str(&format!(", with a {}", approval.assurance));
    }
    match (&approval.escalate_to, approval.escalated_ms, approval.escalates_ms) {
        (Some(group), Some(at), _) => format!("{text}; since {} also {group}", moment(at)),
        (Some(group), None, Some(at)) => format!("{text}; from {} also {group}", moment(at)),
        (Some(_) | None, None | Some(_), _) => text,
    }
}

/// What speaks for care, who may not decide, what was said, and what this request replaces.
fn about(details: &wire::ApprovalDetails) -> Facts {
    let mut facts = Facts::new();
    for line in &details.risk {
        facts.fact("risk", line);
    }
    let effect = &details.effect;
    let hit = effect.consequences.join(", ");
    let of = if hit.is_empty() { hit } else { format!(": {hit}") };
    facts.fact("effect", format!("{}{of}", effect.class));
    facts.maybe("undo", effect.undo.as_ref());
    let rule = &details.rule;
    facts.maybe("rule says", rule.reason.as_ref());
    facts.maybe("rule's owner", rule.owner.as_ref());
    for excluded in &details.excluded {
        facts.fact("not by", format!("{}, who {}", excluded.name, excluded.because));
    }
    facts.maybe("you may not", details.may_decide.why.as_ref());
    for vote in &details.votes {
        facts.fact("said yes", format!("{}, {}", vote.by, moment(vote.at_ms)));
    }
    for said in &details.evidence {
        facts.fact("evidence", &said.text);
    }
    for said in &details.questions {
        facts.fact("asked", format!("{}: {}", said.by.as_deref().unwrap_or("agent"), said.text));
    }
    let similar = &details.similar;
    if similar.asked > 0 {
        facts.fact(
            "before",
            format!(
                "{} asked, {} approved ({} of them failed), {} rejected, {} superseded, {} expired",
                similar.asked,
                similar.approved,
                similar.failed,
                similar.rejected,
                similar.superseded,
                similar.expired
            ),
        );
    }
    if let Some(old) = &details.supersedes {
        facts.fact(
            "in place of",
            format!("{}: {}", old.approval.as_deref().unwrap_or(&old.call), old.why),
        );
        for change in &old.changes {
            let shown =
                |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            facts.fact(
                "differs",
                format!("{}: {} -> {}", change.path, shown(&change.before), shown(&change.after)),
            );
        }
    }
    facts.maybe("gave way to", details.superseded_by.as_ref().map(|link| &link.call));
    facts.maybe("to type", details.confirm.text.as_ref());
    facts
}

/// Everything that a person needs to decide.
pub(crate) fn text(details: &wire::ApprovalDetails, paint: &Paint) -> String {
    let mut out = facts(&details.approval).text(paint);
    out.push_str(&about(details).text(paint));
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
    if let Some(rule) = &details.rule.text {
        out.push_str(&format!(
            "the rule:\n{}\n",
            contract::visible::visible(rule.trim_end(), Breaks::Kept)
        ));
    }
    out
}
