//! What a tool gives back against its contract.
//!
//! One contract with both rules and a small size, and outputs that keep or break it.

use contract::OutputError;
use serde_json::{Value, json};

use crate::support::{compile, contract};

const FIELDS: &str = r#"scope = ["thing:*"]
resource = "thing:{id}"
output_bytes_max = 200
output_rules = [{ equals_argument = { output = "/id", argument = "/id" } }, { length_max = { output = "/items", max = 2 } }]"#;

fn check(output: Value) -> Result<(), OutputError> {
    let input = r#"{"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"], "additionalProperties": false}"#;
    let text = contract(input, FIELDS).replace(
        r#"output = '{"type": "object"}'"#,
        r#"output = '{"type": "object", "properties": {"id": {"type": "string"}, "items": {"type": "array"}}, "required": ["id"], "additionalProperties": false}'"#,
    );
    compile(&text).check_output(&output, &json!({"id": "7"}))
}

#[test]
fn an_output_that_keeps_its_contract_passes() {
    assert_eq!(check(json!({"id": "7"})), Ok(()));
    assert_eq!(check(json!({"id": "7", "items": [1, 2]})), Ok(()));
}

#[test]
fn an_output_that_breaks_its_contract_is_named() {
    for (output, expect) in [
        (
            json!({"id": "8"}),
            "the output breaks a rule of the contract: `/id` is not the argument `/id`",
        ),
        (json!({"id": "7", "items": [1, 2, 3]}), "`/items` has length 3, at most 2 is allowed"),
        (
            json!({"id": 7}),
            "the output does not match the contract: `/id`: expected string, got number `7`",
        ),
        (json!({"id": "7", "more": 1}), "unknown argument `more`"),
        (json!(null), "expected object, got null"),
        (json!({"id": "7", "items": ["x".repeat(200)]}), "bytes, the contract allows 200"),
    ] {
        let error = check(output.clone()).unwrap_err().to_string();
        assert!(error.contains(expect), "{output}: {error}");
    }
}
