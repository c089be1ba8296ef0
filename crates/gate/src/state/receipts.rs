//! Stops whose levers have not all answered yet, and plans of kills that were shown and not carried out.
//!
//! In: an order, and what answers to it. Out: who follows it, and how it stands meanwhile. What is complete stands in the
//! journal and is forgotten here; a plan of a kill dies with the process, and whoever wants it plans again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use domain::{
    CallId, Digest, LeverReceipt, Name, RolledBack, Stop, StopId, StopScope, StoppedCall,
    Timestamp, limits,
};

use super::lock;
use super::stops::{Counts, Ordered, Reached};

/// Receipts that are being made.
#[derive(Debug, Default)]
pub(crate) struct Receipts(Mutex<BTreeMap<StopId, Open>>);

#[derive(Debug)]
struct Open {
    following: Arc<Following>,
    standing: Standing,
    shown: Shown,
}

/// A stop whose levers are followed.
#[derive(Debug)]
pub(crate) struct Following {
    pub(crate) stop: Stop,
    /// Work under way that it reached; nothing for one of an earlier life of the process.
    pub(crate) reached: Vec<Reached>,
    pub(crate) counts: Arc<Counts>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is not recorded yet.
    Ordered,
    /// Somebody should follow it.
    Waits,
    /// Somebody does.
    Followed,
}

/// How a receipt stands before it is complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) levers: Vec<LeverReceipt>,
    pub(crate) calls: Vec<StoppedCall>,
    pub(crate) rollback: Vec<RolledBack>,
}

impl Receipts {
    /// A stop was ordered.
    pub(crate) fn order(&self, stop: Stop, ordered: Ordered) {
        let Ordered { reached, counts, .. } = ordered;
        self.put(Following { stop, reached, counts }, Standing::Ordered);
    }

    /// A stop of an earlier life of the process is to be followed to its end.
    pub(crate) fn found(&self, stop: Stop) {
        let following = Following { stop, reached: Vec::new(), counts: Arc::default() };
        self.put(following, Standing::Waits);
    }

    fn put(&self, following: Following, standing: Standing) {
        let (id, following) = (following.stop.id, Arc::new(following));
        let open = Open { following, standing, shown: Shown::default() };
        lock(&self.0).insert(id, open);
    }

    /// The order is durable: from here on it can be followed.
    pub(crate) fn recorded(&self, stop: StopId, fence: LeverReceipt) {
        if let Some(open) = lock(&self.0).get_mut(&stop) {
            open.standing = Standing::Waits;
            open.shown.levers.push(fence);
        }
    }

    /// A lever answered.
    pub(crate) fn show(&self, stop: StopId, with: impl FnOnce(&mut Shown)) {
        if let Some(open) = lock(&self.0).get_mut(&stop) {
            with(&mut open.shown);
        }
    }

    /// How a receipt stands; none if nobody makes one.
    pub(crate) fn shown(&self, stop: StopId) -> Option<Shown> {
        lock(&self.0).get(&stop).map(|open| open.shown.clone())
    }

    /// Stops that nobody follows.
    pub(crate) fn waiting(&self) -> Vec<StopId> {
        let open = lock(&self.0);
        let waiting = open.iter().filter(|(_, open)| open.standing == Standing::Waits);
        waiting.map(|(stop, _)| *stop).collect()
    }

    /// Takes a stop up to follow it; none if another does, or nothing is to be followed.
    pub(crate) fn take_up(&self, stop: StopId) -> Option<Arc<Following>> {
        let mut all = lock(&self.0);
        let open = all.get_mut(&stop).filter(|open| open.standing == Standing::Waits)?;
        open.standing = Standing::Followed;
        Some(Arc::clone(&open.following))
    }

    /// Whoever followed it could not come to its end.
    pub(crate) fn put_back(&self, stop: StopId) {
        if let Some(open) = lock(&self.0).get_mut(&stop) {
            open.standing = Standing::Waits;
        }
    }

    /// Its receipt is recorded.
    pub(crate) fn close(&self, stop: StopId) {
        lock(&self.0).remove(&stop);
    }
}

/// Plans of kills, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Kills(Mutex<VecDeque<Planned>>);

/// What a person was shown, and may confirm once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    /// Digest of the token.
    pub(crate) token: Digest,
    /// The person, by tenant and name.
    pub(crate) by: (Name, Name),
    pub(crate) scope: StopScope,
    pub(crate) rollback: u32,
    pub(crate) acts: Vec<CallId>,
    pub(crate) until: Timestamp,
}

impl Kills {
    pub(crate) fn put(&self, planned: Planned) {
        let mut plans = lock(&self.0);
        if plans.len() >= limits::KILL_PLANS_MAX {
            plans.pop_front();
        }
        plans.push_back(planned);
    }

    /// Takes the plan of a token out: a token is good for one try.
    pub(crate) fn take(&self, token: Digest) -> Option<Planned> {
        let mut plans = lock(&self.0);
        let place = plans.iter().position(|planned| planned.token == token)?;
        plans.remove(place)
    }
}
