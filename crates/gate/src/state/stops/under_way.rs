//! Work under way: every permit that is out, so that a stop reaches it and sees it end.
//!
//! ```text
//! permit made -> UnderWay (in the list) -> stop ordered: told -> StopSignal::arrived -> work ends -> permit dropped
//! ```
//! In: whom a permit is for. Out: a signal for the tool that holds it, and for the stop the moment at which nothing of it
//! is held any more. Nobody polls: whoever waits is woken by the order itself, or by the drop. What the end means for
//! the call's outcome is not known here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{CallId, Fence, Lever, Stop};
use tokio::sync::watch;

use super::{Stops, Whom, covers, lock, stopped};
use crate::port::ToolError;

/// What an order of a stop did at once.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub(crate) fence: Fence,
    /// Work under way that was told.
    pub(crate) reached: Vec<Reached>,
    pub(crate) counts: Arc<Counts>,
}

/// One permit that a stop reached.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) call: CallId,
    told: Arc<watch::Sender<Option<Told>>>,
}

/// What tools say that they ended for a stop.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    processes: AtomicU64,
    requests: AtomicU64,
}

/// A stop as work under way is told of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) stop: Stop,
    pub(super) counts: Arc<Counts>,
}

/// One permit in the list.
#[derive(Debug)]
pub(super) struct Working {
    whom: Arc<Whom>,
    told: Arc<watch::Sender<Option<Told>>>,
}

/// Keeps a permit in the list of those that are out. Dropped with the permit.
#[derive(Debug)]
pub(crate) struct UnderWay {
    stops: Arc<Stops>,
    number: u64,
    told: watch::Receiver<Option<Told>>,
}

/// Tells work under way that a stop has come for it. Cheap to clone; the work counts as running while a clone lives.
#[derive(Debug, Clone)]
pub struct StopSignal(watch::Receiver<Option<Told>>);

/// Tells one signal of a stop by hand: for rehearsals, which have no permit.
#[derive(Debug)]
pub struct Teller {
    told: watch::Sender<Option<Told>>,
    counts: Arc<Counts>,
}

impl Teller {
    /// Tells that this stop has come.
    pub fn tell(&self, stop: Stop) {
        self.told.send_replace(Some(Told { stop, counts: Arc::clone(&self.counts) }));
    }

    /// Processes and requests that whoever listened has ended because of it.
    pub fn ended(&self) -> (u64, u64) {
        self.counts.now()
    }
}

impl StopSignal {
    /// A signal that a teller gives.
    pub fn by_hand() -> (Teller, Self) {
        let (told, signal) = watch::channel(None);
        (Teller { told, counts: Arc::default() }, Self(signal))
    }

    /// A signal for work that no stop ends, such as what recovery finishes.
    pub fn never() -> Self {
        Self::by_hand().1
    }

    /// Resolves when a stop ends this work, and says which as an error by which nothing happened: whoever knows better
    /// says so in it. A stop that ordered the work does not end it, and neither does a pause.
    pub async fn arrived(&self) -> ToolError {
        let mut told = self.0.clone();
        let arrived = match told.wait_for(Option::is_some).await {
            Ok(told) => told.as_ref().map(|told| stopped(&told.stop)),
            // The permit is gone, and nobody can be told any more.
            Err(_) => None,
        };
        match arrived {
            Some(error) => error,
            None => std::future::pending().await,
        }
    }

    /// Whether it has come already.
    ///
    /// # Errors
    /// The stop.
    pub fn look(&self) -> Result<(), ToolError> {
        self.0.borrow().as_ref().map_or(Ok(()), |told| Err(stopped(&told.stop)))
    }

    /// Says that so much of this work was ended because of the stop. Other levers count by themselves.
    pub fn ended(&self, lever: Lever, count: u64) {
        let told = self.0.borrow();
        let Some(counts) = told.as_ref().map(|told| &told.counts) else { return };
        let place = match lever {
            Lever::Processes => &counts.processes,
            Lever::Requests => &counts.requests,
            Lever::Fence
            | Lever::NotStarted
            | Lever::Cancelled
            | Lever::Runs
            | Lever::Held
            | Lever::Server
            | Lever::Rollback
            | Lever::Socket
            | Lever::File => return,
        };
        place.fetch_add(count, Ordering::Relaxed);
    }
}

impl Counts {
    /// Processes and requests that were ended.
    pub(crate) fn now(&self) -> (u64, u64) {
        (self.processes.load(Ordering::Relaxed), self.requests.load(Ordering::Relaxed))
    }
}

impl UnderWay {
    pub(super) fn begin(stops: &Arc<Stops>, whom: &Arc<Whom>) -> Self {
        let mut inner = lock(&stops.inner);
        let cancels = |stop: &&Stop| {
            stop.level.cancels() && Some(stop.id) != whom.but && covers(&stop.scope, whom.target())
        };
        // It is looked at again before the tool is reached; whoever waits before that need not.
        let known = inner.in_force.iter().find(cancels).cloned();
        let known = known.map(|stop| Told { stop, counts: Arc::default() });
        let (sender, told) = watch::channel(known);
        let number = inner.permits;
        inner.permits += 1;
        let working = Working { whom: Arc::clone(whom), told: Arc::new(sender) };
        inner.under_way.insert(number, working);
        Self { stops: Arc::clone(stops), number, told }
    }

    pub(crate) fn signal(&self) -> StopSignal {
        StopSignal(self.told.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.stops.inner).under_way.remove(&self.number);
    }
}

impl Working {
    /// Whether a stop ends it.
    pub(super) fn is_meant(&self, stop: &Stop) -> bool {
        Some(stop.id) != self.whom.but && covers(&stop.scope, self.whom.target())
    }

    pub(super) fn tell(&self, told: Told) -> Reached {
        self.told.send_replace(Some(told));
        Reached { call: self.whom.call, told: Arc::clone(&self.told) }
    }
}

impl Reached {
    /// Resolves when nobody holds the permit any more: nothing of its work runs here.
    pub(crate) async fn ended(&self) {
        self.told.closed().await;
    }
}
