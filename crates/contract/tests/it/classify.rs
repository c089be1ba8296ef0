//! Our own reading of definitions: a labelled list, the rules of hints, and properties.
//!
//! The list (`labelled.json`) has the tools of servers that people use and traps beside them, described in our words. The real lists
//! are checked with the packs.

use contract::discovered::infer;
use contract::{Class, FindingCode};
use domain::{Consequence, EffectClass, Provenance};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(raw: &Value) -> Class {
    infer(raw, &"s".parse().unwrap()).0
}

#[test]
fn no_changing_tool_of_the_labelled_list_is_taken_for_one_that_reads() {
    let list: Vec<Value> = serde_json::from_str(include_str!("labelled.json")).unwrap();
    let (mut right, mut wrong) = (0, Vec::new());
    for one in &list {
        let class = read(one).effect_class;
        let changes = one["changes"].as_bool().unwrap();
        assert!(
            !(changes && class == EffectClass::Pure),
            "{} changes something and is read as pure",
            one["name"]
        );
        match changes == class.changes() {
            true => right += 1,
            false => wrong.push(one["name"].as_str().unwrap()),
        }
    }
    let share = right * 100 / list.len();
    assert!(list.len() > 150 && share >= 90, "{right} of {} are right, not {wrong:?}", list.len());
}

