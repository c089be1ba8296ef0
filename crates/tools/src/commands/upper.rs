//! From the upper layer of an overlay to a plan.
//!
//! ```text
//! upper layer -> list: whiteouts, opaque directories, what was copied up or made
//!             -> each beside what stood before -> Draft -> Plan
//! ```
//! The layer is an open directory; nothing in it is followed. Only what the command touched is looked at, on both
//! sides. What a plan has no words for (devices, sockets, setuid bits, names that are not text) is refused with its
//! path, never left out. Tests: `tests/it/upper.rs`, and against commands run directly in `tests/it/equality.rs`.

use std::collections::BTreeSet;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};

use domain::{FileState, Node, Plan, limits};
use rustix::fs::{AtFlags, Dir, FileType, OFlags, Stat};
use rustix::io::Errno;

use super::draft::Draft;
use super::layer::set_mode;
use super::lower::{Before, Lower};
use crate::files::look::{Allowance, Looked, Seen, look_at, open_regular};
use crate::files::problem::{Problem, While};
use crate::files::workspace::{Place, beneath, checked, join, split, within};
use contract::path::ROOT;

/// The directory hides what stands below it.
const OPAQUE: &str = "user.overlay.opaque";
/// An empty file that stands for a deletion, where a file system cannot hold the device that usually does.
const WHITEOUT: &str = "user.overlay.whiteout";
/// It was there before and copied up.
const ORIGIN: &str = "user.overlay.origin";
/// Attributes that would make the layer say something else than its entries do. The jail never switches them on.
const FOREIGN: [&str; 2] = ["user.overlay.redirect", "user.overlay.metacopy"];
/// Bytes of a list of attribute names, the kernel's own bound (XATTR_LIST_MAX).
const NAMES_BYTES_MAX: usize = 64 << 10;
const MODE_BITS: u32 = 0o7777;
const SPECIAL_BITS: u32 = 0o7000;
const OWNER_BITS: u32 = 0o700;

/// An upper layer, with where caches were mounted in it.
#[derive(Debug)]
pub(super) struct UpperLayer<'u> {
    pub(super) directory: &'u OwnedFd,
    pub(super) mounted: &'u [String],
}

/// One entry of the layer.
#[derive(Debug)]
struct Entry {
    path: String,
    /// The entry it stands in; none for the layer's own top.
    parent: Option<usize>,
    mark: Mark,
}

#[derive(Debug)]
enum Mark {
    Gone,
    Directory {
        mode: u32,
        opaque: bool,
        copied_up: bool,
        /// Where its entries stand in the list.
        inside: Range<usize>,
    },
    Other {
        mode: u32,
    },
}

/// What stood below a directory of the layer before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// No directory: nothing.
    Bare,
    /// A directory whose entries are still there.
    Merged,
    /// A directory whose entries are gone, unless they stand in the layer again.
    Hidden,
}

/// The plan of a command that left this layer on this ground.
pub(super) fn plan(layer: &UpperLayer<'_>, lower: &Lower<'_>) -> Result<Plan, Problem> {
    let mut reading = Reading {
        layer,
        lower,
        draft: Draft::default(),
        grounds: Vec::new(),
        after: Allowance::plan(),
        before: Allowance::hashes(),
    };
    let entries = layer.entries()?;
    for entry in &entries {
        let ground = reading.compare(entry, &entries)?;
        reading.grounds.push(ground);
    }
    let Reading { mut draft, mut after, .. } = reading;
    draft.without_mount_points(layer.mounted);
    draft.finish(lower, &mut after)
}

/// Names that stand in a directory of the layer, without those that are gone.
fn present(entries: &[Entry], inside: &Range<usize>) -> BTreeSet<String> {
    let inside = entries.get(inside.clone()).unwrap_or_default();
    let standing = inside.iter().filter(|entry| !matches!(entry.mark, Mark::Gone));
    standing.map(|entry| split(&entry.path).1.to_owned()).collect()
}

struct Reading<'r> {
    layer: &'r UpperLayer<'r>,
    lower: &'r Lower<'r>,
    draft: Draft,
    /// For each entry that was read, what stood below it.
    grounds: Vec<Ground>,
    after: Allowance,
    before: Allowance,
}

