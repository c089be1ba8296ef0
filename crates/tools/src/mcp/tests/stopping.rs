//! A stop cancels a request that is under way, by whatever its server is reached; what the server answers in time counts,
//! and else nobody knows.

use domain::{Stop, StopId, StopLevel, StopScope, StopState, Timestamp};
use gate::{StopSignal, Teller};
use uuid::Uuid;

use super::real::{everything, fixture};
use super::*;

/// A signal of a stop that has come already; nothing else says so, as if it came right after the last look.
fn told() -> (Teller, StopSignal) {
    let (teller, signal) = StopSignal::by_hand();
    teller.tell(Stop {
        id: StopId::new(Uuid::from_u128(3)),
        scope: StopScope::Server(evil()),
        level: StopLevel::Suspend,
        reason: "enough".to_owned(),
        by: "olga".parse().unwrap(),
        at: Timestamp::from_millis(1),
        state: StopState::InForce,
    });
    (teller, signal)
}

async fn stopped(world: &World, invocation: &Invocation) -> (Result<Reply, ToolError>, Teller) {
    let (teller, signal) = told();
    let attempt = Attempt { signal, ..attempt(invocation, TIMEOUT, Touch::Something) };
    (world.upstreams.carry_out(&attempt).await, teller)
}

#[tokio::test]
async fn a_stop_is_told_to_the_server_and_its_answer_still_waited_for() {
    let world = World::evil(&["modern"]);
    let invocation = world.accepted("never").await;
    let begun = Instant::now();
    let (outcome, teller) = stopped(&world, &invocation).await;
    let error = assert_failed(outcome, (Executed::Unknown, ToolErrorKind::Stopped), "enough");
    assert!(error.message.contains("asked to cancel"), "{error}");
    assert!(begun.elapsed() >= limits::CANCELLED_ANSWERED_WITHIN);
    assert_eq!(teller.ended(), (0, 1));
    world.assert_complains("cancelled ").await;
    world.assert_serves().await;
}

#[tokio::test]
async fn what_a_server_answers_after_it_was_asked_to_cancel_counts() {
    let world = World::evil(&["modern"]);
    let invocation = world.accepted("echo").await;
    let (outcome, _) = stopped(&world, &invocation).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// The official SDK sees the cancellation: its fixture leaves a line when a call is cancelled.
async fn is_cancelled_at(world: &World) {
    let arguments = json!({ "ms": 600_000 });
    let invocation = Invocation { arguments, ..world.accepted("wait").await };
    let (outcome, teller) = stopped(world, &invocation).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.executed, Executed::Unknown, "{error:?}");
    assert_eq!(teller.ended(), (0, 1));
    let until = Instant::now() + TIMEOUT;
    let mut asked = 0;
    loop {
        let append = world.accepted("append").await;
        let lines = world.carry_out(&append, TIMEOUT).await.unwrap().output;
        asked += 1;
        if lines["structuredContent"]["lines"].as_i64() == Some(asked + 1) {
            return;
        }
        assert!(Instant::now() < until, "the server never heard of it: {lines}");
    }
}

#[tokio::test]
async fn a_server_of_the_official_sdk_hears_of_a_stop_over_its_pipe() {
    let program = fixture().to_str().unwrap().to_owned();
    for only in [&[][..], &["--only", "2025-11-25"]] {
        let command = [&[program.as_str(), "stdio"], only].concat();
        let child =
            Stdio { command: command.iter().map(|&word| word.to_owned()).collect(), ..child(&[]) };
        let world = World::with(vec![offering(spec("evil", Way::Stdio(child)), &everything())]);
        is_cancelled_at(&world).await;
        world.upstreams.stop().await;
    }
}
