//! A loaded process is killed at random moments, again and again, and each time everything is checked.
//!
//! ```text
//! campaign -> recorder (outlives all)            site: ten rounds on one store, then a fresh one
//!          -> life -> SIGKILL -> life -> SIGKILL -> recover, check every promise -> next round
//! ```
//! A round has one to three lives, so that what one life left behind is also found by a life that is killed itself,
//! while it opens the store too. The checker is told nothing by the process but the answers that it gave.

mod check;
mod content;
mod life;
pub(crate) mod load;

use std::time::Duration;

use tempfile::TempDir;

use crate::dice::Dice;
use crate::installation::Site;
use crate::ledger::Ledger;
use crate::problem::Outcome;
use check::Known;
use life::{Moment, Recorder};

/// Rounds on one store. Long enough for checkpoints and many restarts, short enough to read it all each round.
const ROUNDS_PER_SITE: u64 = 10;
/// Lives of one round.
const LIVES_MAX: u64 = 3;
/// The longest a life is let to work.
const WORK_MS: u64 = 500;
/// Kills that do not wait for the process to be ready fall within this time, most of it opening and recovery.
const OPENING_MS: u64 = 300;

/// A store with everything that was seen of it from outside.
struct Watched {
    directory: TempDir,
    site: Site,
    recorder: Recorder,
    known: Known,
    lives: u64,
}

/// What a campaign has seen.
#[derive(Debug, Default)]
struct Seen {
    kills: u64,
    answers: usize,
    effects: usize,
    recovered: usize,
    in_doubt: usize,
    files: usize,
    entries: u64,
}

/// Runs so many rounds.
pub(crate) fn run(rounds: u64, seed: u64) -> Outcome<()> {
    let mut seen = Seen::default();
    let mut round = 0;
    while round < rounds {
        let until = rounds.min(round + ROUNDS_PER_SITE);
        let watched = Watched::new()?;
        match watched.rounds(round..until, seed, &mut seen) {
            Ok(()) => round = until,
            Err((kept, trouble)) => {
                eprintln!("seed {seed}, in rounds {round} to {until}; kept in {}", kept.display());
                return Err(trouble);
            }
        }
    }
    let Seen { kills, answers, effects, recovered, in_doubt, files, entries } = seen;
    println!(
        "{rounds} rounds, {kills} kills, seed {seed}: {answers} answers given and journalled, \
         {effects} effects and no key twice, {recovered} acts settled by recovery, {in_doubt} left in \
         doubt, {files} files whole, \
         {entries} entries verified"
    );
    Ok(())
}

impl Watched {
    fn new() -> Outcome<Self> {
        let directory = tempfile::Builder::new().prefix("checkrein-crash-").tempdir()?;
        let site = Site::at(directory.path());
        std::fs::create_dir(site.workspace())?;
        let recorder = Recorder::start(&site)?;
        Ok(Self { directory, site, recorder, known: Known::default(), lives: 0 })
    }

    /// Rounds on this store. A store that broke a promise is kept for looking at it.
    fn rounds(
        mut self,
        rounds: std::ops::Range<u64>,
        seed: u64,
        seen: &mut Seen,
    ) -> Result<(), (std::path::PathBuf, crate::problem::Trouble)> {
        let last = rounds.end;
        for round in rounds {
            let done = self.round(&mut Dice::of(seed, round), seen);
            let done = done.and_then(|()| self.check(round + 1 == last, seen));
            if let Err(trouble) = done {
                return Err((self.directory.keep(), trouble));
            }
        }
        Ok(())
    }

    fn round(&mut self, dice: &mut Dice, seen: &mut Seen) -> Outcome<()> {
        for _ in 0..=dice.below(LIVES_MAX) {
            let moment = if dice.once_in(4) {
                Moment::AfterStart(Duration::from_millis(dice.below(OPENING_MS)))
            } else {
                Moment::AfterReady(Duration::from_millis(dice.below(WORK_MS)))
            };
            let given = life::live(&self.site, (self.lives, dice.next()), moment)?;
            self.known.given.extend(given);
            self.lives += 1;
            seen.kills += 1;
        }
        Ok(())
    }

    /// Checks what was seen against what is there. At the end of a store every entry is read once more.
    fn check(&mut self, at_end: bool, seen: &mut Seen) -> Outcome<()> {
        self.recorder.settled(&self.site)?;
        if at_end {
            self.known.ledger = Ledger::default();
        }
        let found = check::check(&self.site, &mut self.known)?;
        if at_end {
            seen.answers += self.known.given.len();
            seen.effects += found.effects;
            seen.recovered += self.known.ledger.recovered();
            seen.in_doubt += found.in_doubt;
            seen.files += found.files;
            seen.entries += self.known.ledger.entries();
        }
        Ok(())
    }
}
