//! The person of the demo: lines of the terminal, and decisions that were made in the console meanwhile.
//!
//! One thread reads the terminal from the first question on, so that a question which the console answered leaves no second
//! reader behind. Whichever decides first counts; the other is told so by the story. Tests are at the end.

use std::io::BufRead as _;
use std::time::Duration;

use server::wire;
use tokio::sync::mpsc;

use super::cast::Cast;
use super::story::Choice;
use crate::client::path;
use crate::failure::{Failure, Result};

/// How often it is looked whether somebody decided in the console.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Lines that wait to be read.
const LINES_MAX: usize = 16;

/// Where a decision came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decided {
    /// At the terminal: the story still has to send it.
    Here(Choice),
    /// In the console, or with another command: it is done.
    Elsewhere(Choice),
}

impl Decided {
    pub(super) const fn choice(self) -> Choice {
        match self {
            Self::Here(choice) | Self::Elsewhere(choice) => choice,
        }
    }
}

/// Lines of the terminal as they are typed.
#[derive(Debug, Default)]
pub(super) struct Lines(Option<mpsc::Receiver<std::io::Result<String>>>);

impl Lines {
    /// The next line; none at the end of the terminal.
    pub(super) async fn next(&mut self) -> Result<Option<String>> {
        let lines = self.0.get_or_insert_with(listen);
        match lines.recv().await {
            None => Ok(None),
            Some(Ok(line)) => Ok(Some(line)),
            Some(Err(error)) => Err(Failure::new(format!("the terminal cannot be read: {error}"))),
        }
    }
}

/// Reads in a thread that ends with the terminal or with the process.
fn listen() -> mpsc::Receiver<std::io::Result<String>> {
    let (sender, receiver) = mpsc::channel(LINES_MAX);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Resolves once somebody decided a request otherwise than here.
pub(super) async fn decided_elsewhere(cast: &Cast, approval: &str) -> Result<Choice> {
    let place = path("/v1/approvals", approval, "")?;
    let mut every = tokio::time::interval(LOOK_EVERY);
    loop {
        every.tick().await;
        let details: wire::ApprovalDetails = cast.operator.get(&place, &[]).await?;
        if let Some(choice) = choice_of(&details.approval.state) {
            return Ok(choice);
        }
    }
}

/// What a request's state says of the decision; none while it is open.
fn choice_of(state: &str) -> Option<Choice> {
    match state {
        "pending" => None,
        "approved" | "used" => Some(Choice::Approve),
        // Whatever else became of it, it does not run.
        _ => Some(Choice::Reject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_counts_as_one() {
        assert_eq!(choice_of("pending"), None);
        assert_eq!(choice_of("approved"), Some(Choice::Approve));
        for state in ["rejected", "expired", "withdrawn", "superseded", "unknown"] {
            assert_eq!(choice_of(state), Some(Choice::Reject), "{state}");
        }
    }
}
