//! The ladder: what each rung gives, who gets which, and that a lower rung is named as one.
//! Two tests run this program's other tests again, as an ordinary user and with user namespaces switched off.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use checkrein_runner::{Access, Cache, Error, Rung};

use crate::support::{
    PROGRAMS, assert_code, escapes_program, jail_program, jailer, list, listing, on, out, place,
};

#[tokio::test]
async fn copy_previews_like_the_overlay() {
    let mut place = place();
    place.write("kept", "kept");
    place.write("dir/deleted", "x");
    std::os::unix::fs::symlink("kept", place.order.workspace.join("link")).unwrap();
    if !on(&mut place, Rung::Copy) {
        return;
    }
    let finished = place.shell("cat link; echo new > made; rm dir/deleted; pwd").await;
    assert_eq!(out(&finished), format!("kept{}\n", place.order.workspace.display()));
    let expect = [("dir", "dir"), ("kept", "kept"), ("link", "-> kept"), ("made", "new\n")];
    assert_eq!(listing(&finished.upper), list(&expect));
    assert!(place.order.workspace.join("dir/deleted").exists());
}

#[tokio::test]
async fn cache_inside_a_copy_is_mounted_where_the_order_says() {
    let mut place = place();
    if !on(&mut place, Rung::Copy) {
        return;
    }
    let inside = place.order.workspace.join("node_modules/.cache");
    let outside = place.beside("cache");
    place.order.caches = vec![Cache { inside, outside: outside.clone() }];
    let finished =
        place.shell("echo kept > node_modules/.cache/file && echo x > node_modules/made").await;
    assert_code(&finished, 0);
    assert_eq!(std::fs::read_to_string(outside.join("file")).unwrap(), "kept\n");
    let expect =
        [("node_modules", "dir"), ("node_modules/.cache", "dir"), ("node_modules/made", "x\n")];
    assert_eq!(listing(&finished.upper), list(&expect));
}

#[tokio::test]
async fn copy_that_does_not_fit_is_refused() {
    let mut place = place();
    place.write("big", &"x".repeat(4 << 20));
    if !on(&mut place, Rung::Copy) {
        return;
    }
    place.order.limits.upper_bytes = 1 << 20;
    let error = place.try_shell("true").await.unwrap_err();
    assert!(error.to_string().contains("No space left"), "{error}");
}

/// Somebody who may rename in the workspace put links in place of directories while it was copied, and root read what
/// only root may read.
#[tokio::test]
async fn copy_follows_no_link_that_comes_while_it_copies() {
    let mut place = place();
    let secret = place.beside("secret");
    std::fs::write(secret.join("key"), "secret").unwrap();
    place.write("a/ordinary", "x");
    for number in 0..200 {
        place.write(&format!("file{number}"), "x");
    }
    let workspace = place.order.workspace.clone();
    std::os::unix::fs::symlink("../secret", workspace.join("b")).unwrap();
    if !on(&mut place, Rung::Copy) {
        return;
    }
    let ended = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&ended);
    let swapping = std::thread::spawn(move || {
        while !seen.load(Ordering::Relaxed) {
            for (from, to) in [("a", "c"), ("b", "a"), ("c", "b")] {
                std::fs::rename(workspace.join(from), workspace.join(to)).unwrap();
            }
        }
    });
    let mut said = String::new();
    for _ in 0..40 {
        // A copy that fails because something became something else is right too.
        if let Ok(finished) = place.try_shell("cat */key").await {
            said.push_str(&out(&finished));
        }
    }
    ended.store(true, Ordering::Relaxed);
    swapping.join().unwrap();
    assert_eq!(said, "");
}

#[tokio::test]
async fn landlock_changes_the_workspace_itself() {
    let mut place = place();
    place.write("file", "old");
    if !on(&mut place, Rung::Landlock) {
        return;
    }
    let script = "echo new > file; echo x > $TMPDIR/t; echo $((1+1)); setsid --fork sleep 1000 >/dev/null 2>&1";
    let finished = place.shell(script).await;
    assert_code(&finished, 0);
    assert_eq!(out(&finished), "2\n");
    assert!(finished.upper.is_none());
    assert_eq!(std::fs::read_to_string(place.order.workspace.join("file")).unwrap(), "new\n");
}

