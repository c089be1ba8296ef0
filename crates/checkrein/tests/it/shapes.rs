//! What `-o json` gives: names and types of every reading verb, as programs rely on them.
//!
//! A name that goes or changes its type breaks programs; a new name does not, and is seen here all the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::support::{Installation, text};

/// The value with types in place of values, its members by name; a list has the shape of all its items together.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "boolean".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => items.iter().map(shape).reduce(both).into_iter().collect(),
        Value::Object(members) => {
            let shaped = members.iter().map(|(name, value)| (name.clone(), shape(value)));
            let sorted: BTreeMap<String, Value> = shaped.collect();
            sorted.into_iter().collect::<Map<_, _>>().into()
        }
    }
}

/// What either of two shapes can be.
fn both(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            for (name, value) in other {
                let joined = match one.remove(&name) {
                    Some(known) => both(known, value),
                    None => value,
                };
                one.insert(name, joined);
            }
            let sorted: BTreeMap<String, Value> = one.into_iter().collect();
            sorted.into_iter().collect::<Map<_, _>>().into()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.into_iter().chain(other).reduce(both).into_iter().collect()
        }
        (Value::String(one), Value::String(other)) => {
            let words: BTreeSet<&str> = one.split(" or ").chain(other.split(" or ")).collect();
            Vec::from_iter(words).join(" or ").into()
        }
        (one, other) if one == other => one,
        (one, other) => panic!("{one} and {other} have no common shape"),
    }
}

#[test]
fn every_reading_verb_keeps_its_json_shape() {
    let here = Installation::start();
    let run = here.opened(&["--calls", "50"]);
    let wrote = here.call(&["files.write", r#"{"path": "a.md", "content": "a"}"#, "--run", &run]);
    let held =
        here.call(&["files.write", r#"{"path": "prod/a.md", "content": "a"}"#, "--run", &run]);
    let approval = text(&here.json(&["approvals", "ls"]), "/items/0/approval");
    here.run(&["stop", "pause", "tool:files.move", "--reason", "look"]).expect(0);
    let (call, waiting) = (text(&wrote, "/call"), text(&held, "/call"));
    let mut shapes = String::new();
    for line in [
        &["calls", "ls", "--limit", "1"][..],
        &["calls", "show", &waiting],
        &["calls", "explain", &call],
        &["runs", "ls", "--limit", "1"],
        &["runs", "show", &run],
        &["runs", "replay", &run],
        &["approvals", "ls"],
        &["approvals", "show", &approval],
        &["duties", "ls"],
        &["agents", "ls"],
        &["keys", "ls"],
        &["budgets", "ls", "--run", &run],
        &["undo", "plan", &call],
        &["undo", "status", &call],
        &["stop", "status"],
        &["stop", "status", "everything"],
        &["tools", "ls"],
        &["policy", "check"],
        &["policy", "test"],
        &["contracts", "check"],
        &["journal", "head"],
        &["journal", "verify"],
        &["journal", "entries", "--kind", "stop_ordered"],
        &["config", "check"],
        &["config", "show"],
        &["config", "keys"],
        &["doctor"],
        &["version"],
    ] {
        let shaped = serde_json::to_string_pretty(&shape(&here.json(line))).unwrap();
        shapes.push_str(&format!("{}\n{shaped}\n\n", line[..line.len().min(2)].join(" ")));
    }
    insta::assert_snapshot!(shapes);
}
