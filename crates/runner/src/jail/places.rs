//! Puts the workspace and everything else from outside in its place.
//!
//! In: mounts that are ready. Out: each under its own name, those nearer to the root first. On the way to a place no
//! link is followed, since a workspace may contain any link, and the old root is still there. Directories to read are
//! veiled by an overlay where that works, since a read-only mount does not keep anybody from the sockets in it. Tests
//! are in `tests/it`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::failed;
use super::identity::Identity;
use super::layers;
use super::mount::{PLAIN, READ_ONLY, Tree};
use super::root::{COVERS, LOWER, outside};
use crate::order::{Access, Cover, MountAccess, Order};
use crate::report::{At, Failure, Step};

/// A mount and where it goes.
struct Placed {
    path: PathBuf,
    tree: Tree,
    kind: FileType,
}

/// Which directories the command sees are the real ones, in which a socket would be the real one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    Nothing,
    /// Caches, where only commands write.
    Caches,
    /// Such of others.
    Others,
}

/// Attaches the workspace, paths to read, mounts and caches.
pub(super) fn put(
    order: &Order,
    workspace: Option<Tree>,
    identity: Identity,
) -> Result<Bound, Failure> {
    let mut bound = match (&order.access, order.caches.is_empty()) {
        (Access::Read | Access::Direct, _) => Bound::Others,
        (Access::Overlay { .. } | Access::Copy | Access::Private, false) => Bound::Caches,
        (Access::Overlay { .. } | Access::Copy | Access::Private, true) => Bound::Nothing,
    };
    let path = order.workspace.clone();
    let mut all: Vec<Placed> = workspace
        .map(|tree| Placed { path, tree, kind: FileType::Directory })
        .into_iter()
        .collect();
    let reads = order.reads.iter().map(|path| (path, MountAccess::Read));
    let mounts = order.mounts.iter().map(|mount| (&mount.path, mount.access));
    let below = mounted()?;
    for (number, (path, access)) in reads.chain(mounts).enumerate() {
        let veiled = match access {
            MountAccess::Read => veiled(path, number, &below)?,
            MountAccess::Write => None,
        };
        if let Some(one) = veiled {
            all.push(one);
            continue;
        }
        let one = placed(path, path, access)?;
        if one.kind == FileType::Directory {
            bound = Bound::Others;
        }
        all.push(one);
    }
    for cache in &order.caches {
        all.push(placed(&cache.outside, &cache.inside, MountAccess::Write)?);
    }
    all.sort_by_key(|placed| placed.path.components().count());
    for Placed { path, tree, kind } in all {
        let named = format!("`{}`", path.display());
        let place = walk(&path, kind, missing(order, &path, identity)).at(Step::Paths, &named)?;
        tree.attach(place).at(Step::Paths, format!("mount {named}"))?;
    }
    Ok(bound)
}

/// What becomes of this place if it does not exist.
fn missing(order: &Order, path: &Path, identity: Identity) -> Missing {
    let inner = path.strip_prefix(&order.workspace);
    let inside = inner.is_ok_and(|inner| !inner.as_os_str().is_empty());
    match order.access {
        // Whoever compares the copy knows where caches were.
        Access::Copy if inside => Missing::MadeFor(identity),
        Access::Read | Access::Overlay { .. } | Access::Direct if inside => Missing::Refused,
        Access::Read | Access::Overlay { .. } | Access::Direct | Access::Copy | Access::Private => {
            Missing::Made
        }
    }
}

fn placed(source: &Path, path: &Path, access: MountAccess) -> Result<Placed, Failure> {
    let named = format!("`{}`", source.display());
    let source = outside(source);
    let found = fs::symlink_metadata(&source).at(Step::Paths, &named)?;
    let attributes = match access {
        MountAccess::Read => READ_ONLY,
        MountAccess::Write => PLAIN,
    };
    let tree = Tree::of(&source).at(Step::Paths, format!("take {named}"))?;
    let tree = tree.with(attributes).at(Step::Paths, format!("restrict {named}"))?;
    let kind = FileType::from_raw_mode(found.mode());
    if kind != FileType::Directory && kind != FileType::RegularFile {
        return Err(failed(Step::Paths, format!("{named} is neither a file nor a directory")));
    }
    Ok(Placed { path: path.into(), tree, kind })
}

/// A directory to read behind an overlay; nothing if it is none, or if an overlay would not show all of it.
fn veiled(path: &Path, number: usize, mounted: &[PathBuf]) -> Result<Option<Placed>, Failure> {
    let source = outside(path);
    let below = |mount: &PathBuf| mount != &source && mount.starts_with(&source);
    if !source.is_dir() || mounted.iter().any(below) {
        return Ok(None);
    }
    let empty = format!("{LOWER}/empty");
    fs::create_dir_all(&empty).at(Step::Paths, &empty)?;
    let lower = layers::lower_layer(&source, &format!("read{number}"))?;
    // Not every file system can be below an overlay.
    let Ok(tree) = Tree::veil(&lower, &empty) else { return Ok(None) };
    Ok(Some(Placed { path: path.into(), tree, kind: FileType::Directory }))
}

