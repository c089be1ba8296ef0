//! The gate's clock and ids, simulated: time passes only when nothing else can happen.
//!
//! ```text
//! virtual time  --- only forward, moved by the executor to the next timer
//! wall clock    --- virtual time + skew; the skew jumps, also back, as clocks of machines do
//! ```
//! Ids are UUIDv7 made of the largest wall clock seen and a counter, so that they grow.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use domain::Timestamp;
use uuid::Uuid;

use crate::lock;

/// When every simulation begins: 2025-06-15, in milliseconds since 1970.
pub const BEGIN: u64 = 1_750_000_000_000;

/// Virtual time with its timers, shared by everything of one simulation.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    elapsed: u64,
    skew: i64,
    timers: BTreeMap<(u64, u64), Waker>,
    timers_made: u64,
    largest: u64,
    ids_made: u64,
}

impl Clock {
    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        let inner = lock(&self.0);
        Timestamp::from_millis(inner.wall())
    }

    /// Virtual milliseconds since the beginning.
    pub fn elapsed(&self) -> u64 {
        lock(&self.0).elapsed
    }

    /// Moves the wall clock, also back.
    pub fn jump(&self, millis: i64) {
        let mut inner = lock(&self.0);
        inner.skew = inner.skew.saturating_add(millis);
    }

    /// Sets the wall clock right again where it went back.
    pub fn correct(&self) {
        let mut inner = lock(&self.0);
        inner.skew = inner.skew.max(0);
        let behind = inner.largest.saturating_sub(inner.wall());
        inner.skew = inner.skew.saturating_add(i64::try_from(behind).unwrap_or(0));
    }

    /// Lets time pass until the next timer and wakes it. False if there is none.
    pub fn advance(&self) -> bool {
        let mut inner = lock(&self.0);
        let Some(((deadline, _), waker)) = inner.timers.pop_first() else { return false };
        inner.elapsed = inner.elapsed.max(deadline);
        drop(inner);
        waker.wake();
        true
    }

    /// Resolves when so much virtual time has passed.
    pub fn sleep(&self, wait: Duration) -> Sleep {
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let mut inner = lock(&self.0);
        inner.timers_made += 1;
        let place = (inner.elapsed.saturating_add(millis), inner.timers_made);
        drop(inner);
        Sleep { clock: self.clone(), place }
    }

    /// Resolves when so many milliseconds of virtual time have passed.
    pub fn millis(&self, millis: u64) -> Sleep {
        self.sleep(Duration::from_millis(millis))
    }

    /// A fresh id.
    pub fn fresh(&self) -> Uuid {
        let mut inner = lock(&self.0);
        inner.largest = inner.largest.max(inner.wall());
        inner.ids_made += 1;
        let time = u128::from(inner.largest & 0xFFFF_FFFF_FFFF) << 80;
        Uuid::from_u128(time | 0x7 << 76 | 0b10 << 62 | u128::from(inner.ids_made))
    }
}

impl Inner {
    fn wall(&self) -> u64 {
        (BEGIN + self.elapsed).saturating_add_signed(self.skew)
    }
}

/// A wait in virtual time.
#[derive(Debug)]
pub struct Sleep {
    clock: Clock,
    place: (u64, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = lock(&self.clock.0);
        if inner.elapsed >= self.place.0 {
            inner.timers.remove(&self.place);
            return Poll::Ready(());
        }
        inner.timers.insert(self.place, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        lock(&self.clock.0).timers.remove(&self.place);
    }
}

/// The gate's world.
#[derive(Debug, Clone)]
pub struct SimWorld(pub Clock);

impl gate::World for SimWorld {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn fresh(&self) -> Uuid {
        self.0.fresh()
    }

    async fn sleep(&self, wait: Duration) {
        self.0.sleep(wait).await;
    }
}
