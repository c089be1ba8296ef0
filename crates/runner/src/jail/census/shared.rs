//! Memory without a file that processes of the jail share, or keep for themselves as if they shared it.
//!
//! In: processes, and `/proc/PID/maps` of each. Out: how large each such memory is, counted once, whoever maps it. The
//! kernel's counters (`RssShmem`) leave out what was written and then unmapped or given back by `MADV_DONTNEED`: it
//! still takes memory. Of a memory that is mapped in part nobody can see the size; the filter of system calls bounds
//! it, and [`Shared::hidden_bytes`] takes each for that large. Tests are at the end and in `tests/it/limits.rs`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use rustix::process::Pid;

use crate::limits::{MAPS_BYTES_MAX, MAPS_IN_ALL_BYTES_MAX};

/// What the kernel calls memory that is mapped from no file: `/dev/zero` and none are the same to it.
const NAMES: &[&str] =
    &["/dev/zero (deleted)", "[anon_shmem:", "/SYSV", "/memfd:", "/anon_hugepage (deleted)"];

/// Every such memory at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::jail) struct Shared {
    /// By device and inode, the highest byte that is mapped somewhere.
    memories: BTreeMap<(String, u64), u64>,
    /// Whether some process could not be looked at: it may have any.
    pub(in crate::jail) unread: bool,
}

impl Shared {
    pub(in crate::jail) fn of(processes: &[Pid]) -> Self {
        let mut shared = Self::default();
        let mut left = MAPS_IN_ALL_BYTES_MAX;
        for process in processes {
            match maps(*process, left.min(MAPS_BYTES_MAX)) {
                Ok(text) => {
                    left = left.saturating_sub(text.len());
                    shared.add(&text);
                }
                // It has ended since.
                Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)) => {}
                Err(_) => shared.unread = true,
            }
        }
        shared
    }

    /// What is mapped.
    pub(in crate::jail) fn bytes(&self) -> u64 {
        self.memories.values().fold(0, |sum, bytes| sum.saturating_add(*bytes))
    }

    /// What may stand in parts that are not mapped any more, where no memory is larger than `one_bytes_max`.
    pub(in crate::jail) fn hidden_bytes(&self, one_bytes_max: u64) -> u64 {
        let hidden = self.memories.values().map(|bytes| one_bytes_max.saturating_sub(*bytes));
        hidden.fold(0, u64::saturating_add)
    }

    fn add(&mut self, maps: &str) {
        for (key, end) in maps.lines().filter_map(memory) {
            let known = self.memories.entry(key).or_default();
            *known = end.max(*known);
        }
    }
}

/// One line of `proc_pid_maps(5)`, if it is of such a memory: which one, and where in it the mapping ends.
fn memory(line: &str) -> Option<((String, u64), u64)> {
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let shared = words.next()?.ends_with('s');
    let offset = u64::from_str_radix(words.next()?, 16).ok()?;
    let device = words.next()?.to_owned();
    let inode = words.next()?.parse().ok()?;
    let name = words.next()?.trim_start();
    if !shared || !NAMES.iter().any(|known| name.starts_with(known)) {
        return None;
    }
    let hex = |text| u64::from_str_radix(text, 16).ok();
    let length = hex(end)?.checked_sub(hex(start)?)?;
    Some(((device, inode), offset.saturating_add(length)))
}

/// The mappings of a process. If its first thread has ended, another one knows them.
fn maps(process: Pid, most: usize) -> io::Result<String> {
    let directory = format!("/proc/{}", process.as_raw_nonzero());
    let directory = Path::new(&directory);
    match bounded(&directory.join("maps"), most) {
        Ok(text) if text.is_empty() => {}
        other => return other,
    }
    for thread in fs::read_dir(directory.join("task"))? {
        match bounded(&thread?.path().join("maps"), most) {
            Ok(text) if text.is_empty() => {}
            other => return other,
        }
    }
    Ok(String::new())
}

fn bounded(path: &Path, most: usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(io::Error::other("more mappings than are looked at"));
    }
    // Names may be anything; what is looked for is plain.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(maps: &str, bytes: u64, hidden: u64) {
        let mut shared = Shared::default();
        shared.add(maps);
        assert_eq!((shared.bytes(), shared.hidden_bytes(0x10000)), (bytes, hidden), "{maps}");
    }

    #[test]
    fn memory_is_counted_once_and_up_to_its_highest_byte() {
        let one = "7f00-9f00 rw-s 00000000 00:01 77                    /dev/zero (deleted)\n";
        check(one, 0x2000, 0xe000);
        check(&format!("{one}{one}"), 0x2000, 0xe000);
        check(&one.replace("00000000", "00003000"), 0x5000, 0xb000);
        check(&format!("{one}{}", one.replace("77", "78")), 0x4000, 0x1c000);
        check(&one.replace("/dev/zero (deleted)", "[anon_shmem:a name]"), 0x2000, 0xe000);
        check(&one.replace("/dev/zero", "/memfd:x y"), 0x2000, 0xe000);
        check(&one.replace("rw-s", "---s"), 0x2000, 0xe000);
    }

    #[test]
    fn files_and_memory_of_one_process_are_not() {
        check("7f00-9f00 rw-s 00000000 08:01 77                    /tmp/file\n", 0, 0);
        check("7f00-9f00 rw-p 00000000 00:00 0 \n", 0, 0);
        check("7f00-9f00 rw-p 00000000 00:00 0                     [heap]\n", 0, 0);
        check("7f00-9f00 r-xp 00000000 08:01 3                     /usr/bin/sh\nrubbish\n", 0, 0);
    }
}
