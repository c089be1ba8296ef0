//! Which question an input answers: input counts as asked for only if the journal says so.
//!
//! In: a call whose proposal says which call asked. Out: that call, if it is recorded as having asked these very questions, of
//! the same caller, for the same tool, contract and arguments, not too long before. Anything else is input that nobody asked
//! for: it is no error, but no policy sees it, and a changing call with it waits for people. A held call is looked at by the
//! time at which it came, so that waiting changes nothing. Tests: `sim/tests/it/questions.rs`.

use domain::{CallId, Code, Input, PayloadKind, Timestamp, limits};
use serde_json::{Map, Value};

use super::Call;
use crate::commit::Record;
use crate::gate::Gate;
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::table::Table;

/// The call whose recorded questions this call's input answers.
pub(super) async fn asked<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
) -> Result<Option<CallId>, Refusal> {
    let Some(Input { given, answers: Some(id) }) = &call.proposal.input else { return Ok(None) };
    let record = gate.journal.read(Table::Calls, &id.to_string()).await?;
    if !record.is_some_and(|record| has_asked(call, &record)) {
        return Ok(None);
    }
    let Some(facts) = gate.journal.payload(*id, PayloadKind::Facts).await? else { return Ok(None) };
    let Ok(facts) = payload::read_facts(&facts) else { return Ok(None) };
    let same = facts.tool.contract == call.compiled.contract.digest
        && facts.space == call.run.run.space
        && contract::digest_of(&facts.arguments) == call.resolved.digest;
    if !same {
        return Ok(None);
    }
    let answer = gate.kept_answer(*id).await?.and_then(|answer| answer.output);
    let asked = answer.as_ref().and_then(|output| output.get("inputRequests")?.as_object());
    Ok(Some(*id).filter(|_| fits(given, asked)))
}

/// Whether a call ended with questions to the same caller, lately.
fn has_asked(call: &Call, record: &Record) -> bool {
    let asked = Timestamp::from_millis(record.count("updated_ms"));
    record.text("code") == Code::InputRequired.shown()
        && record.text("grant_id") == call.caller.grant.to_string()
        && record.text("tool") == call.compiled.name().as_str()
        && call.received.since(asked) <= limits::QUESTION_ANSWERED_WITHIN
}

/// Whether everything that is given was asked for. A server that asks nothing but wants its state back gets that alone.
fn fits(given: &Value, asked: Option<&Map<String, Value>>) -> bool {
    let asked = |name: &String| asked.is_some_and(|asked| asked.contains_key(name));
    let Value::Object(given) = given else { return false };
    given.iter().all(|(key, value)| match (key.as_str(), value) {
        ("inputResponses", Value::Object(answers)) => answers.keys().all(asked),
        // Only what the server left can be sent as its state: the endpoint has it sealed.
        ("requestState", Value::String(_)) => true,
        _ => false,
    })
}
