//! How a server stands, as a life cycle with one place that changes it.
//!
//! ```text
//! Connecting -> Ready -> Waiting -> Connecting ...      any -> Ended
//!      `------> Waiting | Refused -> Connecting         any but Ended -> Aside -> Connecting
//! ```
//! In: events of the one task that owns the connection. Out: the next phase for callers, and [`Standing`] for people. What an
//! event cannot follow is refused and leaves everything as it is. Tests are at the end.

use std::sync::Arc;
use std::time::SystemTime;

use mcp::{Params, Revision};
use serde_json::Value;
use tokio::time::Instant;

use super::link::Link;
use super::offer::Offer;

/// How a server stands, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// How often it was started, or reached anew.
    pub starts: u64,
    /// What it did that it should not, the last ones.
    pub faults: Vec<String>,
    /// How often in all.
    pub faults_all: u64,
    /// The last lines of its standard error.
    pub stderr: Vec<String>,
    /// Tools that it lists and that cannot be used, and why.
    pub left_out: Vec<(String, String)>,
}

/// The state of a server.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// It is started or reached for.
    Connecting,
    /// It can be called.
    Ready {
        /// The revision that it is spoken with.
        revision: Revision,
        /// Who it says it is.
        info: Option<Value>,
        /// What it says it can do.
        capabilities: Params,
        /// Since when.
        since: SystemTime,
    },
    /// It failed and is tried again.
    Waiting {
        /// Why it failed.
        why: String,
        /// When it is tried again.
        again_at: SystemTime,
    },
    /// It cannot be used as it is; it is looked at again from time to time.
    Refused {
        /// Why not.
        why: String,
        /// When it is looked at again.
        again_at: SystemTime,
    },
    /// It was set aside, until a person wants it connected anew.
    SetAside {
        /// Why.
        why: String,
    },
    /// It was ended with everything else.
    Ended,
}

impl Standing {
    /// With every text of the server's given through `mask`.
    pub(super) fn masked(mut self, mask: impl Fn(&str) -> String) -> Self {
        let texts = self.faults.iter_mut().chain(&mut self.stderr);
        let texts = texts.chain(self.left_out.iter_mut().flat_map(|(wire, why)| [wire, why]));
        texts.for_each(|text| *text = mask(text));
        match &mut self.state {
            State::Waiting { why, .. } | State::Refused { why, .. } | State::SetAside { why } => {
                *why = mask(why);
            }
            State::Connecting | State::Ready { .. } | State::Ended => {}
        }
        self
    }
}

/// The phase of a connection, for callers.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    /// The attempt with this number is under way.
    Connecting(u64),
    Ready(Arc<Ready>),
    /// The attempt with this number failed.
    Waiting(u64, Pause),
    Refused(u64, Pause),
    /// Nothing goes on until a person says so.
    Aside(String),
    Ended,
}

/// Why nothing goes on, and until when.
#[derive(Debug, Clone)]
pub(super) struct Pause {
    pub(super) why: String,
    pub(super) until: Instant,
    pub(super) until_shown: SystemTime,
}

/// A connection that can be used, with what the server offers.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) link: Link,
    pub(super) offer: Arc<Offer>,
    /// How many changes the server had told when the lists were begun.
    pub(super) seen: u64,
    pub(super) fresh_until: Instant,
    pub(super) since: SystemTime,
}

/// What happens to a connection.
#[derive(Debug)]
pub(super) enum Event {
    Begun,
    /// The lists are there, for the first time or again.
    Listed(Arc<Ready>),
    Failed(Pause),
    Refused(Pause),
    SetAside(String),
    Ended,
}

impl Phase {
    /// The phase after an event; none if it cannot follow.
    pub(super) fn apply(&self, event: Event) -> Option<Self> {
        let attempt = self.attempt();
        match (self, event) {
            (Self::Ended, _) => None,
            (Self::Waiting(..) | Self::Refused(..) | Self::Aside(_), Event::Begun) => {
                Some(Self::Connecting(attempt + 1))
            }
            (Self::Connecting(_) | Self::Ready(_), Event::Listed(ready)) => {
                Some(Self::Ready(ready))
            }
            (Self::Connecting(_) | Self::Ready(_), Event::Failed(pause)) => {
                Some(Self::Waiting(attempt, pause))
            }
            (Self::Connecting(_) | Self::Ready(_), Event::Refused(pause)) => {
                Some(Self::Refused(attempt, pause))
            }
            (
                Self::Connecting(_)
                | Self::Ready(_)
                | Self::Waiting(..)
                | Self::Refused(..)
                | Self::Aside(_),
                Event::Ended,
            ) => Some(Self::Ended),
            (
                Self::Connecting(_) | Self::Ready(_) | Self::Waiting(..) | Self::Refused(..),
                Event::SetAside(why),
            ) => Some(Self::Aside(why)),
            (Self::Connecting(_) | Self::Ready(_), Event::Begun)
            | (
                Self::Waiting(..) | Self::Refused(..) | Self::Aside(_),
                Event::Listed(_) | Event::Failed(_) | Event::Refused(_),
            )
            | (Self::Aside(_), Event::SetAside(_)) => None,
        }
    }

    /// The number of the attempt; a connection that stood begins again at zero.
    pub(super) fn attempt(&self) -> u64 {
        match self {
            Self::Connecting(attempt) | Self::Waiting(attempt, _) | Self::Refused(attempt, _) => {
                *attempt
            }
            Self::Ready(_) | Self::Aside(_) | Self::Ended => 0,
        }
    }

    /// For people.
    pub(super) fn shown(&self) -> State {
        match self {
            Self::Connecting(_) => State::Connecting,
            Self::Ready(ready) => State::Ready {
                revision: ready.offer.revision,
                info: ready.offer.info.clone(),
                capabilities: ready.offer.capabilities.clone(),
                since: ready.since,
            },
            Self::Waiting(_, Pause { why, until_shown, .. }) => {
                State::Waiting { why: why.clone(), again_at: *until_shown }
            }
            Self::Refused(_, Pause { why, until_shown, .. }) => {
                State::Refused { why: why.clone(), again_at: *until_shown }
            }
            Self::Aside(why) => State::SetAside { why: why.clone() },
            Self::Ended => State::Ended,
        }
    }
}

impl Ready {
    /// Whether the lists are newer than what was told up to `changes`, and not too old.
    pub(super) fn is_fresh(&self, changes: u64, now: Instant) -> bool {
        self.seen >= changes && now < self.fresh_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause() -> Pause {
        let why = "why".to_owned();
        Pause { why, until: Instant::now(), until_shown: SystemTime::now() }
    }

    #[test]
    fn attempts_are_counted_and_the_end_is_the_end() {
        let first = Phase::Connecting(1);
        assert!(first.apply(Event::Begun).is_none());
        let waiting = first.apply(Event::Failed(pause())).unwrap();
        assert_eq!(waiting.attempt(), 1);
        assert!(waiting.apply(Event::Refused(pause())).is_none());
        let second = waiting.apply(Event::Begun).unwrap();
        assert!(matches!(second, Phase::Connecting(2)));
        let refused = second.apply(Event::Refused(pause())).unwrap();
        let aside = refused.apply(Event::SetAside("why".to_owned())).unwrap();
        assert!(aside.apply(Event::Failed(pause())).is_none());
        assert!(matches!(aside.apply(Event::Begun), Some(Phase::Connecting(1))));
        let ended = aside.apply(Event::Ended).unwrap();
        for event in [Event::Begun, Event::Failed(pause()), Event::Ended] {
            assert!(ended.apply(event).is_none());
        }
    }
}
