//! `cargo xtask test`: every check, in order, quick ones first; the first that fails ends the run.
//!
//! ```text
//! suites -> format -> tidy -> deny -> console -> clippy -> build -> doc tests -> tests -> console's tests -> conformance
//!        -> simulation -> crash rounds
//! ```
//! Everything is built once, for the whole workspace in the dev profile: cargo would resolve other features for one
//! package alone and compile its dependencies again. The tests' summary is repeated at the end.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::command::Call;
use crate::conformance::{self, Asked};
use crate::console::Console;
use crate::deny::NEXTEST;
use crate::setup;
use crate::suites::Suites;
use crate::workspace::Workspace;

/// Runs everything.
pub(crate) fn test(workspace: &Workspace) -> anyhow::Result<()> {
    let started = Instant::now();
    step("programs", || setup::require(setup::ALL))?;
    let suites = step("suites", || Suites::ready(workspace))?;
    let steps = Steps { workspace, variables: suites.variables() };
    step("format", || steps.cargo(&["fmt", "--all", "--check"]).run())?;
    step("tidy", || crate::tidy::tidy(workspace))?;
    step("deny", || crate::deny::deny(workspace))?;
    let console = step("console packages", || Console::ready(workspace))?;
    step("console types", || console.check())?;
    // Before cargo: the binary carries what is built here.
    step("console build", || console.build())?;
    step("clippy", || steps.cargo(CLIPPY).run())?;
    step("build", || steps.cargo(BUILD).run())?;
    step("doc tests", || steps.cargo(DOC_TESTS).run())?;
    let summary = step("tests", || steps.tests())?;
    step("console tests", || console.tests())?;
    step("console in a browser", || console.browser_tests())?;
    step("conformance", || conformance::run(workspace, &Asked::check()))?;
    step("simulation", || steps.built("sim", &["--seeds", "500"]))?;
    step("crash rounds", || steps.built("crash", &["--rounds", "20"]))?;
    step("power-loss images", || steps.built("crash", &["--power", "--images", "400"]))?;
    println!("\n{}", summary.as_deref().unwrap_or_default());
    println!("all steps passed in {}", shown(started.elapsed()));
    Ok(())
}

const CLIPPY: &[&str] =
    &["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"];
const BUILD: &[&str] = &["build", "--locked", "--workspace", "--bins", "--tests", "--examples"];
const DOC_TESTS: &[&str] = &["test", "--locked", "--workspace", "--doc", "--quiet"];

/// What the steps share: where to run, and what to tell the tests.
struct Steps<'a> {
    workspace: &'a Workspace,
    variables: Vec<(&'static str, PathBuf)>,
}

impl Steps<'_> {
    fn cargo(&self, arguments: &[&str]) -> Call {
        // A snapshot that differs is a failure, never an update.
        Call::cargo(self.workspace.root())
            .args(arguments)
            .env([("INSTA_UPDATE", "no")])
            .env(self.variables.iter().map(|(name, value)| (*name, value)))
    }

    /// Runs the tests and returns the runner's summary line.
    fn tests(&self) -> anyhow::Result<Option<String>> {
        let runner = NEXTEST.ready(self.workspace)?;
        Call::new(runner)
            .args(["nextest", "run", "--locked", "--workspace"])
            .directory(self.workspace.root())
            .env([("INSTA_UPDATE", "no")])
            .env(self.variables.iter().map(|(name, value)| (*name, value)))
            .run_and_find("Summary [")
    }

    /// Runs a binary that the build step made.
    fn built(&self, name: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let binary = self.workspace.built(name);
        Call::new(binary).args(arguments).directory(self.workspace.root()).run()
    }
}

/// Prints a heading, does the work, prints how long it took.
fn step<T>(heading: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    println!("\n== {heading}");
    let started = Instant::now();
    let result = work();
    let ending = if result.is_ok() { "done" } else { "failed" };
    println!("== {heading}: {ending} in {}", shown(started.elapsed()));
    result
}

fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    format!("{} min {} s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shown_in_seconds_then_in_minutes() {
        assert_eq!(shown(Duration::from_millis(1_340)), "1.3 s");
        assert_eq!(shown(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn failed_step_hands_its_error_on() {
        let error = step::<()>("sample", || anyhow::bail!("no")).unwrap_err();
        assert_eq!(error.to_string(), "no");
    }
}
