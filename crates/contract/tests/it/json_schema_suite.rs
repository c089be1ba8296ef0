//! The JSON Schema Test Suite, draft 2020-12: every required test passes through our configuration of the validator.
//!
//! Remote documents of the suite come from memory; outside the suite every remote reference is refused.

use std::collections::BTreeMap;
use std::path::Path;

use contract::schema;
use jsonschema::{Retrieve, Uri};
use serde_json::Value;

use crate::support::suite;

/// The suite's own count.
const REQUIRED: usize = 1_299;

#[derive(Clone)]
struct Remotes(BTreeMap<String, Value>);

impl Retrieve for Remotes {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str().trim_end_matches('#');
        self.0.get(uri).cloned().ok_or_else(|| format!("no remote `{uri}`").into())
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn remotes(directory: &Path, base: &str, all: &mut BTreeMap<String, Value>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            remotes(&path, &format!("{base}/{name}"), all);
        } else if name.ends_with(".json") {
            all.insert(format!("{base}/{name}"), read(&path));
        }
    }
}

#[test]
fn every_required_test_of_the_json_schema_suite_passes() {
    let root = suite("CHECKREIN_SUITE_JSON_SCHEMA", "json-schema");
    let mut all = BTreeMap::new();
    remotes(&root.join("remotes"), "http://localhost:1234", &mut all);
    let remotes = Remotes(all);
    let (mut passed, mut failed) = (0, Vec::new());
    let mut files: Vec<_> = std::fs::read_dir(root.join("draft2020-12"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|name| name == "json")) {
        for group in read(file).as_array().unwrap() {
            let compiled = schema::compile_with(&group["schema"], remotes.clone());
            for test in group["tests"].as_array().unwrap() {
                let valid = compiled.as_ref().map(|validator| validator.is_valid(&test["data"]));
                match valid {
                    Ok(valid) if test["valid"] == Value::Bool(valid) => passed += 1,
                    other => failed.push(format!(
                        "{}: {} / {}: {other:?}",
                        file.file_name().unwrap().to_string_lossy(),
                        group["description"],
                        test["description"]
                    )),
                }
            }
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(passed, REQUIRED);
}

#[test]
fn a_remote_reference_is_refused_with_what_to_do() {
    for reference in [
        "https://example.com/schema.json",
        "file:///etc/passwd",
        "other.json",
        "http://localhost:1/x",
    ] {
        let schema = serde_json::json!({"$ref": reference});
        let error = schema::compile(&schema).unwrap_err().to_string();
        assert!(
            error.contains("nothing is fetched") || error.contains("$defs"),
            "{reference}: {error}"
        );
    }
}

#[test]
fn another_dialect_is_refused() {
    let schema =
        serde_json::json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"});
    let error = schema::compile(&schema).unwrap_err().to_string();
    assert!(error.contains("expected `https://json-schema.org/draft/2020-12/schema`"), "{error}");
}

#[test]
fn a_pattern_runs_in_bounded_time_and_size() {
    let slow = serde_json::json!({"type": "string", "pattern": "^(a+)+$"});
    let validator = schema::compile(&slow).unwrap();
    assert!(!validator.is_valid(&Value::from(format!("{}b", "a".repeat(100_000)))));
    for pattern in ["(?=a)b", "(a)\\1", "((a{1,1000}){1,1000}){1,1000}"] {
        let error = schema::compile(&serde_json::json!({"type": "string", "pattern": pattern}));
        assert!(error.is_err(), "{pattern}");
    }
}
