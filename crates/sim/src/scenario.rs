//! One seed's story: who acts, what goes wrong, when the gate crashes; and what the auditor found.
//!
//! ```text
//! shape of the seed -> life -> crash (all futures and the gate dropped) -> life -> ... -> end -> outcome
//! ```
//! A life opens the gate over what the store has durably, also in the middle of a recovery that crashed.

mod life;
mod shape;

use std::sync::{Arc, Mutex};

pub(crate) use shape::Shape;

use crate::actors::{Agent, Cast, Plans, Story, chains};
use crate::auditor::{Auditor, Violation};
use crate::coverage::Coverage;
use crate::fault::{Fault, Promise};
use crate::journal::Store;
use crate::lock;
use crate::outside::Outside;
use crate::random::Dice;
use crate::rules;
use crate::world::Clock;
use life::{Ended, Life};

/// Lives of one seed at most; the later ones have no trouble.
const LIVES_MAX: usize = 12;

/// How a seed is played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Play {
    /// A planted fault.
    pub fault: Option<Fault>,
    /// Few actors and no chance in when the first crash comes: after this many polls, or never for zero.
    pub short: Option<u64>,
}

/// What became of a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// Broken promises.
    pub violations: Vec<Violation>,
    /// What was gone through.
    pub coverage: Coverage,
    /// Polls of the first life.
    pub polls: u64,
    /// What happened, line by line.
    pub story: String,
}

/// Plays a seed.
///
/// # Errors
/// A mistake in the simulation's own rules.
pub fn play(seed: u64, how: Play) -> Result<Outcome, String> {
    let rules = rules::all()?;
    let shape = if how.short.is_some() { Shape::short(seed) } else { Shape::of(seed) };
    let secrets = vec![crate::tools::SECRET.to_owned()];
    let auditor = Arc::new(Mutex::new(Auditor::new(&rules, secrets)));
    let store = Arc::new(Mutex::new(Store::new(how.fault, Some(Arc::clone(&auditor)))));
    let cast = Arc::new(cast(seed, shape.clone(), (&auditor, &store)));
    let mut crashes = match how.short {
        Some(0) => Vec::new(),
        Some(polls) => vec![polls],
        None => shape.crashes.clone(),
    };
    crashes.reverse();
    let mut first_polls = None;
    for number in 0..LIVES_MAX {
        let life = Life { number, seed, fault: how.fault, cast: &cast };
        let (ended, polls) = life.live(crashes.pop());
        first_polls.get_or_insert(polls);
        let mut auditor = lock(&auditor);
        auditor.projections(&lock(&store));
        auditor.coverage.life(ended.word());
        match ended {
            Ended::Well => break,
            Ended::Crashed => auditor.begins_again(),
            Ended::Endless => {
                auditor.broken(Promise::Progress, "it does not come to an end");
                break;
            }
        }
    }
    let auditor = lock(&auditor);
    for violation in &auditor.violations {
        cast.story.tell(&cast.clock, format_args!("BROKEN {violation}"));
    }
    Ok(Outcome {
        seed,
        violations: auditor.violations.clone(),
        coverage: auditor.coverage.clone(),
        polls: first_polls.unwrap_or(0),
        story: cast.story.text(),
    })
}

type Watched<'a> = (&'a Arc<Mutex<Auditor>>, &'a Arc<Mutex<Store>>);

fn cast(seed: u64, shape: Shape, (auditor, store): Watched<'_>) -> Cast {
    let agents: Vec<Agent> = chains()
        .into_iter()
        .take(shape.agents)
        .enumerate()
        .map(|(place, chain)| Agent { chain, secret: crate::actors::secret("agent", place) })
        .collect();
    let count = agents.len();
    let plans = Plans {
        agents_left: vec![shape.actions; count],
        operators_left: vec![shape.decisions, shape.decisions / 4, shape.decisions],
        last: vec![Vec::new(); count],
        held: vec![Vec::new(); count],
        runs: vec![Vec::new(); count],
        ..Plans::default()
    };
    Cast {
        agents,
        operators: (0..3).map(|place| crate::actors::secret("operator", place)).collect(),
        dice: Dice::of(seed, "actors"),
        clock: Clock::default(),
        story: Story::default(),
        auditor: Arc::clone(auditor),
        outside: Arc::new(Mutex::new(Outside::default())),
        store: Arc::clone(store),
        plans: Mutex::new(plans),
        shape,
    }
}
