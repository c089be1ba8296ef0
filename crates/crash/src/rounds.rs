//! A loaded process is killed at random moments, again and again, and each time everything is checked.
//!
//! ```text
//! campaign -> recorder (outlives all)            site: some rounds on one store, then a fresh one
//!          -> life -> SIGKILL -> nothing runs any more -> life -> SIGKILL -> … -> recover, check every promise -> …
//! ```
//! A round has one to three lives, so that what one life left behind is also found by a life that is killed itself,
//! while it opens the store too. The checker is told nothing by the process but the answers that it gave.

mod check;
pub(crate) mod client;
mod collect;
mod content;
mod left;
mod life;
pub(crate) mod load;
mod shape;
mod trees;

use std::fmt;
use std::time::Duration;

use runner::Rung;
use tempfile::TempDir;

use crate::commands;
use crate::dice::Dice;
use crate::installation::Site;
use crate::ledger::Ledger;
use crate::problem::{Outcome, Trouble};
use check::{End, Known};
use life::{Moment, Recorder, Said};
use trees::{TURN, UNDO};

/// Rounds on one store. Long enough for checkpoints and many restarts, short enough to read it all each round.
const ROUNDS_PER_SITE: u64 = 5;
/// After so many, commands must have been applied, and others killed.
const ROUNDS_TO_TELL: u64 = 10;
/// Lives of one round.
const LIVES_MAX: u64 = 3;
/// The longest a life is let to work.
const WORK_MS: u64 = 800;
/// The same where it waits for people.
const PEOPLE_MS: u64 = 3_000;
/// Kills that do not wait for the process to be ready fall within this time, most of it opening and recovery.
const OPENING_MS: u64 = 300;

/// A store with everything that was seen of it from outside.
struct Watched {
    directory: TempDir,
    site: Site,
    recorder: Recorder,
    known: Known,
    lives: u64,
    rung: Rung,
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
    commands: Commands,
    approvals: Approvals,
}

/// What it has seen of people.
#[derive(Debug, Default)]
struct Approvals {
    told: usize,
    of_two: usize,
    no: usize,
    edits: usize,
    over: usize,
    collected: usize,
}

/// What it has seen of commands.
#[derive(Debug, Default)]
struct Commands {
    admitted: usize,
    recovered: usize,
    turned: usize,
    undone: usize,
    /// Turns without an answer, and trees that a kill left between two shapes.
    cut: usize,
    torn: usize,
    /// Processes that ended because of a kill, and after how long the last.
    ended: left::Ended,
}

/// Runs so many rounds.
pub(crate) fn run(rounds: u64, seed: u64) -> Outcome<()> {
    let ladder = commands::probe()?;
    if !commands::are_loaded(ladder.rung) {
        println!("commands are left out, as there is no overlay here:");
        let tried = |finding: &runner::Finding| println!("  {}: {}", finding.step, finding.why);
        ladder.findings.iter().for_each(tried);
    }
    left::reap()?;
    let mut seen = Seen::default();
    let mut round = 0;
    while round < rounds {
        let until = rounds.min(round + ROUNDS_PER_SITE);
        let watched = Watched::new(ladder.rung)?;
        match watched.rounds(round..until, seed, &mut seen) {
            Ok(()) => round = until,
            Err((kept, trouble)) => {
                eprintln!("seed {seed}, in rounds {round} to {until}; kept in {}", kept.display());
                return Err(trouble);
            }
        }
    }
    println!("{rounds} rounds, seed {seed}: {seen}");
    println!("approvals: {}", seen.approvals);
    let people = &seen.approvals;
    if rounds >= ROUNDS_TO_TELL
        && [people.of_two, people.no, people.edits, people.collected].contains(&0)
    {
        return Err(Trouble::other("no call waited for two, was rejected, edited or collected"));
    }
    if !commands::are_loaded(ladder.rung) {
        return Ok(());
    }
    println!("commands: {}", seen.commands);
    if rounds >= ROUNDS_TO_TELL && (seen.commands.turned == 0 || seen.commands.ended.processes == 0)
    {
        return Err(Trouble::other("no command was applied or killed, so nothing was tested"));
    }
    Ok(())
}

impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, answers, effects, recovered, in_doubt, files, entries, .. } = self;
        write!(
            out,
            "{kills} kills, {answers} answers given and journalled, {effects} effects and no key twice, \
             {recovered} acts settled by recovery, {in_doubt} left in doubt, {files} files whole, \
             {entries} entries verified"
        )
    }
}

