//! Ends of the process and of the power, and whether the promises hold after them. Development only.
//!
//! ```text
//! crash --rounds N            SIGKILL at random moments under load (`rounds`)
//! crash --power --images N    power loss: only what was synced survives for sure (`power`)
//! ```
//! In: how many, and a seed. Out: a line of what was seen, or the first promise that does not hold and exit code 1;
//! 77 where the machine lets no process be traced. The same binary is also the process that is killed, the one that
//! records effects, the one that is traced, and the jail of commands.

mod arguments;
mod commands;
mod counter;
mod dice;
mod given;
mod installation;
mod ledger;
mod power;
mod problem;
mod recorder;
mod rounds;
mod votes;
mod world;

use std::process::ExitCode;

use arguments::Task;
use installation::Site;
use problem::Outcome;

fn main() -> ExitCode {
    runner::entry();
    match arguments::read(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            let mut source = std::error::Error::source(&trouble);
            while let Some(error) = source {
                eprintln!("  because: {error}");
                source = error.source();
            }
            trouble.exit_code()
        }
    }
}

fn run(task: Task) -> Outcome<()> {
    match task {
        Task::Rounds { rounds, seed } => rounds::run(rounds, seed),
        Task::Power { images, seed } => power::run(images, seed),
        Task::Life { site, life, seed, rung } => {
            rounds::load::run(&Site::at(&site), (life, seed), rung)
        }
        Task::Client { site, life, client, seed } => {
            rounds::client::run(&Site::at(&site), (life, client), seed)
        }
        Task::Recorder { site } => recorder::run(&site),
        Task::Workload { root, acknowledged, synchronous, calls } => {
            power::workload::run(&power::workload::Work { root, acknowledged, synchronous, calls })
        }
    }
}
