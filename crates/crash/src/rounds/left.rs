//! What a killed process leaves running: nothing, and soon.
//!
//! The campaign is the reaper of all that it started, at any depth: whatever loses its parent becomes its child. So a
//! jail that outlives its supervisor is seen, whatever it calls itself and whichever session it has moved to. One
//! command of each life never ends by itself: only a jail that ends with its supervisor ends it.

use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitOptions};

use crate::installation::Site;
use crate::problem::{Outcome, Promise, Trouble};

/// Everything must have ended by then, on a machine that is busy with other things too.
const WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What had to end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ended {
    pub(super) processes: usize,
    pub(super) after: Duration,
}

/// Makes this process the reaper.
pub(super) fn reap() -> Outcome<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| Trouble::from(std::io::Error::from(error)))
}

/// Waits until nothing is left of a process but `but`, which goes on.
pub(super) fn ended(site: &Site, but: u32) -> Outcome<Ended> {
    let begun = Instant::now();
    let mut processes = 0;
    loop {
        let left: Vec<u32> = children()?.into_iter().filter(|child| *child != but).collect();
        if left.is_empty() {
            break;
        }
        if begun.elapsed() > WITHIN {
            let commands: Vec<String> = left.iter().map(|child| command(*child)).collect();
            let found = format!("after {WITHIN:?} there is still {}", commands.join(", "));
            return Err(Trouble::broken(Promise::JailsEnd, found));
        }
        let gone = left.iter().filter_map(|child| Pid::from_raw(i32::try_from(*child).ok()?));
        processes += gone.filter(|child| is_reaped(*child)).count();
        std::thread::sleep(LOOK_EVERY);
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo")?;
    let root = site.root().display().to_string();
    match mounts.lines().find(|mount| mount.contains(&root)) {
        Some(mount) => Err(Trouble::broken(Promise::JailsEnd, format!("a mount: {mount}"))),
        None => Ok(Ended { processes, after: begun.elapsed() }),
    }
}

fn is_reaped(child: Pid) -> bool {
    rustix::process::waitpid(Some(child), WaitOptions::NOHANG).is_ok_and(|ended| ended.is_some())
}

/// Every child of this process.
fn children() -> Outcome<Vec<u32>> {
    let own = std::process::id();
    let mut children = Vec::new();
    for process in std::fs::read_dir("/proc")? {
        let name = process?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        children.extend((parent(id) == Some(own)).then_some(id));
    }
    Ok(children)
}

/// None where it has gone meanwhile.
fn parent(id: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may hold anything; what follows the last bracket is a letter and numbers.
    text.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn command(id: u32) -> String {
    let words = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
    format!("{id} `{}`", words.replace('\0', " ").trim())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn process_that_lost_its_parent_and_left_its_session_is_seen() {
        reap().unwrap();
        // The pipe is closed, or the shell's end would not be the end of its output.
        let script = "setsid sleep 600 > /dev/null 2>&1 & echo $!";
        let said = Command::new("sh").args(["-c", script]).output().unwrap();
        let id: u32 = String::from_utf8_lossy(&said.stdout).trim().parse().unwrap();
        let seen = children().unwrap().contains(&id);
        let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        rustix::process::waitpid(Some(pid), WaitOptions::empty()).unwrap();
        assert!(seen);
        assert!(!children().unwrap().contains(&id));
    }
}
