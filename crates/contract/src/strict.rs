//! Strict JSON: one text, one value, for every reader.
//!
//! In: bytes from outside and the most they may be. Out: a `serde_json::Value`, or what is wrong, where (JSON pointer)
//! and what would be right. Refused beyond what `serde_json` refuses: a key named twice, a number that is not
//! kept exactly (RFC 8259 section 6: beyond 2^53 - 1, more digits than a double holds, underflow), depth and
//! number of values over the limits. A number without a fraction is an integer however it is written (`1.0`, `1e2`, `-0`),
//! so that equal numbers have one form. It is one pass through `serde_json`; numbers with a fraction
//! are compared with their text in a second look (`strict/numbers.rs`). Tests: `tests/it/strict.rs`.

mod numbers;

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::pointer;
use crate::visible;
use domain::limits;

/// Why a text is not strict JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrictError {
    /// What is wrong.
    pub problem: StrictProblem,
    /// JSON pointer of the value that is wrong; empty for the whole text.
    pub pointer: String,
}

/// What is wrong with a text that should be strict JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrictProblem {
    /// More bytes than allowed.
    #[error("{bytes} bytes, at most {max} are allowed")]
    TooLarge {
        /// Bytes given.
        bytes: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Nested deeper than `limits::JSON_DEPTH_MAX`.
    #[error("nested deeper than the allowed {max} levels", max = limits::JSON_DEPTH_MAX)]
    TooDeep,
    /// More values than `limits::JSON_NODES_MAX`.
    #[error("more than the allowed {max} values", max = limits::JSON_NODES_MAX)]
    TooManyValues,
    /// An object names a key twice.
    #[error("the key `{0}` is named twice in one object, name it once")]
    DuplicateKey(String),
    /// A number that other readers would see as another one.
    #[error("`{given}` {why}")]
    Number {
        /// As written, cut.
        given: String,
        /// What is wrong and what would be right.
        why: String,
    },
    /// Bytes that are not UTF-8.
    #[error("byte {at} is not UTF-8; JSON is UTF-8 text")]
    NotUtf8 {
        /// Offset of the first wrong byte, from 0.
        at: usize,
    },
    /// Not JSON at all.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the reader says, and what would be right where that is known.
        message: String,
    },
}

impl fmt::Display for StrictError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            write!(out, "{}", self.problem)
        } else {
            write!(out, "at `{}`: {}", visible::line(&self.pointer), self.problem)
        }
    }
}

impl std::error::Error for StrictError {}

/// Reads one JSON text of at most `bytes_max` bytes.
pub fn parse(text: impl AsRef<[u8]>, bytes_max: usize) -> Result<Value, StrictError> {
    let bytes = text.as_ref();
    let whole = |problem| StrictError { problem, pointer: String::new() };
    if bytes.len() > bytes_max {
        return Err(whole(StrictProblem::TooLarge { bytes: bytes.len(), max: bytes_max }));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| whole(StrictProblem::NotUtf8 { at: error.valid_up_to() }))?;
    let mut state = State::default();
    let value = read(text, &mut state)?;
    if state.fractions == 0 {
        return Ok(value);
    }
    match numbers::first_inexact(text) {
        None => Ok(value),
        Some((index, problem)) => {
            Err(StrictError { problem, pointer: place_of_number(text, index) })
        }
    }
}

fn read(text: &str, state: &mut State) -> Result<Value, StrictError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Seed { state, depth: 0 }.deserialize(&mut reader);
    let ended = value.and_then(|value| reader.end().map(|()| value));
    ended.map_err(|error| {
        let problem = state.problem.take().unwrap_or_else(|| syntax(text, &error));
        StrictError { problem, pointer: pointer::from_inner_to_outer(&state.steps) }
    })
}

/// Reads again and stops at the number with this index, which tells where it stands.
fn place_of_number(text: &str, index: usize) -> String {
    let mut state = State { stop_at_fraction: Some(index), ..State::default() };
    read(text, &mut state).err().map(|error| error.pointer).unwrap_or_default()
}

