//! One life of the gate: opened over what is durable, used, and ended well or by a crash.
//!
//! In: the cast, the seed, and after how many polls to crash, if at all. Out: how it ended and the polls it took. A
//! crash drops the executor with all futures and the gate; only cast, store and the world outside go on. A life
//! that does not end by itself is a finding too.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use domain::{Code, Mode, Space};
use gate::{ApprovalRules, FourEyes, Gate, RecoveryReport, Setup, Tool};

use super::LIVES_MAX;
use crate::actors::{Cast, Scene, SimGate, open};
use crate::executor::{End, Executor, Kind};
use crate::fault::{Fault, Promise};
use crate::journal::{SimJournal, Trouble};
use crate::lock;
use crate::random::Dice;
use crate::rules::{self, Version};
use crate::tools::{SECRET, Scripted};
use crate::world::SimWorld;

/// Polls after which a life that ought to end by itself counts as endless.
const POLLS_MAX: u64 = 60_000;
/// Polls that a process whose store has failed still makes before it stops.
const LAST_POLLS: u64 = 40;

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Well,
    Crashed,
    Endless,
}

impl Ended {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Well => "ended well",
            Self::Crashed => "crashed",
            Self::Endless => "endless",
        }
    }
}

/// What a life begins with.
pub(super) struct Life<'a> {
    pub(super) number: usize,
    pub(super) seed: u64,
    pub(super) fault: Option<Fault>,
    pub(super) cast: &'a Arc<Cast>,
}

type Opened = Arc<Mutex<Option<Result<(SimGate, RecoveryReport), Code>>>>;

impl Life<'_> {
    fn dice(&self, purpose: &str) -> Dice {
        Dice::of(self.seed, &format!("{purpose} {}", self.number))
    }

    /// Lives until everything is done, or for so many polls. Gives how it ended and the polls it took.
    pub(super) fn live(&self, crash_after: Option<u64>) -> (Ended, u64) {
        let clock = &self.cast.clock;
        let mut executor = Executor::new(clock.clone(), self.dice("order"));
        let surroundings = (clock.clone(), self.dice("journal"), executor.spawner());
        let journal = SimJournal::open(&self.cast.store, surroundings);
        let (broken, trouble) = (journal.broken(), journal.trouble());
        let first = self.number == 0;
        if !first {
            *lock(&trouble) = self.trouble();
        }
        let after = Cell::new(0);
        let halt = || {
            after.set(after.get() + u64::from(broken.load(Ordering::Relaxed)));
            after.get() > LAST_POLLS
        };
        let polls = crash_after.unwrap_or(POLLS_MAX);
        let opened = self.open(journal, &executor);
        let opening = executor.run(if first { POLLS_MAX } else { polls }, halt);
        let scene = match self.scene(&opened, (&executor, &trouble)) {
            Some(scene) => scene,
            None if crash_after.is_some() || after.get() > 0 => {
                return (Ended::Crashed, executor.polls());
            }
            None if self.may_fail_to_open(&opened) => return (Ended::Crashed, executor.polls()),
            None => return (self.did_not_open(opening, &opened), executor.polls()),
        };
        if first {
            executor.spawner().start(Kind::Counted, open(Arc::clone(&scene)));
            executor.run(POLLS_MAX, halt);
            *lock(&trouble) = self.trouble();
        }
        scene.begin();
        let before = if first { executor.polls() } else { 0 };
        let left = polls.saturating_sub(executor.polls() - before);
        let mut end = executor.run(left, halt);
        if end == End::Done && after.get() == 0 {
            scene.end();
            end = executor.run(POLLS_MAX, halt);
        }
        let ended = match end {
            End::Done if after.get() == 0 => Ended::Well,
            End::Done => Ended::Crashed,
            End::OutOfPolls if crash_after.is_some() || after.get() > 0 => Ended::Crashed,
            End::OutOfPolls | End::Stuck => Ended::Endless,
        };
        scene.tell(format_args!("life {}: {}", self.number, ended.word()));
        (ended, executor.polls() - before)
    }

    /// A gate does not open where the store fails or the clock is wrong; somebody starts it again.
    fn may_fail_to_open(&self, opened: &Opened) -> bool {
        let told = matches!(
            *lock(opened),
            Some(Err(Code::TooManyWaiting | Code::ClockWentBack | Code::StoreFailed))
        );
        self.cast.clock.correct();
        told
    }

    fn did_not_open(&self, end: End, opened: &Opened) -> Ended {
        let why = lock(opened).take().and_then(Result::err);
        let what = format!("the gate did not open: {end:?} {why:?}");
        lock(&self.cast.auditor).broken(Promise::Recovery, what);
        Ended::Endless
    }

    /// Trouble of this life. The last lives have none, so that every story ends.
    fn trouble(&self) -> Trouble {
        let calm = self.number + 4 > LIVES_MAX;
        let trouble = self.cast.shape.trouble.clone();
        if calm { Trouble { lost: 0, unknown: 0, busy: 0, ..trouble } } else { trouble }
    }

    fn open(&self, journal: SimJournal, executor: &Executor) -> Opened {
        let opened = Opened::default();
        let slot = Arc::clone(&opened);
        let setup = self.setup(journal);
        executor.spawner().start(Kind::Counted, async move {
            let result = match setup {
                Ok(setup) => Gate::open(setup).await.map_err(|refusal| refusal.code),
                Err(_) => Err(Code::BadConfiguration),
            };
            *lock(&slot) = Some(result);
        });
        opened
    }

    fn scene(
        &self,
        opened: &Opened,
        (executor, trouble): (&Executor, &Arc<Mutex<Trouble>>),
    ) -> Option<Arc<Scene>> {
        let mut slot = lock(opened);
        let Some(Ok((gate, report))) = slot.take_if(|result| result.is_ok()) else { return None };
        if self.number > 0 {
            let stops: Vec<_> = gate.stops().iter().map(|stop| stop.id).collect();
            lock(&self.cast.auditor).reopened(&report, &stops);
            self.cast.story.tell(&self.cast.clock, format_args!("opened again: {report}"));
        }
        let (cast, spawner) = (Arc::clone(self.cast), executor.spawner());
        let trouble = Arc::clone(trouble);
        Some(Arc::new(Scene { gate, cast, spawner, trouble, over: AtomicBool::new(false) }))
    }

    fn setup(&self, journal: SimJournal) -> Result<Setup<SimJournal, SimWorld>, String> {
        let cast = self.cast;
        let tool: Arc<dyn Tool> = Arc::new(Scripted {
            outside: Arc::clone(&cast.outside),
            auditor: Arc::clone(&cast.auditor),
            clock: cast.clock.clone(),
            dice: self.dice("tools"),
            moods: cast.shape.moods,
            fault: self.fault,
        });
        let lab = "lab".parse().map_err(|error: domain::NameError| error.to_string())?;
        Ok(Setup {
            journal,
            world: SimWorld(cast.clock.clone()),
            rules: rules::copy(Version::First)?,
            tools: vec![("sim.".to_owned(), Arc::clone(&tool)), ("checkrein.".to_owned(), tool)],
            spaces: vec![Space { name: lab, mode: Mode::Enforce }],
            workflows: cast.shape.workflows.clone(),
            grant_day: cast.shape.day,
            secrets: vec![SECRET.to_owned()],
            workspace_roots: Vec::new(),
            // Whoever gave the rights is the one who decides here; `tests/it/voting.rs` keeps them apart.
            approvals: ApprovalRules { four_eyes: FourEyes::Waived, ..ApprovalRules::default() },
        })
    }
}
