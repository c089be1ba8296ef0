//! Copies a workspace into memory, where the overlay does not work.
//!
//! In: two directories, the target empty and of bounded size. Out: the same tree, with modes, times, links, pipes and
//! dead sockets, and under root with owners. Hard links become files of their own. Devices are refused. Others may work
//! in the workspace meanwhile: nothing is opened but by names below it, without any link on the way, and what was opened
//! is what counts. The whole copy fails if any part of it does. Tests are at the end and in `tests/it`.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, Timespec, Timestamps,
};

use super::identity::Change;
use crate::report::{At, Failure, Step};

/// Copies what is in `from` into `to`, which nobody else sees.
pub(super) fn tree(from: &Path, to: &Path, owners: Change) -> Result<(), Failure> {
    let named = |path: &Path| format!("copy `{}`", from.join(path).display());
    let source = super::root::open(from).at(Step::Upper, named(Path::new("")))?;
    let mut waiting = vec![PathBuf::new()];
    // Times of directories are set last, since filling them changes them.
    let mut directories = Vec::new();
    while let Some(path) = waiting.pop() {
        let directory = directory(&source, &path).at(Step::Upper, named(&path))?;
        let found = File::from(directory.try_clone().at(Step::Upper, named(&path))?)
            .metadata()
            .at(Step::Upper, named(&path))?;
        if !path.as_os_str().is_empty() {
            dress(&to.join(&path), &found, owners).at(Step::Upper, named(&path))?;
            directories.push((to.join(&path), found));
        }
        for entry in Dir::read_from(&directory).at(Step::Upper, named(&path))? {
            let entry = entry.at(Step::Upper, named(&path))?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let path = path.join(name);
            if one(&directory, name, &to.join(&path), owners).at(Step::Upper, named(&path))?
                == FileType::Directory
            {
                waiting.push(path);
            }
        }
    }
    for (to, found) in directories.iter().rev() {
        times(to, found).at(Step::Upper, "set times")?;
    }
    Ok(())
}

/// Opens a directory below the workspace that no link leads to.
fn directory(root: &OwnedFd, path: &Path) -> io::Result<OwnedFd> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    open(root, path.as_os_str(), OFlags::RDONLY | OFlags::DIRECTORY)
}

fn open(directory: &OwnedFd, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    Ok(rustix::fs::openat2(directory, name, flags | OFlags::CLOEXEC, Mode::empty(), resolve)?)
}

/// Copies one entry, but not what is in it, and tells what it was.
fn one(directory: &OwnedFd, name: &OsStr, to: &Path, owners: Change) -> io::Result<FileType> {
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    let kind = kind(&rustix::fs::statat(directory, name, flags)?);
    match kind {
        // Closed to the command until it is known which directory it is filled from.
        FileType::Directory => rustix::fs::mkdirat(CWD, to, Mode::RWXU)?,
        FileType::RegularFile => {
            // What has become a pipe since is not waited for.
            let file = open(directory, name, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
            let mut file = File::from(file);
            let found = file.metadata()?;
            if !found.is_file() {
                return Err(changed());
            }
            io::copy(&mut file, &mut File::create_new(to)?)?;
            dress(to, &found, owners)?;
        }
        FileType::Symlink => {
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let link = rustix::fs::openat(directory, name, flags, Mode::empty())?;
            let target = rustix::fs::readlinkat(&link, "", Vec::new())?;
            symlink(OsStr::from_bytes(target.as_bytes()), to)?;
            dress(to, &File::from(link).metadata()?, owners)?;
        }
        FileType::Fifo | FileType::Socket => {
            let node = open(directory, name, OFlags::PATH | OFlags::NOFOLLOW)?;
            let found = File::from(node).metadata()?;
            if FileType::from_raw_mode(found.mode()) != kind {
                return Err(changed());
            }
            rustix::fs::mknodat(CWD, to, kind, Mode::from_raw_mode(found.mode()), 0)?;
            dress(to, &found, owners)?;
        }
        FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => {
            return Err(io::Error::other("a device is not copied"));
        }
    }
    Ok(kind)
}

fn kind(found: &Stat) -> FileType {
    FileType::from_raw_mode(found.st_mode)
}

fn changed() -> io::Error {
    io::Error::other("it became something else while it was copied")
}

/// Owner, mode and times, in this order: a change of owner clears parts of the mode.
fn dress(to: &Path, found: &fs::Metadata, owners: Change) -> io::Result<()> {
    if owners == Change::FromRoot {
        lchown(to, Some(found.uid()), Some(found.gid()))?;
    }
    if !found.is_symlink() {
        fs::set_permissions(to, fs::Permissions::from_mode(found.mode() & 0o7777))?;
    }
    times(to, found)
}

fn times(to: &Path, found: &fs::Metadata) -> io::Result<()> {
    let times = Timestamps {
        last_access: Timespec { tv_sec: found.atime(), tv_nsec: found.atime_nsec() },
        last_modification: Timespec { tv_sec: found.mtime(), tv_nsec: found.mtime_nsec() },
    };
    rustix::fs::utimensat(CWD, to, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody who may rename in a workspace put a link in place of a directory that had just been listed, and as root
    /// the copy read a directory that only root may read.
    #[test]
    fn directory_that_became_a_link_is_not_entered() {
        let base = tempfile::tempdir().unwrap();
        let workspace = base.path().join("workspace");
        fs::create_dir_all(workspace.join("a/b")).unwrap();
        fs::create_dir_all(base.path().join("secret/b")).unwrap();
        let root = OwnedFd::from(File::open(&workspace).unwrap());
        let listed = Path::new("a/b");
        assert!(directory(&root, listed).is_ok());
        fs::rename(workspace.join("a"), workspace.join("moved")).unwrap();
        symlink("../secret", workspace.join("a")).unwrap();
        assert!(directory(&root, listed).is_err());
        assert!(directory(&root, Path::new("moved/../../secret")).is_err());
    }
}
