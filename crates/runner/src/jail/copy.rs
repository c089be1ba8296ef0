//! Copies a workspace into memory, where the overlay does not work.
//!
//! In: two directories, the target empty and of bounded size. Out: the same tree, with modes, times, links, pipes and
//! dead sockets, and under root with owners. Hard links become files of their own. Devices are refused. No link is
//! followed; the whole copy fails if any part of it does. Tests are in `tests/it`.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Timespec, Timestamps};

use super::failed;
use super::identity::Change;
use crate::report::{At, Failure, Step};

/// Copies what is in `from` into `to`.
pub(super) fn tree(from: &Path, to: &Path, owners: Change) -> Result<(), Failure> {
    let mut waiting: Vec<(PathBuf, PathBuf)> = vec![(from.into(), to.into())];
    // Times of directories are set last, since filling them changes them.
    let mut directories = Vec::new();
    while let Some((from, to)) = waiting.pop() {
        let named = format!("copy `{}`", from.display());
        for entry in fs::read_dir(&from).at(Step::Upper, &named)? {
            let entry = entry.at(Step::Upper, &named)?;
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            let named = format!("copy `{}`", from.display());
            let found = fs::symlink_metadata(&from).at(Step::Upper, &named)?;
            one(&from, &to, &found).at(Step::Upper, &named)?;
            if found.is_dir() {
                waiting.push((from, to.clone()));
            }
            dress(&to, &found, owners).at(Step::Upper, &named)?;
            if found.is_dir() {
                directories.push((to, found));
            }
        }
    }
    for (to, found) in directories.iter().rev() {
        times(to, found).at(Step::Upper, "set times")?;
    }
    Ok(())
}

fn one(from: &Path, to: &Path, found: &fs::Metadata) -> io::Result<()> {
    match FileType::from_raw_mode(found.mode()) {
        FileType::Directory => fs::create_dir(to),
        FileType::RegularFile => file(from, to),
        FileType::Symlink => symlink(fs::read_link(from)?, to),
        kind @ (FileType::Fifo | FileType::Socket) => {
            rustix::fs::mknodat(CWD, to, kind, Mode::from_raw_mode(found.mode()), 0)?;
            Ok(())
        }
        FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => {
            Err(io::Error::other(failed(Step::Upper, "a device is not copied").why))
        }
    }
}

/// What has become a link or a pipe since it was looked at is not followed and not waited for.
fn file(from: &Path, to: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut source = fs::File::from(rustix::fs::open(from, flags, Mode::empty())?);
    io::copy(&mut source, &mut fs::File::create_new(to)?).map(drop)
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
