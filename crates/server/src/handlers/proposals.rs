//! Proposals and waiting: the way in for agents.
//!
//! A call runs in a task of its own: whoever asked may go away, the call goes on. Its answer is the envelope, with
//! the HTTP status of its code; only what never became a proposal is answered with a problem.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use domain::{Answer, CallId, CallState, Caller, Code, Name, Proposal, Status, limits};
use gate::{Journal as _, Table};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;

use super::live;
use crate::app::App;
use crate::convert;
use crate::http::body::{Id, Params, Strict};
use crate::http::delivery::{Answered, Outbox};
use crate::http::listen::asked;
use crate::http::who::{AgentCaller, Listens};
use crate::rescue::{Refused, Result};
use crate::wire;

/// Proposes a call and waits for its answer.
///
/// Held calls answer with 202 and run once they are approved and somebody waits for them. `Prefer: wait=SECONDS` or
/// `wait_ms` waits for people. `Accept: text/event-stream` shows what a command prints while it runs: events `call`,
/// `output` and `missed`, then `answer` with the envelope.
#[utoipa::path(
    post, path = "/v1/calls", tag = "calls", request_body = wire::Proposal,
    params(("Prefer" = Option<String>, Header, description = "`wait=SECONDS` waits for people if the call is held")),
    responses(
        (status = 200, description = "it happened", content((wire::Answer = "application/json"), (wire::Output = "text/event-stream"))),
        (status = 202, description = "held: NOT EXECUTED, waiting for approval", body = wire::Answer),
        (status = "4XX", description = "refused; an envelope, or a problem where it was no proposal", body = wire::Answer),
        (status = "5XX", description = "failed", body = wire::Answer),
    ),
)]
pub(crate) async fn propose(
    State(app): State<Arc<App>>,
    agent: AgentCaller,
    headers: HeaderMap,
    Strict(given): Strict<wire::Proposal>,
) -> Result<Response> {
    let outbox = agent.outbox.clone();
    let wait = wait(given.wait_ms)?.or(preferred(&headers)).unwrap_or(Duration::ZERO);
    let callback = callback(&app, &agent, given.callback.as_deref())?;
    let proposal = convert::proposal(given)?;
    if agent.listens == Listens::ToAll {
        return live::respond(&app, outbox, move |app, begun| async move {
            let (gate, caller) = (Arc::clone(&app.gate), agent.caller.clone());
            let listens = move |call| {
                // Nobody listens any more.
                let _gone = begun.send((call, gate.listen_to_call(&caller, call)));
            };
            handled(&app, (agent, proposal, callback), (wait, listens)).await
        });
    }
    let work = work(&app, move |app| async move {
        handled(&app, (agent, proposal, callback), (wait, |_| ())).await
    });
    respond(&work.await?, outbox)
}

/// Hands a proposal to the gate, and waits for people if it is held. `begun` is told the call's id before it runs.
async fn handled(
    app: &App,
    (agent, proposal, callback): (AgentCaller, Proposal, Option<Name>),
    (wait, begun): (Duration, impl FnOnce(CallId) + Send),
) -> Answer {
    let mut answer = app.gate.handle_told(agent.credential(), proposal, begun).await;
    if let (Some(outlet), Some(call), Status::Held) = (callback, answer.call, answer.status)
        && let Err(refusal) = app.gate.ask_callback(&agent.caller, call, &outlet).await
    {
        let warning =
            format!("`{outlet}` will not tell of its end: {refusal}; wait for it instead");
        answer.warnings.push(warning);
    }
    let held = answer.call.filter(|_| answer.status == Status::Held && !wait.is_zero());
    match held {
        Some(call) => waited(app, (&agent.caller, call), wait).await,
        None => answer,
    }
}

/// The webhook that a call names: one of its own tenant, which its operator gave to callers.
fn callback(app: &App, agent: &AgentCaller, named: Option<&str>) -> Result<Option<Name>> {
    let Some(named) = named else { return Ok(None) };
    let known = app.outlets.for_callers(&agent.caller.chain.tenant, named);
    let unknown = || {
        let shown = contract::visible::short(named);
        Refused::invalid(format!("callback: `{shown}` is no webhook for callers"))
    };
    known.cloned().map(Some).ok_or_else(unknown)
}

/// How long to wait for a call.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Milliseconds, up to 240,000, which is what holds if it is not given.
    wait_ms: Option<u64>,
}

/// Waits for a call of this agent, and runs it as soon as it is approved.
///
/// `Accept: text/event-stream` shows what it prints meanwhile, as for `POST /v1/calls`.
#[utoipa::path(
    get, path = "/v1/calls/{call}/wait", tag = "calls",
    params(("call" = String, Path, description = "the call's id"), Wait),
    responses(
        (status = 200, description = "it happened", content((wire::Answer = "application/json"), (wire::Output = "text/event-stream"))),
        (status = 202, description = "still held", body = wire::Answer),
        (status = "4XX", description = "refused", body = wire::Answer),
        (status = "5XX", description = "failed", body = wire::Answer),
    ),
)]
pub(crate) async fn wait_for(
    State(app): State<Arc<App>>,
    agent: AgentCaller,
    Id(call): Id<CallId>,
    Params(params): Params<Wait>,
) -> Result<Response> {
    let outbox = agent.outbox.clone();
    let longest = wait(params.wait_ms)?.unwrap_or(limits::WAIT_MAX);
    if agent.listens == Listens::ToAll {
        return live::respond(&app, outbox, move |app, begun| async move {
            let listener = app.gate.listen_to_call(&agent.caller, call);
            let _gone = begun.send((call, listener));
            waited(&app, (&agent.caller, call), longest).await
        });
    }
    let work =
        work(&app, move |app| async move { waited(&app, (&agent.caller, call), longest).await });
    respond(&work.await?, outbox)
}

