//! What the filter holds of changes to files that are open for reading only.
//!
//! In: rules that are being made, and whether the command may change anything. Out: the same with calls that change a
//! file's mode, owner, attributes, times or flags through any open file, which the owner of a file may make and which
//! Landlock does not look at. Tests are in `tests/it/escapes.rs`.

use seccompiler::{BackendError, SeccompCmpOp};

use super::{Rules, add};
use crate::order::Access;

/// Whether the command has files to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changes {
    /// Its workspace: what else it can open belongs to somebody else (`direct.rs` sees to it).
    Own,
    /// None that the order names.
    None,
}

impl Changes {
    pub(super) fn of(access: &Access) -> Self {
        match access {
            // What a session may change beside its own directory, it need not change so.
            Access::Read | Access::Private => Self::None,
            Access::Overlay { .. } | Access::Copy | Access::Direct => Self::Own,
        }
    }
}

const BY_OPEN_FILE: &[libc::c_long] = &[
    libc::SYS_fchmod,
    libc::SYS_fchown,
    libc::SYS_fsetxattr,
    libc::SYS_fremovexattr,
    libc::SYS_utimensat,
];

/// Requests that an open file takes from its owner, or from anybody: flags, version, project, verity and encryption.
const REQUESTS: &[u64] = &[
    // FS_IOC_SETFLAGS, and with 32 bits.
    0x4008_6602,
    0x4004_6602,
    // FS_IOC_SETVERSION, twice, and that of ext4.
    0x4008_7602,
    0x4004_7602,
    0x4008_6604,
    // FS_IOC_FSSETXATTR
    0x401C_5820,
    // FS_IOC_SET_ENCRYPTION_POLICY
    0x800C_6613,
    // FS_IOC_ENABLE_VERITY
    0x4080_6685,
    // EXT4_IOC_MIGRATE
    0x6609,
    // BTRFS_IOC_SNAP_CREATE, SUBVOL_CREATE and their second versions, SUBVOL_SETFLAGS, SNAP_DESTROY twice.
    0x5000_9401,
    0x5000_940E,
    0x5000_9417,
    0x5000_9418,
    0x4008_941A,
    0x5000_940F,
    0x5000_943F,
];

/// On every ground: where the file system is the real one, these would change it past Landlock.
pub(super) fn deny_requests(rules: &mut Rules) -> Result<(), BackendError> {
    for request in REQUESTS {
        add(rules, libc::SYS_ioctl, &[(1, SeccompCmpOp::Eq, *request)])?;
    }
    Ok(())
}

/// Without namespaces, where no mount is read-only for the command.
pub(super) fn deny(rules: &mut Rules, changes: Changes) -> Result<(), BackendError> {
    match changes {
        Changes::Own => {}
        Changes::None => {
            for call in BY_OPEN_FILE {
                rules.insert(*call, Vec::new());
            }
        }
    }
    // Processes that close themselves could not be looked at by a watch of the same user.
    add(rules, libc::SYS_prctl, &[(0, SeccompCmpOp::Eq, PR_SET_DUMPABLE), (1, SeccompCmpOp::Ne, 1)])
}

const PR_SET_DUMPABLE: u64 = 4;
