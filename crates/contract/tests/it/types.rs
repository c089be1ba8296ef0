//! What a schema is to a policy.
//!
//! One table of what is typed, one of what is opaque, and schemas that refer to themselves.

use contract::{ArgumentType, ArgumentTypes, Presence, argument_types};
use domain::ArgumentKind;
use serde_json::{Value, json};

use crate::support::{compile, contract};

/// The types of a tool whose argument `x` has this schema.
fn types(schema: Value) -> ArgumentTypes {
    let input = json!({
        "type": "object", "properties": {"x": schema}, "additionalProperties": false,
        "$defs": {"loop": {"type": "array", "items": {"$ref": "#/$defs/loop"}}, "word": {"enum": ["b", "a"]}},
    });
    argument_types(
        &compile(&contract(&input.to_string(), "scope = [\"t:*\"]\nresource = \"t:x\"")).contract,
    )
}

fn of(schema: Value) -> ArgumentType {
    types(schema).fields.remove("x").unwrap().0
}

fn words(words: &[&str]) -> ArgumentType {
    ArgumentType::Enumeration(words.iter().map(|word| (*word).to_owned()).collect())
}

fn list(item: ArgumentType) -> ArgumentType {
    ArgumentType::List(Box::new(item))
}

#[test]
fn what_can_be_typed_exactly_is_typed() {
    use ArgumentType::{Boolean, Decimal, Integer, Null, Text, Union};
    for (schema, expect) in [
        (json!({"type": "boolean"}), Boolean),
        (json!({"type": "integer", "minimum": 1}), Integer),
        (json!({"type": "string", "pattern": "^a"}), Text),
        (json!({"enum": ["b", "a", "b"]}), words(&["a", "b"])),
        (json!({"const": "a"}), words(&["a"])),
        (json!({"enum": [1, 2]}), Integer),
        (json!({"enum": [0.5, 1.25]}), Decimal),
        (json!({"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1e6}), Decimal),
        (json!({"type": "number", "multipleOf": 5}), Integer),
        (json!({"type": "array", "items": {"type": "string"}}), list(Text)),
        (json!({"type": ["string", "null"]}), Union(vec![Null, Text])),
        (json!({"type": ["integer", "string", "boolean"]}), Union(vec![Boolean, Integer, Text])),
        (json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}), Union(vec![Integer, Text])),
        (json!({"oneOf": [{"const": "b"}, {"const": "a"}]}), words(&["a", "b"])),
        (json!({"enum": ["a", null]}), Union(vec![Null, words(&["a"])])),
        (json!({"$ref": "#/$defs/word"}), words(&["a", "b"])),
        (json!({"allOf": [{"$ref": "#/$defs/word"}, {"minLength": 1}]}), words(&["a", "b"])),
        (json!({"type": "string", "not": {"const": "x"}}), Text),
    ] {
        let typed = types(schema.clone());
        assert_eq!(typed.fields["x"], (expect, Presence::Optional), "{schema}");
        assert_eq!(typed.opaque, Vec::<String>::new(), "{schema}");
    }
}

#[test]
fn what_cannot_be_typed_exactly_is_opaque_and_listed() {
    for (schema, pointer) in [
        (json!({}), "/x"),
        (json!(true), "/x"),
        (json!({"description": "anything"}), "/x"),
        (json!({"type": "number"}), "/x"),
        (json!({"type": "number", "multipleOf": 0.01}), "/x"),
        (json!({"type": "number", "multipleOf": 0.00001, "minimum": 0, "maximum": 1}), "/x"),
        (json!({"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1e15}), "/x"),
        (json!({"type": "object"}), "/x/*"),
        (json!({"type": "object", "properties": {"a": {"type": "string"}}}), "/x/*"),
        (json!({"type": "object", "additionalProperties": {"type": "string"}}), "/x/*"),
        (
            json!({"type": "object", "patternProperties": {"^a": {}}, "additionalProperties": false}),
            "/x/*",
        ),
        (json!({"type": "array"}), "/x"),
        (json!({"type": "array", "items": {}}), "/x/*"),
        (json!({"type": "array", "prefixItems": [{"type": "string"}]}), "/x"),
        (json!({"enum": ["a", {"b": 1}]}), "/x"),
        (json!({"enum": [0.00001]}), "/x"),
        (json!({"properties": {"a": {"type": "string"}}}), "/x"),
        (json!({"type": ["string", "number"]}), "/x"),
        (
            json!({"anyOf": [
                {"type": "object", "properties": {"a": {}}, "additionalProperties": false},
                {"type": "object", "properties": {"b": {}}, "additionalProperties": false}
            ]}),
            "/x",
        ),
        (json!({"anyOf": [{"type": "string"}, {}]}), "/x"),
        (json!({"allOf": [{"minLength": 1}]}), "/x"),
    ] {
        let typed = types(schema.clone());
        assert!(
            typed.opaque.iter().any(|listed| listed == pointer),
            "{schema}: {:?}",
            typed.opaque
        );
        let shown = format!("{:?}", typed.fields["x"].0);
        assert!(shown.contains("Opaque") || shown.starts_with("Record"), "{schema}: {shown}");
    }
}

#[test]
fn a_reference_to_itself_ends() {
    let typed = types(json!({"$ref": "#/$defs/loop"}));
    assert_eq!(typed.opaque.len(), 1);
}

#[test]
fn references_that_multiply_end() {
    let mut defs = serde_json::Map::new();
    for level in 0..14 {
        let next = json!({"$ref": format!("#/$defs/l{}", level + 1)});
        let fields: serde_json::Map<String, Value> =
            (0..4).map(|n| (format!("f{n}"), next.clone())).collect();
        defs.insert(
            format!("l{level}"),
            json!({"type": "object", "properties": fields, "additionalProperties": false}),
        );
    }
    defs.insert("l14".into(), json!({"type": "string"}));
    let input = json!({
        "type": "object", "properties": {"x": {"$ref": "#/$defs/l0"}}, "additionalProperties": false, "$defs": defs,
    });
    let compiled = compile(&contract(&input.to_string(), "scope = [\"t:*\"]\nresource = \"t:x\""));
    assert!(!compiled.types.opaque.is_empty());
}

#[test]
fn required_fields_are_told_from_optional_ones_at_any_depth() {
    let typed = of(json!({
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "never": false},
        "required": ["a"], "additionalProperties": false,
    }));
    let ArgumentType::Record { fields } = typed else { panic!("{typed:?}") };
    assert_eq!(fields.len(), 2);
    assert_eq!(fields["a"].1, Presence::Required);
    assert_eq!(fields["b"].1, Presence::Optional);
}

#[test]
fn kinds_become_types_and_secrets_become_opaque() {
    let input = json!({"type": "object", "properties": {
        "path": {"type": "string"}, "hosts": {"type": "array", "items": {"type": "string"}}, "key": {"type": "string"},
        "amount": {"type": "integer"},
    }, "required": ["path"], "additionalProperties": false});
    let fields = r#"scope = ["workspace:**"]
resource = "workspace:{path}"
arguments = { "/path" = "path", "/hosts/*" = "host", "/key" = "secret", "/amount" = "money" }"#;
    let compiled = compile(&contract(&input.to_string(), fields));
    assert_eq!(compiled.contract.kinds["/key"], ArgumentKind::Secret);
    let types = compiled.types;
    assert_eq!(types.fields["path"], (ArgumentType::Path, Presence::Required));
    assert_eq!(types.fields["hosts"].0, list(ArgumentType::Host));
    assert_eq!(types.fields["amount"].0, ArgumentType::Money);
    assert_eq!(types.opaque, ["/key"]);
}
