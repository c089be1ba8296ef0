//! What became of a command: how it ended, what it said, took and tried to reach, and what it left behind.
//!
//! Values only, made by the supervisor from what the jail reports. The upper layer is an open directory that no path
//! leads to; its memory is given back when it is closed. Tests are in `tests/it`.

use std::os::fd::OwnedFd;
use std::time::Duration;

/// What became of a command that was started.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub ended: Ended,
    /// What it wrote to standard output.
    pub stdout: Captured,
    /// What it wrote to standard error.
    pub stderr: Captured,
    /// From its start to its end.
    pub wall: Duration,
    /// Processor time of all its processes that were waited for.
    pub cpu: Duration,
    /// The most memory that was seen: of all processes at one look, or of the largest one.
    pub memory_bytes_max: u64,
    /// Processes and threads that were started. On the Landlock rung the most that were seen at one look.
    pub processes: u64,
    /// What it tried to connect to through the proxy, each once.
    pub network: Vec<Contact>,
    /// What it changed, if the workspace was an overlay or a copy.
    pub upper: Option<Upper>,
}

/// How a command ended. Only the first two are its own doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal, sent by itself or by the kernel.
    Signalled(i32),
    /// Killed: it passed [`crate::Limits::wall`].
    OverTime,
    /// Killed: it passed [`crate::Limits::cpu`].
    OverCpu,
    /// Killed: it passed [`crate::Limits::memory_bytes`].
    OverMemory,
    /// Killed: it passed [`crate::Limits::processes`].
    OverProcesses,
    /// Killed: it passed [`crate::Limits::output_bytes`].
    OverOutput,
    /// Killed: the caller asked for it.
    Stopped,
}

/// What became of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnd {
    /// Why it ended.
    pub cause: Cause,
    /// What its processes took; not known of a session that was lost.
    pub took: Option<Took>,
    /// What it tried to connect to through the proxy, each once.
    pub network: Vec<Contact>,
}

/// Why a session ended. Only the first two are its program's own doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The program ended by itself, with this code.
    Exited(i32),
    /// The program ended by this signal, sent by itself or by the kernel.
    Signalled(i32),
    /// Killed: it passed [`crate::Limits::wall`].
    OverTime,
    /// Killed: it passed [`crate::Limits::cpu`].
    OverCpu,
    /// Killed: it passed [`crate::Limits::memory_bytes`], or the machine ran short of memory.
    OverMemory,
    /// Killed: it passed [`crate::Limits::processes`].
    OverProcesses,
    /// Killed by [`crate::Session::kill`].
    Killed,
    /// The jail ended without a report. Nothing of it runs any more, or the text says otherwise.
    Lost(String),
}

/// What the processes of a session took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Took {
    /// From its start to its end.
    pub wall: Duration,
    /// Processor time of all its processes that were waited for.
    pub cpu: Duration,
    /// The most memory that was seen: of all processes at one look, or of the largest one.
    pub memory_bytes_max: u64,
    /// Processes and threads that were started, or the most that were seen at one look.
    pub processes: u64,
}

/// What was written to one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// The bytes, from the beginning, up to the limit.
    pub bytes: Vec<u8>,
    /// How many were written, also those beyond the limit that were still seen.
    pub total: u64,
}

/// A piece of output, as it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it was written.
    pub stream: Stream,
    /// What was written; together with the chunks before, exactly [`Captured::bytes`].
    pub bytes: Vec<u8>,
}

/// Standard output or standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// One destination that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Contact {
    /// The name or address as the command gave it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether a connection was made.
    pub reached: bool,
    /// The address that was reached, or why none was.
    pub why: String,
}

/// What a command changed.
#[derive(Debug)]
pub struct Upper {
    /// The upper layer of an overlay (`user.overlay.*` attributes, whiteouts), or the whole copy.
    pub directory: OwnedFd,
}
