//! An act is cut off before each of its steps, as a crash would, and so is its recovery: the tree is always as before
//! or as planned, and says which.
//!
//! Where `crash.rs` kills a real process at moments of chance, this counts: no step is left out. A cut unwinds without
//! anything cleaning up. Instead of a cut, somebody else may write: that stays. What a loss of power does to data that
//! was not synced is not shown here.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::between::between;
use super::equality::{CHANGES, Operation, operations};
use super::*;

type Action = Box<dyn FnOnce()>;

thread_local! {
    /// Steps until something happens, and what.
    static NEXT: RefCell<Option<(usize, Action)>> = const { RefCell::new(None) };
}

/// The end of an act, not a fault of the code.
struct Cut;

/// A step that changes something follows.
pub(crate) fn here() {
    let due = NEXT.with_borrow_mut(|next| match next {
        Some((steps @ 1.., _)) => {
            *steps -= 1;
            None
        }
        Some((0, _)) | None => next.take(),
    });
    if let Some((_, action)) = due {
        action();
    }
}

/// Runs with something happening before a step; tells whether it did.
pub(super) fn with<T>(
    steps: usize,
    action: impl FnOnce() + 'static,
    work: impl FnOnce() -> T,
) -> (T, bool) {
    NEXT.set(Some((steps, Box::new(action))));
    let done = work();
    (done, NEXT.take().is_none())
}

/// Runs until a cut; none if it came to its end before.
fn cut<T>(steps: usize, work: impl FnOnce() -> T) -> Option<T> {
    NEXT.set(Some((steps, Box::new(|| resume_unwind(Box::new(Cut))))));
    let done = catch_unwind(AssertUnwindSafe(work));
    NEXT.set(None);
    match done {
        Ok(done) => Some(done),
        Err(end) if end.is::<Cut>() => None,
        Err(fault) => resume_unwind(fault),
    }
}

/// Recovers, and expects the tree that the recovery names.
fn recovered(world: &World, unfinished: &Unfinished, trees: (&Tree, &Tree), at: &str) -> bool {
    let recovered = recover(&world.workspace, unfinished);
    let (expect, happened) = match &recovered {
        Recovered::Happened(_) => (trees.1, true),
        Recovered::DidNotHappen { .. } => (trees.0, false),
        Recovered::Partly { reason, .. } | Recovered::Unknown { reason } => {
            panic!("{at}: {reason}: {:?}", world.tree())
        }
    };
    assert_eq!(&world.tree(), expect, "{at}: {recovered:?}");
    happened
}

/// Cuts an act on the tree of `before` before each of its steps; and for some of them the recovery, too.
fn check(before: &[Operation], plan: &Plan, trees: (&Tree, &Tree), what: &str) -> usize {
    let invocation = invocation("x.y", Value::Null);
    let unfinished = Unfinished { invocation: invocation.clone(), plan: Some(plan.clone()) };
    let start = || {
        let world = World::new();
        before.iter().for_each(|operation| operation.run(&world));
        assert_eq!(&world.tree(), trees.0, "{what}");
        world
    };
    let begun = |steps| {
        let world = start();
        let done = cut(steps, || act::act(&world.workspace, invocation.call, plan));
        (world, done.map(|done| done.map(drop)))
    };
    let mut outcomes = [0, 0];
    for steps in 0.. {
        let (world, done) = begun(steps);
        if let Some(done) = done {
            done.unwrap();
            break;
        }
        let at = format!("{what}, cut before step {steps}");
        outcomes[usize::from(recovered(&world, &unfinished, trees, &at))] += 1;
        if steps % 7 != 0 {
            continue;
        }
        for again in (0..).step_by(4) {
            let (world, _) = begun(steps);
            if cut(again, || recover(&world.workspace, &unfinished)).is_some() {
                break;
            }
            recovered(&world, &unfinished, trees, &format!("{at}, recovery before {again}"));
        }
    }
    assert!(outcomes[1] > 0, "{what}: no cut act was finished");
    outcomes[0]
}

