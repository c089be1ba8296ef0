//! Lists: complete, bounded, and fresh before the next call.
//! What is listed wrongly makes a server unusable as a whole; what cannot be used alone is left out.

use std::collections::BTreeSet;

use domain::{Executed, limits};
use gate::ToolErrorKind;

use super::*;

#[tokio::test]
async fn ten_thousand_tools_are_listed_page_by_page() {
    let many = format!("tools={}", limits::SERVER_TOOLS_MAX - 32);
    let offer = World::evil(&["modern", &many]).offer().await;
    assert_eq!(offer.tools.len(), limits::SERVER_TOOLS_MAX);
    assert_eq!(offer.tools[0].wire, "echo");
    let digests: BTreeSet<Digest> = offer.tools.iter().map(|tool| tool.digest).collect();
    assert_eq!(digests.len(), offer.tools.len());
    assert_eq!(offer.tools[0].digest, contract::digest_of(&offer.tools[0].raw));
}

#[tokio::test]
async fn lists_that_are_too_long_or_run_in_circles_are_refused() {
    let many = format!("tools={}", limits::SERVER_TOOLS_MAX + 1);
    for (word, part) in [
        (many.as_str(), "more than 10000"),
        ("loop", "comes back to the same page"),
        ("double", "lists the tool `echo` twice"),
        ("version=2099-01-01", "2099-01-01"),
    ] {
        let world = World::evil(&["modern", word]);
        let error = world.upstreams.offer(&evil()).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        assert!(matches!(world.standing().state, State::Refused { .. }), "{word}");
    }
}

#[tokio::test]
async fn a_tool_without_a_name_is_left_out_and_that_is_shown() {
    let world = World::evil(&["modern", "ill"]);
    assert_eq!(world.offer().await.tools.len(), 32);
    assert_eq!(world.standing().left_out.len(), 3);
    world.assert_serves().await;
}

#[tokio::test]
async fn tools_that_change_mid_call_do_not_touch_that_call_and_stop_the_next_one() {
    let world = World::evil(&["modern", "changing"]);
    let mut changes = world.upstreams.changes();
    let before = world.accepted("changes").await;
    let reply = world.carry_out(&before, TIMEOUT).await.unwrap();
    assert_eq!(reply.output["content"][0]["text"], "changed");
    let stale = (Executed::No, ToolErrorKind::Stale);
    assert_failed(world.carry_out(&before, TIMEOUT).await, stale, "another definition");
    while changes.recv().await.unwrap() != Change::Offer(evil()) {}
    let after = world.accepted("changes").await;
    assert_ne!(before.upstream, after.upstream);
    assert!(world.carry_out(&after, TIMEOUT).await.is_ok());
}

#[tokio::test]
async fn lists_that_are_too_old_are_read_again_before_the_next_call() {
    use super::http::listings;
    let (endpoint, world) = super::http::short_lived().await;
    let invocation = world.accepted("echo").await;
    assert!(world.carry_out(&invocation, TIMEOUT).await.is_ok());
    assert!(world.carry_out(&invocation, TIMEOUT).await.is_ok());
    assert_eq!(listings(&endpoint), 1, "a server may not make us list before each call");
    tokio::time::pause();
    tokio::time::advance(limits::SERVER_LISTS_FRESH.0).await;
    tokio::time::resume();
    assert!(world.carry_out(&invocation, TIMEOUT).await.is_ok());
    assert_eq!(listings(&endpoint), 2);
}

#[tokio::test]
async fn however_often_lists_change_they_are_read_only_so_often() {
    let world = World::evil(&["modern"]);
    assert!(world.call("changes_on").await.is_ok());
    world.assert_serves().await;
    let lists = world.call("lists").await.unwrap().output["structuredContent"].as_u64().unwrap();
    assert!((2..10).contains(&lists), "{lists}");
}

#[tokio::test]
async fn a_server_that_is_set_aside_is_gone_until_it_is_restarted() {
    let world = World::evil(&["modern"]);
    world.offer().await;
    let mut changes = world.upstreams.changes();
    world.upstreams.set_aside(&evil(), "enough").unwrap();
    assert_eq!(changes.recv().await.unwrap(), Change::Gone(evil()));
    let away = world.upstreams.offer(&evil()).await.unwrap_err();
    assert!(away.to_string().contains("enough"), "{away}");
    assert_eq!(world.standing().state, State::SetAside { why: "enough".to_owned() });
    assert!(world.upstreams.is_set_aside(&evil()));
    world.upstreams.restart(&evil()).unwrap();
    assert_eq!(changes.recv().await.unwrap(), Change::Offer(evil()));
    world.assert_serves().await;
    assert_eq!(world.standing().starts, 2);
}
