//! A credential from a command of the operator: `["pass", "show", "x"]`.
//!
//! In: words of a command line. Out: what it printed, without the white space around it. It gets `PATH` and `HOME` of
//! this process and nothing else, no input, bounded time and bounded output, in a process group of its own that is killed
//! whole when it takes too long or nobody waits any more. It does not run in a jail: it is the operator's own
//! program, and password managers need the operator's session. What it prints is never repeated. Tests: `tests/sources.rs`.

use std::process::Stdio;

use domain::limits;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// What the command printed, or what is wrong with it.
pub(super) async fn output(words: &[String]) -> Result<String, String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("names no program".to_owned());
    };
    let inherited = ["PATH", "HOME"].into_iter();
    let inherited = inherited.filter_map(|name| Some((name, std::env::var_os(name)?)));
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(inherited)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let mut group = Group(child);
    match timeout(limits::CREDENTIAL_COMMAND_WITHIN, group.printed()).await {
        Ok(printed) => printed,
        Err(_) => Err(format!("took more than {:?}", limits::CREDENTIAL_COMMAND_WITHIN)),
    }
}

/// A child and all that it starts. Dropped, it is killed.
struct Group(Child);

impl Group {
    async fn printed(&mut self) -> Result<String, String> {
        let out = self.0.stdout.take().ok_or("has no output")?;
        let bytes = bounded(out).await?;
        let status = self.0.wait().await.map_err(|error| format!("is lost: {error}"))?;
        if !status.success() {
            return Err(format!("ended with {status}, run it by hand to see why"));
        }
        String::from_utf8(bytes).map_err(|_| "printed bytes that are not UTF-8".to_owned())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The group outlives its leader where that left processes behind, so it is killed in any case. Without the leader's
        // id it was reaped, and its number may be another's.
        let leader = self.0.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(leader) = leader {
            let _gone = kill_process_group(leader, Signal::KILL);
        }
    }
}

async fn bounded(out: impl AsyncRead + Unpin) -> Result<Vec<u8>, String> {
    let max = limits::CREDENTIAL_BYTES_MAX;
    let mut bytes = Vec::new();
    let mut out = out.take(u64::try_from(max).unwrap_or(u64::MAX) + 1);
    out.read_to_end(&mut bytes).await.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() > max {
        return Err(format!("printed more than {max} bytes"));
    }
    Ok(bytes)
}
