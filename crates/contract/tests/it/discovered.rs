//! Definitions of strangers' servers, made into contracts.
//!
//! One table of odd schemas, one of who says what of a class, and what a digest covers.

use std::time::{Duration, Instant};

use contract::discovered::{self, Classification, Definition, Discovered, Given};
use contract::packs::{self, Pack};
use contract::{FindingCode, Severity};
use domain::{Consequence, Consequences, EffectClass, Name, Provenance, ToolName, UpstreamPart};
use serde_json::{Value, json};

use crate::support::chain;

pub(crate) fn server() -> Name {
    "files".parse().unwrap()
}

const NOTHING: Given<'static> =
    Given { pack: None, classification: None, attempts: None, timeout: Duration::from_secs(60) };

fn made_with(raw: &Value, given: &Given<'_>) -> Discovered {
    let (server, name): (Name, ToolName) = (server(), "files.tool".parse().unwrap());
    let wire = raw.get("name").and_then(Value::as_str).unwrap_or("tool");
    discovered::contract(&Definition { server: &server, name: &name, wire, raw }, given)
}

fn made(raw: &Value) -> Discovered {
    made_with(raw, &NOTHING)
}

fn tool(name: &str, schema: Value) -> Value {
    json!({ "name": name, "description": "", "inputSchema": schema })
}

/// Whether arguments get through.
fn takes(made: &Discovered, arguments: &Value) -> bool {
    made.compiled.as_ref().unwrap().resolve(arguments, &chain(), None).is_ok()
}

#[test]
fn a_changing_tool_refuses_arguments_that_nobody_named() {
    for (schema, given, expect) in [
        (json!({"type": "object", "properties": {"a": {}}}), json!({"a": 1}), true),
        (json!({"type": "object", "properties": {"a": {}}}), json!({"a": 1, "b": 2}), false),
        (json!({"properties": {"a": {}}}), json!({"b": 2}), false),
        (json!({}), json!({"b": 2}), false),
        (json!({"type": "object", "additionalProperties": true}), json!({"b": 2}), true),
        (json!({"type": "object", "additionalProperties": {}}), json!({"b": 2}), true),
        (
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!({"b": 2}),
            false,
        ),
        (json!({"type": "object", "patternProperties": {"^b": {}}}), json!({"b": 2}), true),
        (
            json!({"type": "object", "anyOf": [{"properties": {"a": {}}, "required": ["a"]}, {"required": ["b"], "properties": {"b": {}}}]}),
            json!({"a": 1, "b": 2}),
            true,
        ),
        (json!({"type": "object", "anyOf": [{"properties": {"a": {}}}]}), json!({"c": 2}), false),
        (
            json!({"type": "object", "allOf": [{"$ref": "#/$defs/x"}], "$defs": {"x": {"properties": {"a": {}}}}}),
            json!({"a": 1}),
            true,
        ),
        (
            json!({"type": "object", "allOf": [{"$ref": "#/$defs/x"}], "$defs": {"x": {"properties": {"a": {}}}}}),
            json!({"b": 1}),
            false,
        ),
        (
            json!({"$ref": "#/$defs/x", "$defs": {"x": {"type": "object", "properties": {"a": {}}}}}),
            json!({"b": 1}),
            false,
        ),
        (
            json!({"$ref": "#/$defs/x", "$defs": {"x": {"type": "object", "additionalProperties": true}}}),
            json!({"b": 1}),
            true,
        ),
        (
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/x", "definitions": {"x": {"properties": {"a": {}}}}}),
            json!({"b": 1}),
            false,
        ),
        (
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/x", "definitions": {"x": {"properties": {"a": {}}}}}),
            json!({"a": 1}),
            true,
        ),
        (
            json!({"type": "object", "propertyNames": {"pattern": "^a"}, "anyOf": [{"properties": {"a": {}, "b": {}}}]}),
            json!({"b": 1}),
            false,
        ),
        (
            json!({"type": "object", "if": {"properties": {"a": {"const": 1}}}, "then": {"properties": {"b": {}}}}),
            json!({"a": 1, "b": 1}),
            true,
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "object", "properties": {}}}}),
            json!({"a": {"deeper": 1}}),
            true,
        ),
    ] {
        let made = made(&tool("write_it", schema.clone()));
        assert_eq!(made.class.effect_class, EffectClass::Irreversible);
        assert_eq!(takes(&made, &given), expect, "{schema} {given}");
    }
}

