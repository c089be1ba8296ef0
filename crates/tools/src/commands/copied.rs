//! From a changed copy of the workspace to a plan, where there is no overlay.
//!
//! In: the copy as the command left it, and the workspace. Out: the same plan as `upper.rs` makes, at a cost that grows
//! with the workspace. Files of equal size are compared byte by byte, because a command can set any time stamp. What
//! others changed meanwhile cannot be told from what the command did, so it discards the preview.
//! Tests: `tests/equality.rs`, on the copy rung too.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

use contract::path::ROOT;
use domain::{Node, Plan};
use rustix::fs::{AtFlags, FileType, OFlags, Stat};
use rustix::io::Errno;

use super::draft::Draft;
use super::lower::{Before, Lower};
use super::upper::{is_directory, listed, open_up, plain, special};
use crate::files::look::{Allowance, Seen, look_at};
use crate::files::problem::{Problem, While};
use crate::files::workspace::{Place, beneath, checked, join, split};

const MODE_BITS: u32 = 0o7777;
const CHUNK: usize = 128 << 10;

/// The plan of a command that left this copy. No plan may stand below it.
pub(super) fn plan(copy: &OwnedFd, lower: &Lower<'_>, mounted: &[String]) -> Result<Plan, Problem> {
    let mut comparing = Comparing {
        copy,
        lower,
        mounted,
        draft: Draft::default(),
        after: Allowance::plan(),
        before: Allowance::hashes(),
        open: vec![ROOT.to_owned()],
    };
    comparing.top()?;
    while let Some(path) = comparing.open.pop() {
        comparing.directory(&path)?;
    }
    let Comparing { mut draft, mut after, .. } = comparing;
    draft.without_mount_points(mounted);
    draft.finish(lower, &mut after)
}

struct Comparing<'c> {
    copy: &'c OwnedFd,
    lower: &'c Lower<'c>,
    mounted: &'c [String],
    draft: Draft,
    after: Allowance,
    before: Allowance,
    /// Directories that stand in both and were not looked at yet.
    open: Vec<String>,
}

/// One name in both trees.
struct Pair<'p> {
    path: &'p str,
    now: Place<'p>,
    then: Place<'p>,
}

