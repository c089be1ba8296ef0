//! A workspace: one directory, and the only way this crate reaches anything below it.
//!
//! The root is opened once; every later look-up starts from that descriptor with `openat2` and
//! `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS`, so that neither `..`, nor a link at any
//! part, nor `/proc` links lead out, whoever swaps what meanwhile. Names are changed relative to a parent
//! opened that way, and never followed. In: resolved paths (`a/b`, `.`). Out: descriptors and names.

use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::path::Path;

use contract::WorkspacePath;
use contract::path::{RESERVED_PREFIX, ROOT};
use domain::limits;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use super::problem::{Problem, While};

/// An open workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: OwnedFd,
}

/// A name in an open directory.
#[derive(Debug)]
pub(crate) struct Place<'p> {
    pub(crate) directory: OwnedFd,
    pub(crate) name: &'p str,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) is_directory: bool,
}

/// Entries of a directory, sorted, without Checkrein's own.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) names: Vec<Named>,
    /// Entries whose names are not UTF-8.
    pub(crate) unreadable: usize,
    /// Names that belong to Checkrein.
    pub(crate) reserved: Vec<String>,
    /// Whether there were more than `limits::DIRECTORY_ENTRIES_MAX`.
    pub(crate) cut: bool,
}

/// Why a directory cannot be a workspace.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("{0}")]
    System(#[from] Errno),
    #[error(
        "this kernel has no `openat2`; Linux 5.6 or later is needed, and a sandbox must not hide it"
    )]
    NoOpenat2,
    #[error(
        "its file system does not tell upper from lower case, so paths could not be compared exactly"
    )]
    CaseFolding,
}

const RESOLVE: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
/// `openat2` answers EAGAIN when a rename elsewhere made it unsure; asking again is the documented way.
const TRIES: usize = 64;

