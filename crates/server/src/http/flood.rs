//! A flood of refused requests is counted, and said once in a while: never a line for each.
//! Counting for metrics is done elsewhere; this keeps the log readable while somebody tries keys.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use domain::Code;

const SAID_EVERY: Duration = Duration::from_secs(10);

/// Counts refusals between two lines of the log.
#[derive(Debug, Default)]
pub(crate) struct Flood(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    said: Option<Instant>,
    unsaid: u64,
}

impl Flood {
    /// Notes a refusal, and says so if nothing was said for a while.
    pub(crate) fn refused(&self, code: Code) {
        if let Some(count) = self.due(Instant::now()) {
            tracing::warn!(code = code.shown(), count, "requests refused");
        }
    }

    /// How many to say now; none if it is too early.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.unsaid = state.unsaid.saturating_add(1);
        if state.said.is_some_and(|said| now.duration_since(said) < SAID_EVERY) {
            return None;
        }
        state.said = Some(now);
        Some(std::mem::take(&mut state.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_said_once_in_a_while_with_its_count() {
        let flood = Flood::default();
        let start = Instant::now();
        assert_eq!(flood.due(start), Some(1));
        for _ in 0..1_000 {
            assert_eq!(flood.due(start + Duration::from_secs(9)), None);
        }
        assert_eq!(flood.due(start + Duration::from_secs(10)), Some(1_001));
    }
}