impl Comparing<'_> {
    /// The workspace itself: its entries can change, it cannot.
    fn top(&self) -> Result<(), Problem> {
        let wrong = |errno| Problem::system(ROOT, errno, While::Looking);
        let now = rustix::fs::fstat(self.copy).map_err(wrong)?.st_mode & MODE_BITS;
        let then = self.lower.workspace.stat().map_err(wrong)?.st_mode & MODE_BITS;
        if now == then {
            return Ok(());
        }
        Err(Problem::Special {
            path: ROOT.to_owned(),
            why: format!("the command gave the workspace itself the mode {now:04o}"),
        })
    }

    /// A directory that stands in both.
    fn directory(&mut self, path: &str) -> Result<(), Problem> {
        let wrong = |errno| Problem::system(path, errno, While::Looking);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let now = beneath(self.copy, path, flags).map_err(wrong)?;
        let then = self.lower.workspace.readable_directory(path).map_err(wrong)?;
        let before = listed(&then, path)?;
        for name in listed(&now, path)?.union(&before) {
            let path = join(path, name);
            if self.mounted.contains(&path) {
                continue;
            }
            let clone =
                |directory: &OwnedFd| directory.try_clone().map_err(|_| wrong(Errno::MFILE));
            let pair = Pair {
                path: &path,
                now: Place { directory: clone(&now)?, name },
                then: Place { directory: clone(&then)?, name },
            };
            self.pair(&pair)?;
        }
        Ok(())
    }

    fn pair(&mut self, pair: &Pair<'_>) -> Result<(), Problem> {
        let path = pair.path;
        match (stat(&pair.now, path)?, stat(&pair.then, path)?) {
            (None, None) => Ok(()),
            (Some(now), Some(then)) if kind(&now) == kind(&then) => self.both(pair, &now, &then),
            (Some(_), Some(_)) => {
                let before = self.lower.look(path, &mut self.before)?;
                self.gone_below(path, before.as_ref())?;
                self.came(path, before)
            }
            (Some(_), None) => {
                // What others took away looks as if the command had made it.
                self.lower.is_quiet(path)?;
                self.came(path, None)
            }
            (None, Some(_)) => {
                let before = self.lower.look(path, &mut self.before)?;
                self.gone_below(path, before.as_ref())?;
                self.draft.push(path, before, None)
            }
        }
    }

    /// Two things of one kind.
    fn both(&mut self, pair: &Pair<'_>, now: &Stat, then: &Stat) -> Result<(), Problem> {
        let path = pair.path;
        let modes_equal = (now.st_mode ^ then.st_mode) & MODE_BITS == 0;
        match kind(now) {
            FileType::Directory => {
                open_up(&pair.now.directory, pair.now.name, now.st_mode & MODE_BITS)
                    .map_err(|errno| Problem::system(path, errno, While::Looking))?;
                self.open.push(path.to_owned());
                if modes_equal {
                    return Ok(());
                }
            }
            FileType::RegularFile => {
                if modes_equal && now.st_size == then.st_size && contents_equal(pair)? {
                    return Ok(());
                }
            }
            FileType::Symlink => {}
            // As it was: nothing of it can be said, and nothing has to be.
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => return Ok(()),
        }
        let before = self.lower.look(path, &mut self.before)?;
        let after = self.state(path, Some(now.st_mode))?;
        self.draft.push(path, before, Some(after))
    }

    /// Something new, with everything in it.
    fn came(&mut self, path: &str, before: Option<Before>) -> Result<(), Problem> {
        let after = self.state(path, None)?;
        let directory = matches!(after.node, Node::Directory);
        self.draft.push(path, before, Some(after))?;
        let mut open: Vec<String> = directory.then(|| path.to_owned()).into_iter().collect();
        while let Some(path) = open.pop() {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY;
            let opened = beneath(self.copy, &path, flags);
            let opened = opened.map_err(|errno| Problem::system(&path, errno, While::Looking))?;
            for name in listed(&opened, &path)? {
                let child = join(&path, &name);
                if self.mounted.contains(&child) {
                    continue;
                }
                let after = self.state(&child, None)?;
                if matches!(after.node, Node::Directory) {
                    open.push(child.clone());
                }
                self.draft.push(&child, None, Some(after))?;
            }
        }
        Ok(())
    }

    /// What stood in a directory is gone with it.
    fn gone_below(&mut self, path: &str, before: Option<&Before>) -> Result<(), Problem> {
        if !before.is_some_and(is_directory) {
            return Ok(());
        }
        let mut open = vec![path.to_owned()];
        while let Some(directory) = open.pop() {
            for name in self.lower.names(&directory)? {
                let child = join(&directory, &name);
                let before = self.lower.look(&child, &mut self.before)?;
                if before.as_ref().is_some_and(is_directory) {
                    open.push(child.clone());
                }
                self.draft.push(&child, before, None)?;
            }
        }
        Ok(())
    }

    /// What stands in the copy, which had this mode before it was opened up, if it was.
    fn state(&mut self, path: &str, mode: Option<u32>) -> Result<domain::FileState, Problem> {
        let wrong = |errno| Problem::system(path, errno, While::Looking);
        checked(path)?;
        let (parent, name) = split(path);
        let directory = beneath(self.copy, parent, OFlags::PATH | OFlags::DIRECTORY);
        let place = Place { directory: directory.map_err(wrong)?, name };
        let found = stat(&place, path)?.map(|found| found.st_mode);
        let mode = mode.or(found).unwrap_or_default() & MODE_BITS;
        match found.map(FileType::from_raw_mode) {
            Some(FileType::Directory | FileType::RegularFile) => {
                open_up(&place.directory, place.name, mode).map_err(wrong)?;
            }
            Some(
                FileType::Symlink
                | FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown,
            )
            | None => {}
        }
        match look_at(&place, &mut self.after, path)? {
            Seen::Plain(looked) if matches!(looked.state.node, Node::Link { .. }) => {
                Ok(looked.state)
            }
            Seen::Plain(looked) => plain(path, mode, looked.state.node),
            Seen::Special(what) => Err(special(path, what)),
            Seen::Nothing => Err(Problem::ChangedSince(format!("`{path}` went away meanwhile"))),
        }
    }
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn stat(place: &Place<'_>, path: &str) -> Result<Option<Stat>, Problem> {
    match rustix::fs::statat(&place.directory, place.name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(Problem::system(path, errno, While::Looking)),
    }
}

/// Whether two files of equal size hold the same bytes.
fn contents_equal(pair: &Pair<'_>) -> Result<bool, Problem> {
    let wrong = |errno| Problem::system(pair.path, errno, While::Looking);
    let open = |place: &Place<'_>| {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        beneath(&place.directory, place.name, flags).map(File::from).map_err(wrong)
    };
    let mut now = match open(&pair.now) {
        // Closed by the command: its mode is another in any case.
        Err(Problem::NotReadable { .. }) => return Ok(false),
        opened => opened?,
    };
    let mut then = open(&pair.then)?;
    let (mut one, mut other) = (vec![0_u8; CHUNK], vec![0_u8; CHUNK]);
    loop {
        let count = fill(&mut now, &mut one).map_err(wrong)?;
        if count != fill(&mut then, &mut other).map_err(wrong)?
            || one.get(..count) != other.get(..count)
        {
            return Ok(false);
        }
        if count < CHUNK {
            return Ok(true);
        }
    }
}

fn fill(file: &mut File, buffer: &mut [u8]) -> Result<usize, Errno> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
        }
    }
    Ok(filled)
}
