//! Held calls as tasks (`io.modelcontextprotocol/tasks`, 2026-07-28), for clients that know them.
//!
//! ```text
//! held -> task (working) -> tasks/get: working | input_required (a link) | completed | failed | cancelled
//!         tasks/update: the user was sent to the console            tasks/cancel: the call is withdrawn, if it is held
//! ```
//! A task is the call itself, so it survives a restart and lives as long as its record. Its id carries a keyed digest over the
//! call and its grant: nobody guesses it, and for another grant it does not exist. An approved call runs when its client looks.
//! Tests: `tests/it/mcp/parking.rs`.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::Response;
use domain::{Answer, ApprovalId, CallId, CallState, Code, Name, Status, UpstreamPart, limits};
use gate::{Journal as _, KeyScope, Record, Table};
use mcp::{Client, Id, Params, Request, Revision, RpcCode, RpcError};
use serde_json::{Value, json};

use super::answer::{self, Of};
use super::bounds::Kind;
use super::list::finished;
use super::parking::standing;
use super::rescue::{self, invalid};
use super::stream::{Last, whole};
use super::visit::Visit;
use super::{call, link, wire};
use crate::handlers::proposals::{apart, place, waited_until};

/// The extension.
pub(super) const EXTENSION: &str = "io.modelcontextprotocol/tasks";
/// How many calls that took each other's place are followed.
const FOLLOWED_MAX: usize = 8;

/// Whether a client knows tasks.
pub(super) fn are_known(client: &Client) -> bool {
    let extension = client.capabilities.get("extensions").and_then(|all| all.get(EXTENSION));
    extension.is_some_and(Value::is_object)
}

/// What a server says that knows them.
pub(super) fn capability() -> Value {
    json!({ EXTENSION: {} })
}

/// Whether a method is one of tasks.
pub(super) fn is_one(method: &str) -> bool {
    matches!(method, "tasks/get" | "tasks/update" | "tasks/cancel")
}

/// The error for a client that asks about tasks and did not say that it knows them.
pub(super) fn unknown_to_it() -> RpcError {
    let message = format!("expected the extension `{EXTENSION}` among the client's capabilities");
    let required = json!({ "requiredCapabilities": { "extensions": { EXTENSION: {} } } });
    RpcError::new(RpcCode::MissingRequiredClientCapability, message).with(required)
}

/// Questions of tasks that were answered: a key is never asked again.
#[derive(Debug, Default)]
pub(super) struct Asked(Mutex<(HashSet<ApprovalId>, VecDeque<ApprovalId>)>);

impl Asked {
    fn answered(&self, approval: ApprovalId) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, order) = &mut *all;
        if !known.insert(approval) {
            return;
        }
        order.push_back(approval);
        if order.len() > limits::MCP_TASK_ANSWERS_MAX
            && let Some(oldest) = order.pop_front()
        {
            known.remove(&oldest);
        }
    }

    fn was_answered(&self, approval: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        approval.parse().is_ok_and(|approval| all.0.contains(&approval))
    }
}

/// A task that was found.
struct Task {
    id: String,
    call: CallId,
    /// What is known of the call that it stands for now.
    record: Record,
    created_ms: u64,
}

/// How a task stands.
enum Standing {
    Working(Option<String>),
    Asks(Params, Option<String>),
    Ended(Box<Answer>),
    Cancelled,
}

/// The result that makes a held call a task; none where its run's key is gone.
pub(super) async fn made(visit: &Visit, held: &Answer) -> Option<Params> {
    let call = held.call?;
    let record = record(visit, call).await.ok()?;
    let id = id_of(visit, call, &record)?;
    let created_ms = record.count("received_ms");
    let task = Task { id, call, record, created_ms };
    let text = standing(&visit.app, call).await;
    let mut result = shown(&task, ("working", text));
    result.insert("resultType".to_owned(), "task".into());
    Some(answer::labelled(result, answer::envelope(held), of(None)))
}

/// Serves one of the three methods.
pub(super) async fn serve(visit: Visit, (request, client): (Request, Client)) -> Response {
    let id = request.id.clone();
    match served(&visit, request, &client).await {
        Ok((result, call)) => {
            let result = finished("tasks/get", result, client.revision);
            whole(told(&id, &result, call), visit.agent.outbox)
        }
        Err(error) => {
            let status = rescue::status(&error, Revision::NEWEST);
            super::visit::error(status, Some(&id), &error)
        }
    }
}

fn told(id: &Id, result: &Params, call: Option<CallId>) -> Last {
    Last { status: StatusCode::OK, bytes: wire::result(id, result), call }
}