fn syntax(text: &str, error: &serde_json::Error) -> StrictProblem {
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or(&full);
    let hint = match message {
        "number out of range" => "; a number beyond a double's range can be given as text",
        "trailing characters" => "; one JSON value is expected, nothing after it",
        "expected value" => hint_for_value(text, error),
        "expected ident" => "; `true`, `false` and `null` are the only words of JSON",
        _ if message.contains("surrogate") || message.contains("hex escape") => {
            "; half of a surrogate pair is no character"
        }
        _ => "",
    };
    StrictProblem::Syntax {
        line: error.line(),
        column: error.column(),
        message: format!("{message}{hint}"),
    }
}

fn hint_for_value(text: &str, error: &serde_json::Error) -> &'static str {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    match line.as_bytes().get(error.column().saturating_sub(1)) {
        Some(b'N' | b'I') => "; `NaN` and `Infinity` are not JSON numbers",
        Some(b'\'') => "; JSON text stands in double quotes",
        Some(_) | None => "",
    }
}

/// What one reading keeps: counters, and after a failure what is wrong and the way back up.
#[derive(Default)]
struct State {
    values: usize,
    fractions: usize,
    stop_at_fraction: Option<usize>,
    problem: Option<StrictProblem>,
    steps: Vec<String>,
}

impl State {
    fn fail<E: de::Error>(&mut self, problem: StrictProblem) -> E {
        self.problem = Some(problem);
        E::custom("refused")
    }

    fn count<E: de::Error>(&mut self) -> Result<(), E> {
        self.values += 1;
        if self.values > limits::JSON_NODES_MAX {
            return Err(self.fail(StrictProblem::TooManyValues));
        }
        Ok(())
    }
}

struct Seed<'a> {
    state: &'a mut State,
    depth: usize,
}

impl<'a> Seed<'a> {
    fn inside<E: de::Error>(&mut self) -> Result<usize, E> {
        if self.depth >= limits::JSON_DEPTH_MAX {
            return Err(self.state.fail(StrictProblem::TooDeep));
        }
        Ok(self.depth + 1)
    }

    fn too_big<E: de::Error>(&mut self, given: String) -> E {
        let why = format!(
            "is beyond {}, the largest integer that every JSON reader keeps; give it as text",
            limits::JSON_INTEGER_MAX
        );
        self.state.fail(StrictProblem::Number { given, why })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.state.count()?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E: de::Error>(mut self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > limits::JSON_INTEGER_MAX.unsigned_abs() {
            return Err(self.too_big(value.to_string()));
        }
        Ok(Value::from(value))
    }

    fn visit_u64<E: de::Error>(mut self, value: u64) -> Result<Value, E> {
        if value > limits::JSON_INTEGER_MAX.unsigned_abs() {
            return Err(self.too_big(value.to_string()));
        }
        Ok(Value::from(value))
    }

    fn visit_f64<E: de::Error>(mut self, value: f64) -> Result<Value, E> {
        if self.state.stop_at_fraction == Some(self.state.fractions) {
            return Err(E::custom("found"));
        }
        self.state.fractions += 1;
        match numbers::whole(value) {
            numbers::Whole::Integer(integer) => Ok(Value::from(integer)),
            numbers::Whole::TooBig => Err(self.too_big(value.to_string())),
            numbers::Whole::Fraction => Number::from_f64(value)
                .map(Value::Number)
                .ok_or_else(|| E::custom("a number that is not finite")),
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        let depth = self.inside()?;
        let mut items = Vec::new();
        loop {
            match access.next_element_seed(Seed { state: self.state, depth }) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Value::Array(items)),
                Err(error) => {
                    self.state.steps.push(items.len().to_string());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        let depth = self.inside()?;
        let mut object = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if object.contains_key(&key) {
                let error = self.state.fail(StrictProblem::DuplicateKey(visible::short(&key)));
                self.state.steps.push(key);
                return Err(error);
            }
            match access.next_value_seed(Seed { state: self.state, depth }) {
                Ok(value) => object.insert(key, value),
                Err(error) => {
                    self.state.steps.push(key);
                    return Err(error);
                }
            };
        }
        Ok(Value::Object(object))
    }
}
