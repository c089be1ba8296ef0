//! What a command did, as its plan tells it: a script on a tree goes in, the plan's lines come out.
//!
//! Kinds that a plan has no words for are refused with their path. That plans can be applied, and that applying them
//! equals running the script, is in `equality.rs`.

use super::*;

/// A tree made by one script, the lines of the plan of another.
fn check(before: &str, text: &str, expect: &[&str]) {
    let world = World::with(before);
    let stands = world.tree();
    let plan = world.preview(&script(text)).unwrap_or_else(|trouble| panic!("{text}: {trouble}"));
    assert_eq!(lines(&plan), expect, "{text}");
    assert_eq!(world.tree(), stands, "{text}: a preview changes nothing");
    assert!(plan.restorable, "{text}");
}

fn refuse(before: &str, text: &str, part: &str) {
    let world = World::with(before);
    let error = world.preview(&script(text)).map(|plan| lines(&plan));
    let error = error.expect_err(text).to_string();
    assert!(error.contains(part), "{text}: {error}");
}

const TREE: &str =
    "mkdir -p d/e; echo a >a; echo b >b; echo x >d/x; echo y >d/e/y; ln -s a l; chmod 600 b";

#[test]
fn a_plan_names_exactly_what_changed() {
    check(TREE, "true", &[]);
    check(TREE, "echo new >n; echo more >>a", &["+ n", "~ a"]);
    check(TREE, "touch a d/x; chmod 600 b; : >>a; cat a >/dev/null", &[]);
    check(TREE, "cp a /tmp/a; echo zzz >a; cat /tmp/a >a", &[]);
    check(TREE, "chmod 755 a; chmod 700 d", &["m a 0755", "m d 0700"]);
    check(TREE, "ln -sfn b l", &["~ l"]);
    check(TREE, "rm a l", &["- l", "- a"]);
    check(TREE, "mkdir -p n/m; echo z >n/m/z", &["+ n/", "+ n/m/", "+ n/m/z"]);
    check(TREE, "mv a z", &["- a", "> z < a"]);
    check(TREE, "ln a hard", &["+ hard"]);
    check(TREE, "ln -s /etc/passwd p; ln -s ../../.. up", &["+ p", "+ up"]);
    check("true", "touch empty; mkdir d", &["+ d/", "+ empty"]);
}

#[test]
fn whole_trees_are_named_path_by_path() {
    check(TREE, "rm -r d", &["- d/x", "- d/e/y", "- d/e/", "- d/"]);
    check(TREE, "rm -r d; mkdir d", &["- d/x", "- d/e/y", "- d/e/"]);
    check(TREE, "rm -r d; mkdir -p d/e; echo y >d/e/y", &["- d/x"]);
    check(
        TREE,
        "rm -r d; mkdir -p d/e/f; echo n >d/e/n",
        &["- d/x", "- d/e/y", "+ d/e/f/", "+ d/e/n"],
    );
    check(
        TREE,
        "mv d g",
        &["- d/x", "- d/e/y", "- d/e/", "- d/", "+ g/", "+ g/e/", "> g/e/y < d/e/y", "> g/x < d/x"],
    );
}

#[test]
fn a_thing_of_another_kind_replaces_what_stood_there() {
    check(TREE, "rm -r d; echo f >d", &["- d/x", "- d/e/y", "- d/e/", "! d"]);
    check(TREE, "rm a; mkdir a; echo z >a/z", &["! a/", "+ a/z"]);
    check(TREE, "rm l; mkdir l; echo z >l/a", &["! l/", "+ l/a"]);
    check(TREE, "rm a; ln -s b a", &["! a"]);
    check(TREE, "rm -r d; ln -s b d", &["- d/x", "- d/e/y", "- d/e/", "! d"]);
    check("mkdir d; echo x >d/x; ln -s d l", "rm l; mkdir l; echo x >l/x", &["! l/", "+ l/x"]);
}

#[test]
fn what_no_plan_can_say_is_refused_with_its_path() {
    refuse(TREE, "mkfifo p", "`p` is refused: the command left a named pipe there");
    refuse(TREE, "mkfifo d/p; rm a", "`d/p`");
    refuse(TREE, "chmod u+s a", "`a` is refused: it would have setuid");
    refuse(TREE, "mkdir s; chmod +t s", "`s` is refused: it would have setuid");
    refuse(TREE, "touch \"$(printf 'n\\377')\"", "not UTF-8");
    refuse(TREE, "touch d/.checkrein-x", "reserved");
    refuse(TREE, "chmod 777 .", "the workspace itself");
    refuse("mkfifo p", "rm p", "`p` is refused: it is a named pipe");
    refuse("true", "head -c 17000000 /dev/zero >big", "`big` has 17000000 bytes");
}

