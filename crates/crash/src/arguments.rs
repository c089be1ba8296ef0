//! The command line, read by hand: two campaigns for people, and the parts that a campaign starts itself.
//! In: words. Out: a task, or what would have been right.

use std::path::PathBuf;
use std::str::FromStr;

use journal::Synchronous;
use runner::Rung;

use crate::problem::{Outcome, Trouble};

/// What this process is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Kill a loaded process again and again.
    Rounds { rounds: u64, seed: u64 },
    /// Build images of lost power.
    Power { images: u64, seed: u64 },
    /// Be the process that is killed.
    Life { site: PathBuf, life: u64, seed: u64, rung: Rung },
    /// Be a client of that process.
    Client { site: PathBuf, life: u64, client: u64, seed: u64 },
    /// Be the process that records effects.
    Recorder { site: PathBuf },
    /// Be the process whose system calls are recorded.
    Workload { root: PathBuf, acknowledged: PathBuf, synchronous: Synchronous, calls: u64 },
}

/// Rounds and images where nothing is said.
const ROUNDS: u64 = 20;
const IMAGES: u64 = 400;
const SEED: u64 = 1;

/// The word for each setting of the store, between campaign and traced process.
pub(crate) const fn word(synchronous: Synchronous) -> &'static str {
    match synchronous {
        Synchronous::Full => "full",
        Synchronous::UnsafeNormalForTests => "normal",
    }
}

/// This very program, also after a build has put another one in its place.
pub(crate) fn program() -> PathBuf {
    format!("/proc/{}/exe", std::process::id()).into()
}

/// Reads the arguments behind the program's name.
pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Outcome<Task> {
    let all: Vec<String> = arguments.collect();
    let words: Vec<&str> = all.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--life", site, life, seed, rung] => Ok(Task::Life {
            site: site.into(),
            life: number(life)?,
            seed: number(seed)?,
            rung: jail(rung)?,
        }),
        ["--client", site, life, client, seed] => Ok(Task::Client {
            site: site.into(),
            life: number(life)?,
            client: number(client)?,
            seed: number(seed)?,
        }),
        ["--recorder", site] => Ok(Task::Recorder { site: site.into() }),
        ["--workload", root, acknowledged, synchronous, calls] => Ok(Task::Workload {
            root: root.into(),
            acknowledged: acknowledged.into(),
            synchronous: setting(synchronous)?,
            calls: number(calls)?,
        }),
        words => campaign(words),
    }
}

fn setting(text: &str) -> Outcome<Synchronous> {
    let settings = [Synchronous::Full, Synchronous::UnsafeNormalForTests];
    let known = settings.into_iter().find(|synchronous| word(*synchronous) == text);
    known.ok_or_else(|| Trouble::Usage(format!("`{text}` is no setting of the store")))
}

fn jail(text: &str) -> Outcome<Rung> {
    let rungs = [Rung::Overlay, Rung::Copy, Rung::Landlock, Rung::Refuse];
    let known = rungs.into_iter().find(|rung| rung.word() == text);
    known.ok_or_else(|| Trouble::Usage(format!("`{text}` is no kind of jail")))
}

fn campaign(words: &[&str]) -> Outcome<Task> {
    let mut given =
        Given { rounds: None, images: None, seed: SEED, power: words.contains(&"--power") };
    let mut rest = words.iter().filter(|word| **word != "--power");
    while let Some(word) = rest.next() {
        let mut value = || match rest.next() {
            Some(text) => number(text),
            None => Err(Trouble::Usage(format!("`{word}` without a number"))),
        };
        match *word {
            "--rounds" => given.rounds = Some(value()?),
            "--images" => given.images = Some(value()?),
            "--seed" => given.seed = value()?,
            other => return Err(Trouble::Usage(format!("unknown argument `{other}`"))),
        }
    }
    given.task()
}

struct Given {
    rounds: Option<u64>,
    images: Option<u64>,
    seed: u64,
    power: bool,
}

impl Given {
    fn task(self) -> Outcome<Task> {
        let seed = self.seed;
        match (self.power, self.rounds, self.images) {
            (true, None, images) => Ok(Task::Power { images: images.unwrap_or(IMAGES), seed }),
            (false, rounds, None) => Ok(Task::Rounds { rounds: rounds.unwrap_or(ROUNDS), seed }),
            (true, Some(_), _) => Err(Trouble::Usage("`--rounds` together with `--power`".into())),
            (false, _, Some(_)) => Err(Trouble::Usage("`--images` without `--power`".into())),
        }
    }
}

fn number<T: FromStr>(text: &str) -> Outcome<T> {
    text.parse().map_err(|_| Trouble::Usage(format!("`{text}` is not a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Option<Task>) {
        let words = line.split_whitespace().map(str::to_owned);
        assert_eq!(read(words).ok(), expect, "{line}");
    }

    #[test]
    fn campaigns_are_told_apart() {
        check("", Some(Task::Rounds { rounds: 20, seed: 1 }));
        check("--rounds 7 --seed 9", Some(Task::Rounds { rounds: 7, seed: 9 }));
        check("--power", Some(Task::Power { images: 400, seed: 1 }));
        check("--images 3 --power", Some(Task::Power { images: 3, seed: 1 }));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in ["--rounds", "--rounds x", "--images 3", "--power --rounds 2", "--fast"] {
            check(line, None);
        }
    }
}
