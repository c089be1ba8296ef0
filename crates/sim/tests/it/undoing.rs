//! Acts that are taken back by another call: armed before they happen, completed by their answer, undone once.
//! The desk of tickets counts its own deletions; what the gate says is compared with that.

use domain::{Answer, Code, Executed, Role, Status};
use gate::{ActReport, ActUndo, UndoAsk, UndoOrder, UndoScope};
use serde_json::{Map, Value, json};

use crate::installation::{Installation, TestGate};
use crate::tickets::{Desk, Manner, create, letter};

type World = Installation<Desk>;

fn undo(world: &World, gate: &TestGate, call: domain::CallId) -> Answer {
    world.finish(gate.undo(&world.person(gate), call, UndoOrder::Asked))
}

fn ask(scope: UndoScope, last: Option<u32>) -> UndoAsk {
    UndoAsk { scope, last, told: Map::new() }
}

fn told(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn code(answer: &Answer) -> Option<Code> {
    answer.error.as_ref().map(|error| error.code)
}

#[test]
fn an_act_is_taken_back_by_its_inverse_call_and_only_once() {
    let (world, gate) = World::of_the_desk("");
    let (call, answer) = world.makes(&gate);
    let offer = answer.undo.unwrap();
    assert_eq!(offer.how, format!("checkrein undo apply {call}"));
    let done = undo(&world, &gate, call);
    assert_eq!((done.status, done.executed), (Status::Succeeded, Executed::Yes), "{done:?}");
    assert_ne!(done.call, Some(call), "a call of its own");
    assert_eq!(*world.tool.deletions.lock().unwrap(), [json!({"id": "t0", "project": "p"})]);
    assert_eq!(world.cell(call, "undo"), "undone");
    assert_eq!(world.cell(done.call.unwrap(), "undoes"), call.to_string());
    assert_eq!(code(&undo(&world, &gate, call)), Some(Code::UndoImpossible));
    assert_eq!(world.deletions(), 1);
    assert!(world.store.lock().unwrap().drift().is_empty());
}

#[test]
fn what_the_answer_never_told_is_said_and_a_person_can_tell_it() {
    let (world, gate) = World::of_the_desk("");
    world.manner(Manner::Mute);
    let (call, answer) = world.makes(&gate);
    assert_eq!(answer.undo, None);
    assert!(answer.warnings.iter().any(|text| text.contains("output `/id`")), "{answer:?}");
    let refused = undo(&world, &gate, call);
    assert_eq!(code(&refused), Some(Code::UndoImpossible));
    assert!(refused.error.unwrap().message.contains("never told"));
    world.manner(Manner::Well);
    let by = world.person(&gate);
    let tell =
        |value: Value| world.finish(gate.undo_told(&by, call, (UndoOrder::Asked, told(&value))));
    // What was written down stands: nobody turns an undo against something else.
    assert_eq!(code(&tell(json!({"id": "t0", "project": "other"}))), Some(Code::InvalidRequest));
    assert_eq!(world.deletions(), 0);
    assert_eq!(tell(json!({"id": "t0"})).status, Status::Succeeded);
    assert_eq!(*world.tool.deletions.lock().unwrap(), [json!({"id": "t0", "project": "p"})]);
}

#[test]
fn an_act_whose_inverse_could_not_be_called_says_so_before_it_is_needed() {
    let (world, gate) = World::begin();
    // A contract is there, and nothing reaches the tool.
    world.change_rules(&gate, |text| match text.starts_with("// Policies") {
        true => text,
        false => text + &crate::tickets::TOOLS.replace("sim.delete", "far.delete"),
    });
    let (call, answer) = world.makes(&gate);
    assert_eq!(answer.status, Status::Succeeded);
    assert_eq!(answer.undo, None);
    let warned = |text: &String| text.contains("nothing reaches its inverse `far.delete`");
    assert!(answer.warnings.iter().any(warned), "{answer:?}");
    let by = world.person(&gate);
    let plan = world.finish(gate.undo_plan(&by, ask(UndoScope::Call(call), None))).unwrap();
    assert_eq!(plan[0].outcome, ActUndo::NotUndoable, "{plan:?}");
}

#[test]
fn an_undo_that_was_refused_is_tried_again_and_one_in_doubt_never() {
    let (world, gate) = World::of_the_desk("");
    let (call, _) = world.makes(&gate);
    world.manner(Manner::Refuses);
    assert_eq!(undo(&world, &gate, call).executed, Executed::No);
    assert_eq!(world.cell(call, "undo"), "armed");
    world.manner(Manner::Breaks);
    assert_eq!(undo(&world, &gate, call).status, Status::InDoubt);
    assert_eq!(world.cell(call, "undo"), "in_doubt");
    world.manner(Manner::Well);
    assert_eq!(code(&undo(&world, &gate, call)), Some(Code::UndoImpossible));
    assert_eq!(world.deletions(), 1);
}

#[test]
fn an_act_in_doubt_is_settled_before_it_is_taken_back() {
    let (world, gate) = World::of_the_desk("");
    world.manner(Manner::Breaks);
    let lost = world.asks(&gate, create("one"));
    let call = lost.call.unwrap();
    world.manner(Manner::Well);
    assert_eq!(code(&undo(&world, &gate, call)), Some(Code::InDoubt));
    let by = world.person(&gate);
    let found = (Executed::Yes, "it is there".to_owned());
    world.finish(gate.resolve_doubt(&by, call, found)).unwrap();
    // It happened, and its answer died: the id is what a person must find out.
    assert_eq!(code(&undo(&world, &gate, call)), Some(Code::UndoImpossible));
    let said = (UndoOrder::Asked, told(&json!({"id": "t0"})));
    assert_eq!(world.finish(gate.undo_told(&by, call, said)).status, Status::Succeeded);
    assert_eq!(world.deletions(), 1);
}

#[test]
fn a_part_is_taken_back_only_where_the_contract_says_that_this_is_safe() {
    let safe = |text: String| match text.starts_with("// Policies") {
        true => text + "\n// safe\n",
        false => {
            text + &crate::tickets::TOOLS
                .replace(
                    "window_ms = 3_600_000 } }",
                    "window_ms = 3_600_000, partial = \"safe\" } }",
                )
                .replace("id = \"output:/id\"", "id = \"input:/project\"")
        }
    };
    for (partial, expect) in [(false, Some(Code::UndoImpossible)), (true, None)] {
        let (world, gate) = World::begin();
        match partial {
            true => world.change_rules(&gate, safe),
            false => world.desk_rules(&gate, "\n// as it is\n"),
        }
        world.manner(Manner::Half);
        let (call, answer) = world.makes(&gate);
        assert_eq!(answer.executed, Executed::Partly);
        world.manner(Manner::Well);
        let by = world.person(&gate);
        let tell = if partial { json!({}) } else { json!({"id": "t0"}) };
        let undone = world.finish(gate.undo_told(&by, call, (UndoOrder::Asked, told(&tell))));
        assert_eq!(code(&undone), expect, "{undone:?}");
    }
}

#[test]
fn an_order_approves_what_its_person_may_decide_alone_and_nothing_else() {
    let asks = |more: &str| {
        format!(
            "\n@id(\"ask-delete\")\n@hold(\"group:operators\")\n{more}@reason(\"it is gone then\")\nforbid (principal, action == Action::\"sim.delete\", resource)\nunless {{ context.approvals.contains(\"ask-delete\") }};\n"
        )
    };
    let (world, gate) = World::of_the_desk(&asks(""));
    let (call, _) = world.makes(&gate);
    assert_eq!(undo(&world, &gate, call).status, Status::Succeeded);
    let (world, gate) = World::of_the_desk(&asks("@quorum(\"2\")\n"));
    let (call, _) = world.makes(&gate);
    let refused = undo(&world, &gate, call);
    assert_eq!(code(&refused), Some(Code::PolicyDenied), "{refused:?}");
    assert_eq!(world.deletions(), 0);
    assert_eq!(world.cell(call, "undo"), "armed", "somebody else may still order it");
    let stranger = world.somebody(&gate, ("tom", &[Role::Operator], &["others"]));
    let (world, gate) = World::of_the_desk(&asks(""));
    let (call, _) = world.makes(&gate);
    let refused = world.finish(gate.undo(&stranger, call, UndoOrder::Asked));
    assert_eq!(code(&refused), Some(Code::PolicyDenied), "{refused:?}");
}

fn outcomes(report: &[ActReport]) -> Vec<(&str, ActUndo)> {
    report.iter().map(|act| (act.tool.as_str(), act.outcome)).collect()
}

#[test]
fn a_report_says_of_every_act_what_became_of_it_newest_first() {
    let (world, gate) = World::of_the_desk("");
    let run = world.run(&gate, "work", 100).id;
    let within = |proposal: domain::Proposal| domain::Proposal { run: Some(run), ..proposal };
    let make = |manner| {
        world.manner(manner);
        let answer = world.asks(&gate, within(create(&format!("{manner:?}"))));
        gate.delivered(answer.call.unwrap());
        world.clock.jump(1_000);
        answer.call.unwrap()
    };
    let first = make(Manner::Well);
    make(Manner::Mute);
    world.manner(Manner::Well);
    let send = json!({"to": "x", "amount": 1});
    world.asks(&gate, within(domain::Proposal::bare("sim.send".to_owned(), send)));
    world.clock.jump(1_000);
    make(Manner::Breaks);
    world.manner(Manner::Well);
    let waits = world.asks(&gate, within(letter("b")));
    assert_eq!(code(&waits), Some(Code::InOutbox));
    let by = world.person(&gate);
    let plan = world.finish(gate.undo_plan(&by, ask(UndoScope::Run(run), None))).unwrap();
    let planned = [
        ("sim.letter", ActUndo::Possible),
        ("sim.create", ActUndo::InDoubt),
        ("sim.send", ActUndo::NotUndoable),
        ("sim.create", ActUndo::NotUndoable),
        ("sim.create", ActUndo::Possible),
    ];
    assert_eq!(outcomes(&plan), planned);
    assert!(plan[2].why.contains("irreversible"), "{plan:?}");
    assert!(plan[3].why.contains("never told"), "{plan:?}");
    assert_eq!((world.deletions(), world.letters().len()), (0, 0), "looking changes nothing");
    let asked = ask(UndoScope::Run(run), None);
    let done = world.finish(gate.undo_all(&by, asked, UndoOrder::Asked)).unwrap();
    let became: Vec<ActUndo> = done.iter().map(|act| act.outcome).collect();
    let expect = [
        ActUndo::Withdrawn,
        ActUndo::InDoubt,
        ActUndo::NotUndoable,
        ActUndo::NotUndoable,
        ActUndo::Undone,
    ];
    assert_eq!(became, expect);
    assert_eq!(done[4].call, first);
    assert_eq!(world.deletions(), 1);
    world.clock.jump(120_000);
    world.finish(gate.tick()).unwrap();
    assert!(world.letters().is_empty(), "withdrawn is withdrawn");
}

#[test]
fn the_last_acts_of_an_agent_are_counted_across_its_runs() {
    let (world, gate) = World::of_the_desk("");
    let mut calls = Vec::new();
    for _ in 0..3 {
        let run = world.run(&gate, "work", 10).id;
        let proposal = domain::Proposal { run: Some(run), ..create("one") };
        let call = world.asks(&gate, proposal).call.unwrap();
        gate.delivered(call);
        calls.push(call);
        world.clock.jump(1_000);
    }
    let by = world.person(&gate);
    let last = || ask(UndoScope::Agent("builder".parse().unwrap()), Some(2));
    let done = world.finish(gate.undo_all(&by, last(), UndoOrder::Asked)).unwrap();
    let undone: Vec<_> = done.iter().map(|act| (act.call, act.outcome)).collect();
    assert_eq!(undone, [(calls[2], ActUndo::Undone), (calls[1], ActUndo::Undone)]);
    // What is taken back is no act any more: two more are asked for, and one is left.
    let done = world.finish(gate.undo_all(&by, last(), UndoOrder::Asked)).unwrap();
    assert_eq!(done.iter().map(|act| act.call).collect::<Vec<_>>(), [calls[0]]);
    assert_eq!(world.deletions(), 3);
}

#[test]
fn files_of_several_acts_stand_as_before_whichever_are_taken_back_at_once() {
    use crate::scripts::{Scripts, deploy};
    let (world, gate) = Installation::<Scripts>::begin();
    let run = world.run(&gate, "work", 100).id;
    for (path, content) in
        [("a", "1"), ("b", "1"), ("c/d", "1"), ("a", "2"), ("c", "1"), ("b", "2")]
    {
        let arguments = json!({"path": path, "content": content});
        let proposal = domain::Proposal { arguments, run: Some(run), ..deploy() };
        let done = world.propose(&gate, proposal);
        assert_eq!(done.status, Status::Succeeded, "{done:?}");
        gate.delivered(done.call.unwrap());
        world.clock.jump(1_000);
    }
    let by = world.person(&gate);
    let asked = ask(UndoScope::Run(run), None);
    let done = world.finish(gate.undo_all(&by, asked, UndoOrder::Asked)).unwrap();
    assert!(done.iter().all(|act| act.outcome == ActUndo::Undone), "{done:?}");
    assert!(world.tool.files.lock().unwrap().is_empty());
}

#[test]
fn an_undo_happens_once_wherever_its_process_ends() {
    for forgets in [false, true] {
        for polls in 1..200 {
            let (world, gate) = World::of_the_desk("");
            *world.tool.forgets.lock().unwrap() = forgets;
            let (call, _) = world.makes(&gate);
            let by = world.person(&gate);
            let ended = world.until(polls, gate.undo(&by, call, UndoOrder::Asked)).is_some();
            drop(gate);
            let (gate, _) = world.open();
            world.desk_rules(&gate, "\n// another life\n");
            let state = world.cell(call, "undo");
            let (expect, again) = match state.as_str() {
                "armed" => (0, true),
                "undone" => (1, false),
                "in_doubt" => (world.deletions(), false),
                other => panic!("after {polls} polls: {other}"),
            };
            assert_eq!(world.deletions(), expect, "after {polls} polls: {state}");
            let second = undo(&world, &gate, call);
            assert_eq!(second.status == Status::Succeeded, again, "after {polls} polls: {state}");
            assert!(world.deletions() <= 1, "after {polls} polls");
            assert!(world.store.lock().unwrap().drift().is_empty());
            if ended {
                break;
            }
        }
    }
}
