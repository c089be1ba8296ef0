//! Who lives in the jail right now, and what they take.
//!
//! In: `/proc`, and the process whose descendants are meant. Out: their ids, threads, processor time and memory. Memory
//! is what a process has for itself or shares with few (`RssAnon`, `RssShmem`) and its page tables: the text of programs
//! does not count. What is shared without a file and not seen there is asked for in `census/shared.rs`. A process that
//! ends while it is looked at is left out. Tests are at the end.

mod shared;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::time::Duration;

use rustix::process::Pid;

pub(super) use self::shared::Shared;

/// Processes at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Census {
    pub(super) processes: Vec<Pid>,
    /// Processes and threads.
    pub(super) tasks: u64,
    pub(super) cpu: Duration,
    /// What each has for itself, and page tables.
    pub(super) own_bytes: u64,
    /// What is shared and mapped by each right now.
    pub(super) shared_bytes: u64,
}

/// Memory of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Memory {
    own_bytes: u64,
    shared_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    parent: i32,
    threads: u64,
    ticks: u64,
}

impl Census {
    /// All living descendants of `root`.
    pub(super) fn of(root: Pid) -> io::Result<Self> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else {
                continue;
            };
            let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            if let Some(process) = Process::parse(&text) {
                all.insert(pid, process);
            }
        }
        let root = root.as_raw_nonzero().get();
        let mut census = Self::default();
        let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
        for (pid, process) in &all {
            if *pid == root || !descends(*pid, root, &all) {
                continue;
            }
            census.processes.extend(Pid::from_raw(*pid));
            census.tasks += process.threads;
            census.cpu +=
                Duration::from_millis(process.ticks.saturating_mul(1_000) / ticks_per_second);
            let memory = process.memory(*pid);
            census.own_bytes = census.own_bytes.saturating_add(memory.own_bytes);
            census.shared_bytes = census.shared_bytes.saturating_add(memory.shared_bytes);
        }
        Ok(census)
    }
}

fn descends(pid: i32, root: i32, all: &BTreeMap<i32, Process>) -> bool {
    let mut here = pid;
    // A parent that vanished between two reads ends the walk; so does a circle of reused ids.
    for _ in 0..all.len() {
        match all.get(&here) {
            Some(process) if process.parent == root => return true,
            Some(process) => here = process.parent,
            None => return false,
        }
    }
    false
}

impl Process {
    /// `proc_pid_stat(5)`: the name in brackets may contain anything, so it is counted from its end. A zombie is none,
    /// unless only its first thread has ended.
    fn parse(stat: &str) -> Option<Self> {
        let (_, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let threads = number(17)?;
        if matches!(*fields.first()?, "Z" | "X") && threads < 2 {
            return None;
        }
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            threads,
            ticks: number(11)?.saturating_add(number(12)?),
        })
    }
}

impl Process {
    /// Asks one thread after the other until one has memory: the first one may have ended.
    fn memory(self, pid: i32) -> Memory {
        let none = Memory::default();
        let status = |path: String| Memory::parse(&fs::read_to_string(path).unwrap_or_default());
        let first = status(format!("/proc/{pid}/status"));
        if first != none || self.threads < 2 {
            return first;
        }
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return none };
        threads
            .flatten()
            .map(|thread| status(thread.path().join("status").to_string_lossy().into_owned()))
            .find(|memory| *memory != none)
            .unwrap_or(none)
    }
}

impl Memory {
    /// From the lines of `proc_pid_status(5)`.
    fn parse(status: &str) -> Self {
        let mut memory = Self::default();
        for line in status.lines() {
            let Some((name, rest)) = line.split_once(':') else { continue };
            let kilobytes =
                rest.split_whitespace().next().and_then(|word| word.parse::<u64>().ok());
            let bytes = kilobytes.unwrap_or(0).saturating_mul(1024);
            match name {
                "RssAnon" | "VmPTE" => memory.own_bytes = memory.own_bytes.saturating_add(bytes),
                "RssShmem" => memory.shared_bytes = bytes,
                _ => {}
            }
        }
        memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stat: &str, expect: Option<(i32, u64, u64)>) {
        let found = Process::parse(stat).map(|one| (one.parent, one.threads, one.ticks));
        assert_eq!(found, expect, "{stat}");
    }

    #[test]
    fn stat_lines_are_read_whatever_the_name() {
        let rest = "1 1 0 -1 4194560 0 0 0 0 7 5 0 0 20 0 3 0 100 0 0";
        check(&format!("7 (a) R 1 {rest}"), Some((1, 3, 12)));
        check(&format!("7 (a) b) (R 9) S 4 {rest}"), Some((4, 3, 12)));
        check(&format!("7 (first thread gone) Z 4 {rest}"), Some((4, 3, 12)));
        check(&format!("7 (gone) Z 4 {}", rest.replace("0 3 0", "0 1 0")), None);
        check("7 (cut", None);
    }

    #[test]
    fn this_test_has_a_child_that_counts() {
        let mut child =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let census = Census::of(rustix::process::getpid()).unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        assert!(census.processes.iter().any(|one| one.as_raw_nonzero().get() == pid));
        assert!(census.tasks >= 1);
    }

    #[test]
    fn memory_is_what_a_process_has_for_itself() {
        let status = "RssAnon:\t 10 kB\nRssFile:\t 99 kB\nRssShmem:\t 2 kB\nVmPTE:\t 4 kB\n";
        let expect = Memory { own_bytes: 14 * 1024, shared_bytes: 2 * 1024 };
        assert_eq!(Memory::parse(status), expect);
    }
}
