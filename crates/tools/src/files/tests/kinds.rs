//! Plans that change kinds, modes and links: what is refused, what people are shown, and others who come in between.
//!
//! That such plans are applied and taken back exactly is in `equality.rs`, with crashes in `cuts.rs`. Here a plan that
//! breaks its rules must touch nothing, a link put where a directory was must lead nowhere, and what others did between
//! preview and act must stay.

use domain::{Change, Executed, FileState, Node};
use gate::ToolErrorKind;

use super::super::diff::unified;
use super::between::between;
use super::equality::operations;
use super::*;

fn worlds(before: &str, after: &str) -> (World, Plan) {
    let (old, new) = (World::new(), World::new());
    operations(before).iter().for_each(|operation| operation.run(&old));
    operations(before).iter().chain(&operations(after)).for_each(|each| each.run(&new));
    let plan = between(&old, &new);
    (old, plan)
}

fn applied(world: &World, plan: &Plan) -> Result<(), ToolError> {
    act::act(&world.workspace, invocation("x.y", Value::Null).call, plan).map(drop)
}

/// A plan that is changed in some way is refused before anything is touched.
fn check_refused(change: impl Fn(&mut Vec<Change>), expect: &str) {
    let (world, mut plan) = worlds("mkdir d; touch d/x; touch f", "rm d; mkdir e; touch e/y");
    change(&mut plan.changes);
    let before = world.tree();
    let error = applied(&world, &plan).unwrap_err();
    assert!(error.message.contains(expect), "{error}");
    assert_eq!((error.kind, error.executed), (ToolErrorKind::Failed, Executed::No));
    assert_eq!(world.tree(), before);
}

#[test]
fn a_plan_that_breaks_its_rules_is_refused_whole() {
    check_refused(|all| all.swap(0, 1), "`d` goes before what is in it");
    check_refused(|all| all.swap(2, 3), "`e/y` changes while `e` is no directory");
    check_refused(|all| all.push(all[0].clone()), "stands in it twice");
    check_refused(|all| all[0].before = None, "nothing changes at `d/x`");
    check_refused(
        |all| {
            all[1].after = all[1].before.clone();
        },
        "nothing changes at `d`",
    );
    check_refused(|all| all[2].after.as_mut().unwrap().mode = 0o4755, "has mode 4755");
    check_refused(
        |all| {
            let (many, one) = (domain::limits::PLAN_CHANGES_MAX, all[3].clone());
            all.extend((0..many).map(|index| Change { path: format!("{index}"), ..one.clone() }));
        },
        "10004 changes",
    );
}

#[test]
fn a_plan_without_changes_is_done_by_doing_nothing() {
    let world = World::with(&[("a", "a")]);
    let before = world.tree();
    applied(&world, &Plan::default()).unwrap();
    let invocation = invocation("x.y", Value::Null);
    let unfinished = Unfinished { invocation, plan: Some(Plan::default()) };
    assert!(matches!(recover(&world.workspace, &unfinished), Recovered::Happened(_)));
    assert_eq!(world.tree(), before);
}

#[test]
fn a_plan_with_more_changes_than_are_synced_one_by_one_is_applied_and_taken_back() {
    let (old, new) = (World::new(), World::new());
    for index in 0..400 {
        let directory = format!("d{}/e", index % 70);
        for (world, side) in [(&old, "old"), (&new, "new")] {
            world.put(&format!("{directory}/stays"), "");
            let place = format!("{directory}/f{index}");
            match (index % 4, side) {
                (0, "old") | (1, "new") => {}
                (2, _) => world.put(&place, &format!("{index}")),
                _ => world.put(&place, &format!("{index} {side}")),
            }
        }
        if index % 4 == 2 {
            chmod(&new.path(&format!("{directory}/f{index}")), 0o600);
        }
    }
    let plan = between(&old, &new);
    assert_eq!(plan.changes.len(), 400);
    let before = old.tree();
    applied(&old, &plan).unwrap();
    assert_eq!(old.tree(), new.tree());
    let undo = undo_of(&plan);
    let back = preview(&old.workspace, &undo).unwrap();
    act(&old.workspace, &undo, &back).unwrap();
    assert_eq!(old.tree(), before);
}

/// Between preview and act something changes: the act is stale, names it, and touches nothing.
fn check_stale((before, after): (&str, &str), change: impl Fn(&World), expect: &str) {
    let (world, plan) = worlds(before, after);
    change(&world);
    let (start, outside) = (world.tree(), world.outside());
    let error = applied(&world, &plan).unwrap_err();
    assert_eq!(error.executed, Executed::No, "{error}");
    assert!(error.message.contains(expect), "{error}");
    assert_eq!((world.tree(), world.outside()), (start, outside));
}

