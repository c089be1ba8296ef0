//! `checkrein runs`: opening, looking at, ending, resuming, exporting and replaying runs.
//!
//! In: a workflow and a purpose, or a run's id. Out: the run, listings, its export, or what a replay found. Opening
//! needs an agent's key. Exporting and replaying are the same as `checkrein journal export|replay`.

use clap::{Args, Subcommand, ValueEnum};
use server::wire;

use crate::cli::{Narrowed, Part};
use crate::client::path;
use crate::command::{budgets, journal};
use crate::context::{As, Context};
use crate::failure::{OK, Result};
use crate::output::{Facts, Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Open a run, as an agent
    Open(Opening),
    /// List runs, the latest first if nothing else is said
    Ls(Which),
    /// Show one run
    Show {
        /// The run's id
        run: String,
    },
    /// Count what became of a run's calls: valid, done, intended
    Score {
        /// The run's id
        run: String,
    },
    /// End a run
    End(Ending),
    /// Let a paused run go on
    Resume {
        /// The run's id
        run: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Export a run with what proves it
    Export(journal::export::Exporting),
    /// Compute every decision of a run again and report differences
    Replay(journal::Replaying),
}

#[derive(Debug, Args)]
pub(crate) struct Opening {
    /// The kind of work, from the configuration
    workflow: String,
    /// What for
    #[arg(long)]
    purpose: String,
    #[command(flatten)]
    limits: budgets::Amounts,
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only in this state: `open`, `paused` or `ended`
    #[arg(long)]
    state: Option<String>,
    /// Only of this workflow
    #[arg(long)]
    workflow: Option<String>,
    /// Only of this agent: its name, or `name@version`
    #[arg(long)]
    agent: Option<String>,
    /// Only on behalf of this person
    #[arg(long)]
    human: Option<String>,
    #[command(flatten)]
    narrowed: Narrowed,
    #[command(flatten)]
    part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct Ending {
    /// The run's id
    run: String,
    /// How it ended
    #[arg(long, value_enum)]
    outcome: Outcome,
    /// Why
    #[arg(long, default_value = "")]
    reason: String,
    /// The number that the workflow measures success by
    #[arg(long)]
    metric: Option<String>,
    /// What shows it
    #[arg(long)]
    evidence: Vec<String>,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Outcome {
    /// Its purpose is reached
    Succeeded,
    /// It is not
    Failed,
    /// Somebody gave up on it
    Abandoned,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Open(opening) => open(context, opening).await,
        Verb::Ls(which) => list(context, which).await,
        Verb::Show { run } => {
            let client = context.client(As::Operator)?;
            shown(context, &client.get(&path("/v1/runs", &run, "")?, &[]).await?)
        }
        Verb::Score { run } => {
            let client = context.client(As::Operator)?;
            scored(context, &client.get(&path("/v1/runs", &run, "/score")?, &[]).await?)
        }
        Verb::End(ending) => end(context, ending).await,
        Verb::Resume { run, reason } => {
            let body = wire::ResumeRun { reason: context.reason(reason)? };
            let client = context.client(As::Operator)?;
            shown(context, &client.post(&path("/v1/runs", &run, "/resume")?, &body).await?)
        }
        Verb::Export(exporting) => journal::export::run(context, exporting).await,
        Verb::Replay(replaying) => journal::replay(context, replaying).await,
    }
}

async fn open(context: &Context, opening: Opening) -> Result {
    let body = wire::OpenRun {
        workflow: opening.workflow,
        purpose: opening.purpose,
        limit: opening.limits.into(),
    };
    shown(context, &context.client(As::Agent)?.post("/v1/runs", &body).await?)
}

async fn end(context: &Context, ending: Ending) -> Result {
    let outcome = match ending.outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Abandoned => "abandoned",
    };
    let body = wire::EndRun {
        outcome: outcome.to_owned(),
        reason: ending.reason,
        metric: ending.metric,
        evidence: ending.evidence,
    };
    let client = context.client(As::Operator)?;
    shown(context, &client.post(&path("/v1/runs", &ending.run, "/end")?, &body).await?)
}

async fn list(context: &Context, which: Which) -> Result {
    let client = context.client(As::Operator)?;
    let own = [
        ("state", which.state),
        ("workflow", which.workflow),
        ("agent", which.agent),
        ("human", which.human),
    ];
    let query: Vec<_> =
        own.into_iter().chain(which.narrowed.query()).chain(which.part.query()).collect();
    let page: wire::Page<wire::Run> = client.get("/v1/runs", &query).await?;
    let nothing = "no runs; an agent opens one with `checkrein runs open WORKFLOW --purpose …`";
    context.out.page(&page, nothing, |runs| {
        let mut table =
            Table::new(&["RUN", "OPENED", "STATE", "WORKFLOW", "SPACE", "AGENT", "PURPOSE"]);
        for run in runs {
            let opened = moment(run.opened_ms);
            let state = run.outcome.as_ref().unwrap_or(&run.state);
            let purpose = if run.ambient { "(calls that named no run)" } else { &run.purpose };
            table.row([&run.run, &opened, state, &run.workflow, &run.space, &run.agent, purpose]);
        }
        table
    })?;
    Ok(OK)
}

fn scored(context: &Context, score: &wire::RunScore) -> Result {
    let share = |share: Option<u64>| {
        share.map_or_else(|| "-".to_owned(), |share| format!("{}.{} %", share / 10, share % 10))
    };
    context.out.show(score, |score| {
        let wire::RunScore { expected, unintended, not_stated, unobserved, .. } = score;
        let mut facts = Facts::new();
        facts
            .fact("run", &score.run)
            .fact("calls", score.calls.to_string())
            .fact("validity", share(score.validity))
            .fact("refused", format!("{} as they came in, {} later", score.invalid, score.refused))
            .fact("success", share(score.success))
            .fact(
                "done",
                format!(
                    "{} succeeded, {} in part, {} failed, {} in doubt, {} open",
                    score.succeeded, score.partial, score.failed, score.in_doubt, score.open
                ),
            )
            .fact("divergence", share(score.divergence))
            .fact(
                "effects",
                format!(
                    "{expected} expected, {unintended} unintended, {not_stated} not stated, {unobserved} unobserved"
                ),
            )
            .fact("postconditions", format!("{} do not hold", score.unmet))
            .fact("taken back", score.undone.to_string())
            .fact("checks", format!("{}, {} failed", score.checks, score.checks_failed));
        facts.text(&context.out.paint)
    })?;
    Ok(OK)
}

fn shown(context: &Context, run: &wire::Run) -> Result {
    context.out.show(run, |run| {
        let mut facts = Facts::new();
        facts
            .fact("run", &run.run)
            .fact("state", &run.state)
            .maybe("outcome", run.outcome.as_ref())
            .maybe("reason", run.reason.as_ref())
            .maybe("metric", run.metric.as_ref())
            .fact("workflow", &run.workflow)
            .fact("space", &run.space)
            .fact("tenant", &run.tenant)
            .fact("agent", &run.agent)
            .fact("on behalf of", &run.human)
            .fact("grant", &run.grant)
            .fact("purpose", &run.purpose)
            .fact("opened", moment(run.opened_ms))
            .fact("last used", moment(run.last_ms));
        facts.text(&context.out.paint)
    })?;
    Ok(OK)
}
