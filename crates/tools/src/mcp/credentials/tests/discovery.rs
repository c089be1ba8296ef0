//! Where the documents of discovery are looked for, and which of them are refused.
//! The order is read off the requests that came.

use serde_json::{Value, json};

use super::around::{self, ISSUER, RESOURCE, Rules, World, call, check_refused, oauth, person};

fn documents(of: &[(&str, Value)]) -> Rules {
    let rules = Rules::default();
    let known = of.iter().map(|(path, document)| ((*path).to_owned(), document.clone()));
    rules.documents.lock().unwrap().extend(known);
    rules
}

/// The reads before the client registers itself.
async fn reads(rules: Rules) -> Vec<String> {
    let world = World::start(rules).await;
    call(&world, &person(&world, oauth())).await.unwrap();
    let asked = world.server.asked().into_iter();
    asked.filter(|asked| asked.contains("well-known") || asked.contains("/meta")).collect()
}

fn place(issuer: &str) -> Value {
    json!({"resource": "ORIGIN/mcp", "authorization_servers": [issuer]})
}

#[tokio::test]
async fn documents_are_looked_for_in_the_order_of_the_specification() {
    let found = reads(Rules::default()).await;
    assert_eq!(found, [format!("GET {RESOURCE}"), format!("GET {ISSUER}")]);

    let named = Rules {
        challenge: Some("Bearer resource_metadata=\"ORIGIN/meta\""),
        ..documents(&[("/meta", place("ORIGIN"))])
    };
    assert_eq!(reads(named).await, ["GET /meta".to_owned(), format!("GET {ISSUER}")]);

    let root = "/.well-known/oauth-protected-resource";
    let openid = "/.well-known/openid-configuration";
    let fallback = documents(&[
        (RESOURCE, Value::Null),
        (root, json!({"resource": "ORIGIN", "authorization_servers": ["ORIGIN"]})),
        (ISSUER, Value::Null),
        (openid, around::issuer("ORIGIN")),
    ]);
    let expect = [RESOURCE, root, ISSUER, openid].map(|path| format!("GET {path}"));
    assert_eq!(reads(fallback).await, expect);
}

#[tokio::test]
async fn an_issuer_with_a_path_has_three_places() {
    let last = "/tenant/.well-known/openid-configuration";
    let tenant = || around::issuer("ORIGIN/tenant");
    let rules = Rules {
        back: vec![("iss", Value::Null)],
        ..documents(&[
            (RESOURCE, place("ORIGIN/tenant")),
            (last, {
                let mut metadata = tenant();
                metadata["authorization_response_iss_parameter_supported"] = json!(false);
                metadata
            }),
        ])
    };
    let expect = [
        RESOURCE,
        "/.well-known/oauth-authorization-server/tenant",
        "/.well-known/openid-configuration/tenant",
        last,
    ];
    assert_eq!(reads(rules).await, expect.map(|path| format!("GET {path}")));
}

#[tokio::test]
async fn a_resource_that_is_not_the_configured_server_is_refused() {
    for resource in [
        "https://evil.example.com/mcp",
        "ORIGIN/other",
        "ORIGIN/mc",
        "ORIGIN/mcp/deeper",
        "ORIGIN/mcp?x=1",
        "ORIGIN/mcp#x",
        "not a url",
    ] {
        let rules = Rules { resource: vec![("resource", json!(resource))], ..Rules::default() };
        check_refused(rules, oauth(), "not of the configured server").await;
    }
    for field in ["resource", "authorization_servers"] {
        let rules = Rules { resource: vec![(field, Value::Null)], ..Rules::default() };
        check_refused(rules, oauth(), field).await;
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused_and_no_other_place_is_tried() {
    for other in ["https://attacker.example.com", "ORIGIN/", ""] {
        let rules = Rules { metadata: vec![("issuer", json!(other))], ..Rules::default() };
        rules
            .documents
            .lock()
            .unwrap()
            .insert("/.well-known/openid-configuration".to_owned(), around::issuer("ORIGIN"));
        check_refused(rules, oauth(), "names another issuer").await;
    }
}

#[tokio::test]
async fn documents_that_send_checkrein_elsewhere_are_refused() {
    for (field, place) in [
        ("token_endpoint", "http://169.254.169.254/token"),
        ("token_endpoint", "https://10.0.0.1/token"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("authorization_endpoint", "file:///etc/passwd"),
        ("registration_endpoint", "http://example.com/register"),
    ] {
        let rules = Rules { metadata: vec![(field, json!(place))], ..Rules::default() };
        check_refused(rules, oauth(), "is not used").await;
    }
    for issuer in ["http://169.254.169.254", "https://192.168.0.1", "http://example.com"] {
        check_refused(documents(&[(RESOURCE, place(issuer))]), oauth(), "is not used").await;
    }
    let named = "Bearer resource_metadata=\"http://169.254.169.254/latest\"";
    let rules = Rules { challenge: Some(named), ..Rules::default() };
    check_refused(rules, oauth(), "is not used").await;
    check_refused(documents(&[(RESOURCE, place("ORIGIN?x=1"))]), oauth(), "no query").await;
}

#[tokio::test]
async fn a_document_that_is_missing_or_no_strict_json_ends_the_way() {
    check_refused(documents(&[(RESOURCE, Value::Null)]), oauth(), "no resource metadata").await;
    check_refused(documents(&[(ISSUER, Value::Null)]), oauth(), "publishes no metadata").await;
    check_refused(documents(&[(ISSUER, json!("x".repeat(300_000)))]), oauth(), "more than").await;
    let many: Vec<String> = (0..17).map(|at| format!("ORIGIN/{at}")).collect();
    let many = json!({"resource": "ORIGIN/mcp", "authorization_servers": many});
    check_refused(documents(&[(RESOURCE, many)]), oauth(), "authorization_servers").await;
}
