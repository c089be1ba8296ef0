//! Records the system calls of the workload with strace.
//!
//! In: where to work and how the store syncs. Out: the recording with the directories it speaks of. A machine
//! without strace, or one that forbids tracing, is a trouble of its own: nothing was tested then.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use journal::Synchronous;

use crate::arguments::{program, word};
use crate::problem::{Outcome, Trouble};

/// Everything that changes files, or makes changes durable.
const CALLS: &str = "trace=openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,\
    fallocate,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat,unlink,unlinkat,\
    mkdir,mkdirat,close";
/// Longer than any single write of the store.
const STRING_BYTES_MAX: &str = "16777216";

/// A recording.
#[derive(Debug)]
pub(crate) struct Recording {
    /// What strace wrote.
    pub(crate) trace: PathBuf,
    /// The directory that an image is made of.
    pub(crate) root: PathBuf,
    /// The file that answers were written to.
    pub(crate) acknowledged: PathBuf,
}

/// Runs the workload and records it.
pub(crate) fn record(directory: &Path, synchronous: Synchronous, calls: u64) -> Outcome<Recording> {
    // strace prints paths resolved.
    let directory = directory.canonicalize()?;
    let recording = Recording {
        trace: directory.join("trace"),
        root: directory.join("root"),
        acknowledged: directory.join("answers"),
    };
    std::fs::create_dir(&recording.root)?;
    let output = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-qq",
            "-xx",
            "--seccomp-bpf",
            "-s",
            STRING_BYTES_MAX,
            "-e",
            CALLS,
            "-o",
        ])
        .arg(&recording.trace)
        .arg("--")
        .arg(program())
        .arg("--workload")
        .arg(&recording.root)
        .arg(&recording.acknowledged)
        .args([word(synchronous), &calls.to_string()])
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Trouble::NoTracing("strace is not installed".to_owned()));
        }
        Err(error) => return Err(error.into()),
    };
    if output.status.success() {
        return Ok(recording);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if said.contains("ptrace") || said.contains("PTRACE") {
        return Err(Trouble::NoTracing(said));
    }
    Err(Trouble::other(format!("the recorded work ended with {}: {said}", output.status)))
}
