//! Gives up every right, in the one order in which each step is still possible.
//!
//! In: the command's process, just forked. Out: the same process as the command's user, without capabilities, bounded,
//! behind Landlock and the filter. What it starts inherits all of it; nothing here can be taken back. Tests are in
//! `tests/it`.

use rustix::process::{Resource, Rlimit, Signal};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits,
    set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use super::identity::{Change, Identity};
use crate::limits::PROCESSES_SLACK;
use crate::report::{At, Failure, Spec, Step};

/// The bytes a program may lock in memory: the kernel's own default.
const LOCKED_BYTES: u64 = 8 << 20;

/// Bounds that the kernel keeps for each process. `others` are processes of the same user that count too.
pub(super) fn bound(spec: &Spec, others: u64) -> Result<(), Failure> {
    let limits = &spec.order.limits;
    let seconds = spec.times().cpu.map(|cpu| (Resource::Cpu, cpu.as_secs().saturating_add(1)));
    let processes = limits.processes.saturating_add(PROCESSES_SLACK).saturating_add(others);
    let bounds = [
        // Not the address space: many runtimes reserve much more of it than they use.
        (Resource::Data, limits.memory_bytes),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Nofile, limits.open_files),
        (Resource::Nproc, processes),
        (Resource::Memlock, LOCKED_BYTES),
        (Resource::Core, 0),
    ];
    for (resource, most) in bounds.into_iter().chain(seconds) {
        // Who may not raise a limit gets at most the one there is.
        let most = rustix::process::getrlimit(resource).maximum.map_or(most, |now| now.min(most));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        rustix::process::setrlimit(resource, limit)
            .at(Step::Limits, format!("set `{resource:?}` to {most}"))?;
    }
    Ok(())
}

/// Becomes the command's user, without any right.
pub(super) fn give_up(identity: Identity) -> Result<(), Failure> {
    let step = Step::Privileges;
    // Only who still has rights may bound those of programs started later: these two come first.
    let may = rustix::thread::capabilities(None).at(step, "ask for capabilities")?;
    if may.effective.contains(CapabilitySet::SETPCAP) {
        let known = CapabilitySet::all() & !CapabilitySet::from_bits_retain(!((1 << 41) - 1));
        for one in known.iter() {
            match remove_capability_from_bounding_set(one) {
                // An older kernel knows fewer.
                Ok(()) | Err(rustix::io::Errno::INVAL) => {}
                Err(error) => return Err(error).at(step, "bound capabilities"),
            }
        }
        let bits = CapabilitiesSecureBits::NO_ROOT
            | CapabilitiesSecureBits::NO_ROOT_LOCKED
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
        set_capabilities_secure_bits(bits).at(step, "lock capabilities")?;
    }
    clear_ambient_capability_set().at(step, "drop ambient capabilities")?;
    if identity.changes == Change::FromRoot {
        // Groups before users: afterwards there is no right to change them.
        drop_groups()?;
        let group = Some(identity.group);
        set_thread_res_gid(group, group, group).at(step, "change the group")?;
        let user = Some(identity.user);
        set_thread_res_uid(user, user, user).at(step, "change the user")?;
    }
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets).at(step, "drop capabilities")?;
    // A change of the user has taken it away. In namespaces of its own the command dies with init anyway.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .at(step, "ask for a death signal")?;
    set_no_new_privs(true).at(step, "give up new privileges")
}

/// In a user namespace made by an ordinary user nobody may drop groups, and those are the user's own.
fn drop_groups() -> Result<(), Failure> {
    match set_thread_groups(&[]) {
        Err(rustix::io::Errno::PERM)
            if std::fs::read_to_string("/proc/self/setgroups")
                .is_ok_and(|may| may.trim() == "deny") =>
        {
            Ok(())
        }
        other => other.at(Step::Privileges, "drop groups"),
    }
}

/// Init keeps two rights: to kill processes of the command's user, and to see what they have mapped.
pub(super) fn keep_only_watching() -> Result<(), Failure> {
    let rights = CapabilitySet::KILL | CapabilitySet::SYS_PTRACE;
    let sets = CapabilitySets {
        effective: rights,
        permitted: rights,
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, sets).at(Step::Privileges, "drop capabilities")
}
