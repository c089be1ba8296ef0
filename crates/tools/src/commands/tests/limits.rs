//! Commands that take too much: each is ended with its reason, nothing of it is applied, and everything it started is
//! gone.

use std::time::Instant;

use super::super::place::Mode;
use super::*;

/// A script that is killed, or whose changes are too many.
fn check(text: &str, code: &str, part: &str) {
    let world = World::with("echo a >a");
    let stands = world.tree();
    let error =
        world.preview_within(&script(text), Duration::from_secs(6)).map(|plan| lines(&plan));
    let error = error.expect_err(text).not_executed();
    assert_eq!(error.own_code.as_deref(), Some(code), "{text}: {error}");
    assert!(error.message.contains(part), "{text}: {error}");
    assert_eq!(error.executed, domain::Executed::No);
    assert_eq!(world.tree(), stands, "{text}");
}

#[test]
fn a_command_that_takes_too_much_makes_no_plan() {
    check("echo b >a; sleep 1000", "over_time", "longer than");
    check("while :; do :; done", "over_time", "longer than");
    check("yes", "over_output", "8388608 bytes");
    check("echo b >a; kill -SEGV $$", "killed", "signal 11");
    check("for n in $(seq 530); do sleep 1000 & done; wait", "over_processes", "processes");
}

#[test]
fn huge_files_end_in_an_error_and_not_in_a_full_disk() {
    check("head -c 2000000000 /dev/zero >big || true", "not_plannable", "`big` has");
    check(
        "for n in 1 2 3 4 5 6; do head -c 16000000 /dev/urandom >f$n; done",
        "not_plannable",
        "all its contents together",
    );
}

#[test]
fn a_hundred_thousand_files_are_refused_in_seconds() {
    let world = World::new();
    let begun = Instant::now();
    let text = "mkdir n; cd n; seq 100000 | xargs touch";
    let error = world.preview(&script(text)).unwrap_err().not_executed();
    assert_eq!(error.own_code.as_deref(), Some("not_plannable"), "{error}");
    assert!(error.message.contains("more than"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[test]
fn a_plan_of_some_thousand_files_is_made_and_applied() {
    let world = World::new();
    let (plan, _) = world
        .run("mkdir n; cd n; seq 5000 | xargs touch; seq 200 | while read n; do echo $n >$n; done");
    assert_eq!(plan.changes.len(), 5_001);
    assert_eq!(world.tree().len(), 5_001);
}

#[test]
fn what_a_command_leaves_running_ends_with_it() {
    let world = World::new();
    let marker = format!("{}", 70_000 + std::process::id());
    let plan = world.preview(&script(&format!(
        "setsid sleep {marker} & setsid nohup sleep {marker} >/dev/null 2>&1 & echo n >n"
    )));
    assert_eq!(lines(&plan.unwrap()), ["+ n"]);
    let left = std::fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        line == format!("sleep\0{marker}\0").as_bytes()
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_dropped_call_ends_its_command() {
    let world = World::new();
    let marker = format!("{}", 90_000 + std::process::id());
    let invocation = script(&format!("sleep {marker}"));
    let runs = || {
        std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            line == format!("sleep\0{marker}\0").as_bytes()
        })
    };
    wait(async {
        let commands = Arc::clone(&world.commands);
        let task = tokio::spawn(async move {
            let attempt = Attempt {
                invocation: &invocation,
                timeout: TIMEOUT,
                allowed: &|| Ok(()),
                signal: gate::StopSignal::never(),
                watch: None,
            };
            commands.plan(&attempt, None).await.map(drop).map_err(|trouble| trouble.to_string())
        });
        while !runs() {
            assert!(!task.is_finished(), "it ended before");
            tokio::task::yield_now().await;
        }
        task.abort();
        let _cancelled = task.await;
        let until = Instant::now() + Duration::from_secs(20);
        while runs() {
            assert!(Instant::now() < until, "it still runs");
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_command_whose_caches_fill_the_disk_is_ended() {
    let mut world = World::new();
    let commands = Arc::get_mut(&mut world.commands).unwrap();
    Arc::get_mut(&mut commands.home).unwrap().free_min = u64::MAX;
    let mut command = line("sh", &["-ec", "sleep 1000"]);
    let plain = world.preview_within(&call(command.clone()), Duration::from_secs(2));
    assert_eq!(
        plain.unwrap_err().not_executed().own_code.as_deref(),
        Some("over_time"),
        "it has no cache"
    );
    command.needs.caches = vec!["target".to_owned()];
    let error = world.preview(&call(command)).unwrap_err().not_executed();
    assert_eq!(error.own_code.as_deref(), Some("over_disk"), "{error}");
}

#[test]
fn a_command_that_finds_no_room_in_time_does_not_run() {
    let world = World::new();
    let all = u32::try_from(domain::limits::COMMANDS_AT_ONCE_MAX).unwrap();
    let error = wait(async {
        let _all = world.commands.room.acquire_many(all).await.unwrap();
        let invocation = script("echo n >n");
        let attempt = attempt(&invocation, Duration::from_millis(700));
        world.commands.plan(&attempt, None).await.unwrap_err().not_executed()
    });
    assert_eq!(
        (error.kind, error.executed),
        (gate::ToolErrorKind::TimedOut, domain::Executed::No),
        "{error}"
    );
    assert_eq!(
        lines(&world.preview(&script("echo n >n")).unwrap()),
        ["+ n"],
        "there is room again"
    );
}

/// What a command wrote stands in memory until its plan is made. So it keeps its room as long.
#[test]
fn a_command_keeps_its_room_until_its_plan_is_made() {
    let world = World::new();
    let all = domain::limits::COMMANDS_AT_ONCE_MAX;
    let free = || world.commands.room.available_permits();
    wait(async {
        let invocation = script("echo n >n");
        let attempt = attempt(&invocation, TIMEOUT);
        let root = world.root();
        let run = || world.commands.run(&attempt, &root, Mode::Preview);
        let (first, second) = (run().await.unwrap(), run().await.unwrap());
        assert_eq!(free(), all - 2, "both wrote something, and neither has a plan");
        let plan = world.commands.changes(&root, first).await.unwrap();
        assert_eq!((lines(&plan), free()), (vec!["+ n".to_owned()], all - 1));
        drop(second);
        assert_eq!(free(), all);
    });
}