async fn served(
    visit: &Visit,
    request: Request,
    client: &Client,
) -> Result<(Params, Option<CallId>), RpcError> {
    if !are_known(client) {
        return Err(unknown_to_it());
    }
    let mut params = request.params;
    let task = found(visit, &call::text(&mut params, "taskId")?).await?;
    match request.method.as_str() {
        "tasks/update" => {
            let Some(Value::Object(responses)) = params.get("inputResponses") else {
                return Err(invalid("expected `inputResponses` as an object"));
            };
            // What a user did with a link decides nothing; keys that nobody asked are left out.
            let asked = link::questions(visit, task.call).await.unwrap_or_default();
            let answered = asked.keys().filter(|key| responses.contains_key(*key));
            answered
                .filter_map(|key| key.parse().ok())
                .for_each(|approval| visit.app.mcp.asked.answered(approval));
            Ok((Params::new(), None))
        }
        "tasks/cancel" => {
            let reason = "its client cancelled the task".to_owned();
            let withdrawn = visit.app.gate.withdraw(&visit.agent.caller, task.call, reason).await;
            // Cancelling is a wish: what is under way, or over, stays as it is.
            if let Err(refusal) = withdrawn {
                tracing::debug!(%refusal, "a task was not withdrawn");
            }
            Ok((Params::new(), None))
        }
        _ => got(visit, &task, client).await,
    }
}

async fn got(
    visit: &Visit,
    task: &Task,
    client: &Client,
) -> Result<(Params, Option<CallId>), RpcError> {
    Ok(match stands(visit, task, client).await? {
        Standing::Working(text) => (shown(task, ("working", text)), None),
        Standing::Asks(questions, text) => {
            let mut result = shown(task, ("input_required", text));
            result.insert("inputRequests".to_owned(), Value::Object(questions));
            (result, None)
        }
        Standing::Cancelled => (shown(task, ("cancelled", None)), None),
        Standing::Ended(answer) => {
            let call = answer.call;
            let server = server_of(visit, &task.record);
            (ended(task, answer::said(*answer, of(server.as_ref())), client), call)
        }
    })
}

fn ended(task: &Task, said: Result<Params, RpcError>, client: &Client) -> Params {
    match said {
        Ok(result) => {
            let mut all = shown(task, ("completed", None));
            let result = finished("tools/call", result, client.revision);
            all.insert("result".to_owned(), Value::Object(result));
            all
        }
        Err(error) => {
            let mut all = shown(task, ("failed", Some(error.message.clone())));
            all.insert("error".to_owned(), error.to_value());
            all
        }
    }
}

async fn stands(visit: &Visit, task: &Task, client: &Client) -> Result<Standing, RpcError> {
    let state = CallState::from_word(task.record.text("state"));
    if state == Some(CallState::Cancelled) && task.record.text("code") == Code::Withdrawn.shown() {
        return Ok(Standing::Cancelled);
    }
    let text = standing(&visit.app, task.call).await;
    if state == Some(CallState::Held) && text.is_some() {
        let mut questions = match link::opens(client) {
            true => link::questions(visit, task.call).await.unwrap_or_default(),
            false => Params::new(),
        };
        questions.retain(|key, _| !visit.app.mcp.asked.was_answered(key));
        return Ok(match questions.is_empty() {
            true => Standing::Working(text),
            false => Standing::Asks(questions, text),
        });
    }
    // Nobody is asked any more: it runs now, if it may, and goes on when this looks no more.
    let (caller, call) = (visit.agent.caller.clone(), task.call);
    let look = (limits::MCP_TASK_LOOK_MAX, std::future::pending());
    let (begun, app) = (Instant::now(), &visit.app);
    // As many looks as an agent may have calls in work, and no more: what is not looked at is still in work.
    let Ok(own) = app.mcp.bounds.take(Kind::Call, caller.grant) else {
        return Ok(Standing::Working(None));
    };
    let places = (own, place(app).map_err(|refused| rescue::refused(&refused))?);
    let job =
        apart(
            app,
            places,
            move |app| async move { waited_until(&app, (&caller, call), look).await },
        );
    let looked =
        tokio::time::timeout(limits::MCP_TASK_LOOK_MAX + Duration::from_secs(1), job).await;
    let Ok(answer) = looked else { return Ok(Standing::Working(None)) };
    let answer = answer.map_err(|refused| rescue::refused(&refused))?;
    let over = record(visit, task.call).await?;
    let is_over = match CallState::from_word(over.text("state")) {
        Some(
            CallState::Received
            | CallState::Held
            | CallState::Queued
            | CallState::Admitted
            | CallState::Dispatched,
        )
        | None => false,
        Some(
            CallState::Denied
            | CallState::InDoubt
            | CallState::Succeeded
            | CallState::Partial
            | CallState::Failed
            | CallState::Superseded
            | CallState::Cancelled,
        ) => answer.status != Status::Held,
    };
    // A look is no answer to a call, but for the one that sees it end.
    if is_over && state.is_some_and(|state| !state.is_final()) {
        app.metrics.answered(&answer, begun.elapsed());
    }
    Ok(if is_over { Standing::Ended(Box::new(answer)) } else { Standing::Working(None) })
}

