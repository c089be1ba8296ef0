//! One upstream server: the one task that owns its connection, and the handle that callers wait at.
//!
//! ```text
//! life:    connect -> greet -> list -> Ready -> (lists stale? list again) -> lost -> wait, longer each time -> connect
//! callers: Ready and fresh? -> its link.   else wait, for at most one more attempt
//! ```
//! Only the task changes the phase; callers see it through a channel and are never waited for. What one server does reaches no
//! other: each has its own task, its own bounds and its own place for calls. Life is in `server/life.rs`. Tests:
//! `tests/`.

mod connect;
mod life;
mod subscriptions;

use std::sync::{Arc, Mutex};

use domain::limits;
use tokio::sync::{Notify, Semaphore, broadcast, watch};
use tokio::time::{Instant, timeout_at};

use super::http::Door;
use super::offer::Change;
use super::problem::UpstreamError;
use super::record::Record;
use super::spec::{Means, ServerSpec};
use super::standing::{Event, Phase, Ready, Standing};
pub(super) use subscriptions::Subscriptions;

/// One server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) spec: ServerSpec,
    pub(super) means: Means,
    phase: watch::Sender<Phase>,
    record: Arc<Record>,
    news: broadcast::Sender<Change>,
    /// Places for calls; others wait.
    pub(super) room: Semaphore,
    pub(super) subscriptions: Subscriptions,
    /// Somebody wants the connection made anew.
    restart: Notify,
    /// Why it is not to be used, until somebody wants it made anew.
    aside: watch::Sender<Option<String>>,
    /// The way to its endpoint, made once: its connections and tokens outlive a session.
    door: Mutex<Option<Door>>,
}

impl Server {
    pub(super) fn new(spec: ServerSpec, means: Means, news: broadcast::Sender<Change>) -> Self {
        Self {
            spec,
            means,
            phase: watch::Sender::new(Phase::Connecting(1)),
            record: Arc::default(),
            news,
            room: Semaphore::new(limits::SERVER_CALLS_MAX),
            subscriptions: Subscriptions::default(),
            restart: Notify::new(),
            aside: watch::Sender::new(None),
            door: Mutex::new(None),
        }
    }

    /// The connection, with lists that are newer than the last change that is known now.
    pub(super) async fn ready(&self, deadline: Instant) -> Result<Arc<Ready>, UpstreamError> {
        let begun = Instant::now();
        let deadline = deadline.min(begun + limits::SERVER_READY_WITHIN);
        let mut phases = self.phase.subscribe();
        let mut wanted = Wanted { begun, changes: None, failed: None };
        loop {
            let looked = wanted.look(&phases.borrow_and_update(), deadline);
            match looked {
                Look::Ready(ready) => return Ok(ready),
                Look::Away(why) => {
                    return Err(UpstreamError::Away { server: self.spec.name.clone(), why });
                }
                Look::Wait => {}
            }
            let (server, within) = (&self.spec.name, deadline.duration_since(begun));
            let slow = || UpstreamError::TooSlow { server: server.clone(), within };
            let changed = timeout_at(deadline, phases.changed()).await;
            changed.map_err(|_| slow())?.map_err(|_| slow())?;
        }
    }

    /// For people.
    pub(super) fn standing(&self) -> Standing {
        let remarks = self.record.look();
        let phase = self.phase.borrow();
        let left_out = match &*phase {
            Phase::Ready(ready) => ready.offer.left_out.clone(),
            Phase::Connecting(_)
            | Phase::Waiting(..)
            | Phase::Refused(..)
            | Phase::Aside(_)
            | Phase::Ended => Vec::new(),
        };
        Standing {
            state: phase.shown(),
            starts: remarks.starts,
            faults: remarks.faults,
            faults_all: remarks.faults_all,
            stderr: remarks.stderr,
            left_out,
        }
    }

    /// Makes the connection anew, at once.
    pub(super) fn restart(&self) {
        self.aside.send_replace(None);
        self.restart.notify_one();
    }

    /// Ends the connection and makes no other until [`Server::restart`].
    pub(super) fn set_aside(&self, why: String) {
        self.aside.send_replace(Some(why));
    }

    /// Whether it is set aside.
    pub(super) fn is_set_aside(&self) -> bool {
        self.aside.borrow().is_some()
    }

    /// Resolves with the reason when it is set aside.
    async fn set_aside_by_now(&self) -> String {
        let mut aside = self.aside.subscribe();
        let why = aside.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        why.unwrap_or_default()
    }

    /// The one place that changes the phase.
    fn apply(&self, event: Event) {
        self.phase.send_if_modified(|phase| match phase.apply(event) {
            Some(next) => {
                *phase = next;
                true
            }
            None => false,
        });
    }
}

/// What one caller waits for.
struct Wanted {
    begun: Instant,
    /// The changes that were told when it first saw a connection: lists must be newer. Later ones do not make it wait longer.
    changes: Option<u64>,
    /// The attempt that had failed when it came.
    failed: Option<u64>,
}

enum Look {
    Ready(Arc<Ready>),
    Away(String),
    Wait,
}

impl Wanted {
    fn look(&mut self, phase: &Phase, deadline: Instant) -> Look {
        match phase {
            Phase::Ready(ready) => self.look_at(ready),
            Phase::Connecting(attempt) => {
                // A connection that is lost while it waits is made anew, with lists of its own.
                self.changes = None;
                self.failed.get_or_insert(attempt.saturating_sub(1));
                Look::Wait
            }
            Phase::Waiting(attempt, pause) => {
                let failed = *self.failed.get_or_insert(*attempt);
                match *attempt > failed || pause.until >= deadline {
                    true => Look::Away(pause.why.clone()),
                    false => Look::Wait,
                }
            }
            Phase::Refused(_, pause) => Look::Away(pause.why.clone()),
            Phase::Aside(why) => Look::Away(why.clone()),
            Phase::Ended => Look::Away("everything is being ended".to_owned()),
        }
    }

    fn look_at(&mut self, ready: &Arc<Ready>) -> Look {
        let ear = ready.link.ear();
        if ear.has_ended().is_some() {
            return Look::Wait;
        }
        let changes = *self.changes.get_or_insert_with(|| ear.changes());
        // Lists that were read after this caller came are fresh, however short the server wants them kept.
        if ready.is_fresh(changes, self.begun) {
            return Look::Ready(Arc::clone(ready));
        }
        if ready.seen >= changes {
            ear.expire(ready.seen);
            self.changes = Some(ready.seen + 1);
        }
        Look::Wait
    }
}