fn hinted(name: &str, annotations: Value) -> (Class, bool) {
    let raw = json!({"name": name, "annotations": annotations, "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}}});
    let (class, found) = infer(&raw, &"s".parse().unwrap());
    (class, found.iter().any(|one| one.code == FindingCode::AnnotationContradicts))
}

#[test]
fn a_server_s_word_alone_loosens_nothing() {
    use EffectClass::{Irreversible, Pure, Unknown};
    use Provenance::{Annotated, Inferred};
    for (name, annotations, class, provenance, contradicts) in [
        ("get_thing", json!({}), Pure, Inferred, false),
        ("get_thing", json!({"readOnlyHint": true}), Pure, Annotated, false),
        ("get_thing", json!({"readOnlyHint": false}), Irreversible, Annotated, false),
        ("frobnicate", json!({"readOnlyHint": true}), Unknown, Inferred, false),
        (
            "frobnicate",
            json!({"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false}),
            Unknown,
            Inferred,
            false,
        ),
        ("delete_thing", json!({"readOnlyHint": true}), Unknown, Inferred, true),
        ("delete_thing", json!({"destructiveHint": false}), Irreversible, Inferred, true),
        ("get_thing", json!({"destructiveHint": true}), Irreversible, Inferred, false),
        (
            "get_thing",
            json!({"readOnlyHint": true, "destructiveHint": true}),
            Irreversible,
            Annotated,
            true,
        ),
        ("get_thing", json!({"readOnlyHint": "true"}), Pure, Inferred, true),
        ("get_thing", json!([]), Pure, Inferred, false),
    ] {
        let (found, told) = hinted(name, annotations.clone());
        assert_eq!(
            (found.effect_class, told),
            (class, contradicts),
            "{name} {annotations}: {:?}",
            found.reasons
        );
        assert_eq!(found.provenance, provenance, "{name} {annotations}");
    }
    assert!(
        hinted("add_thing", json!({"openWorldHint": true}))
            .0
            .consequences
            .contains(&Consequence::OutsideCommunication)
    );
}

#[test]
fn an_argument_can_say_what_the_words_do_not() {
    for (schema, pure) in [
        (json!({"id": {}}), true),
        (json!({"content": {"type": "string"}}), false),
        (json!({"dryRun": {"type": "boolean"}}), false),
        (json!({"new_name": {}}), false),
        (json!({"action": {"enum": ["list", "get"]}}), true),
        (json!({"action": {"enum": ["list", "delete"]}}), false),
        (json!({"action": {"type": "string"}}), false),
        (json!({"sql": {"type": "string"}}), false),
        // A browser's tool that is annotated as reading writes what it found where `filename` says.
        (json!({"filename": {"type": "string", "description": "Save results to a file."}}), false),
        (json!({"filename": {"description": "File name to write the messages to."}}), false),
        (json!({"filename": {"description": "Name of the file to read, saved or not."}}), true),
        (json!({"store": {"description": "Store to look into."}}), true),
        (json!({"outputPath": {}}), false),
        (json!({"save_as": {}}), false),
    ] {
        let class = read(&json!({"name": "get_thing", "inputSchema": {"properties": schema}}));
        assert_eq!(class.effect_class == EffectClass::Pure, pure, "{schema}");
    }
}

#[test]
fn consequences_have_words_of_their_own() {
    use Consequence::{
        BulkRead, CodeExecution, Credential, Delete, IdentityChange, Money, OutsideCommunication,
        Overwrite, Production, Rights,
    };
    for (name, arguments, expect) in [
        ("delete_branch", json!({}), Delete),
        ("update_page", json!({}), Overwrite),
        ("send_email", json!({"to": {}, "body": {}}), OutsideCommunication),
        ("fetch_page", json!({"url": {}}), OutsideCommunication),
        ("create_refund", json!({"amount": {}}), Money),
        ("get_secret", json!({}), Credential),
        ("create_api_key", json!({}), Credential),
        ("add_collaborator", json!({}), Rights),
        ("restart_deployment", json!({}), Production),
        ("update_user", json!({}), IdentityChange),
        ("export_rows", json!({}), BulkRead),
        ("run_script", json!({"script": {}}), CodeExecution),
    ] {
        let class = read(&json!({"name": name, "inputSchema": {"properties": arguments}}));
        assert!(class.consequences.contains(&expect), "{name}: {:?}", class.consequences);
        assert!(!class.reasons.is_empty());
    }
}

#[test]
fn secrets_among_the_arguments_are_known() {
    let schema = json!({"password": {"type": "string"}, "apiKey": {"type": "string"}, "page_token": {"type": "string"}, "max_tokens": {"type": "integer"}, "secret": {"type": "integer"}});
    let class = read(&json!({"name": "get_thing", "inputSchema": {"properties": schema}}));
    assert_eq!(class.secrets, ["password", "apiKey"]);
    assert!(class.sensitive.contains(&"password".to_owned()));
}

fn json_value() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "name",
            "description",
            "inputSchema",
            "properties",
            "annotations",
            "readOnlyHint",
            "title",
            "get_a",
            "enum",
            "type",
            "action",
            "$ref",
            "#",
            "$id"
        ])
        .prop_map(str::to_owned),
        ".{0,12}",
    ];
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null)
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((word.clone(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_definition_has_a_class_and_a_contract_or_a_reason(raw in json_value()) {
        let (class, _) = infer(&raw, &"s".parse().unwrap());
        prop_assert!(!class.reasons.is_empty());
        let (server, name) = ("s".parse().unwrap(), "s.t".parse().unwrap());
        let definition = contract::discovered::Definition { server: &server, name: &name, wire: "t", raw: &raw };
        let given = contract::discovered::Given { pack: None, classification: None, attempts: None, timeout: std::time::Duration::ZERO };
        let made = contract::discovered::contract(&definition, &given);
        prop_assert!(made.compiled.is_some() || made.is_held_back());
        contract::finding::across(&[definition, definition]);
    }

    /// An annotation alone never makes a tool pure that is not pure without it.
    #[test]
    fn hints_only_make_stricter(mut raw in json_value(), read_only in any::<bool>(), destructive in any::<bool>(), open in any::<bool>()) {
        if let Some(fields) = raw.as_object_mut() {
            fields.remove("annotations");
            let before = infer(&Value::Object(fields.clone()), &"s".parse().unwrap()).0;
            fields.insert("annotations".to_owned(), json!({"readOnlyHint": read_only, "destructiveHint": destructive, "openWorldHint": open}));
            let after = infer(&raw, &"s".parse().unwrap()).0;
            prop_assert!(after.effect_class >= before.effect_class);
            prop_assert!(after.consequences.is_superset(&before.consequences));
        }
    }
}