/// Waits for people, but not longer than the server lives: who waits for a held call when it stops is told that it
/// is still held. A call that is under way is waited for to its end.
async fn waited(app: &App, of: (&Caller, CallId), longest: Duration) -> Answer {
    waited_until(app, of, (longest, std::future::pending())).await
}

/// As `waited`, and not longer than until somebody `left`.
pub(crate) async fn waited_until(
    app: &App,
    (caller, call): (&Caller, CallId),
    (longest, left): (Duration, impl Future<Output = ()> + Send),
) -> Answer {
    let mut stopping = app.stopping.clone();
    let mut waiting = Box::pin(app.gate.wait(caller, call, longest));
    tokio::select! {
        answer = &mut waiting => return answer,
        () = asked(&mut stopping) => {}
        () = left => {}
    }
    let record = app.journal().read(Table::Calls, &call.to_string()).await;
    let held = record.is_ok_and(|record| {
        record.is_some_and(|record| {
            let waits = [CallState::Held.word(), CallState::Queued.word()];
            waits.contains(&record.text("state"))
        })
    });
    if !held {
        return waiting.await;
    }
    drop(waiting);
    app.gate.wait(caller, call, Duration::ZERO).await
}

/// Does what may not be cancelled by a lost connection: in a task of its own, with a place among calls in work.
pub(crate) async fn work<F>(
    app: &Arc<App>,
    job: impl FnOnce(Arc<App>) -> F + Send + 'static,
) -> Result<Answer>
where
    F: Future<Output = Answer> + Send,
{
    work_at(app, place(app)?, job).await
}

/// A place among calls in work.
pub(crate) fn place(app: &App) -> Result<OwnedSemaphorePermit> {
    Arc::clone(&app.in_work).try_acquire_owned().map_err(|_| {
        let message = format!("{} calls are in work", limits::CALLS_IN_WORK_MAX);
        Refused::new(Code::TooManyWaiting, message, "try again shortly")
    })
}

/// As `work`, at a place that was taken before.
pub(super) async fn work_at<F>(
    app: &Arc<App>,
    place: OwnedSemaphorePermit,
    job: impl FnOnce(Arc<App>) -> F + Send + 'static,
) -> Result<Answer>
where
    F: Future<Output = Answer> + Send,
{
    let counted = move |app: Arc<App>| async move {
        let begun = Instant::now();
        let answer = job(Arc::clone(&app)).await;
        app.metrics.answered(&answer, begun.elapsed());
        answer
    };
    apart(app, place, counted).await
}

/// Does what may not be cancelled by a lost connection in a task of its own, which holds these places.
pub(crate) async fn apart<F>(
    app: &Arc<App>,
    places: impl Send + 'static,
    job: impl FnOnce(Arc<App>) -> F + Send + 'static,
) -> Result<Answer>
where
    F: Future<Output = Answer> + Send,
{
    let app = Arc::clone(app);
    let task = tokio::spawn(async move {
        let answer = job(app).await;
        drop(places);
        answer
    });
    task.await.map_err(Refused::internal)
}

fn wait(given_ms: Option<u64>) -> Result<Option<Duration>> {
    let wait = given_ms.map(Duration::from_millis);
    if wait.is_some_and(|wait| wait > limits::WAIT_MAX) {
        let most = limits::WAIT_MAX.as_millis();
        return Err(Refused::invalid(format!("wait_ms: at most {most}")));
    }
    Ok(wait)
}

/// `wait=SECONDS` of a `Prefer` header (RFC 7240). A preference that is too large is cut, as a preference may be.
fn preferred(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut parts = values.flat_map(|value| value.split([',', ';'])).map(str::trim);
    let seconds = parts.find_map(|part| part.strip_prefix("wait="))?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(limits::WAIT_MAX))
}

/// An envelope with the status of its code. Whoever is not known is told so like on every other route.
pub(crate) fn respond(answer: &Answer, outbox: Option<Outbox>) -> Result<Response> {
    let code = answer.error.as_ref().map(|failure| failure.code);
    if let (None, Some(failure)) = (answer.call, &answer.error)
        && matches!(failure.code, Code::NotAuthenticated | Code::NotAllowed | Code::NotFound)
    {
        return Err(Refused::new(failure.code, &*failure.message, &*failure.fix));
    }
    let status = code.map_or(200, |code| code.row().http);
    let bytes = serde_json::to_vec(&gate::payload::answer(answer)).map_err(Refused::internal)?;
    let mut response = Response::new(Answered::body(bytes.into(), answer.call, outbox));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
