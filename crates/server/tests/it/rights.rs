//! The table of rights: every route has a row, every row a route, and each role gets exactly what its row says.
//! What the gate asks beyond it (tenants, groups, exclusions) is tested elsewhere.

use std::collections::BTreeSet;

use checkrein_server::rights::{TABLE, Who};
use domain::{Right, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Said, Server};

/// Routes that are no part of the API's document: the protocol's own, and the document.
const BESIDE: [&str; 6] = [
    "/mcp",
    "/mcp/{server}",
    "/v1/openapi.json",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-protected-resource/mcp/{server}",
];

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let document: Value =
        serde_json::from_str(&checkrein_server::routes::openapi().unwrap()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    let rows: Vec<(String, String)> =
        TABLE.iter().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    let unique: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(unique.len(), rows.len(), "a row stands there twice");
    let in_document: BTreeSet<_> =
        unique.into_iter().filter(|(_, path)| !BESIDE.contains(&path.as_str())).collect();
    let without_row: Vec<_> = routes.difference(&in_document).collect();
    let without_route: Vec<_> = in_document.difference(&routes).collect();
    assert!(without_row.is_empty(), "routes without a row: {without_row:?}");
    assert!(without_route.is_empty(), "rows without a route: {without_route:?}");
}

/// Who asks.
enum Asks<'a> {
    Nobody,
    Agent(&'a str),
    Person(Role, &'a str),
}

/// What the table says to somebody with a key: let through, or the code.
fn expected(who: Who, asks: &Asks<'_>) -> Option<&'static str> {
    let has = |role: Role, right: Right| (!role.gives(right)).then_some("CR-4002");
    match (who, asks) {
        (Who::Anybody, _) | (Who::Agents | Who::AgentsAnd(_), Asks::Agent(_)) => None,
        (Who::Signed, _) | (_, Asks::Nobody) => Some("CR-4001"),
        (Who::People(right) | Who::AgentsAnd(right), Asks::Person(role, _)) => has(*role, right),
        (Who::People(_) | Who::LoggedIn, Asks::Agent(_))
        | (Who::Agents | Who::LoggedIn, Asks::Person(..)) => Some("CR-4002"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_gets_exactly_what_its_row_says() {
    let server = Server::start().await;
    let mut keys = Vec::new();
    for role in Role::ALL {
        let body = json!({ "holder": "operator", "name": "eve", "roles": [role.word()] });
        let key = server.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned();
        keys.push((*role, key));
    }
    let mut all = vec![Asks::Nobody, Asks::Agent(&server.keys.agent)];
    all.extend(keys.iter().map(|(role, key)| Asks::Person(*role, key)));
    for row in TABLE {
        // Ids that nothing has: whoever is let through finds nothing, and changes nothing. A person is oneself, who has no
        // account: what is asked beyond the table is asked by the gate.
        let parts = row.path.split('/').map(|part| match part {
            "{name}" => "eve",
            part if part.starts_with('{') => "x",
            part => part,
        });
        let path = parts.collect::<Vec<_>>().join("/");
        for asks in &all {
            let key = match asks {
                Asks::Nobody => "",
                Asks::Agent(key) | Asks::Person(_, key) => key,
            };
            let method: Method = row.method.parse().unwrap();
            let mut request = server.ask(method, &path, key);
            if row.method != "GET" {
                request = request.json(&json!({}));
            }
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            // A stream that was let through has no end to wait for.
            let code = if matches!(status, 401 | 403) {
                let body: Value = response.json().await.unwrap();
                body["code"].as_str().map(str::to_owned)
            } else {
                None
            };
            let who = match asks {
                Asks::Nobody => "nobody".to_owned(),
                Asks::Agent(_) => "an agent".to_owned(),
                Asks::Person(role, _) => role.to_string(),
            };
            let expect = expected(row.who, asks);
            // A login that proves nothing is refused by what it proves, whoever sends it.
            let proves = row.who == Who::Anybody && row.path.starts_with("/v1/session/");
            if !proves {
                assert_eq!(code.as_deref(), expect, "{} {path} by {who}: {status}", row.method);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_several_roles_has_the_rights_of_each_and_no_other() {
    let server = Server::start().await;
    let body = json!({ "holder": "operator", "name": "eve", "roles": ["approver", "auditor"], "groups": ["leads"] });
    let key = server.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned();
    let who = server.get("/v1/whoami", &key).await.ok();
    assert_eq!(who["roles"], json!(["approver", "auditor"]));
    server.post("/v1/journal/verify", &key, json!({})).await.ok();
    let stop = json!({ "scope": "tenant:local", "level": "pause", "reason": "x" });
    assert_eq!(server.post("/v1/stops", &key, stop).await.problem(403), "CR-4002");
    let listed = server.sees("/v1/keys").await;
    let mine = listed["items"].as_array().unwrap().iter().find(|one| one["name"] == "eve").unwrap();
    assert_eq!(
        (&mine["roles"], &mine["groups"]),
        (&json!(["approver", "auditor"]), &json!(["leads"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_without_a_row_is_not_served() {
    let server = Server::start().await;
    for (method, path) in
        [(Method::PUT, "/v1/calls"), (Method::DELETE, "/v1/keys"), (Method::PATCH, "/mcp")]
    {
        let said = Said::of(server.ask(method.clone(), path, &server.keys.operator)).await;
        assert_eq!(said.problem(400), "CR-1010", "{method} {path}");
    }
}
