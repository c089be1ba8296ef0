//! `checkrein policy enforce` and `checkrein policy shadow`: whether what policies say holds in a space, or is only recorded.
//!
//! In: a space, or none where there is only one, and why. Out: the space as it stands then. It takes an admin's key, and
//! the journal says who did it and why (`checkrein journal entries --kind mode_set`). In shadow nothing but the checks that hold in both modes stops an agent.

use clap::Args;
use server::wire;

use crate::client::{Client, path};
use crate::context::{As, Context};
use crate::failure::{Failure, OK, Result};

#[derive(Debug, Args)]
pub(crate) struct Enforce {
    /// The space; needed where there are several
    #[arg(long, value_name = "NAME")]
    space: Option<String>,
    /// Why; it stands in the journal
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Shadow {
    /// The space; needed where there are several
    #[arg(long, value_name = "NAME")]
    space: Option<String>,
    /// Why policies are to stop nothing; it stands in the journal
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn enforce(context: &Context, given: Enforce) -> Result {
    let space = set(context, (given.space, "enforce"), given.reason).await?;
    context.out.talk(&format!(
        "MODE: ENFORCE in `{space}`: what policies deny is refused, what they hold waits for people (`checkrein approvals ls`)"
    ));
    Ok(OK)
}

pub(super) async fn shadow(context: &Context, given: Shadow) -> Result {
    let space = set(context, (given.space, "shadow"), Some(given.reason)).await?;
    context.out.talk(&format!(
        "MODE: SHADOW in `{space}`: policies, approvals and budgets are judged and recorded, and stop nothing; \
         drift, stops, contracts and grants hold all the same"
    ));
    Ok(OK)
}

/// Gives the name of the space.
async fn set(
    context: &Context,
    (space, mode): (Option<String>, &str),
    reason: Option<String>,
) -> Result<String> {
    let client = context.client(As::Operator)?;
    let space = match space {
        Some(space) => space,
        None => only(&client).await?,
    };
    let body = wire::SetMode { mode: mode.to_owned(), reason };
    let set: wire::Space = client.post(&path("/v1/spaces", &space, "/mode")?, &body).await?;
    context.out.show(&set, |set| format!("{} is in mode {}", set.space, set.mode))?;
    Ok(space)
}

async fn only(client: &Client) -> Result<String> {
    let page: wire::Page<wire::Space> = client.get("/v1/spaces", &[]).await?;
    let mut names = page.items.into_iter().map(|space| space.space);
    match (names.next(), names.next()) {
        (Some(only), None) => Ok(only),
        (Some(one), Some(other)) => Err(Failure::usage("there are several spaces").fix(format!(
            "name one with `--space`: {}",
            [one, other].into_iter().chain(names).collect::<Vec<_>>().join(", ")
        ))),
        (None, _) => Err(Failure::new("there is no space").fix("see `checkrein config show`")),
    }
}
