//! Caches: kept from one command to the next, private to a tenant's space, never part of a plan.
//!
//! A script with the caches of its contract goes in, the lines of its plan come out.

use super::*;

fn with_caches(text: &str, caches: &[&str]) -> Invocation {
    let mut command = line("sh", &["-ec", text]);
    command.needs.caches = caches.iter().map(|cache| (*cache).to_owned()).collect();
    call(command)
}

fn check(world: &World, text: &str, caches: &[&str], expect: &[&str]) {
    let plan = world.preview(&with_caches(text, caches));
    let plan = plan.unwrap_or_else(|trouble| panic!("{text}: {trouble}"));
    assert_eq!(plan.execution.as_ref().unwrap().exit_code, 0, "{text}: {plan:?}");
    assert_eq!(lines(&plan), expect, "{text}");
}

#[test]
fn what_is_written_into_a_cache_stays_and_is_no_change() {
    for world in [World::new(), World::new().given_away(), World::on(Rung::Copy)] {
        let caches = &["target", "/home/agent/.cache/x", "deep/in/cache"];
        check(
            &world,
            "echo 1 >target/t; echo 2 >~/.cache/x/c; echo 3 >deep/in/cache/d",
            caches,
            &[],
        );
        let text = "cat target/t ~/.cache/x/c deep/in/cache/d; echo n >deep/n";
        check(&world, text, caches, &["+ deep/", "+ deep/n"]);
        assert_eq!(world.tree(), Tree::new());
    }
}

#[test]
fn the_workspaces_own_directory_under_a_cache_is_neither_seen_nor_changed() {
    let world = World::with("mkdir target; echo own >target/own; echo a >a");
    check(&world, "! test -e target/own; echo t >target/t; rm a", &["target"], &["- a"]);
    check(&world, "cat target/t", &["target"], &[]);
    check(&world, "cat target/own; ! test -e target/t", &[], &[]);
    check(&world, "! rm -rf target; test -e target", &["target"], &[]);
}

#[test]
fn no_other_space_sees_a_cache() {
    let world = World::new();
    check(&world, "echo 1 >target/t", &["target"], &[]);
    let owner = world.root().workspace.stat().unwrap();
    let cache = |tenant: &str, space: &str, path: &str| {
        let whose = (&name(tenant), &name(space));
        world.commands.home.cache(whose, &world.path(path), &owner).unwrap()
    };
    assert!(cache("t", "s", "target").join("t").exists());
    for (tenant, space, path) in
        [("t", "other", "target"), ("s", "t", "target"), ("t", "s", "targe")]
    {
        assert!(!cache(tenant, space, path).join("t").exists(), "{tenant} {space} {path}");
    }
}

#[test]
fn a_cache_outside_the_rules_is_refused() {
    let world = World::new();
    for path in ["../outside", "a/../../outside", ".checkrein-x"] {
        let error = world.preview(&with_caches("true", &[path])).map(|plan| lines(&plan));
        assert!(error.is_err(), "{path}: {error:?}");
    }
}
