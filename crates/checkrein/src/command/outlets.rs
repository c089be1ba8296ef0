//! `checkrein outlets`: the services that are told what people should know.
//!
//! In: an outlet's name. Out: how each stands, or what came back when it was told that this is a test. What they are is
//! configuration (`[[slack]]`, `[[webhook]]`); see docs/guides/slack.md and docs/guides/webhooks.md.

use clap::Subcommand;
use server::wire;

use crate::client::path;
use crate::context::{As, Context};
use crate::failure::{ERROR, OK, Result};
use crate::output::{Table, moment};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List outlets and how they stand
    Ls,
    /// Tell one that this is a test, and say what came back
    Test {
        /// The outlet's name
        name: String,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result {
    match verb {
        Verb::Ls => list(context).await,
        Verb::Test { name } => test(context, &name).await,
    }
}

async fn list(context: &Context) -> Result {
    let client = context.client(As::Operator)?;
    let page: wire::Page<wire::Outlet> = client.get("/v1/outlets", &[]).await?;
    let nothing =
        "nobody is told anything; name a `[[slack]]` or a `[[webhook]]` in the configuration";
    context.out.page(&page, nothing, |outlets| {
        let mut table =
            Table::new(&["OUTLET", "WAY", "STANDING", "TOLD", "LAST", "GAVE UP", "BEHIND", "AT"]);
        for outlet in outlets {
            table.row([
                &outlet.outlet,
                &outlet.way,
                &standing(outlet),
                &outlet.told.to_string(),
                &outlet.told_ms.map(moment).unwrap_or_default(),
                &outlet.gave_up.to_string(),
                &outlet.behind.to_string(),
                &outlet.at,
            ]);
        }
        table
    })?;
    for outlet in &page.items {
        if let Some(why) = trouble(outlet) {
            context.out.talk(&format!("{}: {why}", outlet.outlet));
        }
    }
    Ok(OK)
}

fn standing(outlet: &wire::Outlet) -> String {
    match &outlet.connection {
        Some(connection) if connection != "open" => format!("{}, not connected", outlet.standing),
        Some(_) | None => outlet.standing.clone(),
    }
}

/// What somebody should look at; none where all is well.
pub(super) fn trouble(outlet: &wire::Outlet) -> Option<String> {
    if let Some(why) = &outlet.why {
        let again = outlet.again_at_ms.map(moment).unwrap_or_default();
        return Some(format!("away after {} tries: {why}; tried again {again}", outlet.tries));
    }
    match &outlet.connection {
        Some(connection) if connection != "open" => Some(format!("the connection is {connection}")),
        Some(_) | None => None,
    }
}

async fn test(context: &Context, name: &str) -> Result {
    let client = context.client(As::Operator)?;
    let place = path("/v1/outlets", name, "/test")?;
    let said: wire::OutletTest = client.post(&place, &wire::TestOutlet::default()).await?;
    context.out.show(&said, |said| match &said.why {
        None => format!("{} was told in {} ms", said.outlet, said.took_ms),
        Some(why) => format!("{} was not told: {why}", said.outlet),
    })?;
    Ok(if said.arrived { OK } else { ERROR })
}
