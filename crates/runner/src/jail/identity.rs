//! Who the command runs as, and how users are mapped into the jail.
//!
//! In: who runs the supervisor, and who owns the workspace. Out: an identity map that maps everyone to themselves, so
//! that owners of files stay what they are, and the user of the command: the supervisor's own, or, under root, the
//! owner of the workspace. Under root the command has no further groups. Tests are in `tests/it`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Gid, Uid};
use rustix::process::Pid;

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
    pub(super) fn of(workspace: &Path) -> Result<Self, Failure> {
        let user = rustix::process::geteuid();
        if !user.is_root() {
            let group = rustix::process::getegid();
            return Ok(Self { user, group, changes: Change::Stays });
        }
        let owner = fs::metadata(workspace).at(Step::Identities, "the workspace's owner")?;
        Ok(Self {
            user: Uid::from_raw(owner.uid()),
            group: Gid::from_raw(owner.gid()),
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

/// Every user that exists here, mapped to itself. In a container that is fewer than all.
fn everyone(own: &str) -> Result<String, Failure> {
    let text = fs::read_to_string(own).at(Step::Identities, format!("read `{own}`"))?;
    let mut lines = String::new();
    for line in text.lines() {
        let mut numbers = line.split_whitespace();
        if let (Some(first), Some(_), Some(count)) =
            (numbers.next(), numbers.next(), numbers.next())
        {
            lines.push_str(&format!("{first} {first} {count}\n"));
        }
    }
    Ok(lines)
}
