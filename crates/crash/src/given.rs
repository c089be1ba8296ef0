//! Answers as they leave a process: one line of JSON each, so that what was read whole was given.
//!
//! The line carries the envelope and, for people who read a report, the key that was used.

use domain::Answer;
use gate::payload;
use serde_json::{Value, json};

/// An answer that was given, with the key of its call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    pub(crate) key: Option<String>,
    pub(crate) answer: Answer,
}

impl Given {
    /// The line, with its end.
    pub(crate) fn line(&self) -> Vec<u8> {
        let mut line =
            json!({ "answer": payload::answer(&self.answer), "key": self.key }).to_string();
        line.push('\n');
        line.into_bytes()
    }

    /// Reads a line without its end; none if it is not one.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let answer = payload::read_answer(value.get("answer")?).ok()?;
        let key = value.get("key").and_then(Value::as_str).map(str::to_owned);
        Some(Self { key, answer })
    }

    /// The call, as text.
    pub(crate) fn call(&self) -> String {
        self.answer.call.map(|call| call.to_string()).unwrap_or_default()
    }
}
