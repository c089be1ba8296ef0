//! A stop ends a command with everything that it started, also what left its session and its parent, within a second.
//! The processes are real ones; what a machine without a jail does instead is told by the other tests.

use std::time::Instant;

use domain::{Name, Stop, StopId, StopLevel, StopScope, StopState, Timestamp};
use gate::{Teller, ToolErrorKind};
use tokio::task::yield_now;

use super::*;

/// A process tree as large as the promise says.
const TREE: usize = 100;
/// What the promise allows.
const GONE_WITHIN: Duration = Duration::from_secs(1);

fn stop() -> Stop {
    let by: Name = name("olga");
    Stop {
        id: StopId::new(Uuid::from_u128(3)),
        scope: StopScope::Everything,
        level: StopLevel::Suspend,
        reason: "enough".to_owned(),
        by,
        at: Timestamp::from_millis(1),
        state: StopState::InForce,
    }
}

/// Processes of this machine that sleep for exactly so long.
fn sleeping(marker: &str) -> usize {
    let line = format!("sleep\0{marker}\0");
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = all.map(|entry| std::fs::read(entry.path().join("cmdline")).unwrap_or_default());
    lines.filter(|found| found == line.as_bytes()).count()
}

/// Runs a script until its whole tree sleeps, then stops it. Gives its end, and when the stop was told.
fn stopped(
    world: &World,
    (text, marker, count): (&str, &str, usize),
) -> (Result<Plan, Trouble>, Instant, Teller) {
    let invocation = script(text);
    let (teller, signal) = StopSignal::by_hand();
    wait(async {
        let commands = Arc::clone(&world.commands);
        let running = tokio::spawn(async move {
            let attempt = Attempt {
                invocation: &invocation,
                timeout: TIMEOUT,
                allowed: &|| Ok(()),
                signal,
                watch: None,
            };
            commands.plan(&attempt, None).await
        });
        while sleeping(marker) < count {
            assert!(!running.is_finished(), "it ended before: {:?}", running.await);
            yield_now().await;
        }
        let told = Instant::now();
        teller.tell(stop());
        (running.await.unwrap(), told, teller)
    })
}

#[test]
fn a_tree_of_a_hundred_processes_that_hide_from_their_parent_is_gone_within_a_second() {
    let world = World::new();
    let marker = format!("{}", 300_000 + std::process::id());
    // Each is started by a process that ends, in a session of its own: nobody waits for it and no signal of a group
    // reaches it.
    let text = format!(
        "i=0; while [ $i -lt {TREE} ]; do (setsid nohup sleep {marker} >/dev/null 2>&1 &); i=$((i+1)); done; \
         echo n >n; sleep {marker}"
    );
    let (ended, told, teller) = stopped(&world, (&text, &marker, TREE + 1));
    let took = told.elapsed();
    assert_eq!(sleeping(&marker), 0, "nothing of it is left when the call has ended");
    assert!(took < GONE_WITHIN, "{took:?}");
    let error = ended.unwrap_err().not_executed();
    assert_eq!((error.kind, error.executed), (ToolErrorKind::Stopped, domain::Executed::No));
    assert!(error.message.contains("enough"), "{error}");
    assert!(teller.ended().0 > u64::try_from(TREE).unwrap(), "{teller:?}");
    assert!(
        !world.directory.path().join("root/n").exists(),
        "a preview that was stopped leaves nothing"
    );
}

#[test]
fn a_command_that_waits_for_room_is_stopped_before_it_starts() {
    let world = World::new();
    let places = u32::try_from(domain::limits::COMMANDS_AT_ONCE_MAX).unwrap();
    let (teller, signal) = StopSignal::by_hand();
    teller.tell(stop());
    let invocation = script("echo n >n");
    let attempt = Attempt {
        invocation: &invocation,
        timeout: TIMEOUT,
        allowed: &|| Ok(()),
        signal,
        watch: None,
    };
    let ended = wait(async {
        let _full = world.commands.room.acquire_many(places).await.unwrap();
        world.commands.plan(&attempt, None).await
    });
    assert_eq!(ended.unwrap_err().not_executed().kind, ToolErrorKind::Stopped);
    assert_eq!(teller.ended(), (0, 0), "nothing ran");
}
