//! An approval is for exactly what was shown (P4): each bound part is changed between the yes and the run. Whatever moved,
//! nothing runs on the old yes; a new request takes its place, linked both ways, and says what is different.

use domain::{CallId, Code, Operator, Status};
use gate::{Brief, Table};
use serde_json::json;

use crate::installation::{Installation, TestGate};
use crate::scripts::{Scripts, after, deploy, script};

type World = Installation<Scripts>;

fn code(answer: &domain::Answer) -> Option<Code> {
    answer.error.as_ref().map(|error| error.code)
}

/// A call that writes below `prod/` and was approved.
fn approved(world: &World, gate: &TestGate) -> CallId {
    let call = world.propose(gate, deploy()).call.unwrap();
    world.approve(gate, call);
    call
}

/// The request that took the place of an approved call, seen by a person, and the old one.
fn replaced(world: &World, gate: &TestGate, old: CallId) -> (CallId, Brief, Brief) {
    let by: Operator = world.person(gate);
    let answer = world.collect(gate, old);
    assert!(world.tool.acts.lock().unwrap().is_empty(), "nothing runs on the old yes");
    assert_eq!(answer.status, Status::Held, "{answer:?}");
    let new = answer.call.unwrap();
    assert_ne!(new, old);
    let told = world.collect(gate, old);
    assert_eq!(code(&told), Some(Code::Superseded));
    assert!(told.error.unwrap().fix.contains(&new.to_string()));
    let of = |call| world.finish(gate.brief(&by, world.asked(call).remove(0).1)).unwrap();
    let (before, now) = (of(old), of(new));
    assert_eq!(before.superseded_by.as_ref().unwrap().call, new);
    assert_eq!(now.supersedes.as_ref().unwrap().link.call, old);
    assert!(world.store.lock().unwrap().drift().is_empty());
    (new, before, now)
}

#[test]
fn nothing_moved_and_it_runs_once() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded, "told again");
    assert_eq!(world.tool.acts.lock().unwrap().len(), 1);
}

#[test]
fn another_state_of_a_resource_is_asked_again_with_the_difference() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    world.tool.files.lock().unwrap().insert("prod".to_owned(), "somebody was faster".to_owned());
    let (_, _, now) = replaced(&world, &gate, call);
    let changes = now.supersedes.unwrap().changes;
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(change.path, "plan/prod");
    let (before, after) = (change.before.as_ref().unwrap(), change.after.as_ref().unwrap());
    assert!(before.starts_with("nothing -> file"), "{before}");
    assert!(after.starts_with("file 0644, 19 bytes"), "{after}");
}

/// A caller that was to be told heard of the end of the old call, and of the one that ran nothing.
#[test]
fn who_wants_to_be_told_of_the_end_is_told_of_that_of_the_call_in_its_place() {
    let (world, gate) = World::begin();
    let caller = world.finish(gate.identify(&world.agent)).unwrap().agent().unwrap();
    let (pager, other) = ("pager".parse().unwrap(), "other".parse().unwrap());
    let first = approved(&world, &gate);
    world.finish(gate.ask_callback(&caller, first, &pager)).unwrap();
    world.finish(gate.ask_callback(&caller, first, &pager)).unwrap();
    world.tool.files.lock().unwrap().insert("prod".to_owned(), "somebody was faster".to_owned());
    let (second, _, _) = replaced(&world, &gate, first);
    let wants = |call, outlet| world.finish(gate.wants_callback(call, outlet)).unwrap();
    assert_eq!(wants(second, &pager), Some(first));
    assert_eq!(wants(second, &other), None);
    let goes_on = |call: CallId| {
        let record = world.store.lock().unwrap().read(Table::Calls, &call.to_string()).unwrap();
        gate::goes_on_as(&record)
    };
    assert_eq!((goes_on(first), goes_on(second)), (Some(second), None));
    // Whoever asks late asks of the call that goes on.
    world.finish(gate.ask_callback(&caller, first, &other)).unwrap();
    assert_eq!(wants(second, &other), Some(second));
    // What somebody edited is another act: the end of the old one is told.
    let person = world.person(&gate);
    let (_, approval) = world.asked(second).remove(0);
    let arguments = json!({"path": "prod/other", "content": "edited"});
    let edited = world.finish(gate.edit(&person, approval, (arguments, "not so".to_owned())));
    let third = edited.unwrap().call.unwrap();
    assert_eq!((wants(third, &pager), goes_on(second)), (None, None));
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn another_plan_is_asked_again() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    // The tool no longer finds what it showed, and would do something else besides.
    world.tool.files.lock().unwrap().insert("prod".to_owned(), "moved".to_owned());
    world.tool.besides.lock().unwrap().push(("also".to_owned(), "new".to_owned()));
    let (_, _, now) = replaced(&world, &gate, call);
    let changes = now.supersedes.unwrap().changes;
    assert!(changes.iter().any(|each| each.path == "plan/also" && each.before.is_none()));
}

