//! Preview and apply equals running directly, byte for byte, and undo brings everything back.
//!
//! Generated scripts of file operations run twice: directly in one copy of a tree, and as a command in another. Modes,
//! contents, links and kinds must be the same afterwards. The named exception is hard links: the overlay makes separate
//! files of them, so the scripts make none that they write to later. As root and, in a workspace that belongs to
//! somebody else, as that user; on an overlay and on a copy.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// One operation, on a small set of names so that operations meet.
#[derive(Debug, Clone)]
enum Step {
    Write(String, u16),
    Append(String),
    Truncate(String),
    Remove(String),
    Directory(String),
    Move(String, String),
    Chmod(String, u16),
    Link(String, String),
    Swap(String),
    Touch(String),
    Copy(String, String),
    Tree(String),
}

fn path() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "c", "d", "é", "a b"]);
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"))
}

fn step() -> impl Strategy<Value = Step> {
    // The owner keeps the right to look: what nobody can read, nobody can plan.
    let modes =
        || prop::sample::select(vec![0o600, 0o644, 0o755, 0o500, 0o555, 0o777, 0o711, 0o400]);
    prop_oneof![
        4 => (path(), any::<u16>()).prop_map(|(path, seed)| Step::Write(path, seed)),
        2 => path().prop_map(Step::Append),
        1 => path().prop_map(Step::Truncate),
        3 => path().prop_map(Step::Remove),
        3 => path().prop_map(Step::Directory),
        3 => (path(), path()).prop_map(|(from, to)| Step::Move(from, to)),
        2 => (path(), modes()).prop_map(|(path, mode)| Step::Chmod(path, mode)),
        2 => (path(), path()).prop_map(|(path, target)| Step::Link(path, target)),
        1 => path().prop_map(Step::Swap),
        1 => path().prop_map(Step::Touch),
        1 => (path(), path()).prop_map(|(from, to)| Step::Copy(from, to)),
        1 => path().prop_map(Step::Tree),
    ]
}

/// As shell text. A step that cannot be done is passed over, in both runs alike.
fn shell(steps: &[Step]) -> String {
    let lines = steps.iter().map(|step| match step {
        Step::Write(path, seed) => {
            format!("mkdir -p \"$(dirname '{path}')\"; seq {seed} {} >'{path}'", u32::from(*seed) + 40)
        }
        Step::Append(path) => format!("echo more >>'{path}'"),
        Step::Truncate(path) => format!("true >'{path}'"),
        Step::Remove(path) => format!("rm -rf '{path}'"),
        Step::Directory(path) => format!("mkdir -p '{path}'"),
        Step::Move(from, to) => format!("mv -T '{from}' '{to}'"),
        Step::Chmod(path, mode) => {
            // An overlay moves directories by copying, and nobody copies what is closed to its owner: the second named
            // exception beside hard links.
            let open = mode | 0o500;
            format!("if test -d '{path}'; then test -L '{path}' || chmod {open:o} '{path}'; else test -L '{path}' || chmod {mode:o} '{path}'; fi")
        }
        Step::Link(path, target) => format!("ln -sfn '{target}' '{path}'"),
        Step::Swap(path) => {
            format!("if test -d '{path}'; then rm -rf '{path}'; echo file >'{path}'; else rm -f '{path}'; mkdir -p '{path}/x'; fi")
        }
        Step::Touch(path) => format!("touch '{path}'"),
        // What a copy of a directory into itself leaves depends on the order of entries on the disk.
        Step::Copy(from, to) => format!("test -d '{from}' || cp -a '{from}' '{to}'"),
        Step::Tree(path) => format!("rm -rf '{path}'; mkdir -p '{path}/x/y'; echo 1 >'{path}/x/y/1'; ln -s y '{path}/x/l'"),
    });
    lines.map(|line| format!("{{ {line}; }} 2>/dev/null || true\n")).collect()
}

/// Where commands run, and as whom.
#[derive(Debug, Clone, Copy)]
struct As {
    rung: Rung,
    given_away: bool,
}

fn check(before: &[Step], text: &[Step], how: As) -> Result<(), TestCaseError> {
    let (before, text) = (shell(before), shell(text));
    let (one, other) = (World::on(how.rung), World::on(how.rung));
    let (one, other) =
        if how.given_away { (one.given_away(), other.given_away()) } else { (one, other) };
    for world in [&one, &other] {
        direct(&world.path(""), &before);
    }
    let began = other.tree();
    prop_assert_eq!(&one.tree(), &began);
    direct(&one.path(""), &text);
    let plan = other.preview(&script(&text)).map_err(|trouble| {
        TestCaseError::fail(format!("preview: {trouble}\n{before}---\n{text}"))
    })?;
    prop_assert_eq!(&other.tree(), &began, "a preview changes nothing");
    other.apply(&plan).map_err(|error| {
        TestCaseError::fail(format!("apply: {error}\n{:?}\n{before}---\n{text}", lines(&plan)))
    })?;
    prop_assert_eq!(one.tree(), other.tree(), "{:?}\n{}---\n{}", lines(&plan), before, text);
    prop_assert!(plan.restorable, "{:?}", lines(&plan));
    if !plan.changes.is_empty() {
        let inverse = plan.inverse();
        let undone =
            other.root().act(CallId::new(Uuid::from_u128(10)), &inverse, &StopSignal::never());
        undone.map_err(|error| {
            TestCaseError::fail(format!("undo: {error}\n{:?}\n{before}---\n{text}", lines(&plan)))
        })?;
        prop_assert_eq!(other.tree(), began, "undo of {:?}", lines(&plan));
    }
    Ok(())
}

fn property(cases: u32, how: As) {
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let steps = |most| prop::collection::vec(step(), 1..most);
    TestRunner::new(config)
        .run(&(steps(12), steps(14)), |(before, text)| check(&before, &text, how))
        .unwrap_or_else(|failure| panic!("{how:?}: {failure}"));
}

#[test]
fn applying_a_plan_equals_running_the_command() {
    property(60, As { rung: Rung::Overlay, given_away: false });
}

#[test]
fn applying_a_plan_equals_running_the_command_as_the_workspaces_owner() {
    property(60, As { rung: Rung::Overlay, given_away: true });
}

#[test]
fn applying_a_plan_from_a_copy_equals_running_the_command() {
    property(40, As { rung: Rung::Copy, given_away: false });
    property(20, As { rung: Rung::Copy, given_away: true });
}
