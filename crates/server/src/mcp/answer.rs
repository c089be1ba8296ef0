//! From the answer of a call to what its client is told: a result, or an error of the protocol.
//!
//! ```text
//! succeeded -> the server's result (or our own tool's output) + `_meta`: checkrein/answer, checkrein/source
//! anything else -> tools/call: `isError` with "NOT EXECUTED: …" / "IN DOUBT: …" / "EXECUTED, …"; others: an error
//! ```
//! The envelope in `_meta` is the journalled answer without its output. What a server said in its own error follows our text.
//! Questions are `questions`' business. Tests are at the end.

use domain::{Answer, Code, Executed, Failure, Name, Spent, Status, UpstreamPart};
use gate::Refusal;
use mcp::{Params, RpcCode, RpcError, meta};
use serde_json::{Value, json};

use super::rescue;

/// What of a call its answer is made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of<'a> {
    /// Which kind of request it was.
    pub(super) part: UpstreamPart,
    /// The server that answered; none for our own tools.
    pub(super) server: Option<&'a Name>,
}

/// What a client is told of the end of a call.
pub(super) fn said(mut answer: Answer, of: Of<'_>) -> Result<Params, RpcError> {
    let output = answer.output.take();
    let envelope = envelope(&answer);
    let Some(failure) = &answer.error else {
        let output = output.unwrap_or(Value::Null);
        return Ok(labelled(succeeded(output, of), envelope, of));
    };
    let own = output.as_ref().and_then(|output| output.get("error")).map(RpcError::from_value);
    match (of.part, own) {
        (_, Some(error)) if error.is(RpcCode::MissingRequiredClientCapability) => Err(error),
        (UpstreamPart::Tool, _) if failure.code == Code::UnknownTool => {
            Err(rescue::ended(failure.code, failure.message.clone(), envelope))
        }
        (UpstreamPart::Tool, _) => Ok(labelled(failed(&answer, output), envelope, of)),
        (_, Some(error)) => Err(error),
        (UpstreamPart::Resource | UpstreamPart::Prompt | UpstreamPart::Completion, None) => {
            Err(rescue::ended(failure.code, text(&answer), envelope))
        }
    }
}

