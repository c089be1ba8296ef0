//! A question to another tool, as a call of its own: by the house, in the run of the call that it is about.
//!
//! In: which tool with which arguments. Out: its output, or why there is none that can be relied on. Only a tool that a
//! confirmed contract calls pure is reached, or a command in the jail whose plan is thrown away. It is judged by policy
//! like any call of that agent, spends no budget, asks nobody, and has no safeguards of its own: questions never nest.

use std::future::Future;
use std::pin::Pin;

use domain::{
    Answer, CallId, CheckKind, CheckVerdict, Code, Entry, Event, PreviewMeans, Proposal, Status,
    ToolName,
};
use serde_json::Value;

use crate::gate::Gate;
use crate::journey::resolve::{self, Ask, Unresolved};
use crate::journey::{Authority, Before, Call, settle};
use crate::port::{Journal, World};
use crate::refusal::Refusal;

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) kind: CheckKind,
    pub(super) name: &'a str,
    pub(super) tool: &'a ToolName,
    /// The arguments, or why there are none.
    pub(super) arguments: Result<Value, String>,
}

/// What came back.
pub(super) struct Answered {
    /// The call that asked, if it was made.
    pub(super) by: Option<CallId>,
    /// The tool's output, masked; or why it cannot be relied on.
    pub(super) output: Result<Value, String>,
}

/// What is recorded of a check.
pub(super) struct Found<'a> {
    pub(super) kind: CheckKind,
    pub(super) name: &'a str,
    pub(super) verdict: CheckVerdict,
    pub(super) found: &'a str,
}

pub(super) async fn ask<J: Journal, W: World>(
    gate: &Gate<J, W>,
    of: &Call,
    question: Question<'_>,
) -> Answered {
    let Question { kind, name, tool, arguments } = question;
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(why) => return Answered { by: None, output: Err(why) },
    };
    let answer = walked(gate, of, proposal(of, (kind, name), (tool, arguments))).await;
    let output = match (answer.status, answer.output) {
        (Status::Succeeded, Some(output)) => Ok(output),
        (Status::Succeeded, None) => Err(format!("`{tool}` gave no output")),
        (
            status @ (Status::Partial
            | Status::Failed
            | Status::Denied
            | Status::Held
            | Status::Stopped
            | Status::InDoubt),
            _,
        ) => {
            let why = answer.error.map_or_else(String::new, |error| format!(": {}", error.message));
            Err(format!("`{tool}` could not be asked, it is {status}{why}"))
        }
    };
    Answered { by: answer.call, output }
}

fn proposal(
    of: &Call,
    (kind, name): (CheckKind, &str),
    (tool, arguments): (&ToolName, Value),
) -> Proposal {
    Proposal {
        intent: Some(format!("{kind} `{name}` of {}", of.id)),
        run: Some(of.run.run.id),
        ..Proposal::bare(tool.to_string(), arguments)
    }
}

/// Boxed, because a call walks inside the journey of another one.
fn walked<'a, J: Journal, W: World>(
    gate: &'a Gate<J, W>,
    of: &Call,
    proposal: Proposal,
) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
    let id = CallId::new(gate.world.fresh());
    let (caller, run) = (of.caller.clone(), of.run.clone());
    let (authority, before) = (Authority::House, Before::New);
    let ask = Ask { id, received: gate.world.now(), authority, before };
    let kept = proposal.clone();
    let built = resolve::build(gate, (caller.clone(), run.clone()), (proposal, ask));
    let fitting = built.and_then(|call| fit_to_ask(&call).map(|()| call));
    Box::pin(async move {
        match fitting {
            Ok(call) => gate.walk(call).await,
            Err(refusal) => {
                let run = Some(run.run.id);
                let unresolved = Unresolved { id, caller, run, proposal: kept, refusal };
                settle::refuse(gate, unresolved).await
            }
        }
    })
}

/// Whether asking changes nothing: that is confirmed, or the change is seen in the jail and thrown away.
fn fit_to_ask(call: &Call) -> Result<(), Refusal> {
    let contract = &call.compiled.contract;
    let command = call.resolved.command.is_some();
    let thrown_away =
        command && contract.effect_class.changes() && contract.preview == PreviewMeans::Plan;
    if call.is_confirmed_pure() || thrown_away {
        return Ok(());
    }
    Err(Refusal::new(
        Code::PreconditionFailed,
        format!("`{}` may change something, so no check may call it", contract.name),
        "name a tool whose contract is `pure` and confirmed, or a command with a preview",
    ))
}

/// Records what a check found.
///
/// # Errors
/// The store failed; then nothing may rely on the check.
pub(super) async fn record<J: Journal, W: World>(
    gate: &Gate<J, W>,
    of: &Call,
    (by, found): (Option<CallId>, Found<'_>),
) -> Result<(), Refusal> {
    let Found { kind, name, verdict, found } = found;
    let (name, found) = (name.to_owned(), contract::safeguards::found(found));
    let entry = Entry {
        at: gate.world.now(),
        tenant: Some(of.caller.chain.tenant.clone()),
        run: Some(of.run.run.id),
        call: by,
        event: Event::CheckMade { of: of.id, kind, name, verdict, found },
    };
    Ok(gate.commit_all(vec![entry], Vec::new()).await?)
}
