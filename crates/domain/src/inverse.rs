//! Inverse calls: how a call is countered by another one, and that other call as it was written down.
//!
//! In: what a contract says (`InverseMeans`), a call's arguments, later its output. Out: an `Inverse`: the tool and the
//! arguments of the call that takes the act back, and which of them are not known yet. Written down before the act is
//! dispatched, completed when its output is there. Not here: whether it may run. Tests: below, and `gate`'s journey.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::contract::words;
use crate::{Digest, ToolName, limits};

/// What a contract says of the call that counters its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InverseMeans {
    /// The tool of that call.
    pub tool: ToolName,
    /// Where each of its arguments comes from.
    pub arguments: BTreeMap<String, Source>,
    /// How long it may be made.
    pub window: Duration,
    /// What holds after an act of which only a part happened.
    pub partial: PartialUndo,
}

/// Where an argument of an inverse call comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The call's own argument at this JSON pointer; `*` stands for every item of a list.
    Input(String),
    /// The call's output at this JSON pointer.
    Output(String),
    /// This very value.
    Fixed(Value),
}

/// Whether the inverse of a whole act may be called for a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartialUndo {
    /// It may not, or nobody said.
    Refused,
    /// It counters whatever part happened.
    Safe,
}

/// An inverse call as it was written down for one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inverse {
    /// Its tool.
    pub tool: ToolName,
    /// The contract of that tool when it was written down.
    pub contract: Digest,
    /// Its arguments, as far as they are known.
    pub arguments: Map<String, Value>,
    /// Arguments that only the act's output tells: their names, and where in it.
    pub missing: BTreeMap<String, String>,
    /// What holds after an act of which only a part happened.
    pub partial: PartialUndo,
}

impl InverseMeans {
    /// The inverse call, as far as the act's own arguments tell it. An optional argument that was not given is left out.
    pub fn written_down(&self, contract: Digest, input: &Value) -> Inverse {
        let mut inverse = Inverse {
            tool: self.tool.clone(),
            contract,
            arguments: Map::new(),
            missing: BTreeMap::new(),
            partial: self.partial,
        };
        for (name, source) in &self.arguments {
            let known = match source {
                Source::Input(pointer) => found(input, pointer),
                Source::Fixed(value) => Some(value.clone()),
                Source::Output(pointer) => {
                    inverse.missing.insert(name.clone(), pointer.clone());
                    None
                }
            };
            if let Some(value) = known {
                inverse.arguments.insert(name.clone(), value);
            }
        }
        inverse
    }
}

impl Inverse {
    /// With what the act's output tells. What it does not tell, or says too long, stays missing.
    #[must_use]
    pub fn completed(mut self, output: &Value) -> Self {
        let mut missing = BTreeMap::new();
        for (name, pointer) in std::mem::take(&mut self.missing) {
            let told = found(output, &pointer).filter(|value| {
                !value.is_null() && value.to_string().len() <= limits::INVERSE_VALUE_BYTES_MAX
            });
            match told {
                Some(value) => {
                    self.arguments.insert(name, value);
                }
                None => {
                    missing.insert(name, pointer);
                }
            }
        }
        self.missing = missing;
        self
    }

    /// Fills in what a person found out. Only what is missing can be said; the rest stands as it was written down.
    ///
    /// # Errors
    /// The first name that is not missing.
    pub fn told(mut self, said: Map<String, Value>) -> Result<Self, String> {
        for (name, value) in said {
            if self.missing.remove(&name).is_none() {
                return Err(name);
            }
            self.arguments.insert(name, value);
        }
        Ok(self)
    }

    /// Whether every argument is known.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// The arguments as a value.
    pub fn arguments(&self) -> Value {
        Value::Object(self.arguments.clone())
    }
}

/// The value at a pointer; with `*` the list of all that it names, in their order.
fn found(value: &Value, pointer: &str) -> Option<Value> {
    let rest = match pointer {
        "" => return Some(value.clone()),
        pointer => pointer.strip_prefix('/')?,
    };
    let steps: Vec<String> =
        rest.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let mut named = Vec::new();
    walk(value, &steps, &mut named);
    let Some(list) = steps.iter().position(|step| step == "*") else {
        return named.first().map(|value| (*value).clone());
    };
    // A list without items tells that there is nothing; one that is not there tells nothing.
    let mut lists = Vec::new();
    walk(value, steps.get(..list).unwrap_or_default(), &mut lists);
    let empty = lists.iter().any(|list| list.as_array().is_some_and(Vec::is_empty));
    let told = !named.is_empty() || empty;
    told.then(|| Value::Array(named.into_iter().cloned().collect()))
}

fn walk<'a>(value: &'a Value, steps: &[String], named: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        named.push(value);
        return;
    };
    match value {
        Value::Array(items) => {
            let these = items.iter().enumerate();
            let these = these.filter(|(index, _)| step == "*" || *step == index.to_string());
            these.for_each(|(_, item)| walk(item, rest, named));
        }
        Value::Object(fields) => {
            fields.get(step).into_iter().for_each(|field| walk(field, rest, named));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

words! {
    PartialUndo { Refused = "refused", Safe = "safe" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn means(arguments: &[(&str, Source)]) -> InverseMeans {
        InverseMeans {
            tool: "tickets.delete".parse().unwrap(),
            arguments: arguments
                .iter()
                .map(|(name, source)| ((*name).to_owned(), source.clone()))
                .collect(),
            window: Duration::from_secs(60),
            partial: PartialUndo::Refused,
        }
    }

    #[test]
    fn an_inverse_is_written_down_from_the_input_and_completed_from_the_output() {
        let means = means(&[
            ("project", Source::Input("/project".to_owned())),
            ("ids", Source::Output("/made/*/id".to_owned())),
            ("force", Source::Fixed(json!(true))),
            ("note", Source::Input("/note".to_owned())),
        ]);
        let armed = means.written_down(Digest::default(), &json!({"project": "p"}));
        assert_eq!(armed.arguments(), json!({"force": true, "project": "p"}));
        assert!(!armed.is_complete());
        let lost = armed.clone().completed(&json!({"made": null}));
        assert_eq!(lost.missing.keys().collect::<Vec<_>>(), ["ids"]);
        let none = armed.clone().completed(&json!({"made": []}));
        assert_eq!(none.arguments()["ids"], json!([]));
        let whole = armed.completed(&json!({"made": [{"id": 1}, {"id": 2}]}));
        assert_eq!(whole.arguments(), json!({"force": true, "ids": [1, 2], "project": "p"}));
        assert!(whole.is_complete());
    }

    #[test]
    fn a_person_fills_in_only_what_is_missing() {
        let means = means(&[
            ("project", Source::Input("/project".to_owned())),
            ("id", Source::Output("/id".to_owned())),
        ]);
        let armed = means.written_down(Digest::default(), &json!({"project": "p"}));
        let said = |value: Value| value.as_object().cloned().unwrap();
        assert_eq!(armed.clone().told(said(json!({"project": "q"}))), Err("project".to_owned()));
        assert_eq!(
            armed.told(said(json!({"id": "7"}))).unwrap().arguments(),
            json!({"id": "7", "project": "p"})
        );
    }

    #[test]
    fn nothing_too_long_or_null_counts_as_told() {
        let armed = means(&[("id", Source::Output("/id".to_owned()))])
            .written_down(Digest::default(), &json!({}));
        let long = "x".repeat(limits::INVERSE_VALUE_BYTES_MAX);
        for output in [json!({"id": null}), json!({"id": long}), json!("id"), json!([])] {
            assert!(!armed.clone().completed(&output).is_complete(), "{output}");
        }
    }
}
