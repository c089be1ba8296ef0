//! What one caller may hold of the endpoint at the same time: calls in work and streams.
//!
//! In: a grant. Out: a place that is given back when it is dropped, or a refusal that says how many there are. Sessions count
//! themselves (`session`); connections and calls of all callers together are bounded elsewhere. Tests are at the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Code, GrantId, limits};

use crate::rescue::Refused;

/// Everybody's places.
#[derive(Debug, Clone, Default)]
pub(super) struct Bounds(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    each: HashMap<(Kind, GrantId), usize>,
    all: HashMap<Kind, usize>,
}

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A call in work.
    Call,
    /// A stream of changes.
    Stream,
}

impl Kind {
    const fn most(self) -> (usize, usize) {
        match self {
            Self::Call => (limits::MCP_CALLS_PER_GRANT_MAX, limits::CALLS_IN_WORK_MAX),
            Self::Stream => (limits::MCP_STREAMS_PER_GRANT_MAX, limits::MCP_STREAMS_MAX),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Call => "calls in work",
            Self::Stream => "open streams",
        }
    }
}

/// A place that was taken.
#[derive(Debug)]
pub(super) struct Place {
    of: (Kind, GrantId),
    all: Bounds,
}

impl Bounds {
    /// Takes a place.
    ///
    /// # Errors
    /// When this grant, or all together, have as many as they may.
    pub(super) fn take(&self, kind: Kind, grant: GrantId) -> Result<Place, Refused> {
        let (of_grant, of_all) = kind.most();
        let mut taken = self.lock();
        let own = taken.each.get(&(kind, grant)).copied().unwrap_or(0);
        let all = taken.all.get(&kind).copied().unwrap_or(0);
        let full = match (own < of_grant, all < of_all) {
            (true, true) => None,
            (false, _) => Some(format!("this agent has {of_grant} {}", kind.words())),
            (true, false) => Some(format!("there are {of_all} {}", kind.words())),
        };
        if let Some(message) = full {
            return Err(Refused::new(Code::TooManyWaiting, message, "try again shortly"));
        }
        taken.each.insert((kind, grant), own + 1);
        taken.all.insert(kind, all + 1);
        drop(taken);
        Ok(Place { of: (kind, grant), all: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.all.lock();
        if let Some(count) = taken.all.get_mut(&self.of.0) {
            *count -= 1;
        }
        if let Some(count) = taken.each.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                taken.each.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(number: u128) -> GrantId {
        GrantId::new(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn one_grant_takes_no_more_than_its_part_and_gives_it_back() {
        let bounds = Bounds::default();
        let take = |number| bounds.take(Kind::Call, grant(number));
        let mut places: Vec<Place> =
            (0..limits::MCP_CALLS_PER_GRANT_MAX).map(|_| take(1).unwrap()).collect();
        assert!(take(1).unwrap_err().0.message.contains("this agent"));
        let other = take(2).unwrap();
        places.pop();
        places.push(take(1).unwrap());
        drop((places, other));
        assert!(bounds.lock().each.is_empty());
    }

    #[test]
    fn all_together_take_no_more_than_there_is() {
        let bounds = Bounds::default();
        let of_each = limits::MCP_STREAMS_PER_GRANT_MAX;
        let places: Vec<Place> = (0..limits::MCP_STREAMS_MAX)
            .map(|each| bounds.take(Kind::Stream, grant((each / of_each) as u128)).unwrap())
            .collect();
        assert_eq!(places.len(), limits::MCP_STREAMS_MAX);
        assert!(bounds.take(Kind::Stream, grant(9)).unwrap_err().0.message.contains("there are"));
    }
}
