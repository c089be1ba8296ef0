//! A flood of questions is an attack on the people who answer them: the agent that asks is suspended, with one stop that
//! says what it asked. Other agents, and what waits already, go on.

use domain::{Code, Proposal, Status, StopScope};
use gate::{ApprovalRules, FourEyes};
use serde_json::json;

use crate::installation::Installation;
use crate::scripts::{Scripts, deploy};

type World = Installation<Scripts>;

fn asks(number: u64) -> Proposal {
    Proposal { arguments: json!({"path": "prod", "content": format!("text {number}")}), ..deploy() }
}

#[test]
fn an_agent_that_floods_people_is_suspended_with_one_summary() {
    let (world, gate) = World::begin();
    drop(gate);
    world.approvals.set(ApprovalRules { four_eyes: FourEyes::Waived, asks_max: 3 });
    let (gate, _) = world.open();
    let held: Vec<_> = (0..3).map(|number| world.propose(&gate, asks(number))).collect();
    assert!(held.iter().all(|answer| answer.status == Status::Held));
    // A retry is no new question.
    assert_eq!(world.propose(&gate, asks(0)).call, held.first().unwrap().call);
    let flood = world.propose(&gate, asks(3));
    assert_eq!(flood.error.as_ref().unwrap().code, Code::Stopped, "{flood:?}");
    let stops = gate.stops();
    let [stop] = stops.as_slice() else { panic!("{stops:?}") };
    assert_eq!(stop.by.as_str(), "checkrein");
    assert!(matches!(&stop.scope, StopScope::Agent(_, agent) if agent.as_str() == "builder"));
    assert_eq!(stop.reason, "it asked people for 4 calls within 60 s: 4 of sim.write");
    assert_eq!(world.propose(&gate, asks(4)).error.unwrap().code, Code::Stopped);
    // It holds over a restart, and what waits goes on when it is lifted.
    drop(gate);
    let (gate, _) = world.open();
    assert_eq!(gate.stops().len(), 1);
    let first = held.first().unwrap().call.unwrap();
    world.approve(&gate, first);
    assert_eq!(world.collect(&gate, first).status, Status::Held);
    let person = world.person(&gate);
    world.finish(gate.lift(&person, stop.id, "it was a loop".to_owned())).unwrap();
    assert_eq!(world.collect(&gate, first).status, Status::Succeeded);
    assert_eq!(world.propose(&gate, asks(5)).status, Status::Held);
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn asks_that_are_far_apart_are_no_flood() {
    let (world, gate) = World::begin();
    drop(gate);
    world.approvals.set(ApprovalRules { four_eyes: FourEyes::Waived, asks_max: 3 });
    let (gate, _) = world.open();
    for number in 0..8 {
        assert_eq!(world.propose(&gate, asks(number)).status, Status::Held);
        world.clock.jump(20_001);
    }
    assert!(gate.stops().is_empty());
}
