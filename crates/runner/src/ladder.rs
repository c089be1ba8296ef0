//! How much of a jail this machine gives, found by trying.
//!
//! ```text
//! overlay   every namespace, the workspace as an overlay: changes are previewed
//! copy      the same with a copy of the workspace, where the overlay does not work
//! landlock  no namespaces: the command runs on the workspace itself, restricted, without a preview
//! refuse    nothing runs
//! ```
//! In: this machine. Out: the highest rung on which a trial jail really did its work, and why those above did not.
//! Tests are in `tests/it`.

mod reasons;
mod trial;

use serde::{Deserialize, Serialize};

use crate::supervisor::Jailer;

/// How much of a jail there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// Every namespace, and the workspace as an overlay.
    Overlay,
    /// Every namespace, and a copy of the workspace.
    Copy,
    /// Landlock, a filter of system calls and limits, on the workspace itself.
    Landlock,
    /// Nothing runs.
    Refuse,
}

impl Rung {
    /// As configuration, journal and people say it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Copy => "copy",
            Self::Landlock => "landlock",
            Self::Refuse => "refuse",
        }
    }

    /// What a jail on this rung does not keep from a command, for people.
    #[must_use]
    pub fn gaps(self) -> &'static [&'static str] {
        match self {
            Self::Overlay | Self::Copy => &[
                "memory that the kernel keeps for a command, such as buffers of sockets and pipes, is bounded only by \
                 ending the command when the machine runs short",
            ],
            Self::Landlock => &[
                "changes are made to the workspace itself, there is no preview and no undo",
                "whether a file exists, its size and times, and which processes run, can be seen",
                "programs that use sockets, or change modes, owners or times by path, do not work",
                "memory that the kernel keeps for a command is bounded only by ending it when the machine runs short, \
                 and disk space is not bounded",
            ],
            Self::Refuse => &["no command runs"],
        }
    }
}

/// The rung of this machine and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// The highest rung that works.
    pub rung: Rung,
    /// What was tried, in the order in which it was tried.
    pub findings: Vec<Finding>,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, such as `overlay jail`.
    pub step: String,
    /// Whether it works.
    pub works: bool,
    /// What was seen, and if it does not work, why and what can be done.
    pub why: String,
}

impl Jailer {
    /// Tries the rungs from the top and stops at the first that works.
    pub async fn probe(&self) -> Ladder {
        let mut findings = Vec::new();
        for rung in [Rung::Overlay, Rung::Copy, Rung::Landlock] {
            let tried = trial::run(self, rung).await;
            let works = tried.is_ok();
            let why = match tried {
                Ok(seen) => seen,
                Err(error) => reasons::explain(&error),
            };
            findings.push(Finding { step: format!("{} jail", rung.word()), works, why });
            if works {
                return Ladder { rung, findings };
            }
        }
        Ladder { rung: Rung::Refuse, findings }
    }
}
