//! BFCL's calls: our verdict is that of python jsonschema for every one of them.
//!
//! The cases are made by `conformance/bfcl/oracle.py`; `cargo xtask suites` puts them where this looks.

use std::io::{BufRead, BufReader};

use contract::schema;
use serde_json::Value;

use crate::support::suite;

#[test]
fn every_call_of_bfcl_is_judged_as_python_jsonschema_does() {
    let path = suite("CHECKREIN_SUITE_BFCL_CASES", "bfcl/cases.jsonl");
    let file = BufReader::new(std::fs::File::open(path).unwrap());
    let mut last: Option<(Value, jsonschema::Validator)> = None;
    let (mut total, mut differ) = (0_u32, Vec::new());
    for line in file.lines() {
        let mut case: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let schema = case["schema"].take();
        let (schema, validator) = match last.take() {
            Some((known, validator)) if known == schema => (known, validator),
            Some(_) | None => {
                let validator = schema::compile(&schema)
                    .unwrap_or_else(|error| panic!("{}: {error}", case["id"]));
                (schema, validator)
            }
        };
        total += 1;
        if Value::Bool(validator.is_valid(&case["arguments"])) != case["valid"] {
            differ.push(format!("{} {} {}", case["id"], schema, case["arguments"]));
        }
        last = Some((schema, validator));
    }
    assert!(differ.is_empty(), "{} of {total} differ:\n{}", differ.len(), differ.join("\n"));
    assert!(total > 10_000, "only {total} calls");
}
