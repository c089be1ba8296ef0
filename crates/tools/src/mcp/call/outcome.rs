//! What a server's result means: an answer, its own error, or a question.
//!
//! ```text
//! complete, no error -> Reply            isError -> tool_error, its content passed on
//! input_required     -> InputRequired if the server may ask, else Unconfirmed        anything else -> doubt
//! ```
//! Everything is cleaned on its way. Whether the output fits its schema is the gate's to check. Tests: `tests/calls.rs`.

use contract::outside::SAYS;
use domain::{Money, Name, UpstreamPart, limits};
use gate::{Reply, ToolError, ToolErrorKind};
use mcp::bridge::{self, ResultKind};
use mcp::{Era, Params, meta};
use serde_json::Value;

use crate::mcp::ask::Answer;
use crate::mcp::clean;
use crate::mcp::listener::Questions;
use crate::mcp::problem::{Touch, after, not_executed, with};

/// Whose result it is.
pub(super) struct Course<'a> {
    pub(super) server: &'a Name,
    pub(super) part: UpstreamPart,
    pub(super) touch: Touch,
    pub(super) questions: Questions,
    /// Of the revision that the server speaks.
    pub(super) era: Era,
}

impl Course<'_> {
    /// Reads a result. `keep` takes the server's own state of a question.
    pub(super) fn read(
        &self,
        answer: Answer,
        keep: impl FnOnce(String),
    ) -> Result<Reply, ToolError> {
        let Answer { mut result, bytes } = answer;
        meta::take_ours(&mut result);
        match bridge::kind(&result) {
            ResultKind::Complete => self.complete(result, bytes),
            ResultKind::InputRequired => match self.era {
                Era::Modern => Err(self.asks(result, keep)),
                // Its revision has no such result, so that nothing happened is no rule of it.
                Era::Legacy => {
                    Err(self.doubt("it asks in a way that its revision does not have".to_owned()))
                }
            },
            ResultKind::Unknown(kind) => Err(self.doubt(format!(
                "it answered with a result of the kind `{}`, which is not known here",
                clean::line(&kind, 100)
            ))),
        }
    }

    fn complete(&self, result: Params, bytes: usize) -> Result<Reply, ToolError> {
        let failed = self.part == UpstreamPart::Tool
            && result.get("isError").and_then(Value::as_bool).unwrap_or(false);
        let (output, removed) = clean::value(Value::Object(result));
        if failed {
            return Err(self.own_error(output));
        }
        // The secret itself is gone since the message was read; whoever relies on the text must know.
        let masked = contract::mask::contains_mark(&output);
        let masked = masked.then(|| "a credential in the server's answer was masked".to_owned());
        let warnings = removed.into_iter().chain(masked).collect();
        let read_bytes = match self.touch {
            Touch::Nothing => u64::try_from(bytes).unwrap_or(u64::MAX),
            Touch::Something => 0,
        };
        Ok(Reply { output, effects: Vec::new(), cost: Money::ZERO, read_bytes, warnings })
    }

    /// The tool's own error. Whether it did something before, only its contract can say.
    fn own_error(&self, mut output: Value) -> ToolError {
        let text = text_of(&output);
        let mut message = format!("the server `{}` says that the tool failed", self.server);
        if !text.is_empty() {
            message.push_str(SAYS);
            message.push_str(&text);
        }
        let mut said = Params::new();
        for key in ["content", "structuredContent"] {
            said.extend(output.get_mut(key).map(|value| (key.to_owned(), value.take())));
        }
        let error = after(ToolErrorKind::Failed, self.touch.in_doubt(), message);
        let error = ToolError { own_code: Some("tool_error".to_owned()), ..error };
        with(error, Value::Object(said))
    }

    fn asks(&self, mut result: Params, keep: impl FnOnce(String)) -> ToolError {
        if self.questions == Questions::NotOffered {
            let why = format!(
                "the server `{}` asks for input, and nobody confirmed that it may",
                self.server
            );
            return not_executed(ToolErrorKind::Unconfirmed, why);
        }
        let state = result.remove("requestState");
        let asked = result.get("inputRequests");
        let usable = match (&state, asked) {
            (None, None) => false,
            (None | Some(Value::String(_)), None | Some(Value::Object(_))) => {
                self.part != UpstreamPart::Completion
            }
            _ => false,
        };
        let fits = |state: &String| state.len() <= limits::MCP_STATE_BYTES_MAX;
        match state {
            _ if !usable => {
                return self.doubt("it asks in a way that is not known here".to_owned());
            }
            Some(Value::String(state)) if fits(&state) => keep(state),
            Some(_) => return self.doubt("its state of a question is too large".to_owned()),
            None => {}
        }
        let why = format!("the server `{}` asks for input before it goes on", self.server);
        let error = not_executed(ToolErrorKind::InputRequired, why);
        with(error, clean::value(Value::Object(result)).0)
    }

    fn doubt(&self, why: String) -> ToolError {
        let why = format!("the server `{}`: {why}", self.server);
        after(ToolErrorKind::Failed, self.touch.in_doubt(), why)
    }
}

/// The text blocks of a result, cut.
fn text_of(output: &Value) -> String {
    let blocks = output.get("content").and_then(Value::as_array).map(Vec::as_slice);
    let texts = blocks.unwrap_or_default().iter();
    let texts = texts.filter_map(|block| block.get("text").and_then(Value::as_str));
    let all = texts.take(TEXTS_MAX).collect::<Vec<_>>().join("\n");
    clean::text(&all, limits::TOOL_MESSAGE_BYTES_MAX)
}

/// Text blocks of an error that stand in its message; all of them are passed on beside it.
const TEXTS_MAX: usize = 20;
