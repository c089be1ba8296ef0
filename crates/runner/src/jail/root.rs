//! The jail's root: empty, then a named list of things from outside, read-only.
//!
//! In: this machine's system directories. Out: a root in memory with `/usr` and its links, chosen files of `/etc`, five
//! devices, a view of the jail's own processes and directories for temporary files. While it is built, the old root is
//! below [`OLD`]; [`close`] takes it away. What is not named here does not exist. Tests are in `tests/it`.

mod etc;

use std::fs;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountPropagationFlags, UnmountFlags, mount_change, unmount};

use super::identity::{Change, Identity};
use super::mount::{DEVICE, Memory, READ_ONLY, Tree};
use crate::limits::{Limits, PROCESSES_SLACK, UPPER_INODES_MAX};
use crate::report::{At, Failure, Step};
use crate::sys::{self, Depth};

/// The old root, while the new one is built.
pub(super) const OLD: &str = "/.jail/old";
/// Where the upper layer is mounted, while the root is built.
pub(super) const UPPER: &str = "/.jail/upper";
/// Where lower layers are mounted, while the root is built.
pub(super) const LOWER: &str = "/.jail/lower";
/// Where covering files are written, while the root is built.
pub(super) const COVERS: &str = "/.jail/covers";
const SCRATCH: &str = "/.jail/scratch";

/// Directories that a distribution has, or has as links into `/usr`.
const USR_LINKS: &[&str] = &["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
/// The devices of the jail: none of them leads anywhere.
const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];
/// What shows or changes more than the jail's own processes. Most of it only root can open, who may own a workspace.
const MASKED: &[&str] = &[
    "kallsyms",
    "kcore",
    "key-users",
    "keys",
    "kmsg",
    "kpagecgroup",
    "kpagecount",
    "kpageflags",
    "latency_stats",
    "pagetypeinfo",
    "sched_debug",
    "slabinfo",
    "sysrq-trigger",
    "timer_list",
    "vmallocinfo",
];
/// Bytes of the root itself: made files, and covers.
const ROOT_BYTES: u64 = 512 << 20;
/// Below this a process namespace cannot count (`RESERVED_PIDS`).
const PROCESS_IDS_MIN: u64 = 301;

/// Below [`OLD`], the place that is at `path` outside.
pub(super) fn outside(path: &Path) -> PathBuf {
    Path::new(OLD).join(path.strip_prefix("/").unwrap_or(path))
}

/// Changes into an empty root; the old one is then below it.
pub(super) fn enter() -> Result<(), Failure> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .at(Step::Root, "make mounts private")?;
    // Any directory serves: after the change of root it is no longer covered.
    let directory = |path: &&str| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let base = ["/tmp", "/dev", "/usr"].into_iter().find(directory);
    let base = base.ok_or_else(|| super::failed(Step::Root, "no directory to begin at"))?;
    Tree::memory(Memory { bytes: ROOT_BYTES, inodes: 65_536, mode: "755" })
        .at(Step::Root, "make a root in memory")?
        .attach(open(Path::new(base)).at(Step::Root, base)?)
        .at(Step::Root, "attach the new root")?;
    let old = format!("{base}{OLD}");
    fs::create_dir_all(&old).at(Step::Root, "make directories")?;
    rustix::process::pivot_root(base, &old).at(Step::Root, "change the root")?;
    std::env::set_current_dir("/").at(Step::Root, "enter the new root")?;
    for directory in [UPPER, LOWER, COVERS, SCRATCH] {
        fs::create_dir(directory).at(Step::Root, "make directories")?;
    }
    Ok(())
}

/// System directories, `/etc` and devices.
pub(super) fn system(identity: Identity) -> Result<(), Failure> {
    bind("/usr", READ_ONLY)?;
    for name in USR_LINKS {
        let path = format!("/{name}");
        let source = outside(Path::new(&path));
        match fs::symlink_metadata(&source) {
            Ok(found) if found.is_symlink() => {
                let target = fs::read_link(&source).at(Step::Root, &path)?;
                symlink(target, &path).at(Step::Root, &path)?;
            }
            Ok(found) if found.is_dir() => bind(&path, READ_ONLY)?,
            // Not every distribution has every one of them.
            Ok(_) | Err(_) => {}
        }
    }
    etc::make()?;
    etc::users(identity.user.as_raw(), identity.group.as_raw())?;
    fs::create_dir("/dev").at(Step::Root, "make `/dev`")?;
    for name in DEVICES {
        bind(&format!("/dev/{name}"), DEVICE)?;
    }
    for (target, name) in
        [("/proc/self/fd", "fd"), ("fd/0", "stdin"), ("fd/1", "stdout"), ("fd/2", "stderr")]
    {
        symlink(target, format!("/dev/{name}")).at(Step::Root, "link standard files")?;
    }
    Ok(())
}

/// Shows a path of the old root under its own name.
fn bind(path: &str, attributes: rustix::mount::MountAttrFlags) -> Result<(), Failure> {
    let source = outside(Path::new(path));
    let directory = fs::metadata(&source).at(Step::Root, path)?.is_dir();
    let made = if directory { fs::create_dir(path) } else { fs::write(path, "") };
    made.at(Step::Root, path)?;
    let place = open(Path::new(path)).at(Step::Root, path)?;
    let tree = Tree::of(&source).at(Step::Root, format!("take `{path}`"))?;
    let tree = tree.with(attributes).at(Step::Root, format!("restrict `{path}`"))?;
    tree.attach(place).at(Step::Root, format!("mount `{path}`"))
}