#[test]
fn another_contract_is_asked_again() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    world.change_rules(&gate, |text| {
        text.replace("writes one or two files", "writes what it likes")
    });
    replaced(&world, &gate, call);
}

#[test]
fn other_people_or_more_or_surer_ones_are_asked_again() {
    let plain = "@hold(\"group:operators\")\n@decide_by(\"2m\")\n@execute_by(\"2m\")\n@reason(\"this changes";
    for (other, told) in [
        (plain.replace("operators", "leads"), "1 of group:leads with assurance key"),
        (
            plain.replace("@decide_by(\"2m\")", "@decide_by(\"2m\")\n@quorum(\"2\")"),
            "2 of group:operators with assurance key",
        ),
        (
            plain.replace("@decide_by(\"2m\")", "@decide_by(\"2m\")\n@assurance(\"passkey\")"),
            "1 of group:operators with assurance passkey",
        ),
    ] {
        let (world, gate) = World::begin();
        let call = approved(&world, &gate);
        world.change_rules(&gate, |text| text.replace(plain, &other));
        let (_, _, now) = replaced(&world, &gate, call);
        let changes = now.supersedes.unwrap().changes;
        let [change] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(change.path, "asked");
        assert_eq!(change.before.as_deref(), Some("1 of group:operators with assurance key"));
        assert_eq!(change.after.as_deref(), Some(told));
    }
}

/// Policy versions come and go; one that asks for the same takes no approval away.
#[test]
fn a_new_policy_that_asks_the_same_keeps_the_approval() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    world.change_rules(&gate, |text| text.replace("reads run alone", "reads need nobody"));
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn a_chain_that_is_another_one_by_now_is_asked_again() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    drop(gate);
    // The store says another version of the agent: as if its grant had been moved to it.
    world
        .store
        .lock()
        .unwrap()
        .set_cell_for_tests((gate::Table::Grants, "agent_version"), gate::Cell::from("2"));
    let (gate, _) = world.open();
    let answer = world.collect(&gate, call);
    assert_eq!(answer.status, Status::Held, "{answer:?}");
    assert_ne!(answer.call, Some(call));
    assert!(world.tool.acts.lock().unwrap().is_empty());
}

#[test]
fn other_arguments_are_another_call_and_share_no_approval() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    let other = domain::Proposal {
        arguments: json!({"path": "prod", "content": "something else"}),
        ..deploy()
    };
    let held = world.propose(&gate, other);
    assert_eq!(held.status, Status::Held, "{held:?}");
    assert_ne!(held.call, Some(call));
    assert_eq!(world.collect(&gate, held.call.unwrap()).status, Status::Held);
    assert_eq!(world.collect(&gate, call).status, Status::Succeeded);
}

#[test]
fn what_it_stands_on_is_bound_too() {
    let (world, gate) = World::begin();
    let first = world.propose(&gate, script("format")).call.unwrap();
    let over = world.propose(&gate, after("derive", first)).call.unwrap();
    world.approve(&gate, over);
    let plain = world.propose(&gate, script("derive"));
    assert_eq!(plain.status, Status::Succeeded, "it stands on nothing and needs no approval");
    assert_eq!(world.collect(&gate, over).status, Status::Held, "it runs after that");
}

/// A waiter and the identical call came at the same moment as the plan moved.
#[test]
fn the_new_request_needs_its_own_yes() {
    let (world, gate) = World::begin();
    let call = approved(&world, &gate);
    world.tool.files.lock().unwrap().insert("prod".to_owned(), "moved".to_owned());
    let (new, old, _) = replaced(&world, &gate, call);
    assert!(old.may_approve.is_err());
    let again = world.propose(&gate, deploy());
    assert_eq!((again.call, again.status), (Some(new), Status::Held), "the identical call joins");
    world.approve(&gate, new);
    assert_eq!(world.collect(&gate, new).status, Status::Succeeded);
    assert_eq!(world.text("prod").as_deref(), Some("written"));
}
