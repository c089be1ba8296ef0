//! What becomes of calls whose server behaves: results, errors of its own, what travels beside them.
//! Nothing here misbehaves; that is in `stdio.rs` and `http/hostile.rs`.

use domain::{Executed, UpstreamPart};
use gate::ToolErrorKind;
use mcp::Revision;
use serde_json::json;

use super::*;

const ERAS: [&str; 2] = ["modern", "legacy"];

#[tokio::test]
async fn a_call_gets_the_servers_result_with_every_field_in_both_eras() {
    for era in ERAS {
        let world = World::evil(&[era]);
        let reply = world.call("echo").await.unwrap();
        assert_eq!(reply.output["structuredContent"], json!({ "text": "hello" }), "{era}");
        assert_eq!(reply.output["unknown"], json!({ "kept": [1, null] }), "{era}");
        assert!(reply.warnings.is_empty() && reply.effects.is_empty());
        let offer = world.offer().await;
        assert_eq!(offer.info.as_ref().unwrap()["name"], "evil");
        assert!(offer.instructions.is_none(), "nobody let it");
        world.upstreams.stop().await;
    }
}

#[tokio::test]
async fn text_from_outside_is_cleaned_and_that_is_said() {
    let reply = World::evil(&["modern"]).call("hidden").await.unwrap();
    assert_eq!(reply.output["content"][0]["text"], "abc[0m\nd");
    assert_eq!(reply.warnings.len(), 1, "{:?}", reply.warnings);
}

#[tokio::test]
async fn what_a_server_forges_of_ours_is_taken_out() {
    let reply = World::evil(&["modern"]).call("meta").await.unwrap();
    assert_eq!(reply.output["_meta"], json!({ "other": 1 }));
}

#[tokio::test]
async fn a_modern_server_is_told_what_the_client_can_do_as_far_as_anybody_lets_it_ask() {
    let told = async |parts: &[Part]| {
        let one = spec("evil", Way::Stdio(child(&["modern"])));
        let world = World::with(vec![offering(one, parts)]);
        let invocation = world.accepted("meta").await;
        let _line = world.conversations.open(invocation.call, client(Revision::V2026July));
        world.carry_out(&invocation, TIMEOUT).await.unwrap().output["structuredContent"].clone()
    };
    let key = "io.modelcontextprotocol/clientCapabilities";
    let meta = told(&[Part::Questions]).await;
    assert_eq!(meta[key], json!({ "elicitation": {}, "sampling": {}, "roots": {} }));
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    assert_eq!(meta["io.modelcontextprotocol/clientInfo"]["name"], "checkrein");
    assert_eq!(meta["io.modelcontextprotocol/logLevel"], "info");
    assert_eq!(meta["traceparent"], "00-1-2-01");
    assert!(meta["progressToken"].is_i64(), "a token of ours: {meta}");
    assert_eq!(told(&[]).await[key], json!({}));
}

#[tokio::test]
async fn a_servers_own_error_is_in_doubt_for_a_change_and_nothing_for_a_read() {
    let world = World::evil(&["modern"]);
    let invocation = world.accepted("is_error").await;
    for (touch, executed) in [(Touch::Something, Executed::Unknown), (Touch::Nothing, Executed::No)]
    {
        let attempt = attempt(&invocation, TIMEOUT, touch);
        let outcome = world.upstreams.carry_out(&attempt).await;
        let error = assert_failed(outcome, (executed, ToolErrorKind::Failed), "no such[31m row");
        assert_eq!(error.own_code.as_deref(), Some("tool_error"));
        let said = error.asks.unwrap();
        assert_eq!(said["content"][0]["text"], "no such[31m row");
        assert_eq!(said["structuredContent"], json!({ "why": 7 }));
    }
}

#[tokio::test]
async fn an_error_of_the_protocol_says_whether_the_server_began() {
    let world = World::evil(&["modern"]);
    for (code, executed) in [
        (-32_602, Executed::Unknown),
        (-32_601, Executed::No),
        (-32_600, Executed::No),
        (-32_021, Executed::No),
        (-32_603, Executed::Unknown),
        (-1, Executed::Unknown),
    ] {
        let mut invocation = world.accepted("rpc_error").await;
        invocation.arguments = json!({ "code": code });
        let outcome = world.carry_out(&invocation, TIMEOUT).await;
        let error = assert_failed(outcome, (executed, ToolErrorKind::Failed), "refused");
        let data = json!({ "kept": true });
        let said = json!({ "error": { "code": code, "message": "refused", "data": data } });
        assert_eq!(error.asks, Some(said));
    }
}

#[tokio::test]
async fn another_definition_than_the_accepted_one_is_not_called() {
    let world = World::evil(&["modern"]);
    let mut invocation = world.accepted("echo").await;
    invocation.upstream.as_mut().unwrap().definition = contract::digest(b"another");
    let stale = (Executed::No, ToolErrorKind::Stale);
    assert_failed(world.carry_out(&invocation, TIMEOUT).await, stale, "another definition");
    let invocation = world.accepted("nowhere").await;
    assert_failed(world.carry_out(&invocation, TIMEOUT).await, stale, "no longer");
}

#[tokio::test]
async fn parts_that_nobody_confirmed_are_refused_before_anything_is_sent() {
    let world = World::evil(&["modern"]);
    for part in [UpstreamPart::Resource, UpstreamPart::Prompt, UpstreamPart::Completion] {
        let invocation = call(part, "x", Digest::default(), json!({ "uri": "x:y" }));
        let outcome = world.carry_out(&invocation, TIMEOUT).await;
        assert_failed(outcome, (Executed::No, ToolErrorKind::Unconfirmed), "nobody confirmed");
    }
}

#[tokio::test]
async fn a_stop_is_looked_at_right_before_the_bytes_leave() {
    let world = World::evil(&["modern"]);
    let invocation = world.accepted("echo").await;
    let stopped = super::super::problem::not_executed(ToolErrorKind::Stopped, "stopped");
    let allowed: &Allowed<'_> = &|| Err(stopped.clone());
    let attempt = Attempt {
        invocation: &invocation,
        timeout: TIMEOUT,
        allowed,
        signal: gate::StopSignal::never(),
        touch: Touch::Something,
    };
    let outcome = world.upstreams.carry_out(&attempt).await;
    assert_failed(outcome, (Executed::No, ToolErrorKind::Stopped), "stopped");
    world.assert_serves().await;
}

#[tokio::test]
async fn a_server_that_nobody_configured_is_said_to_be_missing() {
    let world = World::with(Vec::new());
    let invocation = call(UpstreamPart::Tool, "x", Digest::default(), json!({}));
    let outcome = world.carry_out(&invocation, TIMEOUT).await;
    assert_failed(outcome, (Executed::No, ToolErrorKind::Missing), "no server `evil`");
}
