//! Looks at mappings beside the watch, which must not wait.
//!
//! In: processes, at every look of the watch. Out: what they share, as of the last look that was complete. The kernel
//! makes whoever reads mappings wait for a process that changes them, and a fork bomb changes them all the time: so a
//! thread of its own waits, and the watch only asks how old its answer is. It does not judge the answer. Tests are at
//! the end and in `tests/it/limits.rs`.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::super::census::Shared;
use crate::limits::{UNREAD_MAX, UNREAD_STEP_MAX};

/// What is known of shared memory.
#[derive(Debug)]
pub(super) struct Lookout {
    requests: SyncSender<Vec<Pid>>,
    answers: Receiver<Shared>,
    looked: Instant,
    /// Time as the looks have seen it: the machine may let the watch wait much longer.
    now: Duration,
    asked: Option<Duration>,
    known: Shared,
    known_at: Duration,
}

/// How long the watch waits for an answer. It is there long before, unless somebody delays it.
const WAIT: Duration = Duration::from_millis(20);
/// It reads files into memory that lies elsewhere.
const STACK_BYTES: usize = 256 << 10;

impl Lookout {
    /// Starts the thread, which ends with this value or with the process. No process may be forked afterwards.
    pub(super) fn start() -> io::Result<Self> {
        let (requests, asked) = sync_channel::<Vec<Pid>>(1);
        let (answer, answers) = sync_channel(1);
        std::thread::Builder::new().name("lookout".into()).stack_size(STACK_BYTES).spawn(
            move || {
                for processes in asked {
                    if answer.send(Shared::of(&processes)).is_err() {
                        return;
                    }
                }
            },
        )?;
        Ok(Self::between(requests, answers))
    }

    fn between(requests: SyncSender<Vec<Pid>>, answers: Receiver<Shared>) -> Self {
        Self {
            requests,
            answers,
            looked: Instant::now(),
            now: Duration::ZERO,
            asked: None,
            known: Shared::default(),
            known_at: Duration::ZERO,
        }
    }

    /// What these processes share, or shared when it was last known.
    pub(super) fn look(&mut self, processes: &[Pid]) -> &Shared {
        self.now += self.looked.elapsed().min(UNREAD_STEP_MAX);
        self.looked = Instant::now();
        // If the thread is gone, what is known grows old.
        if self.asked.is_none() && self.requests.try_send(processes.to_vec()).is_ok() {
            self.asked = Some(self.now);
        }
        if let (Some(asked), Ok(found)) = (self.asked, self.answers.recv_timeout(WAIT)) {
            self.asked = None;
            if !found.unread {
                self.known_at = asked;
            }
            self.known = found;
        }
        &self.known
    }

    /// Whether nothing complete was learned for so long that something must be hiding.
    pub(super) fn is_blind(&self) -> bool {
        self.now.saturating_sub(self.known_at) > UNREAD_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late(lookout: &mut Lookout) {
        lookout.looked = Instant::now().checked_sub(UNREAD_MAX * 2).unwrap();
        lookout.look(&[]);
    }

    /// On a machine under a fork bomb a watch was kept waiting for seconds, and ended a command that hid nothing.
    #[test]
    fn watch_that_is_late_is_not_blind() {
        let mut lookout = Lookout::start().unwrap();
        for _ in 0..50 {
            late(&mut lookout);
            assert!(!lookout.is_blind());
        }
    }

    #[test]
    fn watch_without_answers_is_blind_in_the_end() {
        let (requests, _asked) = sync_channel(1);
        let (_answer, answers) = sync_channel(1);
        let mut lookout = Lookout::between(requests, answers);
        late(&mut lookout);
        assert!(!lookout.is_blind());
        for _ in 0..10 {
            late(&mut lookout);
        }
        assert!(lookout.is_blind());
    }
}