/// One bounded file system in memory behind every directory for temporary files.
pub(super) fn temporary(identity: Identity, bytes: u64) -> Result<(), Failure> {
    let scratch = Memory { bytes, inodes: inodes(bytes), mode: "755" };
    Tree::memory(scratch)
        .at(Step::Root, "make temporary directories")?
        .attach(open(Path::new(SCRATCH)).at(Step::Root, SCRATCH)?)
        .at(Step::Root, "mount temporary directories")?;
    for (path, mode) in [
        ("/tmp", 0o1777),
        ("/var/tmp", 0o1777),
        ("/dev/shm", 0o1777),
        ("/run", 0o755),
        ("/home/agent", 0o700),
    ] {
        let source = format!("{SCRATCH}/{}", path.replace('/', "_"));
        fs::create_dir(&source).at(Step::Root, path)?;
        chown(&source, Some(identity.user.as_raw()), Some(identity.group.as_raw()))
            .at(Step::Root, path)?;
        fs::set_permissions(&source, fs::Permissions::from_mode(mode)).at(Step::Root, path)?;
        fs::create_dir_all(path).at(Step::Root, path)?;
        let place = open(Path::new(path)).at(Step::Root, path)?;
        Tree::of(Path::new(&source)).at(Step::Root, path)?.attach(place).at(Step::Root, path)?;
    }
    unmount(SCRATCH, UnmountFlags::DETACH).at(Step::Root, SCRATCH)
}

/// Files for so many bytes, at a page each.
pub(super) fn inodes(bytes: u64) -> u64 {
    (bytes / 4_096).clamp(1_024, UPPER_INODES_MAX)
}

/// The jail's own processes, read-only: root's own files there change the kernel.
pub(super) fn processes(identity: Identity, limits: &Limits) -> Result<(), Failure> {
    fs::create_dir("/proc").at(Step::Proc, "make `/proc`")?;
    let tree = Tree::processes().at(Step::Proc, "make a view of processes")?;
    if identity.user.is_root() && identity.changes == Change::FromRoot {
        bound_process_ids(&tree, limits);
    }
    let tree = tree.with(READ_ONLY).at(Step::Proc, "restrict `/proc`")?;
    let place = open(Path::new("/proc")).at(Step::Proc, "`/proc`")?;
    tree.attach(place).at(Step::Proc, "mount `/proc`")?;
    for name in MASKED {
        mask(&format!("/proc/{name}"))?;
    }
    Ok(())
}

/// Puts the empty device over a file, if this kernel has it.
fn mask(path: &str) -> Result<(), Failure> {
    let place = match open(Path::new(path)) {
        Ok(place) => place,
        Err(rustix::io::Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error).at(Step::Proc, path),
    };
    let empty = Tree::of(&outside(Path::new("/dev/null"))).at(Step::Proc, path)?;
    let empty = empty.with(DEVICE).at(Step::Proc, path)?;
    empty.attach(place).at(Step::Proc, format!("mask `{path}`"))
}

/// The kernel does not hold root to its limit of processes; a namespace with few process ids does.
fn bound_process_ids(processes: &Tree, limits: &Limits) {
    // Before Linux 6.14 this file is the whole machine's.
    if !kernel_is_at_least(6, 14) {
        return;
    }
    let most = (limits.processes + PROCESSES_SLACK).max(PROCESS_IDS_MIN);
    let file = rustix::fs::openat(
        processes,
        "sys/kernel/pid_max",
        OFlags::WRONLY | OFlags::CLOEXEC,
        Mode::empty(),
    );
    // Where it cannot be set, the watch alone keeps the limit.
    let _unset = file.map(|file| fs::File::from(file).write_all(most.to_string().as_bytes()));
}

fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    let name = rustix::system::uname();
    let release = name.release().to_string_lossy();
    let mut numbers = release.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= (major, minor)
}

/// Takes the old root away, with everything that was there only for building, and makes the root read-only.
pub(super) fn close() -> Result<(), Failure> {
    for path in [UPPER, LOWER, OLD] {
        // Each error ends the jail here: what is still mounted must not be looked at by what follows.
        match unmount(path, UnmountFlags::DETACH) {
            Ok(()) => {}
            // Nothing was mounted there.
            Err(rustix::io::Errno::INVAL) if path != OLD => {}
            Err(error) => return Err(error).at(Step::Root, format!("unmount `{path}`")),
        }
    }
    for file in fs::read_dir(COVERS).at(Step::Root, COVERS)? {
        let path = file.at(Step::Root, COVERS)?.path();
        let removed = if path.is_dir() { fs::remove_dir(&path) } else { fs::remove_file(&path) };
        removed.at(Step::Root, "remove a cover's own name")?;
    }
    // Only directories that are empty now can go this way.
    for path in [UPPER, LOWER, OLD, COVERS, SCRATCH, "/.jail"] {
        fs::remove_dir(path).at(Step::Root, format!("remove `{path}`"))?;
    }
    let root = open(Path::new("/")).at(Step::Root, "`/`")?;
    sys::restrict_mount(root.as_fd(), u64::from(READ_ONLY.bits()), Depth::One)
        .at(Step::Root, "make the root read-only")
}

/// A place to mount at. No link is followed on the whole way.
pub(super) fn open(path: &Path) -> rustix::io::Result<std::os::fd::OwnedFd> {
    rustix::fs::openat2(
        rustix::fs::CWD,
        path,
        OFlags::PATH | OFlags::CLOEXEC,
        Mode::empty(),
        rustix::fs::ResolveFlags::NO_SYMLINKS | rustix::fs::ResolveFlags::NO_MAGICLINKS,
    )
}
