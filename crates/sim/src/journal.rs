//! The simulated journal: durable state that survives crashes, and the troubles of a real store.
//!
//! ```text
//! commit: waits (queue, disk) -> guards, entries, rows: all or nothing -> waits (the answer's way back)
//! ```
//! Dropped before the middle step nothing is written, after it everything is. Concurrent commits change
//! places because each waits as long as the seed says. A read may be answered late, with what stood when it
//! was asked. Once the store has failed it fails for the rest of this life, as the process must stop.

mod select;
mod store;
mod trouble;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use domain::{CallId, Digest, Entry, Event, PayloadKind, WriterId};
use gate::{
    Commit, CommitError, Journal, KeyScope, Query, Receipt, Record, StoreError, Table, Urgency,
};

pub use store::{Store, Stored};
pub use trouble::{Fate, Trouble};

use crate::executor::{Kind, Spawner, Yield};
use crate::fault::Fault;
use crate::lock;
use crate::random::Dice;
use crate::world::Clock;

/// The journal of one life of the gate, over a store that outlives it.
#[derive(Debug)]
pub struct SimJournal {
    store: Arc<Mutex<Store>>,
    trouble: Arc<Mutex<Trouble>>,
    broken: Arc<AtomicBool>,
    clock: Clock,
    dice: Dice,
    spawner: Spawner,
}

impl SimJournal {
    /// Opens the store for another life, which its first entry says.
    pub fn open(store: &Arc<Mutex<Store>>, surroundings: (Clock, Dice, Spawner)) -> Self {
        let (clock, dice, spawner) = surroundings;
        let writer = WriterId::new(clock.fresh());
        let event = Event::WriterOpened { writer, program: "simulation".to_owned() };
        let at = lock(store).last_at().max(clock.now());
        let entry = Entry { at, tenant: None, run: None, call: None, event };
        let opened = crate::commit_of(vec![entry], Urgency::Outcome);
        // The first entry has no guards; a store that refuses it has refused everything.
        let refused = lock(store).write(&opened).is_err();
        Self {
            store: Arc::clone(store),
            trouble: Arc::default(),
            broken: Arc::new(AtomicBool::new(refused)),
            clock,
            dice,
            spawner,
        }
    }

    /// What goes wrong, to be set.
    pub fn trouble(&self) -> Arc<Mutex<Trouble>> {
        Arc::clone(&self.trouble)
    }

    /// Whether the store has failed in this life.
    pub fn broken(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.broken)
    }

    /// The store.
    pub fn store(&self) -> &Arc<Mutex<Store>> {
        &self.store
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(StoreError("the simulated store has failed".to_owned()));
        }
        Ok(())
    }

    fn fail(&self) -> StoreError {
        self.broken.store(true, Ordering::Relaxed);
        StoreError("the simulated store failed".to_owned())
    }

    async fn pause(&self, (turns, millis): (u64, u64)) {
        Yield(turns).await;
        if millis > 0 {
            self.clock.millis(millis).await;
        }
    }

    /// Whether a fault says that this commit's receipt comes before it is durable.
    fn too_early(&self, commit: &Commit) -> bool {
        match lock(&self.store).fault() {
            Some(Fault::AnswerBeforeCommit) => {
                commit.entries.iter().any(|entry| matches!(entry.event, Event::CallSettled { .. }))
            }
            Some(Fault::PermitBeforeDurable) => {
                commit.entries.iter().any(|entry| matches!(entry.event, Event::CallAdmitted { .. }))
            }
            Some(_) | None => false,
        }
    }

    /// Gives a receipt for what will be written at some other time, if this life goes on for long enough.
    fn promise(&self, commit: Commit, turns: u64) -> Receipt {
        let positions = lock(&self.store).positions_for(&commit);
        let store = Arc::clone(&self.store);
        self.spawner.start(Kind::Background, async move {
            Yield(turns).await;
            let _unheard = lock(&store).write(&commit);
        });
        Receipt::assertion(positions)
    }
}

impl Journal for SimJournal {
    async fn commit(&self, commit: Commit) -> Result<Receipt, CommitError> {
        self.check()?;
        let fate = lock(&self.trouble).fate(&self.dice);
        if self.too_early(&commit) {
            return Ok(self.promise(commit, 40));
        }
        self.pause(fate.before).await;
        self.check()?;
        // Outcomes and stops wait for as long as it takes.
        if fate.busy && commit.urgency == Urgency::Permit {
            return Err(CommitError::Busy);
        }
        if fate.lost {
            return Err(self.fail().into());
        }
        let full = lock(&self.trouble).full && commit.urgency == Urgency::Permit;
        if full {
            return Err(CommitError::DiskFull);
        }
        let positions = lock(&self.store).write(&commit)?;
        self.pause(fate.after).await;
        if fate.unknown {
            return Err(self.fail().into());
        }
        self.check()?;
        Ok(Receipt::assertion(positions))
    }

    async fn read(&self, table: Table, key: &str) -> Result<Option<Record>, StoreError> {
        self.check()?;
        let wait = lock(&self.trouble).read_wait(&self.dice);
        let found = lock(&self.store).read(table, key);
        self.pause(wait).await;
        self.check()?;
        Ok(found)
    }

    async fn select(&self, query: Query) -> Result<Vec<Record>, StoreError> {
        self.check()?;
        let wait = lock(&self.trouble).read_wait(&self.dice);
        let found = lock(&self.store).select(&query);
        self.pause(wait).await;
        self.check()?;
        found
    }

    async fn payload(
        &self,
        call: CallId,
        kind: PayloadKind,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.check()?;
        let wait = lock(&self.trouble).read_wait(&self.dice);
        let found = lock(&self.store).payload(call, kind);
        self.pause(wait).await;
        self.check()?;
        Ok(found)
    }

    fn keyed(&self, scope: KeyScope<'_>, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.check()?;
        lock(&self.store).keyed(scope, bytes)
    }

    fn takes_permits(&self) -> bool {
        !lock(&self.trouble).full
    }
}
