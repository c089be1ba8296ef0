//! Is the OpenAPI document one that other programs can rely on?
//! The routes are a snapshot; everything else is a rule that each operation must keep.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::Server;

fn document() -> Value {
    serde_json::from_str(&checkrein_server::routes::openapi().unwrap()).unwrap()
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_as_openapi_3_1() {
    let server = Server::start().await;
    let served = server.get("/v1/openapi.json", "").await.ok();
    assert_eq!(served, document());
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
}

/// SDKs are generated from the committed document, so it may never be another one than the server's.
#[test]
fn the_committed_document_is_the_servers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/checkrein.json");
    let served = checkrein_server::routes::openapi().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    let how = "UPDATE_OPENAPI=1 cargo nextest run -p checkrein-server openapi; npm run generate -w @checkrein/sdk";
    assert!(committed == served, "openapi/checkrein.json is not current: {how}");
}

#[test]
fn every_operation_is_described_typed_and_named_once() {
    let document = document();
    let mut names = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{name}");
        assert!(operation["tags"][0].is_string(), "{name}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(names.insert(id.to_owned()), "{name}: `{id}` is named twice");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.values().all(|one| one["content"].is_object()), "{name}: {responses:?}");
        // What Slack sends is a form of its own.
        let own = name.ends_with("/v1/slack/interactions");
        if name.starts_with("post") && operation["requestBody"].is_object() && !own {
            let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            assert!(body.is_string(), "{name}");
        }
        let in_path = name.matches('{').count();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let stated = parameters.filter(|one| one["in"] == "path").count();
        assert_eq!(in_path, stated, "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|field| walk(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    walk(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn the_routes_are_these() {
    let document = document();
    let routes: Vec<String> = operations(&document).map(|(name, _)| name).collect();
    insta::assert_snapshot!(routes.join("\n"));
}
