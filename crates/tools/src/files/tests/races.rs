//! Others work in the same directory: what they write is never lost, and a stale plan touches nothing.
//!
//! Changes between preview and act are made one by one; changes during an act come from a second thread, with its
//! moment spread over the rounds, or before each of the act's steps in turn. A round asserts what must hold whoever
//! came first. How a crash in the middle is taken up again is in `cuts`, `crash` and `recovery`.

use std::sync::Barrier;

use domain::Executed;
use gate::ToolErrorKind;
use serde_json::json;

use super::*;

const ROUNDS: usize = 150;

/// Between preview and act something changes; the act must be stale and name it.
fn check(change: impl Fn(&World), expect: &str) {
    for (tool, arguments) in [
        ("files.delete", json!({"path": "d", "recursive": true})),
        ("files.move", json!({"from": "d", "to": "e"})),
    ] {
        let world = World::with(&[("d/a", "a"), ("d/b", "b"), ("d/s/c", "c")]);
        let plan = world.preview(tool, arguments.clone()).unwrap();
        change(&world);
        let before = world.tree();
        let error = world.act(tool, arguments, &plan).unwrap_err();
        assert_eq!((error.kind, error.executed), (ToolErrorKind::Stale, Executed::No), "{error}");
        assert!(error.message.contains(expect), "{error}");
        assert_eq!(world.tree(), before);
    }
}

#[test]
fn a_plan_that_no_longer_fits_is_stale_and_names_what_changed() {
    check(|world| world.put("d/a", "other"), "`d/a` was modified");
    check(|world| chmod(&world.path("d/b"), 0o600), "`d/b` was modified");
    check(|world| fs::remove_file(world.path("d/s/c")).unwrap(), "`d/s/c` is missing");
    check(|world| world.put("d/s/new", "n"), "`d/s/new` is new");
    check(|world| chmod(&world.path("d/s"), 0o700), "`d/s` was modified");
}

/// A writer puts a whole new file in place while an act is under way. Whoever comes first: its work stands at the
/// end, and the act either happened before it or did not happen.
fn race(tool: &str, arguments: &serde_json::Value) {
    let (mut stale, mut applied) = (0, 0);
    for round in 0..ROUNDS {
        let world = World::with(&[("f", "base"), ("g", "g")]);
        world.put("../outside/theirs", "theirs");
        let plan = world.preview(tool, arguments.clone()).unwrap();
        let start = Barrier::new(2);
        let result = std::thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                // Spreads the rename over the whole act.
                let later =
                    Instant::now() + Duration::from_micros(20 * u64::try_from(round).unwrap());
                while Instant::now() < later {
                    std::hint::spin_loop();
                }
                let theirs = world.directory.path().join("outside/theirs");
                fs::rename(theirs, world.path("f")).unwrap();
            });
            start.wait();
            world.act(tool, arguments.clone(), &plan)
        });
        match result {
            Ok(_) => applied += 1,
            Err(error) => {
                assert_eq!(
                    (error.kind, error.executed),
                    (ToolErrorKind::Stale, Executed::No),
                    "{error}"
                );
                stale += 1;
            }
        }
        let tree = world.tree();
        assert_eq!(tree["f"].1, "theirs", "round {round}");
        assert!(!tree.keys().any(|path| path.contains(".checkrein-")), "{tree:?}");
    }
    assert_eq!(stale + applied, ROUNDS);
}

#[test]
fn a_file_replaced_during_a_write_is_never_lost() {
    race("files.write", &json!({"path": "f", "content": "planned"}));
}

#[test]
fn a_file_replaced_during_a_deletion_is_never_lost() {
    race("files.delete", &json!({"path": "f"}));
}

/// A program that holds a file open writes to it at any step of an act. Only the instant before the removal of what
/// was displaced stays uncovered; there is no half result at any step.
#[test]
fn a_write_through_an_open_file_during_an_act_makes_it_stale() {
    let (mut stale, mut displaced) = (0, 0);
    for steps in 0.. {
        let world = World::with(&[("f", "base")]);
        let mut plan =
            world.preview("files.write", json!({"path": "f", "content": "planned"})).unwrap();
        let write = json!({"path": "n", "content": "n"});
        plan.changes.extend(world.preview("files.write", write).unwrap().changes);
        let theirs = fs::OpenOptions::new().write(true).open(world.path("f")).unwrap();
        let (place, is_new) = (world.path("f"), theirs.metadata().unwrap().ino());
        let seen = std::rc::Rc::new(std::cell::Cell::new(false));
        let saw = std::rc::Rc::clone(&seen);
        let write = move || {
            saw.set(fs::metadata(place).unwrap().ino() != is_new);
            std::os::unix::fs::FileExt::write_all_at(&theirs, b"THEIRS", 0).unwrap();
        };
        let act = || world.act("files.write", json!({"path": "f", "content": "planned"}), &plan);
        let (result, happened) = cuts::with(steps, write, act);
        if !happened {
            break;
        }
        let tree = world.tree();
        match result {
            Ok(_) => assert_eq!((tree["f"].1.as_str(), tree.len()), ("planned", 2)),
            Err(error) => {
                assert_eq!(
                    (error.kind, error.executed),
                    (ToolErrorKind::Stale, Executed::No),
                    "{error}"
                );
                assert_eq!(tree, Tree::from([("f".into(), (0o644, "THEIRS".into()))]));
                stale += 1;
                displaced += usize::from(seen.get());
            }
        }
    }
    assert!(displaced > 0 && displaced < stale, "before it was displaced, and after");
}

#[test]
fn a_failure_in_the_middle_takes_everything_back() {
    // The plan's last change cannot be made: what it moves would stand below a file, which shows when it is renamed.
    let world = World::with(&[("a", "a"), ("b", "b"), ("c", "c"), ("z", "z")]);
    let mut plan = world.preview("files.write", json!({"path": "a", "content": "A"})).unwrap();
    for (tool, arguments) in [
        ("files.write", json!({"path": "n/x", "content": "X"})),
        ("files.delete", json!({"path": "b"})),
    ] {
        plan.changes.extend(world.preview(tool, arguments).unwrap().changes);
    }
    let gone = world.preview("files.delete", json!({"path": "c"})).unwrap().changes.remove(0);
    plan.changes.push(domain::Change {
        path: "z/below".into(),
        before: None,
        after: gone.before.clone(),
        moved_from: Some("c".into()),
    });
    plan.changes.push(gone);
    let before = world.tree();
    let swapped = std::rc::Rc::new(std::cell::Cell::new(false));
    let (saw, place) = (std::rc::Rc::clone(&swapped), world.path("a"));
    let look = move || saw.set(fs::read(place).unwrap() == b"A");
    let act = || world.act("files.write", json!({"path": "a", "content": "A"}), &plan);
    let error = (0..)
        .find_map(|steps| {
            let (result, happened) = cuts::with(steps, look.clone(), act);
            let error = result.unwrap_err();
            assert_eq!(world.tree(), before);
            (swapped.get() || !happened).then_some(error)
        })
        .unwrap();
    assert!(swapped.get(), "a part of it was done");
    assert_eq!(error.executed, Executed::No, "{error}");
    assert!(error.message.contains("`z"), "{error}");
}
