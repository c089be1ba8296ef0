//! The campaigns themselves, small: that they run here, and that what they say can be relied on.
//! Both are run at their full size by the test command of the workspace.

use std::process::{Command, Output};

/// Runs the campaign; gives how it ended and what it said.
fn crash(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_crash")).args(arguments).output();
    output.map_or_else(
        |error| (None, error.to_string()),
        |output| (output.status.code(), said(&output)),
    )
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

#[test]
fn promises_hold_after_a_few_kills() {
    let (code, said) = crash(&["--rounds", "2", "--seed", "3"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no key twice"), "{said}");
    // Where there is no overlay, the campaign says so.
    assert!(said.contains("commands: ") || said.contains("commands are left out"), "{said}");
}

#[test]
fn images_of_lost_power_hold_what_was_answered_and_weak_syncs_are_noticed() {
    let (code, said) = crash(&["--power", "--images", "12", "--seed", "3"]);
    // 77: tracing is forbidden here, so nothing can be said.
    if code == Some(77) {
        eprintln!("{said}");
        return;
    }
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("break a promise, as they must"), "{said}");
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let (code, said) = crash(&["--images", "2"]);
    assert_eq!(code, Some(2), "{said}");
}
