//! Mounts as values: made detached, restricted, and only then put in their place.
//!
//! In: what to mount. Out: a [`Tree`] that is nowhere, until it is attached at an open directory or file. So nothing is
//! ever visible with more rights than it is meant to have, and no path is looked up twice. Tests are in `tests/it`.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::CWD;
use rustix::io;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
};

use crate::sys::{self, Depth};

/// No set-user-ID, no devices: what every mount of the jail has but the few devices.
pub(super) const PLAIN: MountAttrFlags =
    MountAttrFlags::MOUNT_ATTR_NOSUID.union(MountAttrFlags::MOUNT_ATTR_NODEV);
/// The same and read-only. It also keeps the owner of a file from changing its mode.
pub(super) const READ_ONLY: MountAttrFlags = PLAIN.union(MountAttrFlags::MOUNT_ATTR_RDONLY);
/// Devices can be used on a read-only mount, but not be changed themselves.
pub(super) const DEVICE: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_RDONLY
    .union(MountAttrFlags::MOUNT_ATTR_NOSUID)
    .union(MountAttrFlags::MOUNT_ATTR_NOEXEC);

/// A mount that is not attached yet.
#[derive(Debug)]
pub(super) struct Tree {
    mount: OwnedFd,
}

/// A file system in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory<'a> {
    pub(super) bytes: u64,
    pub(super) inodes: u64,
    pub(super) mode: &'a str,
}

impl Tree {
    /// What stands at a path, with everything mounted below.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_RECURSIVE;
        Ok(Self { mount: open_tree(CWD, path, flags)? })
    }

    pub(super) fn memory(memory: Memory<'_>) -> io::Result<Self> {
        let context = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(&context, "size", memory.bytes.to_string())?;
        fsconfig_set_string(&context, "nr_inodes", memory.inodes.to_string())?;
        fsconfig_set_string(&context, "mode", memory.mode)?;
        Self::made(&context, PLAIN)
    }

    /// The processes of this process namespace.
    pub(super) fn processes() -> io::Result<Self> {
        let context = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
        Self::made(&context, PLAIN | MountAttrFlags::MOUNT_ATTR_NOEXEC)
    }

    /// `lower` from the top to the bottom, with paths that need no escaping.
    pub(super) fn overlay(lower: &str, upper: &str, work: &str) -> io::Result<Self> {
        let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(&context, "lowerdir", lower)?;
        fsconfig_set_string(&context, "upperdir", upper)?;
        fsconfig_set_string(&context, "workdir", work)?;
        // Without it removing a directory half-works and then fails, in a user namespace.
        fsconfig_set_flag(&context, "userxattr")?;
        Self::made(&context, PLAIN)
    }

    /// What is below `lower`, read-only, with sockets that are not the real ones. `empty` is an empty directory: the
    /// kernel wants two.
    pub(super) fn veil(lower: &str, empty: &str) -> io::Result<Self> {
        let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(&context, "lowerdir", format!("{lower}:{empty}"))?;
        fsconfig_set_flag(&context, "userxattr")?;
        Self::made(&context, READ_ONLY)
    }

    fn made(context: &OwnedFd, attributes: MountAttrFlags) -> io::Result<Self> {
        fsconfig_create(context)?;
        Ok(Self { mount: fsmount(context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)? })
    }

    /// Sets attributes on it and everything below; none is ever taken away.
    pub(super) fn with(self, attributes: MountAttrFlags) -> std::io::Result<Self> {
        sys::restrict_mount(self.mount.as_fd(), u64::from(attributes.bits()), Depth::Recursive)?;
        Ok(self)
    }

    /// Attaches it on top of an open directory or file.
    pub(super) fn attach(self, place: impl AsFd) -> io::Result<()> {
        let flags =
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
        move_mount(self.mount, "", place, "", flags)
    }
}

impl AsFd for Tree {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.mount.as_fd()
    }
}