#[test]
fn a_reading_tool_keeps_the_standard_meaning_of_its_schema() {
    let made = made(&tool(
        "list_things",
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    ));
    assert_eq!(made.class.effect_class, EffectClass::Pure);
    assert!(takes(&made, &json!({"b": 2})));
    assert!(!takes(&made, &json!({"a": 2})));
}

#[test]
fn a_tool_of_unknown_class_counts_as_changing() {
    let made = made(&tool("frobnicate", json!({"type": "object", "properties": {"a": {}}})));
    assert_eq!(
        (made.class.effect_class, made.class.provenance),
        (EffectClass::Unknown, Provenance::Inferred)
    );
    assert!(!takes(&made, &json!({"b": 2})));
}

#[test]
fn a_missing_schema_is_a_tool_without_arguments_and_that_is_said() {
    for raw in [json!({"name": "write_it"}), json!({"name": "write_it", "inputSchema": null})] {
        let made = made(&raw);
        assert!(takes(&made, &json!({})) && !takes(&made, &json!({"a": 1})));
        assert!(made.findings.iter().any(|one| one.code == FindingCode::SchemaMissing));
        assert!(!made.is_held_back());
    }
}

#[test]
fn a_schema_that_cannot_be_used_holds_only_its_tool_back() {
    let patterns: serde_json::Map<String, Value> =
        (0..500).map(|n| (format!("p{n}"), json!({"pattern": "a{1000}"}))).collect();
    for schema in [
        json!(true),
        json!([]),
        json!("object"),
        json!({"type": "string"}),
        json!({"type": ["string", "null"]}),
        json!({"type": 3}),
        json!({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}),
        json!({"type": "object", "properties": {"a": {"$ref": "https://example.com/schema.json"}}}),
        json!({"type": "object", "properties": {"a": {"$ref": "other.json"}}}),
        json!({"type": "object", "properties": {"a": {"pattern": "("}}}),
        json!({"type": "object", "properties": []}),
        json!({"type": "object", "properties": patterns}),
        json!({"type": "object", "properties": {"a": {"$ref": "#name"}}, "$defs": {"b": {"$anchor": "name"}}}),
        json!({"type": "object", "properties": {"a": {"$dynamicRef": "#name"}}}),
    ] {
        let made = made(&tool("list_it", schema.clone()));
        assert!(made.compiled.is_none() && made.is_held_back(), "{schema}");
        let found = made.findings.iter().find(|one| one.code == FindingCode::SchemaUnusable);
        assert!(
            found.is_some_and(|one| one.severity == Severity::HeldBack),
            "{schema}: {:?}",
            made.findings
        );
    }
}

/// A few lines of references can describe more checks than a computer can make; an early version compiled them all.
#[test]
fn a_schema_that_repeats_itself_without_end_is_refused_at_once() {
    let mut defs = serde_json::Map::new();
    for n in 0..40 {
        let next = format!("#/$defs/d{}", n + 1);
        defs.insert(format!("d{n}"), json!({"allOf": [{"$ref": next}, {"$ref": next}]}));
    }
    defs.insert("d40".to_owned(), json!({"type": "string"}));
    let began = Instant::now();
    let made = made(&tool(
        "list_it",
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": defs}),
    ));
    assert!(made.is_held_back());
    assert!(began.elapsed() < Duration::from_secs(5));
}

