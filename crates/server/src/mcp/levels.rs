//! How much each legacy server was asked to log: the most that any session wanted.
//!
//! In: a server and a level's rank, 0 for the most. Out: whether that is more than before. A server's level is one for all its
//! clients, so it is never raised again: what a session does not want is left out on its way to it. Tests are at the end.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::Name;

/// The least rank that each server was told.
#[derive(Debug, Default)]
pub(super) struct Levels(Mutex<HashMap<Name, usize>>);

impl Levels {
    /// Whether a rank is less than what the server was told before; from then on it was told this.
    pub(super) fn lowers(&self, server: &Name, rank: usize) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lower = told.get(server).is_none_or(|before| rank < *before);
        if lower {
            told.insert(server.clone(), rank);
        }
        lower
    }

    /// A server that is connected anew has forgotten.
    pub(super) fn forget(&self, server: &Name) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(server);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_only_ever_asked_to_say_more() {
        let (levels, git) = (Levels::default(), "git".parse().unwrap());
        assert!(levels.lowers(&git, 4));
        assert!(!levels.lowers(&git, 4) && !levels.lowers(&git, 6));
        assert!(levels.lowers(&git, 0));
        levels.forget(&git);
        assert!(levels.lowers(&git, 6));
    }
}