impl Reading<'_> {
    fn compare(&mut self, entry: &Entry, entries: &[Entry]) -> Result<Ground, Problem> {
        let path = entry.path.as_str();
        let around = match entry.parent {
            None => return self.top(&entry.mark),
            Some(parent) => self.grounds.get(parent).copied().unwrap_or(Ground::Bare),
        };
        let before = match around {
            Ground::Bare => None,
            Ground::Merged | Ground::Hidden => self.lower.look(path, &mut self.before)?,
        };
        let was_directory = before.as_ref().is_some_and(is_directory);
        match &entry.mark {
            Mark::Gone => {
                self.gone(path, before)?;
                Ok(Ground::Bare)
            }
            Mark::Directory { mode, opaque, copied_up, inside } => {
                // Above a cache stand directories that the jail made for it.
                let holds_mount = self.layer.mounted.iter().any(|mounted| within(mounted, path));
                if before.is_none() && *copied_up && !holds_mount {
                    return Err(vanished(path));
                }
                let ground = match (was_directory, *opaque || around == Ground::Hidden) {
                    (false, _) => Ground::Bare,
                    (true, false) => Ground::Merged,
                    (true, true) => Ground::Hidden,
                };
                let after = plain(path, *mode, Node::Directory)?;
                self.draft.push(path, before, Some(after))?;
                if ground == Ground::Hidden {
                    self.gone_from(path, &present(entries, inside))?;
                }
                Ok(ground)
            }
            Mark::Other { mode } => {
                let (after, copied_up) = self.standing(path, *mode)?;
                if before.is_none() && copied_up && around != Ground::Bare {
                    // Moved here, or taken away below by others: where nobody did anything, it was moved.
                    self.lower.is_quiet(path)?;
                }
                if was_directory {
                    self.gone_from(path, &BTreeSet::new())?;
                }
                self.draft.push(path, before, Some(after))?;
                Ok(Ground::Bare)
            }
        }
    }

    /// The workspace itself: its entries can change, it cannot.
    fn top(&self, mark: &Mark) -> Result<Ground, Problem> {
        let stat = self.lower.workspace.stat();
        let stat = stat.map_err(|errno| Problem::system(ROOT, errno, While::Looking))?;
        match mark {
            Mark::Directory { mode, .. } if *mode == stat.st_mode & MODE_BITS => Ok(Ground::Merged),
            Mark::Directory { mode, .. } => Err(Problem::Special {
                path: ROOT.to_owned(),
                why: format!("the command gave the workspace itself the mode {mode:04o}"),
            }),
            Mark::Gone | Mark::Other { .. } => {
                Err(Problem::NotADirectory { path: ROOT.to_owned(), what: "no directory" })
            }
        }
    }

    /// A path and everything below it is gone.
    fn gone(&mut self, path: &str, before: Option<Before>) -> Result<(), Problem> {
        if before.as_ref().is_some_and(is_directory) {
            self.gone_from(path, &BTreeSet::new())?;
        }
        self.draft.push(path, before, None)
    }

    /// What stood in a directory is gone, but for some names.
    fn gone_from(&mut self, path: &str, but: &BTreeSet<String>) -> Result<(), Problem> {
        let mut open = vec![path.to_owned()];
        while let Some(directory) = open.pop() {
            let names = self.lower.names(&directory)?;
            let spared = |name: &String| directory == path && but.contains(name);
            for name in names.iter().filter(|name| !spared(name)) {
                let child = join(&directory, name);
                let before = self.lower.look(&child, &mut self.before)?;
                if before.as_ref().is_some_and(is_directory) {
                    open.push(child.clone());
                }
                self.draft.push(&child, before, None)?;
            }
        }
        Ok(())
    }

    /// What the command left at a path, and whether it was copied up from below.
    fn standing(&mut self, path: &str, mode: u32) -> Result<(FileState, bool), Problem> {
        let place = self.layer.place(path)?;
        let looked = match look_at(&place, &mut self.after, path) {
            Err(Problem::NotReadable { .. }) => {
                open_up(&place.directory, place.name, mode)
                    .map_err(|errno| Problem::system(path, errno, While::Looking))?;
                look_at(&place, &mut self.after, path)?
            }
            other => other?,
        };
        let Looked { state, stat, extras } = match looked {
            Seen::Plain(looked) => looked,
            Seen::Special(what) => return Err(special(path, what)),
            Seen::Nothing => return Err(vanished(path)),
        };
        if extras.capabilities {
            return Err(special(path, "a file with capabilities"));
        }
        let copied_up = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {
                let file = open_regular(&place);
                let file = file.map_err(|errno| Problem::system(path, errno, While::Looking))?;
                let file = file.ok_or_else(|| vanished(path))?;
                Attributes::of(&file, path)?.copied_up
            }
            // Links have no attributes of users.
            FileType::Symlink
            | FileType::Directory
            | FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => false,
        };
        let mode = if matches!(state.node, Node::Link { .. }) { state.mode } else { mode };
        Ok((plain(path, mode, state.node)?, copied_up))
    }
}

