//! Runs the binaries that other crates build: the demo, the benches, the simulation and the crash rounds.
//!
//! In: arguments, passed on as they are. Out: what the binary prints, and its exit code as success or failure.
//! Each is built for its own package alone; `test` builds all of them at once instead and starts them itself.

use clap::Args;

use crate::command::Call;
use crate::console::Console;
use crate::workspace::Workspace;

/// Arguments passed on to the binary.
#[derive(Debug, Args)]
pub(crate) struct Passed {
    /// Passed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the console and the product's binary, and runs its demo.
pub(crate) fn demo(workspace: &Workspace, passed: &Passed) -> anyhow::Result<()> {
    crate::setup::require(&[crate::setup::GIT, crate::setup::C_COMPILER, crate::setup::NPM])?;
    // The binary carries what is built here, and the story can be decided in it.
    Console::ready(workspace)?.build()?;
    Call::cargo(workspace.root())
        .args(["build", "--locked", "--package", "checkrein", "--bin", "checkrein"])
        .run()?;
    Call::new(workspace.built("checkrein"))
        .args(["demo"])
        .args(&passed.arguments)
        .directory(workspace.root())
        .run()
}

/// Builds the benches in the release profile and runs them.
pub(crate) fn bench(workspace: &Workspace, passed: &Passed) -> anyhow::Result<()> {
    cargo_run(workspace, &["--release", "--package", "checkrein-bench", "--bin", "bench"], passed)
}

/// Builds the simulation and runs it.
pub(crate) fn sim(workspace: &Workspace, passed: &Passed) -> anyhow::Result<()> {
    cargo_run(workspace, &["--package", "checkrein-sim", "--bin", "sim"], passed)
}

/// Builds the crash rounds and runs them.
pub(crate) fn crash(workspace: &Workspace, passed: &Passed) -> anyhow::Result<()> {
    crate::setup::require(&[crate::setup::STRACE, crate::setup::C_COMPILER])?;
    cargo_run(workspace, &["--package", "checkrein-crash", "--bin", "crash"], passed)
}

fn cargo_run(workspace: &Workspace, what: &[&str], passed: &Passed) -> anyhow::Result<()> {
    Call::cargo(workspace.root())
        .args(["run", "--locked"])
        .args(what)
        .args(["--"])
        .args(&passed.arguments)
        .run()
}
