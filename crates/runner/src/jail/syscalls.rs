//! The filter of system calls: what no command needs, and what has broken jails before.
//!
//! In: an order, what Landlock holds, and whose sockets can be named. Out: filters on this process and everything it starts. It denies by a list and allows the rest, since commands are anything; what is not
//! on the list still meets namespaces, Landlock and missing rights. Tests are at the end and in `tests/it`.

mod files;
mod machine;

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use crate::ladder::Rung;
use crate::order::Order;
use crate::report::{At, Failure, Step};

/// Refused with `EPERM`, whatever the arguments.
const DENIED: &[libc::c_long] = &[
    // Mounts and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_open_tree,
    OPEN_TREE_ATTR,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Large and often broken parts of the kernel.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    libc::SYS_open_by_handle_at,
    // The machine as a whole.
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_acct,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// The same number on every architecture; the libc crate does not have it.
const OPEN_TREE_ATTR: libc::c_long = 467;

/// Refused with `ENOSYS`, as on a kernel without them: programs then take the older way, which can be judged.
const UNKNOWN: &[libc::c_long] = &[
    // Its flags stand in memory, where a filter cannot look.
    libc::SYS_clone3,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Memory that counts for no process and no file system.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_semget,
];

const NEW_NAMESPACES: &[libc::c_int] = &[
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWCGROUP,
    // `CLONE_NEWTIME` is not a flag of `clone`: its bit is part of the exit signal there.
];

/// Input put into a terminal as if it had been typed, and the same by way of the console.
const TERMINAL_INPUT: &[u64] = &[libc::TIOCSTI, 0x541C];

/// Which sockets a command may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sockets {
    /// Those of its own network, and Unix sockets: nothing outside can be reached by either.
    Own,
    /// Those of its own network. Unix sockets of others stand in a directory that is the real one.
    OwnNetwork,
    /// Pairs only: the network is the machine's.
    None,
}

/// What is around the command beside this filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// Namespaces of its own: what it can name is its own.
    Namespaces,
    /// The machine itself: the filter must also hold what Landlock does not look at.
    Machine(Signals, files::Changes),
}

/// Whether Landlock keeps signals to what the command started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signals {
    Scoped,
    Open,
}

/// Which sockets of others the command could connect to if it had sockets: those that stand in a directory that is the
/// real one. On an overlay a socket is another one than below it, which nobody listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    Hidden,
    Named,
}

/// Filters this process for good.
pub(super) fn filter(order: &Order, signals: Signals, others: Others) -> Result<(), Failure> {
    let sockets = match (order.rung, others) {
        (Rung::Landlock | Rung::Refuse, _) => Sockets::None,
        (Rung::Overlay | Rung::Copy, Others::Named) => Sockets::OwnNetwork,
        (Rung::Overlay | Rung::Copy, Others::Hidden) => Sockets::Own,
    };
    let ground = match order.rung {
        Rung::Landlock | Rung::Refuse => {
            Ground::Machine(signals, files::Changes::of(&order.access))
        }
        Rung::Overlay | Rung::Copy => Ground::Namespaces,
    };
    let shared = order.limits.shared_bytes_max();
    // Of several filters the strictest answer counts.
    for program in programs(sockets, ground, shared).at(Step::Syscalls, "make the filter")? {
        seccompiler::apply_filter(&program).at(Step::Syscalls, "apply the filter")?;
    }
    Ok(())
}

