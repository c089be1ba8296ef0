//! What acts touched lately, so that a preview which ran meanwhile can tell whether its ground moved.
//!
//! An act notes the paths of its plan before it begins, under a number that only grows. A preview takes the number
//! before it starts, and asks afterwards whether any act since touched a path of its own, one above it or one below
//! it. Only the latest acts are remembered: an answer that would need an older one is yes. What others than Checkrein
//! change is not seen here.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Plan, limits};

use crate::files::workspace::{split, within};

/// The log of one workspace.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    /// Acts so far.
    sequence: u64,
    /// Acts up to this one are forgotten.
    forgotten: u64,
    kept: VecDeque<(u64, Vec<String>)>,
    /// Paths in `kept`.
    paths: usize,
}

impl Touched {
    /// Acts so far: what a preview takes before it starts.
    pub(crate) fn sequence(&self) -> u64 {
        self.log().sequence
    }

    /// Notes the paths of a plan that is about to be applied.
    pub(crate) fn note(&self, plan: &Plan) {
        let paths: Vec<String> = plan.changes.iter().map(|change| change.path.clone()).collect();
        let mut log = self.log();
        log.sequence += 1;
        log.paths += paths.len();
        let sequence = log.sequence;
        log.kept.push_back((sequence, paths));
        while log.paths > limits::TOUCHED_PATHS_MAX || log.kept.len() > limits::TOUCHED_ACTS_MAX {
            let Some((oldest, paths)) = log.kept.pop_front() else { break };
            log.forgotten = oldest;
            log.paths -= paths.len();
        }
    }

    /// Whether an act after `sequence` touched one of the paths, one above or one below; yes where nobody
    /// remembers.
    pub(crate) fn since<'a>(
        &self,
        sequence: u64,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let log = self.log();
        if log.sequence == sequence {
            return false;
        }
        if log.forgotten > sequence {
            return true;
        }
        let asked: BTreeSet<&str> = paths.into_iter().collect();
        let later = log.kept.iter().filter(|(number, _)| *number > sequence);
        later.flat_map(|(_, paths)| paths).any(|path| meets(&asked, path))
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // The log is whole between any two statements that can panic.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a path, one above it or one below it is asked for.
fn meets(asked: &BTreeSet<&str>, path: &str) -> bool {
    let mut above = path;
    while above != contract::path::ROOT {
        if asked.contains(above) {
            return true;
        }
        above = split(above).0;
    }
    // Whatever lies below sorts directly behind the path with its slash.
    let below = format!("{path}/");
    asked.range(below.as_str()..).next().is_some_and(|next| within(next, path))
}

#[cfg(test)]
mod tests {
    use domain::Change;

    use super::*;

    fn plan(paths: &[&str]) -> Plan {
        let change = |path: &&str| Change {
            path: (*path).to_owned(),
            before: None,
            after: None,
            moved_from: None,
        };
        Plan { changes: paths.iter().map(change).collect(), ..Plan::default() }
    }

    fn check(touched: &[&str], asked: &[&str], expect: bool) {
        let log = Touched::default();
        log.note(&plan(&["before/the/preview"]));
        let sequence = log.sequence();
        assert!(!log.since(sequence, asked.iter().copied()), "nothing happened since");
        log.note(&plan(touched));
        assert_eq!(log.since(sequence, asked.iter().copied()), expect, "{touched:?} {asked:?}");
    }

    #[test]
    fn a_path_is_touched_by_acts_on_it_above_it_and_below_it() {
        check(&["d/x"], &["d/x"], true);
        check(&["d"], &["d/x"], true);
        check(&["d/x/y"], &["d"], true);
        check(&["d/x", "e"], &["c", "e/f/g"], true);
        check(&["d/x"], &["d/y"], false);
        check(&["d"], &["d.txt", "dd/x", "d-1"], false);
        check(&["d/x"], &["d.txt", "d-1/x"], false);
        check(&["d/x"], &["before/the/preview"], false);
        check(&["d/x"], &[], false);
    }

    #[test]
    fn what_is_forgotten_counts_as_touched() {
        let log = Touched::default();
        let (start, acts) = (log.sequence(), u64::try_from(limits::TOUCHED_ACTS_MAX).unwrap());
        for _ in 0..acts {
            log.note(&plan(&["d"]));
        }
        assert!(!log.since(start, ["e"]), "all acts are remembered");
        log.note(&plan(&["d"]));
        assert!(log.since(start, ["e"]), "one is forgotten");
        assert!(!log.since(start + 1, ["e"]));
        let many: Vec<String> = (0..=limits::TOUCHED_PATHS_MAX).map(|n| n.to_string()).collect();
        let (at, many) = (log.sequence(), many.iter().map(String::as_str).collect::<Vec<_>>());
        log.note(&plan(&many));
        assert!(log.since(at, ["e"]), "too many paths to remember");
    }
}
