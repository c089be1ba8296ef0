//! Nothing of a session outlives it: not when it is killed, nor dropped, nor when its supervisor is killed.
//! Seen from outside, by a file that whatever is left would go on writing to.

use std::path::Path;

use checkrein_runner::{Cause, Lifetime, Order};

use super::{all, rungs, start, writing};
use crate::ends::{alive, assert_still, endless, length, until};
use crate::support::{Place, jailer};

fn pulsing(rung: checkrein_runner::Rung) -> (Place, std::path::PathBuf) {
    let (place, beside) = writing(rung, |beside| endless(&Path::new(beside).join("file")));
    (place, beside.join("file"))
}

#[tokio::test]
async fn kill_ends_the_program_and_everything_it_started() {
    for rung in rungs() {
        let (place, pulse) = pulsing(rung);
        let (session, _pipes) = start(&place.order).await.unwrap();
        until("writing", || length(&pulse) > 0).await;
        session.kill();
        assert_eq!(session.ended().await.cause, Cause::Killed, "{}", rung.word());
        assert!(!alive(&pulse), "{}", rung.word());
        assert_still(&pulse).await;
        session.kill();
    }
}

#[tokio::test]
async fn dropped_session_ends_everything() {
    for rung in rungs() {
        let (place, pulse) = pulsing(rung);
        let (session, pipes) = start(&place.order).await.unwrap();
        until("writing", || length(&pulse) > 0).await;
        let ended = session.ended();
        drop(session);
        until("the end of every process", || !alive(&pulse)).await;
        assert_still(&pulse).await;
        assert!(matches!(ended.await.cause, Cause::Killed | Cause::Lost(_)));
        drop(pipes);
    }
}

/// A runtime that is gone cannot close anything any more; its end must have done so.
#[test]
fn end_of_the_runtime_ends_everything() {
    for rung in rungs() {
        let (place, pulse) = pulsing(rung);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (session, pipes) = runtime.block_on(start(&place.order)).unwrap();
        runtime.block_on(until("writing", || length(&pulse) > 0));
        drop(runtime);
        let waits = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        waits.block_on(until("the end of every process", || !alive(&pulse)));
        let end = waits.block_on(session.ended());
        assert!(matches!(end.cause, Cause::Lost(_)), "{end:?}");
        drop((session, pipes));
    }
}

#[tokio::test]
async fn start_that_is_not_waited_for_leaves_nothing() {
    let (place, pulse) = pulsing(rungs().next().unwrap());
    for _ in 0..5 {
        let starting = start(&place.order);
        // Polled once at least, and given up somewhere on the way.
        tokio::select! {
            biased;
            started = starting => drop(started),
            () = tokio::task::yield_now() => {}
        }
    }
    until("the end of every process", || !alive(&pulse)).await;
    assert_still(&pulse).await;
}

#[tokio::test]
async fn what_the_program_leaves_running_ends_with_it() {
    for rung in rungs() {
        let (place, pulse) = writing(rung, |beside| {
            let pulse = format!("{beside}/file");
            format!(
                "setsid --fork sh -c 'while :; do echo alive >> {pulse}; done' >/dev/null 2>&1; exit 4"
            )
        });
        let said = all(start(&place.order).await.unwrap()).await;
        assert_eq!(said.end.cause, Cause::Exited(4), "{}: {}", rung.word(), said.err);
        assert!(!alive(&pulse), "{}", rung.word());
        assert_still(&pulse.join("file")).await;
    }
}

#[tokio::test]
async fn supervisor_that_is_killed_leaves_no_session() {
    for rung in rungs() {
        let (place, pulse) = pulsing(rung);
        let mut supervisor = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["sessions::ends::hold_until_killed", "--exact", "--nocapture"])
            .env(ORDER, serde_json::to_string(&place.order).unwrap())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        until("writing", || length(&pulse) > 0).await;
        supervisor.kill().unwrap();
        supervisor.wait().unwrap();
        until("the end of every process", || !alive(&pulse)).await;
        assert_still(&pulse).await;
    }
}

const ORDER: &str = "RUNNER_TEST_SESSION";

/// Not a test of its own: the other half of the one above, and nothing where nobody asks for it.
#[tokio::test]
async fn hold_until_killed() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let order: Order = serde_json::from_str(&order).unwrap();
    let (session, _pipes) = jailer().start(order, Lifetime::Unlimited).await.unwrap();
    session.ended().await;
}