impl fmt::Display for Approvals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { told, of_two, no, edits, over, collected } = self;
        write!(
            out,
            "{told} decisions told and none lost ({no} rejections and {edits} edits, of which none ran), {of_two} acts on \
             two votes, {over} requests over by time or otherwise, {collected} approved calls run once when their \
             callers came back at the end"
        )
    }
}

impl fmt::Display for Commands {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { admitted, recovered, turned, undone, cut, torn, ended } = self;
        write!(
            out,
            "{admitted} applied, {recovered} of them by recovery, none in doubt; {turned} trees turned \
             and {undone} taken back exactly, {cut} turns cut by a kill, {torn} trees found torn and whole \
             after recovery; {} processes of jails ended with the kill, within {} ms",
            ended.processes,
            ended.after.as_millis()
        )
    }
}

impl Watched {
    fn new(rung: Rung) -> Outcome<Self> {
        let directory = tempfile::Builder::new().prefix("checkrein-crash-").tempdir()?;
        let site = Site::at(directory.path());
        std::fs::create_dir_all(site.trees())?;
        let recorder = Recorder::start(&site)?;
        Ok(Self { directory, site, recorder, known: Known::default(), lives: 0, rung })
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
        // Some directories forbid writing, so that they could not be removed.
        trees::open_up(&self.site.trees()).map_err(|trouble| (self.directory.keep(), trouble))
    }

    fn round(&mut self, dice: &mut Dice, seen: &mut Seen) -> Outcome<()> {
        for _ in 0..=dice.below(LIVES_MAX) {
            let seed = dice.next();
            let work = if load::is_for_people(seed) { PEOPLE_MS } else { WORK_MS };
            let moment = if dice.once_in(4) {
                Moment::AfterStart(Duration::from_millis(dice.below(OPENING_MS)))
            } else {
                Moment::AfterReady(Duration::from_millis(dice.below(work)))
            };
            self.known.trees.hand_on(&self.site)?;
            let said = life::live(&self.site, (self.lives, seed, self.rung), moment)?;
            self.lives += 1;
            seen.kills += 1;
            self.listen(said, &mut seen.commands)?;
        }
        Ok(())
    }

    /// Takes in what a life said, and looks at what its end has left.
    fn listen(&mut self, said: Vec<Said>, seen: &mut Commands) -> Outcome<()> {
        for each in said {
            match each {
                Said::Turn(turn) => self.known.trees.announced(turn)?,
                Said::Vote(vote) => self.known.votes.push(vote),
                Said::Given(given) => {
                    self.known.trees.answered(&given)?;
                    self.known.given.push(*given);
                }
            }
        }
        let ended = left::ended(&self.site, self.recorder.id())?;
        seen.ended.processes += ended.processes;
        seen.ended.after = seen.ended.after.max(ended.after);
        let (cut, torn) = self.known.trees.cut(&self.site)?;
        seen.cut += cut;
        seen.torn += torn;
        Ok(())
    }

    /// Checks what was seen against what is there. At the end of a store every entry is read once more.
    fn check(&mut self, at_end: bool, seen: &mut Seen) -> Outcome<()> {
        self.recorder.settled(&self.site)?;
        if at_end {
            self.known.ledger = Ledger::default();
        }
        let end = if at_end { End::OfSite } else { End::OfRound };
        let found = check::check(&self.site, &mut self.known, (self.rung, end))?;
        if at_end {
            let counted = self.known.ledger.votes().counted(&self.known.votes);
            seen.approvals.told += self.known.votes.len();
            seen.approvals.of_two += counted.of_two;
            seen.approvals.no += counted.no;
            seen.approvals.edits += counted.edits;
            seen.approvals.over += counted.over;
            seen.approvals.collected += found.collected;
            seen.answers += self.known.given.len();
            seen.effects += found.effects;
            seen.recovered += self.known.ledger.recovered();
            seen.in_doubt += found.in_doubt;
            seen.files += found.files;
            seen.entries += self.known.ledger.entries();
            let (admitted, recovered) = self.known.ledger.commands();
            seen.commands.admitted += admitted;
            seen.commands.recovered += recovered;
            seen.commands.turned += self.known.succeeded(TURN);
            seen.commands.undone += self.known.succeeded(UNDO);
        }
        Ok(())
    }
}
