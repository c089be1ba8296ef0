//! Do policies about tools of servers hold from the first moment, and does one tool that they do not fit harm no other?
//! Policies are files of the installation, as an operator writes them.

use serde_json::json;

use super::{calls, classified, stands, tool, until};
use crate::mcp::upstream::{Speaks, Upstream};
use crate::world::{Server, code};

const ONE: &str = r#"
@id("small") @reason("only a few")
permit (principal, action == Action::"up.count", resource) when { context.args.most < 10 };
@id("rest") permit (principal, action == Action::"up.notes", resource);
"#;

fn count(kind: &str) -> serde_json::Value {
    json!({ "name": "count", "description": "Lists counts.",
        "inputSchema": { "type": "object", "properties": { "most": { "type": kind } }, "required": ["most"] } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_name_a_tool_before_its_server_was_ever_seen() {
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![count("integer"), tool("notes", "Lists notes.")]);
    let place = up.place("");
    place.write("policies/all.cedar", ONE);
    let server = Server::at(place).await;
    stands(&server, "up.count", "pinned").await;
    classified(&server, "up.count", "pure").await;
    let most =
        async |most: i64| calls(&server, "up.count", json!({ "most": most })).await.envelope();
    assert_eq!(code(&most(20).await), "CR-2001");
    assert_ne!(code(&most(5).await), "CR-2001");
    assert_eq!(up.sent("tools/call").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_the_policies_do_not_fit_is_held_back_alone_now_and_at_the_next_start() {
    let up = Upstream::start(Speaks::Modern).await;
    up.offers(vec![count("integer"), tool("notes", "Lists notes.")]);
    let place = up.place("");
    place.write("policies/all.cedar", ONE);
    let mut server = Server::at(place).await;
    stands(&server, "up.count", "pinned").await;
    classified(&server, "up.notes", "pure").await;
    up.offers(vec![count("string"), tool("notes", "Lists notes.")]);
    stands(&server, "up.count", "drifted").await;
    let offered = server.sees("/v1/tools/up.count/diff").await["offered"].clone();
    let accepted = server.does("/v1/tools/up.count/accept", json!({ "definition": offered })).await;
    for start in 0..2 {
        let held =
            until(&server, "/v1/tools/up.count", |shown| shown["tool"]["offered"] == true).await;
        assert_eq!(held["tool"]["standing"], "held_back", "{accepted}");
        let why = held["upstream"]["held_back"]["message"].as_str().unwrap();
        assert!(why.contains("policies") && why.contains("all.cedar:"), "{why}");
        let answer = calls(&server, "up.count", json!({ "most": "5" })).await.envelope();
        assert_eq!(code(&answer), "CR-3011", "{answer:?}");
        let sent = up.sent("tools/call").len();
        calls(&server, "up.notes", json!({})).await.envelope();
        assert_eq!(up.sent("tools/call").len(), sent + 1, "start {start}");
        server = server.again().await;
    }
}