fn programs(
    sockets: Sockets,
    ground: Ground,
    shared_bytes_max: u64,
) -> Result<Vec<BpfProgram>, BackendError> {
    let mut denied = rules(DENIED);
    let of = |value| u64::try_from(value).unwrap_or(u64::MAX);
    for flag in NEW_NAMESPACES {
        let flag = of(*flag);
        add(&mut denied, libc::SYS_clone, &[(0, SeccompCmpOp::MaskedEq(flag), flag)])?;
    }
    for request in TERMINAL_INPUT {
        add(&mut denied, libc::SYS_ioctl, &[(1, SeccompCmpOp::Eq, *request)])?;
    }
    // The limits of another process: of the jail's first one, too.
    add(&mut denied, libc::SYS_prlimit64, &[(0, SeccompCmpOp::Ne, 0)])?;
    files::deny_requests(&mut denied)?;
    deny_sockets(&mut denied, sockets)?;
    let mut unknown = rules(UNKNOWN);
    match ground {
        Ground::Namespaces => {}
        Ground::Machine(signals, changes) => {
            machine::deny(&mut denied, signals)?;
            files::deny(&mut denied, changes)?;
        }
    }
    if ground != Ground::Namespaces {
        // Its mode stands in memory.
        unknown.insert(libc::SYS_openat2, Vec::new());
    }
    let mut programs = vec![
        compile(denied, SeccompAction::Errno(errno(libc::EPERM)))?,
        compile(unknown, SeccompAction::Errno(errno(libc::ENOSYS)))?,
        compile(large_shares(shared_bytes_max)?, SeccompAction::Errno(errno(libc::ENOMEM)))?,
    ];
    if cfg!(target_arch = "x86_64") {
        programs.push(no_x32());
    }
    Ok(programs)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;
type Compare = (u8, SeccompCmpOp, u64);

fn rules(calls: &[libc::c_long]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// One more way in which a call is refused: when all comparisons hold.
fn add(rules: &mut Rules, call: libc::c_long, compare: &[Compare]) -> Result<(), BackendError> {
    let conditions = compare
        .iter()
        .map(|(number, how, value)| {
            SeccompCondition::new(*number, SeccompCmpArgLen::Dword, how.clone(), *value)
        })
        .collect::<Result<Vec<_>, _>>()?;
    rules.entry(call).or_default().push(SeccompRule::new(conditions)?);
    Ok(())
}

/// Memory without a file that processes share takes memory also where it is not mapped any more, and then only the
/// bound of each says how much (`census/shared.rs`).
fn large_shares(bytes_max: u64) -> Result<Rules, BackendError> {
    let of = |value| u64::try_from(value).unwrap_or(u64::MAX);
    let kind = of(libc::MAP_TYPE | libc::MAP_ANONYMOUS);
    let shared = of(libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    let rule = SeccompRule::new(vec![
        SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Gt, bytes_max)?,
        SeccompCondition::new(3, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(kind), shared)?,
    ])?;
    Ok(Rules::from([(libc::SYS_mmap, vec![rule])]))
}

fn deny_sockets(rules: &mut Rules, sockets: Sockets) -> Result<(), BackendError> {
    let family = |family: libc::c_int| u64::try_from(family).unwrap_or(u64::MAX);
    let allowed: &[libc::c_int] = match sockets {
        Sockets::Own => &[libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK],
        Sockets::OwnNetwork => &[libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK],
        Sockets::None => &[],
    };
    if allowed.is_empty() {
        rules.insert(libc::SYS_socket, Vec::new());
        return Ok(());
    }
    let others: Vec<Compare> =
        allowed.iter().map(|one| (0, SeccompCmpOp::Ne, family(*one))).collect();
    add(rules, libc::SYS_socket, &others)?;
    // Of netlink only the one that lists interfaces (`NETLINK_ROUTE`, 0), which resolvers ask.
    let netlink = [(0, SeccompCmpOp::Eq, family(libc::AF_NETLINK)), (2, SeccompCmpOp::Ne, 0)];
    add(rules, libc::SYS_socket, &netlink)
}

fn compile(rules: Rules, action: SeccompAction) -> Result<BpfProgram, BackendError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    // A call of another architecture ends the process: seccompiler puts that in front.
    SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into()
}

fn errno(number: libc::c_int) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The calls of x86-64 have second numbers, for programs with short pointers, that no list above names.
fn no_x32() -> BpfProgram {
    const LOAD_NUMBER: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const JUMP_IF_AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    let step = |code, jt, jf, k| seccompiler::sock_filter { code, jt, jf, k };
    vec![
        step(LOAD_NUMBER, 0, 0, 0),
        step(JUMP_IF_AT_LEAST, 0, 1, 0x4000_0000),
        step(RETURN, 0, 0, libc::SECCOMP_RET_ERRNO | errno(libc::ENOSYS)),
        step(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_compiles_and_fits() {
        for sockets in [Sockets::Own, Sockets::OwnNetwork, Sockets::None] {
            for ground in [
                Ground::Namespaces,
                Ground::Machine(Signals::Scoped, files::Changes::Own),
                Ground::Machine(Signals::Open, files::Changes::None),
            ] {
                for program in programs(sockets, ground, 1 << 20).unwrap() {
                    assert!((4..4096).contains(&program.len()));
                }
            }
        }
    }
}
