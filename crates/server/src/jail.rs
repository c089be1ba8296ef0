//! The jail of this program: its entry, and what this machine gives.
//!
//! A jail is this very program, started again: each `main` begins with [`entry`]. In: nothing. Out: what was found when
//! the rungs were tried, in words for a person who starts a server, asks the doctor or reads the journal. What runs in
//! a jail is `tools`' business, how it is built `runner`'s.

use std::path::PathBuf;

use runner::{Jailer, Ladder, Rung};

use crate::config::Config;

pub use runner::entry;

/// What this machine gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `overlay`, `copy`, `landlock` or `refuse`.
    pub rung: &'static str,
    /// Whether changes are shown before they happen.
    pub previews: bool,
    /// Whether commands run at all.
    pub runs: bool,
    /// What was tried, in order.
    pub steps: Vec<Step>,
    /// What a jail on this rung does not keep from a command.
    pub gaps: &'static [&'static str],
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub name: String,
    /// Whether it works.
    pub works: bool,
    /// What was seen, and if it does not work, why and what can be done.
    pub found: String,
}

impl Found {
    /// For the operator's log: a rung that shows no plan is worth a warning.
    pub(crate) fn log(&self) {
        for step in &self.steps {
            tracing::info!(
                step = step.name,
                works = step.works,
                found = step.found,
                "tried a jail"
            );
        }
        match self.previews {
            true => tracing::info!(rung = self.rung, "commands are previewed"),
            false => {
                tracing::warn!(rung = self.rung, "commands have no preview; see `checkrein doctor`")
            }
        }
    }
}

/// Tries what this machine gives, with this very program.
pub async fn look() -> Found {
    shown(&Jailer::new(PathBuf::from("/proc/self/exe")).probe().await)
}

/// Starts jails with the configured program.
pub(crate) fn jailer(config: &Config) -> Jailer {
    Jailer::new(config.jail_program.clone())
}

pub(crate) fn shown(ladder: &Ladder) -> Found {
    let (previews, runs) = match ladder.rung {
        Rung::Overlay | Rung::Copy => (true, true),
        Rung::Landlock => (false, true),
        Rung::Refuse => (false, false),
    };
    let steps = ladder.findings.iter().map(|finding| Step {
        name: finding.step.clone(),
        works: finding.works,
        found: finding.why.clone(),
    });
    let gaps = ladder.rung.gaps();
    Found { rung: ladder.rung.word(), previews, runs, steps: steps.collect(), gaps }
}
