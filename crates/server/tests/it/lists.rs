//! Lists as screens and people ask for them: filters, text, moments, pages; and what is no filter is refused.
//! That they are quick at a million records is measured by `cargo xtask bench`.

use serde_json::{Value, json};

use crate::world::{PLAIN, Place, Server, writes};

const POLICY: &str = r#"
@id("all")
permit (principal, action, resource);

@id("ask-prod")
@hold("group:oncall")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("prod") }
unless { context.approvals.contains("ask-prod") };

@id("never-secret")
forbid (principal, action == Action::"files.write", resource)
when { context has plan && context.plan.touches.contains("secret") };
"#;

async fn count(server: &Server, path: &str) -> usize {
    let mut after = String::new();
    let mut all = 0;
    loop {
        let page = server.sees(&format!("{path}{after}")).await;
        all += page["items"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

/// Three agents' calls: written, held, denied.
async fn told() -> Server {
    let place = Place::new(PLAIN);
    place.write("policies/own.cedar", POLICY);
    let server = Server::at(place).await;
    for path in ["a.txt", "b.txt", "prod/a.txt", "secret/a.txt"] {
        server.proposes(writes(path, "x\n")).await;
    }
    let body = json!({ "name": "other", "tools": ["*"], "version": "2" });
    let made = server.does("/v1/agents", body).await;
    let key = made["secret"].as_str().unwrap();
    server.post("/v1/calls", key, writes("prod/b.txt", "y\n")).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_lets_through_what_it_says() {
    let server = told().await;
    let call = server.sees("/v1/calls?agent=other").await["items"][0]["call"].clone();
    let call = call.as_str().unwrap();
    for (path, expect) in [
        ("/v1/calls?limit=2", 5),
        ("/v1/calls?limit=2&agent=agent", 4),
        ("/v1/calls?limit=2&agent=other", 1),
        ("/v1/calls?limit=2&agent=other@2", 1),
        ("/v1/calls?limit=2&agent=other@3", 0),
        ("/v1/calls?limit=2&tool=files.write&agent=agent&state=held", 1),
        ("/v1/calls?limit=2&tool=files.read", 0),
        ("/v1/calls?limit=2&verdict=hold", 2),
        ("/v1/calls?limit=2&verdict=deny", 1),
        ("/v1/calls?limit=2&outcome=succeeded", 2),
        ("/v1/calls?limit=2&outcome=denied&first=oldest", 1),
        ("/v1/calls?limit=2&text=PROD/", 2),
        ("/v1/calls?limit=2&since_ms=1", 5),
        ("/v1/calls?limit=2&until_ms=1", 0),
        ("/v1/calls?limit=2&since_ms=9000000000000", 0),
        (&format!("/v1/calls?limit=2&text={call}"), 1),
        ("/v1/runs?limit=1", 2),
        ("/v1/runs?limit=1&agent=other", 1),
        ("/v1/runs?limit=1&human=operator&state=open", 2),
        ("/v1/runs?limit=1&human=nobody", 0),
        ("/v1/runs?limit=1&text=OTHER@2", 1),
        ("/v1/runs?limit=1&since_ms=1&first=oldest", 2),
        ("/v1/runs?limit=1&until_ms=1", 0),
        ("/v1/approvals?limit=1", 2),
        ("/v1/approvals?limit=1&state=pending&agent=other", 1),
        ("/v1/approvals?limit=1&group=oncall", 2),
        ("/v1/approvals?limit=1&group=group:oncall", 2),
        ("/v1/approvals?limit=1&group=leads", 0),
        ("/v1/approvals?limit=1&mine=true", 2),
        ("/v1/approvals?limit=1&state=decided", 0),
        ("/v1/approvals?limit=1&text=b.txt", 1),
        ("/v1/approvals?limit=1&first=newest&since_ms=1", 2),
        ("/v1/keys?limit=1&holder=agent", 2),
        ("/v1/keys?limit=1&holder=operator", 1),
        ("/v1/keys?limit=1&state=revoked", 0),
        ("/v1/agents?limit=1", 2),
        ("/v1/agents?limit=1&state=active", 2),
        ("/v1/agents?limit=1&state=revoked", 0),
        ("/v1/agents?limit=1&text=OTHER", 1),
        ("/v1/incidents?limit=1", 0),
    ] {
        assert_eq!(count(&server, path).await, expect, "{path}");
    }
    let grant = server.sees("/v1/agents?text=other").await["items"][0]["grant"].clone();
    let of_it = format!("/v1/keys?grant={}&limit=1", grant.as_str().unwrap());
    assert_eq!(count(&server, &of_it).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn decided_requests_and_those_of_a_group_are_told_apart() {
    let server = told().await;
    let body =
        json!({ "holder": "operator", "name": "ann", "roles": ["approver"], "groups": ["leads"] });
    let ann = server.does("/v1/keys", body).await["secret"].as_str().unwrap().to_owned();
    let mine = server.get("/v1/approvals?mine=true", &ann).await.ok();
    assert_eq!(mine["items"], json!([]), "ann is no oncall");
    let one = server.sees("/v1/approvals").await["items"][0].clone();
    assert_eq!((&one["tool"], &one["effect_class"]), (&json!("files.write"), &json!("restorable")));
    assert!(one["resource"].as_str().unwrap().contains("prod/a.txt"), "{one}");
    let reject = format!("/v1/approvals/{}/reject", one["approval"].as_str().unwrap());
    server.does(&reject, json!({ "reason": "no" })).await;
    assert_eq!(count(&server, "/v1/approvals?limit=1&state=decided").await, 1);
    assert_eq!(count(&server, "/v1/approvals?limit=1&state=rejected").await, 1);
    assert_eq!(count(&server, "/v1/approvals?limit=1&state=pending").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_come_in_pages_and_are_found_by_text() {
    let server = Server::start().await;
    let all = server.sees("/v1/tools").await;
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|one| one["tool"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names(&all).len() > 4 && all["next"].is_null(), "{all}");
    let first = server.sees("/v1/tools?limit=3").await;
    assert_eq!(names(&first), names(&all)[..3]);
    assert_eq!(first["next"], json!(names(&all)[2]));
    assert_eq!(count(&server, "/v1/tools?limit=3").await, names(&all).len());
    let found = names(&server.sees("/v1/tools?text=WRITE").await);
    assert!(found.contains(&"files.write".to_owned()) && found.len() < names(&all).len());
    let none = server.sees("/v1/tools?limit=2&text=no-such-thing").await;
    assert_eq!((&none["items"], &none["next"]), (&json!([]), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_filter_or_no_value_of_it_is_refused() {
    let server = told().await;
    for path in [
        "/v1/calls?agnet=x",
        "/v1/calls?verdict=maybe",
        "/v1/calls?outcome=fine",
        "/v1/calls?state=waiting",
        "/v1/calls?first=middle",
        "/v1/calls?since_ms=yesterday",
        "/v1/calls?limit=0",
        "/v1/calls?limit=1001",
        "/v1/calls?after=call_nothing",
        "/v1/runs?agents=x",
        "/v1/runs?state=closed",
        "/v1/approvals?state=done",
        "/v1/approvals?mine=perhaps",
        "/v1/keys?holder=robot",
        "/v1/keys?grant=none",
        "/v1/agents?state=gone",
        "/v1/tools?page=2",
        "/v1/incidents?state=lost",
    ] {
        let refused = server.get(path, &server.keys.operator).await;
        assert_eq!(refused.problem(400), "CR-1010", "{path}");
    }
    let long = format!("/v1/runs?text={}", "x".repeat(201));
    assert_eq!(server.get(&long, &server.keys.operator).await.problem(400), "CR-1010");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_sees_its_own_alone_whatever_it_asks_for() {
    let server = told().await;
    let own = server.get("/v1/calls", &server.keys.agent).await.ok();
    assert_eq!(own["items"].as_array().unwrap().len(), 4);
    for path in
        ["/v1/calls?agent=other", "/v1/runs?agent=other", "/v1/calls?text=b.txt&agent=other"]
    {
        let seen = server.get(path, &server.keys.agent).await.ok();
        assert_eq!(seen["items"], json!([]), "{path}");
    }
    let foreign = server.sees("/v1/calls?agent=other").await["items"][0]["call"].clone();
    let after = format!("/v1/calls?after={}", foreign.as_str().unwrap());
    assert_eq!(server.get(&after, &server.keys.agent).await.problem(400), "CR-1010");
}
