//! Landlock's rules for the command: a second wall inside the namespaces, and the only one on rung landlock.
//!
//! In: an order. Out: the rules, and later their enforcement on this process and everything it starts. What names no
//! path here can neither be opened nor changed; devices can never be made; signals and abstract sockets reach only what
//! the command started itself, where the kernel has that. Tests are in `tests/it`.

use std::path::PathBuf;

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, LandlockStatus, Ruleset, RulesetAttr, RulesetCreatedAttr,
    Scope, path_beneath_rules,
};

use super::failed;
use super::places::Bound;
use super::syscalls::{Others, Signals};
use crate::order::{Access, MountAccess, Order};
use crate::report::{At, Failure, Step};

/// The newest rules this program knows; an older kernel enforces those that it has.
const KNOWN: ABI = ABI::V9;
/// Files that exist everywhere and hold nothing, to write to.
const DEVICES: &[&str] = &["/dev/null", "/dev/full", "/dev/random", "/dev/urandom"];
/// Written to as a shared mapping it is memory of any size, which nobody could see (`census/shared.rs`).
const ZERO: &[&str] = &["/dev/zero"];
/// Directories for temporary files in a root of the jail's own.
const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/run", "/home/agent"];
/// What a program needs to start, where there is no root of the jail's own.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc/alternatives",
    "/etc/group",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/version",
    // The command's own entry; those of the processes it starts stay closed.
    "/proc/self",
];

/// What the command may open and change.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    reads: Vec<PathBuf>,
    writes: Vec<PathBuf>,
    /// Can be written too, but others see it: no sockets, by which files could be handed from one command to another.
    kept: Vec<PathBuf>,
    bound: Bound,
    need: Need,
}

/// What the kernel holds.
#[derive(Debug)]
pub(super) struct Enforced {
    /// For people.
    pub(super) words: String,
    pub(super) signals: Signals,
    pub(super) others: Others,
}

/// What becomes of the command where Landlock is missing or old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// It runs: the namespaces hold.
    BestEffort,
    /// It does not: there is nothing else.
    Required,
}

impl Rules {
    /// For a jail with a root of its own, which holds only what may be read.
    pub(super) fn inside(order: &Order, bound: Bound) -> Self {
        let mut writes: Vec<PathBuf> = TEMPORARY.iter().map(PathBuf::from).collect();
        let mut kept = mounts(order);
        // In the real one others would see a socket, in one of its own they do not.
        if order.access == Access::Direct {
            kept.extend(workspace(order));
        } else {
            writes.extend(workspace(order));
        }
        kept.extend(order.caches.iter().map(|cache| cache.inside.clone()));
        // What is granted of a directory is granted of everything below it.
        let above: Vec<PathBuf> =
            writes.extract_if(.., |path| kept.iter().any(|one| one.starts_with(&*path))).collect();
        kept.extend(above);
        Self { reads: vec!["/".into()], writes, kept, bound, need: Need::BestEffort }
    }

    /// For a jail among everything else on this machine.
    pub(super) fn outside(order: &Order, temporary: PathBuf) -> Self {
        let mut reads: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
        if order.access != Access::Private {
            reads.push(order.workspace.clone());
        }
        reads.extend(order.reads.iter().cloned());
        reads.extend(order.mounts.iter().map(|mount| mount.path.clone()));
        let mut writes = vec![temporary];
        writes.extend(workspace(order));
        // Sockets are not to be had at all there, so it does not matter which could be named.
        Self { reads, writes, kept: mounts(order), bound: Bound::Others, need: Need::Required }
    }

    /// Applies them to this process for good, and tells what the kernel has.
    pub(super) fn enforce(&self) -> Result<Enforced, Failure> {
        let step = Step::Landlock;
        let read = AccessFs::from_read(KNOWN);
        // Also ownership by the right user does not let a command make a device.
        let write = AccessFs::from_all(KNOWN) & !(AccessFs::MakeChar | AccessFs::MakeBlock);
        let write = write & !AccessFs::IoctlDev;
        let sockets = AccessFs::MakeSock | AccessFs::MakeFifo | AccessFs::ResolveUnix;
        let devices: BitFlags<AccessFs> =
            AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(KNOWN))
            .at(step, "rules for files")?
            .scope(Scope::AbstractUnixSocket | Scope::Signal)
            .at(step, "rules for sockets and signals")?
            .create()
            .at(step, "make rules")?
            .add_rules(path_beneath_rules(&self.reads, read))
            .at(step, "add paths to read")?
            .add_rules(path_beneath_rules(&self.writes, write))
            .at(step, "add paths to write")?
            .add_rules(path_beneath_rules(&self.kept, write & !sockets))
            .at(step, "add paths that are kept")?
            .add_rules(path_beneath_rules(ZERO, devices & !AccessFs::WriteFile))
            .at(step, "add the device of zeroes")?
            .add_rules(path_beneath_rules(DEVICES, devices))
            .at(step, "add devices")?
            .restrict_self()
            .at(step, "restrict the command")?;
        self.judge(status.landlock)
    }

    fn judge(&self, status: LandlockStatus) -> Result<Enforced, Failure> {
        let enough = match status {
            // Before the third version a file that cannot be written can be emptied.
            LandlockStatus::Available { effective_abi, .. } => effective_abi >= ABI::V3,
            LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => false,
        };
        let signals = match status {
            LandlockStatus::Available { effective_abi, .. } if effective_abi >= ABI::V6 => {
                Signals::Scoped
            }
            LandlockStatus::Available { .. }
            | LandlockStatus::NotEnabled
            | LandlockStatus::NotImplemented => Signals::Open,
        };
        let words = match status {
            LandlockStatus::Available { effective_abi, .. } => {
                format!("Landlock version {effective_abi}")
            }
            LandlockStatus::NotEnabled => "Landlock is switched off".into(),
            LandlockStatus::NotImplemented => "the kernel has no Landlock".into(),
        };
        match self.need {
            Need::Required if !enough => {
                Err(failed(Step::Landlock, format!("{words}, at least version 3 was expected")))
            }
            Need::Required | Need::BestEffort => {
                Ok(Enforced { words, signals, others: self.others(status) })
            }
        }
    }

    /// Whose sockets the command could name, were it given any.
    fn others(&self, status: LandlockStatus) -> Others {
        let abi = match status {
            LandlockStatus::Available { effective_abi, .. } => effective_abi,
            LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => ABI::Unsupported,
        };
        match self.bound {
            Bound::Nothing => Others::Hidden,
            // Only commands write to caches: where they can make no sockets, there are none.
            Bound::Caches if abi >= ABI::V1 => Others::Hidden,
            // From this version on nobody connects where it may not.
            Bound::Others if abi >= ABI::V9 => Others::Hidden,
            Bound::Caches | Bound::Others => Others::Named,
        }
    }
}

fn mounts(order: &Order) -> Vec<PathBuf> {
    let mounts = order.mounts.iter().filter(|mount| mount.access == MountAccess::Write);
    mounts.map(|mount| mount.path.clone()).collect()
}

fn workspace(order: &Order) -> Option<PathBuf> {
    match order.access {
        Access::Overlay { .. } | Access::Copy | Access::Direct => Some(order.workspace.clone()),
        Access::Read | Access::Private => None,
    }
}
