//! The system calls for which there is no safe function: everything unsafe of the product is in this file.
//!
//! In and out: plain values and owned files. Each function is one call of the kernel, with the reason why it is here and
//! the reason why it is sound. All are used by the jail's own processes, which have a single thread; the supervisor
//! uses none. Tests are in `tests/it`.
#![expect(unsafe_code, reason = "the one file with calls that have no safe function")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use rustix::process::Pid;

/// Which of the two processes after a fork this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fork {
    Parent { child: Pid },
    Child,
}

/// Every kind of namespace that a jail has of its own.
pub(crate) const NAMESPACES: libc::c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWCGROUP;

/// A child with copied memory, in new namespaces where `namespaces` names some.
///
/// Refused in a process with several threads: the child would have locks that nobody opens again.
pub(crate) fn fork(namespaces: libc::c_int) -> io::Result<Fork> {
    if std::fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::other("a process with several threads must not fork"));
    }
    // JUSTIFICATION: neither std nor rustix has a fork, and the first process of a process namespace can only be made
    // by one. `clone` takes the namespaces along, so that the parent stays outside and can map identities.
    // SAFETY: without `CLONE_VM` and with a null stack this is `fork(2)`: the child has its own copy of everything. The
    // process has one thread, checked above, so no lock is held by another one. No pointer is passed.
    let pid = unsafe {
        libc::syscall(libc::SYS_clone, libc::c_long::from(namespaces | libc::SIGCHLD), 0, 0, 0, 0)
    };
    match i32::try_from(pid) {
        Ok(0) => Ok(Fork::Child),
        Ok(pid) if pid > 0 => match Pid::from_raw(pid) {
            Some(child) => Ok(Fork::Parent { child }),
            None => Err(io::Error::other("the kernel gave no process id")),
        },
        Ok(_) | Err(_) => Err(io::Error::last_os_error()),
    }
}

/// Closes everything beyond standard error: what the supervisor was given by others and did not mark.
pub(crate) fn close_all_but_stdio() -> io::Result<()> {
    // JUSTIFICATION: neither std nor rustix has `close_range`, and files that came by inheritance have no owner here.
    // SAFETY: called first in `entry`, when this process has opened nothing, so no owned file is closed under anyone.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Makes a mount, and all below it where `deep`, not obey set-user-ID and devices, and read-only where `read_only`.
pub(crate) fn restrict_mount(
    mount: BorrowedFd<'_>,
    attributes: u64,
    depth: Depth,
) -> io::Result<()> {
    let attributes =
        libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let flags = libc::AT_EMPTY_PATH
        | match depth {
            Depth::One => 0,
            Depth::Recursive => libc::AT_RECURSIVE,
        };
    // JUSTIFICATION: rustix has no `mount_setattr`, the only call that changes a whole tree of mounts at once.
    // SAFETY: the path is an empty string with its zero, the attributes live until the call returns and their size is
    // given. The kernel reads both and keeps neither.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Whether a change of a mount is one of those below it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    One,
    Recursive,
}

/// What the children that were waited for have taken.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ChildrenUsage {
    pub(crate) cpu: Duration,
    /// Of the largest one.
    pub(crate) memory_bytes: u64,
}

/// Asks the kernel what the children that were waited for have taken.
pub(crate) fn children_usage() -> io::Result<ChildrenUsage> {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // JUSTIFICATION: neither std nor rustix has `getrusage`.
    // SAFETY: the pointer is to memory of exactly this type, which the kernel fills. All its fields are numbers, so it
    // is initialized by the zeroes already.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        usage.assume_init()
    };
    let time = |time: libc::timeval| {
        Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0))
            + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or(0))
    };
    let kilobytes = u64::try_from(usage.ru_maxrss).unwrap_or(0);
    Ok(ChildrenUsage {
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        memory_bytes: kilobytes.saturating_mul(1024),
    })
}
