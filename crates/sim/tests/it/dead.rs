//! Dead letters: written once, settled once, redriven only if nothing happened, by the clock and by people.
//! The clock is simulated, so that hours pass at once.

use domain::{Code, Executed, Operator, Proposal, Role, Status};
use gate::Table;

use crate::installation::{Installation, TestGate};
use crate::provider::{Does, Provider, of};

type World = Installation<Provider>;

fn dead(world: &World, gate: &TestGate, proposal: Proposal) -> domain::CallId {
    world.does(&[Does::Busy; 3]);
    let answer = world.ask(gate, proposal);
    assert_eq!((answer.status, answer.attempts), (Status::Failed, 3), "{answer:?}");
    answer.call.unwrap()
}

fn state(world: &World, call: domain::CallId) -> String {
    world.column((Table::DeadLetters, call), "state")
}

#[test]
fn a_letter_is_made_again_as_a_new_call_of_the_same_agent() {
    let (world, gate) = World::provided();
    let first = dead(&world, &gate, of("sim.make", "a"));
    let by = world.person(&gate);
    let answer = world.passing(gate.redrive(&by, first, "it is back")).unwrap();
    let second = answer.call.unwrap();
    assert_eq!((answer.status, world.made()), (Status::Succeeded, 1), "{answer:?}");
    assert_ne!(first, second);
    assert_eq!(state(&world, first), "redriven");
    assert_eq!(world.column((Table::DeadLetters, first), "redriven_as"), second.to_string());
    assert_eq!(world.column((Table::Calls, second), "follows"), first.to_string());
    assert_eq!(world.column((Table::Calls, second), "agent_name"), "builder");
    let again = world.passing(gate.redrive(&by, first, "once more")).unwrap_err();
    assert_eq!((again.code, world.made()), (Code::Conflict, 1), "a letter is settled once");
}

#[test]
fn a_key_moves_to_the_call_that_was_made_again() {
    let (world, gate) = World::provided();
    let keyed = || Proposal { key: Some("k1".to_owned()), ..of("sim.make", "a") };
    let first = dead(&world, &gate, keyed());
    let replayed = world.ask(&gate, keyed());
    assert_eq!((replayed.call, replayed.replayed), (Some(first), true), "the key stands for it");
    let by = world.person(&gate);
    let answer = world.passing(gate.redrive(&by, first, "it is back")).unwrap();
    assert_eq!((answer.status, world.made()), (Status::Succeeded, 1), "{answer:?}");
    let replayed = world.ask(&gate, keyed());
    assert_eq!((replayed.call, world.made()), (answer.call, 1), "{replayed:?}");
}

#[test]
fn what_may_have_happened_is_never_made_again() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesAnswer]);
    let call = world.ask(&gate, of("sim.fragile", "a")).call.unwrap();
    world.clock.jump(3_599_000);
    world.passing(gate.tick()).unwrap();
    assert_eq!(state(&world, call), "", "it has an hour");
    world.clock.jump(1_000);
    world.passing(gate.tick()).unwrap();
    world.passing(gate.tick()).unwrap();
    assert_eq!(world.column((Table::DeadLetters, call), "why"), "in_doubt");
    let by = world.person(&gate);
    let refused = world.passing(gate.redrive(&by, call, "please")).unwrap_err();
    assert_eq!((refused.code, world.reached()), (Code::Conflict, 1));
    let found = (Executed::Yes, "seen there".to_owned());
    world.finish(gate.resolve_letter(&by, call, found)).unwrap();
    assert_eq!(state(&world, call), "resolved");
    assert_eq!(world.column((Table::Calls, call), "state"), "succeeded");
    let refused = world.passing(gate.redrive(&by, call, "please")).unwrap_err();
    assert_eq!((refused.code, world.made()), (Code::Conflict, 1));
}

#[test]
fn a_letter_in_doubt_survives_a_restart_and_ends_with_its_doubt() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesAnswer]);
    let call = world.ask(&gate, of("sim.fragile", "a")).call.unwrap();
    world.clock.jump(3_600_000);
    world.passing(gate.tick()).unwrap();
    drop(gate);
    let (gate, _) = world.again();
    world.passing(gate.tick()).unwrap();
    assert_eq!(state(&world, call), "open", "and it was not written twice");
    let by = world.person(&gate);
    world.finish(gate.resolve_doubt(&by, call, (Executed::No, "not there".to_owned()))).unwrap();
    assert_eq!(state(&world, call), "resolved");
    assert!(world.store.lock().unwrap().drift().is_empty(), "rows are those of the entries");
}

#[test]
fn a_letter_is_put_away_with_a_reason_and_its_call_stays_what_it_is() {
    let (world, gate) = World::provided();
    let call = dead(&world, &gate, of("sim.make", "a"));
    let by = world.person(&gate);
    assert!(world.finish(gate.discard_letter(&by, call, " ")).is_err(), "it needs a reason");
    let wrong = world.finish(gate.resolve_letter(&by, call, (Executed::Yes, "x".to_owned())));
    assert_eq!(wrong.unwrap_err().code, Code::Conflict, "it is known that nothing happened");
    world.finish(gate.discard_letter(&by, call, "overtaken")).unwrap();
    assert_eq!(state(&world, call), "discarded");
    assert_eq!(world.column((Table::Calls, call), "state"), "failed");
    assert_eq!(world.finish(gate.dead_letters()).unwrap().open, 0);
}

#[test]
fn only_operators_of_the_tenant_settle_letters() {
    let (world, gate) = World::provided();
    let call = dead(&world, &gate, of("sim.make", "a"));
    let viewer: Operator = world.somebody(&gate, ("vera", &[Role::Viewer], &[]));
    let other = Operator { tenant: "else".parse().unwrap(), ..world.person(&gate) };
    for by in [viewer, other] {
        assert!(world.passing(gate.redrive(&by, call, "x")).is_err());
        assert!(world.finish(gate.discard_letter(&by, call, "x")).is_err());
    }
    assert_eq!(state(&world, call), "open");
}
