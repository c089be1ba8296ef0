//! A stop that comes between two changes of a plan, at every step: all of it is taken back, or all of it was done.
//! In a real directory, with the stop told by the permit as the gate tells it.

use domain::{Executed, Stop, StopId, StopLevel, StopScope, StopState, Timestamp};
use gate::{StopSignal, ToolErrorKind};

use super::between::between;
use super::cuts::with;
use super::*;

fn stop() -> Stop {
    Stop {
        id: StopId::new(Uuid::from_u128(3)),
        scope: StopScope::Everything,
        level: StopLevel::Suspend,
        reason: "enough".to_owned(),
        by: "olga".parse().unwrap(),
        at: Timestamp::from_millis(1),
        state: StopState::InForce,
    }
}

#[test]
fn a_stop_between_two_changes_takes_back_what_was_done() {
    let (mut stopped, mut done, mut changes) = (0, 0, 0);
    for steps in 0.. {
        let world = World::with(&[("a", "a"), ("b", "b"), ("gone", "g"), ("s/c", "c")]);
        let planned = World::with(&[("a", "A"), ("b", "B"), ("new/d", "d"), ("s/c", "C")]);
        let plan = between(&world, &planned);
        changes = plan.changes.len();
        let before = world.tree();
        let (teller, signal) = StopSignal::by_hand();
        let call = invocation("x.y", Value::Null).call;
        let act = || act::act_unless_stopped(&world.workspace, call, &plan, &signal);
        let (outcome, told) = with(steps, move || teller.tell(stop()), act);
        match outcome {
            Ok(_) => {
                done += 1;
                assert_eq!(world.tree(), planned.tree(), "{steps}");
            }
            Err(error) => {
                stopped += 1;
                let said = (error.kind, error.executed);
                assert_eq!(said, (ToolErrorKind::Stopped, Executed::No), "{steps}: {error}");
                assert!(error.message.contains("enough"), "{error}");
                assert_eq!(world.tree(), before, "{steps}");
            }
        }
        if !told {
            break;
        }
    }
    // Fewer stops than changes would say that not every change is looked at. After the last one it is done.
    assert!(stopped >= changes && done > 0, "{stopped} {done} {changes}");
}
