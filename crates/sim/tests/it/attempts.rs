//! Attempts: another one only where nothing can happen twice, each with its entries and its permit; and what stands in.
//! The tools are scripted, the clock is simulated; real servers are in `crates/tools`.

use domain::{Code, Executed, Status, StopLevel, StopScope};
use gate::{StopAsk, Table};

use crate::installation::Installation;
use crate::provider::{Does, Provider, of};

type World = Installation<Provider>;

#[test]
fn what_certainly_did_not_happen_is_tried_again_and_answered_once() {
    let (world, gate) = World::provided();
    world.does(&[Does::Busy, Does::Away, Does::Makes]);
    let answer = world.ask(&gate, of("sim.make", "a"));
    assert_eq!((answer.status, answer.executed), (Status::Succeeded, Executed::Yes), "{answer:?}");
    assert_eq!((answer.attempts, world.reached(), world.made()), (3, 3, 1));
    let kinds = world.kinds(answer.call.unwrap());
    let expected = [
        "CallAdmitted",
        "AttemptFailed",
        "AttemptAdmitted",
        "AttemptFailed",
        "AttemptAdmitted",
        "CallSettled",
    ];
    assert_eq!(kinds, expected);
    assert!(answer.cost.calls == 1 && world.clock.elapsed() > 0, "it waited between them");
}

#[test]
fn nothing_that_may_have_happened_is_sent_again() {
    for lost in [Does::LosesAnswer, Does::LosesRequest] {
        let (world, gate) = World::provided();
        world.does(&[Does::Busy, lost]);
        let answer = world.ask(&gate, of("sim.make", "a"));
        assert_eq!(world.reached(), 2, "{lost:?}: the busy one was tried again, the lost one not");
        assert_eq!(answer.attempts, 2, "{answer:?}");
        assert!(world.made() <= 1);
    }
}

#[test]
fn an_error_that_nobody_declared_for_it_is_not_tried_again() {
    let (world, gate) = World::provided();
    world.does(&[Does::Refuses]);
    let answer = world.ask(&gate, of("sim.make", "a"));
    assert_eq!((answer.status, answer.attempts, world.reached()), (Status::Failed, 1, 1));
    assert_eq!(world.column((Table::DeadLetters, answer.call.unwrap()), "state"), "");
}

#[test]
fn a_key_that_the_provider_knows_makes_two_attempts_one_act() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesAnswer, Does::Makes]);
    let answer = world.ask(&gate, of("sim.keyed", "a"));
    assert_eq!((answer.status, answer.attempts), (Status::Succeeded, 2), "{answer:?}");
    assert_eq!((world.reached(), world.made()), (2, 1), "the provider saw both, and made one");
    let reached = world.tool.reached.lock().unwrap().clone();
    assert!(reached.iter().all(|(_, key)| key.is_some() && *key == reached[0].1), "one key");
    world.does(&[Does::Makes]);
    world.ask(&gate, of("sim.keyed", "b"));
    let other = world.tool.reached.lock().unwrap().last().unwrap().1.clone();
    assert_ne!(other, reached[0].1, "another call has another key");
}

#[test]
fn a_later_no_does_not_settle_what_an_earlier_attempt_may_have_done() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesAnswer, Does::Busy, Does::Busy]);
    let answer = world.ask(&gate, of("sim.keyed", "a"));
    assert_eq!(
        (answer.status, answer.executed),
        (Status::InDoubt, Executed::Unknown),
        "{answer:?}"
    );
    assert_eq!((answer.attempts, world.made()), (3, 1));
    let (world, gate) = World::provided();
    world.does(&[Does::LosesAnswer, Does::Refuses]);
    let answer = world.ask(&gate, of("sim.keyed", "a"));
    assert_eq!((answer.status, answer.attempts), (Status::InDoubt, 2), "{answer:?}");
}

#[test]
fn a_stop_ends_the_waiting_and_nothing_starts_after_it() {
    let (world, gate) = World::provided();
    world.does(&[Does::Busy, Does::Makes]);
    let answer = {
        let mut call = Box::pin(gate.handle(&world.agent, of("sim.make", "a")));
        assert!(world.passing_until(0, &mut call).is_none(), "it waits for its next attempt");
        assert_eq!(world.reached(), 1);
        let by = world.person(&gate);
        let (scope, level) = (StopScope::Everything, StopLevel::Suspend);
        let reason = "no more".to_owned();
        world.finish(gate.stop(&by, StopAsk { scope, level, reason })).unwrap();
        world.passing(call)
    };
    assert_eq!((answer.status, answer.executed), (Status::Failed, Executed::No), "{answer:?}");
    assert_eq!((answer.attempts, world.reached(), world.made()), (1, 1, 0));
    assert!(answer.warnings.iter().any(|text| text.contains("no more")), "{answer:?}");
    assert_eq!(world.column((Table::DeadLetters, answer.call.unwrap()), "why"), "interrupted");
}

