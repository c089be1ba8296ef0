//! `checkrein calls`: what calls there are, waiting for one, taking one back, settling doubt, asking why.
//!
//! In: ids and filters. Out: listings, one call with its answer, or the answer a wait ended with. Waiting and
//! withdrawing need an agent's key; settling and explaining an operator's.

use std::time::{Duration, Instant};

use clap::{Args, Subcommand, ValueEnum};
use domain::{Code, limits};
use server::wire;

use crate::cli::{Narrowed, Part};
use crate::client::{Client, path};
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Facts, Live, Paint, Printed, Table, command, decision, diff, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List calls, the latest first if nothing else is said
    Ls(Box<Which>),
    /// Show one call: its answer, what people were asked, its plan
    Show {
        /// The call's id
        call: String,
    },
    /// Wait for a held call; it runs once it is approved
    Wait {
        /// The call's id
        call: String,
        /// How many seconds
        #[arg(long = "for", value_name = "SECONDS", default_value_t = 240)]
        seconds: u64,
    },
    /// Take a held call back, as its agent
    Withdraw {
        /// The call's id
        call: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Say what became of a call in doubt
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
    /// Look whether a call in doubt happened, by the read that its contract names; sends nothing again
    Probe {
        /// The call's id
        call: String,
    },
    /// Say why a call was decided as it was, from the recorded facts
    Explain {
        /// The call's id
        call: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only of this run
    #[arg(long)]
    run: Option<String>,
    /// Only in this state, such as `held` or `in_doubt`
    #[arg(long)]
    state: Option<String>,
    /// Only of this tool
    #[arg(long)]
    tool: Option<String>,
    /// Only of this agent: its name, or `name@version`
    #[arg(long)]
    agent: Option<String>,
    /// Only with this verdict: `allow`, `notify`, `hold` or `deny`
    #[arg(long)]
    verdict: Option<String>,
    /// Only with this status of the answer, such as `failed`
    #[arg(long)]
    outcome: Option<String>,
    #[command(flatten)]
    narrowed: Narrowed,
    #[command(flatten)]
    part: Part,
}

/// What a person found.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Found {
    /// It happened
    Yes,
    /// A part of it happened
    Partly,
    /// It did not happen
    No,
}

impl Found {
    /// As it travels.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
        }
    }
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls(which) => list(context, *which).await,
        Verb::Show { call } => show(context, &call).await,
        Verb::Wait { call, seconds } => wait(context, &call, Duration::from_secs(seconds)).await,
        Verb::Withdraw { call, reason } => withdraw(context, &call, reason).await,
        Verb::Resolve { call, executed, reason } => {
            let reason = context.reason(reason)?;
            resolve(context, &call, (executed, reason)).await
        }
        Verb::Probe { call } => probe(context, &call).await,
        Verb::Explain { call } => explain(context, &call).await,
    }
}

async fn list(context: &Context, which: Which) -> Result {
    let client = context.client(As::Operator)?;
    let own = [
        ("run", which.run),
        ("state", which.state),
        ("tool", which.tool),
        ("agent", which.agent),
        ("verdict", which.verdict),
        ("outcome", which.outcome),
    ];
    let query: Vec<_> =
        own.into_iter().chain(which.narrowed.query()).chain(which.part.query()).collect();
    let page: wire::Page<wire::Call> = client.get("/v1/calls", &query).await?;
    let nothing = "no calls; an agent proposes one with `checkrein call TOOL JSON`";
    context.out.page(&page, nothing, table)?;
    Ok(OK)
}

pub(super) fn table(calls: &[wire::Call]) -> Table {
    let mut table =
        Table::new(&["CALL", "RECEIVED", "STATE", "EXECUTED", "TOOL", "RESOURCE", "CODE", "UNDO"]);
    for call in calls {
        let executed = call.executed.as_deref().unwrap_or_default();
        let (code, undo) = (call.code.as_deref(), call.undo.as_deref());
        table.row([
            &call.call,
            &moment(call.received_ms),
            &call.state,
            executed,
            &call.tool,
            &call.resource,
            code.unwrap_or_default(),
            undo.unwrap_or_default(),
        ]);
    }
    table
}

