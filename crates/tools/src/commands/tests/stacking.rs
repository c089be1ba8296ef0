//! Previews on top of held calls: the plan of one is the ground of the next.
//!
//! A tree, scripts whose calls are held and one more script go in; out come the last one's plan and, when all are
//! applied, the tree that running them gives.

use super::*;

/// Scripts that are held, one on top of the other, and a last one with the lines of its plan. All plans applied one after
/// the other equal the scripts run directly.
fn check(before: &str, held: &[&str], text: &str, expect: &[&str]) {
    for given_away in [false, true] {
        let (world, twin) = (World::with(before), World::with(before));
        let (world, twin) =
            if given_away { (world.given_away(), twin.given_away()) } else { (world, twin) };
        let mut plans: Vec<Plan> = Vec::new();
        for text in held.iter().chain([&text]) {
            let invocation = Invocation { over: plans.clone(), ..script(text) };
            let plan = world.preview(&invocation);
            plans.push(plan.unwrap_or_else(|trouble| panic!("{text}: {trouble}")));
            direct(&twin.path(""), text);
        }
        assert_eq!(lines(plans.last().unwrap()), expect, "{text}");
        for plan in &plans {
            world.apply(plan).unwrap_or_else(|error| panic!("{error}: {:?}", lines(plan)));
        }
        assert_eq!(world.tree(), twin.tree(), "{held:?} {text}");
        let left = world.commands.home.layer();
        assert_eq!(
            std::fs::read_dir(left.parent().unwrap()).unwrap().count(),
            0,
            "layers are removed"
        );
    }
}

const TREE: &str =
    "mkdir -p d/e; echo a >a; echo b >b; echo x >d/x; echo y >d/e/y; ln -s a l; chmod 750 d";

#[test]
fn a_preview_stands_on_the_plans_of_held_calls() {
    check(TREE, &["echo new >n"], "cat n >m; rm n", &["- n", "> m < n"]);
    check(TREE, &["echo 1 >>a", "echo 2 >>a"], "echo 3 >>a", &["~ a"]);
    check(TREE, &["rm -r d"], "mkdir d; echo z >d/z; ! test -e d/x", &["+ d/", "+ d/z"]);
    check(
        TREE,
        &["rm -r d; mkdir d; echo z >d/z"],
        "test -e d/z; ! test -e d/x; ls d >n",
        &["+ n"],
    );
    check(TREE, &["rm -r d; echo f >d"], "cat d >n", &["+ n"]);
    check(TREE, &["rm a; mkdir a; echo z >a/z"], "rm -r a", &["- a/z", "- a/"]);
    check(TREE, &["mv a z; chmod 600 b"], "cat z >a; test $(stat -c %a b) = 600", &["+ a"]);
    check(
        TREE,
        &["mkdir -p n/m; echo 1 >n/m/1; ln -sfn b l"],
        "mv n/m/1 n/1; readlink l >r",
        &["- n/m/1", "> n/1 < n/m/1", "+ r"],
    );
    check(TREE, &["rm d/x"], "echo again >d/x", &["+ d/x"]);
    check(
        TREE,
        &["chmod 700 d; mkdir d/ro; echo 1 >d/ro/1; chmod 555 d/ro"],
        "ls d d/ro >n; stat -c %a d d/ro >>n",
        &["+ n"],
    );
    check(TREE, &["true"], "echo n >n", &["+ n"]);
}

#[test]
fn ground_that_moved_is_not_stood_on() {
    let world = World::with(TREE);
    let held = world.preview(&script("echo 1 >>a")).unwrap();
    std::fs::write(world.path("a"), "theirs").unwrap();
    let error = world.preview(&Invocation { over: vec![held], ..script("cat a >n") }).unwrap_err();
    assert!(error.to_string().contains("`a` is not as the held call found it"), "{error}");
}

#[test]
fn a_plan_that_stands_on_a_held_one_cannot_be_applied_before_it() {
    let world = World::with(TREE);
    let held = world.preview(&script("echo 1 >>a")).unwrap();
    let next = world.preview(&Invocation { over: vec![held], ..script("echo 2 >>a") }).unwrap();
    let error = world.apply(&next).unwrap_err();
    assert_eq!(error.kind, gate::ToolErrorKind::Stale, "{error}");
}
