//! Nothing of a jail outlives it: not when the command ends, nor when its caller stops waiting, nor when that is killed.
//! Seen from outside, by a file that whatever is left would go on writing to.

use std::path::Path;
use std::time::{Duration, Instant};

use checkrein_runner::{Mount, MountAccess, Order, Rung};

use crate::support::{Place, jail_program, jailer, payload, place};

/// A place with a file outside that whatever lives in the jail keeps writing to.
pub(crate) fn pulse() -> (Place, std::path::PathBuf) {
    let mut place = place();
    let beside = place.beside("pulse");
    place.order.mounts = vec![Mount { path: beside.clone(), access: MountAccess::Write }];
    (place, beside.join("file"))
}

pub(crate) fn length(pulse: &Path) -> u64 {
    std::fs::metadata(pulse).map_or(0, |found| found.len())
}

/// Waits for a condition on something outside, for which nothing can be waited otherwise.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what} did not happen");
        tokio::task::yield_now().await;
    }
}

/// Fails if the file still grows: a writer in an endless loop writes thousands of lines in this time.
pub(crate) async fn assert_still(pulse: &Path) {
    let before = length(pulse);
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(300) {
        tokio::task::yield_now().await;
    }
    assert_eq!(length(pulse), before, "something still writes");
}

#[tokio::test]
async fn daemon_ends_with_the_command() {
    let (place, pulse) = pulse();
    let finished = payload(&place.order, "leave-running", pulse.to_str().unwrap()).await.unwrap();
    crate::support::assert_code(&finished, 0);
    assert_still(&pulse).await;
}

#[tokio::test]
async fn caller_that_stops_waiting_ends_everything() {
    for rung in [Rung::Overlay, Rung::Landlock] {
        let (mut place, pulse) = pulse();
        if !crate::support::on(&mut place, rung) {
            continue;
        }
        let mut order = place.order.clone();
        order.arguments = vec!["-c".into(), endless(&pulse)];
        let jailer = jailer();
        tokio::select! {
            ended = jailer.run(order, None) => panic!("{ended:?}"),
            () = until("writing", || length(&pulse) > 0) => {}
        }
        until("the end of every process", || !alive(&pulse)).await;
        assert_still(&pulse).await;
    }
}

/// Two writers, the second one in a session of its own. That one writes first: while a program begins, `alive` sees
/// no words of it.
pub(crate) fn endless(pulse: &Path) -> String {
    let pulse = pulse.display();
    let write = format!("while true; do echo alive >> {pulse}; done");
    format!("setsid --fork sh -c '{write}'; until [ -s {pulse} ]; do :; done; {write}")
}

#[tokio::test]
async fn supervisor_that_is_killed_leaves_nothing() {
    for rung in [Rung::Overlay, Rung::Landlock] {
        let (mut place, pulse) = pulse();
        if !crate::support::on(&mut place, rung) {
            continue;
        }
        place.order.arguments = vec!["-c".into(), endless(&pulse)];
        let mut supervisor = supervise(&place.order);
        until("writing", || length(&pulse) > 0).await;
        supervisor.kill().unwrap();
        supervisor.wait().unwrap();
        until("the end of every process", || !alive(&pulse)).await;
        assert_still(&pulse).await;
    }
}

/// This test program once more, as the supervisor that will be killed.
fn supervise(order: &Order) -> std::process::Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["ends::supervise_until_killed", "--exact", "--nocapture"])
        .env(ORDER, serde_json::to_string(order).unwrap())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

const ORDER: &str = "RUNNER_TEST_ORDER";

/// Not a test of its own: the other half of the one above, and nothing where nobody asks for it.
#[tokio::test]
async fn supervise_until_killed() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let order: Order = serde_json::from_str(&order).unwrap();
    jailer().run(order, None).await.unwrap();
}

/// Whether any process has the file's name in its command line.
pub(crate) fn alive(pulse: &Path) -> bool {
    let name = pulse.to_str().unwrap();
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let mine = entry.file_name().to_str() == Some(&std::process::id().to_string());
        !mine && String::from_utf8_lossy(&line).contains(name)
    })
}

#[tokio::test]
async fn jail_started_by_hand_says_what_it_is() {
    for arguments in [vec![], vec!["__jail"]] {
        let output = std::process::Command::new(jail_program())
            .args(&arguments)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("started by a supervisor"), "{said}");
    }
}
