//! The machine that the numbers are of, in one line.
//! Told from what the kernel shows of itself; what it does not show is called unknown.

use std::fs;
use std::path::Path;

/// Processor, cores, memory, kernel and file system.
pub(crate) fn describe() -> String {
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "Machine: {processor}, {cores} cores, {memory} of memory, Linux {}, stores on {}.",
        kernel.trim(),
        file_system(&std::env::temp_dir())
    )
}

/// The first value of a name in a file of `name: value` lines.
pub(crate) fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

/// The kind of file system that holds a directory.
fn file_system(directory: &Path) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let holds = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?, words.next()?);
        directory.starts_with(point).then(|| (point.len(), kind.to_owned()))
    };
    let found = mounts.lines().filter_map(holds).max_by_key(|(length, _)| *length);
    found.map_or_else(|| "an unknown file system".to_owned(), |(_, kind)| kind)
}
