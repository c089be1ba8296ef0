//! Watches over the command, and ends everything in the jail with it.
//!
//! ```text
//! until one of: the command ends, a bound is passed, the supervisor asks, the supervisor is gone
//! then: kill all, wait for all, count, report
//! ```
//! In: the command's process. Out: a report with how it ended and what it took. What the command left running ends with
//! it. Without a supervisor there is no report, only the end. Tests are in `tests/it`.

mod lookout;

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, WaitStatus};

use self::lookout::Lookout;
use super::census::Census;
use crate::channel::Channel;
use crate::limits::{GRACE, Limits, WATCH_EVERY, WATCH_PAUSE_FACTOR};
use crate::report::{At, End, Failure, Report, Request, Step, Usage};
use crate::sys;

/// What belongs to the jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Everything in this process namespace, of which this process is the first.
    Namespace,
    /// Every descendant of this process, which is their subreaper.
    Descendants,
}

/// A command under watch.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    limits: &'a Limits,
    channel: &'a Channel,
    reach: Reach,
    started: Instant,
    most: Most,
}

/// The most that was seen.
#[derive(Debug, Clone, Copy, Default)]
struct Most {
    memory_bytes: u64,
    tasks: u64,
}

/// Why the watch is over.
enum Over {
    Ended(End),
    SupervisorGone,
}

impl<'a> Watch<'a> {
    pub(super) fn new(limits: &'a Limits, channel: &'a Channel, reach: Reach) -> Self {
        Self { limits, channel, reach, started: Instant::now(), most: Most::default() }
    }

    /// Watches until the end, and reports it.
    pub(super) fn run(mut self, command: Pid) -> Result<(), Failure> {
        let process = rustix::process::pidfd_open(command, PidfdFlags::empty())
            .at(Step::Watch, "open the command's process")?;
        let over = self.wait(command, &process);
        let wall = self.started.elapsed();
        // Even if the wait itself failed: first nothing runs any more.
        let ended = self.end_all();
        let Over::Ended(end) = over? else { return Ok(()) };
        ended?;
        let children = sys::children_usage().at(Step::Watch, "ask for what was used")?;
        let usage = Usage {
            end,
            wall,
            cpu: children.cpu,
            memory_bytes_max: self.most.memory_bytes.max(children.memory_bytes),
            processes: self.started_in_all(),
        };
        self.channel.send(&Report::Ended(usage), None).at(Step::Watch, "report")
    }

