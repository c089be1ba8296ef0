//! What passes a bound is ended and the bound is named.
//! The two times hold only for a session that says so; the other limits hold for every one.

use std::time::{Duration, Instant};

use checkrein_runner::{Cause, Error, Lifetime, Rung};

use super::{all, payload, rungs, say, scripted, start};
use crate::support::{escapes_program, jailer};

#[tokio::test]
async fn memory_of_all_processes_together_is_bounded() {
    for rung in rungs() {
        let hold = format!("{} hold-memory 80000000", escapes_program().display());
        let mut place = scripted(rung, &format!("{hold} & {hold} & {hold} & {hold} & wait"));
        place.order.limits.memory_bytes = 200 << 20;
        place.order.reads = vec![escapes_program()];
        let said = say(&place.order).await;
        assert_eq!(said.end.cause, Cause::OverMemory, "{}: {}", rung.word(), said.err);
        assert!(said.end.took.unwrap().memory_bytes_max > 100 << 20);
    }
}

/// On rung landlock killing them one by one, each after a look at the whole machine, took longer than they were given.
#[tokio::test]
async fn fork_bomb_goes_nowhere() {
    for rung in rungs() {
        let mut place = scripted(rung, "");
        place.order.limits.processes = 300;
        let said = payload(&place.order, "fork-bomb", "").await;
        assert_eq!(said.end.cause, Cause::OverProcesses, "{}: {}", rung.word(), said.err);
    }
}

#[tokio::test]
async fn times_hold_for_a_limited_session() {
    for rung in rungs() {
        let mut place = scripted(rung, "while :; do sleep 1; done");
        place.order.limits.wall = Duration::from_millis(300);
        let began = Instant::now();
        assert_eq!(say(&place.order).await.end.cause, Cause::OverTime, "{}", rung.word());
        assert!(began.elapsed() < Duration::from_secs(10));
        let mut place = scripted(rung, "");
        place.order.limits.cpu = Duration::from_millis(300);
        let said = payload(&place.order, "spin", "").await;
        assert_eq!(said.end.cause, Cause::OverCpu, "{}", rung.word());
    }
}

/// The kernel counts whole seconds of processor time, so it computes for more than one.
#[tokio::test]
async fn no_time_holds_for_an_unlimited_session() {
    for rung in rungs() {
        let busy = "now() { cut -d' ' -f14 /proc/$$/stat; }; while [ $(now) -lt 130 ]; do \
                    i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done; exit 5";
        let mut place = scripted(rung, busy);
        if rung == Rung::Landlock {
            // Nobody reads another process there, not even its own parent.
            place.order.arguments[1] =
                "i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done; exit 5".into();
        }
        place.order.limits.wall = Duration::from_millis(1);
        place.order.limits.cpu = Duration::from_millis(1);
        let started = jailer().start(place.order.clone(), Lifetime::Unlimited).await.unwrap();
        let said = all(started).await;
        assert_eq!(said.end.cause, Cause::Exited(5), "{}: {}", rung.word(), said.err);
    }
}

#[tokio::test]
async fn temporary_files_are_bounded() {
    for rung in rungs().filter(|rung| *rung != Rung::Landlock) {
        let mut place = scripted(rung, "head -c 20000000 /dev/zero > big; stat -c %s big");
        place.order.limits.upper_bytes = 8 << 20;
        let size: u64 = say(&place.order).await.out.trim().parse().unwrap();
        assert!((1 << 20..=8 << 20).contains(&size), "{size}");
    }
}

#[tokio::test]
async fn nothing_starts_on_the_last_rung() {
    let place = scripted(Rung::Refuse, "true");
    let error = start(&place.order).await.unwrap_err();
    assert!(matches!(error, Error::Order { .. }), "{error}");
    assert!(error.to_string().contains("rung `refuse`"), "{error}");
}