/// What a client is told where the tool asks and the client cannot be asked.
pub(super) fn unanswered(
    mut answer: Answer,
    (why, of): (&str, Of<'_>),
) -> Result<Params, RpcError> {
    answer.output = None;
    if let Some(failure) = &mut answer.error {
        failure.message = format!("{}; {why}", failure.message);
    }
    said(answer, of)
}

/// A refusal before there was a call, in the form of an answer. Nothing of it is in the journal.
pub(super) fn unasked(refusal: &Refusal) -> Answer {
    let row = refusal.code.row();
    Answer {
        call: None,
        status: row.status,
        executed: Executed::No,
        output: None,
        error: Some(Failure {
            code: refusal.code,
            message: refusal.message.clone(),
            fix: refusal.fix.clone(),
        }),
        decision: None,
        effects: Vec::new(),
        diff: None,
        undo: None,
        cost: Spent::default(),
        attempts: 0,
        replayed: false,
        warnings: Vec::new(),
        journal: None,
    }
}

/// The journalled answer without its output.
pub(super) fn envelope(answer: &Answer) -> Value {
    let mut envelope = gate::payload::answer(answer);
    if let Some(envelope) = envelope.as_object_mut() {
        envelope.shift_remove("output");
    }
    envelope
}

/// The result of a call that went well.
fn succeeded(output: Value, of: Of<'_>) -> Params {
    match (of.server, output) {
        (Some(_), Value::Object(result)) => result,
        (_, output) => {
            let text = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
            let mut result = Params::new();
            result.insert("content".to_owned(), json!([{ "type": "text", "text": text }]));
            if output.is_object() {
                result.insert("structuredContent".to_owned(), output);
            }
            result
        }
    }
}

/// The result of a tool's call that did not do what it should.
fn failed(answer: &Answer, output: Option<Value>) -> Params {
    let mut content = vec![json!({ "type": "text", "text": text(answer) })];
    let mut result = Params::new();
    if let Some(Value::Object(mut theirs)) = output {
        if let Some(Value::Array(blocks)) = theirs.shift_remove("content") {
            content.extend(blocks);
        }
        if let Some(structured) = theirs.shift_remove("structuredContent") {
            result.insert("structuredContent".to_owned(), structured);
        }
    }
    result.insert("content".to_owned(), Value::Array(content));
    result.insert("isError".to_owned(), true.into());
    result
}

/// What a model can act on: whether it happened, what went wrong, what to do.
pub(super) fn text(answer: &Answer) -> String {
    let Some(failure) = &answer.error else { return String::new() };
    let (what, fix) = (&failure.message, &failure.fix);
    let head = match (answer.executed, answer.status) {
        (Executed::No, _) => "NOT EXECUTED: ",
        (Executed::Unknown, Status::InDoubt) => "IN DOUBT, do not repeat: ",
        (
            Executed::Unknown,
            Status::Succeeded
            | Status::Partial
            | Status::Failed
            | Status::Denied
            | Status::Held
            | Status::Stopped,
        ) => "IN DOUBT: ",
        (Executed::Partly, _) => "EXECUTED IN PART, do not repeat: ",
        (Executed::Yes, _) => "EXECUTED, answer withheld, do not repeat: ",
    };
    // Texts of our own begin so already. A server's may begin with anything, so nothing else is believed of them.
    let what = what.strip_prefix(head).unwrap_or(what);
    let what = what
        .strip_prefix("NOT EXECUTED, ")
        .filter(|_| answer.executed == Executed::No)
        .unwrap_or(what);
    format!("{head}{what} ({}). {}.", failure.code.shown(), capital(fix.trim_end_matches('.')))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Says in `_meta` what was decided and where the content came from. What a server put under our keys is taken out.
pub(super) fn labelled(mut result: Params, envelope: Value, of: Of<'_>) -> Params {
    if let Some(Value::Object(theirs)) = result.get_mut(meta::META) {
        theirs.retain(|key, _| !key.starts_with(OURS));
    }
    meta::put(&mut result, meta::ANSWER, envelope);
    if let Some(server) = of.server {
        let source = json!({ "server": server.as_str(), "trust": "untrusted" });
        meta::put(&mut result, meta::SOURCE, source);
    }
    result
}

/// What the keys begin with that only we may write.
pub(super) const OURS: &str = "checkrein/";

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: Option<Code>, executed: Executed, output: Option<Value>) -> Answer {
        Answer {
            call: None,
            status: code.map_or(Status::Succeeded, |code| code.row().status),
            executed,
            output,
            error: code.map(|code| Failure {
                code,
                message: "something happened".to_owned(),
                fix: "do another thing".to_owned(),
            }),
            decision: None,
            effects: Vec::new(),
            diff: None,
            undo: None,
            cost: Spent::default(),
            attempts: 1,
            replayed: false,
            warnings: Vec::new(),
            journal: None,
        }
    }

    fn of(part: UpstreamPart, server: Option<&Name>) -> Of<'_> {
        Of { part, server }
    }

    #[test]
    fn a_servers_result_passes_unchanged_but_for_labels() {
        let server: Name = "files".parse().unwrap();
        let output = json!({
            "content": [{ "type": "text", "text": "a", "annotations": { "unknown": 1 } }],
            "surplus": true, "_meta": { "theirs": 1, "checkrein/answer": "forged", "checkrein/x": 1 },
        });
        let whole = answer(None, Executed::Yes, Some(output));
        let result = said(whole, of(UpstreamPart::Tool, Some(&server))).unwrap();
        assert_eq!(result["content"][0]["annotations"]["unknown"], 1);
        assert_eq!(result["surplus"], true);
        let meta = &result["_meta"];
        assert_eq!((&meta["theirs"], meta.get("checkrein/x")), (&json!(1), None));
        assert_eq!(meta["checkrein/answer"]["status"], "succeeded");
        assert!(meta["checkrein/answer"].get("output").is_none());
        assert_eq!(meta["checkrein/source"]["server"], "files");
    }

    #[test]
    fn our_own_tools_answer_with_text_and_structure() {
        let whole = answer(None, Executed::Yes, Some(json!({ "content": "hello" })));
        let result = said(whole, of(UpstreamPart::Tool, None)).unwrap();
        assert_eq!(result["structuredContent"], json!({ "content": "hello" }));
        assert_eq!(result["content"][0]["text"], r#"{"content":"hello"}"#);
        assert!(result.get("isError").is_none());
    }

    #[test]
    fn whatever_did_not_succeed_says_first_whether_it_happened() {
        for (code, executed, begins) in [
            (
                Code::PolicyDenied,
                Executed::No,
                "NOT EXECUTED: something happened (CR-2001). Do another thing.",
            ),
            (Code::InDoubt, Executed::Unknown, "IN DOUBT, do not repeat: "),
            (Code::AnswerWithheld, Executed::Yes, "EXECUTED, answer withheld, do not repeat: "),
            (Code::ToolFailedPartly, Executed::Partly, "EXECUTED IN PART, do not repeat: "),
        ] {
            let result =
                said(answer(Some(code), executed, None), of(UpstreamPart::Tool, None)).unwrap();
            assert_eq!(result["isError"], true, "{code:?}");
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.starts_with(begins), "{text}");
        }
    }

    #[test]
    fn errors_of_a_server_reach_whoever_asked_in_the_protocols_own_form() {
        let unknown =
            json!({ "error": { "code": -32602, "message": "no such", "data": { "uri": "x:y" } } });
        let whole = || answer(Some(Code::ToolFailed), Executed::No, Some(unknown.clone()));
        let error = said(whole(), of(UpstreamPart::Resource, None)).unwrap_err();
        assert_eq!((error.code, error.data), (-32_602, Some(json!({ "uri": "x:y" }))));
        assert_eq!(said(whole(), of(UpstreamPart::Tool, None)).unwrap()["isError"], true);
        let needs = json!({ "error": { "code": -32021, "message": "no", "data": { "requiredCapabilities": { "sampling": {} } } } });
        let whole = answer(Some(Code::ToolFailed), Executed::No, Some(needs));
        let error = said(whole, of(UpstreamPart::Tool, None)).unwrap_err();
        assert_eq!(error.data.unwrap()["requiredCapabilities"]["sampling"], json!({}));
    }

    #[test]
    fn what_a_server_said_in_its_error_follows_our_text() {
        let theirs = json!({ "content": [{ "type": "text", "text": "disk full" }] });
        let whole = answer(Some(Code::ToolFailed), Executed::No, Some(theirs));
        let result = said(whole, of(UpstreamPart::Tool, None)).unwrap();
        assert_eq!(result["content"][1]["text"], "disk full");
    }

    #[test]
    fn refusals_of_reads_are_errors_with_the_envelope() {
        let whole = answer(Some(Code::PolicyDenied), Executed::No, None);
        let error = said(whole, of(UpstreamPart::Prompt, None)).unwrap_err();
        assert_eq!((error.code, &error.data.unwrap()["status"]), (2001, &json!("denied")));
        assert!(error.message.starts_with("NOT EXECUTED"));
    }
}
