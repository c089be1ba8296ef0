//! What passes a bound is ended, with everything it started, and the bound is named.
//! One test for each limit of an order, with a command that passes it.

use std::time::{Duration, Instant};

use checkrein_runner::{Chunk, Ended, Rung, Stream};
use tokio::sync::mpsc;

use crate::support::{assert_code, escapes_program, jailer, on, out, payload, place};

#[tokio::test]
async fn command_that_takes_too_long_is_ended() {
    let mut place = place();
    place.order.limits.wall = Duration::from_millis(300);
    let began = Instant::now();
    let finished = place.shell("echo begun; sleep 1000").await;
    assert_eq!(finished.ended, Ended::OverTime);
    assert_eq!(out(&finished), "begun\n");
    assert!(finished.wall >= Duration::from_millis(300));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn command_that_computes_too_long_is_ended() {
    let mut place = place();
    place.order.limits.cpu = Duration::from_millis(300);
    let finished = payload(&place.order, "spin", "").await.unwrap();
    assert_eq!(finished.ended, Ended::OverCpu);
    assert!(finished.cpu >= Duration::from_millis(200), "{:?}", finished.cpu);
}

#[tokio::test]
async fn fork_bomb_goes_nowhere() {
    let mut place = place();
    place.order.limits.processes = 100;
    let finished = payload(&place.order, "fork-bomb", "").await.unwrap();
    assert_eq!(finished.ended, Ended::OverProcesses);
    assert!(finished.processes > 100);
}

/// Many busy processes make every look slow; that alone is no reason to end a command.
#[tokio::test]
async fn many_busy_processes_within_the_limit_are_left_alone() {
    let mut place = place();
    place.order.limits.wall = Duration::from_secs(7);
    let script = "i=0; while [ $i -lt 60 ]; do (while :; do :; done) & i=$((i+1)); done; wait";
    let finished = place.shell(script).await;
    assert_eq!(finished.ended, Ended::OverTime, "{}", crate::support::err(&finished));
    assert!(finished.processes >= 30);
}

#[tokio::test]
async fn memory_of_all_processes_together_is_bounded() {
    let mut place = place();
    place.order.limits.memory_bytes = 200 << 20;
    place.order.reads = vec![escapes_program()];
    // Each alone is far from the limit.
    let hold = format!("{} hold-memory 80000000", escapes_program().display());
    let finished = place.shell(&format!("{hold} & {hold} & {hold} & {hold} & wait")).await;
    assert_eq!(finished.ended, Ended::OverMemory, "{}", out(&finished));
    assert!(finished.memory_bytes_max > 100 << 20);
}

#[tokio::test]
async fn memory_of_one_process_is_bounded_by_the_kernel() {
    let mut place = place();
    place.order.limits.memory_bytes = 100 << 20;
    let finished = payload(&place.order, "memory", "").await.unwrap();
    let ended = matches!(finished.ended, Ended::OverMemory | Ended::Signalled(_));
    assert!(ended, "{:?}", finished.ended);
}

/// Shared memory that is not mapped any more still takes memory: with 256 MiB allowed, a command kept 3 GiB.
#[tokio::test]
async fn shared_memory_counts_also_where_it_is_not_mapped() {
    let mut place = place();
    place.order.limits.memory_bytes = 128 << 20;
    for attack in ["shared-dropped", "shared-unmapped"] {
        let finished = payload(&place.order, attack, "1048576").await.unwrap();
        assert_eq!(finished.ended, Ended::OverMemory, "{attack}: {}", out(&finished));
    }
    for (attack, about) in [("shared-large", "1048577"), ("zero-dropped", "1048576")] {
        let finished = payload(&place.order, attack, about).await.unwrap();
        assert!(out(&finished).starts_with("refused"), "{attack}: {}", out(&finished));
    }
    // What programs share for their locks and counters is no harm.
    let finished = payload(&place.order, "shared-large", "65536").await.unwrap();
    assert_eq!(out(&finished), "escaped: mapped\n");
}

#[tokio::test]
async fn shared_memory_is_bounded_without_namespaces() {
    let mut place = place();
    if !on(&mut place, Rung::Landlock) {
        return;
    }
    place.order.limits.memory_bytes = 128 << 20;
    let finished = payload(&place.order, "shared-unmapped", "1048576").await.unwrap();
    assert_eq!(finished.ended, Ended::OverMemory, "{}", out(&finished));
}

/// Pages of zeroes count for nobody, but the tables that lead to them took more than the limit.
#[tokio::test]
async fn page_tables_count_as_memory() {
    let mut place = place();
    place.order.limits.memory_bytes = 128 << 20;
    let finished = payload(&place.order, "page-tables", "").await.unwrap();
    assert_eq!(finished.ended, Ended::OverMemory, "{}", out(&finished));
}

#[tokio::test]
async fn huge_output_is_ended_and_what_fits_is_kept() {
    let mut place = place();
    place.order.limits.output_bytes = 10_000;
    let finished = payload(&place.order, "output", "").await.unwrap();
    assert_eq!(finished.ended, Ended::OverOutput);
    assert_eq!(finished.stdout.bytes, vec![b'x'; 10_000]);
    assert!(finished.stdout.total > 10_000);
}

#[tokio::test]
async fn output_over_the_bound_by_a_command_that_ends_is_over_too() {
    let mut place = place();
    place.order.limits.output_bytes = 3;
    assert_eq!(place.shell("printf abcd").await.ended, Ended::OverOutput);
    place.order.limits.output_bytes = 4;
    assert_code(&place.shell("printf abcd").await, 0);
}

#[tokio::test]
async fn upper_layer_is_bounded_in_bytes_and_files() {
    let mut place = place();
    place.order.limits.upper_bytes = 8 << 20;
    let finished = place.shell("head -c 20000000 /dev/zero > big; stat -c %s big").await;
    let size: u64 = out(&finished).trim().parse().unwrap();
    assert!((1 << 20..=8 << 20).contains(&size), "{size}");
    let finished =
        place.shell("i=0; while echo > f$i; do i=$((i+1)); done 2>/dev/null; echo $i").await;
    let count: u64 = out(&finished).trim().parse().unwrap();
    assert!((100..=2_048).contains(&count), "{count}");
}

#[tokio::test]
async fn temporary_files_are_bounded_and_not_part_of_the_upper_layer() {
    let mut place = place();
    place.order.limits.upper_bytes = 8 << 20;
    let script =
        "for at in /tmp /run /home/agent /dev/shm /var/tmp; do echo x > $at/file || exit 1; done;
        head -c 20000000 /dev/zero > /tmp/big; stat -c %s /tmp/big; ls -A";
    let finished = place.shell(script).await;
    let size: u64 = out(&finished).trim().parse().unwrap();
    assert!(size <= 8 << 20, "{size}");
    assert!(crate::support::listing(&finished.upper).is_empty());
}

#[tokio::test]
async fn one_file_is_bounded() {
    let mut place = place();
    place.order.limits.file_bytes = 1 << 20;
    let finished = place.shell("head -c 3000000 /dev/zero > big; echo $?; stat -c %s big").await;
    let said = out(&finished);
    assert!(!said.starts_with("0\n") && said.ends_with("1048576\n"), "{said}");
}

#[tokio::test]
async fn output_is_streamed_as_it_comes() {
    let place = place();
    let (tx, mut rx) = mpsc::channel(4);
    let mut order = place.order.clone();
    // It goes on only when its first line has been seen outside.
    let gate = place.beside("gate");
    order.mounts = vec![checkrein_runner::Mount {
        path: gate.clone(),
        // What is only to be read need not show what comes meanwhile.
        access: checkrein_runner::MountAccess::Write,
    }];
    let wait =
        format!("echo first; until [ -e {}/open ]; do :; done; echo second >&2", gate.display());
    order.arguments = vec!["-c".into(), wait];
    let listen = async {
        let first = rx.recv().await.unwrap();
        assert_eq!(first, Chunk { stream: Stream::Out, bytes: b"first\n".into() });
        std::fs::write(gate.join("open"), "").unwrap();
        let second = rx.recv().await.unwrap();
        assert_eq!(second, Chunk { stream: Stream::Err, bytes: b"second\n".into() });
        assert_eq!(rx.recv().await, None);
    };
    let jailer = jailer();
    let (finished, ()) = tokio::join!(jailer.run(order, Some(tx)), listen);
    assert_code(&finished.unwrap(), 0);
}

#[tokio::test]
async fn what_a_command_took_is_told() {
    let place = place();
    let finished = place.shell("for i in 1 2 3 4 5; do /bin/true; done").await;
    assert_code(&finished, 0);
    assert_eq!(finished.processes, 6);
    assert!(finished.memory_bytes_max > 100_000);
    assert!(finished.cpu > Duration::ZERO && finished.wall > Duration::ZERO);
}
