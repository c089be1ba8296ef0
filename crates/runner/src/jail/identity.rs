//! Who the command runs as, and how users are mapped into the jail.
//!
//! In: who runs the supervisor, and who owns the workspace. Out: an identity map that maps everyone to themselves, so
//! that owners of files stay what they are, and the user of the command: the supervisor's own, or, under root, the
//! owner of the workspace or of what else may be changed, or else nobody. Under root the command has no further groups.
//! Tests are in `tests/it`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Gid, Uid};
use rustix::process::Pid;

use crate::order::{Access, MountAccess, Order};
use crate::report::{At, Failure, Step};

/// The user of the command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub(super) user: Uid,
    pub(super) group: Gid,
    /// Whether the jail itself is root's and changes to that user.
    pub(super) changes: Change,
}

/// Whether the user changes on the way into the jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// From root to the owner of the workspace.
    FromRoot,
    /// It stays the supervisor's own.
    Stays,
}

impl Identity {
    pub(super) fn of(order: &Order) -> Result<Self, Failure> {
        let user = rustix::process::geteuid();
        if !user.is_root() {
            let group = rustix::process::getegid();
            return Ok(Self { user, group, changes: Change::Stays });
        }
        let (user, group) = match changed(order) {
            Some(path) => {
                let owner = fs::metadata(path)
                    .at(Step::Identities, format!("the owner of `{}`", path.display()))?;
                (owner.uid(), owner.gid())
            }
            None => (nobody("/proc/self/uid_map")?, nobody("/proc/self/gid_map")?),
        };
        Ok(Self {
            user: Uid::from_raw(user),
            group: Gid::from_raw(group),
            changes: Change::FromRoot,
        })
    }

    /// Maps users and groups of the jail's first process, from outside.
    pub(super) fn map(self, jail: Pid) -> Result<(), Failure> {
        let write = |name: &str, text: &str| {
            let path = format!("/proc/{}/{name}", jail.as_raw_nonzero());
            fs::write(&path, text).at(Step::Identities, format!("write `{path}`"))
        };
        match self.changes {
            Change::Stays => {
                write("uid_map", &format!("{0} {0} 1", self.user.as_raw()))?;
                // An ordinary user may map its group only after giving up the right to drop others.
                write("setgroups", "deny")?;
                write("gid_map", &format!("{0} {0} 1", self.group.as_raw()))
            }
            Change::FromRoot => {
                write("uid_map", &everyone("/proc/self/uid_map")?)?;
                write("gid_map", &everyone("/proc/self/gid_map")?)
            }
        }
    }
}

/// Whose owner runs the command: the workspace, or without one the first path that it may change.
fn changed(order: &Order) -> Option<&Path> {
    match order.access {
        Access::Read | Access::Overlay { .. } | Access::Copy | Access::Direct => {
            Some(&order.workspace)
        }
        Access::Private => order
            .mounts
            .iter()
            .find(|mount| mount.access == MountAccess::Write)
            .map(|mount| mount.path.as_path()),
    }
}

/// The id of nobody, or root's own where nobody else exists, as in some containers.
fn nobody(own: &str) -> Result<u32, Failure> {
    let text = fs::read_to_string(own).at(Step::Identities, format!("read `{own}`"))?;
    let exists = ranges(&text)
        .any(|(first, count)| NOBODY.checked_sub(first).is_some_and(|offset| offset < count));
    Ok(if exists { NOBODY } else { 0 })
}

/// The id that has no rights and owns nothing, by convention everywhere.
const NOBODY: u32 = 65_534;

/// Which ids a map of `user_namespaces(7)` has inside: the first of each range and how many.
fn ranges(map: &str) -> impl Iterator<Item = (u32, u32)> {
    map.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map(|word| word.parse::<u32>().ok());
        let (first, _, count) = (numbers.next()??, numbers.next()??, numbers.next()??);
        Some((first, count))
    })
}

/// Every user that exists here, mapped to itself. In a container that is fewer than all.
fn everyone(own: &str) -> Result<String, Failure> {
    let text = fs::read_to_string(own).at(Step::Identities, format!("read `{own}`"))?;
    let mut lines = String::new();
    for (first, count) in ranges(&text) {
        lines.push_str(&format!("{first} {first} {count}\n"));
    }
    Ok(lines)
}
