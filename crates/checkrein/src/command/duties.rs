//! `checkrein duties`: notices that somebody should see and reviews that somebody should make.
//!
//! In: filters, or one duty as it was listed (`CALL/KIND/POLICY`). Out: the duties and who is asked. Marking one as done
//! is recorded with the person's name and note; it changes nothing about the call.

use clap::Subcommand;
use domain::Code;
use server::wire;

use crate::cli::Part;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List what is open, the latest first
    Ls {
        /// Only `notice` or `review`
        #[arg(long)]
        kind: Option<String>,
        /// With what is done
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        part: Part,
    },
    /// List incidents: acts that were rejected and could not be taken back, the latest first
    Incidents {
        /// With those that are closed
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        part: Part,
    },
    /// Close an incident: say what became of it
    Close {
        /// The review it came of, as listed: `CALL/KIND/POLICY`
        duty: String,
        /// What became of it
        #[arg(long)]
        reason: Option<String>,
    },
    /// Mark a notice as seen or a review as made
    Done {
        /// The duty, as listed: `CALL/KIND/POLICY`
        duty: String,
        /// What to note; for `--reject`, why
        #[arg(long)]
        note: Option<String>,
        /// The act may not stand: it is taken back where that is possible, else an incident is recorded
        #[arg(long)]
        reject: bool,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls { kind, all, part } => list(context, ((!all).then_some("open"), kind), part).await,
        Verb::Incidents { all, part } => incidents(context, (!all).then_some("open"), part).await,
        Verb::Close { duty, reason } => {
            let body = wire::CloseIncident { reason: context.reason(reason)? };
            let client = context.client(As::Operator)?;
            let closed: wire::Incident = client.post(&route(&duty, "/close")?, &body).await?;
            context.out.show(&closed, |closed| {
                format!(
                    "the incident {} is {}",
                    contract::visible::line(&closed.duty),
                    closed.state
                )
            })?;
            Ok(OK)
        }
        Verb::Done { duty, note, reject } => {
            let verdict = reject.then(|| "rejected".to_owned());
            done(context, &duty, wire::Done { note, verdict }).await
        }
    }
}

async fn list(context: &Context, which: (Option<&str>, Option<String>), part: Part) -> Result {
    let (state, kind) = which;
    let client = context.client(As::Operator)?;
    let page: wire::Page<wire::DutyRecord> = client
        .get(
            "/v1/duties",
            &[
                ("state", state.map(str::to_owned)),
                ("kind", kind),
                ("limit", part.limit.map(|limit| limit.to_string())),
                ("after", part.after),
            ],
        )
        .await?;
    context.out.page(&page, "no duties are open", |duties| {
        let mut table = Table::new(&["STATE", "SINCE", "ASKED OF", "DUTY"]);
        for duty in duties {
            table.row([&duty.state, &moment(duty.at_ms), &duty.asked_of, &duty.duty]);
        }
        table
    })?;
    Ok(OK)
}

async fn incidents(context: &Context, state: Option<&str>, part: Part) -> Result {
    let client = context.client(As::Operator)?;
    let own = [("state", state.map(str::to_owned))];
    let query: Vec<_> = own.into_iter().chain(part.query()).collect();
    let page: wire::Page<wire::Incident> = client.get("/v1/incidents", &query).await?;
    context.out.page(&page, "no incidents are open", |incidents| {
        let mut table = Table::new(&["STATE", "SINCE", "WHY", "DUTY"]);
        for one in incidents {
            let why = one.closed_reason.as_ref().unwrap_or(&one.reason);
            table.row([&one.state, &moment(one.at_ms), why, &one.duty]);
        }
        table
    })?;
    Ok(OK)
}

/// The route of one duty.
fn route(duty: &str, verb: &str) -> Result<String> {
    let mut parts = duty.splitn(3, '/');
    let (Some(call), Some(kind), Some(policy)) = (parts.next(), parts.next(), parts.next()) else {
        let shown = contract::visible::short(duty);
        return Err(Failure::coded(Code::InvalidRequest, format!("`{shown}` is not a duty"))
            .expected("`CALL/KIND/POLICY`")
            .fix("copy it from `checkrein duties ls`"));
    };
    let route = path("/v1/duties", call, "")?;
    path(&path(&route, kind, "")?, policy, verb)
}

async fn done(context: &Context, duty: &str, said: wire::Done) -> Result {
    let client = context.client(As::Operator)?;
    let done: wire::DutyRecord = client.post(&route(duty, "/done")?, &said).await?;
    context
        .out
        .show(&done, |done| format!("{} is {}", contract::visible::line(&done.duty), done.state))?;
    Ok(OK)
}
