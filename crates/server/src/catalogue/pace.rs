//! How fast what servers offer may change what is recorded, so that a server that never comes to rest fills no disk.
//!
//! In: how many pins a look changed. Out: when its server may be looked at again. Each server has its own allowance. A call is
//! safe meanwhile: a definition that is not the accepted one is not sent (`tools::mcp`). Tests are at the end.

use std::time::Duration;

use domain::limits;
use tokio::time::Instant;

/// What one server has left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Changes that it may still make, as of `at`; below zero it has to wait.
    left: f64,
    at: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: burst(), at: now }
    }

    /// Takes note of a look that changed so many pins. Even one that changed none is work.
    pub(super) fn looked(&mut self, changed: usize, now: Instant) {
        self.left = self.left_at(now) - count(changed.max(limits::PIN_CHANGES_LEAST));
        self.at = now;
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

    #[test]
    fn a_server_that_never_rests_waits_and_one_that_rests_does_not() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(pace.again_at(), start);
        // The first sight of as many tools as one server can have.
        pace.looked(limits::SERVER_TOOLS_MAX, start);
        assert_eq!(pace.again_at(), start);
        for _ in 0..3 {
            pace.looked(limits::SERVER_TOOLS_MAX, start);
        }
        let wait = pace.again_at() - start;
        assert_eq!(wait.as_secs(), 200, "{wait:?}");
        // After a rest it is as if nothing had been.
        let later = start + Duration::from_secs(24 * 3_600);
        pace.looked(1, later);
        assert_eq!(pace.again_at(), later);
    }
}