impl UpperLayer<'_> {
    /// Everything in the layer, parents before children. Nothing is read but names, kinds and attributes.
    fn entries(&self) -> Result<Vec<Entry>, Problem> {
        let mut entries = vec![Entry { path: ROOT.to_owned(), parent: None, mark: self.top()? }];
        let mut next = 0;
        while let Some(entry) = entries.get(next) {
            if matches!(entry.mark, Mark::Directory { .. }) {
                let path = entry.path.clone();
                let first = entries.len();
                self.list(&path, next, &mut entries)?;
                let all = first..entries.len();
                if let Some(Entry { mark: Mark::Directory { inside, .. }, .. }) =
                    entries.get_mut(next)
                {
                    *inside = all;
                }
            }
            next += 1;
        }
        Ok(entries)
    }

    fn top(&self) -> Result<Mark, Problem> {
        let stat = rustix::fs::fstat(self.directory);
        let stat = stat.map_err(|errno| Problem::system(ROOT, errno, While::Looking))?;
        let mode = stat.st_mode & MODE_BITS;
        Ok(Mark::Directory { mode, opaque: false, copied_up: true, inside: 0..0 })
    }

    fn list(&self, path: &str, index: usize, entries: &mut Vec<Entry>) -> Result<(), Problem> {
        let directory = self.opened(path)?;
        let names = listed(&directory, path)?;
        if entries.len() + names.len() > limits::DIRECTORY_ENTRIES_MAX {
            return Err(too_many());
        }
        for name in names {
            let child = join(path, &name);
            if self.mounted.contains(&child) {
                continue;
            }
            checked(&child)?;
            let mark = mark(&directory, &name, &child)?;
            entries.push(Entry { path: child, parent: Some(index), mark });
        }
        Ok(())
    }

    /// A directory of the layer, to list.
    fn opened(&self, path: &str) -> Result<OwnedFd, Problem> {
        beneath(self.directory, path, OFlags::RDONLY | OFlags::DIRECTORY)
            .map_err(|errno| Problem::system(path, errno, While::Looking))
    }

    fn place<'p>(&self, path: &'p str) -> Result<Place<'p>, Problem> {
        let (parent, name) = split(path);
        let directory = beneath(self.directory, parent, OFlags::PATH | OFlags::DIRECTORY);
        let directory = directory.map_err(|errno| Problem::system(path, errno, While::Looking))?;
        Ok(Place { directory, name })
    }
}

/// Names in a directory, all of which a plan can say.
pub(super) fn listed(directory: &OwnedFd, path: &str) -> Result<BTreeSet<String>, Problem> {
    let wrong = |errno| Problem::system(path, errno, While::Looking);
    let mut names = BTreeSet::new();
    for entry in Dir::read_from(directory).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        if names.len() >= limits::DIRECTORY_ENTRIES_MAX {
            return Err(too_many());
        }
        let name = name.to_str().map_err(|_| Problem::Special {
            path: join(path, &name.to_string_lossy()),
            why: "its name is not UTF-8, and no plan can say it; use another name".to_owned(),
        })?;
        names.insert(name.to_owned());
    }
    Ok(names)
}

fn too_many() -> Problem {
    Problem::TooLarge(format!(
        "the command touches more than {} files, links and directories; let it work on a smaller part, or name what \
         it makes as a cache",
        limits::DIRECTORY_ENTRIES_MAX
    ))
}

/// What an entry is, by its kind and the overlay's attributes.
fn mark(directory: &OwnedFd, name: &str, path: &str) -> Result<Mark, Problem> {
    let wrong = |errno| Problem::system(path, errno, While::Looking);
    let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).map_err(wrong)?;
    let mode = stat.st_mode & MODE_BITS;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::CharacterDevice if is_whiteout(&stat) => Ok(Mark::Gone),
        FileType::Directory => {
            open_up(directory, name, mode).map_err(wrong)?;
            let opened = beneath(directory, name, OFlags::RDONLY | OFlags::DIRECTORY);
            let Attributes { opaque, copied_up, .. } =
                Attributes::of(&opened.map_err(wrong)?, path)?;
            Ok(Mark::Directory { mode, opaque, copied_up, inside: 0..0 })
        }
        FileType::RegularFile if stat.st_size == 0 => {
            let file = beneath(directory, name, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY);
            let whiteout = match file {
                // Our own user left it without the right to read: nothing the overlay would do.
                Err(Errno::ACCESS) => false,
                other => Attributes::of(&other.map_err(wrong)?, path)?.whiteout,
            };
            Ok(if whiteout { Mark::Gone } else { Mark::Other { mode } })
        }
        FileType::RegularFile | FileType::Symlink => Ok(Mark::Other { mode }),
        FileType::Fifo => Err(special(path, "a named pipe")),
        FileType::Socket => Err(special(path, "a socket")),
        FileType::CharacterDevice | FileType::BlockDevice => Err(special(path, "a device")),
        FileType::Unknown => Err(special(path, "of an unknown kind")),
    }
}

