//! A tool's output against its contract, after the call.
//!
//! In: the output and the resolved arguments. Out: nothing, or why the output is withheld. Tests: `tests/it/outputs.rs`.

use std::io;

use serde_json::Value;

use super::Compiled;
use crate::problem::{Problem, ProblemKind};
use crate::schema::{briefly, explain};
use crate::visible::short;
use domain::OutputRule;

/// Why an output is withheld. The act happened all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// Larger than the contract allows.
    #[error("the output has {bytes} bytes, the contract allows {max}")]
    TooLarge {
        /// Bytes as JSON.
        bytes: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Refused by the output schema.
    #[error("the output does not match the contract: {}", list(.0))]
    Schema(Vec<Problem>),
    /// Refused by a rule.
    #[error("the output breaks a rule of the contract: {0}")]
    Rule(String),
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")
}

impl Compiled {
    /// Checks an output. `arguments` are the resolved ones.
    pub fn check_output(&self, output: &Value, arguments: &Value) -> Result<(), OutputError> {
        let bytes = json_bytes(output);
        let max = self.contract.output_bytes_max;
        if bytes > max {
            return Err(OutputError::TooLarge { bytes, max });
        }
        let work = self.work.map(|work| work.output);
        if work.is_some_and(|work| !work.allows(output)) {
            let text =
                "has too many values for the tool's schema, which checks each of them too often";
            return Err(OutputError::Schema(vec![Problem::new(ProblemKind::Schema, "", text)]));
        }
        if !self.output.is_valid(output) {
            let problems = match work.is_none_or(|work| work.explains(output)) {
                true => explain(&self.output, &self.contract.output, output, &|_| false),
                false => briefly(&self.contract.output, output),
            };
            return Err(OutputError::Schema(problems));
        }
        self.contract.output_rules.iter().try_for_each(|rule| check(rule, output, arguments))
    }
}

fn check(rule: &OutputRule, output: &Value, arguments: &Value) -> Result<(), OutputError> {
    match rule {
        OutputRule::EqualsArgument { output: at, argument } => {
            if output.pointer(at) == arguments.pointer(argument) {
                return Ok(());
            }
            let text = format!("`{}` is not the argument `{}`", short(at), short(argument));
            Err(OutputError::Rule(text))
        }
        OutputRule::LengthMax { output: at, max } => {
            let length = output.pointer(at).map_or(0, length);
            if u64::try_from(length).unwrap_or(u64::MAX) <= *max {
                return Ok(());
            }
            Err(OutputError::Rule(format!(
                "`{}` has length {length}, at most {max} is allowed",
                short(at)
            )))
        }
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Bytes of a value as JSON, counted without keeping them.
fn json_bytes(value: &Value) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}