#[tokio::test]
async fn owner_of_the_system_does_not_run_without_namespaces() {
    let mut place = place();
    place.order.rung = Rung::Landlock;
    place.order.access = Access::Direct;
    let result = place.try_shell("true").await;
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/usr").unwrap());
    let mine =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&place.order.workspace).unwrap());
    match result {
        Err(Error::Setup { why, .. }) => {
            assert!(owner == mine && why.contains("another user"), "{why}")
        }
        other => assert!(owner != mine, "{other:?}"),
    }
}

/// Runs the other tests of this program again as somebody else, and returns what it said.
fn again(mut command: Command, programs: &Path, tests: &[&str]) -> String {
    let output = command
        .env(PROGRAMS, programs)
        .env("RUST_TEST_THREADS", "2")
        .env_remove("NEXTEST")
        .env("RUST_BACKTRACE", "0")
        .args(tests)
        .args(["--skip", "rungs::everything", "--skip", "rungs::machine_without"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Copies of the programs that everybody may run.
fn programs(at: &Path) -> PathBuf {
    std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap();
    for program in [jail_program(), escapes_program(), std::env::current_exe().unwrap()] {
        let to = at.join(program.file_name().unwrap());
        std::fs::copy(&program, &to).unwrap();
        std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    at.join(std::env::current_exe().unwrap().file_name().unwrap())
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

#[test]
fn everything_holds_as_an_ordinary_user() {
    if !is_root() {
        // Then all tests run as one already.
        return;
    }
    let at = tempfile::tempdir().unwrap();
    let mut command = Command::new(programs(at.path()));
    // An id that nobody has, without groups.
    command.uid(47_110).gid(47_110);
    let said = again(command, at.path(), &[]);
    assert!(said.contains("escapes::overlay_refuses_every_attack ... ok"), "{said}");
    assert!(said.contains("escapes::landlock_refuses_every_attack ... ok"), "{said}");
    assert!(said.contains("escapes::session_on_overlay_refuses_every_attack ... ok"), "{said}");
    assert!(!said.contains(" 0 passed"), "{said}");
}

/// `user.max_user_namespaces` is counted for each user namespace, so one of the test's own is switched off.
#[test]
fn machine_without_user_namespaces_is_given_a_lower_rung() {
    let at = tempfile::tempdir().unwrap();
    let program = programs(at.path());
    let script =
        format!("echo 0 > /proc/sys/user/max_user_namespaces && exec {} \"$@\"", program.display());
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", &script, "sh"]);
    if is_root() {
        command.uid(47_110).gid(47_110);
    }
    command.env(WITHOUT, "1");
    let said = again(
        command,
        at.path(),
        &["escapes::landlock", "rungs::", "ends::supervisor", "escapes::session", "sessions::"],
    );
    for test in [
        "rungs::trial_finds_the_rung_of_this_machine",
        "escapes::landlock_refuses_every_attack",
        "escapes::session_on_landlock_refuses_every_attack",
        "sessions::ends::kill_ends_the_program_and_everything_it_started",
    ] {
        assert!(said.contains(&format!("{test} ... ok")), "{said}");
    }
}

const WITHOUT: &str = "RUNNER_TEST_WITHOUT_NAMESPACES";

#[tokio::test]
async fn trial_finds_the_rung_of_this_machine() {
    let ladder = jailer().probe().await;
    let words: Vec<(&str, bool)> =
        ladder.findings.iter().map(|found| (found.step.as_str(), found.works)).collect();
    if std::env::var_os(WITHOUT).is_some() {
        assert_eq!(ladder.rung, Rung::Landlock, "{ladder:?}");
        assert_eq!(words, [("overlay jail", false), ("copy jail", false), ("landlock jail", true)]);
        let why = &ladder.findings[0].why;
        assert!(why.contains("user namespaces are switched off"), "{why}");
    } else {
        assert_eq!(ladder.rung, Rung::Overlay, "{ladder:?}");
        assert_eq!(words, [("overlay jail", true)]);
        assert!(ladder.findings[0].why.contains("Landlock version"), "{ladder:?}");
    }
}
