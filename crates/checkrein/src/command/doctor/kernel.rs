//! What files tools need of the kernel and of a workspace's file system: `openat2`, and exchanging two names.
//!
//! Whether a file system can exchange names shows only when it does, so two files with reserved names are made and
//! removed. Such names belong to Checkrein: no tool shows them to an agent.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags};
use rustix::io::Errno;

use super::Check;

const NAME: &str = "workspace";

/// Looks at one workspace.
pub(super) fn workspace(root: &Path) -> Check {
    let shown = root.display();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory =
        match rustix::fs::openat2(CWD, root, flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS) {
            Ok(directory) => directory,
            Err(Errno::NOSYS) => {
                let fix = "use Linux 5.6 or later, outside of sandboxes that hide `openat2`";
                return Check::error(NAME, "this kernel has no `openat2`", fix);
            }
            Err(error) => {
                let fix = "make it, or correct `workspace.root`";
                return Check::error(NAME, format!("`{shown}` cannot be opened: {error}"), fix);
            }
        };
    match exchange(&directory) {
        Ok(()) => Check::ok(NAME, format!("`{shown}`: files can be exchanged in one step")),
        Err(Errno::ACCESS | Errno::ROFS | Errno::PERM) => Check::warning(
            NAME,
            format!("`{shown}` cannot be written: only reading tools work there"),
            "make it writable for this user if agents shall change it",
        ),
        Err(error) => Check::error(
            NAME,
            format!("`{shown}` is on a file system that cannot exchange two files: {error}"),
            "move the workspace to ext4, xfs, btrfs or tmpfs",
        ),
    }
}

fn exchange(directory: impl AsFd) -> Result<(), Errno> {
    let directory = directory.as_fd();
    let prefix = contract::path::RESERVED_PREFIX;
    let names = [1, 2].map(|number| format!("{prefix}doctor-{}-{number}", std::process::id()));
    let [one, other] = &names;
    let made = make(directory, one).and_then(|_| make(directory, other));
    let done = made.and_then(|_| {
        rustix::fs::renameat_with(directory, one, directory, other, RenameFlags::EXCHANGE)
    });
    for name in &names {
        // What was never made cannot be removed.
        _ = rustix::fs::unlinkat(directory, name, AtFlags::empty());
    }
    done
}

fn make(directory: std::os::fd::BorrowedFd<'_>, name: &str) -> Result<File, Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::openat2(directory, name, flags, mode, ResolveFlags::BENEATH).map(File::from)
}