/// A schema that comes back to itself in two ways at each level doubles the work with each level of the value.
#[test]
fn a_schema_that_branches_at_every_level_is_checked_in_time() {
    let node = json!({
        "type": "object",
        "allOf": [
            {"properties": {"x": {"$ref": "#/$defs/node"}}},
            {"properties": {"x": {"$ref": "#/$defs/node"}}},
            {"properties": {"x": {"anyOf": [{"$ref": "#/$defs/node"}, {"$ref": "#/$defs/node"}]}}},
        ],
    });
    let made = made(&tool(
        "list_it",
        json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/node"}}, "$defs": {"node": node}}),
    ));
    let mut deep = json!(3);
    for _ in 0..28 {
        deep = json!({ "x": deep });
    }
    let began = Instant::now();
    if made.compiled.is_some() {
        assert!(!takes(&made, &deep));
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_schema_that_only_refers_to_itself_does_no_harm() {
    let schema = json!({"type": "object", "$defs": {"a": {"$ref": "#/$defs/a"}, "b": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "null"}]}}, "properties": {"x": {"$ref": "#/$defs/a"}, "y": {"$ref": "#/$defs/b"}}, "required": ["z"]});
    let made = made(&tool("list_it", schema));
    let compiled = made.compiled.unwrap();
    let error = compiled.resolve(&json!({"x": 1, "y": 2}), &chain(), None).unwrap_err();
    assert!(error.to_string().contains("missing argument `z`"), "{error}");
}

/// Ways that meet again without coming back are not remembered by the validator: twenty levels took a second, forty for ever.
#[test]
fn a_schema_whose_ways_meet_again_at_every_level_is_refused() {
    let mut defs = serde_json::Map::new();
    for n in 0..30 {
        let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
        defs.insert(
            format!("d{n}"),
            json!({"allOf": [{"properties": {"x": next}}, {"properties": {"x": next}}]}),
        );
    }
    defs.insert("d30".to_owned(), json!({}));
    let made = made(&tool(
        "list_it",
        json!({"type": "object", "allOf": [{"$ref": "#/$defs/d0"}], "$defs": defs}),
    ));
    assert!(made.is_held_back());
}

#[test]
fn arguments_that_would_be_checked_too_often_are_refused() {
    let same: Vec<Value> = (0..5_000).map(|_| json!({"type": "integer"})).collect();
    let made = made(&tool(
        "list_it",
        json!({"type": "object", "properties": {"a": {"type": "array", "items": {"allOf": same}}}}),
    ));
    let compiled = made.compiled.unwrap();
    assert!(compiled.resolve(&json!({"a": vec![1; 1_000]}), &chain(), None).is_ok());
    let error = compiled.resolve(&json!({"a": vec![1; 10_000]}), &chain(), None).unwrap_err();
    assert!(error.to_string().contains("too often"), "{error}");
}