#[test]
fn an_act_that_is_cut_off_at_any_step_is_finished_or_reverted_whole() {
    let mut reverted = 0;
    for (before, after) in CHANGES {
        let (before, after) = (operations(before), operations(after));
        let (old, new) = (World::new(), World::new());
        before.iter().for_each(|operation| operation.run(&old));
        before.iter().chain(&after).for_each(|operation| operation.run(&new));
        let plan = between(&old, &new);
        let (old, new) = (old.tree(), new.tree());
        reverted += check(&before, &plan, (&old, &new), &format!("{before:?} then {after:?}"));
        let both: Vec<_> = before.iter().chain(&after).cloned().collect();
        let back = equality::back(&plan);
        reverted += check(&both, &back, (&new, &old), &format!("back from {after:?}"));
    }
    assert!(reverted > 0);
}

/// A plan with one more file at its end, which somebody else writes too.
fn contested(before: &[Operation], after: &[Operation]) -> (Plan, [Tree; 2]) {
    let (old, new) = (World::new(), World::new());
    before.iter().for_each(|operation| operation.run(&old));
    before.iter().chain(after).for_each(|operation| operation.run(&new));
    let mut plan = between(&old, &new);
    let arguments = serde_json::json!({"path": "zz", "content": "ours"});
    plan.changes.extend(new.preview("files.write", arguments).unwrap().changes);
    (plan, [old.tree(), new.tree()])
}

/// What stands but for the contested file is one of two trees whole, and that file is theirs.
fn one_or_the_other(world: &World, trees: &[Tree; 2], what: &str) -> bool {
    let mut left = world.tree();
    let contested = left.remove("zz").map(|(_, text)| text);
    assert_eq!(contested.as_deref(), Some("theirs"), "{what}: {left:#?}");
    assert!(trees.contains(&left), "{what}: {left:#?}");
    left == trees[0]
}

#[test]
fn what_others_write_at_any_step_of_an_act_stays_and_the_rest_is_whole() {
    for (before, after) in CHANGES {
        let (before, after) = (operations(before), operations(after));
        let (plan, trees) = contested(&before, &after);
        let invocation = invocation("x.y", Value::Null);
        for steps in 0.. {
            let world = World::new();
            before.iter().for_each(|operation| operation.run(&world));
            let theirs = world.path("zz");
            let write = move || fs::write(theirs, "theirs").unwrap();
            let act = || act::act(&world.workspace, invocation.call, &plan);
            let (done, happened) = with(steps, write, act);
            if !happened {
                break;
            }
            let what = format!("{before:?} then {after:?}, written before step {steps}: {done:?}");
            let reverted = one_or_the_other(&world, &trees, &what);
            assert_eq!(done.is_err(), reverted, "{what}");
        }
    }
}

#[test]
fn what_others_write_after_a_crash_stays_and_the_rest_is_whole() {
    for (before, after) in CHANGES {
        let (before, after) = (operations(before), operations(after));
        let (plan, trees) = contested(&before, &after);
        let invocation = invocation("x.y", Value::Null);
        let unfinished = Unfinished { invocation: invocation.clone(), plan: Some(plan.clone()) };
        let mut reverted = 0;
        for steps in 0.. {
            let world = World::new();
            before.iter().for_each(|operation| operation.run(&world));
            if cut(steps, || act::act(&world.workspace, invocation.call, &plan)).is_some() {
                break;
            }
            let placed = world.tree().contains_key("zz");
            world.put("zz", "theirs");
            let told = recover(&world.workspace, &unfinished);
            let what = format!("{before:?} then {after:?}, cut before {steps}: {told:?}");
            reverted += usize::from(one_or_the_other(&world, &trees, &what));
            let denied = matches!(told, Recovered::DidNotHappen { .. });
            assert!(!(placed && denied), "it was there before they changed it: {what}");
        }
        assert!(reverted > 0);
    }
}