/// What every form of a task says.
fn shown(task: &Task, (status, text): (&str, Option<String>)) -> Params {
    let every = u64::try_from(limits::MCP_TASK_POLLED_EVERY.as_millis()).unwrap_or(u64::MAX);
    let mut all = Params::new();
    all.insert("taskId".to_owned(), task.id.as_str().into());
    all.insert("status".to_owned(), status.into());
    all.extend(text.map(|text| ("statusMessage".to_owned(), text.into())));
    all.insert("createdAt".to_owned(), moment(task.created_ms).into());
    all.insert("lastUpdatedAt".to_owned(), moment(task.record.count("updated_ms")).into());
    // As long as the journal has it: what people decide within has its own clocks.
    all.insert("ttlMs".to_owned(), Value::Null);
    all.insert("pollIntervalMs".to_owned(), every.into());
    all
}

fn moment(millis: u64) -> String {
    let moment = i64::try_from(millis).ok();
    let moment = moment.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    moment.map(|moment| moment.to_string()).unwrap_or_default()
}

/// The call's id and a keyed digest over it and its grant, under a key of its run that stays in the store.
fn id_of(visit: &Visit, call: CallId, record: &Record) -> Option<String> {
    let run = record.text("run").parse().ok()?;
    let bound = format!("{EXTENSION} {call} {}", visit.agent.caller.grant);
    let digest = visit.app.journal().keyed(KeyScope::Run(run), bound.as_bytes()).ok()?;
    Some(format!("{call}.{digest}"))
}

/// The task of an id, for its own grant.
async fn found(visit: &Visit, id: &str) -> Result<Task, RpcError> {
    let none = || invalid("there is no such task");
    let first = id.split_once('.').and_then(|(call, _)| call.parse().ok()).ok_or_else(none)?;
    let mut record = record(visit, first).await?;
    let own = record.text("grant_id") == visit.agent.caller.grant.to_string();
    let known = id_of(visit, first, &record).filter(|_| own).ok_or_else(none)?;
    // The digest is keyed, and compared as a digest: how long that takes tells nothing of the key.
    if contract::digest(known.as_bytes()) != contract::digest(id.as_bytes()) {
        return Err(none());
    }
    let created_ms = record.count("received_ms");
    let mut call = first;
    for _ in 0..FOLLOWED_MAX {
        let by_itself = record.text("edited_by").is_empty();
        let Ok(next) = record.text("superseded_by").parse() else { break };
        if !by_itself {
            // Somebody wants another act: the agent is told so.
            break;
        }
        let Ok(later) = self::record(visit, next).await else { break };
        (call, record) = (next, later);
    }
    Ok(Task { id: id.to_owned(), call, record, created_ms })
}

async fn record(visit: &Visit, call: CallId) -> Result<Record, RpcError> {
    let record = visit.app.journal().read(Table::Calls, &call.to_string()).await;
    let record = record.map_err(|error| rescue::refused(&gate::Refusal::from(error).into()))?;
    record.ok_or_else(|| invalid("there is no such task"))
}

/// The server whose tool a call is of; none for our own.
fn server_of(visit: &Visit, record: &Record) -> Option<Name> {
    let rules = visit.app.gate.rules();
    let tool = record.text("tool").parse().ok()?;
    let compiled = rules.catalogue.get(&tool)?;
    compiled.contract.upstream.as_ref().map(|upstream| upstream.server.clone())
}

const fn of(server: Option<&Name>) -> Of<'_> {
    Of { part: UpstreamPart::Tool, server }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_was_answered_is_remembered_within_bounds() {
        let asked = Asked::default();
        let id = |number: u128| ApprovalId::new(uuid::Uuid::from_u128(number));
        asked.answered(id(0));
        assert!(asked.was_answered(&id(0).to_string()));
        assert!(!asked.was_answered(&id(1).to_string()) && !asked.was_answered("x"));
        for number in 1..=limits::MCP_TASK_ANSWERS_MAX {
            asked.answered(id(number as u128));
        }
        assert!(!asked.was_answered(&id(0).to_string()), "the oldest gave way");
        assert_eq!(asked.0.lock().unwrap().1.len(), limits::MCP_TASK_ANSWERS_MAX);
    }

    #[test]
    fn a_client_knows_tasks_only_if_it_says_so_as_the_extension_has_it() {
        let client = |capabilities: Value| Client {
            revision: Revision::V2026July,
            capabilities: capabilities.as_object().cloned().unwrap_or_default(),
            info: None,
            progress_token: None,
            log_level: None,
            trace: Vec::new(),
        };
        assert!(are_known(&client(json!({ "extensions": { EXTENSION: {} } }))));
        for not in [
            json!({}),
            json!({ "extensions": {} }),
            json!({ "extensions": { EXTENSION: true } }),
            json!({ "tasks": {} }),
        ] {
            assert!(!are_known(&client(not.clone())), "{not}");
        }
    }

    #[test]
    fn a_moment_is_written_as_the_protocol_has_it() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
    }
}