#[test]
fn large_files_can_be_moved_and_given_another_mode_but_deleting_one_is_for_good() {
    let world = World::with("head -c 17000000 /dev/zero >big");
    let plan = world.preview(&script("mv big moved")).unwrap();
    assert_eq!(lines(&plan), ["- big", "> moved < big"]);
    let plan = world.preview(&script("chmod 755 big")).unwrap();
    assert_eq!(lines(&plan), ["m big 0755"]);
    assert!(plan.restorable);
    let plan = world.preview(&script("rm big")).unwrap();
    assert!(!plan.restorable, "its content is too large to keep");
}

#[test]
fn a_plan_tells_what_the_command_printed_and_how_it_ended() {
    let world = World::with(TREE);
    let plan = world.preview(&script("echo out; echo err >&2; echo n >n; exit 3")).unwrap();
    let execution = plan.execution.clone().unwrap();
    assert_eq!((execution.exit_code, execution.rung), (3, domain::Rung::Overlay));
    assert_eq!((execution.stdout.text.as_str(), execution.stdout.total_bytes), ("out\n", 4));
    assert_eq!((execution.stderr.text.as_str(), execution.stderr.total_bytes), ("err\n", 4));
    assert!(execution.processes >= 1 && execution.network.is_empty(), "{execution:?}");
    assert!(plan.diff.contains("+n") && plan.diff.contains("+++ b/n"), "{}", plan.diff);
    let reply = world.apply(&plan).unwrap();
    assert_eq!(output(&reply, "exit_code"), 3);
    assert_eq!(output(&reply, "stdout"), "out\n");
    assert_eq!(output(&reply, "changed"), 1);
    assert_eq!(output(&reply, "jail"), "overlay");
    let effects: Vec<&str> = reply.effects.iter().map(|effect| effect.resource.as_str()).collect();
    assert_eq!(effects, ["workspace:n"]);
}

#[test]
fn nothing_outside_is_seen_and_nothing_is_inherited() {
    let world = World::with("ln -s ../outside/secret s");
    let text =
        format!("! cat s; ! ls {}/outside; env | sort; ls /", world.directory.path().display());
    let plan = world.preview(&script(&text)).unwrap();
    let execution = plan.execution.unwrap();
    assert_eq!(execution.exit_code, 0, "{execution:?}");
    for forbidden in ["secret\n", "CARGO", "PWD=/work"] {
        assert!(!execution.stdout.text.contains(forbidden), "{}", execution.stdout.text);
    }
}

#[test]
fn hard_links_are_parted_and_the_other_name_keeps_what_it_had() {
    let world =
        World::with("echo a >a; ln a b; echo c >c; ln c ../outside/c; ln c d; mkdir t; ln a t/a");
    let (plan, _) = world.run("echo more >>a; rm c d; rm -r t");
    assert_eq!(lines(&plan), ["- t/a", "- t/", "- d", "- c", "~ a"]);
    assert_eq!(std::fs::read(world.path("b")).unwrap(), b"a\n", "the other name");
    assert_eq!(std::fs::read(world.directory.path().join("outside/c")).unwrap(), b"c\n");
    refuse("echo a >a; ln a b", "chmod 700 a", "hard links");
}

#[test]
fn what_a_command_closed_is_planned_with_the_mode_it_left() {
    for rung in [Rung::Overlay, Rung::Copy] {
        let world = World::on(rung);
        direct(&world.path(""), "mkdir d; echo x >d/x; echo a >a");
        let text = "echo n >d/n; chmod 600 d; echo more >>a; chmod 200 a; mkdir -p c/e; echo s >c/e/s; chmod 0 c/e/s c/e c";
        let plan = world.preview(&script(text)).unwrap();
        let expect = ["+ c/", "+ c/e/", "+ c/e/s", "+ d/n", "m a 0200", "m d 0600"];
        assert_eq!(lines(&plan), expect, "{rung:?}");
        let modes: Vec<u32> =
            plan.changes.iter().map(|change| change.after.as_ref().unwrap().mode).collect();
        assert_eq!(modes, [0, 0, 0, 0o644, 0o200, 0o600], "{rung:?}");
    }
}