fn is_whiteout(stat: &Stat) -> bool {
    rustix::fs::major(stat.st_rdev) == 0 && rustix::fs::minor(stat.st_rdev) == 0
}

/// What the overlay says in attributes.
#[derive(Debug, Clone, Copy, Default)]
struct Attributes {
    opaque: bool,
    copied_up: bool,
    whiteout: bool,
}

impl Attributes {
    fn of(file: &OwnedFd, path: &str) -> Result<Self, Problem> {
        let wrong = |errno| Problem::system(path, errno, While::Looking);
        let mut list = vec![0_u8; NAMES_BYTES_MAX];
        let count = match rustix::fs::flistxattr(file, list.as_mut_slice()) {
            Err(Errno::OPNOTSUPP) => 0,
            found => found.map_err(wrong)?,
        };
        let mut attributes = Self::default();
        for name in list.get(..count).unwrap_or_default().split(|byte| *byte == 0) {
            let is = |known: &str| name == known.as_bytes();
            if FOREIGN.into_iter().any(is) {
                return Err(special(path, "marked by the overlay in a way that is not expected"));
            }
            attributes.copied_up |= is(ORIGIN);
            attributes.whiteout |= is(WHITEOUT);
            // `x` says that deletions below are kept as attributes, not that anything is hidden.
            attributes.opaque |= is(OPAQUE) && first_byte(file, OPAQUE).map_err(wrong)? == b'y';
        }
        Ok(attributes)
    }
}

fn first_byte(file: impl AsFd, name: &str) -> Result<u8, Errno> {
    let mut value = [0_u8; 8];
    rustix::fs::fgetxattr(file, name, &mut value)?;
    let [first, ..] = value;
    Ok(first)
}

/// Gives the owner the right to look into what the command closed: the layer is ours alone, and the plan has the mode
/// that was found.
pub(super) fn open_up(directory: &OwnedFd, name: &str, mode: u32) -> Result<(), Errno> {
    if mode & OWNER_BITS == OWNER_BITS {
        return Ok(());
    }
    // By a descriptor: `fchmodat` would follow a link.
    let named = beneath(directory, name, OFlags::PATH)?;
    set_mode(&named, (mode | OWNER_BITS) & 0o777)
}

pub(super) fn plain(path: &str, mode: u32, node: Node) -> Result<FileState, Problem> {
    if mode & SPECIAL_BITS != 0 {
        return Err(Problem::Special {
            path: path.to_owned(),
            why: format!(
                "it would have setuid, setgid or sticky bits ({mode:04o}); leave them off"
            ),
        });
    }
    Ok(FileState { mode, node })
}

pub(super) fn is_directory(before: &Before) -> bool {
    matches!(before.state.node, Node::Directory)
}

fn vanished(path: &str) -> Problem {
    Problem::ChangedSince(format!("`{path}` was taken away while the command ran"))
}

pub(super) fn special(path: &str, what: &str) -> Problem {
    Problem::Special {
        path: path.to_owned(),
        why: format!(
            "the command left {what} there, which no plan can say; let it remove it, or make it in /tmp"
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use rustix::fs::{CWD, Mode};

    use super::*;

    #[test]
    fn opening_up_does_not_follow_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let [outside, layer] = ["outside", "layer"].map(|name| directory.path().join(name));
        for path in [&outside, &layer] {
            std::fs::create_dir(path).unwrap();
        }
        std::fs::create_dir(layer.join("closed")).unwrap();
        for path in [&outside, &layer.join("closed")] {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o050)).unwrap();
        }
        symlink(&outside, layer.join("link")).unwrap();
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let opened = rustix::fs::openat(CWD, &layer, flags, Mode::empty()).unwrap();
        let mode = |path| std::fs::metadata(path).map(|metadata| metadata.mode() & MODE_BITS);
        assert_eq!(open_up(&opened, "link", 0o050), Err(Errno::LOOP));
        assert_eq!(mode(outside).unwrap(), 0o050);
        open_up(&opened, "closed", 0o050).unwrap();
        assert_eq!(mode(layer.join("closed")).unwrap(), 0o750);
    }
}
