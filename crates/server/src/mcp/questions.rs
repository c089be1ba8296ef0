//! What a tool asks before it goes on (`input_required`): to a modern client as a result, to a legacy one as requests.
//!
//! ```text
//! modern: call -> asks -> result with a sealed state -> the client's next call brings `inputResponses` and that state
//! legacy: call -> asks -> requests on the call's stream -> answers -> the same proposal again with them
//! ```
//! Each round is a call of its own through the journey. A state is never seen by a client as the server made it (`seal`). What
//! a client says without one answers nothing that was asked: it is passed on as such, and the gate decides.
//! Tests: `tests/it/mcp/questions.rs`.

use domain::{Answer, CallId, Code, Input, Proposal, UpstreamPart, limits};
use mcp::{Client, Params, RpcCode, RpcError, bridge, meta};
use serde_json::{Value, json};

use super::answer::{self, Of};
use super::call::Asked;
use super::link;
use super::rescue::invalid;
use super::seal::{About, Belongs, Nonced, Seal};
use super::visit::Visit;

/// What an answer asks of the client: questions by the server's names for them; none if it asks nothing.
pub(super) fn asks(answer: &Answer) -> Option<&Value> {
    let code = answer.error.as_ref().map(|failure| failure.code);
    answer.output.as_ref().filter(|_| code == Some(Code::InputRequired))
}

/// Which call a state belongs to.
pub(super) fn belongs(visit: &Visit, proposal: &Proposal) -> Belongs {
    Belongs {
        grant: visit.agent.caller.grant,
        tool: proposal.tool.clone(),
        arguments: contract::digest_of(&proposal.arguments),
    }
}

/// Takes what a modern client answers to earlier questions into its proposal. Gives the state's name if it came with one.
/// A state of a call that waits for people names the call to join instead; what was answered to the link is not for tools.
pub(super) fn answered(
    visit: &Visit,
    (inputs, state): (Option<Value>, Option<Value>),
    asked: &mut Asked,
) -> Result<Option<Nonced>, RpcError> {
    let mut given = Params::new();
    if let Some(inputs) = inputs {
        if asked.part == UpstreamPart::Completion {
            return Err(invalid("`inputResponses` has no meaning here"));
        }
        let fits = |inputs: &Value| {
            let each = inputs.as_object().map(|each| each.values().all(Value::is_object));
            each.unwrap_or(false)
        };
        if !fits(&inputs) || inputs.to_string().len() > limits::ARGUMENTS_BYTES_MAX {
            return Err(invalid(
                "expected `inputResponses` as an object of objects, not too large",
            ));
        }
        given.insert("inputResponses".to_owned(), inputs);
    }
    let opened = match state {
        None => None,
        Some(Value::String(sealed)) => {
            let opened = visit.app.mcp.seal.open(&sealed, &belongs(visit, &asked.proposal))?;
            if opened.about == About::People {
                link::comes_back(asked, (opened.call, given.get("inputResponses")));
                return Ok(None);
            }
            given.extend(
                opened.state.clone().map(|state| ("requestState".to_owned(), state.into())),
            );
            Some(opened)
        }
        Some(_) => return Err(invalid("expected `requestState` as a text")),
    };
    let answers = opened.as_ref().map(|opened| opened.call);
    let input = (!given.is_empty()).then_some(Value::Object(given));
    asked.proposal.input = input.map(|given| Input { given, answers });
    Ok(opened.map(|opened| opened.nonce()))
}

/// The error for a server that asks what the client did not say it can be asked.
pub(super) fn beyond(answer: &Answer, client: &Client) -> Option<RpcError> {
    let questions = answer.output.as_ref()?;
    let wrong = each(questions).find_map(|(_, question)| {
        let method = question.get("method").and_then(Value::as_str).unwrap_or_default();
        let params = question.get("params").and_then(Value::as_object).cloned();
        bridge::may_be_asked(method, &params.unwrap_or_default(), client).err()
    })?;
    let error = wrong.to_rpc();
    Some(match wrong.required() {
        Some(required) => RpcError::new(RpcCode::MissingRequiredClientCapability, error.message)
            .with(
                json!({ "requiredCapabilities": required, meta::ANSWER: answer::envelope(answer) }),
            ),
        None => error,
    })
}

/// What a modern client gets: the server's questions, with its state sealed.
pub(super) fn result(seal: &Seal, mut answer: Answer, (belongs, of): (&Belongs, Of<'_>)) -> Params {
    let questions = answer.output.take();
    let envelope = answer::envelope(&answer);
    let mut result = match questions {
        Some(Value::Object(result)) => result,
        Some(_) | None => Params::new(),
    };
    result.shift_remove("requestState");
    let sealed = answer.call.and_then(|call| seal.sealed(call, belongs));
    result.extend(sealed.map(|state| ("requestState".to_owned(), state.into())));
    result.insert("resultType".to_owned(), "input_required".into());
    answer::labelled(result, envelope, of)
}

/// The questions of an answer, by their names.
pub(super) fn each(questions: &Value) -> impl Iterator<Item = (&String, &Value)> {
    questions.get("inputRequests").and_then(Value::as_object).into_iter().flatten()
}

/// What is proposed again with a legacy client's answers to the questions of a call.
pub(super) fn input(seal: &Seal, call: Option<CallId>, responses: Params) -> Input {
    let state = call.and_then(|call| seal.kept(call));
    let given = match state {
        Some(state) => json!({ "inputResponses": responses, "requestState": state }),
        None => json!({ "inputResponses": responses }),
    };
    Input { given, answers: call }
}

/// Takes the two fields of a retry out of a request.
pub(super) fn taken(params: &mut Params) -> (Option<Value>, Option<Value>) {
    (params.shift_remove("inputResponses"), params.shift_remove("requestState"))
}

/// The level that a request says in `_meta`.
pub(super) fn log_level(params: &Params) -> Option<String> {
    meta::get(params, meta::LOG_LEVEL).and_then(Value::as_str).map(str::to_owned)
}