impl Workspace {
    /// Opens an existing directory. Proves that the kernel has `openat2`: there is no weaker way.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
        let workspace = Self { root };
        match workspace.directory(ROOT) {
            Err(Errno::NOSYS) => return Err(OpenError::NoOpenat2),
            found => found?,
        };
        if workspace.folds_case()? {
            return Err(OpenError::CaseFolding);
        }
        Ok(workspace)
    }

    /// What the root is.
    pub(crate) fn stat(&self) -> Result<Stat, Errno> {
        rustix::fs::fstat(&self.root)
    }

    /// A directory, to look names up in.
    pub(crate) fn directory(&self, path: &str) -> Result<OwnedFd, Errno> {
        self.opened(path, OFlags::PATH | OFlags::DIRECTORY)
    }

    /// A directory, to list or to sync.
    pub(crate) fn readable_directory(&self, path: &str) -> Result<OwnedFd, Errno> {
        self.opened(path, OFlags::RDONLY | OFlags::DIRECTORY)
    }

    /// The directory that holds a path's last part. The root has no place.
    pub(crate) fn place<'p>(&self, path: &'p str) -> Result<Place<'p>, Errno> {
        let (parent, name) = split(path);
        Ok(Place { directory: self.directory(parent)?, name })
    }

    /// Who owns what is made at a path: root makes things for the owner of the directory they stand in, so
    /// that a service running as root leaves nothing behind that the workspace's owner cannot change.
    pub(crate) fn maker(&self, path: &str) -> u32 {
        let own = rustix::process::geteuid();
        let parent = self.directory(split(path).0).and_then(rustix::fs::fstat);
        match parent {
            Ok(parent) if own.is_root() => parent.st_uid,
            Ok(_) | Err(_) => own.as_raw(),
        }
    }

    /// The entries of a directory.
    pub(crate) fn names(&self, path: &str) -> Result<Names, Problem> {
        let mut names = Names::default();
        let mut seen = 0;
        self.each_name(path, |name, kind| {
            seen += 1;
            if seen > limits::DIRECTORY_ENTRIES_MAX {
                names.cut = true;
                return ControlFlow::Break(());
            }
            match std::str::from_utf8(name) {
                Ok(name) if is_reserved(name) => names.reserved.push(name.to_owned()),
                Ok(name) => {
                    names.names.push(Named { name: name.to_owned(), is_directory: kind.is_dir() });
                }
                Err(_) => names.unreadable += 1,
            }
            ControlFlow::Continue(())
        })?;
        names.names.sort();
        Ok(names)
    }

    /// Whether a directory has no entries, not even Checkrein's own.
    pub(crate) fn is_empty(&self, path: &str) -> Result<bool, Problem> {
        let mut empty = true;
        self.each_name(path, |_, _| {
            empty = false;
            ControlFlow::Break(())
        })?;
        Ok(empty)
    }

    /// A name beside `path` that differs from it in case only.
    pub(crate) fn look_alike(
        &self,
        path: &str,
        moved: Option<&str>,
    ) -> Result<Option<String>, Problem> {
        let (parent, name) = split(path);
        let leaving = moved.map(split).filter(|(from, _)| *from == parent).map(|(_, name)| name);
        let folded = name.to_lowercase();
        let mut found = None;
        self.each_name(parent, |other, _| match std::str::from_utf8(other) {
            Ok(other)
                if other != name && Some(other) != leaving && other.to_lowercase() == folded =>
            {
                found = Some(other.to_owned());
                ControlFlow::Break(())
            }
            Ok(_) | Err(_) => ControlFlow::Continue(()),
        })?;
        Ok(found)
    }

    fn each_name(
        &self,
        path: &str,
        mut each: impl FnMut(&[u8], FileType) -> ControlFlow<()>,
    ) -> Result<(), Problem> {
        let wrong = |errno| Problem::system(path, errno, While::Looking);
        let directory = self.readable_directory(path).map_err(wrong)?;
        let mut entries = Dir::new(directory).map_err(wrong)?;
        while let Some(entry) = entries.read() {
            let entry = entry.map_err(wrong)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            // Some file systems do not tell kinds in listings.
            let mut kind = entry.file_type();
            if kind == FileType::Unknown {
                let directory = entries.fd().map_err(wrong)?;
                kind = rustix::fs::statat(directory, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
                    .map_or(kind, |stat| FileType::from_raw_mode(stat.st_mode));
            }
            if each(name, kind).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn opened(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        beneath(&self.root, path, flags)
    }

    /// Whether an entry of the root is also found under its name in the other case.
    fn folds_case(&self) -> Result<bool, Errno> {
        let entries = Dir::new(self.readable_directory(ROOT)?)?;
        for entry in entries.take(limits::LISTING_ENTRIES_MAX) {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let other: String = name.chars().map(other_case).collect();
            if other == name {
                continue;
            }
            let look = |name: &str| rustix::fs::statat(&self.root, name, AtFlags::SYMLINK_NOFOLLOW);
            return Ok(match (look(name), look(&other)) {
                (Ok(one), Ok(two)) => (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino),
                (Err(_), _) | (_, Err(_)) => false,
            });
        }
        Ok(false)
    }
}

/// Opens a path below a directory without following anything.
pub(crate) fn beneath(directory: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    // Without O_NOFOLLOW on purpose: RESOLVE_NO_SYMLINKS then answers ELOOP to a link at the last part too,
    // where O_NOFOLLOW with O_DIRECTORY would only say that it is no directory.
    let flags = flags | OFlags::CLOEXEC;
    let mut last = Errno::AGAIN;
    for _ in 0..TRIES {
        match rustix::fs::openat2(directory, path, flags, Mode::empty(), RESOLVE) {
            Err(errno @ (Errno::AGAIN | Errno::INTR)) => last = errno,
            done => return done,
        }
    }
    Err(last)
}

/// The path of the directory and the last part.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or((ROOT, path))
}

/// A name below a directory's path.
pub(crate) fn join(directory: &str, name: &str) -> String {
    if directory == ROOT { name.to_owned() } else { format!("{directory}/{name}") }
}

/// Whether `path` lies below `directory` or is it.
pub(crate) fn within(path: &str, directory: &str) -> bool {
    directory == ROOT
        || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a name belongs to Checkrein.
pub(crate) fn is_reserved(name: &str) -> bool {
    name.get(..RESERVED_PREFIX.len()).is_some_and(|head| head.eq_ignore_ascii_case(RESERVED_PREFIX))
}

/// Checks again what the contract has resolved: this is the last place before the disk.
pub(crate) fn checked(path: &str) -> Result<WorkspacePath, Problem> {
    let resolved =
        WorkspacePath::parse(path, None).map_err(|error| Problem::Path(error.to_string()))?;
    if resolved.as_str() == path {
        Ok(resolved)
    } else {
        Err(Problem::Path(format!("`{path}` is not resolved; expected `{resolved}`")))
    }
}

fn other_case(letter: char) -> char {
    if letter.is_ascii_lowercase() {
        letter.to_ascii_uppercase()
    } else {
        letter.to_ascii_lowercase()
    }
}
