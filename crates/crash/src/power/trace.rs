//! What strace wrote, as steps: writes, syncs, names and answers, in their order.
//!
//! ```text
//! 17 pwrite64(5<path>, "\x61…", 4096, 8192) = 4096          begins and ends here
//! 17 fdatasync(5<path> <unfinished ...>                     begins here …
//! 17 <... fdatasync resumed>) = 0                           … and ends here
//! ```
//! A write may be on the disk from its beginning on; a sync covers what had ended when it began, and holds when it
//! has ended. Calls that are not known here and touch the store are an error, never skipped.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use super::record::Recording;
use crate::problem::{Outcome, Trouble};

/// One step of a recording. `at` numbers system calls, to tell their ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A file was opened that may be new, and may be emptied.
    Opened { path: PathBuf, emptied: bool },
    /// Bytes are being written; at the end of the file without an offset.
    Writing { at: u64, path: PathBuf, offset: Option<u64>, bytes: Vec<u8> },
    /// The file is being cut or extended.
    Resizing { at: u64, path: PathBuf, length: u64 },
    /// A name is being taken away.
    Removing { path: PathBuf },
    /// A name is being changed.
    Renaming { from: PathBuf, to: PathBuf },
    /// A file or directory is being synced.
    Syncing { at: u64, path: PathBuf },
    /// The system call of this number has ended.
    Ended { at: u64 },
    /// An answer was given: the line of it.
    Answered(String),
}

/// Reads a recording.
pub(crate) fn read(recording: &Recording) -> Outcome<Vec<Step>> {
    let mut reading = Reading {
        root: &recording.root,
        acknowledged: &recording.acknowledged,
        marks: [hex(&recording.root), hex(&recording.acknowledged)],
        open: HashMap::new(),
        next: 0,
        steps: Vec::new(),
    };
    let file = std::fs::File::open(&recording.trace)?;
    for line in BufReader::new(file).split(b'\n') {
        reading.line(&String::from_utf8_lossy(&line?))?;
    }
    Ok(reading.steps)
}

struct Reading<'a> {
    root: &'a Path,
    acknowledged: &'a Path,
    /// Both as strace prints them: a line without either is of no interest.
    marks: [String; 2],
    /// Calls that have begun, by thread.
    open: HashMap<String, u64>,
    next: u64,
    steps: Vec<Step>,
}

/// Paths as strace prints them with `-xx`.
fn hex(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().iter().map(|byte| format!("\\x{byte:02x}")).collect()
}

impl Reading<'_> {
    fn line(&mut self, line: &str) -> Outcome<()> {
        let Some((thread, rest)) = line.split_once(' ') else { return Ok(()) };
        let rest = rest.trim_start();
        if rest.starts_with("<...") {
            if let Some(at) = self.open.remove(thread) {
                self.steps.push(Step::Ended { at });
            }
            return Ok(());
        }
        if !self.marks.iter().any(|mark| rest.contains(mark.as_str())) {
            return Ok(());
        }
        let unfinished = rest.ends_with("<unfinished ...>");
        // A call that failed has changed nothing.
        if !unfinished && rest.rsplit_once(" = ").is_some_and(|(_, said)| said.starts_with('-')) {
            return Ok(());
        }
        let at = self.next;
        self.next += 1;
        let wrong = || Trouble::other(format!("not understood: {:.200}", rest));
        let call = Call::parse(rest).ok_or_else(wrong)?;
        for step in self.steps_of(&call, at).ok_or_else(wrong)? {
            self.steps.push(step);
        }
        if unfinished {
            self.open.insert(thread.to_owned(), at);
        } else {
            self.steps.push(Step::Ended { at });
        }
        Ok(())
    }

    /// The steps of a call; none where it is not understood.
    fn steps_of(&self, call: &Call<'_>, at: u64) -> Option<Vec<Step>> {
        let step = match call.name {
            "close" | "mkdir" | "mkdirat" => return Some(Vec::new()),
            "openat" => {
                let path = call.string(1)?;
                let flags = call.argument(2)?;
                let changes = flags.contains("O_CREAT") || flags.contains("O_TRUNC");
                if !self.is_ours(&path) || !changes {
                    return Some(Vec::new());
                }
                Step::Opened { path, emptied: flags.contains("O_TRUNC") }
            }
            "write" | "pwrite64" => {
                let (path, bytes) = (call.described(0)?, call.bytes(1)?);
                if path == self.acknowledged {
                    return lines(&bytes);
                }
                if !self.is_ours(&path) {
                    return Some(Vec::new());
                }
                let offset = match call.name {
                    "write" => None,
                    _ => Some(call.argument(3)?.parse().ok()?),
                };
                Step::Writing { at, path, offset, bytes }
            }
            "ftruncate" => {
                let length = call.argument(1)?.parse().ok()?;
                Step::Resizing { at, path: call.described(0)?, length }
            }
            "fsync" | "fdatasync" => Step::Syncing { at, path: call.described(0)? },
            "unlink" => Step::Removing { path: call.string(0)? },
            "unlinkat" => Step::Removing { path: call.string(1)? },
            "rename" => Step::Renaming { from: call.string(0)?, to: call.string(1)? },
            "renameat" | "renameat2" => {
                Step::Renaming { from: call.string(1)?, to: call.string(3)? }
            }
            _ => return None,
        };
        Some(vec![step])
    }

    /// Whether a file belongs to the image. The index of the log lives in shared memory and is made anew.
    fn is_ours(&self, path: &Path) -> bool {
        path.starts_with(self.root) && !path.to_string_lossy().ends_with("-shm")
    }
}

