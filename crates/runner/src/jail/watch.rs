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
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions};

use self::lookout::Lookout;
use super::census::Census;
use crate::channel::Channel;
use crate::limits::{
    GRACE, IDLE_PAUSE_MAX, Limits, REAP_EVERY, Times, WATCH_EVERY, WATCH_PAUSE_FACTOR,
};
use crate::report::{At, End, Failure, Report, Request, Spec, Step, Task, Usage};
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
    times: Times,
    looks: Looks,
    channel: &'a Channel,
    reach: Reach,
    started: Instant,
    most: Most,
    /// At the last look.
    cpu: Duration,
    /// The command's process group, until its number may be another's.
    group: Option<Pid>,
}

/// Whether it looks at what the command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Often,
    /// As often while it computes; it lives long, and mostly waits.
    OftenWhileBusy,
    /// No limit holds.
    Never,
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
    pub(super) fn new(spec: &'a Spec, channel: &'a Channel, reach: Reach) -> Self {
        let looks = match spec.task {
            Task::Command | Task::Probe => Looks::Often,
            Task::Session(_) => Looks::OftenWhileBusy,
            Task::Unjailed => Looks::Never,
        };
        Self {
            limits: &spec.order.limits,
            times: spec.times(),
            looks,
            channel,
            reach,
            started: Instant::now(),
            most: Most::default(),
            cpu: Duration::ZERO,
            group: None,
        }
    }

    /// Watches until the end, and reports it.
    pub(super) fn run(mut self, command: Pid) -> Result<(), Failure> {
        self.group = Some(command);
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
            end: self.named(end, children.cpu),
            wall,
            cpu: children.cpu,
            memory_bytes_max: self.most.memory_bytes.max(children.memory_bytes),
            processes: self.started_in_all(),
        };
        self.channel.send(&Report::Ended(usage), None).at(Step::Watch, "report")
    }

    /// The kernel ends a process that computes too long by itself, when the watch is late.
    fn named(&self, end: End, cpu: Duration) -> End {
        let by_kernel = [Signal::KILL, Signal::XCPU].map(|signal| End::Signalled(signal.as_raw()));
        let over = self.times.cpu.is_some_and(|most| cpu > most);
        if over && by_kernel.contains(&end) { End::OverCpu } else { end }
    }

    fn wait(&mut self, command: Pid, process: &OwnedFd) -> Result<Over, Failure> {
        let mut lookout = match self.looks {
            Looks::Often | Looks::OftenWhileBusy => {
                Some(Lookout::start().at(Step::Watch, "start a thread")?)
            }
            Looks::Never => None,
        };
        let mut pause = WATCH_EVERY;
        loop {
            let supervisor = self.pause(pause, process)?;
            if let Some(end) = self.reap(command)? {
                return Ok(Over::Ended(end));
            }
            if supervisor {
                return Ok(match self.channel.receive::<Request>() {
                    Ok(Some(packet)) if packet.value == Request::Stop => Over::Ended(End::Stopped),
                    Ok(Some(_) | None) | Err(_) => Over::SupervisorGone,
                });
            }
            if self.left().is_some_and(|left| left.is_zero()) {
                return Ok(Over::Ended(End::OverTime));
            }
            let Some(lookout) = &mut lookout else {
                pause = REAP_EVERY;
                continue;
            };
            let before = computed();
            let load = match self.look(lookout)? {
                Look::Over(end) => return Ok(Over::Ended(end)),
                Look::Within(load) => load,
            };
            let looking = computed().saturating_sub(before);
            let least = (looking * WATCH_PAUSE_FACTOR).max(WATCH_EVERY);
            pause = match load {
                Load::Idle if self.looks == Looks::OftenWhileBusy => {
                    (pause * 2).clamp(least * 4, IDLE_PAUSE_MAX.max(least * 4))
                }
                Load::Idle | Load::Low => least * 4,
                Load::High => least,
            };
        }
    }

    /// How much of the wall clock is left, if that is bounded.
    fn left(&self) -> Option<Duration> {
        self.times.wall.map(|wall| wall.saturating_sub(self.started.elapsed()))
    }

    /// Until something happens, but not longer than that. Tells whether the supervisor is to be heard.
    fn pause(&self, most: Duration, process: &OwnedFd) -> Result<bool, Failure> {
        let timeout = self.left().unwrap_or(most).min(most).max(Duration::from_millis(1));
        let timeout = timeout.try_into().at(Step::Watch, "make a pause")?;
        let readable = PollFlags::IN;
        let mut waits = [PollFd::new(process, readable), PollFd::new(self.channel, readable)];
        match poll(&mut waits, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).at(Step::Watch, "wait"),
        }
        Ok(waits.iter().skip(1).any(|wait| !wait.revents().is_empty()))
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
        let cpu = census.cpu + reaped.cpu;
        if self.times.cpu.is_some_and(|most| cpu > most) {
            return Ok(Look::Over(End::OverCpu));
        }
        // Nothing takes much memory or starts processes without computing.
        let idle = std::mem::replace(&mut self.cpu, cpu) == cpu;
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
        Ok(Look::Within(match (low, idle) {
            (true, true) => Load::Idle,
            (true, false) => Load::Low,
            (false, _) => Load::High,
        }))
    }

    /// Tells whether the command has ended, and takes the statuses of orphans that have.
    fn reap(&mut self, command: Pid) -> Result<Option<End>, Failure> {
        // The command's own is looked at and left: until it is taken, no other process gets this number.
        let peek = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match rustix::process::waitid(WaitId::Pid(command), peek) {
            Ok(Some(status)) => {
                return Ok(Some(how_it_ended(status.exit_status(), status.terminating_signal())));
            }
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).at(Step::Watch, "look at the command"),
        }
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                // It ended just now.
                Ok(Some((pid, status))) if pid == command => {
                    self.group = None;
                    let end = how_it_ended(status.exit_status(), status.terminating_signal());
                    return Ok(Some(end));
                }
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) | Err(Errno::CHILD) => return Ok(None),
                Err(error) => return Err(error).at(Step::Watch, "wait for the command"),
            }
        }
    }

    /// Kills until nothing is left, and waits for all of it.
    fn end_all(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        if let (Some(group), Reach::Descendants) = (self.group.take(), self.reach) {
            // Most of a fork bomb at once, so that there is time to look for the rest.
            let _nobody = rustix::process::kill_process_group(group, Signal::KILL);
        }
        loop {
            self.kill_all()?;
            if take_ended().at(Step::Watch, "wait for processes to end")? == Left::None {
                return Ok(());
            }
            // Killed, but not gone yet: the kernel may still be cleaning up.
            std::thread::yield_now();
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

/// Processor time of this process. A look that only waits for a busy machine is no reason for a longer pause: a fork
/// bomb beside it made others go unseen for seconds.
fn computed() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Whether there are children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    None,
    Some,
}

/// Takes the statuses of all children that have ended. One at each look would take longer than a fork bomb may live.
fn take_ended() -> rustix::io::Result<Left> {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Err(Errno::CHILD) => return Ok(Left::None),
            Ok(None) => return Ok(Left::Some),
            Err(error) => return Err(error),
        }
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
    /// Nothing was computed since the last look, and no bound is near.
    Idle,
    Low,
    High,
}

fn how_it_ended(code: Option<i32>, signal: Option<i32>) -> End {
    match (code, signal) {
        (Some(code), _) => End::Exited(code),
        (None, Some(signal)) => End::Signalled(signal),
        // Neither cannot be: only ended processes are waited for. A signal is the answer that is no success.
        (None, None) => End::Signalled(0),
    }
}
