//! Without a jail: the environment is exactly the one given, and nothing is inherited.
//! The end is the same as in a jail, seen from outside by a file that whatever is left would go on writing to.

use std::path::{Path, PathBuf};

use checkrein_runner::{Cause, Error, Pipes, Session, Unjailed};

use super::{all, exchange};
use crate::ends::{alive, assert_still, endless, length, until};
use crate::support::{escapes_program, jailer, place};

fn shell(script: &str) -> Unjailed {
    Unjailed {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        directory: "/".into(),
    }
}

async fn start(program: &Unjailed) -> (Session, Pipes) {
    jailer().start_unjailed(program.clone()).await.unwrap()
}

#[tokio::test]
async fn program_is_talked_with_in_its_directory() {
    let place = place();
    let mut program = shell("pwd; while read line; do echo \"heard $line\"; done; exit 6");
    program.directory = place.order.workspace.clone();
    let (session, mut pipes) = start(&program).await;
    let expect = format!("{}\n", program.directory.display());
    assert_eq!(exchange(&mut pipes, "one\n").await, expect);
    assert_eq!(exchange(&mut pipes, "two\n").await, "heard one\n");
    drop(pipes.stdin);
    assert_eq!(session.ended().await.cause, Cause::Exited(6));
}

#[tokio::test]
async fn environment_is_exactly_the_one_given() {
    let mut program = shell("");
    program.program = "env".into();
    program.arguments = Vec::new();
    program.environment.push(("ONLY".into(), "this".into()));
    assert_eq!(all(start(&program).await).await.out, "ONLY=this\nPATH=/usr/bin:/bin\n");
    program.environment.clear();
    program.program = "/usr/bin/env".into();
    assert_eq!(all(start(&program).await).await.out, "");
}

#[tokio::test]
async fn no_open_file_is_inherited_and_the_process_group_is_its_own() {
    let mut program = shell("");
    program.program = escapes_program();
    program.arguments = vec!["open-files".into(), String::new()];
    let said = all(start(&program).await).await;
    assert!(said.out.starts_with("refused: only standard files"), "{}", said.out);
    let script = "read -r id name state parent group session rest < /proc/self/stat; echo $id $group $session";
    let said = all(start(&shell(script)).await).await;
    let ids: Vec<&str> = said.out.split_whitespace().collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn what_cannot_begin_is_an_error_of_the_start() {
    let mut program = shell("");
    program.program = "no-such-program".into();
    let error = jailer().start_unjailed(program.clone()).await.unwrap_err();
    assert!(matches!(error, Error::Program { .. }), "{error}");
    program.directory = "/no/such/directory".into();
    let error = jailer().start_unjailed(program.clone()).await.unwrap_err();
    assert!(matches!(error, Error::Order { .. }), "{error}");
    program.directory = "relative".into();
    let error = jailer().start_unjailed(program).await.unwrap_err();
    assert!(error.to_string().contains("absolute"), "{error}");
}

fn pulsing() -> (tempfile::TempDir, PathBuf, Unjailed) {
    let root = tempfile::tempdir().unwrap();
    let pulse = root.path().join("file");
    let program = shell(&endless(&pulse));
    (root, pulse, program)
}

#[tokio::test]
async fn kill_ends_also_what_left_the_process_group() {
    let (_root, pulse, program) = pulsing();
    let (session, _pipes) = start(&program).await;
    until("writing", || length(&pulse) > 0).await;
    session.kill();
    assert_eq!(session.ended().await.cause, Cause::Killed);
    assert!(!alive(&pulse));
    assert_still(&pulse).await;
}

#[tokio::test]
async fn dropped_session_ends_everything() {
    let (_root, pulse, program) = pulsing();
    let started = start(&program).await;
    until("writing", || length(&pulse) > 0).await;
    drop(started);
    until("the end of every process", || !alive(&pulse)).await;
    assert_still(&pulse).await;
}

#[tokio::test]
async fn supervisor_that_is_killed_leaves_no_program() {
    let (_root, pulse, _) = pulsing();
    let mut supervisor = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["sessions::unjailed::hold_until_killed", "--exact", "--nocapture"])
        .env(PULSE, &pulse)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until("writing", || length(&pulse) > 0).await;
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    until("the end of every process", || !alive(&pulse)).await;
    assert_still(&pulse).await;
}

const PULSE: &str = "RUNNER_TEST_PULSE";

/// Not a test of its own: the other half of the one above, and nothing where nobody asks for it.
#[tokio::test]
async fn hold_until_killed() {
    let Some(pulse) = std::env::var_os(PULSE) else { return };
    let (session, _pipes) = start(&shell(&endless(Path::new(&pulse)))).await;
    session.ended().await;
}
