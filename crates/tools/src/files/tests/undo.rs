//! Undo: the inverse plan restores every byte and mode, or says what changed since.
//!
//! First the refusals, each with the newer work that it protects. Then random trees and random calls: every
//! preview must be without effect, and taking all acts back in reverse must give each tree that was there
//! before. What cannot be restored, for its size, is in `limits`.

use gate::ToolErrorKind;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn take_back(world: &World, plan: &Plan) -> Result<Reply, ToolError> {
    let undo = undo_of(plan);
    let back = preview(&world.workspace, &undo).map_err(Problem::not_executed)?;
    act(&world.workspace, &undo, &back)
}

#[test]
fn undo_says_what_it_restored_and_removed() {
    let world = World::with(&[("a", "one")]);
    let (plan, _) = world.run("files.move", json!({"from": "a", "to": "n/b"})).unwrap();
    let reply = take_back(&world, &plan).unwrap();
    assert_eq!((&reply.output["restored"], &reply.output["removed"]), (&json!(1), &json!(2)));
    assert_eq!(world.tree(), Tree::from([("a".into(), (0o644, "one".into()))]));
}

/// A change after the act makes its undo stale, with the reason in words, and nothing is touched.
fn check(change: impl Fn(&World), expect: &str) {
    let world = World::with(&[("d/a", "a"), ("d/b", "b")]);
    let (plan, _) = world.run("files.move", json!({"from": "d", "to": "e"})).unwrap();
    change(&world);
    let before = world.tree();
    let error = take_back(&world, &plan).unwrap_err();
    assert_eq!(error.kind, ToolErrorKind::Stale, "{error}");
    assert_eq!(error.own_code.as_deref(), Some("changed_since"));
    assert!(error.message.contains(expect), "{error}");
    assert_eq!(world.tree(), before);
}

#[test]
fn undo_never_destroys_newer_work() {
    check(|world| world.put("e/a", "newer"), "`e/a` was modified");
    check(|world| fs::remove_file(world.path("e/b")).unwrap(), "`e/b` is missing");
    check(|world| world.put("d", "x"), "`d` is new");
    check(|world| world.put("e/new", "n"), "`e/new` is new");
}

#[test]
fn what_stands_as_before_already_is_left_and_the_rest_taken_back() {
    let world = World::with(&[("d/a", "a"), ("d/b", "b")]);
    let before = world.tree();
    let (plan, _) = world.run("files.delete", json!({"path": "d", "recursive": true})).unwrap();
    world.put("d/a", "a");
    let reply = take_back(&world, &plan).unwrap();
    assert_eq!(reply.output["restored"], json!(1));
    assert_eq!(world.tree(), before);
    let again = take_back(&world, &plan).unwrap_err();
    assert!(again.message.contains("nothing would change"), "{again}");
}

#[test]
fn a_call_without_changes_cannot_be_taken_back() {
    let world = World::new();
    let undo = invocation("checkrein.undo", json!({"call": "call_1"}));
    let error = preview(&world.workspace, &undo).unwrap_err();
    assert_eq!(error.own_code(), Some("not_undoable"));
}

const PATHS: [&str; 8] = ["a", "link", "d", "d/a", "d/e", "d/e/f", "g/h/i", "g"];

fn a_path() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&PATHS[..])
}

fn a_call() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        3 => (a_path(), "[a-c\n]{0,6}").prop_map(|(path, content)| {
            ("files.write", json!({"path": path, "content": content}))
        }),
        1 => (a_path(), "[a-c]").prop_map(|(path, old)| {
            ("files.edit", json!({"path": path, "edits": [{"old": old, "new": "x"}]}))
        }),
        2 => (a_path(), a_path()).prop_map(|(from, to)| {
            ("files.move", json!({"from": from, "to": to}))
        }),
        2 => (a_path(), any::<bool>()).prop_map(|(path, recursive)| {
            ("files.delete", json!({"path": path, "recursive": recursive}))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undoing_any_acts_in_reverse_restores_every_tree(
        files in proptest::collection::vec((a_path(), "[a-c\n]{0,6}", 0_u32..0o100), 0..6),
        calls in proptest::collection::vec(a_call(), 1..14),
    ) {
        let world = World::with(&[("link", "-> d/a")]);
        for (path, content, mode) in &files {
            let at = world.path(path);
            if fs::create_dir_all(at.parent().unwrap()).is_ok() && fs::write(&at, content).is_ok() {
                chmod(&at, mode | 0o600);
            }
        }
        let mut done = Vec::new();
        for (tool, arguments) in calls {
            let before = world.tree();
            match world.preview(tool, arguments.clone()) {
                Err(_) => prop_assert_eq!(world.tree(), before),
                Ok(plan) => {
                    prop_assert_eq!(&world.tree(), &before, "a preview has no effect");
                    prop_assert!(plan.restorable);
                    world.act(tool, arguments, &plan).unwrap();
                    prop_assert_ne!(&world.tree(), &before);
                    done.push((plan, before));
                }
            }
        }
        for (plan, before) in done.into_iter().rev() {
            take_back(&world, &plan).unwrap();
            prop_assert_eq!(world.tree(), before);
        }
    }
}
