//! Why a command was not run, or why nobody knows what became of it.
//!
//! Named by whose fault it is: the order's, the program's, the machine's, ours. How a command that ran has ended is not
//! an error but [`crate::Ended`].

use std::io;

use crate::report::Step;

/// Why there is no [`crate::Finished`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The order cannot be carried out as it stands. Nothing was started.
    #[error("the order cannot be carried out: {why}")]
    Order {
        /// What is wrong and what was expected.
        why: String,
    },
    /// The program could not be started in the jail.
    #[error("`{program}` cannot be started in the jail: {why}")]
    Program {
        /// As the order has it.
        program: String,
        /// What the kernel said.
        why: String,
    },
    /// This machine does not give what the rung needs. The command was not started.
    #[error("the jail could not be built, {step} failed: {why}")]
    Setup {
        /// Which step.
        step: Step,
        /// What the kernel said, and of what.
        why: String,
    },
    /// The jail itself could not be started or spoken with.
    #[error("the jail could not be started")]
    Start(#[source] io::Error),
    /// The jail ended without a report, or did not end in time and was killed. What the command did is unknown.
    #[error("the jail ended without a report: {why}")]
    Lost {
        /// What was seen.
        why: String,
    },
}

impl Error {
    pub(crate) fn order(why: impl Into<String>) -> Self {
        Self::Order { why: why.into() }
    }
}
