//! The output schema of a discovered tool: over the whole result object, as it comes over the wire.
//!
//! ```text
//! { content: [ {type, ...} ], structuredContent: <the tool's outputSchema, unless isError>, isError, ... }
//! ```
//! Fields that nobody knows are allowed: revisions of the protocol add some. The tool's own schema stands in it as a document of
//! its own, so that its references and its dialect keep their meaning.

use serde_json::{Value, json};

use super::input;
use crate::finding::{FindingCode, Found};
use crate::schema;

/// Where the output schema stands in a definition.
const PLACE: &str = "/outputSchema";
/// The address of a tool's own schema inside the contract's.
const OWN: &str = "checkrein:structured-content";

/// The schema of a contract's output.
pub(super) fn schema(raw: &Value) -> Result<Value, Found> {
    let Some(given) = raw.get("outputSchema").filter(|given| !given.is_null()) else {
        return Ok(result());
    };
    input::bounded(given, PLACE)?;
    let Value::Object(own) = given else {
        return Err(unusable("", "is not an object"));
    };
    schema::compile_any(given).map_err(|error| unusable(&error.pointer, &error.what))?;
    let mut own = own.clone();
    own.insert("$id".to_owned(), OWN.into());
    let mut whole = result();
    if let Value::Object(fields) = &mut whole {
        fields.insert("$defs".to_owned(), json!({ "structuredContent": own }));
        fields.insert(
            "if".to_owned(),
            json!({ "required": ["isError"], "properties": { "isError": { "const": true } } }),
        );
        fields.insert(
            "else".to_owned(),
            json!({ "required": ["structuredContent"], "properties": { "structuredContent": { "$ref": OWN } } }),
        );
    }
    match schema::compile_any(&whole) {
        Ok(_) => Ok(whole),
        Err(error) => Err(unusable("", &error.what)),
    }
}

fn unusable(pointer: &str, what: &str) -> Found {
    Found::held_back(
        FindingCode::SchemaUnusable,
        &format!("{PLACE}{pointer}"),
        format!("the output schema {what}"),
    )
}

/// What every result of a tool is.
fn result() -> Value {
    json!({
        "type": "object",
        "properties": {
            "content": { "type": "array", "items": { "type": "object", "required": ["type"], "properties": { "type": { "type": "string" } } } },
            "isError": { "type": "boolean" },
            "_meta": { "type": "object" },
        },
        "anyOf": [{ "required": ["content"] }, { "required": ["structuredContent"] }],
    })
}
