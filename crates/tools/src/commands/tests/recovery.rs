//! What becomes of a command's call that a crash left without an outcome.
//!
//! That a half applied plan is finished or reverted at every cut is tested with the files tools, which apply it.

use gate::{Recovered, Unfinished};

use super::*;

fn recover(world: &World, plan: Option<Plan>) -> Recovered {
    // As the gate gives it after a crash: without the command line.
    let invocation = Invocation { command: None, ..script("true") };
    wait(world.commands.recovered(Unfinished { invocation, plan }))
}

fn happened(recovered: Recovered) -> Reply {
    match recovered {
        Recovered::Happened(reply) => reply,
        other @ (Recovered::DidNotHappen { .. }
        | Recovered::Partly { .. }
        | Recovered::Unknown { .. }) => {
            panic!("{other:?}")
        }
    }
}

#[test]
fn a_plan_that_was_applied_or_changes_nothing_answers_with_its_execution() {
    let world = World::new();
    let plan = world.preview(&script("echo out; exit 4")).unwrap();
    let reply = happened(recover(&world, Some(plan)));
    assert_eq!(
        (output(&reply, "exit_code"), output(&reply, "stdout")),
        (&json!(4), &json!("out\n"))
    );
    let (plan, before) = world.run("echo out; echo n >n");
    assert_eq!(happened(recover(&world, Some(plan))), before);
}

#[test]
fn a_plan_of_which_nothing_was_done_did_not_happen() {
    let world = World::new();
    let plan = world.preview(&script("echo n >n")).unwrap();
    assert!(matches!(recover(&world, Some(plan)), Recovered::DidNotHappen { .. }));
    assert_eq!(world.tree(), Tree::new());
}

#[test]
fn nobody_can_tell_of_a_command_without_plan() {
    let world = World::new();
    assert!(matches!(recover(&world, None), Recovered::Unknown { .. }));
    let plan = Plan { execution: None, ..world.preview(&script("true")).unwrap() };
    assert!(matches!(recover(&world, Some(plan)), Recovered::Unknown { .. }));
}