#[test]
fn an_operator_may_name_the_resource() {
    let raw = tool(
        "write_it",
        json!({"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}),
    );
    let mut word = classified(EffectClass::Compensable, None);
    word.resource = Some("mcp:{server}/at/{path}".to_owned());
    assert_eq!(word.judge(), Ok(()));
    let compiled = with_word(&raw, &word).compiled.unwrap();
    assert_eq!(
        compiled.resolve(&json!({"path": "a/b"}), &chain(), None).unwrap().resource.as_str(),
        "mcp:files/at/a%2Fb"
    );
    word.resource = Some("{path}".to_owned());
    assert!(word.judge().is_err());
}

#[test]
fn a_thousand_arguments_are_a_contract() {
    let properties: serde_json::Map<String, Value> =
        (0..1_000).map(|n| (format!("p{n}"), json!({"type": "string"}))).collect();
    let made = made(&tool("list_it", json!({"type": "object", "properties": properties})));
    assert_eq!(made.compiled.unwrap().types.fields.len(), 1_000);
}

#[test]
fn a_definition_beyond_the_bounds_is_held_back() {
    let long = "x".repeat(domain::limits::DEFINITION_BYTES_MAX);
    let many: Vec<Value> = vec![json!(1); domain::limits::DEFINITION_VALUES_MAX];
    for raw in [
        json!({"name": "get_a", "description": long}),
        json!({"name": "get_a", "_meta": {"x": many}}),
    ] {
        let made = made(&raw);
        assert!(made.compiled.is_none() && made.is_held_back());
        assert_eq!(made.findings[0].code, FindingCode::DefinitionTooLarge);
    }
}

/// Whether a result passes, for a tool that declares this output schema.
fn answers(output: Option<Value>, result: &Value) -> bool {
    let mut raw = tool("list_it", json!({"type": "object"}));
    if let Some(output) = output {
        raw.as_object_mut().unwrap().insert("outputSchema".to_owned(), output);
    }
    let made = made(&raw);
    made.compiled.unwrap().check_output(result, &json!({})).is_ok()
}

#[test]
fn an_answer_is_checked_as_a_whole_result() {
    let number = json!({"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}, "required": ["n"], "$defs": {"n": {"type": "integer"}}});
    let old = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"n": {"$ref": "#/definitions/n"}}, "definitions": {"n": {"type": "integer"}}});
    let named = json!({"$id": "https://example.com/own", "type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "integer"}}});
    let text = json!([{"type": "text", "text": "a"}]);
    for (output, result, expect) in [
        (None, json!({"content": text}), true),
        (
            None,
            json!({"content": [], "isError": false, "resultType": "complete", "later": 1}),
            true,
        ),
        (None, json!({"structuredContent": 5}), true),
        (None, json!({}), false),
        (None, json!({"content": "a"}), false),
        (None, json!({"content": [{"text": "no type"}]}), false),
        (None, json!([]), false),
        (Some(number.clone()), json!({"content": text, "structuredContent": {"n": 1}}), true),
        (Some(number.clone()), json!({"content": text, "structuredContent": {"n": "1"}}), false),
        (Some(number.clone()), json!({"content": text}), false),
        (Some(number.clone()), json!({"content": text, "isError": true}), true),
        (Some(number), json!({"content": text, "isError": false, "structuredContent": {}}), false),
        (Some(old.clone()), json!({"content": text, "structuredContent": {"n": 1}}), true),
        (Some(old), json!({"content": text, "structuredContent": {"n": "1"}}), false),
        (Some(named.clone()), json!({"content": text, "structuredContent": {"n": 1}}), true),
        (Some(named), json!({"content": text, "structuredContent": {"n": "1"}}), false),
        (Some(json!({"type": "string"})), json!({"content": text, "structuredContent": "a"}), true),
    ] {
        assert_eq!(answers(output.clone(), &result), expect, "{output:?} {result}");
    }
}

#[test]
fn an_output_schema_that_cannot_be_used_holds_its_tool_back() {
    for output in [json!(3), json!({"type": 3}), json!({"$ref": "https://example.com/x"})] {
        let mut raw = tool("list_it", json!({"type": "object"}));
        raw["outputSchema"] = output;
        assert!(made(&raw).is_held_back());
    }
}

#[test]
fn the_contract_says_whose_tool_it_is_and_relies_on_none_of_its_words() {
    let mut raw = tool("list_it", json!({"type": "object"}));
    raw["description"] = format!("Lists.\u{202E}{}", "x".repeat(3_000)).into();
    let made = made(&raw);
    let contract = made.compiled.unwrap().contract;
    assert!(contract.what.starts_with("Lists.xxx") && contract.what.ends_with("…[cut]"));
    assert_eq!(contract.what.chars().count(), domain::limits::CONTRACT_TEXT_CHARS_MAX);
    assert_eq!(contract.when_to_use, "as the server `files` describes it");
    assert_eq!(contract.resource, "mcp:files/tool");
    let upstream = contract.upstream.unwrap();
    assert_eq!((upstream.wire.as_str(), upstream.part), ("list_it", UpstreamPart::Tool));
    assert_eq!(upstream.definition, discovered::definition_digest(&raw));
    assert_eq!(contract.errors[0].code, discovered::TOOL_ERROR);
}

fn classified(effect_class: EffectClass, definition: Option<domain::Digest>) -> Classification {
    Classification { effect_class, consequences: Consequences::new(), resource: None, definition }
}

fn with_word(raw: &Value, word: &Classification) -> Discovered {
    made_with(raw, &Given { classification: Some(word), ..NOTHING })
}

#[test]
fn an_operator_s_word_counts_for_the_definition_it_was_said_of() {
    let raw = tool("delete_it", json!({"type": "object"}));
    let here = discovered::definition_digest(&raw);
    for (definition, class, provenance) in [
        (None, EffectClass::Pure, Provenance::Confirmed),
        (Some(here), EffectClass::Pure, Provenance::Confirmed),
        (Some(domain::Digest::default()), EffectClass::Irreversible, Provenance::Inferred),
    ] {
        let made = with_word(&raw, &classified(EffectClass::Pure, definition));
        assert_eq!((made.class.effect_class, made.class.provenance), (class, provenance));
    }
    let reads = tool("list_it", json!({"type": "object"}));
    let made =
        with_word(&reads, &classified(EffectClass::Irreversible, Some(domain::Digest::default())));
    assert_eq!(made.class.effect_class, EffectClass::Irreversible);
    assert!(made.findings.iter().any(|one| one.code == FindingCode::ClassifiedOtherVersion));
}

#[test]
fn a_word_that_cannot_be_true_is_refused() {
    let mut word = classified(EffectClass::Pure, None);
    assert_eq!(word.judge(), Ok(()));
    word.consequences.insert(Consequence::Delete);
    assert!(word.judge().is_err());
    assert!(with_word(&tool("list_it", json!({})), &word).is_held_back());
    assert!(classified(EffectClass::Restorable, None).judge().is_err());
}

fn pack(entry: &str) -> Pack {
    let head = "[pack]\nname = \"p\"\npackage = \"p\"\nregistry = \"npm\"\nversion = \"1\"\nhomepage = \"https://example.com\"\n";
    packs::read("p.toml", &format!("{head}[[tool]]\n{entry}")).unwrap()
}

#[test]
fn a_pack_counts_for_the_very_definition_it_knows() {
    let raw = tool(
        "write_it",
        json!({"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}),
    );
    let digest = discovered::definition_digest(&raw);
    let entry = |digest: domain::Digest| {
        pack(&format!(
            "name = \"write_it\"\ndefinition = \"sha256:{digest}\"\neffect_class = \"compensable\"\nresource = \"mcp:{{server}}/{{path}}\"\nopen_arguments = true\nidempotency = {{ natural = [\"/path\"] }}"
        ))
    };
    let known = entry(digest);
    let made = made_with(&raw, &Given { pack: Some(&known), ..NOTHING });
    assert_eq!(
        (made.class.effect_class, made.class.provenance),
        (EffectClass::Compensable, Provenance::Confirmed)
    );
    assert!(takes(&made, &json!({"path": "a", "more": 1})));
    let compiled = made.compiled.unwrap();
    let resolved = compiled.resolve(&json!({"path": "a"}), &chain(), None).unwrap();
    assert_eq!(resolved.resource.as_str(), "mcp:files/a");
    assert!(resolved.natural_key.is_some());

    let other = entry(domain::Digest::default());
    let made = made_with(&raw, &Given { pack: Some(&other), ..NOTHING });
    assert_eq!(
        (made.class.effect_class, made.class.provenance),
        (EffectClass::Irreversible, Provenance::Inferred)
    );
    assert!(!takes(&made, &json!({"path": "a", "more": 1})));
    assert!(made.findings.iter().any(|one| one.code == FindingCode::PackOtherVersion));
}

#[test]
fn a_pack_never_loosens_what_an_operator_said() {
    let raw = tool("write_it", json!({"type": "object"}));
    let digest = discovered::definition_digest(&raw);
    let pack = pack(&format!(
        "name = \"write_it\"\ndefinition = \"sha256:{digest}\"\neffect_class = \"pure\""
    ));
    let word = classified(EffectClass::Irreversible, Some(digest));
    let made =
        made_with(&raw, &Given { pack: Some(&pack), classification: Some(&word), ..NOTHING });
    assert_eq!(made.class.effect_class, EffectClass::Irreversible);
}

#[test]
fn a_pack_s_entry_that_does_not_fit_holds_its_tool_back() {
    let raw =
        tool("write_it", json!({"type": "object", "properties": {"path": {"type": "string"}}}));
    let digest = discovered::definition_digest(&raw);
    for entry in [
        "effect_class = \"compensable\"\nresource = \"mcp:{server}/{pth}\"",
        "effect_class = \"compensable\"\narguments = { \"/pth\" = \"url\" }",
        "effect_class = \"compensable\"\nidempotency = { natural = [\"/pth\"] }",
        "effect_class = \"restorable\"",
        "effect_class = \"pure\"\nconsequences = [\"delete\"]",
    ] {
        let pack = pack(&format!("name = \"write_it\"\ndefinition = \"sha256:{digest}\"\n{entry}"));
        let made = made_with(&raw, &Given { pack: Some(&pack), ..NOTHING });
        assert!(made.is_held_back(), "{entry}");
        assert!(
            made.findings.iter().any(|one| one.code == FindingCode::PackUnusable),
            "{entry}: {:?}",
            made.findings
        );
    }
}

#[test]
fn the_parts_of_a_server_are_contracts_of_their_own() {
    let server = server();
    for (part, name, arguments) in [
        (UpstreamPart::Resource, "files.mcp.read_resource", json!({"uri": "file:///a"})),
        (
            UpstreamPart::Prompt,
            "files.mcp.get_prompt",
            json!({"name": "p", "arguments": {"a": "b"}}),
        ),
        (
            UpstreamPart::Completion,
            "files.mcp.complete",
            json!({"ref": {"type": "ref/prompt"}, "argument": {"name": "a", "value": ""}}),
        ),
    ] {
        let compiled = discovered::part(&server, part, Duration::from_secs(1)).unwrap();
        assert_eq!(compiled.name().as_str(), name);
        assert_eq!(compiled.contract.provenance, Provenance::Confirmed);
        compiled.resolve(&arguments, &chain(), None).unwrap();
        assert!(compiled.resolve(&json!({"x": 1}), &chain(), None).is_err());
        assert!(discovered::is_part_name(&server, compiled.name()));
    }
    assert!(discovered::part(&server, UpstreamPart::Tool, Duration::from_secs(1)).is_none());
}

/// What the journal keeps of a discovered tool's contract reads back as the same contract.
#[test]
fn a_recorded_contract_of_a_server_s_tool_reads_back() {
    let mut raw = tool(
        "write_it",
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"default": null}}, "additionalProperties": true}),
    );
    raw["outputSchema"] = json!({"type": "object"});
    let first = made(&raw).compiled.unwrap().contract;
    assert_eq!(crate::builtin::recorded(contract::contract_json(&first)), first);
}

#[test]
fn no_file_may_claim_to_be_a_server_s_tool() {
    let fields = "scope = [\"t:*\"]\nresource = \"t:x\"\nupstream = { server = \"a\", wire = \"b\", part = \"tool\", definition = \"00\" }";
    let text =
        crate::support::contract("{\"type\": \"object\", \"additionalProperties\": false}", fields);
    let file = contract::ContractFile {
        name: "test.toml",
        text: &text,
        origin: contract::Origin::Operator,
    };
    let errors = contract::load::file(&file).unwrap_err().to_string();
    assert!(errors.contains("tools of servers are discovered"), "{errors}");
}