fn lines(bytes: &[u8]) -> Option<Vec<Step>> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.lines().map(|line| Step::Answered(line.to_owned())).collect())
}

/// A system call as printed.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<&'a str>,
}

impl<'a> Call<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (name, rest) = text.split_once('(')?;
        let rest = match rest.strip_suffix("<unfinished ...>") {
            Some(rest) => rest,
            None => rest.rsplit_once(") = ")?.0,
        };
        // With `-xx` no string or path contains a comma.
        let arguments = rest.split(", ").map(|argument| argument.trim_end_matches([',', ' ', ')']));
        Some(Self { name, arguments: arguments.collect() })
    }

    fn argument(&self, place: usize) -> Option<&'a str> {
        self.arguments.get(place).copied()
    }

    /// The path that a descriptor stands for. A deleted file keeps its last name, which nobody finds any more.
    fn described(&self, place: usize) -> Option<PathBuf> {
        let (_, rest) = self.argument(place)?.split_once('<')?;
        let (path, behind) = rest.split_once('>')?;
        let suffix = if behind.starts_with("(deleted)") { " (deleted)" } else { "" };
        let path = String::from_utf8(bytes(path)?).ok()?;
        Some(PathBuf::from(path + suffix))
    }

    fn string(&self, place: usize) -> Option<PathBuf> {
        Some(PathBuf::from(String::from_utf8(self.bytes(place)?).ok()?))
    }

    /// The bytes of a string that was printed whole.
    fn bytes(&self, place: usize) -> Option<Vec<u8>> {
        bytes(self.argument(place)?.strip_prefix('"')?.strip_suffix('"')?)
    }
}

/// `\x61\x62…` to bytes. Plain loops: a recording has hundreds of megabytes of this.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let (fours, rest) = text.as_bytes().as_chunks::<4>();
    let mut bytes = Vec::with_capacity(fours.len());
    for [backslash, x, high, low] in fours {
        if *backslash != b'\\' || *x != b'x' {
            return None;
        }
        bytes.push(nibble(*high)? << 4 | nibble(*low)?);
    }
    rest.is_empty().then_some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        0..=b'/' | b':'..=b'`' | b'g'..=u8::MAX => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(lines: &[String]) -> Vec<Step> {
        let directory = tempfile::tempdir().unwrap();
        let recording = Recording {
            trace: directory.path().join("trace"),
            root: "/s/root".into(),
            acknowledged: "/s/answers".into(),
        };
        std::fs::write(&recording.trace, lines.join("\n")).unwrap();
        read(&recording).unwrap()
    }

    fn shown(text: &str) -> String {
        hex(Path::new(text))
    }

    #[test]
    fn writes_syncs_and_answers_are_read_in_their_order() {
        let (a, answers) = (shown("/s/root/a"), shown("/s/answers"));
        let seen = steps(&[
            format!("7 openat(AT_FDCWD</>, \"{a}\", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 3<{a}>"),
            format!("7 pwrite64(3<{a}>, \"\\x61\\xff\", 2, 4096) = 2"),
            format!("8 fdatasync(3<{a}> <unfinished ...>"),
            format!("7 write(4<{answers}>, \"\\x6f\\x6b\\x0a\", 3) = 3"),
            "8 <... fdatasync resumed>) = 0".to_owned(),
            format!("7 ftruncate(3<{a}>, 9) = 0"),
            format!("7 fsync(3<{}>) = -1 EIO (Input/output error)", a),
            format!("7 write(1<{}>, \"\\x61\", 1) = 1", shown("/elsewhere")),
        ]);
        let path = PathBuf::from("/s/root/a");
        let expect = [
            Step::Opened { path: path.clone(), emptied: false },
            Step::Ended { at: 0 },
            Step::Writing {
                at: 1,
                path: path.clone(),
                offset: Some(4096),
                bytes: vec![0x61, 0xff],
            },
            Step::Ended { at: 1 },
            Step::Syncing { at: 2, path: path.clone() },
            Step::Answered("ok".to_owned()),
            Step::Ended { at: 3 },
            Step::Ended { at: 2 },
            Step::Resizing { at: 4, path, length: 9 },
            Step::Ended { at: 4 },
        ];
        assert_eq!(seen, expect);
    }
}
