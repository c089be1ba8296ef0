//! The verbs, one file each, and which does what.
//!
//! In: a parsed command. Out: its exit code, or a failure. Ctrl-C ends every verb with 130, except `up`, `wrap` and `demo`,
//! which end in order.

pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod budgets;
pub(crate) mod call;
pub(crate) mod calls;
pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod console;
pub(crate) mod contracts;
pub(crate) mod dead;
pub(crate) mod doctor;
pub(crate) mod duties;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod outlets;
pub(crate) mod people;
pub(crate) mod policy;
pub(crate) mod runs;
pub(crate) mod servers;
pub(crate) mod stop;
pub(crate) mod tools;
pub(crate) mod undo;
pub(crate) mod up;
pub(crate) mod version;
pub(crate) mod wrap;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Command;
use crate::context::Context;
use crate::demo;
use crate::failure::{Failure, INTERRUPTED, Result};

/// Does what a command says.
pub(crate) async fn run(context: &Context, command: Command) -> Result {
    if matches!(command, Command::Up(_) | Command::Wrap(_) | Command::Demo(_)) {
        return carry_out(context, command).await;
    }
    // Heard from now on: a Ctrl-C right after the first word is printed must not be lost.
    let mut interrupts = interrupts()?;
    tokio::select! {
        ended = carry_out(context, command) => ended,
        _ = interrupts.recv() => Ok(INTERRUPTED),
    }
}

/// Hears Ctrl-C from the moment of the call, instead of ending by it.
pub(crate) fn interrupts() -> Result<Signal> {
    signal(SignalKind::interrupt())
        .map_err(|error| Failure::new(format!("Ctrl-C cannot be heard: {error}")))
}

async fn carry_out(context: &Context, command: Command) -> Result {
    match command {
        Command::Up(arguments) => up::run(context, arguments).await,
        Command::Demo(arguments) => demo::run(context, arguments).await,
        Command::DemoNotesServer(arguments) => demo::notes_server::run(&arguments),
        Command::DemoHealthServer(arguments) => demo::health_server::run(&arguments),
        Command::Connect(arguments) => connect::run(context, arguments).await,
        Command::Wrap(arguments) => wrap::run(context, arguments).await,
        Command::Doctor(arguments) => doctor::run(context, arguments).await,
        Command::Call(arguments) => call::run(context, arguments).await,
        Command::Calls(verb) => calls::run(context, verb).await,
        Command::Runs(verb) => runs::run(context, verb).await,
        Command::Approvals(verb) => approvals::run(context, verb).await,
        Command::Dead(verb) => dead::run(context, verb).await,
        Command::Duties(verb) => duties::run(context, verb).await,
        Command::Agents(verb) => agents::run(context, verb).await,
        Command::Keys(verb) => keys::run(context, verb).await,
        Command::People(verb) => people::run(context, verb).await,
        Command::Outlets(verb) => outlets::run(context, verb).await,
        Command::Console(arguments) => console::run(context, arguments).await,
        Command::Budgets(verb) => budgets::run(context, verb).await,
        Command::Undo(verb) => undo::run(context, verb).await,
        Command::Stop(verb) => stop::run(context, verb).await,
        Command::Tools(verb) => tools::run(context, verb).await,
        Command::Servers(verb) => servers::run(context, verb).await,
        Command::Contracts(verb) => contracts::run(context, verb),
        Command::Policy(verb) => policy::run(context, verb).await,
        Command::Journal(verb) => journal::run(context, verb).await,
        Command::Config(verb) => config::run(context, verb),
        Command::Version => version::run(context),
    }
}
