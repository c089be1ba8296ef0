//! The input schema of a discovered tool: as the server wrote it, with standard meaning.
//!
//! Only two things are done to it. A missing `type` at the top becomes `object`, because arguments are an object. And for a tool
//! that changes something, arguments that the schema does not name are refused, unless the schema opens them in so many
//! words or a pack does: an argument that nobody described cannot be judged by anybody.
//!
//! What lies deeper stays open where the schema leaves it open: policy lists such values as opaque, and a changing call with
//! one is held.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::finding::{FindingCode, Found};
use crate::pointer;
use crate::schema::{self, Work};
use domain::limits;

/// Where the input schema stands in a definition.
pub(super) const PLACE: &str = "/inputSchema";

/// What becomes of arguments that the schema does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// They are refused, unless the schema opens them in so many words.
    Refused,
    /// As JSON Schema has it.
    AsTheSchemaSays,
}

/// The schema of a contract's arguments, and what to tell people of it.
pub(super) fn schema(raw: &Value, unnamed: Unnamed) -> Result<(Value, Vec<Found>), Found> {
    let Some(given) = raw.get("inputSchema").filter(|given| !given.is_null()) else {
        let text = "the server sent no input schema; the tool is taken to have no arguments";
        let found = Found::shown(FindingCode::SchemaMissing, PLACE, text);
        let schema = json!({ "type": "object", "properties": {}, "additionalProperties": unnamed == Unnamed::AsTheSchemaSays });
        return Ok((schema, vec![found]));
    };
    let Value::Object(fields) = given else {
        return Err(unusable(
            "",
            "is not an object; expected a JSON Schema with `\"type\": \"object\"`",
        ));
    };
    let mut fields = of_an_object(fields)?;
    bounded(given, PLACE)?;
    if unnamed == Unnamed::Refused {
        close(&mut fields);
    }
    let schema = Value::Object(fields);
    match schema::compile_any(&schema) {
        Ok(_) => Ok((schema, Vec::new())),
        Err(error) => Err(unusable(&error.pointer, &error.what)),
    }
}

fn unusable(pointer: &str, what: &str) -> Found {
    Found::held_back(
        FindingCode::SchemaUnusable,
        &format!("{PLACE}{pointer}"),
        format!("the input schema {what}"),
    )
}

/// The schema with `"type": "object"` at its top.
fn of_an_object(fields: &Map<String, Value>) -> Result<Map<String, Value>, Found> {
    let mut fields = fields.clone();
    let admits = match fields.get("type") {
        None => true,
        Some(Value::String(word)) => word == "object",
        Some(Value::Array(words)) => words.iter().any(|word| word == "object"),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => false,
    };
    if !admits {
        return Err(unusable("/type", "admits no object, and arguments are an object"));
    }
    fields.insert("type".to_owned(), "object".into());
    Ok(fields)
}

/// Refuses what would cost more to compile or to check than a schema may.
pub(super) fn bounded(schema: &Value, place: &str) -> Result<(), Found> {
    let mut left = vec![(schema, 0)];
    let mut patterns = 0;
    while let Some((value, depth)) = left.pop() {
        if depth > limits::JSON_DEPTH_MAX {
            return Err(Found::held_back(
                FindingCode::SchemaUnusable,
                place,
                "the schema is nested too deep",
            ));
        }
        match value {
            Value::Object(fields) => {
                patterns += usize::from(fields.contains_key("pattern"));
                patterns +=
                    fields.get("patternProperties").and_then(Value::as_object).map_or(0, Map::len);
                left.extend(fields.values().map(|field| (field, depth + 1)));
            }
            Value::Array(items) => left.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    if patterns > limits::DEFINITION_PATTERNS_MAX {
        let text = format!(
            "the schema has {patterns} patterns, at most {} are allowed",
            limits::DEFINITION_PATTERNS_MAX
        );
        return Err(Found::held_back(FindingCode::SchemaUnusable, place, text));
    }
    if Work::of(schema).ways > limits::DEFINITION_VALUES_MAX {
        let text = "the schema repeats itself through references more often than can be checked, or refers to itself in a way that cannot be followed";
        return Err(Found::held_back(FindingCode::SchemaUnusable, place, text));
    }
    Ok(())
}

/// Keywords that can name further arguments beside the top's own `properties`.
const ELSEWHERE: &[&str] = &[
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependencies",
];

/// Keywords by which an author opens a schema, or says what further arguments must be.
const OPENS: &[&str] = &["additionalProperties", "unevaluatedProperties", "patternProperties"];

/// Refuses arguments that the schema does not name, unless it says something of them itself.
fn close(fields: &mut Map<String, Value>) {
    if OPENS.iter().any(|key| fields.contains_key(*key)) {
        return;
    }
    let elsewhere = ELSEWHERE.iter().any(|key| fields.contains_key(*key));
    if !elsewhere {
        fields.insert("additionalProperties".to_owned(), false.into());
        return;
    }
    let root = Value::Object(fields.clone());
    let Some(named) = Named::of(&root) else { return };
    if fields.get("$ref").is_some() && schema::is_draft_07(&root) {
        // In that draft nothing beside a reference counts, so it moves one step down.
        if let Some(reference) = fields.remove("$ref") {
            fields.retain(|key, _| {
                matches!(key.as_str(), "$schema" | "$id" | "definitions" | "$defs" | "type")
            });
            fields.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
        }
    }
    if let Some(names) = fields.get("propertyNames").cloned() {
        fields.insert(
            "propertyNames".to_owned(),
            json!({ "allOf": [names, { "enum": named.names }] }),
        );
    } else {
        fields.insert("propertyNames".to_owned(), json!({ "enum": named.names }));
    }
}

/// Every argument that a schema names anywhere at its top, through combinations and local references.
struct Named {
    names: BTreeSet<String>,
    seen: BTreeSet<String>,
    open: bool,
}

impl Named {
    /// None if a part of the schema opens it in so many words.
    fn of(root: &Value) -> Option<Self> {
        let mut named = Self { names: BTreeSet::new(), seen: BTreeSet::new(), open: false };
        let mut left = vec![root];
        while let Some(schema) = left.pop() {
            named.one(root, schema, &mut left);
        }
        (!named.open).then_some(named)
    }

    fn one<'a>(&mut self, root: &'a Value, schema: &'a Value, left: &mut Vec<&'a Value>) {
        let Value::Object(fields) = schema else { return };
        let named = fields.get("properties").and_then(Value::as_object);
        self.names.extend(named.into_iter().flatten().map(|(name, _)| name.clone()));
        let opens = |key: &str| fields.get(key).is_some_and(|value| *value != Value::Bool(false));
        self.open |= OPENS.iter().any(|key| opens(key));
        for key in ["allOf", "anyOf", "oneOf"] {
            left.extend(fields.get(key).and_then(Value::as_array).into_iter().flatten());
        }
        left.extend(["if", "then", "else"].iter().filter_map(|key| fields.get(*key)));
        for key in ["dependentSchemas", "dependencies"] {
            left.extend(
                fields.get(key).and_then(Value::as_object).into_iter().flat_map(Map::values),
            );
        }
        let reference = fields.get("$ref").and_then(Value::as_str);
        if let Some(reference) = reference
            && self.seen.insert(reference.to_owned())
        {
            left.extend(pointer::local(root, reference));
        }
    }
}
