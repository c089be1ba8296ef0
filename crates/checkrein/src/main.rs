//! The checkrein binary: the command line, and `up`, which is the server itself.
//!
//! ```text
//! arguments -> cli -> command (one file per verb) -> client (HTTP) or offline (contract, policy, server)
//!                                                 -> output (data on stdout) | failure (talk on stderr, exit code)
//! ```
//! In: arguments, the environment, a configuration file. Out: data on standard output, talk on standard error, and
//! an exit code of the table in `failure`. Nothing is decided here: that is the server's and its policies' business.
//! Tests run the real binary: `tests/it`.

mod cli;
mod client;
mod command;
mod context;
mod demo;
mod failure;
mod output;
mod program;
mod toml_text;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::CommandLine;
use crate::context::Context;
use crate::failure::Failure;

fn main() -> ExitCode {
    // Before anything else: a jail is this program, started again, and has no use for a command line or threads.
    server::jail::entry();
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and version are no errors; nobody reads a message that cannot be printed.
            _ = error.print();
            return exit(error.exit_code());
        }
    };
    let context = Context::new(line.global);
    let ended = runtime().and_then(|runtime| {
        let ended = runtime.block_on(command::run(&context, line.command));
        // A thread that reads from a terminal cannot be called back; it ends with the process.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            context.out.failure(&failure);
            ExitCode::from(failure.exit)
        }
    }
}

fn exit(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(failure::USAGE))
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::new(format!("no threads could be started: {error}"))
            .expected("a system with room for a few threads")
            .fix("end other programs, or raise the limit of processes (`ulimit -u`)")
    })
}
