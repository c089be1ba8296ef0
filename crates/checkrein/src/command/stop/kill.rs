//! `checkrein stop kill`: what it would do, a confirmation, the kill and its receipt.
//!
//! In: a scope, and how many acts to take back. At a terminal the scope is suspended first, so that nothing moves while
//! somebody reads; then the plan is shown and the scope must be typed. Without a terminal the plan is printed with its
//! token, and the same command with `--token` carries it out.

use std::io::IsTerminal as _;

use clap::Args;
use domain::{Code, StopScope};
use server::wire;

use super::{Ordered, receipt};
use crate::client::Client;
use crate::context::Context;
use crate::failure::{Failure, OK, Result};
use crate::output::{Facts, moment};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    ordered: Ordered,
    /// Take back the last N acts in the scope, newest first
    #[arg(long, value_name = "N", default_value_t = 0)]
    rollback: u32,
    /// The token of the plan that was shown; without it the plan is shown
    #[arg(long)]
    token: Option<String>,
}

pub(super) async fn run(context: &Context, client: &Client, arguments: Arguments) -> Result {
    let Arguments { ordered: Ordered { scope, reason }, rollback, token } = arguments;
    scope.parse::<StopScope>().map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(token) = token {
        let reason = context.reason(reason)?;
        return order(context, client, wire::OrderKill { scope, reason, rollback, token }).await;
    }
    let asks = !context.global.no_input && std::io::stdin().is_terminal();
    if !asks {
        let plan = plan(client, (&scope, rollback)).await?;
        context.out.show(&plan, |plan| text(context, plan))?;
        context.out.talk("nothing was killed; the same command with `--token` does it");
        return Ok(OK);
    }
    let reason = context.reason(reason)?;
    let (level, why) = ("suspend".to_owned(), format!("about to be killed: {reason}"));
    let suspend = wire::OrderStop { scope: scope.clone(), level, reason: why };
    let _held: wire::StopReceipt = client.post("/v1/stops", &suspend).await?;
    context.out.talk("the scope is suspended: nothing moves while you read");
    let plan = plan(client, (&scope, rollback)).await?;
    context.out.talk(&text(context, &plan));
    let typed = context.confirmation(None, &scope)?;
    if typed != scope {
        return Err(Failure::coded(
            Code::NotConfirmed,
            "something else was typed; nothing was killed",
        )
        .expected(format!("`{scope}`"))
        .fix(format!("the scope stays suspended; `checkrein stop resume {scope}` lifts it")));
    }
    let token = plan.token;
    order(context, client, wire::OrderKill { scope, reason, rollback, token }).await
}

async fn plan(client: &Client, (scope, rollback): (&str, u32)) -> Result<wire::KillPlan> {
    client.post("/v1/stops/kill/plan", &wire::PlanKill { scope: scope.to_owned(), rollback }).await
}

async fn order(context: &Context, client: &Client, order: wire::OrderKill) -> Result {
    let receipt: wire::StopReceipt = client.post("/v1/stops/kill", &order).await?;
    let scope = contract::visible::line(&order.scope).into_owned();
    context.out.talk(&format!("killed; `checkrein stop resume {scope}` lets new work begin"));
    receipt::run(context, client, &receipt.stop.stop).await
}

fn text(context: &Context, plan: &wire::KillPlan) -> String {
    let mut facts = Facts::new();
    facts
        .fact("a kill of", &plan.reach.scope)
        .fact("open runs", plan.reach.open_runs.to_string())
        .fact("calls in work", plan.reach.in_work.to_string())
        .fact("held calls", plan.reach.held.to_string());
    for act in &plan.acts {
        let what = format!("{} {} {}", moment(act.at_ms), act.tool, act.resource);
        match &act.cannot {
            None => facts.fact("takes back", format!("{} {what}", act.call)),
            Some(why) => facts.fact("cannot take back", format!("{} {what}: {why}", act.call)),
        };
    }
    facts.fact("token", &plan.token).fact("holds until", moment(plan.until_ms));
    facts.text(&context.out.paint)
}
