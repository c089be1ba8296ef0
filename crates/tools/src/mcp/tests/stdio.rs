//! Children that misbehave: each harms the call it answers badly, and nobody else, and nothing hangs.
//! Each kind of misbehaviour is a tool of `checkrein-tools-server`.

use std::time::Instant;

use domain::{Executed, limits};
use gate::ToolErrorKind;
use mcp::Revision;

use super::*;

const DOUBT: (Executed, ToolErrorKind) = (Executed::Unknown, ToolErrorKind::Failed);
const LATE: (Executed, ToolErrorKind) = (Executed::Unknown, ToolErrorKind::TimedOut);

#[tokio::test]
async fn a_server_that_never_answers_costs_one_call_its_time() {
    let world = World::evil(&["modern"]);
    assert_failed(world.call_shortly("never").await, LATE, "no answer within");
    world.assert_serves().await;
}

#[tokio::test]
async fn an_answer_to_nobody_is_recorded_and_reaches_nobody() {
    for tool in ["other_id", "text_id"] {
        let world = World::evil(&["modern"]);
        assert_failed(world.call_shortly(tool).await, LATE, "no answer within");
        world.assert_serves().await;
        assert!(world.standing().faults.iter().any(|fault| fault.contains("nobody waits for")));
    }
}

#[tokio::test]
async fn a_second_answer_is_recorded_and_changes_nothing() {
    let world = World::evil(&["modern"]);
    let reply = world.call("twice").await.unwrap();
    assert_eq!(reply.output["content"][0]["text"], "twice");
    world.assert_serves().await;
    assert_eq!(world.standing().faults_all, 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_fails_its_call_at_once() {
    for (tool, part) in
        [("invalid_utf8", "not UTF-8"), ("deep", "nested deeper"), ("old_jsonrpc", "jsonrpc")]
    {
        let world = World::evil(&["modern"]);
        let begun = Instant::now();
        assert_failed(world.call(tool).await, DOUBT, part);
        assert!(begun.elapsed() < TIMEOUT / 2, "{tool}");
        world.assert_serves().await;
        assert_eq!(world.standing().faults_all, 1, "{tool}");
    }
}

#[tokio::test]
async fn a_batch_is_no_answer() {
    let world = World::evil(&["modern"]);
    assert_failed(world.call_shortly("batch").await, LATE, "no answer within");
    assert!(world.standing().faults[0].contains("batches"));
    world.assert_serves().await;
}

#[tokio::test]
async fn an_error_without_id_belongs_to_the_only_call() {
    let world = World::evil(&["legacy"]);
    assert_failed(world.call("null_id").await, DOUBT, "-32700");
}

#[tokio::test]
async fn words_between_messages_are_skipped_and_recorded() {
    let world = World::evil(&["modern"]);
    assert!(world.call("junk").await.is_ok());
    assert_eq!(world.standing().faults_all, 20);
}

#[tokio::test]
async fn a_gigabyte_is_not_read_and_the_server_is_made_anew() {
    let world = World::evil(&["modern"]);
    assert_failed(world.call("huge").await, DOUBT, "longer than the allowed");
    world.assert_serves().await;
    assert_eq!(world.standing().starts, 2);
}

#[tokio::test]
async fn a_server_that_dies_leaves_doubt_for_what_was_sent_and_is_started_again() {
    for (tool, part) in [("dies", "ended"), ("closes", "its output has ended")] {
        let world = World::evil(&["modern"]);
        let waiting = world.accepted("never").await;
        let (other, dead) = tokio::join!(world.carry_out(&waiting, TIMEOUT), async {
            world.assert_complains("never").await;
            world.call(tool).await
        });
        assert_failed(dead, DOUBT, part);
        assert_failed(other, DOUBT, part);
        world.assert_serves().await;
        assert_eq!(world.standing().starts, 2, "{tool}");
    }
}

#[tokio::test]
async fn floods_end_the_connection_and_reach_no_other_server() {
    for tool in ["flood", "asks_on", "newlines"] {
        let other = spec("other", Way::Stdio(child(&["modern"])));
        let world = World::with(vec![spec("evil", Way::Stdio(child(&["legacy"]))), other]);
        let flooded = world.accepted(tool).await;
        let mut calm = world.accepted("echo").await;
        calm.upstream.as_mut().unwrap().server = name("other");
        let (flooded, calm) =
            tokio::join!(world.carry_out(&flooded, TIMEOUT), world.carry_out(&calm, TIMEOUT));
        assert!(calm.is_ok());
        assert_failed(flooded, DOUBT, "");
        world.assert_serves().await;
        assert_eq!(world.standing().starts, 2, "{tool}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_read_is_not_waited_for() {
    let world = World::evil(&["modern"]);
    let deaf = world.accepted("deaf").await;
    // More than any pipe holds.
    let mut large = world.accepted("echo").await;
    large.arguments = json!({ "text": "x".repeat(1 << 20) });
    let (deaf, large) = tokio::join!(world.carry_out(&deaf, SHORT), async {
        tokio::task::yield_now().await;
        world.carry_out(&large, SHORT).await
    });
    assert_eq!(deaf.unwrap_err().executed, Executed::Unknown);
    // A part of it left: nobody can tell.
    assert_eq!(large.unwrap_err().executed, Executed::Unknown);
    world.assert_serves().await;
}

#[tokio::test]
async fn the_era_is_found_whatever_a_server_does_with_a_question_it_does_not_know() {
    for (era, revision) in [
        ("modern", Revision::V2026July),
        ("legacy", Revision::V2025November),
        ("mute", Revision::V2025November),
        ("mortal", Revision::V2025November),
    ] {
        let world = World::evil(&[era]);
        assert_eq!(world.offer().await.revision, revision, "{era}");
        world.assert_serves().await;
        assert_eq!(world.standing().starts, 1, "{era}");
    }
}

#[tokio::test]
async fn old_revisions_are_spoken_and_unknown_ones_refused() {
    let world = World::evil(&["legacy", "version=2024-11-05"]);
    assert_eq!(world.offer().await.revision, Revision::V2024November);
    let world = World::evil(&["legacy", "version=1999-01-01"]);
    let error = world.upstreams.offer(&evil()).await.unwrap_err();
    assert!(error.to_string().contains("1999-01-01"), "{error}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told_at_once() {
    let mut missing = child(&[]);
    missing.command = vec!["/nowhere/at-all".to_owned()];
    let world = World::with(vec![spec("evil", Way::Stdio(missing))]);
    let begun = Instant::now();
    let error = world.upstreams.offer(&evil()).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Away { .. }), "{error}");
    assert!(begun.elapsed() < limits::SERVER_READY_WITHIN / 2);
}

#[tokio::test]
async fn a_cancelled_call_is_cancelled_at_the_server_and_still_waited_for() {
    let world = World::evil(&["modern"]);
    let invocation = world.accepted("never").await;
    let line = world.conversations.open(invocation.call, client(Revision::V2026July));
    line.cancel();
    let begun = Instant::now();
    let outcome = world.carry_out(&invocation, TIMEOUT).await;
    assert_failed(outcome, DOUBT, "cancelled");
    assert!(begun.elapsed() >= limits::CANCELLED_ANSWERED_WITHIN);
    world.assert_complains("cancelled ").await;
    world.assert_serves().await;
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_cancelled() {
    let world = World::evil(&["modern"]);
    let invocation = world.accepted("never").await;
    let dropped = tokio::time::timeout(SHORT, world.carry_out(&invocation, TIMEOUT)).await;
    assert!(dropped.is_err());
    world.assert_complains("cancelled ").await;
    world.assert_serves().await;
}

#[tokio::test]
async fn the_last_words_on_standard_error_are_kept_cleaned() {
    let world = World::evil(&["modern"]);
    world.assert_complains("ready, with a word in [31mred[0m").await;
}

#[tokio::test]
async fn a_server_is_made_anew_when_somebody_wants_it() {
    let world = World::evil(&["modern"]);
    world.assert_serves().await;
    let mut changes = world.upstreams.changes();
    world.upstreams.restart(&evil()).unwrap();
    assert_eq!(changes.recv().await.unwrap(), Change::Gone(evil()));
    world.assert_serves().await;
    assert_eq!(world.standing().starts, 2);
    assert_eq!(changes.recv().await.unwrap(), Change::Offer(evil()));
}

#[tokio::test]
async fn ended_servers_are_gone_even_those_that_would_not_end() {
    for era in ["modern", "undying"] {
        let world = World::evil(&[era]);
        world.assert_serves().await;
        world.upstreams.stop().await;
        assert_eq!(world.standing().state, State::Ended);
        let error = world.upstreams.offer(&evil()).await.unwrap_err();
        assert!(error.to_string().contains("being ended"), "{error}");
    }
}

#[tokio::test]
async fn a_jailed_server_serves_as_well() {
    let mut jailed = child(&["modern"]);
    jailed.jailed = Jailed::Yes;
    let directory = program("checkrein-tools-server").parent().unwrap().to_owned();
    jailed.reads = vec![directory];
    let world = World::with(vec![spec("evil", Way::Stdio(jailed))]);
    world.assert_serves().await;
    world.upstreams.stop().await;
}

#[tokio::test]
async fn a_child_that_chatters_on_standard_error_is_not_listened_to_without_end() {
    let world = World::evil(&["modern"]);
    let cpu = || rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let used = |since: rustix::time::Timespec| Duration::try_from(cpu() - since).unwrap();
    let begun = cpu();
    let chatters = world.accepted("chatters").await;
    let outcome = world.carry_out(&chatters, Duration::from_secs(3)).await;
    assert_failed(outcome, LATE, "no answer within");
    assert!(used(begun) < Duration::from_secs(2), "{:?}", used(begun));
}

#[tokio::test]
async fn a_child_gets_the_variables_that_were_declared_and_its_secrets_are_masked() {
    let mut one = child(&["modern"]);
    let secret = super::super::credentials::Secret::new("a-secret-of-the-house");
    one.environment = vec![
        ("SECRET".to_owned(), Variable::Secret(secret)),
        ("PLAIN".to_owned(), Variable::Plain("x".to_owned())),
    ];
    let world = World::with(vec![spec("evil", Way::Stdio(one))]);
    world.assert_serves().await;
    world.assert_complains("secret ").await;
    let said = world.standing().stderr;
    assert!(said.iter().all(|line| !line.contains("a-secret-of-the-house")), "{said:?}");
    let variables = said.iter().find_map(|line| line.strip_prefix("variables ")).unwrap();
    let mut variables: Vec<&str> = variables.split(' ').collect();
    variables.sort_unstable();
    assert_eq!(variables, ["PATH", "PLAIN", "SECRET"]);
}
