//! What a jail costs: time over the bare command, and memory of ours for fifty at once.
//! It prints both and holds the second; the first depends on what else the machine does.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use checkrein_runner::{Mount, MountAccess};

use crate::support::{assert_code, jailer, place};

#[tokio::test]
async fn time_over_the_bare_command_is_printed() {
    let mut place = place();
    place.order.program = "/bin/true".into();
    let (mut bare, mut jailed) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let began = Instant::now();
        assert!(Command::new("/bin/true").stdout(Stdio::null()).status().unwrap().success());
        bare.push(began.elapsed());
        let began = Instant::now();
        assert_code(&jailer().run(place.order.clone(), None).await.unwrap(), 0);
        jailed.push(began.elapsed());
    }
    let median = |all: &mut Vec<Duration>| {
        all.sort();
        all[all.len() / 2]
    };
    println!("bare {:?}, jailed {:?}", median(&mut bare), median(&mut jailed));
}

/// Each waits until all are there, so that they really are there at once.
#[tokio::test]
async fn fifty_jails_at_once_take_little_memory_of_ours() {
    let gate = place();
    let beside = gate.beside("gate");
    let jailer = jailer();
    let places: Vec<_> = (0..50).map(|_| place()).collect();
    let runs = places.iter().map(|place| {
        let mut order = place.order.clone();
        order.mounts = vec![Mount { path: beside.clone(), access: MountAccess::Write }];
        let script = format!("until [ -e {}/open ]; do sleep 0.1; done", beside.display());
        order.arguments = vec!["-c".into(), script];
        let jailer = jailer.clone();
        tokio::spawn(async move { jailer.run(order, None).await })
    });
    let runs: Vec<_> = runs.collect();
    let began = Instant::now();
    let mut seen = (0, 0);
    while seen.0 < 150 && began.elapsed() < Duration::from_secs(25) {
        // Outer and init of each, and the shell as a third that waits.
        seen = tokio::task::spawn_blocking(ours).await.unwrap();
    }
    std::fs::write(beside.join("open"), "").unwrap();
    for run in runs {
        assert_code(&run.await.unwrap().unwrap(), 0);
    }
    println!("{} processes of ours and their shells, {} kB of ours", seen.0, seen.1);
    assert!(seen.0 >= 150, "{seen:?}");
    assert!(seen.1 < 200 << 10, "{seen:?}");
}

/// Descendants of this process: how many, and the proportional memory of those that are the jail's own.
pub(crate) fn ours() -> (u64, u64) {
    let all = descendants();
    let memory = all.iter().filter(|child| is_ours(child)).map(|child| {
        let rollup = std::fs::read_to_string(format!("/proc/{child}/smaps_rollup"));
        rollup.map_or(0, |text| proportional(&text))
    });
    (all.len() as u64, memory.sum())
}

/// What the jail's own processes among them have computed.
pub(crate) fn processor_time_of_ours() -> Duration {
    let nanoseconds = descendants().into_iter().filter(|child| is_ours(child)).flat_map(|child| {
        // Of each thread; the file of the process itself has the first one's only.
        let threads = std::fs::read_dir(format!("/proc/{child}/task")).into_iter().flatten();
        threads.flatten().map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0)
        })
    });
    Duration::from_nanos(nanoseconds.sum())
}

fn is_ours(process: &str) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    name.starts_with("checkrein-jail")
}

fn descendants() -> Vec<String> {
    let mut found = Vec::new();
    let mut parents = vec![std::process::id().to_string()];
    while let Some(parent) = parents.pop() {
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{parent}/task")) else { continue };
        for task in tasks.flatten() {
            let children =
                std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace() {
                parents.push(child.to_owned());
                found.push(child.to_owned());
            }
        }
    }
    found
}

fn proportional(rollup: &str) -> u64 {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}
