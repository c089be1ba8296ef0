//! That the benches still run: a quick run, whose numbers mean nothing.
//! The server is left out, since it would have to be built for release.

use std::process::Command;

#[test]
fn quick_run_measures_everything_but_the_server() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).arg("--quick").output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{out}{err}");
    for row in ["over bare Cedar", "256 callers: calls/s", "held calls add", "Machine: "] {
        assert!(out.contains(row), "`{row}` is missing in:\n{out}");
    }
}

#[test]
fn unknown_argument_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).arg("--fast").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
