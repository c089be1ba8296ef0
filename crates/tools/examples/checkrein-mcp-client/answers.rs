//! Values that fit a schema: the plainest arguments of a tool, and what a person accepts who changes nothing.
//!
//! In: JSON schemas of a suite's servers. Out: values made of defaults, first choices and zeros. Only what those schemas
//! use is read; a tool of a gateway gets its arguments from a model.

use serde_json::{Map, Value, json};

/// What stands at a place; null if nothing does.
pub(crate) fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn property<'a>(schema: &'a Value, name: &str) -> &'a Value {
    at(schema, "/properties").get(name).unwrap_or(&Value::Null)
}

/// Every required property with the plainest value of its type.
pub(crate) fn plainest(schema: &Value) -> Value {
    let required = at(schema, "/required").as_array().cloned().unwrap_or_default();
    let names = required.iter().filter_map(Value::as_str);
    let filled = names.map(|name| (name.to_owned(), plain(property(schema, name))));
    Value::Object(filled.collect())
}

/// Arguments without the nulls that their schema refuses: they mean that nothing is given.
pub(crate) fn fitting(arguments: &Value, schema: &Value) -> Value {
    let mut arguments = arguments.as_object().cloned().unwrap_or_default();
    arguments.retain(|name, value| {
        let said = at(property(schema, name), "/type");
        !value.is_null() || said.is_null() || *said == "null"
    });
    Value::Object(arguments)
}

/// The answer to a server's question: accepted with its defaults, or a plain message of a model.
pub(crate) fn answer(method: &str, params: &Value) -> Value {
    match method {
        "elicitation/create" => {
            let empty = Map::new();
            let fields = at(params, "/requestedSchema/properties").as_object().unwrap_or(&empty);
            let filled = fields.iter().map(|(name, field)| (name.clone(), plain(field)));
            json!({"action": "accept", "content": filled.collect::<Map<_, _>>()})
        }
        "sampling/createMessage" => json!({
            "role": "assistant",
            "content": {"type": "text", "text": "an answer"},
            "model": "none",
            "stopReason": "endTurn",
        }),
        _ => json!({"roots": []}),
    }
}

fn plain(field: &Value) -> Value {
    let first = field.get("enum").and_then(|choices| choices.get(0));
    if let Some(value) = field.get("default").or(first) {
        return value.clone();
    }
    match at(field, "/type").as_str() {
        Some("boolean") => json!(true),
        Some("integer" | "number") => field.get("minimum").cloned().unwrap_or(json!(1)),
        Some("array") => json!([]),
        Some("object") => json!({}),
        Some(_) | None => json!("text"),
    }
}