#[test]
fn what_others_did_between_preview_and_act_stays() {
    let to_file = ("mkdir d; touch d/x", "rm d; echo f d");
    check_stale(to_file, |world| world.put("d/new", "n"), "`d/new` is new");
    check_stale(to_file, |world| chmod(&world.path("d"), 0o700), "`d` was modified");
    let to_directory = ("echo f f", "rm f; mkdir f; touch f/x");
    check_stale(to_directory, |world| world.put("f", "other"), "`f` was modified");
    let mode = ("echo f f", "chmod 600 f");
    check_stale(mode, |world| world.put("f", "other"), "`f` was modified");
    check_stale(mode, |world| chmod(&world.path("f"), 0o640), "`f` was modified");
    let link = ("ln a l", "rm l; ln b l");
    let retarget = |world: &World| {
        fs::remove_file(world.path("l")).unwrap();
        symlink("c", world.path("l")).unwrap();
    };
    check_stale(link, retarget, "`l` was modified");
}

#[test]
fn a_link_that_others_put_where_the_plan_has_a_directory_leads_nowhere() {
    let outward = |world: &World| {
        fs::rename(world.path("d"), world.path("gone")).unwrap();
        symlink("../outside", world.path("d")).unwrap();
    };
    check_stale(("mkdir d; echo s d/secret", "rm d; echo f d"), outward, "`d");
    check_stale(("mkdir d; echo s d/secret", "chmod 600 d/secret"), outward, "symbolic link");
    check_stale(("mkdir d; touch d/x", "chmod 555 d; touch d/new"), outward, "");
    // The plan's own link is gone through by nobody either: what it says of the place below is said of nothing.
    let (world, plan) = worlds("mkdir o; echo x o/x; ln o d", "rm d; mkdir d; echo y d/x");
    applied(&world, &plan).unwrap();
    assert_eq!(world.tree()["o/x"].1, "x");
}

#[test]
fn a_file_that_others_replace_while_its_mode_is_set_keeps_their_content_and_mode() {
    let mut stale = 0;
    for steps in 0.. {
        let (world, plan) = worlds("echo base f; touch g", "chmod 600 f; chmod 600 g");
        let (theirs, place) = (world.directory.path().join("outside/theirs"), world.path("f"));
        world.put("../outside/theirs", "theirs");
        let replace = move || fs::rename(theirs, place).unwrap();
        let (done, happened) = cuts::with(steps, replace, || applied(&world, &plan));
        if !happened {
            break;
        }
        let tree = world.tree();
        assert_eq!(tree["f"], (0o644, "theirs".into()), "before step {steps}");
        match done {
            Err(error) => {
                assert_eq!((error.kind, error.executed), (ToolErrorKind::Stale, Executed::No));
                assert_eq!(tree["g"], (0o644, String::new()), "before step {steps}: {error}");
                stale += 1;
            }
            // They came after the last look.
            Ok(()) => assert_eq!(tree["g"].0, 0o600, "before step {steps}"),
        }
    }
    assert!(stale > 1, "a step before each mode is set");
}

#[test]
fn what_others_put_into_a_directory_that_is_replaced_is_never_lost() {
    let (mut stale, mut done_before) = (0, 0);
    for steps in 0.. {
        let (world, plan) = worlds("mkdir d; touch d/x", "rm d; echo f d");
        let place = world.path("d/theirs");
        let written = std::rc::Rc::new(std::cell::Cell::new(false));
        let wrote = std::rc::Rc::clone(&written);
        let write = move || wrote.set(fs::write(place, "theirs").is_ok());
        let (done, happened) = cuts::with(steps, write, || applied(&world, &plan));
        if !happened {
            break;
        }
        assert_eq!(done.is_err(), written.get(), "before step {steps}: {done:?}");
        let tree = world.tree();
        if written.get() {
            assert_eq!(done.unwrap_err().executed, Executed::No);
            assert_eq!((tree["d/theirs"].1.as_str(), tree.len()), ("theirs", 3), "{tree:?}");
            stale += 1;
        } else {
            assert_eq!((tree["d"].1.as_str(), tree.len()), ("f", 1), "{tree:?}");
            done_before += 1;
        }
    }
    assert!(stale > 0 && done_before > 0);
}

#[test]
fn people_are_shown_each_kind_of_change() {
    let (_, plan) = worlds(
        "mkdir d; touch d/x; echo f f; ln a l; echo m m; mkdir e; ln n n; mkdir c; touch c/old; chmod 555 c",
        "rm d; ln f d; rm f; mkdir f; rm l; ln b l; chmod 600 m; chmod 700 e; rm n; echo n n; \
         chmod 755 c; echo c c/new; chmod 555 c",
    );
    let expect = "delete file d/x mode 0644\n\
        new file c/new mode 0644\n--- /dev/null\n+++ b/c/new\n@@ -0,0 +1 @@\n+c\n\\ No newline at end of file\n\
        delete directory d\nnew link d -> f\n\
        delete file f mode 0644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-f\n\\ No newline at end of file\n\
        new directory f mode 0755\n\
        mode of e: 0755 -> 0700\n\
        link l: a -> b\n\
        mode of m: 0644 -> 0600\n\
        delete link n -> n\nnew file n mode 0644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+n\n\\ No newline at end of file\n";
    assert_eq!(unified(&plan.changes), expect);
    let state = |target: &str| {
        Some(FileState { mode: 0o777, node: Node::Link { target: target.to_owned() } })
    };
    let forged = Change {
        path: "l".into(),
        before: None,
        after: state("x\ndelete file important"),
        moved_from: None,
    };
    assert_eq!(unified(&[forged]), "new link l -> x\\ndelete file important\n");
}
