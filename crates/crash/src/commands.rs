//! Commands in real jails: which kind this machine gives, which programs the installation names, and the tool.
//!
//! In: the machine and a site. Out: the rung that a campaign found once and hands to each life, the commands for the
//! contract, and the tool over the workspaces that files share. Without the overlay the load leaves commands out: most
//! lower rungs have no plans that could be applied half.

use std::path::PathBuf;
use std::sync::Arc;

use contract::Installation;
use domain::{JailNeeds, NamedCommand};
use runner::{Jailer, Ladder, Rung};
use tools::commands::{CacheHome, Commands};
use tools::workspaces::Workspaces;

use crate::arguments::program;
use crate::problem::{Outcome, Trouble};

/// The tool of all commands here.
pub(crate) const TOOL: &str = "command.run";

/// Shells and plain programs, each with any words.
const PROGRAMS: [&str; 7] = ["sh", "cp", "mv", "rm", "ln", "mkdir", "chmod"];

/// What this machine gives, found by trying.
pub(crate) fn probe() -> Outcome<Ladder> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(Jailer::new(program()).probe()))
}

/// Whether commands are part of the load. Copies are so slow under it that hardly any would be applied in a life.
pub(crate) const fn are_loaded(rung: Rung) -> bool {
    match rung {
        Rung::Overlay => true,
        Rung::Copy | Rung::Landlock | Rung::Refuse => false,
    }
}

/// What the operator names.
pub(crate) fn installation() -> Outcome<Installation> {
    let named = |program: &str| NamedCommand {
        program: program.to_owned(),
        arguments: Vec::new(),
        role: None,
        needs: JailNeeds::default(),
    };
    Installation::new(PROGRAMS.map(named).to_vec(), Vec::new())
        .map_err(|unfit| Trouble::other(format!("{unfit:?}")))
}

/// The tool, with its private directory.
pub(crate) fn tool(workspaces: Arc<Workspaces>, rung: Rung, home: PathBuf) -> Outcome<Commands> {
    let home = CacheHome::open(home)
        .map_err(|error| Trouble::during("opening the caches")(error.into()))?;
    let ladder = Ladder { rung, findings: Vec::new() };
    Ok(Commands::new(workspaces, Jailer::new(program()), ladder, home))
}
