//! Doubt: looked into by a read, never sent again; what builds on it waits, and what stays too long becomes a dead letter.
//! Tools lose their answers as the script says; the probe is a read of the same scripted world.

use domain::{Executed, Proposal, Status, StopLevel, StopScope};
use gate::{StopAsk, Table};

use crate::installation::Installation;
use crate::provider::{Does, Provider, of};

type World = Installation<Provider>;

#[test]
fn a_lost_answer_is_found_by_the_probe_while_its_caller_waits() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesAnswer]);
    let answer = world.ask(&gate, of("sim.make", "a"));
    assert_eq!((answer.status, answer.executed), (Status::Succeeded, Executed::Yes), "{answer:?}");
    assert_eq!((world.reached(), world.made()), (1, 1));
    let call = answer.call.unwrap();
    let kinds = world.kinds(call);
    assert_eq!(kinds, ["CallAdmitted", "CallLost", "CallProbed", "CallResolved", "AnswerGiven"]);
    let probe = world.column((Table::Calls, call), "probed_by").parse().unwrap();
    assert_eq!(world.kinds(probe), ["ReadSettled"], "a call of its own");
}

#[test]
fn what_the_probe_does_not_see_is_not_done_only_after_a_while() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesRequest]);
    let answer = world.ask(&gate, of("sim.make", "a"));
    assert_eq!((answer.status, world.reached()), (Status::InDoubt, 1), "it may be under way");
    let call = answer.call.unwrap();
    world.clock.jump(50_000);
    world.passing(gate.tick()).unwrap();
    assert_eq!(world.column((Table::Calls, call), "state"), "in_doubt");
    world.clock.jump(400_000);
    world.passing(gate.tick()).unwrap();
    assert_eq!(world.column((Table::Calls, call), "state"), "failed");
    assert_eq!(world.column((Table::Calls, call), "executed"), "no");
    assert_eq!(world.made(), 0, "nothing was sent again");
}

#[test]
fn a_doubt_is_looked_into_after_a_restart_and_by_a_person() {
    let (world, gate) = World::provided();
    world.does(&[
        Does::LosesAnswer,
        Does::Away,
        Does::Away,
        Does::Away,
        Does::Away,
        Does::Away,
        Does::Away,
    ]);
    let answer = world.ask(&gate, of("sim.make", "a"));
    assert_eq!(answer.status, Status::InDoubt, "the probe could not look: {answer:?}");
    let call = answer.call.unwrap();
    drop(gate);
    let (gate, report) = world.again();
    assert_eq!(report.in_doubt, [call]);
    let by = world.person(&gate);
    let found = world.passing(gate.probe(&by, call)).unwrap();
    assert_eq!(found.found, Executed::Yes);
    assert_eq!(world.column((Table::Calls, call), "state"), "succeeded");
    assert!(world.passing(gate.probe(&by, call)).is_err(), "it is settled");
    assert_eq!((world.reached(), world.made()), (1, 1));
}

#[test]
fn a_stop_holds_for_probes_too() {
    let (world, gate) = World::provided();
    world.does(&[Does::LosesRequest]);
    let call = world.ask(&gate, of("sim.make", "a")).call.unwrap();
    let looked = world.tool.looked.lock().unwrap().len();
    let by = world.person(&gate);
    let (scope, level) = (StopScope::Everything, StopLevel::Suspend);
    let reason = "no more".to_owned();
    world.finish(gate.stop(&by, StopAsk { scope, level, reason })).unwrap();
    let found = world.passing(gate.probe(&by, call)).unwrap();
    assert_eq!(found.found, Executed::Unknown, "{found:?}");
    assert_eq!(world.tool.looked.lock().unwrap().len(), looked);
}

#[test]
fn what_builds_on_a_call_in_doubt_waits_and_others_are_told() {
    let (world, gate) = World::provided();
    let run = world.own_run(&gate);
    let within = |proposal: Proposal| Proposal { run: Some(run), ..proposal };
    world.does(&[Does::LosesRequest]);
    let lost = world.ask(&gate, within(of("sim.fragile", "a"))).call.unwrap();
    let same = world.ask(&gate, within(of("sim.keyed", "a")));
    assert_eq!(same.status, Status::Held, "{same:?}");
    let asked = world.asked(same.call.unwrap());
    assert!(asked.iter().any(|(id, _)| id == domain::IN_DOUBT_RULE), "{asked:?}");
    let other = world.ask(&gate, within(of("sim.keyed", "b")));
    assert_eq!(other.status, Status::Succeeded, "{other:?}");
    assert!(other.warnings.iter().any(|text| text.contains(&lost.to_string())), "{other:?}");
    let elsewhere = world.own_run(&gate);
    let free = Proposal { run: Some(elsewhere), ..of("sim.make", "a") };
    assert_eq!(world.ask(&gate, free).status, Status::Succeeded, "another run");
    let by = world.person(&gate);
    let found = (Executed::No, "not there".to_owned());
    world.finish(gate.resolve_doubt(&by, lost, found)).unwrap();
    let after = world.ask(&gate, within(of("sim.make", "a")));
    assert_eq!(after.status, Status::Succeeded, "nobody doubts any more: {after:?}");
}
