//! Puts the workspace and everything else from outside in its place.
//!
//! In: mounts that are ready. Out: each under its own name, those nearer to the root first. On the way to a place no
//! link is followed, since a workspace may contain any link, and the old root is still there. Tests are in `tests/it`.

use std::ffi::OsStr;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::failed;
use super::identity::Identity;
use super::mount::{PLAIN, READ_ONLY, Tree};
use super::root::{COVERS, outside};
use crate::order::{Access, Cover, MountAccess, Order};
use crate::report::{At, Failure, Step};

/// A mount and where it goes.
struct Placed {
    path: PathBuf,
    tree: Tree,
    kind: FileType,
}

/// Attaches the workspace, paths to read, mounts and caches.
pub(super) fn put(order: &Order, workspace: Tree, identity: Identity) -> Result<(), Failure> {
    let mut all =
        vec![Placed { path: order.workspace.clone(), tree: workspace, kind: FileType::Directory }];
    for path in &order.reads {
        all.push(placed(path, path, MountAccess::Read)?);
    }
    for mount in &order.mounts {
        all.push(placed(&mount.path, &mount.path, mount.access)?);
    }
    for cache in &order.caches {
        all.push(placed(&cache.outside, &cache.inside, MountAccess::Write)?);
    }
    all.sort_by_key(|placed| placed.path.components().count());
    for Placed { path, tree, kind } in all {
        let named = format!("`{}`", path.display());
        let made = match path.strip_prefix(&order.workspace) {
            Ok(inner) if !inner.as_os_str().is_empty() => match order.access {
                // Whoever compares the copy knows where caches were.
                Access::Copy => Missing::MadeFor(identity),
                Access::Read | Access::Overlay { .. } | Access::Direct => Missing::Refused,
            },
            Ok(_) | Err(_) => Missing::Made,
        };
        let place = walk(&path, kind, made).at(Step::Paths, &named)?;
        tree.attach(place).at(Step::Paths, format!("mount {named}"))?;
    }
    Ok(())
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
    let kind = if found.is_dir() { FileType::Directory } else { FileType::RegularFile };
    Ok(Placed { path: path.into(), tree, kind })
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
