//! What is remembered of a server for people: its last faults, its last words on standard error, how often it was started.
//!
//! In: texts from a stranger. Out: the last ones, each cleaned and cut. None of it ever reaches an answer, and nothing is
//! decided by it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::limits;

use super::clean;

/// What is remembered of one server.
#[derive(Debug, Default)]
pub(super) struct Record(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    starts: u64,
    faults: VecDeque<String>,
    faults_all: u64,
    stderr: VecDeque<String>,
}

/// A look at it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Remarks {
    pub(super) starts: u64,
    pub(super) faults: Vec<String>,
    pub(super) faults_all: u64,
    pub(super) stderr: Vec<String>,
}

impl Record {
    /// It is started or reached anew.
    pub(super) fn started(&self) {
        self.lock().starts += 1;
    }

    /// It did something that it should not.
    pub(super) fn fault(&self, text: &str) {
        let text = clean::line(text, limits::SERVER_TEXT_BYTES_MAX);
        let mut remembered = self.lock();
        remembered.faults_all += 1;
        push(&mut remembered.faults, text, limits::SERVER_FAULTS_SHOWN);
    }

    /// It wrote a line to its standard error.
    pub(super) fn stderr(&self, line: &[u8]) {
        let text = clean::line(&String::from_utf8_lossy(line), limits::SERVER_TEXT_BYTES_MAX);
        push(&mut self.lock().stderr, text, limits::SERVER_STDERR_LINES_SHOWN);
    }

    pub(super) fn look(&self) -> Remarks {
        let remembered = self.lock();
        Remarks {
            starts: remembered.starts,
            faults: remembered.faults.iter().cloned().collect(),
            faults_all: remembered.faults_all,
            stderr: remembered.stderr.iter().cloned().collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push(kept: &mut VecDeque<String>, text: String, most: usize) {
    if kept.len() >= most {
        kept.pop_front();
    }
    kept.push_back(text);
}
