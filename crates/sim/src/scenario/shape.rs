//! The shape of a seed's story: how many act, how tight budgets are, how much goes wrong, when it crashes.
//!
//! In: a seed. Out: its circumstances, from dice of their own, so that the same seed has the same shape whatever
//! the story draws later. `short` is the small story whose every poll is tried as a crash. Nothing is acted out
//! here.

use domain::{Amounts, OnExceeded, Workflow};

use crate::journal::Trouble;
use crate::random::Dice;
use crate::tools::Moods;

/// One seed's circumstances.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) agents: usize,
    /// Actions of each agent and decisions of the first operator.
    pub(crate) actions: u64,
    pub(crate) decisions: u64,
    /// The longest an agent thinks, in virtual milliseconds.
    pub(crate) think_ms: u64,
    pub(crate) moods: Moods,
    pub(crate) trouble: Trouble,
    pub(crate) neighbour: bool,
    pub(crate) jumps: bool,
    pub(crate) fills: bool,
    pub(crate) shadow: bool,
    /// Whether callers go away in the middle, so that their futures are dropped.
    pub(crate) impatient: bool,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) day: (Amounts<Option<u64>>, OnExceeded),
    /// Polls of each life that ends by a crash.
    pub(crate) crashes: Vec<u64>,
}

impl Shape {
    /// As the seed has it.
    pub(crate) fn of(seed: u64) -> Self {
        let dice = Dice::of(seed, "shape");
        let slow = dice.pick(&[0, 30, 60, 90]).copied().unwrap_or(0);
        let storm = dice.chance(25);
        let crashes = if dice.chance(60) { 1 + dice.below(3) } else { 0 };
        Self {
            agents: usize::try_from(1 + dice.below(5)).unwrap_or(1),
            actions: 5 + dice.below(20),
            decisions: 10 + dice.below(40),
            think_ms: dice.pick(&[1, 500, 4_000]).copied().unwrap_or(1),
            moods: Moods {
                bad: dice.pick(&[0, 20, 50]).copied().unwrap_or(0),
                bad_previews: dice.pick(&[0, 10]).copied().unwrap_or(0),
                no_previews: dice.pick(&[0, 0, 50, 100]).copied().unwrap_or(0),
            },
            trouble: Trouble {
                slow,
                turns: 1 + dice.below(12),
                late: if dice.chance(20) { 20 } else { 0 },
                busy: if storm { 3 } else { 0 },
                lost: if storm { 60 } else { 0 },
                unknown: if storm { 60 } else { 0 },
                full: false,
            },
            neighbour: dice.chance(40),
            jumps: dice.chance(25),
            fills: dice.chance(15),
            shadow: dice.chance(8),
            impatient: dice.chance(15),
            workflows: workflows(&dice),
            day: day(&dice),
            crashes: (0..crashes).map(|_| 20 + dice.below(1_500)).collect(),
        }
    }

    /// Two agents and an operator, no trouble but the crash that the caller orders.
    pub(crate) fn short(seed: u64) -> Self {
        let dice = Dice::of(seed, "short");
        Self {
            agents: 2,
            actions: 2,
            decisions: 4,
            think_ms: 200,
            moods: Moods { bad: 20, bad_previews: 0, no_previews: 0 },
            trouble: Trouble { slow: 50, turns: 2, ..Trouble::default() },
            neighbour: false,
            jumps: false,
            fills: false,
            shadow: false,
            impatient: false,
            crashes: Vec::new(),
            ..Self::of(dice.number())
        }
    }
}

fn workflows(dice: &Dice) -> Vec<Workflow> {
    let one = |(name, on_exceeded): (&str, OnExceeded)| {
        Some(Workflow {
            name: name.parse().ok()?,
            owner: "olga".parse().ok()?,
            space: "lab".parse().ok()?,
            budget: limit(dice),
            on_exceeded,
        })
    };
    let all =
        [("work", OnExceeded::Stop), ("lean", OnExceeded::Degrade), ("asks", OnExceeded::Escalate)];
    let mut all: Vec<Workflow> = all.into_iter().filter_map(one).collect();
    // The first is the one of ambient runs.
    all.rotate_left(usize::try_from(dice.below(3)).unwrap_or(0));
    all
}

fn limit(dice: &Dice) -> Amounts<Option<u64>> {
    let some = |percent: u64, least: u64, span: u64| {
        dice.chance(percent).then(|| least + dice.below(span))
    };
    Amounts {
        calls: some(50, 2, 10),
        money_micros: some(40, 40_000, 200_000),
        irreversible: some(40, 0, 4),
        read_bytes: some(20, 300, 6_000),
        wall_ms: some(10, 20_000, 60_000),
    }
}

fn day(dice: &Dice) -> (Amounts<Option<u64>>, OnExceeded) {
    let all = [OnExceeded::Stop, OnExceeded::Degrade, OnExceeded::Escalate];
    let on_exceeded = dice.pick(&all).copied().unwrap_or(OnExceeded::Stop);
    if dice.chance(30) {
        (limit(dice), on_exceeded)
    } else {
        (Amounts::<u64>::each(|_| None), on_exceeded)
    }
}
