//! How fast what servers offer may change what is recorded, so that a server that never comes to rest fills no disk and takes no
//! time of others.
//!
//! In: what each look found. Out: when its server may be looked at again, and whether it changes too often to be used. Each server
//! has its own allowance. A call is safe meanwhile: a definition that is not the accepted one is not sent (`tools::mcp`). Tests are
//! at the end.

use std::collections::VecDeque;
use std::time::Duration;

use domain::limits;
use tokio::time::Instant;

/// What one server has left.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// Changes that it may still make, as of `at`; below zero it has to wait.
    left: f64,
    at: Instant,
    /// What changed within the last hour, and how much each counts. None before the first look, which changes nothing.
    changes: Option<VecDeque<(Instant, usize)>>,
}

/// What a look at a server found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// The tools that it offers.
    pub(super) tools: usize,
    pub(super) pins_changed: usize,
    /// Whether anything is to be shown or held back that was not before.
    pub(super) differs: bool,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: burst(), at: now, changes: None }
    }

    /// Takes note of a look. Even one that found nothing new is work.
    pub(super) fn looked(&mut self, found: Found, now: Instant) {
        let work = limits::PIN_CHANGES_LEAST.max(found.tools / limits::SERVER_TOOLS_PER_PIN_CHANGE);
        self.left = self.left_at(now) - count(found.pins_changed.max(work));
        self.at = now;
        match &mut self.changes {
            Some(changes) if found.differs => {
                let more = found.pins_changed / limits::PIN_CHANGES_COUNTED;
                changes.push_back((now, 1 + more));
            }
            Some(_) => {}
            None => self.changes = Some(VecDeque::new()),
        }
    }

    /// Takes note of a look of which nothing could be recorded: it is tried again, after a while.
    pub(super) fn failed(&mut self, now: Instant) {
        let wait = limits::SERVER_LOOKED_AGAIN_AFTER.as_secs_f64();
        self.left = self.left_at(now).min(0.0) - wait * count(limits::PIN_CHANGES_PER_SECOND);
        self.at = now;
    }

    /// Whether it changed more often within the last hour than anybody could follow.
    pub(super) fn changes_too_often(&mut self, now: Instant) -> bool {
        let Some(changes) = &mut self.changes else { return false };
        while changes.front().is_some_and(|(at, _)| now.duration_since(*at) >= HOUR) {
            changes.pop_front();
        }
        let all: usize = changes.iter().map(|(_, counts)| counts).sum();
        all > limits::SERVER_CHANGES_PER_HOUR_MAX
    }

    /// When it may be looked at again.
    pub(super) fn again_at(&self) -> Instant {
        let missing = (-self.left).max(0.0);
        self.at + Duration::from_secs_f64(missing / count(limits::PIN_CHANGES_PER_SECOND))
    }

    fn left_at(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left + passed * count(limits::PIN_CHANGES_PER_SECOND)).min(burst())
    }
}

fn burst() -> f64 {
    count(limits::PIN_CHANGES_BURST)
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_new(tools: usize) -> Found {
        Found { tools, pins_changed: tools, differs: true }
    }

    const ONE: Found = Found { tools: 1, pins_changed: 1, differs: true };

    #[test]
    fn what_could_not_be_recorded_is_tried_again_after_a_while() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.failed(start);
        assert_eq!(pace.again_at() - start, limits::SERVER_LOOKED_AGAIN_AFTER);
    }

    #[test]
    fn a_server_that_changes_all_the_time_is_too_much_and_one_that_rests_is_not() {
        let start = Instant::now();
        let most = u32::try_from(limits::SERVER_CHANGES_PER_HOUR_MAX).unwrap();
        let mut pace = Pace::new(start);
        for _ in 0..=most {
            pace.looked(ONE, start);
        }
        assert!(!pace.changes_too_often(start), "the first look is no change");
        pace.looked(Found { differs: false, ..ONE }, start);
        assert!(!pace.changes_too_often(start), "nothing new");
        pace.looked(ONE, start);
        assert!(pace.changes_too_often(start));
        assert!(!pace.changes_too_often(start + HOUR));
    }

    #[test]
    fn many_changes_at_once_count_as_several() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for expect in [false, false, true] {
            pace.looked(all_new(limits::SERVER_TOOLS_MAX), start);
            assert_eq!(pace.changes_too_often(start), expect);
        }
    }

    #[test]
    fn a_server_that_never_rests_waits_and_one_that_rests_does_not() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(pace.again_at(), start);
        // The first sight of as many tools as one server can have.
        pace.looked(all_new(limits::SERVER_TOOLS_MAX), start);
        assert_eq!(pace.again_at(), start);
        for _ in 0..3 {
            pace.looked(all_new(limits::SERVER_TOOLS_MAX), start);
        }
        let wait = pace.again_at() - start;
        assert_eq!(wait.as_secs(), 200, "{wait:?}");
        // After a rest it is as if nothing had been.
        let later = start + Duration::from_secs(24 * 3_600);
        pace.looked(ONE, later);
        assert_eq!(pace.again_at(), later);
    }
}
