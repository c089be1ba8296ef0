//! `checkrein agents`: giving an agent rights with a key, listing grants, taking them away.
//!
//! In: a name, tools, spaces, an end. Out: the grant, and its key once: on standard output or in a new file with mode
//! 0600. What an agent may do beyond its grant is for policies to say, not for this verb.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use server::wire;

use super::keys::{self, Secret};
use crate::cli::Part;
use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};
use crate::output::{Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List grants
    Ls {
        /// Only in this state
        #[arg(long, value_parser = ["active", "revoked"])]
        state: Option<String>,
        /// Only with this text in agent, person, giver or id
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        part: Part,
    },
    /// Give an agent rights and make its key; the key is shown once
    New(New),
    /// Take a grant away for good, with every key of it
    Revoke {
        /// The grant's id
        grant: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The agent's name
    name: String,
    /// What it may use: a tool's name, a prefix such as `files.*`, or `*`
    #[arg(long = "tool", required = true)]
    tools: Vec<String>,
    /// Its version
    #[arg(long = "agent-version")]
    version: Option<String>,
    /// The tenant; else your own
    #[arg(long)]
    tenant: Option<String>,
    /// On whose behalf; else your own
    #[arg(long)]
    human: Option<String>,
    /// A space it may work in; else all
    #[arg(long = "space")]
    spaces: Vec<String>,
    /// A workflow it may work on; else all
    #[arg(long = "workflow")]
    workflows: Vec<String>,
    /// Ends by itself after so many hours
    #[arg(long, value_name = "HOURS")]
    expires_in: Option<u64>,
    /// Put the key into this new file, mode 0600, instead of showing it
    #[arg(long, value_name = "FILE")]
    key_to: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls { state, text, part } => list(context, (state, text), part).await,
        Verb::New(new) => make(context, new).await,
        Verb::Revoke { grant, reason } => {
            let body = wire::Revoke { reason: context.reason(reason)? };
            let client = context.client(As::Operator)?;
            let grant: wire::Grant =
                client.post(&path("/v1/agents", &grant, "/revoke")?, &body).await?;
            context.out.show(&grant, |grant| format!("{} is {}", grant.grant, grant.state))?;
            Ok(OK)
        }
    }
}

async fn list(
    context: &Context,
    (state, text): (Option<String>, Option<String>),
    part: Part,
) -> Result {
    let client = context.client(As::Operator)?;
    let own = [("state", state), ("text", text)];
    let query: Vec<_> = own.into_iter().chain(part.query()).collect();
    let page: wire::Page<wire::Grant> = client.get("/v1/agents", &query).await?;
    let nothing = "no agents; make one with `checkrein agents new NAME --tool 'files.*'`";
    context.out.page(&page, nothing, |grants| {
        let mut table = Table::new(&[
            "GRANT",
            "STATE",
            "AGENT",
            "FOR",
            "TOOLS",
            "SPACES",
            "WORKFLOWS",
            "EXPIRES",
        ]);
        for grant in grants {
            let agent = format!("{}@{}", grant.agent.name, grant.agent.version);
            let (tools, spaces) = (grant.tools.join(" "), grant.spaces.join(" "));
            let workflows =
                if grant.workflows.is_empty() { "all".into() } else { grant.workflows.join(" ") };
            let expires = grant.expires_ms.map(moment).unwrap_or_default();
            table.row([
                &grant.grant,
                &grant.state,
                &agent,
                &grant.human,
                &tools,
                &spaces,
                &workflows,
                &expires,
            ]);
        }
        table
    })?;
    Ok(OK)
}

async fn make(context: &Context, new: New) -> Result {
    let body = wire::NewAgent {
        name: new.name,
        version: new.version,
        tenant: new.tenant,
        human: new.human,
        tools: new.tools,
        spaces: (!new.spaces.is_empty()).then_some(new.spaces),
        workflows: new.workflows,
        expires_ms: new.expires_in.map(in_hours).transpose()?,
    };
    // A file that is there already must not cost a key.
    let place = Secret::place(new.key_to)?;
    let made: wire::MadeAgent = context.client(As::Operator)?.post("/v1/agents", &body).await?;
    let about = format!("{} with {}", made.grant.grant, made.key);
    keys::shown(context, (&made, &about), (&made.secret, place))
}

fn in_hours(hours: u64) -> Result<u64> {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let length = hours.checked_mul(3_600).map(std::time::Duration::from_secs);
    let at = length.and_then(|length| now.checked_add(length)).map(|at| at.as_millis());
    at.and_then(|at| u64::try_from(at).ok()).ok_or_else(|| {
        Failure::usage(format!("`--expires-in {hours}` is too long")).fix("leave it out for no end")
    })
}
