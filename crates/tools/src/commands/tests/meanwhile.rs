//! What others do to the workspace while a command runs, and between its preview and the act.
//!
//! A command that waits for a file of a cache directory lets the test change the workspace at that very moment. What the
//! command touched and others changed is stale; what nobody shares goes through.

use super::*;

/// Runs a script that waits in the middle, and does something outside meanwhile.
fn check(before: &str, text: &str, meanwhile: impl FnOnce(&World), expect: Result<&[&str], &str>) {
    let world = World::with(before);
    let mut waiting = line(
        "sh",
        &["-ec", &format!("touch /gate/started; until test -e /gate/go; do :; done\n{text}")],
    );
    waiting.needs.caches = vec!["/gate".to_owned()];
    let invocation = call(waiting);
    let owner = world.root().workspace.stat().unwrap();
    let whose = (&invocation.tenant, &invocation.space);
    let gate = world.commands.home.cache(whose, Path::new("/gate"), &owner).unwrap();
    let plan = std::thread::scope(|scope| {
        let running = scope.spawn(|| world.preview(&invocation));
        while !gate.join("started").exists() {
            assert!(!running.is_finished(), "{:?}", running.join());
            std::thread::yield_now();
        }
        meanwhile(&world);
        std::fs::write(gate.join("go"), "").unwrap();
        running.join().unwrap()
    });
    match (plan, expect) {
        (Ok(plan), Ok(expect)) => assert_eq!(lines(&plan), expect, "{text}"),
        (Err(trouble), Err(part)) => {
            assert!(trouble.to_string().contains(part), "{text}: {trouble}");
            assert_eq!(trouble.not_executed().kind, gate::ToolErrorKind::Stale, "{text}");
        }
        (plan, expect) => panic!("{text}: {plan:?}, expected {expect:?}"),
    }
}

const TREE: &str = "mkdir d; echo a >a; echo b >b; echo x >d/x";

#[test]
fn what_others_changed_meanwhile_discards_the_preview() {
    let write = |path: &'static str| {
        move |world: &World| std::fs::write(world.path(path), "theirs").unwrap()
    };
    check(TREE, "echo mine >a", write("a"), Err("`a` was changed while the command ran"));
    check(TREE, "rm a", write("a"), Err("`a` was changed"));
    check(TREE, "rm -r d", write("d/x"), Err("`d/x` was changed"));
    check(TREE, "rm -r d", write("d/new"), Err("`d/new` was changed"));
    check(TREE, "echo mine >n", write("n"), Err("`n` was changed"));
    check(TREE, "chmod 755 a", write("a"), Err("`a` was changed"));
    check(TREE, "cat a >n", write("b"), Ok(&["+ n"]));
    check(TREE, "echo mine >a", write("d/x"), Ok(&["~ a"]));
    let remove = |world: &World| std::fs::remove_file(world.path("a")).unwrap();
    check(TREE, "echo more >>d/x; echo mine >>b", remove, Ok(&["~ b", "~ d/x"]));
    let swap = |world: &World| {
        std::fs::write(world.path("z"), "theirs").unwrap();
        std::fs::rename(world.path("z"), world.path("a")).unwrap();
    };
    check(TREE, "echo more >>a", swap, Err("`a` was changed"));
}

#[test]
fn an_act_of_ours_meanwhile_discards_the_preview_of_the_same_paths() {
    let act = |path: &'static str| {
        move |world: &World| {
            world.run(&format!("echo ours >{path}"));
        }
    };
    check(TREE, "echo mine >a", act("a"), Err("changed"));
    check(TREE, "echo mine >n", act("n"), Err("changed"));
    check(TREE, "echo mine >a", act("b"), Ok(&["~ a"]));
}

#[test]
fn a_plan_is_stale_when_a_path_changed_between_preview_and_act() {
    let world = World::with(TREE);
    let plan = world.preview(&script("echo mine >a; rm -r d; echo n >n")).unwrap();
    let changes: [(&str, &dyn Fn()); 5] = [
        ("a modified", &|| std::fs::write(world.path("a"), "theirs").unwrap()),
        ("a is a link", &|| {
            std::fs::remove_file(world.path("a")).unwrap();
            std::os::unix::fs::symlink("../outside/secret", world.path("a")).unwrap();
        }),
        ("d is a link", &|| {
            std::fs::remove_dir_all(world.path("d")).unwrap();
            std::os::unix::fs::symlink("../outside", world.path("d")).unwrap();
        }),
        ("d has more", &|| std::fs::write(world.path("d/y"), "").unwrap()),
        ("n is there", &|| std::fs::write(world.path("n"), "").unwrap()),
    ];
    for (what, change) in changes {
        change();
        let stands = world.tree();
        let error = world.apply(&plan).unwrap_err();
        assert_eq!(error.executed, domain::Executed::No, "{what}: {error}");
        assert_eq!(world.tree(), stands, "{what}");
        assert_eq!(tree(&world.directory.path().join("outside")).len(), 1, "{what}");
        let _ = std::fs::remove_file(world.path("d"));
        direct(&world.path(""), &format!("rm -rf a b n d; {TREE}"));
    }
    world.apply(&plan).unwrap();
}

#[test]
fn an_approved_plan_is_given_back_as_it_is_while_it_stands() {
    let world = World::with(TREE);
    let invocation = script("date +%N >n; echo again");
    let plan = world.preview(&invocation).unwrap();
    let again =
        |approved: &Plan| wait(world.commands.plan(&attempt(&invocation, TIMEOUT), Some(approved)));
    assert_eq!(again(&plan).unwrap(), plan, "it did not run a second time");
    std::fs::write(world.path("n"), "theirs").unwrap();
    let other = again(&plan).unwrap();
    assert_eq!(lines(&other), ["~ n"]);
    let bare = Plan { execution: None, ..other.clone() };
    assert!(
        again(&bare).unwrap().execution.is_some(),
        "a plan without an execution is no command's"
    );
}

#[test]
fn a_stop_that_came_while_a_command_waited_is_obeyed() {
    let world = World::with(TREE);
    let invocation = script("echo n >n");
    let stopped = || {
        Err(ToolError {
            kind: gate::ToolErrorKind::Stopped,
            executed: domain::Executed::No,
            message: "stopped".to_owned(),
            own_code: None,
            effects: Vec::new(),
            asks: None,
        })
    };
    let attempt = Attempt {
        invocation: &invocation,
        timeout: TIMEOUT,
        allowed: &stopped,
        signal: StopSignal::never(),
        watch: None,
    };
    let error = wait(world.commands.plan(&attempt, None)).unwrap_err().not_executed();
    assert_eq!(error.kind, gate::ToolErrorKind::Stopped);
}
