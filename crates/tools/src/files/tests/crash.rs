//! A process that applies a plan of many files is killed at some moment, and its recovery too: afterwards the
//! tree is exactly as before or exactly as planned.
//!
//! The test starts itself again as the child that is killed (`CHILD` tells it so). The moment is spread over
//! the time that the act takes when nobody kills it, or is when a certain path of the plan changes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::json;

use super::between::between;
use super::equality::operations;
use super::*;

const CHILD: &str = "CHECKREIN_TEST_CRASH_CHILD";
const ROOT: &str = "CHECKREIN_TEST_CRASH_ROOT";
const NAME: &str = "files::tests::crash::a_killed_act_is_finished_or_reverted_whole";
const FILES: usize = 24;
const ROUNDS: u32 = 8;

/// The plans that are interrupted.
const KINDS: [&str; 5] = ["replace", "delete", "move", "restore", "kinds"];

#[test]
fn a_killed_act_is_finished_or_reverted_whole() {
    if let Ok(task) = std::env::var(CHILD) {
        return child(&task);
    }
    let mut in_the_middle = 0;
    for kind in KINDS {
        let (world, arguments) = prepared(kind);
        let plan = planned(&world.workspace, kind);
        let before = world.tree();
        let begun = Instant::now();
        act(&world.workspace, &arguments, &plan).unwrap();
        let time = begun.elapsed();
        let after = world.tree();
        for round in 0..ROUNDS {
            let (world, invocation) = prepared(kind);
            assert_eq!(world.tree(), before);
            let share = usize::try_from(round).unwrap() * plan.changes.len() / 10;
            let moment = match round % 2 {
                0 => Moment::After(time * round / (ROUNDS - 1)),
                _ => Moment::Changed(plan.changes[share.max(1)].path.clone()),
            };
            kill_at(&world, &format!("act {kind}"), &moment);
            let done = |change: &domain::Change| {
                world.workspace.stands(&change.path, change.after.as_ref()).unwrap()
            };
            let count = plan.changes.iter().filter(|change| done(change)).count();
            in_the_middle += usize::from(0 < count && count < plan.changes.len());
            if round % 3 == 0 {
                let moment = Moment::After(time * round / (4 * ROUNDS));
                kill_at(&world, &format!("recover {kind}"), &moment);
            }
            let unfinished = Unfinished { invocation, plan: Some(plan.clone()) };
            let recovered = recover(&world.workspace, &unfinished);
            let expect = match &recovered {
                Recovered::Happened(_) => &after,
                Recovered::DidNotHappen { .. } => &before,
                Recovered::Partly { reason, .. } | Recovered::Unknown { reason } => {
                    panic!("{kind}, round {round}: {reason}")
                }
            };
            assert_eq!(&world.tree(), expect, "{kind}, round {round}: {recovered:?}");
        }
    }
    assert!(in_the_middle > 0, "no round was interrupted in the middle");
}

/// A tree, and the call that changes it.
fn prepared(kind: &str) -> (World, Invocation) {
    let world = World::new();
    for index in 0..FILES {
        let content = format!("{index} ").repeat(1 + index * 400);
        world.put(&format!("d/{}/f{index}", index % 3), &content);
    }
    let call = match kind {
        "delete" | "restore" => invocation("files.delete", json!({"path": "d", "recursive": true})),
        "move" => invocation("files.move", json!({"from": "d", "to": "n/e"})),
        _ => invocation("files.write", json!({"path": "d", "content": ""})),
    };
    if kind == "restore" {
        let plan = preview(&world.workspace, &call).unwrap();
        act(&world.workspace, &call, &plan).unwrap();
        return (world, undo_of(&plan));
    }
    (world, call)
}

/// The same plan in parent and child: a plan depends on the tree alone.
fn planned(workspace: &Workspace, kind: &str) -> Plan {
    match kind {
        "replace" => {
            let mut plan = Plan { restorable: true, ..Plan::default() };
            for index in 0..FILES {
                let path = format!("d/{}/f{index}", index % 3);
                let content = format!("{index}\n").repeat(1 + index * 500);
                let write = invocation("files.write", json!({"path": path, "content": content}));
                plan.changes.extend(preview(workspace, &write).unwrap().changes);
            }
            plan
        }
        "restore" => {
            let (original, call) = prepared("restore");
            preview(&original.workspace, &call).unwrap()
        }
        "kinds" => {
            let ((old, _), (new, _)) = (prepared(kind), prepared(kind));
            let changes = "rm d/0; echo file d/0; chmod 600 d/1/f1; rm d/1/f4; mkdir d/1/f4; \
                touch d/1/f4/x; rm d/1/f7; ln f1 d/1/f7; mv d/1/f10 d/2/f10; mkdir d/n; \
                touch d/n/x; chmod 555 d/n; chmod 555 d/2; chmod 700 d/1";
            operations(changes).iter().for_each(|operation| operation.run(&new));
            between(&old, &new)
        }
        _ => preview(workspace, &prepared(kind).1).unwrap(),
    }
}

/// When the child is killed.
enum Moment {
    After(Duration),
    /// Something else stands at a path, or nothing does, or it is new.
    Changed(String),
}

fn kill_at(world: &World, task: &str, moment: &Moment) {
    let stands = |path: &str| fs::symlink_metadata(world.path(path)).ok().map(|there| there.ino());
    let first = match moment {
        Moment::After(_) => None,
        Moment::Changed(path) => stands(path),
    };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture", "--test-threads", "1"])
        .env(CHILD, task)
        .env(ROOT, world.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("ready")), "the child did not start");
    let begun = Instant::now();
    let is_now = || match moment {
        Moment::After(time) => begun.elapsed() >= *time,
        Moment::Changed(path) => stands(path) != first,
    };
    while !is_now() && child.try_wait().unwrap().is_none() {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn child(task: &str) {
    let workspace = Workspace::open(Path::new(&std::env::var(ROOT).unwrap())).unwrap();
    let (work, kind) = task.split_once(' ').unwrap();
    let invocation = prepared(kind).1;
    // For a recovery the tree is no longer the one that was planned on.
    let plan = planned(&prepared(kind).0.workspace, kind);
    std::io::stdout().write_all(b"\nready\n").unwrap();
    std::io::stdout().flush().unwrap();
    if work == "act" {
        drop(act(&workspace, &invocation, &plan));
    } else {
        recover(&workspace, &Unfinished { invocation, plan: Some(plan) });
    }
}
