//! Undo of several acts: what it would do, and doing it. Rules and order are the gate's.
//! In: a call, a run or an agent. Out: a report. A body that names none or several of them is refused here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{CallId, Name, RunId};
use gate::{ActReport, UndoOrder, UndoScope};

use crate::app::App;
use crate::http::body::Strict;
use crate::http::who::OperatorCaller;
use crate::rescue::{Refused, Result};
use crate::{convert, wire};

/// Says what taking acts back would do, newest first. Changes and records nothing.
#[utoipa::path(
    post, path = "/v1/undo/plan", tag = "undo", request_body = wire::UndoAsk,
    responses((status = 200, description = "what would become of each", body = wire::UndoReport), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn plan(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Strict(body): Strict<wire::UndoAsk>,
) -> Result<Json<wire::UndoReport>> {
    let acts = app.gate.undo_plan(&operator, asked(body)?).await?;
    report(&acts)
}

/// Takes acts back, newest first, past those that cannot be.
#[utoipa::path(
    post, path = "/v1/undo/apply", tag = "undo", request_body = wire::UndoAsk,
    responses((status = 200, description = "what became of each", body = wire::UndoReport), (status = "4XX", description = "refused", body = wire::Problem)),
)]
pub(crate) async fn apply(
    State(app): State<Arc<App>>,
    OperatorCaller(operator): OperatorCaller,
    Strict(body): Strict<wire::UndoAsk>,
) -> Result<Json<wire::UndoReport>> {
    let ask = asked(body)?;
    // In a task of its own: a lost connection must not leave half of it undone.
    let gate = Arc::clone(&app.gate);
    let task = tokio::spawn(async move { gate.undo_all(&operator, ask, UndoOrder::Asked).await });
    report(&task.await.map_err(Refused::internal)??)
}

fn asked(body: wire::UndoAsk) -> Result<gate::UndoAsk> {
    const ONE: &str = "expected exactly one of `call`, `run` and `agent`";
    let wire::UndoAsk { call, run, agent, last, set } = body;
    let wrong = |what: &str| Refused::invalid(format!("{what}: not one of these"));
    let scope = match (call, run, agent) {
        (Some(call), None, None) => {
            UndoScope::Call(call.parse::<CallId>().map_err(|_| wrong("call"))?)
        }
        (None, Some(run), None) => UndoScope::Run(run.parse::<RunId>().map_err(|_| wrong("run"))?),
        (None, None, Some(agent)) => {
            UndoScope::Agent(agent.parse::<Name>().map_err(|_| wrong("agent"))?)
        }
        (..) => return Err(Refused::invalid(ONE)),
    };
    match (&scope, last) {
        (_, Some(0)) => return Err(Refused::invalid("last: expected at least 1")),
        (UndoScope::Agent(_), None) => {
            return Err(Refused::invalid("last: expected with `agent`: how many of its last acts"));
        }
        (UndoScope::Call(_) | UndoScope::Run(_) | UndoScope::Agent(_), _) => {}
    }
    if !set.is_empty() && !matches!(scope, UndoScope::Call(_)) {
        return Err(Refused::invalid("set: only with `call`"));
    }
    Ok(gate::UndoAsk { scope, last, told: set.into_iter().collect() })
}

fn report(acts: &[ActReport]) -> Result<Json<wire::UndoReport>> {
    let whole = acts.iter().all(|act| act.outcome.is_whole());
    let acts = acts.iter().map(shown).collect::<Result<_>>()?;
    Ok(Json(wire::UndoReport { acts, whole }))
}

fn shown(act: &ActReport) -> Result<wire::UndoAct> {
    Ok(wire::UndoAct {
        call: act.call.to_string(),
        run: act.run.clone(),
        tool: act.tool.clone(),
        resource: act.resource.clone(),
        admitted_ms: act.admitted.map(domain::Timestamp::millis),
        outcome: act.outcome.word().to_owned(),
        why: act.why.clone(),
        until_ms: act.until.map(domain::Timestamp::millis),
        answer: act.answer.as_ref().map(convert::answer).transpose()?,
    })
}
