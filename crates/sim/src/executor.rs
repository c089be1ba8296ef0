//! One thread, any order: polls futures in the order that the seed gives, and stops after the k-th poll.
//!
//! A crash is `run` with a number of polls, followed by dropping the executor: no future gets to say
//! goodbye. Time passes only when nothing is ready. Left out: fairness; a seed may starve a task for long.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::lock;
use crate::random::Dice;
use crate::world::Clock;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Whether the simulation waits for a task's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is over when this task is.
    Counted,
    /// It goes on for ever and is dropped at the end.
    Background,
}

/// Starts tasks, from anywhere.
#[derive(Clone, Default)]
pub struct Spawner(Arc<Mutex<Vec<(Kind, Work)>>>);

impl Spawner {
    /// Starts a task.
    pub fn start(&self, kind: Kind, work: impl Future<Output = ()> + Send + 'static) {
        lock(&self.0).push((kind, Box::pin(work)));
    }
}

impl std::fmt::Debug for Spawner {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Spawner({} new)", lock(&self.0).len())
    }
}

struct Task {
    kind: Kind,
    work: Work,
    ready: Arc<Ready>,
}

struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How a run of the executor ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every counted task ended.
    Done,
    /// The polls were used up.
    OutOfPolls,
    /// Nothing is ready and no timer runs, but a counted task has not ended.
    Stuck,
}

/// The executor of one life of the gate.
pub struct Executor {
    tasks: Vec<Task>,
    spawner: Spawner,
    clock: Clock,
    order: Dice,
    polls: u64,
}

impl Executor {
    /// With nothing to do yet.
    pub fn new(clock: Clock, order: Dice) -> Self {
        Self { tasks: Vec::new(), spawner: Spawner::default(), clock, order, polls: 0 }
    }

    /// Starts tasks.
    pub fn spawner(&self) -> Spawner {
        self.spawner.clone()
    }

    /// Polls made so far.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// Runs until every counted task ended, or so many polls were made, or `halt` says so.
    pub fn run(&mut self, polls: u64, halt: impl Fn() -> bool) -> End {
        for _ in 0..polls {
            self.take_new();
            if !self.tasks.iter().any(|task| task.kind == Kind::Counted) {
                return End::Done;
            }
            if halt() {
                return End::OutOfPolls;
            }
            let Some(place) = self.next() else { return End::Stuck };
            self.poll(place);
        }
        End::OutOfPolls
    }

    fn take_new(&mut self) {
        let new = std::mem::take(&mut *lock(&self.spawner.0));
        self.tasks.extend(new.into_iter().map(|(kind, work)| {
            let ready = Arc::new(Ready(AtomicBool::new(true)));
            Task { kind, work, ready }
        }));
    }

    /// The place of a ready task, after time has passed where none is.
    fn next(&self) -> Option<usize> {
        loop {
            let is_ready = |task: &Task| task.ready.0.load(Ordering::Relaxed);
            let ready: Vec<usize> = self
                .tasks
                .iter()
                .enumerate()
                .filter(|(_, task)| is_ready(task))
                .map(|(place, _)| place)
                .collect();
            if let Some(place) = self.order.pick(&ready) {
                return Some(*place);
            }
            if !self.clock.advance() {
                return None;
            }
        }
    }

    fn poll(&mut self, place: usize) {
        let Some(task) = self.tasks.get_mut(place) else { return };
        self.polls += 1;
        task.ready.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&task.ready));
        if task.work.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(()) {
            drop(self.tasks.remove(place));
        }
    }
}

/// Lets others go first, so many times.
#[derive(Debug)]
pub struct Yield(pub u64);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Drops a future that is not finished after so many polls, as a server does whose caller went away.
pub struct Impatient<T> {
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    polls: u64,
}

impl<T> Impatient<T> {
    /// Waits for `work` for at most so many polls.
    pub fn new(polls: u64, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { work: Some(Box::pin(work)), polls }
    }
}

impl<T> Future for Impatient<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let left = self.polls;
        let Some(work) = self.work.as_mut().filter(|_| left > 0) else {
            self.work = None;
            return Poll::Ready(None);
        };
        if let Poll::Ready(value) = work.as_mut().poll(context) {
            self.work = None;
            return Poll::Ready(Some(value));
        }
        self.polls -= 1;
        Poll::Pending
    }
}
