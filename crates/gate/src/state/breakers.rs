//! Circuit breakers: what could not be reached several times in a row is left alone for a while.
//!
//! ```text
//! closed --5 failures in a row--> open (1 s, doubling to 60 s) --time--> one trial --reached--> closed
//!                                                                            `--failed--> open
//! ```
//! In: whether attempts reached their server, or their tool where there is no server. Out: whether another may begin. Kept in memory alone: a
//! process that begins again finds out anew. Whether an act happened is not its business. Tests: below.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Timestamp, limits};

use super::lock;

/// How a server or tool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        until: Timestamp,
    },
    /// One call is on its way to see.
    Trial,
}

#[derive(Debug, Clone, Copy)]
struct Breaker {
    state: State,
    failures: u32,
    pause: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Breakers {
    inner: Mutex<HashMap<String, Breaker>>,
}

/// What is told of a breaker that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLine {
    /// The server, or the tool where there is none.
    pub to: String,
    /// Failures in a row.
    pub failures: u32,
    /// Until when nothing is sent; none while one call tries.
    pub until: Option<Timestamp>,
}

/// The right to make one attempt. Dropping it without a word gives a trial back.
#[derive(Debug)]
pub(crate) struct Turn {
    breakers: Arc<Breakers>,
    to: String,
    trial: bool,
}

impl Breakers {
    /// Whether an attempt may begin.
    ///
    /// # Errors
    /// Failures in a row, and how long nothing is sent from here on.
    pub(crate) fn enter(
        self: &Arc<Self>,
        to: &str,
        now: Timestamp,
    ) -> Result<Turn, (u32, Duration)> {
        let mut inner = lock(&self.inner);
        let turn = |trial| Turn { breakers: Arc::clone(self), to: to.to_owned(), trial };
        let Some(breaker) = inner.get_mut(to) else { return Ok(turn(false)) };
        match breaker.state {
            State::Closed => Ok(turn(false)),
            State::Open { until } if now < until => Err((breaker.failures, until.since(now))),
            State::Open { .. } => {
                breaker.state = State::Trial;
                Ok(turn(true))
            }
            State::Trial => Err((breaker.failures, breaker.pause)),
        }
    }

    /// Breakers that are not closed, by name.
    pub(crate) fn broken(&self) -> Vec<BrokenLine> {
        let inner = lock(&self.inner);
        let line = |(to, breaker): (&String, &Breaker)| {
            let until = match breaker.state {
                State::Closed => return None,
                State::Open { until } => Some(until),
                State::Trial => None,
            };
            Some(BrokenLine { to: to.clone(), failures: breaker.failures, until })
        };
        let mut lines: Vec<BrokenLine> = inner.iter().filter_map(line).collect();
        lines.sort_by(|one, other| one.to.cmp(&other.to));
        lines
    }
}

impl Turn {
    /// It was reached, whatever it said.
    pub(crate) fn reached(&mut self) {
        self.trial = false;
        lock(&self.breakers.inner).remove(&self.to);
    }

    /// It was not reached.
    pub(crate) fn failed(&mut self, now: Timestamp) {
        let trial = std::mem::take(&mut self.trial);
        let mut inner = lock(&self.breakers.inner);
        if inner.len() >= limits::BREAKERS_MAX && !inner.contains_key(&self.to) {
            return;
        }
        let new = Breaker { state: State::Closed, failures: 0, pause: limits::BREAKER_FIRST };
        let breaker = inner.entry(self.to.clone()).or_insert(new);
        breaker.failures = breaker.failures.saturating_add(1);
        match (breaker.state, trial) {
            (State::Closed, _) if breaker.failures >= limits::BREAKER_FAILURES => {
                breaker.state = State::Open { until: now.plus(breaker.pause) };
            }
            (State::Trial, true) => {
                breaker.pause = breaker.pause.saturating_mul(2).min(limits::BREAKER_MOST);
                breaker.state = State::Open { until: now.plus(breaker.pause) };
            }
            // One that began before it opened says nothing new.
            (State::Closed | State::Open { .. } | State::Trial, _) => {}
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.trial {
            return;
        }
        if let Some(breaker) = lock(&self.breakers.inner).get_mut(&self.to)
            && breaker.state == State::Trial
        {
            // Nothing was tried: the next one may.
            breaker.state = State::Open { until: Timestamp::from_millis(0) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn broken() -> Arc<Breakers> {
        let breakers = Arc::<Breakers>::default();
        for _ in 0..limits::BREAKER_FAILURES {
            breakers.enter("srv", at(0)).unwrap().failed(at(0));
        }
        breakers
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_before_does_not() {
        let breakers = Arc::<Breakers>::default();
        for round in 0..20 {
            let mut turn = breakers.enter("srv", at(0)).unwrap();
            if round % 5 == 4 { turn.reached() } else { turn.failed(at(0)) }
        }
        assert!(breakers.enter("srv", at(0)).is_ok() && breakers.broken().is_empty());
        let breakers = broken();
        assert_eq!(breakers.enter("srv", at(400)).unwrap_err(), (5, Duration::from_millis(600)));
        assert!(breakers.enter("other", at(400)).is_ok(), "another server is another one");
    }

    #[test]
    fn one_at_a_time_tries_whether_it_is_back_and_the_pause_doubles_to_a_minute() {
        let breakers = broken();
        let mut now = 1_000;
        for pause in [2, 4, 8, 16, 32, 60, 60] {
            let mut trial = breakers.enter("srv", at(now)).unwrap();
            assert!(breakers.enter("srv", at(now)).is_err(), "one at a time");
            trial.failed(at(now));
            assert_eq!(breakers.enter("srv", at(now)).unwrap_err().1.as_secs(), pause);
            now += pause * 1_000;
        }
        drop(breakers.enter("srv", at(now)).unwrap());
        let mut trial = breakers.enter("srv", at(now)).unwrap();
        trial.reached();
        assert!(breakers.broken().is_empty(), "a trial that was not made is given back");
    }

    #[test]
    fn a_failure_that_began_before_it_opened_changes_nothing() {
        let breakers = Arc::<Breakers>::default();
        let mut turns: Vec<Turn> = (0..9).map(|_| breakers.enter("srv", at(0)).unwrap()).collect();
        turns.iter_mut().for_each(|turn| turn.failed(at(0)));
        assert_eq!(breakers.enter("srv", at(0)).unwrap_err().1, limits::BREAKER_FIRST);
    }
}