async fn show(context: &Context, call: &str) -> Result {
    let client = context.client(As::Operator)?;
    let details: wire::CallDetails = client.get(&path("/v1/calls", call, "")?, &[]).await?;
    let plan = match context.out.is_for_people() {
        true => plan_if_any(&client, call).await?,
        // Programs ask for it themselves; this verb's shape stays.
        false => None,
    };
    context.out.show(&details, |details| {
        let paint = &context.out.paint;
        let mut text = facts(&details.call).text(paint);
        for approval in &details.approvals {
            text.push_str(&super::approvals::facts(approval).text(paint));
        }
        if let Some(plan) = &plan {
            text.push_str(&changes(plan, paint));
            // Once it ran, what was printed stands in the answer.
            let ran = details.answer.as_ref().is_some_and(|answer| answer.output.is_some());
            text.push_str(&if ran { String::new() } else { execution(plan, paint) });
        }
        if let Some(answer) = &details.answer {
            text.push('\n');
            text.push_str(&crate::output::answer(answer, Printed::Unseen, paint));
        }
        text
    })?;
    Ok(OK)
}

/// What is known of a call, without its contents.
pub(super) fn facts(call: &wire::Call) -> Facts {
    let mut facts = Facts::new();
    facts
        .fact("call", &call.call)
        .maybe("run", call.run.as_ref())
        .fact("agent", &call.agent)
        .fact("tool", &call.tool)
        .fact("resource", &call.resource)
        .fact("effect class", &call.effect_class)
        .fact("state", &call.state)
        .maybe("executed", call.executed.as_ref())
        .maybe("code", call.code.as_ref())
        .fact("received", moment(call.received_ms))
        .fact("last moved", moment(call.updated_ms))
        .maybe("takes back", call.undoes.as_ref())
        .maybe("attempts", (call.attempts > 1).then(|| call.attempts.to_string()))
        .maybe("in place of", call.follows.as_ref())
        .maybe("followed by", call.followed_by.as_ref())
        .maybe("undo", call.undo.as_ref())
        .maybe("undo until", call.undo_until_ms.map(moment));
    facts
}

/// Waits in pieces, as one request may only wait so long.
async fn wait(context: &Context, call: &str, longest: Duration) -> Result {
    let client = context.client(As::Agent)?;
    path("/v1/calls", call, "/wait")?;
    let begun = Instant::now();
    let mut live = Live::new(context.out);
    loop {
        let left = longest.saturating_sub(begun.elapsed());
        let piece = left.min(limits::WAIT_MAX);
        let answer = match context.out.is_for_people() {
            true => client.wait_watched(call, piece, |heard| live.hear(&heard)).await?,
            false => client.wait(call, piece).await?,
        };
        if answer.status != "held" || begun.elapsed() >= longest {
            return context.out.answer(&answer, live.printed());
        }
    }
}

async fn withdraw(context: &Context, call: &str, reason: Option<String>) -> Result {
    let body = wire::Withdraw { reason: context.reason(reason)? };
    let client = context.client(As::Agent)?;
    let answer =
        client.answer(&path("/v1/calls", call, "/withdraw")?, &body, Duration::ZERO).await?;
    context.out.show(&answer, |_| "withdrawn; it was not executed".to_owned())?;
    match answer.error.as_ref().map(|error| error.code.as_str()) {
        // What was asked for: the call ended as withdrawn.
        Some("CR-2005") | None => Ok(OK),
        Some(_) => {
            Err(answer.error.as_ref().map_or_else(|| Failure::new("it goes on"), Failure::from))
        }
    }
}