/// Where something is mounted, by `proc_pid_mountinfo(5)`.
fn mounted() -> Result<Vec<PathBuf>, Failure> {
    let path = "/proc/self/mountinfo";
    let text = fs::read(path).at(Step::Paths, path)?;
    let points = text
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4));
    Ok(points.map(|point| OsString::from_vec(plain(point)).into()).collect())
}

/// Without the kernel's escapes: three octal digits after a backslash.
fn plain(mut escaped: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some((first, rest)) = escaped.split_first() {
        let code = rest.get(..3).and_then(|code| str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                bytes.push(byte);
                escaped = rest.get(3..).unwrap_or_default();
            }
            Some(_) | None => {
                bytes.push(*first);
                escaped = rest;
            }
        }
    }
    bytes
}

/// What becomes of places that do not exist.
#[derive(Debug, Clone, Copy)]
enum Missing {
    Made,
    /// For the command's user, who may want to write beside them.
    MadeFor(Identity),
    /// Inside a workspace: making them would be a change of it.
    Refused,
}

/// Opens a place below the root, from directory to directory.
fn walk(path: &Path, kind: FileType, missing: Missing) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut here = rustix::fs::open("/", flags | OFlags::DIRECTORY, Mode::empty())?;
    let mut names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        Component::RootDir | Component::Prefix(_) | Component::CurDir | Component::ParentDir => {
            None
        }
    });
    let mut next = names.next();
    while let Some(name) = next {
        next = names.next();
        let directory = next.is_some() || kind == FileType::Directory;
        let made = match (missing, directory) {
            (Missing::Refused, _) => Ok(()),
            (Missing::Made, true) => rustix::fs::mkdirat(&here, name, Mode::from(0o755)),
            (Missing::MadeFor(identity), true) => make_for(identity, &here, name),
            (Missing::Made | Missing::MadeFor(_), false) => rustix::fs::openat(
                &here,
                name,
                OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC,
                Mode::from(0o644),
            )
            .map(drop),
        };
        match made {
            // What is there already may be on a read-only mount.
            Ok(()) | Err(Errno::EXIST | Errno::ROFS) => {}
            Err(error) => return Err(error),
        }
        let kind = if directory { OFlags::DIRECTORY } else { OFlags::empty() };
        here = rustix::fs::openat(&here, name, flags | kind, Mode::empty())?;
    }
    Ok(here)
}

fn make_for(identity: Identity, here: &OwnedFd, name: &OsStr) -> rustix::io::Result<()> {
    rustix::fs::mkdirat(here, name, Mode::from(0o755))?;
    let (user, group) = (Some(identity.user), Some(identity.group));
    rustix::fs::chownat(here, name, user, group, AtFlags::SYMLINK_NOFOLLOW)
}

/// Covers paths of the workspace, which is in its place by now.
pub(super) fn cover(order: &Order) -> Result<(), Failure> {
    if order.covers.is_empty() {
        return Ok(());
    }
    let root = walk(&order.workspace, FileType::Directory, Missing::Refused)
        .at(Step::Paths, "the workspace")?;
    for (number, cover) in order.covers.iter().enumerate() {
        cover_one(&root, number, cover)?;
    }
    Ok(())
}

fn cover_one(root: &OwnedFd, number: usize, cover: &Cover) -> Result<(), Failure> {
    let named = format!("cover `{}`", cover.path.display());
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let place = match rustix::fs::openat2(root, &cover.path, flags, Mode::empty(), resolve) {
        Ok(place) => place,
        // There is nothing to cover, and a cover would be a change of the workspace.
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error).at(Step::Paths, named),
    };
    let found = rustix::fs::statat(&place, "", AtFlags::EMPTY_PATH).at(Step::Paths, &named)?;
    let source = format!("{COVERS}/{number}");
    match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile => fs::write(&source, &cover.content).at(Step::Paths, &named)?,
        FileType::Directory if cover.content.is_empty() => {
            fs::create_dir(&source).at(Step::Paths, &named)?;
        }
        FileType::Directory => {
            return Err(failed(Step::Paths, format!("{named}: a directory cannot have content")));
        }
        FileType::Symlink
        | FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => {
            return Err(failed(Step::Paths, format!("{named}: only files and directories can be")));
        }
    }
    let tree = Tree::of(Path::new(&source)).at(Step::Paths, &named)?;
    let tree = tree.with(READ_ONLY).at(Step::Paths, &named)?;
    tree.attach(place.as_fd()).at(Step::Paths, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_mounts_are_read_as_they_are() {
        assert_eq!(plain(b"/a\\040b\\134\\011"), b"/a b\\\t");
        assert_eq!(plain(b"/40\\x"), b"/40\\x");
        assert!(mounted().unwrap().contains(&PathBuf::from("/proc")));
    }
}