    fn wait(&mut self, command: Pid, process: &OwnedFd) -> Result<Over, Failure> {
        let mut lookout = Lookout::start().at(Step::Watch, "start a thread")?;
        let mut pause = WATCH_EVERY;
        loop {
            let left = self.limits.wall.saturating_sub(self.started.elapsed());
            let readable = PollFlags::IN;
            let mut waits = [PollFd::new(process, readable), PollFd::new(self.channel, readable)];
            let timeout = pause.min(left).max(Duration::from_millis(1));
            let timeout = timeout.try_into().at(Step::Watch, "make a pause")?;
            match poll(&mut waits, Some(&timeout)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error).at(Step::Watch, "wait"),
            }
            let supervisor = waits.iter().skip(1).any(|wait| !wait.revents().is_empty());
            if let Some(end) = self.reap(command)? {
                return Ok(Over::Ended(end));
            }
            if supervisor {
                return Ok(match self.channel.receive::<Request>() {
                    Ok(Some(packet)) if packet.value == Request::Stop => Over::Ended(End::Stopped),
                    Ok(Some(_) | None) | Err(_) => Over::SupervisorGone,
                });
            }
            if self.started.elapsed() >= self.limits.wall {
                return Ok(Over::Ended(End::OverTime));
            }
            let looked = Instant::now();
            let load = match self.look(&mut lookout)? {
                Look::Over(end) => return Ok(Over::Ended(end)),
                Look::Within(load) => load,
            };
            let least = (looked.elapsed() * WATCH_PAUSE_FACTOR).max(WATCH_EVERY);
            pause = match load {
                Load::Low => least * 4,
                Load::High => least,
            };
        }
    }

    /// One look at all processes.
    fn look(&mut self, lookout: &mut Lookout) -> Result<Look, Failure> {
        let census = Census::of(rustix::process::getpid()).at(Step::Watch, "look at processes")?;
        let limits = self.limits;
        self.most.tasks = self.most.tasks.max(census.tasks);
        if census.tasks > limits.processes {
            return Ok(Look::Over(End::OverProcesses));
        }
        let reaped = sys::children_usage().at(Step::Watch, "ask for what was used")?;
        if census.cpu + reaped.cpu > limits.cpu {
            return Ok(Look::Over(End::OverCpu));
        }
        if machine_is_short() {
            return Ok(Look::Over(End::OverMemory));
        }
        let shared = lookout.look(&census.processes);
        // What is mapped right now may be part of both.
        let seen = census.own_bytes.saturating_add(census.shared_bytes.max(shared.bytes()));
        let memory = seen.saturating_add(shared.hidden_bytes(limits.shared_bytes_max()));
        self.most.memory_bytes = self.most.memory_bytes.max(seen);
        if memory > limits.memory_bytes || lookout.is_blind() {
            return Ok(Look::Over(End::OverMemory));
        }
        let low = census.tasks < limits.processes / 4 && memory < limits.memory_bytes / 4;
        Ok(Look::Within(if low { Load::Low } else { Load::High }))
    }

    /// Takes the statuses of all that ended, orphans too, and tells whether the command is among them.
    fn reap(&self, command: Pid) -> Result<Option<End>, Failure> {
        let mut ended = None;
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == command => ended = Some(how_it_ended(status)),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) | Err(Errno::CHILD) => return Ok(ended),
                Err(error) => return Err(error).at(Step::Watch, "wait for the command"),
            }
        }
    }

    /// Kills until nothing is left, and waits for all of it.
    fn end_all(&self) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            self.kill_all()?;
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Err(Errno::CHILD) => return Ok(()),
                // Killed, but not gone yet: the kernel may still be cleaning up.
                Ok(None) => std::thread::yield_now(),
                Err(error) => return Err(error).at(Step::Watch, "wait for processes to end"),
            }
            if began.elapsed() > GRACE {
                return Err(super::failed(Step::Watch, "processes were killed and did not end"));
            }
        }
    }

    fn kill_all(&self) -> Result<(), Failure> {
        let killed = match self.reach {
            // "The process group 1" is how this call says "everybody in the namespace but me".
            Reach::Namespace => rustix::process::kill_process_group(Pid::INIT, Signal::KILL),
            Reach::Descendants => {
                let census =
                    Census::of(rustix::process::getpid()).at(Step::Watch, "look at processes")?;
                // All are stopped before any is killed, so that a fork bomb does not outrun this.
                for signal in [Signal::STOP, Signal::KILL] {
                    for process in &census.processes {
                        let _ended = rustix::process::kill_process(*process, signal);
                    }
                }
                Ok(())
            }
        };
        match killed {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(error).at(Step::Watch, "kill processes"),
        }
    }

    /// The kernel counts process ids in a namespace one by one; the last one is in `/proc/loadavg`.
    fn started_in_all(&self) -> u64 {
        let counted = match self.reach {
            Reach::Namespace => std::fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|text| text.split_whitespace().nth(4)?.parse::<u64>().ok())
                // Init has the first, and its thread one.
                .map_or(0, |last| last.saturating_sub(2)),
            Reach::Descendants => 0,
        };
        counted.max(self.most.tasks).max(1)
    }
}

/// Whether memory is about to run out for everybody. Where that cannot be read, nothing else bounds the kernel's part.
fn machine_is_short() -> bool {
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else { return true };
    let bytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
    };
    match (bytes("MemTotal:"), bytes("MemAvailable:")) {
        (Some(total), Some(available)) => Limits::machine_is_short(total, available),
        (None, _) | (_, None) => true,
    }
}

/// What one look says.
enum Look {
    Over(End),
    Within(Load),
}

/// How near the command is to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Load {
    Low,
    High,
}

fn how_it_ended(status: WaitStatus) -> End {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => End::Exited(code),
        (None, Some(signal)) => End::Signalled(signal),
        // Neither cannot be: only ended processes are waited for. A signal is the answer that is no success.
        (None, None) => End::Signalled(0),
    }
}
