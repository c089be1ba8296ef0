//! Every bound of the jail, in one place, with the reason where the number is not obvious.
//!
//! [`Limits`] travel with each order; the constants hold for all of them. What would pass a limit is refused or killed
//! and named, never cut silently. Limits that depend on each other are checked when this file is compiled.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one command may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// From the start of the command to its end; then everything in the jail is killed.
    pub wall: Duration,
    /// Processor time of all processes together.
    pub cpu: Duration,
    /// Memory that the processes have for themselves, together. Each alone is also held to it by the kernel.
    pub memory_bytes: u64,
    /// Processes and threads at one time.
    pub processes: u64,
    /// Open files of one process. Each socket and pipe may hold some hundred kilobytes of the kernel's memory, which no
    /// other limit counts.
    pub open_files: u64,
    /// Bytes of one file that is written.
    pub file_bytes: u64,
    /// Bytes of standard output and standard error together.
    pub output_bytes: u64,
    /// Bytes of the upper layer or copy, and again of everything temporary (`/tmp`, home and so on).
    pub upper_bytes: u64,
}

/// Whether a session is held to [`Limits::wall`] and [`Limits::cpu`]. Every other limit but
/// [`Limits::output_bytes`] holds for all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifetime {
    /// Both hold: whoever passes one is ended.
    Limited,
    /// Neither holds: the session lives until its program ends or it is killed or dropped.
    Unlimited,
}

/// The times that hold for one jail; none is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) wall: Option<Duration>,
    pub(crate) cpu: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(120),
            cpu: Duration::from_secs(240),
            memory_bytes: 4 << 30,
            processes: 512,
            open_files: 1_024,
            file_bytes: 1 << 30,
            output_bytes: 1 << 20,
            upper_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// The times for whoever has such a lifetime.
    pub(crate) fn times(&self, lifetime: Lifetime) -> Times {
        match lifetime {
            Lifetime::Limited => Times { wall: Some(self.wall), cpu: Some(self.cpu) },
            Lifetime::Unlimited => Times { wall: None, cpu: None },
        }
    }

    /// Bytes of one memory without a file that processes may share.
    pub(crate) fn shared_bytes_max(&self) -> u64 {
        (self.memory_bytes / SHARED_MEMORIES).max(SHARED_BYTES_MIN)
    }

    /// Whether the machine has so little memory left that the command must go, whatever it has itself.
    pub(crate) fn machine_is_short(total_bytes: u64, available_bytes: u64) -> bool {
        let least = MACHINE_BYTES_MIN.min(total_bytes / 8).max(total_bytes / 20);
        available_bytes < least
    }
}

/// The longest wall clock of one command.
pub const WALL_MAX: Duration = Duration::from_secs(24 * 3_600);
/// Files and directories in an upper layer: each takes about a kilobyte of the kernel's memory beside its bytes.
pub const UPPER_INODES_MAX: u64 = 262_144;
/// Layers under one overlay. The kernel takes 500; a stack of plans that deep is a mistake.
pub const LAYERS_MAX: usize = 16;
/// Arguments of one command.
pub const ARGUMENTS_MAX: usize = 4_096;
/// Bytes of all arguments and variables, below the 128 KiB that Linux allows for one of them.
pub const ARGUMENT_BYTES_MAX: usize = 1 << 20;
/// Bytes of one argument or variable, as Linux has it (`MAX_ARG_STRLEN`, less the closing zero).
pub const ARGUMENT_ONE_BYTES_MAX: usize = (128 << 10) - 1;
/// Variables of one command.
pub const VARIABLES_MAX: usize = 256;
/// Paths that an order names: reads, caches, mounts and covers together.
pub const PATHS_MAX: usize = 256;
/// Bytes of one covering file.
pub const COVER_BYTES_MAX: usize = 1 << 20;
/// Bytes of one order as it is sent to the jail. Byte strings take up to four characters a byte there.
pub const ORDER_BYTES_MAX: usize = 64 << 20;
/// Bytes of one report from the jail; a packet that is longer is refused.
pub const REPORT_BYTES_MAX: usize = 8 << 10;

