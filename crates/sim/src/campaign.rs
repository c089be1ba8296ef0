//! Campaigns: many seeds, every crash of a few short stories, and the search for planted faults.
//!
//! In: how many. Out: the first failing seed with its broken promises, or what was gone through.

use crate::coverage::Coverage;
use crate::fault::Fault;
use crate::scenario::{Outcome, Play, play};

/// What a campaign found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// What was gone through.
    pub coverage: Coverage,
    /// Stories that broke a promise, with how they were played.
    pub broken: Vec<(Play, Outcome)>,
    /// Stories played.
    pub stories: u64,
}

impl Found {
    fn take(&mut self, how: Play, outcome: Outcome) {
        self.stories += 1;
        self.coverage.add(&outcome.coverage);
        if !outcome.violations.is_empty() {
            self.broken.push((how, outcome));
        }
    }
}

/// Plays so many seeds, from the first on.
///
/// # Errors
/// A mistake in the simulation's own rules.
pub fn seeds(first: u64, count: u64) -> Result<Found, String> {
    let mut found = Found::default();
    for seed in first..first.saturating_add(count) {
        let how = Play::default();
        found.take(how, play(seed, how)?);
    }
    Ok(found)
}

/// Plays a short story with a crash after every poll of its first life.
///
/// # Errors
/// As [`seeds`].
pub fn every_crash(seed: u64) -> Result<Found, String> {
    let mut found = Found::default();
    let whole = Play { short: Some(0), ..Play::default() };
    let outcome = play(seed, whole)?;
    let polls = outcome.polls;
    found.take(whole, outcome);
    for poll in 1..polls {
        let how = Play { short: Some(poll), ..Play::default() };
        found.take(how, play(seed, how)?);
    }
    Ok(found)
}

/// The first seed that shows a planted fault, with what it broke; none below the bound.
///
/// # Errors
/// As [`seeds`].
pub fn search(fault: Fault, seeds: u64) -> Result<Option<(u64, String)>, String> {
    for seed in 1..=seeds {
        let outcome = play(seed, Play { fault: Some(fault), short: None })?;
        let shown = outcome.violations.iter().find(|each| each.promise == fault.breaks());
        if let Some(violation) = shown {
            return Ok(Some((seed, violation.to_string())));
        }
    }
    Ok(None)
}
