//! A plan applied equals the changes made directly, byte for byte, and its inverse takes all of it back.
//!
//! Random operations build a tree in two workspaces; more of them change one of the two directly. The plan between
//! them is applied to the other: contents, modes, links and kinds must be the same, and every effect as planned. Then
//! undo, and the bare inverse, must give the tree that was there before. Tables show each kind of replacement.
//! What a crash in the middle does is in `cuts.rs`.

use proptest::prelude::*;

use super::between::between;
use super::*;

/// One thing that a command does to files.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Write(String, String),
    Append(String, String),
    Delete(String),
    Rename(String, String),
    Mode(String, u32),
    Link(String, String),
    Directory(String),
}

use Operation::{Append, Delete, Directory, Link, Mode, Rename, Write};

impl Operation {
    /// Does it directly, as far as it can be done.
    pub(super) fn run(&self, world: &World) {
        let at = |path: &str| world.path(path);
        // What is impossible leaves no trace, in either workspace.
        let _ = match self {
            Write(path, text) => fs::write(at(path), text),
            Append(path, text) => {
                let file = fs::OpenOptions::new().append(true).open(at(path));
                file.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
            }
            Delete(path) => fs::remove_file(at(path)).or_else(|_| fs::remove_dir_all(at(path))),
            Rename(from, to) => fs::rename(at(from), at(to)),
            Mode(path, bits) => match fs::symlink_metadata(at(path)) {
                Ok(there) if !there.is_symlink() => {
                    let needed = if there.is_dir() { 0o500 } else { 0o400 };
                    fs::set_permissions(at(path), fs::Permissions::from_mode(bits | needed))
                }
                _ => Ok(()),
            },
            Link(path, target) => symlink(target, at(path)),
            Directory(path) => fs::create_dir(at(path)),
        };
    }
}

fn path() -> impl Strategy<Value = String> {
    let long = "l".repeat(255);
    let names = ["a", "b", "A", "x", "é"].map(str::to_owned).into_iter().chain([long]);
    let name = proptest::sample::select(names.collect::<Vec<_>>());
    proptest::collection::vec(name, 1..4).prop_map(|parts| parts.join("/"))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-c\n]{1,6}", "[a-b]{13,14}"]
}

fn operation() -> impl Strategy<Value = Operation> {
    let bits = proptest::sample::select(&[0o644_u32, 0o600, 0o755, 0o444, 0o555, 0o700, 0o500][..]);
    // Operations go through links, as commands do, so none may lead to a place that is or could be made.
    let target =
        proptest::sample::select(&["a", "b", "a/../b", "nowhere", "/nonexistent/x", "x/y"][..]);
    prop_oneof![
        4 => (path(), text()).prop_map(|(path, text)| Write(path, text)),
        1 => (path(), text()).prop_map(|(path, text)| Append(path, text)),
        2 => path().prop_map(Delete),
        3 => (path(), path()).prop_map(|(from, to)| Rename(from, to)),
        2 => (path(), bits).prop_map(|(path, bits)| Mode(path, bits)),
        2 => (path(), target).prop_map(|(path, target)| Link(path, target.to_owned())),
        4 => path().prop_map(Directory),
    ]
}

/// Does `before` in two workspaces and `after` in one of them, and makes the other equal by plan; then back.
fn check(before: &[Operation], after: &[Operation]) {
    let (direct, planned) = (World::new(), World::new());
    for operation in before {
        operation.run(&direct);
        operation.run(&planned);
    }
    let start = planned.tree();
    assert_eq!(direct.tree(), start);
    after.iter().for_each(|operation| operation.run(&direct));
    let plan = between(&planned, &direct);
    let effects = act::act(&planned.workspace, invocation("x.y", Value::Null).call, &plan)
        .unwrap_or_else(|error| panic!("{error}\n{plan:#?}"));
    assert_eq!(planned.tree(), direct.tree(), "applied: {plan:#?}");
    let as_planned = plan.changes.iter().filter(|change| {
        let digest = |state: &Option<domain::FileState>| state.as_ref().map(contract::state_digest);
        digest(&change.before) != digest(&change.after)
            && effects.iter().any(|effect| {
                effect.resource.to_string() == format!("workspace:{}", change.path)
                    && (effect.before, effect.after)
                        == (digest(&change.before), digest(&change.after))
            })
    });
    assert_eq!(as_planned.count(), effects.len(), "{effects:?}");
    let again = act::act(&planned.workspace, undo_of(&plan).call, &back(&plan));
    again.unwrap_or_else(|error| panic!("the inverse: {error}\n{plan:#?}"));
    assert_eq!(planned.tree(), start, "the inverse of {plan:#?}");
    if !plan.changes.is_empty() {
        let undo = undo_of(&plan);
        act::act(&planned.workspace, invocation("x.y", Value::Null).call, &plan).unwrap();
        let back = preview(&planned.workspace, &undo).unwrap_or_else(|why| panic!("{why}"));
        act(&planned.workspace, &undo, &back).unwrap_or_else(|error| panic!("{error}\n{back:#?}"));
        assert_eq!(planned.tree(), start, "undo of {plan:#?}");
    }
}

