//! Calls that take effect later: they wait in the outbox, can be withdrawn, and leave once, when nothing stands in their way.
//! The desk keeps every letter that was really sent.

use domain::{Answer, CallId, Code, Executed, Role, Status, StopLevel, StopScope};
use gate::{StopAsk, UndoOrder};

use crate::installation::{Installation, TestGate};
use crate::tickets::{Desk, letter};

type World = Installation<Desk>;

const HOLD_MS: i64 = 60_000;

fn code(answer: &Answer) -> Option<Code> {
    answer.error.as_ref().map(|error| error.code)
}

fn queued(world: &World, gate: &TestGate) -> CallId {
    let answer = world.asks(gate, letter("bo"));
    assert_eq!(code(&answer), Some(Code::InOutbox), "{answer:?}");
    assert_eq!((answer.status, answer.executed), (Status::Held, Executed::No));
    answer.call.unwrap()
}

fn passes(world: &World, gate: &TestGate, millis: i64) {
    world.clock.jump(millis);
    world.finish(gate.tick()).unwrap();
}

#[test]
fn a_letter_leaves_when_its_time_came_and_not_before() {
    let (world, gate) = World::of_the_desk("");
    let answer = world.asks(&gate, letter("bo"));
    let call = answer.call.unwrap();
    let offer = answer.undo.clone().unwrap();
    assert_eq!(offer.how, format!("checkrein undo apply {call}"));
    assert!(answer.error.unwrap().message.starts_with("NOT EXECUTED YET"));
    passes(&world, &gate, HOLD_MS - 1);
    assert!(world.letters().is_empty());
    assert_eq!(code(&world.collect(&gate, call)), Some(Code::InOutbox));
    passes(&world, &gate, 1);
    assert_eq!(world.letters(), ["bo"]);
    let told = world.collect(&gate, call);
    assert_eq!((told.status, told.executed), (Status::Succeeded, Executed::Yes), "{told:?}");
    passes(&world, &gate, 10 * HOLD_MS);
    assert_eq!(world.letters(), ["bo"]);
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn the_identical_letter_joins_the_one_that_waits() {
    let (world, gate) = World::of_the_desk("");
    let call = queued(&world, &gate);
    let again = world.asks(&gate, letter("bo"));
    assert_eq!((again.call, again.replayed), (Some(call), true));
    passes(&world, &gate, HOLD_MS);
    assert_eq!(world.letters(), ["bo"]);
}

#[test]
fn what_is_withdrawn_is_never_sent_whoever_withdraws_it() {
    for by_agent in [true, false] {
        let (world, gate) = World::of_the_desk("");
        let call = queued(&world, &gate);
        let answer = match by_agent {
            true => {
                let caller = world.finish(gate.identify(&world.agent)).unwrap().agent().unwrap();
                world.finish(gate.withdraw(&caller, call, "not now".to_owned())).unwrap()
            }
            false => {
                let by = world.person(&gate);
                world.finish(gate.undo(&by, call, UndoOrder::Asked))
            }
        };
        assert_eq!((code(&answer), answer.executed), (Some(Code::Withdrawn), Executed::No));
        assert_eq!(answer.undo, None);
        passes(&world, &gate, 2 * HOLD_MS);
        assert!(world.letters().is_empty());
        assert_eq!(world.cell(call, "state"), "cancelled");
        // It is free to be written anew.
        queued(&world, &gate);
    }
}

#[test]
fn nothing_leaves_while_its_scope_is_stopped_and_all_of_it_afterwards() {
    let (world, gate) = World::of_the_desk("");
    let call = queued(&world, &gate);
    let by = world.person(&gate);
    let ask = StopAsk {
        scope: StopScope::Tool("sim.letter".parse().unwrap()),
        level: StopLevel::Suspend,
        reason: "to be safe".to_owned(),
    };
    let stop = world.finish(gate.stop(&by, ask)).unwrap().stop.id;
    passes(&world, &gate, HOLD_MS);
    let before = world.store.lock().unwrap().all(gate::Table::Calls).len();
    for _ in 0..5 {
        passes(&world, &gate, 1_000);
    }
    assert!(world.letters().is_empty());
    assert_eq!(world.store.lock().unwrap().all(gate::Table::Calls).len(), before);
    assert_eq!(world.cell(call, "state"), "queued");
    let (gate, _) = {
        drop(gate);
        world.open()
    };
    world.desk_rules(&gate, "\n// another life\n");
    passes(&world, &gate, 1_000);
    assert!(world.letters().is_empty(), "the stop outlives the process");
    let by = world.person(&gate);
    world.finish(gate.lift(&by, stop, "it is over".to_owned())).unwrap();
    passes(&world, &gate, 1_000);
    assert_eq!(world.letters(), ["bo"]);
}

#[test]
fn it_is_judged_again_when_it_leaves() {
    let (world, gate) = World::of_the_desk("");
    let call = queued(&world, &gate);
    world.desk_rules(
        &gate,
        "\n@id(\"no-letters\")\n@reason(\"nobody writes any more\")\nforbid (principal, action == Action::\"sim.letter\", resource);\n",
    );
    passes(&world, &gate, HOLD_MS);
    assert!(world.letters().is_empty());
    assert_eq!(world.cell(call, "state"), "denied");
    assert_eq!(code(&world.collect(&gate, call)), Some(Code::PolicyDenied));
}

#[test]
fn what_people_approved_still_stands_when_it_leaves_and_is_not_asked_again() {
    let (world, gate) = World::of_the_desk(
        "\n@id(\"ask-letter\")\n@hold(\"group:operators\")\n@decide_by(\"2m\")\n@execute_by(\"30s\")\n@reason(\"somebody reads it first\")\nforbid (principal, action == Action::\"sim.letter\", resource)\nunless { context.approvals.contains(\"ask-letter\") };\n",
    );
    let held = world.asks(&gate, letter("bo"));
    assert_eq!(code(&held), Some(Code::Held));
    let call = held.call.unwrap();
    world.approve(&gate, call);
    assert_eq!(code(&world.collect(&gate, call)), Some(Code::InOutbox));
    passes(&world, &gate, HOLD_MS);
    assert_eq!(world.letters(), ["bo"]);
    assert_eq!(world.cell(call, "state"), "succeeded");
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn a_letter_outlives_its_process_and_its_run() {
    let (world, gate) = World::of_the_desk("");
    let call = queued(&world, &gate);
    drop(gate);
    let (gate, _) = world.open();
    world.desk_rules(&gate, "\n// another life\n");
    let again = world.asks(&gate, letter("bo"));
    assert_eq!((again.call, again.replayed), (Some(call), true), "{again:?}");
    // The ambient run ends by itself long before this letter leaves.
    let caller = world.finish(gate.identify(&world.agent)).unwrap();
    let run = world.cell(call, "run").parse().unwrap();
    let outcome = domain::Outcome {
        status: domain::OutcomeStatus::Succeeded,
        reason: String::new(),
        metric: None,
        evidence: Vec::new(),
    };
    world.finish(gate.end_run(&caller, run, outcome)).unwrap();
    passes(&world, &gate, HOLD_MS);
    assert_eq!(world.letters(), ["bo"]);
}

#[test]
fn what_could_not_leave_for_long_never_leaves() {
    let (world, gate) = World::of_the_desk("");
    let call = queued(&world, &gate);
    let by = world.person(&gate);
    let grant = world.cell(call, "grant_id").parse().unwrap();
    world.finish(gate.revoke_grant(&by, grant, "gone".to_owned())).unwrap();
    passes(&world, &gate, HOLD_MS);
    assert!(world.letters().is_empty());
    let overdue = i64::try_from(domain::limits::OUTBOX_OVERDUE_MAX.as_millis()).unwrap();
    passes(&world, &gate, overdue);
    assert_eq!(world.cell(call, "state"), "denied");
    assert!(world.letters().is_empty());
}

#[test]
fn a_letter_is_sent_once_wherever_the_process_ends() {
    for polls in 1..200 {
        let (world, gate) = World::of_the_desk("");
        let call = queued(&world, &gate);
        world.clock.jump(HOLD_MS);
        let ended = world.until(polls, gate.tick()).is_some();
        drop(gate);
        let (gate, _) = world.open();
        world.desk_rules(&gate, "\n// another life\n");
        passes(&world, &gate, 1_000);
        passes(&world, &gate, 1_000);
        // Never twice, and what was found not to have been sent is not sent by itself.
        let state = world.cell(call, "state");
        let sent = usize::from(state == "succeeded");
        assert!(sent == 1 || state == "failed", "after {polls} polls: {state}");
        assert_eq!(world.letters().len(), sent, "after {polls} polls: {state}");
        if ended {
            return;
        }
    }
    panic!("it never ended");
}

#[test]
fn only_who_may_operate_withdraws() {
    let (world, gate) = World::of_the_desk("");
    let call = queued(&world, &gate);
    let viewer = world.somebody(&gate, ("vi", &[Role::Viewer], &[]));
    let answer = world.finish(gate.undo(&viewer, call, UndoOrder::Asked));
    assert_eq!(code(&answer), Some(Code::NotAllowed));
    assert_eq!(world.cell(call, "state"), "queued");
}
