//! Developer commands, run as `cargo xtask COMMAND` from anywhere in the repository.
//!
//! In: a subcommand and its options. Out: what the steps print, and exit code 1 when one of them fails.
//! `test` is what continuous integration runs; every other command is one of its steps or a tool for people.
//! Nothing here is part of the product, and no crate of the product sees this one.

mod agent_client;
mod command;
mod conformance;
mod console;
mod deny;
mod python;
mod run;
mod setup;
mod suites;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The command line of `cargo xtask`.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Checkrein")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything that has to pass, in order.
    Test,
    /// Check crate edges, fences, module docs and the measures of the code.
    Tidy,
    /// Check licences, bans and sources of outside crates.
    Deny,
    /// Set up the conformance suites and print where they are.
    Suites,
    /// Run the MCP conformance suite: direct, through the gateway, and against our client.
    Conformance(conformance::Asked),
    /// Let a real agent program work through the gateway, with a scripted model.
    AgentClient,
    /// Build the console, and take pictures of every screen into `target/screens`.
    Screens,
    /// Build the binary and run its demo on a scratch repository.
    Demo(run::Passed),
    /// Run the benches in the release profile.
    Bench(run::Passed),
    /// Run the simulation: `--seeds N` or `--seed S`.
    Sim(run::Passed),
    /// Kill a loaded process again and again: `--rounds N`, or `--power --images N`.
    Crash(run::Passed),
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    match carry_out(line.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Test => test::test(&workspace),
        Command::Tidy => tidy::tidy(&workspace),
        Command::Deny => deny::deny(&workspace),
        Command::Suites => suites::print(&workspace),
        Command::Conformance(asked) => conformance::run(&workspace, &asked),
        Command::AgentClient => agent_client::run(&workspace),
        Command::Screens => console::screens(&workspace),
        Command::Demo(passed) => run::demo(&workspace, &passed),
        Command::Bench(passed) => run::bench(&workspace, &passed),
        Command::Sim(passed) => run::sim(&workspace, &passed),
        Command::Crash(passed) => run::crash(&workspace, &passed),
    }
}
