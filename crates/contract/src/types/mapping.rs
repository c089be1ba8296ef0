//! JSON Schema to argument types: total, exact, bounded.
//!
//! Every keyword that only narrows (bounds, patterns, `not`, `if`) is passed over: the type then admits more than
//! the schema, which was checked before. What could make a value mean something else is opaque.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{ArgumentType, ArgumentTypes, Presence};
use crate::pointer;
use domain::{ArgumentKind, Contract};

mod scalar;

/// Nesting in which types are looked for.
const DEPTH_MAX: usize = 16;
/// Subschemas looked at for one tool. References can repeat a subschema without end.
const SUBSCHEMAS_MAX: usize = 4_000;

/// The types of a contract's arguments. Total: any schema has one.
pub fn argument_types(contract: &Contract) -> ArgumentTypes {
    let mut walk = Walk {
        root: &contract.input,
        kinds: &contract.kinds,
        left: SUBSCHEMAS_MAX,
        opaque: Vec::new(),
    };
    let place = Place { pointer: String::new(), depth: 0 };
    let whole = walk.map(&contract.input, &place);
    let fields = if let ArgumentType::Record { fields } = whole { fields } else { BTreeMap::new() };
    if fields.is_empty() && walk.opaque.is_empty() && !is_closed_object(&contract.input) {
        walk.opaque.push("/*".to_owned());
    }
    let mut opaque = walk.opaque;
    opaque.sort();
    opaque.dedup();
    ArgumentTypes { fields, opaque }
}

struct Walk<'a> {
    root: &'a Value,
    kinds: &'a BTreeMap<String, ArgumentKind>,
    left: usize,
    opaque: Vec<String>,
}

struct Place {
    pointer: String,
    depth: usize,
}

impl Place {
    fn down(&self, step: &str) -> Self {
        Self { pointer: pointer::join(&self.pointer, step), depth: self.depth + 1 }
    }

    fn same(&self) -> Self {
        Self { pointer: self.pointer.clone(), depth: self.depth + 1 }
    }
}