async fn resolve(context: &Context, call: &str, found: (Found, String)) -> Result {
    let (executed, reason) = found;
    let body = wire::Resolve { executed: executed.word().to_owned(), reason };
    let client = context.client(As::Operator)?;
    let call: wire::Call = client.post(&path("/v1/calls", call, "/resolve")?, &body).await?;
    context.out.show(&call, |call| facts(call).text(&context.out.paint))?;
    Ok(OK)
}

async fn probe(context: &Context, call: &str) -> Result {
    let client = context.client(As::Operator)?;
    let route = path("/v1/calls", call, "/probe")?;
    let found: wire::Probed = client.post(&route, &serde_json::json!({})).await?;
    context.out.show(&found, |found| {
        let mut facts = Facts::new();
        facts.fact("executed", &found.found).fact("probe", &found.probe);
        facts.fact("because", &found.reason);
        facts.text(&context.out.paint)
    })?;
    Ok(OK)
}

/// Why, from the recorded facts; also `checkrein policy explain`.
pub(super) async fn explain(context: &Context, call: &str) -> Result {
    let client = context.client(As::Operator)?;
    let why: wire::Explanation = client.get(&path("/v1/calls", call, "/explain")?, &[]).await?;
    context.out.show(&why, |why| {
        let mut text = decision(&why.decision).text(&context.out.paint);
        for line in &why.lines {
            text.push_str(&contract::visible::line(line));
            text.push('\n');
        }
        text
    })?;
    Ok(OK)
}

/// The plan of a call, for people.
pub(super) async fn plan(client: &Client, call: &str) -> Result<wire::PlanView> {
    client.get(&path("/v1/calls", call, "/plan")?, &[]).await
}

async fn plan_if_any(client: &Client, call: &str) -> Result<Option<wire::PlanView>> {
    match plan(client, call).await {
        Ok(plan) => Ok(Some(plan)),
        Err(failure) if failure.code == Some(Code::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Changes of a plan as a table, with its diff, and what the command did that made it.
pub(super) fn plan_text(plan: &wire::PlanView, paint: &Paint) -> String {
    let diff = diff(&plan.diff, paint);
    format!("{}{diff}{}", changes(plan, paint), execution(plan, paint))
}

/// Changes as a table: what was not declared, and what is code that runs later, is said beside it.
pub(super) fn changes(plan: &wire::PlanView, paint: &Paint) -> String {
    let mut table = Table::new(&["CHANGE", "PATH", "BEFORE", "AFTER", "DECLARED", "MEANS"]);
    for change in &plan.changes {
        let kind = match (&change.before, &change.after) {
            (None, _) => "creates",
            (_, None) => "deletes",
            (Some(_), Some(_)) => "changes",
        };
        let (before, after) = (state(change.before.as_ref()), state(change.after.as_ref()));
        let declared = match change.observation.as_str() {
            "expected" => "yes",
            "unintended" => "NO",
            _ => "nothing was",
        };
        let means = change.consequences.join(", ");
        table.row([kind, &change.path, &before, &after, declared, &means]);
    }
    if plan.changes.is_empty() { "it changes nothing\n".to_owned() } else { table.text(paint) }
}

/// What the command printed and used; empty for other tools.
pub(super) fn execution(plan: &wire::PlanView, paint: &Paint) -> String {
    let Some(ran) = &plan.execution else { return String::new() };
    let network = serde_json::to_value(&ran.network).unwrap_or_default();
    let output = serde_json::json!({
        "exit_code": ran.exit_code, "stdout": ran.stdout.text, "stderr": ran.stderr.text,
        "wall_ms": ran.wall_ms, "cpu_ms": ran.cpu_ms, "memory_bytes_max": ran.memory_bytes_max,
        "processes": ran.processes, "network": network, "jail": ran.jail,
    });
    command(&output, Printed::Unseen, paint).unwrap_or_default()
}

fn state(state: Option<&wire::FileState>) -> String {
    state.map_or_else(String::new, |state| {
        let size = state.size.map(|size| format!(" {size} bytes")).unwrap_or_default();
        format!("{} {}{size}", state.kind, state.mode)
    })
}