/// From the start of the jail to the start of the command. Copying a workspace takes the most of it.
pub const SETUP_MAX: Duration = Duration::from_secs(60);
/// What the jail gets on top of its wall clock to end by itself, before the supervisor ends it.
pub const GRACE: Duration = Duration::from_secs(5);
/// How long output may still come, and a slow listener may take, after the jail has ended.
pub const DRAIN_MAX: Duration = Duration::from_secs(2);
/// How often the jail looks at its processes. Short enough that a fork bomb has hardly begun.
pub const WATCH_EVERY: Duration = Duration::from_millis(10);
/// How long the pause between two looks at a session may grow while it computes nothing. What it can take in that time
/// it can take before it is seen; with 200 ms looking takes a five hundredth of one processor.
pub const IDLE_PAUSE_MAX: Duration = Duration::from_millis(200);
/// How often the watch of a program without a jail takes the statuses of orphans that ended.
pub const REAP_EVERY: Duration = Duration::from_secs(1);
/// The part of one processor that looking may take: a look of 1 ms is followed by a pause of at least 20 ms.
pub const WATCH_PAUSE_FACTOR: u32 = 20;
/// How many memories without a file the processes may share, at least: each is taken for as large as it may be, since a
/// part that is not mapped any more cannot be seen.
pub const SHARED_MEMORIES: u64 = 128;
/// One of them may be this large under any limit: locks and counters of common programs fit.
pub const SHARED_BYTES_MIN: u64 = 64 << 10;
/// Bytes of the list of one process's mappings, about 40 000 of them. With more it counts as not looked at.
pub const MAPS_BYTES_MAX: usize = 4 << 20;
/// The same for all processes together, so that a look stays short.
pub const MAPS_IN_ALL_BYTES_MAX: usize = 64 << 20;
/// How long mappings of some process may stay unknown before the command is ended. They are while it starts.
pub const UNREAD_MAX: Duration = Duration::from_secs(5);
/// What the time since the look before counts for at most in that: a watch that was itself kept waiting has nothing to
/// blame the command for.
pub const UNREAD_STEP_MAX: Duration = Duration::from_millis(500);
/// Memory that must be left on the machine, or an eighth of a small one's, or a twentieth of a large one's. Only this
/// bounds memory that the kernel keeps for a command, such as buffers of sockets and pipes.
pub const MACHINE_BYTES_MIN: u64 = 256 << 20;
/// How many more processes the kernel allows than [`Limits::processes`], so that the watch sees the limit passed and
/// ends the command, instead of a command that stumbles along with failing forks.
pub const PROCESSES_SLACK: u64 = 32;

/// Connections through the proxy at one time.
pub const CONNECTIONS_MAX: usize = 64;
/// Different contacts that are recorded; further ones are refused.
pub const CONTACTS_MAX: usize = 1_000;
/// Bytes of a request's head at the proxy.
pub const HEAD_BYTES_MAX: usize = 16 << 10;
/// How long a head may take to arrive, a name to resolve, and an address to answer: each.
pub const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Characters of a host's name (RFC 1035).
pub const HOST_CHARS_MAX: usize = 253;
/// Hosts that one order names.
pub const HOSTS_MAX: usize = 256;

const _: () = assert!(ARGUMENT_ONE_BYTES_MAX < ARGUMENT_BYTES_MAX);
const _: () = assert!(COVER_BYTES_MAX * 4 < ORDER_BYTES_MAX);
const _: () = assert!(MAPS_BYTES_MAX < MAPS_IN_ALL_BYTES_MAX);
const _: () = assert!(CONNECTIONS_MAX < CONTACTS_MAX);
const _: () = assert!(WATCH_EVERY.as_millis() * 4 < IDLE_PAUSE_MAX.as_millis());
const _: () = assert!(IDLE_PAUSE_MAX.as_millis() < UNREAD_STEP_MAX.as_millis());
const _: () = assert!(UNREAD_STEP_MAX.as_millis() < UNREAD_MAX.as_millis());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_is_short_below_a_part_of_its_memory() {
        let check = |total_mib: u64, available_mib: u64, expect| {
            let short = Limits::machine_is_short(total_mib << 20, available_mib << 20);
            assert_eq!(short, expect, "{available_mib} of {total_mib}");
        };
        check(512, 63, true);
        check(512, 64, false);
        check(4_096, 255, true);
        check(4_096, 256, false);
        check(102_400, 5_119, true);
        check(102_400, 5_120, false);
    }
}
