//! What the filter also holds on rung landlock, where the command is among everything else of its user.
//!
//! In: rules that are being made. Out: the same with every call that reaches files by path, or other processes, and that
//! Landlock does not look at: modes, owners, attributes and times by path, message queues, priorities, and signals where
//! the kernel does not scope them. The same changes through an open file are held in `files.rs`.

use seccompiler::{BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

use super::{Rules, Signals, add};

/// By path, or by the name of something that all processes share.
const BY_NAME: &[libc::c_long] = &[
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    SETXATTRAT,
    REMOVEXATTRAT,
    FILE_SETATTR,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_ioprio_set,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
];
// The same numbers on every architecture; the libc crate does not have them everywhere.
const FCHMODAT2: libc::c_long = 452;
const SETXATTRAT: libc::c_long = 463;
const REMOVEXATTRAT: libc::c_long = 466;
const FILE_SETATTR: libc::c_long = 469;

/// Those that take a process, where zero is the caller itself.
const OF_OTHERS: &[libc::c_long] = &[
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setaffinity,
];

const SIGNALS: &[libc::c_long] = &[
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
];

/// Calls that give a file a mode, with the mode's place.
const MODES: &[(libc::c_long, u8)] = &[
    (libc::SYS_fchmod, 1),
    (libc::SYS_openat, 3),
    (libc::SYS_mknodat, 2),
    (libc::SYS_mkdirat, 2),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, 2),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_creat, 1),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_mknod, 1),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_mkdir, 1),
];

pub(super) fn deny(rules: &mut Rules, signals: Signals) -> Result<(), BackendError> {
    for call in BY_NAME {
        rules.insert(*call, Vec::new());
    }
    for call in OF_OTHERS {
        add(rules, *call, &[(0, SeccompCmpOp::Ne, 0)])?;
    }
    // Whose priority: that of this process itself is `PRIO_PROCESS`, 0, and 0.
    add(rules, libc::SYS_setpriority, &[(0, SeccompCmpOp::Ne, 0)])?;
    add(rules, libc::SYS_setpriority, &[(1, SeccompCmpOp::Ne, 0)])?;
    // Without a path it is the time of an open file. Paths are pointers, so all their bits count.
    let path = SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    rules.entry(libc::SYS_utimensat).or_default().push(SeccompRule::new(vec![path])?);
    match signals {
        Signals::Scoped => {}
        Signals::Open => {
            for call in SIGNALS {
                rules.insert(*call, Vec::new());
            }
        }
    }
    // A file in the real workspace that changes the user of whoever runs it could be run by others.
    for (call, place) in MODES {
        for bit in [u64::from(libc::S_ISUID), u64::from(libc::S_ISGID)] {
            add(rules, *call, &[(*place, SeccompCmpOp::MaskedEq(bit), bit)])?;
        }
    }
    Ok(())
}
