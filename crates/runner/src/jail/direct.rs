//! The jail on rung landlock: no namespaces, the workspace itself, and what this process can hold by hand.
//!
//! In: the order. Out: reports. This process takes in orphans as their subreaper and ends every descendant with the
//! command. It must not be killed itself before that, so the supervisor closes the channel and waits. There is no
//! preview here, and no view of its own: `Rung::gaps` says what is not kept. Tests are in `tests/it`.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};

use super::census::Census;
use super::command::Start;
use super::identity::Identity;
use super::landlock::Rules;
use super::watch::Reach;
use super::{Handed, failed};
use crate::channel::Channel;
use crate::order::{Access, MountAccess, Order};
use crate::report::{At, Failure, Spec, Step};

/// Runs the order and returns when everything it started has ended.
pub(super) fn run(spec: &Spec, handed: Option<Handed>, channel: &Channel) -> Result<(), Failure> {
    let identity = Identity::of(&spec.order)?;
    refuse_owner_of_the_system(identity)?;
    refuse_owner_of_reads(&spec.order, identity)?;
    let me = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(me)).at(Step::Privileges, "become a subreaper")?;
    let temporary = Temporary::make(&spec.temporary, identity)?;
    let start = Start {
        spec,
        channel,
        identity,
        rules: Rules::outside(&spec.order, temporary.path.clone()),
        home: temporary.path.clone(),
        others: same_user(identity),
        handed,
    };
    start.run(Reach::Descendants)
}

/// Landlock does not keep an owner from changing modes through an open file, and the system can be read.
fn refuse_owner_of_the_system(identity: Identity) -> Result<(), Failure> {
    let owner = fs::metadata("/usr").at(Step::Privileges, "`/usr`")?.uid();
    if owner != identity.user.as_raw() {
        return Ok(());
    }
    Err(failed(
        Step::Privileges,
        "the command would run as the owner of this machine's programs, who is not held without namespaces; \
         give the workspace to another user",
    ))
}

/// The same of what the order lets it only read. A command that may change nothing may not do that either, and the filter
/// takes those calls from it.
fn refuse_owner_of_reads(order: &Order, identity: Identity) -> Result<(), Failure> {
    if matches!(order.access, Access::Read | Access::Private) {
        return Ok(());
    }
    let mounts = order.mounts.iter().filter(|mount| mount.access == MountAccess::Read);
    for path in order.reads.iter().chain(mounts.map(|mount| &mount.path)) {
        let named = format!("`{}`", path.display());
        let owner = fs::metadata(path).at(Step::Privileges, &named)?.uid();
        if owner == identity.user.as_raw() {
            return Err(failed(
                Step::Privileges,
                format!(
                    "{named} belongs to the command's user, who is not kept from changing its modes and times \
                     without namespaces; give it to another user"
                ),
            ));
        }
    }
    Ok(())
}

/// Processes and threads of the command's user, all of which count against its limit.
fn same_user(identity: Identity) -> u64 {
    let user = identity.user.as_raw();
    let root = rustix::process::Pid::INIT;
    let Ok(census) = Census::of(root) else { return 0 };
    let of_user = |pid: &&rustix::process::Pid| {
        fs::metadata(format!("/proc/{}", pid.as_raw_nonzero()))
            .is_ok_and(|found| found.uid() == user)
    };
    let count = census.processes.iter().filter(of_user).count();
    // Threads of others are not told apart; the watch keeps the limit exactly.
    u64::try_from(count).unwrap_or(u64::MAX).max(census.tasks)
}

/// A directory for temporary files, removed at the end.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn make(parent: &Path, identity: Identity) -> Result<Self, Failure> {
        let id = rustix::process::getpid().as_raw_nonzero();
        let nanoseconds = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic).tv_nsec;
        let path = parent.join(format!("checkrein-jail-{id}-{nanoseconds}"));
        let named = format!("make `{}`", path.display());
        // Fails if it is there already, also as a link that somebody else put there.
        fs::DirBuilder::new().mode(0o700).create(&path).at(Step::Root, &named)?;
        let made = Self { path };
        chown(&made.path, Some(identity.user.as_raw()), Some(identity.group.as_raw()))
            .at(Step::Root, named)?;
        Ok(made)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed stays: a name in a temporary directory, of the command's own making.
        let _left = fs::remove_dir_all(&self.path);
    }
}