#[test]
fn a_revoked_grant_ends_the_waiting() {
    let (world, gate) = World::provided();
    world.does(&[Does::Busy, Does::Makes]);
    let answer = {
        let mut call = Box::pin(gate.handle(&world.agent, of("sim.make", "a")));
        assert!(world.passing_until(0, &mut call).is_none());
        let grant = world.finish(gate.identify(&world.agent)).unwrap().agent().unwrap().grant;
        let by = world.person(&gate);
        world.finish(gate.revoke_grant(&by, grant, "gone".to_owned())).unwrap();
        world.passing(call)
    };
    assert_eq!((answer.executed, world.reached()), (Executed::No, 1), "{answer:?}");
}

#[test]
fn an_end_between_two_attempts_leaves_no_doubt_and_one_after_them_does() {
    let (world, gate) = World::provided();
    world.does(&[Does::Busy, Does::Makes]);
    let mut call = Box::pin(gate.handle(&world.agent, of("sim.make", "a")));
    assert!(world.passing_until(0, &mut call).is_none());
    drop(call);
    drop(gate);
    let (gate, report) = world.again();
    assert_eq!((report.reverted.len(), report.in_doubt.len()), (1, 0), "{report}");
    drop(gate);
    assert_eq!(world.made(), 0);
}

#[test]
fn a_call_without_attempts_left_is_a_dead_letter() {
    let (world, gate) = World::provided();
    world.does(&[Does::Busy, Does::Busy, Does::Busy, Does::Makes]);
    let answer = world.ask(&gate, of("sim.make", "a"));
    assert_eq!((answer.status, answer.attempts), (Status::Failed, 3));
    assert_eq!(world.column((Table::DeadLetters, answer.call.unwrap()), "why"), "used_up");
    assert_eq!(world.finish(gate.dead_letters()).unwrap().open, 1);
}

#[test]
fn a_read_is_tried_again_without_a_commit_and_counts_its_attempts() {
    let (world, gate) = World::provided();
    world.does(&[Does::Away]);
    let answer = world.ask(&gate, of("sim.find", "a"));
    assert_eq!((answer.status, answer.attempts), (Status::Succeeded, 2), "{answer:?}");
    assert_eq!(world.kinds(answer.call.unwrap()), ["ReadSettled"]);
}

#[test]
fn another_tool_stands_in_as_a_call_of_its_own() {
    let (world, gate) = World::provided();
    world.does(&[Does::Refuses, Does::Makes]);
    let answer = world.ask(&gate, of("sim.fragile", "a"));
    assert_eq!((answer.status, world.made()), (Status::Succeeded, 1), "{answer:?}");
    let reached = world.tool.reached.lock().unwrap().clone();
    let (first, second) = (reached[0].0, reached[1].0);
    assert_eq!(answer.call, Some(second));
    assert!(answer.warnings.iter().any(|text| text.contains(&first.to_string())), "{answer:?}");
    assert_eq!(world.column((Table::Calls, first), "followed_by"), second.to_string());
    assert_eq!(world.column((Table::Calls, second), "follows"), first.to_string());
}

#[test]
fn a_retry_of_what_failed_over_gets_the_answer_of_its_stand_in() {
    let (world, gate) = World::provided();
    let keyed = || domain::Proposal { key: Some("k1".to_owned()), ..of("sim.fragile", "a") };
    world.does(&[Does::Refuses, Does::Makes]);
    let first = world.ask(&gate, keyed());
    let again = world.ask(&gate, keyed());
    assert_eq!((again.call, again.replayed), (first.call, true), "{again:?}");
    assert_eq!((again.status, world.reached(), world.made()), (Status::Succeeded, 2, 1));
}

#[test]
fn nothing_stands_in_for_what_may_have_happened_or_does_not_fit() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesAnswer]);
    let answer = world.ask(&gate, of("sim.fragile", "a"));
    assert_eq!((answer.status, world.reached()), (Status::InDoubt, 1), "{answer:?}");
    let (world, gate) = World::provided();
    world.does(&[Does::Refuses]);
    let answer = world.ask(&gate, of("sim.fragile", "longer than the other takes"));
    assert_eq!((answer.status, world.reached()), (Status::Failed, 1), "{answer:?}");
    assert!(answer.warnings.iter().any(|text| text.contains("not called instead")), "{answer:?}");
}

#[test]
fn what_cannot_be_reached_is_left_alone_and_takes_no_budget() {
    let (world, gate) = World::provided();
    let run = world.own_run(&gate);
    let call = |title: &str| domain::Proposal { run: Some(run), ..of("sim.fragile", title) };
    world.does(&[Does::LosesRequest; 5]);
    for title in ["a", "b", "c", "d", "e"] {
        world.ask(&gate, call(title));
    }
    let reached = world.reached();
    let answer = world.ask(&gate, call("f"));
    let code = answer.error.as_ref().map(|error| error.code);
    assert_eq!((code, answer.executed), (Some(Code::UpstreamAway), Executed::No), "{answer:?}");
    assert_eq!((world.reached(), gate.broken().len()), (reached, 1), "nothing was sent");
    world.clock.jump(1_000);
    let answer = world.ask(&gate, call("g"));
    assert_eq!((answer.status, gate.broken().len()), (Status::Succeeded, 0), "{answer:?}");
}
