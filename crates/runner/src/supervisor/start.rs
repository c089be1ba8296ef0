//! Starts the jail's first process and hands it the order.
//!
//! In: the program, the order, and files for who talks with it. Out: the process, its output and the channel to it. The order travels as a file in
//! memory, so that its size does not matter and no argument or variable shows it. The channel is the process's standard
//! input, which needs no unsafe code to inherit. Tests are in `tests/it`.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::process::Stdio;

use rustix::fs::MemfdFlags;
use tokio::process::{Child, Command};

use super::control::Control;
use crate::channel::Channel;
use crate::error::Error;
use crate::jail::MARKER;
use crate::ladder::Rung;
use crate::limits::ORDER_BYTES_MAX;
use crate::report::{Request, Spec, Task};

/// A jail that was started.
#[derive(Debug)]
pub(super) struct Jail {
    pub(super) process: Child,
    pub(super) control: Control,
}

/// Each of `files` is handed over with its request, after the order.
pub(super) fn start(
    program: &Path,
    spec: &Spec,
    files: &[(Request, BorrowedFd<'_>)],
) -> Result<Jail, Error> {
    let text = serde_json::to_vec(spec)
        .map_err(|error| Error::order(format!("paths must be valid UTF-8: {error}")))?;
    if text.len() > ORDER_BYTES_MAX {
        return Err(Error::order(format!("it is longer than {ORDER_BYTES_MAX} bytes")));
    }
    let file = rustix::fs::memfd_create("order", MemfdFlags::CLOEXEC)
        .map_err(|error| Error::Start(error.into()))?;
    let mut file = File::from(file);
    file.write_all(&text).map_err(Error::Start)?;
    let (ours, theirs) = Channel::pair().map_err(Error::Start)?;
    // Already in the socket's buffer when the jail begins to read.
    ours.send(&Request::Begin, Some(file.as_fd())).map_err(Error::Start)?;
    for (request, file) in files {
        ours.send(request, Some(*file)).map_err(Error::Start)?;
    }
    let process = Command::new(program)
        .arg(MARKER)
        .env_clear()
        .current_dir("/")
        // An interrupt typed at the supervisor's terminal is for the supervisor, which then ends its jails in order.
        .process_group(0)
        .stdin(Stdio::from(theirs.into_socket()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // With namespaces the death of the first process is the death of all. Without, that process must live to end
        // the others, and the closed channel tells it to.
        .kill_on_drop(spec.task != Task::Unjailed && spec.order.rung != Rung::Landlock)
        .spawn()
        .map_err(Error::Start)?;
    Ok(Jail { process, control: Control::new(ours).map_err(Error::Start)? })
}