/// The inverse, with moves the other way.
pub(super) fn back(plan: &Plan) -> Plan {
    let mut back = plan.inverse();
    for change in &mut back.changes {
        let moved = |other: &&domain::Change| other.moved_from.as_ref() == Some(&change.path);
        change.moved_from = plan.changes.iter().find(moved).map(|other| other.path.clone());
    }
    back
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_applied_equals_the_changes_made_directly(
        before in proptest::collection::vec(operation(), 0..24),
        after in proptest::collection::vec(operation(), 0..24),
    ) {
        check(&before, &after);
    }
}

/// Operations from lines as a person would write them.
pub(super) fn operations(lines: &str) -> Vec<Operation> {
    let one = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let own = |index: usize| words[index].to_owned();
        match words[0] {
            "echo" => Write(own(2), own(1)),
            "touch" => Write(own(1), String::new()),
            "rm" => Delete(own(1)),
            "mv" => Rename(own(1), own(2)),
            "chmod" => Mode(own(2), u32::from_str_radix(words[1], 8).unwrap()),
            "ln" => Link(own(2), own(1)),
            "mkdir" => Directory(own(1)),
            other => panic!("{other}"),
        }
    };
    lines.split(';').map(str::trim).filter(|line| !line.is_empty()).map(one).collect()
}

/// Trees and changes, one for each kind of thing that a plan can say.
pub(super) const CHANGES: [(&str, &str); 15] = [
    // A directory becomes a file, with all that was in it, and back.
    ("mkdir d; touch d/x; mkdir d/e; echo y d/e/y", "rm d; echo file d"),
    ("echo file f", "rm f; mkdir f; touch f/x; mkdir f/e; echo y f/e/y"),
    // The same with links, which lead to places that look like those of the plan.
    ("mkdir o; echo x o/x; mkdir d; echo x d/x", "rm d; ln o d"),
    ("mkdir o; echo x o/x; ln o d", "rm d; mkdir d; echo y d/x"),
    ("echo one f; ln f l; ln f m", "rm f; ln l f; rm l; echo l l; rm m; ln elsewhere m"),
    // Modes alone, of files and directories, to and from closed.
    ("mkdir d; mkdir e; chmod 555 e; echo x f", "chmod 555 d; chmod 755 e; chmod 444 f"),
    // New closed trees, and closed trees that go.
    ("echo x f", "mkdir d; mkdir d/e; mv f d/e/f; chmod 555 d/e; chmod 500 d"),
    (
        "mkdir d; mkdir d/e; echo x d/e/f; chmod 555 d/e; chmod 500 d",
        "chmod 755 d; chmod 755 d/e; rm d",
    ),
    ("mkdir d; touch d/x; chmod 555 d", "chmod 755 d; rm d; echo f d"),
    // A closed directory in which something changes stays closed.
    ("mkdir d; echo x d/x; chmod 555 d", "chmod 755 d; rm d/x; echo y d/y; chmod 555 d"),
    // An open directory in a closed one that nobody touches.
    (
        "mkdir p; mkdir p/d; touch p/d/x; chmod 555 p",
        "chmod 500 p/d; chmod 700 p/d; rm p/d/x; echo y p/d/y; chmod 750 p/d",
    ),
    // Moves into what is new, out of what goes, and in a circle.
    ("mkdir d; echo xxxxxxxxxxxxxxxx d/x; touch e", "rm e; mkdir e; mv d/x e/x; rm d"),
    ("echo aaaaaaaaaaaaaaaa a; echo b b", "mv a t; mv b a; mv t b"),
    // A name that differs in case only.
    ("echo x File; mkdir D; touch D/f", "mv File file; mv D d"),
    // Two kinds at once below one another.
    ("mkdir a; echo x a/b; mkdir c; touch c/d", "rm a/b; mkdir a/b; ln x a/b/c; rm c; ln a c"),
];

#[test]
fn every_kind_of_change_is_applied_and_taken_back() {
    for (before, after) in CHANGES {
        check(&operations(before), &operations(after));
    }
}
