//! Variables, files and commands as sources of secrets: what is read, what is refused, and that nothing is repeated.
//! Commands are real ones; nothing is waited for that does not happen.

use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use domain::limits;

use super::around::name;
use crate::mcp::credentials::{SecretSource, sources};

async fn read(source: SecretSource) -> Result<String, String> {
    let read = sources::read(&name(), &source).await;
    read.map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string())
}

fn shell(script: &str) -> SecretSource {
    SecretSource::Command(["/bin/sh", "-c", script].map(str::to_owned).to_vec())
}

async fn check_refused(source: SecretSource, reason: &str) {
    let error = read(source).await.unwrap_err();
    assert!(error.contains(reason), "{error}");
    assert!(!error.contains("hidden"), "{error}");
}

#[tokio::test]
async fn a_command_gives_what_it_prints() {
    assert_eq!(read(shell("printf ' a long token \n\n'")).await.unwrap(), "a long token");
    let words = ["echo", "another-token"].map(str::to_owned).to_vec();
    assert_eq!(read(SecretSource::Command(words)).await.unwrap(), "another-token");
}

#[tokio::test]
async fn a_command_inherits_path_and_home_and_nothing_else() {
    // The shell itself sets PWD, SHLVL and _.
    let script = "env | cut -d= -f1 | grep -vE '^(PWD|SHLVL|_|OLDPWD)$' | sort | tr '\n' ' '";
    let expect: Vec<&str> =
        ["HOME", "PATH"].into_iter().filter(|name| std::env::var_os(name).is_some()).collect();
    assert_eq!(read(shell(script)).await.unwrap(), expect.join(" "));
    // And nothing to read: a question ends instead of waiting.
    assert_eq!(read(shell("cat; echo nothing-there")).await.unwrap(), "nothing-there");
}

#[tokio::test]
async fn what_a_failing_command_says_is_not_repeated() {
    check_refused(shell("echo hidden; echo hidden >&2; exit 3"), "exit status: 3").await;
    check_refused(shell("kill -9 $$"), "signal: 9").await;
    check_refused(SecretSource::Command(vec![]), "names no program").await;
    let gone = ["/nowhere/program".to_owned(), "hidden".to_owned()].to_vec();
    check_refused(SecretSource::Command(gone), "cannot be started").await;
    check_refused(shell("printf 'hidden-\\377-bytes'"), "UTF-8").await;
    check_refused(shell("yes hidden"), "printed more than").await;
}

#[tokio::test(start_paused = true)]
async fn a_command_that_hangs_is_killed_with_all_that_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let pid = directory.path().join("pid");
    let script = format!("sleep 1000 & echo $! > {}; wait", pid.display());
    let begun = Instant::now();
    // The clock of the test runs ahead while everything waits, so the time limit comes at once.
    let hanging = tokio::spawn(read(shell(&script)));
    let child = loop {
        match std::fs::read_to_string(&pid).ok().and_then(|text| text.trim().parse().ok()) {
            Some(child) => break child,
            None if hanging.is_finished() => break 0,
            None => tokio::task::yield_now().await,
        }
    };
    let error = hanging.await.unwrap().unwrap_err();
    assert!(error.contains("took more than"), "{error}");
    assert!(begun.elapsed() < limits::CREDENTIAL_COMMAND_WITHIN);
    if let Some(child) = rustix::process::Pid::from_raw(child) {
        // Gone, or waiting to be reaped by whoever adopted it.
        while rustix::process::test_kill_process(child).is_ok() && !is_dead(child) {
            tokio::task::yield_now().await;
        }
    }
}

fn is_dead(pid: rustix::process::Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.map_or(true, |stat| stat.rsplit(") ").next().unwrap().starts_with('Z'))
}

#[tokio::test]
async fn a_file_must_be_a_file_that_only_its_owner_writes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    let file = || SecretSource::File(path.clone());
    check_refused(file(), "cannot be read").await;
    std::fs::write(&path, "a-good-token\n").unwrap();
    assert_eq!(read(file()).await.unwrap(), "a-good-token");
    for mode in [0o620, 0o602] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        check_refused(file(), "chmod go-w").await;
    }
    check_refused(SecretSource::File(directory.path().to_owned()), "is no file").await;
    check_refused(SecretSource::File("/dev/zero".into()), "is no file").await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_masked_or_sent_is_refused() {
    check_refused(shell("printf hidden"), "fewer than 8").await;
    check_refused(shell(":"), "fewer than 8").await;
    check_refused(shell("printf 'hidden-one\nhidden-two'"), "several lines").await;
    check_refused(shell("printf 'hidden-\\303\\244-hidden'"), "no header").await;
    let large = format!("printf hidden%0{}d 1", limits::CREDENTIAL_BYTES_MAX - 6);
    assert_eq!(read(shell(&large)).await.unwrap().len(), limits::CREDENTIAL_BYTES_MAX);
}

#[tokio::test]
async fn a_variable_is_read_by_its_name() {
    let path = std::env::var("PATH").unwrap();
    assert_eq!(read(SecretSource::Environment("PATH".to_owned())).await.unwrap(), path);
    check_refused(SecretSource::Environment("CHECKREIN_NO_SUCH".to_owned()), "is not set").await;
}