impl Walk<'_> {
    fn opaque(&mut self, place: &Place, reason: &str) -> ArgumentType {
        self.opaque.push(place.pointer.clone());
        ArgumentType::Opaque(reason.to_owned())
    }

    fn map(&mut self, schema: &Value, place: &Place) -> ArgumentType {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || place.depth > DEPTH_MAX {
            return self.opaque(place, "nested too deep, or a reference to itself");
        }
        let Value::Object(schema) = schema else {
            return self.opaque(place, "the schema admits anything");
        };
        if let Some(kind) = self.kinds.get(&place.pointer) {
            return match scalar::kind(*kind) {
                Some(typed) => typed,
                None => self.opaque(place, "a secret is never shown to policy"),
            };
        }
        if schema.contains_key("$dynamicRef") || (schema.contains_key("$id") && place.depth > 0) {
            return self.opaque(place, "a reference that is not followed");
        }
        if let Some(reference) = schema.get("$ref") {
            let target = reference.as_str().and_then(|text| pointer::local(self.root, text));
            return match target {
                Some(target) => self.map(target, &place.same()),
                None => self.opaque(place, "a reference that is not followed"),
            };
        }
        if let Some(found) = scalar::listed(schema) {
            return found.unwrap_or_else(|reason| self.opaque(place, reason));
        }
        match schema.get("type") {
            Some(Value::String(word)) => self.one(word, schema, place),
            Some(Value::Array(words)) => {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                self.several(&words, schema, place)
            }
            Some(_) => self.opaque(place, "the schema's type cannot be read"),
            None => self.untyped(schema, place),
        }
    }

    fn one(&mut self, word: &str, schema: &Map<String, Value>, place: &Place) -> ArgumentType {
        match word {
            "null" => ArgumentType::Null,
            "boolean" => ArgumentType::Boolean,
            "integer" => ArgumentType::Integer,
            "string" => ArgumentType::Text,
            "number" => match scalar::number(schema) {
                Ok(typed) => typed,
                Err(reason) => self.opaque(place, reason),
            },
            "array" => self.list(schema, place),
            "object" => self.record(schema, place),
            _ => self.opaque(place, "the schema's type cannot be read"),
        }
    }

    /// A list of types: the branch is known from the JSON type of the value.
    fn several(
        &mut self,
        words: &[&str],
        schema: &Map<String, Value>,
        place: &Place,
    ) -> ArgumentType {
        // A JSON integer is a number as well: the wider one covers both.
        let number = words.contains(&"number");
        let words = words.iter().filter(|word| !(number && **word == "integer"));
        let branches = words.map(|word| self.one(word, schema, place)).collect();
        self.union(branches, place)
    }

    fn list(&mut self, schema: &Map<String, Value>, place: &Place) -> ArgumentType {
        if schema.contains_key("prefixItems") {
            return self.opaque(place, "items that differ by position");
        }
        match schema.get("items") {
            None => self.opaque(place, "a list of anything"),
            Some(items) => {
                let item = self.map(items, &place.down("*"));
                let opaque = matches!(item, ArgumentType::Opaque(_));
                if opaque { item } else { ArgumentType::List(Box::new(item)) }
            }
        }
    }

    fn record(&mut self, schema: &Map<String, Value>, place: &Place) -> ArgumentType {
        let refused = |key: &str| schema.get(key) == Some(&Value::Bool(false));
        let elsewhere = ["allOf", "anyOf", "oneOf", "if", "dependentSchemas"]
            .iter()
            .any(|key| schema.contains_key(*key));
        let closed =
            refused("additionalProperties") || (refused("unevaluatedProperties") && !elsewhere);
        if !closed || schema.contains_key("patternProperties") {
            self.opaque.push(pointer::join(&place.pointer, "*"));
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut fields = BTreeMap::new();
        for (name, field) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            if *field == Value::Bool(false) {
                continue;
            }
            let presence = match required.contains(&name.as_str()) {
                true => Presence::Required,
                false => Presence::Optional,
            };
            fields.insert(name.clone(), (self.map(field, &place.down(name)), presence));
        }
        ArgumentType::Record { fields }
    }

    /// A schema without a type: what its combinations say.
    fn untyped(&mut self, schema: &Map<String, Value>, place: &Place) -> ArgumentType {
        let branches = |key: &str| schema.get(key).and_then(Value::as_array);
        if let Some(all) = branches("allOf") {
            return self.all(all, place);
        }
        if let Some(any) = branches("anyOf").or_else(|| branches("oneOf")) {
            let mapped = any.iter().map(|branch| self.map(branch, &place.same())).collect();
            return self.union(mapped, place);
        }
        if schema.contains_key("properties") {
            return self
                .opaque(place, "an object whose schema does not say `\"type\": \"object\"`");
        }
        self.opaque(place, "the schema does not say a type")
    }

    /// Each branch bounds the value, so the first that can be typed is enough, unless it is an object: another
    /// branch could add fields to it.
    fn all(&mut self, branches: &[Value], place: &Place) -> ArgumentType {
        let before = self.opaque.len();
        for branch in branches {
            let typed = self.map(branch, &place.same());
            let object = matches!(typed, ArgumentType::Record { .. }) && branches.len() > 1;
            if !object && !matches!(typed, ArgumentType::Opaque(_)) {
                return typed;
            }
            self.opaque.truncate(before);
        }
        self.opaque(place, "combined schemas none of which says the type")
    }

    fn union(&mut self, branches: Vec<ArgumentType>, place: &Place) -> ArgumentType {
        match scalar::union(branches) {
            Ok(typed) => typed,
            Err(reason) => {
                let below = format!("{}/", place.pointer);
                self.opaque.retain(|pointer| !pointer.starts_with(&below));
                self.opaque(place, reason)
            }
        }
    }
}

fn is_closed_object(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
        && schema.get("additionalProperties") == Some(&Value::Bool(false))
}
