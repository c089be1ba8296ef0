//! `checkrein stop receipt` and `checkrein stop drill`: how every lever answered, and after how long.
//!
//! In: a stop, or a scope to rehearse. Out: one line for each lever, call and act. A receipt is waited for until it is
//! complete; the server bounds that.

use std::time::{Duration, Instant};

use domain::{Lever, limits};
use server::wire;

use crate::client::{Client, path};
use crate::context::Context;
use crate::failure::{ERROR, OK, Result};
use crate::output::{Facts, moment};

/// How often it is asked for.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// How much longer than the levers are given it is waited for: a rollback comes after them.
const ROLLBACK_WITHIN: Duration = Duration::from_secs(120);

pub(super) async fn run(context: &Context, client: &Client, stop: &str) -> Result {
    let path = path("/v1/stops", stop, "/receipt")?;
    let until = Instant::now() + limits::STOP_ANSWERED_WITHIN + ROLLBACK_WITHIN;
    let report: wire::StopReport = loop {
        let report: wire::StopReport = client.get(&path, &[]).await?;
        if report.complete || Instant::now() > until {
            break report;
        }
        tokio::time::sleep(ASK_EVERY).await;
    };
    context.out.show(&report, |report| text(context, report))?;
    let answered = report.complete && report.levers.iter().all(|lever| lever.missing == 0);
    Ok(if answered { OK } else { ERROR })
}

pub(super) async fn drill(context: &Context, client: &Client, scope: String) -> Result {
    let drill: wire::Drill = client.post("/v1/stops/drill", &wire::OrderDrill { scope }).await?;
    context.out.show(&drill, |drill| {
        let mut facts = Facts::new();
        facts.fact("a rehearsal of", &drill.scope).fact("at", moment(drill.at_ms));
        levers(&mut facts, &drill.levers);
        facts.text(&context.out.paint)
    })?;
    let answered = drill.levers.iter().all(|lever| lever.missing == 0);
    Ok(if answered { OK } else { ERROR })
}

fn text(context: &Context, report: &wire::StopReport) -> String {
    let mut facts = Facts::new();
    facts.fact("stop", &report.stop);
    facts.fact("complete", if report.complete { "yes" } else { "not yet" });
    levers(&mut facts, &report.levers);
    for call in &report.calls {
        facts.fact("call", format!("{} {} after {} ms", call.call, call.became, call.took_ms));
    }
    for act in &report.rollback {
        let became = act.became.as_deref().unwrap_or("cannot be undone");
        let reason = act.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        facts.fact("act", format!("{} {became}{reason}", act.act));
    }
    facts.text(&context.out.paint)
}

fn levers(facts: &mut Facts, levers: &[wire::Lever]) {
    for lever in levers {
        let mut told =
            format!("{} of {} after {} ms", lever.acknowledged, lever.reached, lever.took_ms);
        for (count, word) in [(lever.unknown, "unknown"), (lever.missing, "no answer")] {
            if count > 0 {
                told.push_str(&format!(", {count} {word}"));
            }
        }
        let name = Lever::from_word(&lever.lever).map_or("lever", Lever::word);
        facts.fact(name, told);
    }
}
