//! Outlets: whether the services that are told can be told.
//!
//! In: the configuration, and what a running server says to an operator. Out: a check for each outlet. Nothing is sent:
//! `checkrein outlets test` does that.

use server::Config;
use server::wire;

use super::Check;
use crate::command::outlets::trouble;
use crate::context::{As, Context};
use crate::failure::Result;

const NAME: &str = "outlets";

pub(super) async fn look(context: &Context, config: &Config, is_up: bool) -> Vec<Check> {
    if config.outlets.is_empty() {
        return vec![Check::ok(NAME, "none are configured")];
    }
    if !is_up {
        let count = config.outlets.len();
        let found = format!("{count} configured; how they stand is known while the server runs");
        return vec![Check::ok(NAME, found)];
    }
    match told(context).await {
        Ok(outlets) => outlets.iter().map(stands).collect(),
        Err(failure) => vec![Check::warning(
            NAME,
            format!("how they stand cannot be asked: {}", failure.happened),
            "give an operator's key with `CHECKREIN_KEY` or `--key-file`",
        )],
    }
}

async fn told(context: &Context) -> Result<Vec<wire::Outlet>> {
    let client = context.client(As::Operator)?;
    let outlets: wire::Page<wire::Outlet> = client.get("/v1/outlets", &[]).await?;
    Ok(outlets.items)
}

fn stands(outlet: &wire::Outlet) -> Check {
    let name = &outlet.outlet;
    let fix = format!("`checkrein outlets test {name}` says what comes back");
    if let Some(why) = trouble(outlet) {
        return Check::warning(NAME, format!("`{name}`: {why}"), fix);
    }
    if let Some(why) = outlet.gave_up_why.as_ref().filter(|_| outlet.gave_up > 0) {
        let found = format!("`{name}` is well, and gave up {} things, last: {why}", outlet.gave_up);
        return Check::warning(NAME, found, fix);
    }
    Check::ok(NAME, format!("`{name}` ({}) is well, {} told", outlet.way, outlet.told))
}
